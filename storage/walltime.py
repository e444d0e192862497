"""Moments by the clock on the wall: what 3:30 is on the night when there are two of them, or none."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


def moments(day: date, at: time, zone: ZoneInfo) -> list[datetime]:
    """The moments at which the clock on the wall shows this: none in spring's gap, two in autumn's fold."""
    both = {datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)}
    return sorted(m for m in both if m.astimezone(zone).replace(tzinfo=None, fold=0) == datetime.combine(day, at))


def moment(day: date, at: time, zone: ZoneInfo, not_before: datetime | None = None) -> datetime:
    """The first of them (not before `not_before`, if one is); in the gap, the moment at which the clock jumps."""
    shown = moments(day, at, zone)
    if not shown:
        return _jump(day, at, zone)
    return next((m for m in shown if not_before is None or m >= not_before), shown[-1])


def _jump(day: date, at: time, zone: ZoneInfo) -> datetime:
    wanted = datetime.combine(day, at)
    now = datetime.combine(day, at.replace(fold=1), zone).astimezone(UTC).replace(second=0, microsecond=0)
    while now.astimezone(zone).replace(tzinfo=None) < wanted:
        now += MINUTE
    return now


def local_day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
