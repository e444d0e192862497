"""Whom news of an event concerns, in batches by the number of the person: it may be everybody in town."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Select, and_, bindparam, func, or_, select, union

from storage.database import Session
from storage.events import Event
from storage.follows import EVENT, KIND, MUNICIPALITY
from storage.models import conversations, follows, people, preferences, seats
from storage.preferences import EVERYTHING
from storage.seats import CAME, CARES, GOING

AUDIENCE = Select[Any] | CompoundSelect[Any]


def _followers(event: Event) -> AUDIENCE:
    """Who follows the municipality or the kind, and wants to hear news; a kind only as far as it is near them."""
    follows_it = and_(follows.c.what == MUNICIPALITY, follows.c.target == event.municipality)
    if event.municipality is None:
        follows_it = follows.c.what == MUNICIPALITY
    is_near = or_(people.c.municipality.is_(None), people.c.municipality == event.municipality)
    follows_kind = and_(follows.c.what == KIND, follows.c.target == event.kind,
                        is_near if event.municipality else follows.c.id.is_not(None))  # fmt: skip
    joined = follows.join(people, people.c.id == follows.c.person_id).outerjoin(
        preferences, preferences.c.person_id == follows.c.person_id
    )
    return (
        select(follows.c.person_id)
        .select_from(joined)
        .where(follows.c.until.is_(None), or_(follows_it, follows_kind))
        .where(or_(preferences.c.hears.is_(None), preferences.c.hears == EVERYTHING))
        .distinct()
    )


def _concerned(event: Event) -> AUDIENCE:
    """Who has or waits for a place, and who follows this very event."""
    return union(
        select(seats.c.person_id).where(seats.c.event_id == event.id, seats.c.state.in_(CARES)),
        select(follows.c.person_id).where(
            follows.c.what == EVENT, follows.c.target == str(event.id), follows.c.until.is_(None)
        ),
    )


def _came(event: Event) -> AUDIENCE:
    """Who was there; where nobody counted, who had a place."""
    counted = select(seats.c.id).where(seats.c.event_id == event.id, seats.c.state == CAME).exists()
    return select(seats.c.person_id).where(
        seats.c.event_id == event.id, or_(seats.c.state == CAME, and_(seats.c.state == GOING, ~counted))
    )


def _audience(event: Event, what: str) -> AUDIENCE:
    if what == "published":
        return _followers(event)
    return _came(event) if what in ("minutes", "feedback") else _concerned(event)


async def count(db: Session, event: Event, what: str) -> int:
    return int(await db.value(select(func.count()).select_from(_audience(event, what).subquery())))


async def batch(db: Session, event: Event, what: str, after: int, many: int) -> Sequence[int]:
    """The next people behind `after`."""
    everybody = _audience(event, what).subquery()
    rows = await db.rows(
        select(everybody.c.person_id).where(everybody.c.person_id > after).order_by(everybody.c.person_id).limit(many)
    )
    return [row.person_id for row in rows]


ADDRESSES = (
    select(conversations.c.id, conversations.c.person_id)
    .where(conversations.c.person_id.in_(bindparam("person_ids", expanding=True)))
    .where(conversations.c.reachable, ~conversations.c.is_group)
    .order_by(conversations.c.id)
)


async def addresses(db: Session, person_ids: Sequence[int], event_id: int | None = None) -> dict[int, int]:
    """Where to write to each of them: where they signed up, else their newest conversation that can be reached."""
    found = {row.person_id: row.id for row in await db.rows(ADDRESSES, person_ids=list(person_ids))}
    if event_id is None:
        return found
    chosen = await db.rows(
        select(seats.c.person_id, seats.c.conversation_id)
        .select_from(seats.join(conversations, conversations.c.id == seats.c.conversation_id))
        .where(seats.c.event_id == event_id, seats.c.person_id.in_(list(person_ids)), conversations.c.reachable)
    )
    return found | {row.person_id: row.conversation_id for row in chosen}
