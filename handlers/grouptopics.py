"""Each case has a topic in the group of its staff: its card, kept as the case stands, and a line for what is new."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from handlers import casecard
from handlers.talk import Talk
from handlers.words import NOTICE, Attachment, Markup, Say, Topic, b, join
from storage import cases, offices, people, staffgroups
from storage.casemoves import MOVES, STAFF
from storage.caserecord import Actor, Case, staff
from storage.people import Conversation, Person
from storage.roles import Role
from storage.search import mask_contacts

GROUP_LANGUAGE = "bg"  # Of what is said to a group as a whole.
MAX_TITLE = 80
MARKS = {
    "received": "🆕", "registered": "🆕", "working": "🛠", "waiting": "⏳", "planned": "📅", "forwarded": "📮",
    "answered": "💬", "refused": "⛔", "duplicate": "🔗", "withdrawn": "↩️", "closed": "✅", "reopened": "🔓",
}  # fmt: skip
OVER = ("closed", "withdrawn", "duplicate")  # Their topics are closed.
ON_THE_CARD = ("file", "draft")  # What the card itself says.


async def refresh(talk: Talk) -> None:
    """Show in the groups what this turn changed, whoever changed it and wherever."""
    touched, talk.db.touched = sorted(talk.db.touched), set()
    for case_id in touched:
        if case := await cases.get(talk.db, case_id):
            await show(talk, case)


async def show(talk: Talk, case: Case, *, only_news: bool = False) -> None:
    """Bring the topic of a case up to date: open it where there is none yet, leave it where it is worked on no more."""
    group = None if case.is_sensitive else await offices.group_of(talk.db, case.municipality, case.department)
    topics = await staffgroups.topics_of(talk.db, case.id)
    here = next((topic for topic in topics if group and topic.home == group.conversation_id), None)
    for topic in topics:
        if topic is not here and topic.state == "open":
            await _leave(talk, case, topic)
    if group is None:
        return
    if here is None:
        await _open(talk, case, group)
    else:
        await _update(talk, case, here, only_news)


async def _open(talk: Talk, case: Case, group: Any) -> None:
    room = await people.conversation(talk.db, group.conversation_id)
    if room is None:
        return
    place = people.open_topic(talk.db, room)
    view = _view(talk, place)
    card_id = view.tell(place.id, await _card(view, case))
    staffgroups.open_topic(talk.db, case.id, group.id, place.id, card_id)
    await _show_files(view, case, card_id, await cases.papers(talk.db, case.id))


async def _update(talk: Talk, case: Case, topic: Any, only_news: bool) -> None:
    """The card as the case stands now, and what happened since it was shown last."""
    place = await people.conversation(talk.db, topic.conversation_id)
    if place is None:
        return
    until = await staffgroups.shown_until(talk.db, topic)
    news = [row for row in await cases.history(talk.db, case.id) if row.id > until]
    papers = [row for row in await cases.papers(talk.db, case.id) if row.id > until and row.for_citizen]
    if only_news and not news and not papers:
        return
    view = _view(talk, place)
    if lines := [row for row in news if _is_told(talk, row, place)]:
        text = join(*await casecard.history_lines(view, case, [_masked(view, row) for row in lines]), between="\n\n")
        view.tell(place.id, _say(case, text, topic.card_id))
    await _show_files(view, case, topic.card_id, papers)
    was_over = bool(news) and news[0].before in OVER
    changes = ["name"] if any(row.before != row.after for row in news) else []
    if topic.state != "open":
        staffgroups.set_state(talk.db, topic.id, "open")
        was_over = True
    if was_over != (case.state in OVER):
        changes.append("reopen" if was_over else "close")
    view.tell(place.id, await _card(view, case, topic.card_id, tuple(changes)))


async def _leave(talk: Talk, case: Case, topic: Any) -> None:
    """Another department has it now: this group sees no more of it."""
    place = await people.conversation(talk.db, topic.conversation_id)
    staffgroups.set_state(talk.db, topic.id, "closed")
    if place is None:
        return
    view = _view(talk, place)
    gone = join(b(case.number), view._("This matter is worked on elsewhere now."), between="\n\n")
    closed = Topic(topic_name(case), ("close",))
    view.tell(place.id, replace(_say(case, gone, None), rewrites=topic.card_id, topic=closed))


def topic_name(case: Case) -> str:
    """The state at a glance, the number, the matter."""
    return f"{MARKS[case.state]} {case.number} {mask_contacts(case.title)[:MAX_TITLE]}"


# --- What is said there ---


def _view(talk: Talk, place: Conversation) -> Talk:
    """The same turn as the group sees it: everybody in it and nobody in particular."""
    return replace(talk, person=Person(0, GROUP_LANGUAGE), conversation=place, said=[])


async def _card(view: Talk, case: Case, card_id: int | None = None, changes: tuple[Any, ...] = ()) -> Say:
    shown = replace(case, text=mask_contacts(case.text), title=mask_contacts(case.title))
    text = join(
        await casecard.text(view, shown, in_group=True),
        view._(
            "🔒 What you write here stays among colleagues. Only what you send with a choice below reaches the "
            "citizen, and you see it first."
        ),
        between="\n\n",
    )
    choices = casecard.choices(view, case, everybody(case), in_group=True)
    topic = Topic(topic_name(case), changes)
    return Say(
        text=text, choices=choices, rewrites=card_id, topic=topic, lane=NOTICE, about=cases.about(case),
        silent=bool(card_id),
    )  # fmt: skip


def everybody(case: Case) -> Actor:
    """Whoever might press a choice of the card: what each may really do is asked when they do."""
    roles = [Role(role, case.municipality, case.department) for role in ("staff", "head")]
    return staff(0, roles)


def _say(case: Case, text: Markup, card_id: int | None) -> Say:
    return Say(text=text, topic=Topic(topic_name(case)), under=card_id, lane=NOTICE, about=cases.about(case))


def _is_told(talk: Talk, row: Any, place: Conversation) -> bool:
    """What the author did, what the calendar found, and what a colleague did elsewhere."""
    if row.action in ON_THE_CARD:
        return False
    if row.actor != STAFF:
        return True
    is_here = talk.conversation.id == place.id and row.actor_id == talk.person.id
    return not is_here and (MOVES[row.action].is_news or row.action == "note")


def _masked(view: Talk, row: Any) -> Any:
    """A row of the history without the numbers and addresses of persons in its words."""
    content = {name: mask_contacts(text) if isinstance(text, str) else text for name, text in row.content.items()}
    if row.action == "rate":
        content["text"] = "\n".join(
            part for part in (_verdict(view, row.content["solved"]), content.get("words")) if part
        )
    return SimpleNamespace(**{**row._mapping, "content": content})


def _verdict(view: Talk, solved: str) -> str:
    _ = view._
    return {"yes": "👍 " + _("Solved"), "partly": "🤏 " + _("Partly solved"), "no": "👎 " + _("Not solved")}[solved]


async def _show_files(view: Talk, case: Case, card_id: int, rows: Sequence[Any]) -> None:
    """As others may see them: pictures without what the camera wrote; what has no such copy is only counted."""
    shown = [_attachment(row) for row in rows if row.public_digest]
    hidden = len(rows) - len(shown)
    if not rows:
        return
    count = view.n("{count} file", "{count} files", len(rows)).format(count=len(rows))
    more = view._("Originals and other kinds of files are opened in private, under “Files”.") if hidden else ""
    text = join(f"📎 {count}", more, between="\n")
    view.tell(view.conversation.id, replace(_say(case, text, card_id), files=shown))


def _attachment(row: Any) -> Attachment:
    return Attachment(
        kind="photo", digest=row.public_digest, name=row.name or "photo.jpg", mime="image/jpeg", size=row.size,
        alt=row.name,
    )  # fmt: skip
