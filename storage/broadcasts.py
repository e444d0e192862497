"""Announcements on their way: recipients become rows of the outbox a window at a time, and rows are claimed to be sent.

A message to many is claimed before the attempt and never repeated when nobody knows whether it arrived. What somebody
does not want any more, or what is paused or stopped, is sorted out when it is claimed.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, case, exists, func, or_, select, update

from storage import journal, messages
from storage.announcements import EMERGENCY_LANE, PREFIX, Announcement
from storage.audiences import EMERGENCY_SCOPE, ORDINARY
from storage.database import Session
from storage.messages import Letter
from storage.models import announcement_recipients, announcements, conversations, outgoing, unsubscribed

HELD_FOR = timedelta(days=2)  # So long after its end somebody's memory may still hold a row of a stopped one.

HELD = select(announcements.c.id).where(
    or_(
        announcements.c.state == "paused",
        and_(announcements.c.state == "stopped", announcements.c.ended_at > bindparam("since")),
    )
)
UNWANTED = exists().where(
    unsubscribed.c.person_id == conversations.c.person_id,
    unsubscribed.c.scope == case((outgoing.c.lane == EMERGENCY_LANE, EMERGENCY_SCOPE), else_=ORDINARY),
    outgoing.c.about.like(f"{PREFIX}%"),
)
HELD_ROW = func.coalesce(outgoing.c.about.in_(bindparam("held", expanding=True)), False)
TO_SEND = (
    messages.LETTERS.order_by(None)
    .order_by(outgoing.c.due_at, outgoing.c.id)
    .add_columns(UNWANTED.label("is_unwanted"))
    .where(outgoing.c.state.in_(messages.WAITING), outgoing.c.state == "due")  # The former for the partial index.
    .where(outgoing.c.lane == bindparam("lane"), outgoing.c.channel == bindparam("channel"))
    .where(outgoing.c.lane >= EMERGENCY_LANE, outgoing.c.due_at <= bindparam("now"), ~HELD_ROW)
    .limit(bindparam("many"))
)  # fmt: skip
RECHECK = (
    select(outgoing.c.id, UNWANTED.label("is_unwanted"), HELD_ROW.label("is_held"))
    .select_from(outgoing.join(conversations))
    .where(outgoing.c.id.in_(bindparam("ids", expanding=True)))
)
WAITING = (
    select(func.count())
    .select_from(outgoing)
    .where(outgoing.c.state.in_(messages.WAITING), outgoing.c.lane == bindparam("lane"))
    .where(outgoing.c.channel.in_(bindparam("channels", expanding=True)))
    .where(outgoing.c.about == bindparam("about"), outgoing.c.due_at <= bindparam("now"))
    .where(outgoing.c.lane >= EMERGENCY_LANE)
)
CORRECTED = (
    select(
        announcement_recipients.c.person_id,
        announcement_recipients.c.language,
        announcement_recipients.c.conversation_id,
        announcement_recipients.c.message_id.label("replaces"),
        conversations.c.channel,
        conversations.c.external,
    )
    .select_from(
        announcement_recipients.join(outgoing, outgoing.c.id == announcement_recipients.c.message_id).join(
            conversations, conversations.c.id == announcement_recipients.c.conversation_id
        )
    )
    .where(announcement_recipients.c.announcement_id == bindparam("announcement_id"))
    .where(announcement_recipients.c.person_id > bindparam("after"))
    .where(
        or_(
            outgoing.c.state.in_(["sent", "delivered", "seen", "unknown"]),
            and_(outgoing.c.channel == "web", outgoing.c.state.in_(messages.WAITING)),
        )
    )
    .order_by(announcement_recipients.c.person_id)
    .limit(bindparam("many"))
)


# --- Recipients ---


async def corrected(db: Session, announcement_id: int, after: int, many: int) -> tuple[Sequence[Row[Any]], int | None]:
    """The next of those who have got an announcement, with the message that is to be rewritten."""
    found = await db.rows(CORRECTED, announcement_id=announcement_id, after=after, many=many)
    return found, (found[-1].person_id if found else None)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one recipient gets."""

    content: dict[str, Any]
    words: bytes  # The same as the journal writes it.
    due_at: datetime


async def resolve(
    db: Session, one: Announcement, found: Sequence[Row[Any]], upto: int | None,
    sheet: Callable[[Row[Any]], Sheet],
) -> list[Letter] | None:  # fmt: skip
    """Write the messages of a window together with how far it is; None when somebody else has moved it on."""
    moved = await db.execute(
        update(announcements)
        .where(announcements.c.id == one.id, announcements.c.state == "sending", announcements.c.cursor == one.cursor)
        .values(cursor=upto or one.cursor, resolved=one.resolved + len(found), is_resolved=upto is None)
    )
    if not moved.rowcount:
        return None
    one.cursor, one.resolved, one.is_resolved = upto or one.cursor, one.resolved + len(found), upto is None
    return [_write(db, one, row, sheet(row)) for row in sorted(found, key=lambda row: row.conversation_id)]


def _write(db: Session, one: Announcement, row: Row[Any], sheet: Sheet) -> Letter:
    content = sheet.content
    replaces = getattr(row, "replaces", None)
    message_id = messages.say(
        db, row.conversation_id, content, channel=row.channel, lane=one.lane, about=one.about, due_at=sheet.due_at,
        replaces=replaces, words=sheet.words,
    )  # fmt: skip
    db.add(
        announcement_recipients, announcement_id=one.id, person_id=row.person_id,
        conversation_id=row.conversation_id, message_id=message_id, language=row.language,
    )  # fmt: skip
    if content.get("choices") and sheet.due_at <= db.now:  # So that each can be typed.
        menu = [[option["label"], option.get("do", "")] for line in content["choices"] for option in line]
        db.change(conversations, row.conversation_id, menu=menu)
    return Letter(
        id=message_id, conversation_id=row.conversation_id, channel=row.channel, address=row.external, is_group=False,
        lane=one.lane, content=content, replaces_id=replaces,
    )  # fmt: skip


async def waiting(db: Session, one: Announcement, channels: Collection[str]) -> int:
    """How many of its messages could go out now and have not yet."""
    many = await db.value(WAITING, lane=one.lane, channels=list(channels), about=one.about, now=db.now)
    return int(many)


def told(db: Session, one: Announcement, progress_id: int) -> None:
    """Its author has been told how far it is."""
    one.progress_id, one.told_at = progress_id, db.now
    db.change(announcements, one.id, progress_id=progress_id, told_at=db.now)


# --- Sending ---


def _since(db: Session) -> datetime:
    return db.now - HELD_FOR


async def _held(db: Session) -> list[str]:
    rows = await db.rows(HELD, since=_since(db))
    return [f"{PREFIX}{row.id:x}" for row in rows]


async def to_send(db: Session, channel: str, lane: int, many: int) -> tuple[list[Letter], list[int]]:
    """Return the next waiting messages of a lane to many, and the numbers of those that nobody wants any more."""
    rows = await db.rows(TO_SEND, channel=channel, lane=lane, many=many, now=db.now, held=await _held(db))
    return [messages.letter(row) for row in rows if not row.is_unwanted], [row.id for row in rows if row.is_unwanted]


async def claim(db: Session, ids: Sequence[int]) -> set[int]:
    """Note before the attempt that it is made. Returns those that were still to be sent."""
    rows = await db.rows(
        update(outgoing)
        .where(outgoing.c.id.in_(ids), outgoing.c.state == "due")
        .values(state="claimed")
        .returning(outgoing.c.id)
    )
    return {row.id for row in rows}


async def recheck(db: Session, ids: Collection[int]) -> tuple[set[int], set[int]]:
    """Of messages that wait in memory: those that nobody wants any more, and those that are held back now."""
    rows = await db.rows(RECHECK, ids=list(ids), held=await _held(db))
    unwanted = {row.id for row in rows if row.is_unwanted}
    return unwanted, {row.id for row in rows if row.is_held} - unwanted


async def drop(db: Session, ids: Collection[int], reason: str) -> None:
    """These are not sent, and why."""
    await _end(db, outgoing.c.id.in_(ids), outgoing.c.state.in_(messages.WAITING), reason=reason)


async def give_back(db: Session, ids: Collection[int]) -> None:
    """These were claimed and surely not attempted. What belongs to a stopped announcement ends here."""
    await db.execute(update(outgoing).where(outgoing.c.id.in_(ids), outgoing.c.state == "claimed").values(state="due"))
    stopped = await db.rows(
        select(announcements.c.id).where(announcements.c.state == "stopped", announcements.c.ended_at > _since(db))
    )
    if stopped:
        abouts = [f"{PREFIX}{row.id:x}" for row in stopped]
        await _end(db, outgoing.c.id.in_(ids), outgoing.c.about.in_(abouts), reason="stopped")


async def end(db: Session, one: Announcement) -> None:
    """What has not gone out yet of a stopped announcement never does."""
    await _end(db, outgoing.c.lane >= EMERGENCY_LANE, outgoing.c.about == one.about, reason="stopped")


async def _end(db: Session, *which: ColumnElement[bool], reason: str) -> None:
    waits = outgoing.c.state.in_(messages.WAITING) if reason != "stopped" else outgoing.c.state == "due"
    ended = await db.rows(
        update(outgoing)
        .where(*which, waits)
        .values(state="expired", reason=reason, changed_at=db.now)
        .returning(outgoing.c.id)
    )
    for row in ended:
        journal.delivered(db, row.id, "expired")


async def end_claims(db: Session, channel: str, lane: int, attempted: Collection[int] | None) -> int:
    """After a crash: what was claimed and attempted may have arrived; what was only claimed waits again.

    `attempted` is None when nobody knows. Returns how many are `unknown` now.
    """
    if attempted is not None:
        mine = [outgoing.c.channel == channel, outgoing.c.lane == lane, outgoing.c.state == "claimed"]
        claimed = {row.id for row in await db.rows(select(outgoing.c.id).where(*mine))}
        await give_back(db, claimed - set(attempted))
    return await messages.give_up_claimed(db, channel, lane)
