"""Time as the offices live it: the minutes between two moments in which the municipality was open."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from storage import workcalendar
from storage.database import Session
from storage.models import cases
from storage.months import SOFIA

OPENS, CLOSES = time(9, 0), time(17, 30)  # Of most Bulgarian administrations; the break at noon is not taken off.
DAY_MINUTES = 510
LAST_HOUR = time(16, 30)
YEARS = 6  # Back from now: older matters are no longer worked in anew.


class OfficeTime:
    """Counts working days once, so that a hundred thousand spans cost two look-ups each."""

    def __init__(self, is_working: Callable[[date], bool], first: date, last: date) -> None:
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        self.first, self.last = first, last
        self._working = [day.toordinal() for day in days if is_working(day)]

    def covers(self, moment: datetime) -> bool:
        return self.first <= moment.astimezone(SOFIA).date() <= self.last

    def minutes(self, start: datetime, end: datetime) -> int:
        """Whole minutes between two moments, those within office hours only."""
        return max(0, self._until(end) - self._until(start))

    def _until(self, moment: datetime) -> int:
        """Office minutes from the first day to a moment."""
        local = moment.astimezone(SOFIA)
        ordinal = local.date().toordinal()
        place = bisect_left(self._working, ordinal)
        whole = place * DAY_MINUTES
        if place == len(self._working) or self._working[place] != ordinal:
            return whole
        return whole + min(max(_minute(local.time()) - _minute(OPENS), 0), DAY_MINUTES)


async def offices(db: Session) -> Mapping[str, OfficeTime]:
    """The office time of every municipality that has cases, by its calendar as it is today."""
    first, last = date(db.now.year - YEARS, 1, 1), date(db.now.year + 1, 12, 31)
    found = {}
    for row in await db.rows(select(cases.c.municipality).distinct()):
        calendar = await workcalendar.of(db, row.municipality)
        found[row.municipality] = OfficeTime(calendar.is_working, first, last)
    return found


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def end_of_day(day: date) -> datetime:
    """The first moment after a day of Sofia: what is decided before it is decided on that day."""
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=SOFIA).astimezone(UTC)


def is_last_hour(decided_at: datetime, due_on: date) -> bool:
    """Whether something was decided on its very last day, in the last office hour or after it."""
    local = decided_at.astimezone(SOFIA)
    return local.date() == due_on and local.time() >= LAST_HOUR
