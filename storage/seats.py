"""Places at an event: taken, waited for, moved up to, given back, used. Each move of a place is kept."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from storage.database import Session
from storage.events import Event
from storage.ids import new_id
from storage.models import events, seat_moves, seats

GOING, WAITING, OFFERED, CANCELLED, LAPSED = "going", "waiting", "offered", "cancelled", "lapsed"
CAME, ABSENT = "came", "absent"
HOLDS = (GOING, OFFERED, CAME)  # A place that somebody else cannot have.
CARES = (GOING, WAITING, OFFERED)  # Who has to hear when something changes.
MOVES = {
    None: {GOING, WAITING},
    GOING: {CANCELLED, CAME, ABSENT},
    WAITING: {OFFERED, CANCELLED, LAPSED, CAME},  # Who waits and comes is let in where there is room.
    OFFERED: {GOING, CANCELLED, LAPSED, CAME},
    CANCELLED: {GOING, WAITING},
    LAPSED: {GOING, WAITING},
    CAME: {GOING},  # A slip at the door is taken back.
    ABSENT: {CAME},
}
AT_MOST = 10  # Seats of one person: a family, not a bus.
TIME_TO_CONFIRM = timedelta(hours=24)
SHORT_TIME = timedelta(minutes=30)  # Near the beginning somebody else still has to be able to come.
NAMES_KEPT = timedelta(days=30)  # After the event: until the list of those who came is signed and filed.


@dataclass(frozen=True, slots=True)
class Seat:
    id: int
    event_id: int
    person_id: int
    conversation_id: int
    number: int
    ticket: str
    seats: int
    name: str | None
    state: str
    remind: str | None
    since: datetime
    offered_until: datetime | None = None
    came_at: datetime | None = None

    @property
    def leads(self) -> tuple[str, ...] | None:
        """How long before to be reminded, where this was chosen for this event."""
        return None if self.remind is None else tuple(lead for lead in self.remind.split(",") if lead)


NAMES = tuple(f.name for f in fields(Seat))
ALL = select(*(seats.c[name] for name in NAMES))
OF_PERSON = ALL.where(seats.c.event_id == bindparam("event_id"), seats.c.person_id == bindparam("person_id"))
MINE = ALL.where(seats.c.person_id == bindparam("person_id"), seats.c.state.in_(CARES)).order_by(seats.c.id)
TAKEN = select(func.coalesce(func.sum(seats.c.seats), 0)).where(
    seats.c.event_id == bindparam("event_id"), seats.c.state.in_(HOLDS)
)


def _from_row(row: Row[Any]) -> Seat:
    return Seat(**row._mapping)


async def of_person(db: Session, event_id: int, person_id: int) -> Seat | None:
    row = await db.first(OF_PERSON, event_id=event_id, person_id=person_id)
    return row and _from_row(row)


async def by_id(db: Session, seat_id: int) -> Seat | None:
    row = await db.first(ALL.where(seats.c.id == seat_id))
    return row and _from_row(row)


async def by_ticket(db: Session, ticket: str) -> Seat | None:
    row = await db.first(ALL.where(seats.c.ticket == ticket))
    return row and _from_row(row)


async def by_number(db: Session, event_id: int, number: int) -> Seat | None:
    row = await db.first(ALL.where(seats.c.event_id == event_id, seats.c.number == number))
    return row and _from_row(row)


async def of_event(db: Session, event_id: int, states: Sequence[str] | None = None) -> list[Seat]:
    """All places of an event in the order in which they were asked for."""
    query = ALL.where(seats.c.event_id == event_id)
    if states:
        query = query.where(seats.c.state.in_(states))
    return [_from_row(row) for row in await db.rows(query.order_by(seats.c.since, seats.c.id))]


async def mine(db: Session, person_id: int) -> list[Seat]:
    return [_from_row(row) for row in await db.rows(MINE, person_id=person_id)]


async def taken(db: Session, event_id: int) -> int:
    return int(await db.value(TAKEN, event_id=event_id))


async def free(db: Session, event: Event) -> int | None:
    """How many places are left; None: nobody counts."""
    return None if event.capacity is None else max(0, event.capacity - await taken(db, event.id))


def _move(db: Session, seat: Seat, new: str, by: int | None, **values: Any) -> Seat:
    if new not in MOVES[seat.state]:
        raise ValueError(f"{seat.state} -> {new}")
    db.change(seats, seat.id, state=new, **values)
    _record(db, seat, seat.state, new, by, values.get("seats", seat.seats))
    return replace(seat, state=new, **values)


def _record(db: Session, seat: Seat, old: str | None, new: str, by: int | None, many: int) -> None:
    db.add(seat_moves, id=new_id(), seat_id=seat.id, event_id=seat.event_id, old=old, new=new, seats=many,
           person_id=by, at=db.now)  # fmt: skip


# --- Taken and given back ---


async def sign_up(
    db: Session, event: Event, person_id: int, conversation_id: int, many: int = 1, name: str | None = None
) -> Seat:
    """Take places where there is room and nobody waits before, else a place in the waiting list.

    The caller holds the event (`events.locked`), so that two do not take the last place.
    """
    known = await of_person(db, event.id, person_id)
    if known and known.state in (*CARES, CAME):
        return known
    left = await free(db, event)
    queue = await of_event(db, event.id, [WAITING]) if left is not None else []
    state = GOING if left is None or (many <= left and not queue) else WAITING
    if known:
        return _move(db, known, state, person_id, seats=many, name=name, since=db.now, offered_until=None,
                     conversation_id=conversation_id)  # fmt: skip
    last = await db.value(select(func.max(seats.c.number)).where(seats.c.event_id == event.id))
    seat = Seat(new_id(), event.id, person_id, conversation_id, (last or 0) + 1, secrets.token_hex(12), many, name,
                state, None, db.now)  # fmt: skip
    db.add(seats, **{name: getattr(seat, name) for name in NAMES})
    _record(db, seat, None, state, person_id, many)
    return seat


def cancel(db: Session, seat: Seat, by: int | None) -> Seat:
    return _move(db, seat, CANCELLED, by, offered_until=None)


def take_fewer(db: Session, seat: Seat, many: int, by: int) -> Seat:
    """Give some of several places back; more cannot be taken in this way, for others may wait."""
    if not 0 < many < seat.seats:
        raise ValueError(many)
    db.change(seats, seat.id, seats=many)
    _record(db, seat, seat.state, seat.state, by, many)
    return replace(seat, seats=many)


def keep_leads(db: Session, seat: Seat, leads: Sequence[str]) -> Seat:
    remind = ",".join(leads)
    db.change(seats, seat.id, remind=remind)
    return replace(seat, remind=remind)


# --- The waiting list ---


def time_to_confirm(event: Event, now: datetime) -> datetime:
    """Until when an offered place waits: a day, near the event less, but never so little that nobody can answer."""
    assert event.starts_at is not None
    return max(min(now + TIME_TO_CONFIRM, event.starts_at - timedelta(hours=2)), now + SHORT_TIME)


async def move_up(db: Session, event: Event) -> list[Seat]:
    """Offer what is free to those who wait, the first first; who needs more places than there are is passed over."""
    left = await free(db, event)
    if not event.is_open or event.starts_at is None or event.starts_at <= db.now:
        return []
    offered = []
    for seat in await of_event(db, event.id, [WAITING]):
        if left is not None and seat.seats > left:
            continue
        offered.append(_move(db, seat, OFFERED, None, offered_until=time_to_confirm(event, db.now)))
        left = None if left is None else left - seat.seats
    return offered


def wait_longer(db: Session, event: Event, seat: Seat, told_at: datetime) -> Seat:
    """They are told only then, for it is night: the time to confirm begins with it."""
    until = time_to_confirm(event, told_at)
    db.change(seats, seat.id, offered_until=until)
    return replace(seat, offered_until=until)


def confirm(db: Session, seat: Seat) -> Seat:
    return _move(db, seat, GOING, seat.person_id, offered_until=None)


async def any_lapsed(db: Session) -> bool:
    late = select(seats.c.id).where(seats.c.state == OFFERED, seats.c.offered_until <= db.now).limit(1)
    return await db.value(late) is not None


async def lapsed(db: Session, many: int = 100) -> list[Seat]:
    """Offers that nobody took up in time; their places are free again."""
    rows = await db.rows(ALL.where(seats.c.state == OFFERED, seats.c.offered_until <= db.now).limit(many))
    return [_move(db, seat, LAPSED, None, offered_until=None) for seat in map(_from_row, rows)]


# --- At the door ---


def check_in(db: Session, seat: Seat, by: int) -> Seat:
    return _move(db, seat, CAME, by, came_at=db.now)


def undo_check_in(db: Session, seat: Seat, by: int) -> Seat:
    return _move(db, seat, GOING, by, came_at=None)


async def close(db: Session, event: Event) -> None:
    """After the event: who has a place and was not seen was absent, if anybody was counted at the door at all."""
    all_seats = await of_event(db, event.id)
    was_counted = any(seat.state == CAME for seat in all_seats)
    for seat in all_seats:
        if seat.state == GOING and was_counted:
            _move(db, seat, ABSENT, None)
        elif seat.state in (WAITING, OFFERED):
            _move(db, seat, LAPSED, None, offered_until=None)


@dataclass(frozen=True, slots=True)
class Attendance:
    """Places, not people; `came` is None where nobody counted at the door."""

    going: int
    waiting: int
    cancelled: int
    came: int | None
    absent: int | None


async def attendance(db: Session, event_id: int) -> Attendance:
    rows = await db.rows(
        select(seats.c.state, func.sum(seats.c.seats).label("many"))
        .where(seats.c.event_id == event_id)
        .group_by(seats.c.state)
    )
    many = {row.state: int(row.many) for row in rows}
    was_counted = CAME in many
    going = sum(many.get(state, 0) for state in (GOING, OFFERED, CAME, ABSENT))
    return Attendance(
        going,
        many.get(WAITING, 0),
        many.get(CANCELLED, 0) + many.get(LAPSED, 0),
        many.get(CAME, 0) if was_counted else None,
        many.get(ABSENT, 0) if was_counted else None,
    )


async def old_names(db: Session) -> list[int]:
    """Events so long ago that nobody needs to know any more who was there."""
    old = select(seats.c.event_id).join(events, events.c.id == seats.c.event_id).where(seats.c.name.is_not(None))
    rows = await db.rows(old.where(events.c.starts_at < db.now - NAMES_KEPT).distinct().limit(100))
    return [row.event_id for row in rows]


async def forget_names(db: Session, event_ids: Sequence[int]) -> int:
    """The list is filed: whose name it was is nobody's business any more."""
    result = await db.execute(
        update(seats).where(seats.c.event_id.in_(event_ids), seats.c.name.is_not(None)).values(name=None)
    )
    return result.rowcount
