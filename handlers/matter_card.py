"""One matter as its author sees it: the card, the timeline, what to do when it is late, why something cannot be."""

from collections.abc import Sequence
from typing import Any

from handlers import event_files, home, matterdates, matterwords
from handlers.matterwords import ref
from handlers.talk import Talk
from handlers.words import Markup, Option, Part, Say, b, fill, i, join, link
from storage import casecitizen, media, offices
from storage.casemoves import AUTHOR, CLOCK, possible
from storage.caserecord import Case, CaseTrouble
from storage.caserules import Rules
from storage.cases import today
from storage.walltime import local_day

SHOWN = 600  # Characters of the citizen's own words on the card.
FOR_ALL = ("plan",)  # What the municipality says that concerns everybody affected; an answer is its author's.
PAGE = 6  # Entries of the timeline.
Rows = list[list[Option]]


async def card(talk: Talk, case: Case, *, is_author: bool, files: int) -> tuple[list[Part], Rows]:
    _ = talk._
    what = " · ".join(
        filter(None, [matterwords.kind_name(talk, case.kind), matterwords.category_name(talk, case.category)])
    )
    text = case.text if len(case.text) <= SHOWN else case.text[:SHOWN] + "…"
    edited = " " + _("(corrected by you)") if case.is_edited else ""
    place = matterwords.place(talk, case)
    words = join(i(text), edited) if is_author else ""
    count = talk.n("{count} file", "{count} files", files).format(count=files) if files and is_author else ""
    return (
        join(
            join(b(case.number), "\n", what),
            join(matterwords.STATE_SIGNS[case.state] + " ", b(matterwords.state(talk, case.state).capitalize())),
            await _standing(talk, case),
            words,
            "\n".join(filter(None, ["📍 " + place if place else "", "📎 " + count if count else ""])),
            _("Filed on {date}.").format(date=talk.translator.date(case.filed_at)),
            between="\n\n",
        ),
        _acts(talk, case) if is_author else _follower_acts(talk, case),
    )


async def _standing(talk: Talk, case: Case) -> list[Part]:
    """Who has it, until when, and whether its author has to do something."""
    _ = talk._
    lines: list[Markup] = []
    department = await offices.name(talk.db, case.municipality, case.department, talk.language)
    where = ", ".join(filter(None, [matterwords.office(talk, case.municipality), department or ""]))
    if case.is_open:
        lines.append(where if not case.is_sensitive else matterwords.office(talk, case.municipality))
    if case.incoming_number:
        lines.append(_("Incoming number: {number}").format(number=case.incoming_number))
    if case.is_open and case.due_on:
        if case.is_overdue(today(talk.db)):
            lines.append(fill(_("The date was {date}. It is late."), date=b(matterwords.day(talk, case.due_on))))
        else:
            kind = Rules(talk.handbook).kind(case.kind)
            lines.append(matterdates.promise(talk, kind, case.basis))
    if case.planned_on:
        lines.append(_("Planned for {date}.").format(date=matterwords.day(talk, case.planned_on)))
    if case.followers:
        others = talk.n("{count} more person follows it.", "{count} more people follow it.", case.followers)
        lines.append(others.format(count=case.followers))
    return join(*lines, between="\n")


def _acts(talk: Talk, case: Case) -> Rows:
    _ = talk._
    number, may = ref(case), possible(case.state, AUTHOR)
    rows: Rows = []
    if "reply" in may:
        rows.append([Option("✍️ " + _("Reply"), f"matter-reply:{number}")])
    if "rate" in may and case.solved != "yes":
        rows.append([
            Option("👍 " + _("Solved"), f"matter-rate:{number}:yes"),
            Option("🤏 " + _("Partly"), f"matter-rate:{number}:partly"),
            Option("👎 " + _("Not solved"), f"matter-rate:{number}:no"),
        ])  # fmt: skip
    if casecitizen.may_reopen(case, today(talk.db)):
        rows.append([Option("🔄 " + _("Open it again"), f"matter-reopen:{number}")])
    if case.is_overdue(today(talk.db)):
        rows.append([Option("⏰ " + _("It is late: what can I do?"), f"matter-late:{number}")])
    if "add" in may and "reply" not in may:
        rows.append([Option("➕ " + _("Add words or photos"), f"matter-add:{number}")])
    rows.append([Option("🕓 " + _("Timeline"), f"matter-history:{number}:0"),
                 Option("📎 " + _("Files"), f"matter-files:{number}")])  # fmt: skip
    dated = [Option("📅 " + _("Why this date?"), f"matter-date:{number}")] if case.basis else []
    rows.append([*dated, Option("🧾 " + _("Receipt"), f"matter-receipt:{number}")])
    rows.append([Option("🔔 " + _("Remind me"), f"recall:case:{number}")])
    own = [Option("✏️ " + _("Correct my text"), f"matter-edit:{number}")] if "edit" in may else []
    own += [Option("↩️ " + _("Withdraw"), f"matter-withdraw:{number}")] if "withdraw" in may else []
    if case.conversation_id != talk.conversation.id:
        rows.append([Option("💬 " + _("Send its news here"), f"matter-here:{number}")])
    return [*rows, *([own] if own else []), [Option("📂 " + _("My matters"), "matters"), home.to_menu(talk)]]


def _follower_acts(talk: Talk, case: Case) -> Rows:
    _ = talk._
    number = ref(case)
    return [
        [Option("🕓 " + _("Timeline"), f"matter-history:{number}:0")],
        [Option("🔕 " + _("Do not follow any more"), f"matter-unfollow:{number}")],
        [Option("📂 " + _("My matters"), "matters"), home.to_menu(talk)],
    ]


# --- The timeline ---


def timeline(talk: Talk, case: Case, rows: Sequence[Any], page: int, *, is_author: bool) -> tuple[list[Part], Rows]:
    """All that happened and may be known, oldest first; who only follows it does not read what its author wrote."""
    _ = talk._
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(page, 0), pages - 1)
    entries = [_entry(talk, row, is_author=is_author) for row in rows[page * PAGE : (page + 1) * PAGE]]
    number = ref(case)
    turn = [Option("⬅️ " + _("Earlier"), f"matter-history:{number}:{page - 1}")] if page else []
    turn += [Option(_("Later") + " ➡️", f"matter-history:{number}:{page + 1}")] if page < pages - 1 else []
    back = [Option("⬅️ " + _("Back"), f"matter:{number}"), home.to_menu(talk)]
    head = join(b(case.number), " · ", matterwords.title(talk, case, is_author=is_author))
    return join(head, *entries, between="\n\n"), [turn, back] if turn else [back]


def _entry(talk: Talk, row: Any, *, is_author: bool) -> list[Part]:
    when = f"{talk.translator.date(row.at)}, {talk.translator.time(row.at)}"
    words = _said(row) if is_author or row.action in FOR_ALL else ""
    return join(b(when), join(_who(talk, row), ": ", step(talk, row.action, row.content)), words, between="\n")


def _said(row: Any) -> str:
    content = row.content
    if row.action == "file":
        return ""  # It stands on the card, in the newest wording.
    if row.actor == CLOCK:
        return ""
    text = content.get("text") or content.get("words") or content.get("reason") or ""
    return matterwords.short(str(text), 700) if text else ""


def _who(talk: Talk, row: Any) -> str:
    _ = talk._
    return {AUTHOR: _("You"), "citizen": _("A citizen"), CLOCK: "Gishe"}.get(row.actor, _("Municipality"))


def step(talk: Talk, action: str, content: Any) -> str:
    """What was done, in plain words."""
    _ = talk._
    done = {
        "file": _("sent to the municipality"),
        "register": _("registered with incoming number {number}").format(number=content.get("incoming_number") or "–"),
        "take": _("an official has taken it over"),
        "route": _("passed on to another department"),
        "classify": _("kind or subject corrected"),
        "ask": _("a question for you"),
        "plan": _("the work is planned"),
        "extend": _("the time limit was extended to {date}").format(date=matterwords.day(talk, content.get("due_on"))),
        "forward": _("sent to the competent body: {body}").format(body=content.get("to", "")),
        "answer": _("the municipality answered"),
        "refuse": _("refused, with reasons"),
        "correct": _("an answer was corrected"),
        "duplicate": _("joined to an earlier report, {number}").format(number=content.get("of", "")),
        "close": _("the matter was closed"),
        "reply": _("replied"),
        "add": _("added words or files"),
        "edit": _("corrected the text"),
        "withdraw": _("withdrawn by you"),
        "rate": _("judged: {verdict}").format(verdict=verdict(talk, content.get("solved"))),
        "reopen": _("opened again, waits for an official"),
        "link": _("news of it goes to another chat of yours"),
        "recompute": _("the calendar changed; the date is now {date}").format(
            date=matterwords.day(talk, content.get("due_on"))
        ),
        "overdue": _("the date passed without an answer"),
    }
    return done.get(action, action)


def verdict(talk: Talk, solved: str | None) -> str:
    _ = talk._
    return {"yes": _("solved"), "partly": _("partly solved"), "no": _("not solved")}.get(solved or "", "–")


# --- Late ---


async def what_now(talk: Talk, case: Case, *, is_second: bool = False) -> list[Part]:
    """Who is late, and what can be done now, by oneself; the second time also above the municipality."""
    _ = talk._
    department = await offices.name(talk.db, case.municipality, case.department, talk.language)
    late = (local_day(talk.now, talk.translator.timezone) - case.due_on).days if case.due_on else 0
    lines: list[Markup | Part] = [
        join(b(case.number), f" · {case.title}"),
        _("{office} owed you an answer by {date} and has not given one. It lies with: {department}.").format(
            office=matterwords.office(talk, case.municipality), date=matterwords.day(talk, case.due_on),
            department=department or _("the registry")),
        talk.n("It is {count} day late. The head of the department has been told so, and the delay stays in the public "
               "figures.", "It is {count} days late. The head of the department has been told so, and the delay stays "
               "in the public figures.", late).format(count=late),
        _("You need not file it again: it goes on under the same number. If you want to press for it, ask for its "
          "number at the counter or by telephone, or write to the mayor."),
    ]  # fmt: skip
    if is_second:
        lines.append(_above(talk, case))
        lines.append(i(_("This is not legal advice.")))
    lines.append(_contact(talk, case))
    return join(*lines, between="\n\n")


def _above(talk: Talk, case: Case) -> list[Part]:
    """Outside of the municipality: free of charge first."""
    _ = talk._
    routes: list[Markup | Part] = []
    if case.kind == "data-request":
        routes.append(_("• the Commission for Personal Data Protection (cpdp.bg), free of charge;"))
    if case.kind == "info-request":
        routes.append(_("• the administrative court: silence on a request for information can be challenged there;"))
    routes.append(_("• the Ombudsman of the Republic of Bulgaria (ombudsman.bg), free of charge;"))
    routes.append(_("• the municipal council, which oversees the work of the administration."))
    return join(_("Outside of the department you can also turn to:"), *routes, between="\n")


def _contact(talk: Talk, case: Case) -> list[Part] | str:
    place = talk.handbook.municipalities[case.municipality]
    known: list[Markup | Part] = [place[name][talk.language] for name in ("address",) if place.get(name)]
    known += [place[name] for name in ("phone", "email") if place.get(name)]
    known += [link(place["website"], place["website"])] if place.get("website") else []
    return join(*known, between="\n")


# --- Files, troubles ---


async def show_files(talk: Talk, case: Case) -> None:
    _ = talk._
    rows = await media.about(talk.db, matterwords.about(case))
    ready = await event_files.attachments(talk, [row.id for row in rows], case.title)
    fetched = len(rows) - len(ready)
    waiting = talk.n("{count} file is not here yet.", "{count} files are not here yet.", fetched).format(count=fetched)
    back = [Option("⬅️ " + _("Back"), f"matter:{ref(case)}"), home.to_menu(talk)]
    text = _("No files were sent with it.") if not rows else _("The files of {number}.").format(number=case.number)
    talk.said.append(
        Say(text=join(text, waiting if fetched else "", between=" "), choices=[back], files=ready,
            about=matterwords.about(case))
    )  # fmt: skip


def trouble(talk: Talk, found: CaseTrouble) -> str:
    """Why an act is not possible now, and what is."""
    _ = talk._
    until = found.facts.get("until")
    told = {
        "text": _("Please write it in words, or send a file."),
        "reason": _("Please say why."),
        "nothing-changed": _("This is the same text as before."),
        "reopen-too-late": _(
            "It could be opened again until {date}. You can file it anew and name this number."
        ).format(date=matterwords.day(talk, until)),
        "nothing-to-reopen": _("There is nothing to open again."),
    }
    return told.get(found.code) or _("This is not possible any more: the matter has moved on. This is how it stands.")
