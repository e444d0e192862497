"""Groups in which the staff of a municipality or a department works, and the topics in them that belong to cases."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from storage.database import Session
from storage.ids import new_id
from storage.models import case_topics, conversations, staff_groups
from storage.people import Conversation

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
BY_PLACE = GROUPS.where(staff_groups.c.municipality == bindparam("municipality"))
BY_ID = GROUPS.where(staff_groups.c.id == bindparam("group_id"))
TOPICS = select(case_topics).order_by(case_topics.c.id.desc())


async def by_chat(db: Session, channel: str, chats: Collection[str]) -> dict[str, Row[Any]]:
    """Those of these chats that work with us, by the channel's own name."""
    return {row.external: row for row in await db.rows(BY_CHAT, channel=channel, chats=list(chats))}


async def register(
    db: Session, group: Conversation, municipality: str, department: str | None, person_id: int
) -> int:  # fmt: skip
    """From now on this group works on the cases of that department (None: of the municipality's that have no group)."""
    await leave(db, group.id)
    group_id = new_id()
    db.add(
        staff_groups,
        id=group_id,
        conversation_id=group.id,
        municipality=municipality,
        department=department,
        external=group.external,
        set_by=person_id,
        since=db.now,
    )
    return group_id


async def leave(db: Session, conversation_id: int) -> bool:
    done = await db.execute(
        update(staff_groups)
        .where(staff_groups.c.conversation_id == conversation_id, staff_groups.c.until.is_(None))
        .values(until=db.now)
    )
    return bool(done.rowcount)


async def for_case(db: Session, municipality: str, department: str | None) -> Row[Any] | None:
    """The group that works on a case: its department's own before the municipality's."""
    rows = await db.rows(BY_PLACE, municipality=municipality)
    own = [row for row in rows if department and row.department == department]
    common = [row for row in rows if row.department is None]
    return next(iter([*own, *common]), None)


async def one(db: Session, group_id: int) -> Row[Any] | None:
    return await db.first(BY_ID, group_id=group_id)


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


async def topic_of(db: Session, case_id: int) -> Row[Any] | None:
    """Where a case is worked on now: the newest, for a case may go on to another department's group."""
    return await db.first(TOPICS.where(case_topics.c.case_id == case_id))


async def topics_in(db: Session, conversation_id: int) -> Row[Any] | None:
    """The case of a conversation."""
    return await db.first(TOPICS.where(case_topics.c.conversation_id == conversation_id))


async def open_topics(db: Session, group_id: int) -> Sequence[Row[Any]]:
    return await db.rows(TOPICS.where(case_topics.c.group_id == group_id, case_topics.c.state == "open"))


def set_state(db: Session, topic_id: int, state: str) -> None:
    db.change(case_topics, topic_id, state=state)
