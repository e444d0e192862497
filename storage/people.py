"""People, and the conversations in which we meet them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, literal, select, update

from storage import messages
from storage.database import Session
from storage.ids import new_id
from storage.models import conversations, people

NO_TOPIC_YET = "new"  # Behind the group's name: the topic is still to be made.
WITHOUT_TOPIC = "="  # The group has no topics: the conversation is what stands under its first message.

FIELDS = (
    conversations.c.id,
    conversations.c.channel,
    conversations.c.external,
    conversations.c.person_id,
    conversations.c.is_group,
    conversations.c.reachable,
    conversations.c.step,
    conversations.c.draft,
    conversations.c.menu,
    people.c.language,
    people.c.municipality,
)
MEETINGS = select(*FIELDS).select_from(conversations.outerjoin(people))
BY_EXTERNAL = (
    MEETINGS.where(conversations.c.channel == bindparam("channel"))
    .where(conversations.c.external.in_(bindparam("externals", expanding=True)))
    .order_by(conversations.c.id)
    .with_for_update(of=conversations)  # Two processes must not take turns in one conversation at once.
)
BY_ID = MEETINGS.where(conversations.c.id == bindparam("conversation_id"))
OF_PERSON = MEETINGS.where(conversations.c.person_id == bindparam("person_id")).order_by(conversations.c.id)


@dataclass(slots=True)
class Person:
    id: int
    language: str
    municipality: str | None = None
    is_changed: bool = False


@dataclass(slots=True)
class Conversation:
    id: int
    channel: str
    external: str
    person: Person | None
    is_group: bool = False
    reachable: bool = True
    step: str | None = None
    draft: dict[str, Any] | None = None
    speakers: dict[str, Any] | None = None  # In a group, what each is in the middle of; `step` is the speaker's then.
    speaker: int | None = None
    menu: list[list[str]] | None = None  # [label, what it does] of each choice offered last, so that it can be typed.
    is_changed: bool = False


def _from_row(row: Row[Any]) -> Conversation:
    person = None if row.person_id is None else Person(row.person_id, row.language, row.municipality)
    met = Conversation(
        row.id, row.channel, row.external, person, row.is_group, row.reachable, row.step, row.draft, menu=row.menu
    )
    if met.is_group:
        met.speakers, met.draft = met.draft, None
    return met


def as_spoken_by(conversation: Conversation, person_id: int) -> None:
    """In a group each speaker is in the middle of something else: from here on it is this one's."""
    _note_speaker(conversation)
    conversation.speaker = person_id
    doing = (conversation.speakers or {}).get(str(person_id), {})
    conversation.step, conversation.draft = doing.get("step"), doing.get("draft")


def _note_speaker(conversation: Conversation) -> None:
    if conversation.speaker is None:
        return
    doing = {"step": conversation.step, "draft": conversation.draft} if conversation.step else None
    speakers = {**(conversation.speakers or {}), str(conversation.speaker): doing}
    conversation.speakers = {name: one for name, one in speakers.items() if one} or None


async def meet(db: Session, channel: str, externals: Collection[str]) -> dict[str, Conversation]:
    """Return the known ones of these conversations of a channel, by the channel's own names for them."""
    rows = await db.rows(BY_EXTERNAL, channel=channel, externals=list(externals))
    return {row.external: _from_row(row) for row in rows}


async def conversation(db: Session, conversation_id: int) -> Conversation | None:
    row = await db.first(BY_ID, conversation_id=conversation_id)
    return row and _from_row(row)


async def conversations_of(db: Session, person_id: int) -> list[Conversation]:
    return [_from_row(row) for row in await db.rows(OF_PERSON, person_id=person_id)]


def welcome(db: Session, channel: str, external: str, language: str) -> Conversation:
    """Somebody new speaks to us in private."""
    person = Person(new_id(), language)
    db.add(people, id=person.id, language=language, municipality=None, since=db.now)
    return _open(db, Conversation(new_id(), channel, external, person))


async def group_itself(db: Session, channel: str, chat: str) -> Conversation:
    """The conversation of a group as a whole, whatever topic somebody spoke in."""
    return (await meet(db, channel, [chat])).get(chat) or enter_group(db, channel, chat)


def enter_group(db: Session, channel: str, external: str) -> Conversation:
    return _open(db, Conversation(new_id(), channel, external, None, is_group=True))


def _open(db: Session, conversation: Conversation) -> Conversation:
    db.add(
        conversations,
        id=conversation.id,
        channel=conversation.channel,
        external=conversation.external,
        person_id=conversation.person and conversation.person.id,
        is_group=conversation.is_group,
        reachable=conversation.reachable,
        since=db.now,
    )
    return conversation


def keep(db: Session, conversation: Conversation) -> None:
    """Write what the turn changed about this conversation and its person."""
    if conversation.is_changed:
        _note_speaker(conversation)
        db.change(
            conversations,
            conversation.id,
            reachable=conversation.reachable,
            step=None if conversation.is_group else conversation.step,
            draft=conversation.speakers if conversation.is_group else conversation.draft,
            menu=conversation.menu,
        )
        conversation.is_changed = False
    if conversation.person:
        keep_person(db, conversation.person)


def keep_person(db: Session, person: Person) -> None:
    if person.is_changed:
        db.change(people, person.id, language=person.language, municipality=person.municipality)
        person.is_changed = False


async def move_conversation(db: Session, channel: str, old: str, new: str) -> None:
    """A group became a supergroup: the same conversation, under another number.

    Its first words under the new number may have come before the news of it: then what waits to be sent goes there.
    """
    if chat_of(old) != chat_of(new):
        old, new = chat_of(old), chat_of(new)
        await _move_topics(db, channel, old, new)
    known = await meet(db, channel, [old, new])
    if old not in known:
        return
    if new not in known:
        db.change(conversations, known[old].id, external=new)
        return
    await messages.readdress(db, known[old].id, known[new].id)
    db.change(conversations, known[old].id, reachable=False)


def chat_of(external: str) -> str:
    """The group of a topic; any other conversation is its own."""
    return external.partition("/")[0]


def _topics(channel: str, chat: str) -> tuple[ColumnElement[bool], ...]:
    """The conversations in topics of a group. No index helps; it is needed when a group moves or we are removed."""
    return conversations.c.channel == channel, conversations.c.external.like(f"{chat}/%")


async def _move_topics(db: Session, channel: str, old: str, new: str) -> None:
    await db.execute(
        update(conversations)
        .where(*_topics(channel, old))
        .values(external=literal(new).op("||")(func.substr(conversations.c.external, len(old) + 1)))
    )


async def set_group_reachable(db: Session, channel: str, chat: str, reachable: bool) -> None:
    """We were removed from a group, or are there again: it and its topics."""
    for where in (_topics(channel, chat), (conversations.c.channel == channel, conversations.c.external == chat)):
        await db.execute(update(conversations).where(*where).values(reachable=reachable))


def open_topic(db: Session, group: Conversation) -> Conversation:
    """A topic of its own in a group; the channel makes it when the first message goes there."""
    topic_id = new_id()
    return _open(db, Conversation(topic_id, group.channel, f"{group.external}/{NO_TOPIC_YET}{topic_id}", None,
                                  is_group=True, reachable=group.reachable))  # fmt: skip


async def set_reachable(db: Session, conversation_id: int, reachable: bool) -> None:
    db.change(conversations, conversation_id, reachable=reachable)
