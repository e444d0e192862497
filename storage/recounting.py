"""Running dates, computed again when the calendar changes. The date first told stays; the history says what moved."""

import hashlib

from sqlalchemy import select

from storage import cases, nationaldays, workcalendar
from storage.caserecord import THE_CLOCK, Actor, Moved, Tell, from_row
from storage.cases import today
from storage.claims import claim, forget
from storage.database import Session
from storage.models import cases as table
from storage.workcalendar import Calendar

c = table.c


async def recompute(db: Session, municipality: str, actor: Actor = THE_CLOCK) -> list[Moved]:
    """Compute the running dates of a municipality again by its calendar as it is now; returns what moved.

    Call it after `workcalendar.set_day`. A date that has passed stays: nobody becomes late, or on time, afterwards.
    """
    calendar = await workcalendar.of(db, municipality)
    await claim(db, "calendar", municipality, _digest(calendar))
    await forget(db, "calendar", municipality, but=_digest(calendar))
    rows = await db.rows(
        select(table)
        .where(c.municipality == municipality, c.decided_at.is_(None), c.due_on >= today(db), c.basis.is_not(None))
        .with_for_update()
    )
    moved = []
    for case in map(from_row, rows):
        term = calendar.compute(case.steps)
        if term is None or (term.due == case.due_on and term.facts == case.basis):
            continue
        content = {"due_on": term.due.isoformat(), "earlier_due_on": case.due_on and case.due_on.isoformat(),
                   "basis": term.facts}  # fmt: skip
        if term.due != case.due_on:
            moved.append(
                await cases.move(db, case, actor, "recompute", content, due_on=term.due, basis=cases.basis(term))
            )
    return moved


async def recompute_once(db: Session, municipality: str, calendar: Calendar) -> list[Tell]:
    """The same, if the calendar changed since it was last done: a local day, or what is known of the national ones."""
    if not await claim(db, "calendar", municipality, _digest(calendar)):
        return []
    return [tell for moved in await recompute(db, municipality) for tell in moved.tell]


def _digest(calendar: Calendar) -> str:
    own = sorted((day.isoformat(), is_working) for day, (is_working, _name) in calendar.own.items())
    return hashlib.sha256(f"{nationaldays.digest()}{own}".encode()).hexdigest()[:32]
