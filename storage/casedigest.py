"""The morning digest of each department: how much waits, what is late, what falls due."""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import case, func, or_, select

from storage import offices
from storage.caselists import conditions
from storage.caserecord import Tell
from storage.caserules import Rules
from storage.cases import today
from storage.database import Session
from storage.models import cases, unanswered
from storage.workcalendar import Calendar

SHOWN = 10  # Of the late and the due ones, by number; the inbox has the rest.
COUNTED = ("open", "overdue", "due-soon", "unassigned", "waiting", "undelivered", "unnumbered", "not-solved")
c = cases.c


async def digests(db: Session, rules: Rules, municipality: str, calendar: Calendar) -> list[Tell]:
    """One for each department that has something open; sensitive cases are counted nowhere but with the secretary.

    Questions that nobody has answered yet stand in that of the department to which everything else goes.
    """
    day = today(db)
    counted = await _counts(db, rules, municipality, day, calendar)
    shown = await _shown(db, rules, municipality, day, calendar)
    desk = await offices.department_for(db, municipality, None, None)
    questions: int = await db.value(
        select(func.count())
        .select_from(unanswered)
        .where(unanswered.c.closed_at.is_(None), unanswered.c.municipality == municipality)
    )
    if questions and desk not in counted:
        counted[desk] = dict.fromkeys(COUNTED, 0)
    return [
        Tell(to="department", what="digest", municipality=municipality, department=department,
             facts={"day": day.isoformat(), "counts": counts, "questions": questions if department == desk else 0,
                    **shown[department]})
        for department, counts in counted.items()
    ]  # fmt: skip


async def _counts(
    db: Session, rules: Rules, municipality: str, day: date, calendar: Calendar
) -> dict[str | None, dict[str, int]]:  # fmt: skip
    known = conditions(rules, (), day, calendar)
    sums = [func.coalesce(func.sum(case((known[name], 1), else_=0)), 0) for name in COUNTED]
    alive = or_(c.decided_at.is_(None), c.closed_at.is_(None), c.undelivered_at.is_not(None))
    rows = await db.rows(
        select(c.department, *sums)
        .where(c.municipality == municipality, c.is_sensitive.is_(False), alive)
        .group_by(c.department)
        .order_by(c.department)
    )
    counted = {row[0]: dict(zip(COUNTED, map(int, row[1:]), strict=True)) for row in rows}
    return {department: counts for department, counts in counted.items() if any(counts.values())}


async def _shown(
    db: Session, rules: Rules, municipality: str, day: date, calendar: Calendar
) -> defaultdict[str | None, dict[str, list[Any]]]:  # fmt: skip
    """The first late ones and those that fall due within the day or the next, of each department."""
    known = conditions(rules, (), day, calendar)
    soon = (c.due_on >= day) & (c.due_on <= calendar.add_working(day, 1))
    place = func.row_number().over(partition_by=(c.department, c.due_on < day), order_by=(c.due_on, c.id))
    numbered = (
        select(c.department, c.id, c.due_on, place.label("place"))
        .where(c.municipality == municipality, c.is_sensitive.is_(False))
        .where(or_(known["overdue"], known["open"] & soon))
        .subquery()
    )
    shown: defaultdict[str | None, dict[str, list[Any]]] = defaultdict(lambda: {"overdue": [], "due": []})
    for row in await db.rows(select(numbered).where(numbered.c.place <= SHOWN).order_by(numbered.c.due_on)):
        shown[row.department]["overdue" if row.due_on < day else "due"].append(str(row.id))
    return shown
