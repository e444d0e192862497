"""Groups in which the staff of a municipality or a department works, and the topics in them that belong to cases."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from storage.database import Session
from storage.ids import new_id
from storage.models import case_history, case_topics, cases, conversations, incoming, outgoing, staff_groups

LONGEST_THREAD = 10  # Answers to answers that are followed.

GROUPS = (
    select(
        staff_groups.c.id,
        staff_groups.c.conversation_id,
        staff_groups.c.municipality,
        staff_groups.c.department,
        staff_groups.c.set_by,
        conversations.c.channel,
        conversations.c.external,
    )
    .select_from(staff_groups.join(conversations))
    .where(staff_groups.c.until.is_(None))
    .order_by(staff_groups.c.id)
)
BY_CHAT = GROUPS.where(
    conversations.c.channel == bindparam("channel"), conversations.c.external.in_(bindparam("chats", expanding=True))
)
BY_ID = GROUPS.where(staff_groups.c.id == bindparam("group_id"))
TOPICS = (
    select(case_topics, staff_groups.c.conversation_id.label("home"))
    .select_from(case_topics.join(staff_groups, staff_groups.c.id == case_topics.c.group_id))
    .order_by(case_topics.c.id.desc())
)


async def by_chat(db: Session, channel: str, chats: Collection[str]) -> dict[str, Row[Any]]:
    """Those of these chats that work with us, by the channel's own name."""
    return {row.external: row for row in await db.rows(BY_CHAT, channel=channel, chats=list(chats))}


async def one(db: Session, group_id: int) -> Row[Any] | None:
    return await db.first(BY_ID, group_id=group_id)


# --- What a message there is about ---


def _places(channel: str, chat: str) -> Any:
    """The conversations of a group that works, or worked, with us: its own and those of its topics."""
    room = (
        select(conversations.c.id)
        .where(conversations.c.channel == channel, conversations.c.external == chat)
        .scalar_subquery()
    )
    topics = (
        select(case_topics.c.conversation_id)
        .select_from(case_topics.join(staff_groups, staff_groups.c.id == case_topics.c.group_id))
        .where(staff_groups.c.conversation_id == room)
    )
    return topics.union_all(select(room))


async def answered(db: Session, channel: str, chat: str, ref: str) -> tuple[int, Row[Any] | None] | None:
    """What a message of a group answers: the conversation, and our own message at the root of it.

    Somebody may answer a colleague who answered us: the thread is followed to where it began.
    """
    places = _places(channel, chat)
    theirs: int | None = None
    for _ in range(LONGEST_THREAD):
        ours = await db.first(
            select(outgoing.c.id, outgoing.c.conversation_id, outgoing.c.content, outgoing.c.about)
            .where(outgoing.c.conversation_id.in_(places), outgoing.c.external == ref)
            .order_by(outgoing.c.id)
        )
        if ours:
            return ours.conversation_id, ours
        said = await db.first(
            select(incoming.c.conversation_id, incoming.c.content)
            .where(incoming.c.conversation_id.in_(places), incoming.c.content["ref"].as_string() == ref)
        )  # fmt: skip
        if said is None:
            break
        theirs = said.conversation_id
        if not said.content.get("reply_to"):
            break
        ref = said.content["reply_to"]
    return (theirs, None) if theirs else None


async def album(db: Session, channel: str, chat: str, name: str) -> int | None:
    """The conversation in which the other parts of an album wait: only the first may say what it answers."""
    place = await db.value(
        select(incoming.c.conversation_id)
        .where(incoming.c.state == "waiting", incoming.c.content["album"].as_string() == name)
        .where(incoming.c.conversation_id.in_(_places(channel, chat)))
        .limit(1)
    )
    return place  # type: ignore[no-any-return]


# --- Topics ---


def open_topic(db: Session, case_id: int, group_id: int, conversation_id: int, card_id: int) -> None:
    """This conversation and this card belong to a case, for ever."""
    db.add(
        case_topics,
        id=new_id(),
        case_id=case_id,
        group_id=group_id,
        conversation_id=conversation_id,
        card_id=card_id,
        state="open",
        since=db.now,
    )


async def topics_of(db: Session, case_id: int) -> Sequence[Row[Any]]:
    """Where a case is and was worked on, the newest first; `home` is the conversation of the group."""
    return await db.rows(TOPICS.where(case_topics.c.case_id == case_id))


async def case_in(db: Session, conversation_id: int) -> Row[Any] | None:
    """The topic that this conversation is, if it is one."""
    return await db.first(TOPICS.where(case_topics.c.conversation_id == conversation_id))


async def shown_until(db: Session, topic: Row[Any]) -> int:
    """The number of the newest version of a card. Row numbers sort by time: history above it is not shown yet."""
    newest = await db.value(
        select(func.max(outgoing.c.id)).where(
            outgoing.c.conversation_id == topic.conversation_id,
            (outgoing.c.id == topic.card_id) | (outgoing.c.replaces == topic.card_id),
        )
    )
    return int(newest or 0)


async def is_sent(db: Session, topic: Row[Any]) -> bool:
    """Whether the newest version of a card is there, or on its way."""
    state = await db.value(
        select(outgoing.c.state).where(outgoing.c.id == await shown_until(db, topic))
    )  # fmt: skip
    return state not in ("failed", "expired", "unknown")


def set_state(db: Session, topic_id: int, state: str) -> None:
    db.change(case_topics, topic_id, state=state)


async def changed_since(db: Session, history_id: int, many: int = 200) -> tuple[list[int], int]:
    """The cases with news above that row of the history, and the row up to which this holds."""
    rows = await db.rows(
        select(case_history.c.id, case_history.c.case_id)
        .where(case_history.c.id > history_id)
        .order_by(case_history.c.id)
        .limit(many)
    )
    return list(dict.fromkeys(row.case_id for row in rows)), rows[-1].id if rows else history_id


async def open_cases(db: Session, municipality: str, department: str | None, many: int) -> Sequence[int]:
    """The open cases of a department (None: of the municipality), the oldest first; sensitive ones are no group's."""
    rows = await db.rows(
        select(cases.c.id)
        .where(cases.c.municipality == municipality, cases.c.decided_at.is_(None), cases.c.is_sensitive.is_(False))
        .where(*([cases.c.department == department] if department else []))
        .order_by(cases.c.filed_at)
        .limit(many)
    )
    return [row.id for row in rows]


async def topics_in_group(db: Session, home: int) -> Sequence[Row[Any]]:
    return await db.rows(TOPICS.where(case_topics.c.state == "open", staff_groups.c.conversation_id == home))
