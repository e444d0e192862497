"""Reminders before an event: which hours they fall on, and the rows for them."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage import reminders
from storage.database import Session
from storage.events import Event
from storage.preferences import Wishes
from storage.walltime import local_day, moment

BEFORE = {"day": timedelta(days=1), "two-hours": timedelta(hours=2), "hour": timedelta(hours=1)}
LEADS = ("evening", *BEFORE)
EVENING = time(18)
ENOUGH = timedelta(minutes=30)  # What is told later than this before the beginning helps nobody to come.
EARLIER = timedelta(hours=1)  # Before quiet hours begin, where their end would be too late.


def about(event_id: int, lead: str) -> str:
    return f"event:{event_id}:{lead}"


def abouts(event_id: int) -> list[str]:
    return [about(event_id, lead) for lead in LEADS]


def moment_of(lead: str, starts_at: datetime, zone: ZoneInfo) -> datetime:
    """One day before is the same hour on the wall of the day before, also when the clocks change in between."""
    if lead == "day":
        local = starts_at.astimezone(zone)
        return moment(local.date() - timedelta(days=1), local.time().replace(tzinfo=None, fold=0), zone)
    if lead == "evening":
        return moment(local_day(starts_at, zone) - timedelta(days=1), EVENING, zone)
    return starts_at - BEFORE[lead]


def hours(
    leads: Sequence[str], starts_at: datetime, wishes: Wishes, zone: ZoneInfo, now: datetime
) -> dict[str, datetime]:
    """When each reminder is told: outside of quiet hours, early enough to come, none twice, none in the past."""
    starts_at = starts_at.astimezone(UTC)  # Elsewhere subtraction is by the clock on the wall.
    told: dict[str, datetime] = {}
    for lead in leads:
        wanted = moment_of(lead, starts_at, zone)
        at = wishes.when_to_tell(wanted, zone)
        if at > starts_at - ENOUGH:
            at = _before_quiet(wanted, wishes, zone)
        if at > now and at not in told.values():
            told[lead] = at
    return told


def _before_quiet(wanted: datetime, wishes: Wishes, zone: ZoneInfo) -> datetime:
    """An hour before the quiet hours in which `wanted` lies."""
    day = local_day(wanted, zone)
    if wanted.astimezone(zone).time() < wishes.quiet_from:
        day -= timedelta(days=1)
    return moment(day, wishes.quiet_from, zone) - EARLIER


async def plan(
    db: Session,
    event: Event,
    person_id: int,
    conversation_id: int,
    leads: Sequence[str],
    wishes: Wishes,
    zone: ZoneInfo,
) -> dict[str, datetime]:
    """Put this person's reminders of an event where they belong now; those for an earlier hour of it are void."""
    assert event.starts_at is not None
    await forget(db, event.id, person_id)
    planned = hours(leads, event.starts_at, wishes, zone, db.now)
    for lead, due_at in planned.items():
        await reminders.remind(
            db,
            person_id=person_id,
            conversation_id=conversation_id,
            about=about(event.id, lead),
            due_at=due_at,
            for_at=event.starts_at,
            useful_until=event.starts_at,
        )
    return planned


async def forget(db: Session, event_id: int, person_id: int | None = None) -> None:
    await reminders.cancel_all(db, abouts(event_id), person_id)


async def waiting(db: Session, event_id: int, person_id: int) -> tuple[str, ...]:
    """How long before they will be reminded."""
    return tuple([lead for lead in LEADS if await reminders.waiting(db, person_id, about(event_id, lead))])
