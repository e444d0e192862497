"""Reminders that people asked for: a row each, claimed once."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from storage.database import Session
from storage.ids import new_id
from storage.models import reminders

USEFUL_FOR = timedelta(days=2)  # One that fell due longer ago, while nothing ran, would only puzzle.
MOMENT = timedelta(microseconds=1)
OPEN = select(reminders).where(reminders.c.done_at.is_(None))
DUE = OPEN.where(reminders.c.due_at <= bindparam("now")).order_by(reminders.c.due_at).limit(bindparam("many"))


async def remind(
    db: Session,
    *,
    person_id: int,
    conversation_id: int,
    about: str,
    due_at: datetime,
    note: str | None = None,
    for_at: datetime | None = None,
    useful_until: datetime | None = None,
) -> None:
    """Remind somebody of something; a second wish about the same replaces the first.

    `for_at` is the hour that it reminds of, `useful_until` when it comes too late (None: some days after it was due).
    """
    await cancel(db, person_id, about)
    db.add(
        reminders, id=new_id(), person_id=person_id, conversation_id=conversation_id, about=about, due_at=due_at,
        note=note, for_at=for_at, useful_until=useful_until,
    )  # fmt: skip


async def cancel(db: Session, person_id: int, about: str) -> bool:
    result = await db.execute(
        update(reminders)
        .where(reminders.c.person_id == person_id, reminders.c.about == about, reminders.c.done_at.is_(None))
        .values(done_at=db.now, outcome="cancelled")
    )
    return bool(result.rowcount)


async def cancel_all(db: Session, abouts: Collection[str], person_id: int | None = None) -> int:
    """Nobody (or this person) needs reminding of these any more; return how many waited."""
    waiting = update(reminders).where(reminders.c.about.in_(abouts), reminders.c.done_at.is_(None))
    if person_id is not None:
        waiting = waiting.where(reminders.c.person_id == person_id)
    result = await db.execute(waiting.values(done_at=db.now, outcome="cancelled"))
    return result.rowcount


async def void(db: Session, reminder_id: int) -> None:
    """It was due, but what it reminds of is not so any more."""
    db.change(reminders, reminder_id, outcome="void")


async def waiting(db: Session, person_id: int, about: str) -> datetime | None:
    """When somebody will be reminded of this, if they will."""
    due_at = await db.value(
        select(reminders.c.due_at).where(
            reminders.c.person_id == person_id, reminders.c.about == about, reminders.c.done_at.is_(None)
        )
    )
    return due_at  # type: ignore[no-any-return]


async def of(db: Session, person_id: int, about: str) -> Row[Any] | None:
    """What somebody will be reminded of about this, and when."""
    return await db.first(OPEN.where(reminders.c.person_id == person_id, reminders.c.about == about))


async def any_due(db: Session) -> bool:
    return await db.first(DUE, now=db.now, many=1) is not None


async def take_due(db: Session, many: int = 100) -> Sequence[Row[Any]]:
    """Claim what is due: each row goes to one caller only. Those too old to be of use are dropped, with a record."""
    found = await db.rows(DUE, now=db.now, many=many)
    useful = []
    for row in found:
        is_useful = db.now < (row.useful_until or row.due_at + USEFUL_FOR + MOMENT)
        claimed = await db.execute(
            update(reminders)
            .where(reminders.c.id == row.id, reminders.c.done_at.is_(None))
            .values(done_at=db.now, outcome="sent" if is_useful else "dropped")
        )
        if claimed.rowcount and is_useful:
            useful.append(row)
    return useful
