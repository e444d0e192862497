"""Who is away, and who stands in for them."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from storage.database import Session
from storage.ids import new_id
from storage.models import absences

LONGEST_CHAIN = 5  # A substitute may be away, too; further than this nobody knows the case.
_ON = select(absences).where(
    absences.c.first_day <= bindparam("day"), absences.c.last_day >= bindparam("day"), absences.c.ended_at.is_(None)
)
OF = _ON.where(absences.c.person_id == bindparam("person_id")).order_by(absences.c.id.desc()).limit(1)
OF_MANY = _ON.where(absences.c.person_id.in_(bindparam("people", expanding=True))).order_by(absences.c.id)
FOR = _ON.where(absences.c.substitute_id == bindparam("person_id")).order_by(absences.c.id)


async def set_absence(
    db: Session, person_id: int, first: date, last: date, substitute_id: int | None = None
) -> bool:  # fmt: skip
    """Say that somebody is away from `first` to `last`; it replaces what was said of the same days before."""
    if last < first or substitute_id == person_id:
        return False
    await db.execute(
        update(absences)
        .where(absences.c.person_id == person_id, absences.c.ended_at.is_(None))
        .where(absences.c.first_day <= last, absences.c.last_day >= first)
        .values(ended_at=db.now)
    )
    db.add(absences, id=new_id(), person_id=person_id, substitute_id=substitute_id, first_day=first, last_day=last,
           set_at=db.now)  # fmt: skip
    return True


async def end(db: Session, person_id: int) -> bool:
    """They are back."""
    result = await db.execute(
        update(absences).where(absences.c.person_id == person_id, absences.c.ended_at.is_(None)).values(ended_at=db.now)
    )
    return bool(result.rowcount)


async def absence_of(db: Session, person_id: int, day: date) -> Row[Any] | None:
    return await db.first(OF, person_id=person_id, day=day)


async def substitute_of(db: Session, person_id: int, day: date) -> int | None:
    """Who stands in for somebody that day: None when they are there, or when nobody does."""
    found, current = None, person_id
    for _ in range(LONGEST_CHAIN):
        absence = await absence_of(db, current, day)
        if absence is None:
            return found
        if absence.substitute_id is None or absence.substitute_id == person_id:
            return None
        found = current = absence.substitute_id
    return None


async def absent(db: Session, people: Collection[int], day: date) -> dict[int, int | None]:
    """Those of these people who are away, with their substitutes."""
    return {row.person_id: row.substitute_id for row in await db.rows(OF_MANY, people=list(people), day=day)}


async def stands_in_for(db: Session, person_id: int, day: date) -> Sequence[int]:
    """For whom somebody stands in that day."""
    return [row.person_id for row in await db.rows(FOR, person_id=person_id, day=day)]
