"""A case as the staff sees it: the card, what may be done to it, its history and files."""

from collections.abc import Sequence
from typing import Any

from handlers import casephrases as phrases
from handlers import matterwords
from handlers.talk import Talk
from handlers.words import Attachment, Markup, Option, Part, b, fill, i, join, link
from storage import absences, cases, colleagues, journal, offices, permissions, roles
from storage.casemoves import STAFF, possible
from storage.caserecord import Actor, Case, staff

TEXT_SHOWN = 1200  # Characters of the citizen's words on the card; the history has them whole.
LINES = 8  # Of the history on one page.
FILES_SHOWN = 10

# What the card offers at once, in this order; the rest stands behind "More".
FIRST = ("approve", "take", "answer", "ask", "note")
MORE = (
    "plan", "forward", "extend", "refuse", "duplicate", "register", "route", "classify", "assign", "release", "close",
    "correct", "reopen", "reply", "delivered",
)  # fmt: skip


async def actor(talk: Talk) -> Actor:
    """Whoever speaks, as somebody of the staff with the roles they hold at this moment."""
    return staff(talk.person.id, await roles.of(talk.db, talk.person.id))


async def find(talk: Talk, argument: str, who: Actor) -> Case | None:
    """The case that a choice names by its number in hexadecimal, if this person may see it."""
    try:
        case = await cases.get(talk.db, int(argument, 16))
    except ValueError:
        return None
    return case if case and permissions.may(who.roles, "see", case.where) else None


def ref(case: Case) -> str:
    return f"{case.id:x}"


async def text(talk: Talk, case: Case, *, in_group: bool = False) -> list[Part]:
    """The card. In a group it is the same: who wrote it is behind a choice that is recorded, and not offered there."""
    _ = talk._
    return join(
        await _heading(talk, case),
        await _standing(talk, case),
        _words(case),
        _facts(talk, case),
        await _pending(talk, case),
        i(_("Contact data are not shown in the group.")) if in_group and case.contact else "",
        between="\n\n",
    )


async def _heading(talk: Talk, case: Case) -> list[Part]:
    kind = phrases.kind_name(talk, case.kind)
    marks = "🔴 " if case.priority in ("urgent", "emergency") else ""
    return join(
        join(marks, b(case.number), f" · {kind}"),
        phrases.category_name(talk, case.category) if case.category else "",
        b(case.title),
        between="\n",
    )


async def _standing(talk: Talk, case: Case) -> list[Part]:
    _ = talk._
    who = await _assignee(talk, case)
    where = await offices.name(talk.db, case.municipality, case.department, talk.language) or _("no department yet")
    return join(
        fill("{label}: {state}", label=_("State"), state=b(phrases.state_name(talk, case.state))),
        f"{where} · {who}",
        due(talk, case),
        between="\n",
    )


async def _assignee(talk: Talk, case: Case) -> str:
    _ = talk._
    if case.assignee is None:
        return _("nobody has taken it yet")
    if case.assignee == talk.person.id:
        return _("yours")
    return await colleagues.name_of(talk.db, case.assignee) or _("a colleague")


def due(talk: Talk, case: Case) -> Markup:
    """Until when, whether that has passed, and what was told first."""
    _ = talk._
    if case.due_on is None:
        return _("No term is set by law.") if case.is_open else ""
    day = talk.translator.date(case.due_on)
    if case.is_overdue(cases.today(talk.db)):
        days = (cases.today(talk.db) - case.due_on).days
        late = talk.n("{count} day late", "{count} days late", days).format(count=days)
        words = fill(_("Answer was due on {date} – {late}"), date=b(day), late=b(late))
        words = join("⏰ ", words)
    elif case.is_open:
        words = fill(_("Answer due by {date}"), date=b(day))
    else:
        words = fill(_("Term: {date}"), date=day)
    if case.first_due_on and case.first_due_on != case.due_on:
        first = talk.translator.date(case.first_due_on)
        words = join(words, i(_("first told: {date}").format(date=first)), between="\n")
    if case.is_open and case.target_on:
        target = talk.translator.date(case.target_on)
        words = join(words, i(_("our own target: {date}").format(date=target)), between="\n")
    return words


def _words(case: Case) -> str:
    return case.text if len(case.text) <= TEXT_SHOWN else case.text[:TEXT_SHOWN].rsplit(" ", 1)[0] + " …"


def _facts(talk: Talk, case: Case) -> list[Part]:
    _ = talk._
    place: Markup = matterwords.spot(talk, case, talk.language)
    if case.lat is not None and case.lon is not None:
        url = f"https://www.openstreetmap.org/?mlat={case.lat:.5f}&mlon={case.lon:.5f}#map=18/{case.lat:.5f}/{case.lon:.5f}"
        place = join(place, link(_("map"), url), between=" · ")
    affected = talk.n("{count} more person follows it", "{count} more people follow it", case.followers)
    return join(
        fill("📍 {place}", place=place) if place else "",
        "👤 " + (_("anonymous") if case.is_anonymous else _("named")) + _source(talk, case),
        _("Incoming number: {number}").format(number=case.incoming_number or _("not noted yet")),
        affected.format(count=case.followers) if case.followers else "",
        "⚠️ " + _("A message to the citizen could not be delivered.") if case.undelivered_at else "",
        between="\n",
    )


def _source(talk: Talk, case: Case) -> str:
    _ = talk._
    names = {"phone": _("by telephone"), "counter": _("at the counter"), "letter": _("by letter"),
             "email": _("by e-mail"), "demo": _("SAMPLE DATA")}  # fmt: skip
    return f" · {names[case.source]}" if case.source in names else ""


async def _pending(talk: Talk, case: Case) -> list[Part] | str:
    """An answer that waits for a second person."""
    if not case.pending_answer:
        return ""
    writer = int(case.pending_answer["by"], 16)
    name = await colleagues.name_of(talk.db, writer) or talk._("a colleague")
    heading = talk._("This answer of {name} waits for approval:").format(name=name)
    return join(b(heading), case.pending_answer["text"], between="\n")


# --- What may be done ---


def acts(case: Case, who: Actor, wanted: Sequence[str]) -> list[str]:
    """Those of the wanted acts that the state and the roles allow."""
    allowed = set(possible(case.state, STAFF))
    if case.pending_answer:
        allowed |= {"approve", "send-back"}
        allowed -= {"answer"}
    if case.assignee != who.person_id:
        allowed -= {"release"}
    else:
        allowed -= {"take"}
    if case.assignee not in (None, who.person_id):
        allowed -= {"take"}
    if not case.undelivered_at:
        allowed -= {"delivered"}
    return [act for act in wanted if act in allowed and permissions.may(who.roles, act, case.where)]


def act_name(talk: Talk, act: str) -> str:
    _ = talk._
    return {
        "approve": "✅ " + _("Approve or send back"),
        "take": "✋ " + _("Take it over"),
        "answer": "💬 " + _("Answer the citizen"),
        "ask": "❓ " + _("Ask the citizen"),
        "note": "📝 " + _("Internal note"),
        "plan": "🗓️ " + _("Say what is planned"),
        "forward": "📮 " + _("Forward to another body"),
        "extend": "⏳ " + _("Extend the time limit"),
        "refuse": "⛔ " + _("Refuse with reasons"),
        "duplicate": "🔗 " + _("Join to an earlier case"),
        "register": "#️⃣ " + _("Incoming number"),
        "route": "➡️ " + _("Pass to a department"),
        "classify": "🏷️ " + _("Correct the category"),
        "assign": "🧑 " + _("Assign to a colleague"),
        "release": "↩️ " + _("Give it back"),
        "close": "🗄️ " + _("Close"),
        "correct": "✏️ " + _("Correct the answer"),
        "reopen": "🔓 " + _("Reopen"),
        "reply": "☎️ " + _("Note a reply of the citizen"),
        "delivered": "📨 " + _("Undelivered: dealt with"),
    }[act]


def act_choice(talk: Talk, case: Case, act: str) -> Option:
    return Option(act_name(talk, act), f"act:{act}:{ref(case)}:{case.version}")


def choices(talk: Talk, case: Case, who: Actor, *, in_group: bool = False) -> list[list[Option]]:
    _ = talk._
    options = [act_choice(talk, case, act) for act in acts(case, who, FIRST)]
    rows = [options[start : start + 2] for start in range(0, len(options), 2)]
    looks = [Option("🕘 " + _("History"), f"case-history:{ref(case)}:0"),
             Option("📎 " + _("Files"), f"case-files:{ref(case)}")]  # fmt: skip
    rows.append(looks)
    more = [Option("⋯ " + _("More"), f"case-more:{ref(case)}")]
    if not in_group and not case.is_anonymous and permissions.may(who.roles, "see-author", case.where):
        more.append(Option("👤 " + _("Who wrote it"), f"case-author:{ref(case)}"))
    rows.append(more)
    if not in_group:
        rows.append([back_to_desk(talk)])
    return rows


def back_to_desk(talk: Talk) -> Option:
    return Option("📥 " + talk._("Cases"), "desk:")


def back_to_case(talk: Talk, case: Case) -> Option:
    return Option("⬅️ " + talk._("Back to the case"), f"case:{ref(case)}")


def more_choices(talk: Talk, case: Case, who: Actor) -> list[list[Option]]:
    options = [act_choice(talk, case, act) for act in acts(case, who, MORE)]
    rows = [options[start : start + 2] for start in range(0, len(options), 2)]
    return [*rows, promotion(talk, case), [back_to_case(talk, case)]]


def promotion(talk: Talk, case: Case) -> list[Option]:
    """The answer to a question may be of use to others."""
    if case.kind != "question" or case.state not in ("answered", "closed"):
        return []
    return [Option("📚 " + talk._("Into the handbook"), f"promote:{ref(case)}")]


# --- What stands behind it ---


async def history_lines(talk: Talk, case: Case, rows: Sequence[Any]) -> list[list[Part]]:
    """Each act with its day, who did it, and its words; what the citizen does not see is marked."""
    people = await colleagues.names(talk.db, {row.actor_id for row in rows if row.actor == STAFF and row.actor_id})
    return [_line(talk, row, people) for row in rows]


def _line(talk: Talk, row: Any, people: dict[int, str]) -> list[Part]:
    _ = talk._
    who = {"author": _("citizen"), "citizen": _("citizen"), "clock": _("the calendar")}.get(row.actor)
    who = who or people.get(row.actor_id or 0) or _("staff")
    at = f"{talk.translator.date(row.at)}, {talk.translator.time(row.at)}"
    inside = "" if row.for_citizen else " 🔒"
    content = row.content
    words = content.get("text") if row.action != "file" else ""
    reason = content.get("reason")
    return join(
        fill("{at} · {what} · {who}{inside}", at=at, what=b(phrases.done_name(talk, row.action)), who=who,
             inside=inside),
        words or "",
        _("Reason: {reason}").format(reason=reason) if reason and reason != words else "",
        between="\n",
    )  # fmt: skip


async def attachments(talk: Talk, case: Case) -> tuple[list[Attachment], int]:
    """The files as others may see them, and how many are not ready or only kept."""
    rows = await cases.papers(talk.db, case.id)
    shown = [_attachment(row) for row in rows][:FILES_SHOWN]
    return shown, len(rows) - len(shown)


def _attachment(row: Any) -> Attachment:
    is_photo = row.public_digest is not None
    return Attachment(
        kind="photo" if is_photo else "document", digest=row.public_digest or row.digest, name=row.name,
        mime="image/jpeg" if is_photo else row.mime, size=row.size, alt=row.name,
    )  # fmt: skip


def record_look(talk: Talk, case: Case, what: str) -> None:
    """Whoever looks at personal data leaves a trace."""
    journal.record(
        talk.db, "look", {"case": case.number, "municipality": case.municipality, "what": what},
        {"person": journal.reference(talk.person.id)}, person_id=talk.person.id, about=case.number,
    )  # fmt: skip


async def stands_in_for(talk: Talk) -> list[int]:
    """This person and those whom they stand in for today."""
    others = await absences.stands_in_for(talk.db, talk.person.id, cases.today(talk.db))
    return [talk.person.id, *others]
