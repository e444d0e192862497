"""What somebody wants to hear from us by itself, and when: the weight of news, quiet hours, reminders."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, select, update

from storage.database import Session
from storage.models import preferences
from storage.walltime import local_day, moment

EVERYTHING, IMPORTANT = "everything", "important"
QUIET_FROM, QUIET_TO = time(21), time(8)
REMINDERS = ("day", "two-hours")  # Before an event, unless somebody chose otherwise.

WISHES = (preferences.c.person_id, preferences.c.hears, preferences.c.quiet_from, preferences.c.quiet_to,
          preferences.c.remind)  # fmt: skip
OF = select(*WISHES).where(preferences.c.person_id == bindparam("person_id"))
OF_MANY = select(*WISHES).where(preferences.c.person_id.in_(bindparam("person_ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Wishes:
    hears: str = EVERYTHING
    quiet_from: time = QUIET_FROM
    quiet_to: time = QUIET_TO  # The same as `quiet_from`: no quiet hours.
    remind: tuple[str, ...] = REMINDERS

    @property
    def is_ever_quiet(self) -> bool:
        return self.quiet_from != self.quiet_to

    def wants(self, *, important: bool) -> bool:
        """Important is what concerns somebody's own case, place or question; the rest is news."""
        return important or self.hears == EVERYTHING

    def is_quiet(self, at: datetime, zone: ZoneInfo) -> bool:
        clock = at.astimezone(zone).time()
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= clock < self.quiet_to
        return clock >= self.quiet_from or clock < self.quiet_to

    def when_to_tell(self, at: datetime, zone: ZoneInfo, *, urgent: bool = False) -> datetime:
        """`at`, or the end of the quiet hours that it falls into. What is urgent waits for no morning."""
        if urgent or not self.is_quiet(at, zone):
            return at
        day = local_day(at, zone)
        if at.astimezone(zone).time() >= self.quiet_to:  # The evening part; it ends tomorrow.
            day += timedelta(days=1)
        return max(at, moment(day, self.quiet_to, zone, not_before=at))


DEFAULT = Wishes()


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def _from_row(row: Row[tuple[int, str, int, int, str]]) -> Wishes:
    remind = tuple(lead for lead in row.remind.split(",") if lead)
    return Wishes(row.hears, _time(row.quiet_from), _time(row.quiet_to), remind)


async def of(db: Session, person_id: int) -> Wishes:
    row = await db.first(OF, person_id=person_id)
    return _from_row(row) if row else DEFAULT


async def of_many(db: Session, person_ids: Collection[int]) -> Mapping[int, Wishes]:
    """The wishes of those who ever changed them; everybody else has `DEFAULT`."""
    return {row.person_id: _from_row(row) for row in await db.rows(OF_MANY, person_ids=list(person_ids))}


async def when_to_tell(
    db: Session, person_id: int, zone: ZoneInfo, *, at: datetime | None = None, urgent: bool = False
) -> datetime:
    """When something that could be told `at` (now) is told to this person."""
    return (await of(db, person_id)).when_to_tell(at or db.now, zone, urgent=urgent)


async def keep(db: Session, person_id: int, wishes: Wishes) -> None:
    values = {
        "hears": wishes.hears,
        "quiet_from": _minutes(wishes.quiet_from),
        "quiet_to": _minutes(wishes.quiet_to),
        "remind": ",".join(wishes.remind),
        "at": db.now,
    }
    known = await db.execute(update(preferences).where(preferences.c.person_id == person_id).values(**values))
    if not known.rowcount:
        await db.execute(preferences.insert().values(person_id=person_id, **values))
