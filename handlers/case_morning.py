"""What the clock tells the staff: the morning digest of a department, warnings before a date, and what is late."""

from collections.abc import Sequence
from datetime import date

from handlers import casecard, desknews, matterwords
from handlers.talk import Talk
from handlers.words import NOTICE, Markup, Option, Part, Say, b, i, join
from storage import cases, offices
from storage.caserecord import Case, Tell

OPENED = 4  # Cases of a digest that can be opened from it; the desk has the rest.


async def words(talk: Talk, case: Case | None, tell: Tell) -> Say:
    if case is None:
        return await _digest(talk, tell)
    text = join(
        b(_heading(talk, tell.what)),
        join(b(case.number), f" · {case.title}"),
        casecard.due(talk, case),
        between="\n",
    )
    choices = [[Option("📂 " + talk._("Open the case"), f"case:{casecard.ref(case)}")], [casecard.back_to_desk(talk)]]
    return Say(text=text, choices=choices, about=cases.about(case), lane=NOTICE)


def _heading(talk: Talk, what: str) -> str:
    _ = talk._
    headings = {
        "late-mayor": "🔴 " + _("Seven working days late"),
        "late-secretary": "🔴 " + _("Three working days late"),
        "late": "🔴 " + _("The date has passed without an answer"),
        "due-tomorrow": "🟠 " + _("Falls due today or on the next working day"),
        "due-soon": "🟡 " + _("Falls due within five working days"),
        "unassigned": "👤 " + _("Nobody has taken this case for two working days"),
        "to-approve": "✅ " + _("An answer waits for your approval"),
        "silent": "🤷 " + _("The citizen has not replied for 30 days"),
        "undelivered": "📨 " + _("A message to the citizen could not be delivered"),
    }
    return headings.get(what) or desknews.heading(talk, what)


async def _digest(talk: Talk, tell: Tell) -> Say:
    """How much there is, what is late, what falls due: one message of a working morning."""
    _ = talk._
    municipality = tell.municipality or ""
    department = await offices.name(talk.db, municipality, tell.department, talk.language)
    late, due = [await _read(talk, tell.facts[name]) for name in ("overdue", "due")]
    text = join(
        b("☀️ " + _("This morning: {department}").format(
            department=department or matterwords.office(talk, municipality))),
        "\n".join(_counts(talk, tell)),
        _listed(talk, "🔴 " + _("Late:"), late),
        _listed(talk, "🟠 " + _("Due today or on the next working day:"), due),
        i(_("Everything else is under /cases.")),
        between="\n\n",
    )  # fmt: skip
    rows = [[Option(f"📂 {case.number}", f"case:{casecard.ref(case)}")] for case in [*late, *due][:OPENED]]
    return Say(text=text, choices=[*rows, [casecard.back_to_desk(talk)]], lane=NOTICE)


async def _read(talk: Talk, ids: Sequence[str]) -> list[Case]:
    found = [await cases.get(talk.db, int(number)) for number in ids]
    return [case for case in found if case]


def _counts(talk: Talk, tell: Tell) -> list[str]:
    _ = talk._
    named = {
        "open": _("Open: {count}"),
        "overdue": _("Late: {count}"),
        "due-soon": _("Due within five working days: {count}"),
        "unassigned": _("Taken by nobody: {count}"),
        "waiting": _("Waiting for the citizen: {count}"),
        "undelivered": _("Not delivered to the citizen: {count}"),
        "unnumbered": _("Without an incoming number: {count}"),
        "not-solved": _("Not solved, say citizens: {count}"),
    }
    counts = tell.facts["counts"]
    lines = [words.format(count=counts[name]) for name, words in named.items() if counts.get(name)]
    if tell.facts.get("questions"):
        lines.append(_("Questions without an answer in the handbook: {count}").format(count=tell.facts["questions"]))
    return lines


def _listed(talk: Talk, title: str, found: Sequence[Case]) -> list[Part] | str:
    if not found:
        return ""
    lines: list[Markup] = [f"• {case.number} · {matterwords.short(case.title, 50)}, {_day(talk, case.due_on)}"
                           for case in found]  # fmt: skip
    return join(b(title), *lines, between="\n")


def _day(talk: Talk, day: date | None) -> str:
    return talk.translator.date(day) if day else "–"
