"""Who wants the figures sent: at once, every week, every month. A row each, claimed once."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from storage import workcalendar
from storage.database import Session
from storage.ids import new_id
from storage.models import report_wishes
from storage.months import SOFIA, Month
from storage.walltime import local_day, moment

WEEKLY, MONTHLY = time(8, 30), time(10, 0)  # The monthly report is published before, on the same day.
REGULAR = ("week", "month")

w = report_wishes.c
DUE = (
    select(report_wishes)
    .where(w.done_at.is_(None), w.due_at <= bindparam("now"))
    .order_by(w.due_at)
    .limit(bindparam("many"))
)


async def once(db: Session, person_id: int, conversation_id: int, municipality: str, month: Month) -> None:
    """Send the figures of a month as soon as they are drawn."""
    _add(db, person_id, conversation_id, municipality, "once", db.now, month.name)


async def regularly(db: Session, person_id: int, conversation_id: int, municipality: str, every: str) -> datetime:
    """Send them every week or month from now on; says when first. A second wish takes the place of the first."""
    await stop(db, person_id, municipality)
    due = await next_due(db, municipality, every)
    _add(db, person_id, conversation_id, municipality, every, due, None)
    return due


def _add(
    db: Session,
    person_id: int,
    conversation_id: int,
    municipality: str,
    every: str,
    due_at: datetime,
    month: str | None,
) -> None:
    db.add(report_wishes, id=new_id(), person_id=person_id, conversation_id=conversation_id, municipality=municipality,
           every=every, month=month, due_at=due_at)  # fmt: skip


async def stop(db: Session, person_id: int, municipality: str) -> bool:
    result = await db.execute(
        update(report_wishes)
        .where(w.person_id == person_id, w.municipality == municipality)
        .where(w.every.in_(REGULAR), w.done_at.is_(None))
        .values(done_at=db.now)
    )
    return bool(result.rowcount)


async def regular(db: Session, person_id: int, municipality: str) -> str | None:
    """How often this person gets the figures of a municipality."""
    found = await db.value(
        select(w.every).where(
            w.person_id == person_id, w.municipality == municipality, w.every.in_(REGULAR), w.done_at.is_(None)
        )
    )
    return found  # type: ignore[no-any-return]


async def any_due(db: Session) -> bool:
    return await db.first(DUE, now=db.now, many=1) is not None


async def due(db: Session, many: int = 20) -> Sequence[Row[Any]]:
    return await db.rows(DUE, now=db.now, many=many)


async def claim(db: Session, row: Row[Any]) -> bool:
    """Take one: it is sent by whoever gets True. A regular one is due again later."""
    values: dict[str, Any] = {"last_at": db.now}
    if row.every == "once":
        values["done_at"] = db.now
    else:
        values["due_at"] = await next_due(db, row.municipality, row.every)
    claimed = await db.execute(
        update(report_wishes).where(w.id == row.id, w.due_at == row.due_at, w.done_at.is_(None)).values(**values)
    )
    return bool(claimed.rowcount)


def wanted_month(row: Row[Any], now: datetime) -> Month:
    """The month that was named; else for a week the running one, for a month the one that ended."""
    named = Month.named(row.month) if row.month else None
    if named:
        return named
    return Month.of(now) if row.every == "week" else Month.of(now).previous


async def next_due(db: Session, municipality: str, every: str) -> datetime:
    """The next Monday morning, or the morning of the first working day of next month."""
    today = local_day(db.now, SOFIA)
    if every == "week":
        return moment(today + timedelta(days=7 - today.weekday()), WEEKLY, SOFIA)
    calendar = await workcalendar.of(db, municipality)
    return moment(calendar.next_working(Month.of(db.now).next.first_day), MONTHLY, SOFIA)


async def waiting(db: Session, person_id: int) -> int:
    """How many reports this person has asked for and not got yet."""
    found = await db.value(
        select(func.count())
        .select_from(report_wishes)
        .where(w.person_id == person_id, w.every == "once", w.done_at.is_(None))
    )
    return int(found or 0)
