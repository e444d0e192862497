"""The working days of Bulgaria and of each municipality, and terms counted by them, each with how it was computed.

A term is a list of steps, kept with the case as JSON: when the calendar changes, the same steps give the new date. A
step is one of

    {"what": "term", "from": "2027-01-14", "months": 2}         the law's term, from the day of filing
    {"what": "extension", "months": 1, "on": …, "edition": …}   a lawful extension, from where the term before it ended
    {"what": "pause", "days": 5, "first": …, "last": …}         days that do not count

and what a date was computed from is told as facts for whoever puts it into words (`Term.facts`).
"""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select

from storage import journal, nationaldays
from storage.database import Session
from storage.ids import new_id
from storage.models import local_days

DAY = timedelta(days=1)
MOST_MOVED = 30  # No row of free days is longer; more means a broken calendar.
Step = Mapping[str, Any]
Local = Mapping[str, str]

_OF = (
    select(local_days.c.id, local_days.c.day, local_days.c.is_working, local_days.c.name, local_days.c.municipality)
    .where(local_days.c.removed_at.is_(None))
    .order_by(local_days.c.municipality.is_not(None), local_days.c.id)  # The municipality's own word is the last.
)
OF = _OF.where((local_days.c.municipality == bindparam("municipality")) | local_days.c.municipality.is_(None))


class CalendarTrouble(Exception):
    """The calendar has no working day where one must be."""


@dataclass(frozen=True, slots=True)
class Term:
    """A date, and the facts it came from."""

    due: date
    reached: date  # Where the count alone ends; `due` is later when that day is not a working day.
    steps: tuple[dict[str, Any], ...]  # Each with where it ended ("reached").
    moved: tuple[dict[str, Any], ...]  # The free days passed over at the end, and why each is free.

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "due": self.due.isoformat(),
            "reached": self.reached.isoformat(),
            "steps": list(self.steps),
            "moved": list(self.moved),
        }


class Calendar:
    """The national calendar with a municipality's own days laid over."""

    def __init__(self, own: Mapping[date, tuple[bool, Local]] | None = None) -> None:
        self.own = own or {}

    def is_working(self, day: date) -> bool:
        if (mine := self.own.get(day)) is not None:
            return mine[0]
        return nationaldays.of(day).is_working(day)

    def why_free(self, day: date) -> dict[str, Any] | None:
        """Why nobody works on a day: `local` or `holiday` with its name, or `weekend`; None when they do."""
        if self.is_working(day):
            return None
        told: dict[str, Any] = {"day": day.isoformat(), "weekday": day.weekday()}
        if (mine := self.own.get(day)) is not None:
            return told | {"why": "local", "name": dict(mine[1])}
        if name := nationaldays.of(day).name(day):
            return told | {"why": "holiday", "name": name}
        return told | {"why": "weekend"}

    def next_working(self, day: date) -> date:
        """`day`, or the first working day behind it."""
        return self._onward(day)[0]

    def _onward(self, day: date) -> tuple[date, tuple[dict[str, Any], ...]]:
        passed = []
        while (why := self.why_free(day)) is not None:
            passed.append(why)
            day += DAY
            if len(passed) > MOST_MOVED:
                raise CalendarTrouble(day)
        return day, tuple(passed)

    def add_working(self, day: date, count: int) -> date:
        """The `count`-th working day behind `day`; with none to count, `day` or the first working day behind it."""
        if count == 0:
            return self.next_working(day)
        for _ in range(count):
            day = self.next_working(day + DAY)
        return day

    def back_working(self, day: date, count: int) -> date:
        """The last day from which `count` working days have passed when `day` has come."""
        passed = 0
        while passed < count:
            passed += self.is_working(day)
            day -= DAY
        return day

    def working_between(self, first: date, last: date) -> int:
        """The working days behind `first` up to and with `last`."""
        return sum(self.is_working(first + DAY * count) for count in range(1, (last - first).days + 1))

    def compute(self, steps: Sequence[Step]) -> Term | None:
        """The date that the steps lead to, moved to a working day; None where nothing sets a term."""
        reached: date | None = None
        told = []
        for step in steps:
            start = date.fromisoformat(step["from"]) if "from" in step else reached
            if start is None:
                continue
            reached = self._after(start, step)
            told.append({**step, "reached": reached.isoformat()})
        if reached is None:
            return None
        due, moved = self._onward(reached)
        return Term(due, reached, tuple(told), moved)

    def _after(self, start: date, step: Step) -> date:
        if months := step.get("months"):
            return add_months(start, months)
        days = step.get("days") or 0
        return self.add_working(start, days) if step.get("unit") == "working" else start + DAY * days


def add_months(day: date, count: int) -> date:
    """The day of the same number `count` months later, or the last of its month where there is none."""
    month = day.month - 1 + count
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def from_rows(rows: Iterable[Row[Any]]) -> Calendar:
    return Calendar({row.day: (row.is_working, row.name) for row in rows})


async def of(db: Session, municipality: str) -> Calendar:
    """The calendar of a municipality today. A handful of rows; read once a turn."""
    return from_rows(await db.rows(OF, municipality=municipality))


async def local(db: Session, municipality: str | None, since: date) -> Sequence[Row[Any]]:
    """The days that somebody added, from `since` on."""
    return await db.rows(OF.where(local_days.c.day >= since).order_by(None).order_by(local_days.c.day),
                         municipality=municipality)  # fmt: skip


async def set_day(
    db: Session, municipality: str | None, day: date, *, is_working: bool, name: Local, by: int | None
) -> int:
    """Say of a day that it is free, or worked, in a municipality or in all. What was said of it before ends.

    Dates that were told do not change by this: `caseclock.recompute` does that, with a trace.
    """
    await remove_day(db, municipality, day)
    row_id = new_id()
    db.add(local_days, id=row_id, municipality=municipality, day=day, is_working=is_working, name=dict(name),
           added_by=by, added_at=db.now)  # fmt: skip
    journal.record(db, "calendar-day", {"municipality": municipality, "day": day.isoformat(), "working": is_working})
    return row_id


async def remove_day(db: Session, municipality: str | None, day: date) -> bool:
    result = await db.execute(
        local_days.update()
        .where(local_days.c.municipality.is_not_distinct_from(municipality))
        .where(local_days.c.day == day, local_days.c.removed_at.is_(None))
        .values(removed_at=db.now)
    )
    if result.rowcount:
        journal.record(db, "calendar-day-removed", {"municipality": municipality, "day": day.isoformat()})
    return bool(result.rowcount)
