"""Reminders that people asked for: a row each, claimed once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from storage.database import Session
from storage.ids import new_id
from storage.models import reminders

USEFUL_FOR = timedelta(days=2)  # One that fell due longer ago, while nothing ran, would only puzzle.
OPEN = select(reminders).where(reminders.c.done_at.is_(None))
DUE = OPEN.where(reminders.c.due_at <= bindparam("now")).order_by(reminders.c.due_at).limit(bindparam("many"))


async def remind(db: Session, *, person_id: int, conversation_id: int, about: str, due_at: datetime) -> None:
    """Remind somebody of something; a second wish about the same replaces the first."""
    await cancel(db, person_id, about)
    db.add(
        reminders, id=new_id(), person_id=person_id, conversation_id=conversation_id, about=about, due_at=due_at
    )  # fmt: skip


async def cancel(db: Session, person_id: int, about: str) -> bool:
    result = await db.execute(
        update(reminders)
        .where(reminders.c.person_id == person_id, reminders.c.about == about, reminders.c.done_at.is_(None))
        .values(done_at=db.now, outcome="cancelled")
    )
    return bool(result.rowcount)


async def waiting(db: Session, person_id: int, about: str) -> datetime | None:
    """When somebody will be reminded of this, if they will."""
    due_at = await db.value(
        select(reminders.c.due_at).where(
            reminders.c.person_id == person_id, reminders.c.about == about, reminders.c.done_at.is_(None)
        )
    )
    return due_at  # type: ignore[no-any-return]


async def any_due(db: Session) -> bool:
    return await db.first(DUE, now=db.now, many=1) is not None


async def take_due(db: Session, many: int = 100) -> Sequence[Row[Any]]:
    """Claim what is due: each row goes to one caller only. Those too old to be of use are dropped, with a record."""
    found = await db.rows(DUE, now=db.now, many=many)
    useful = []
    for row in found:
        is_useful = db.now - row.due_at <= USEFUL_FOR
        claimed = await db.execute(
            update(reminders)
            .where(reminders.c.id == row.id, reminders.c.done_at.is_(None))
            .values(done_at=db.now, outcome="sent" if is_useful else "dropped")
        )
        if claimed.rowcount and is_useful:
            useful.append(row)
    return useful
