"""Audiences: who an announcement is for, as one SQL selection that is read a window of people at a time.

A window is a fixed number of neighbouring people, whoever of them is meant: so every look takes a few milliseconds in a
town of any size and for an audience of any rarity.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, bindparam, exists, func, or_, select

from storage.database import Session
from storage.follows import EVENT, KIND, MUNICIPALITY
from storage.models import conversations, follows, incoming, people, preferences, roles, seats, unsubscribed
from storage.preferences import IMPORTANT
from storage.seats import CAME, GOING, OFFERED

ORDINARY, EMERGENCY_SCOPE = "ordinary", "emergency"
WINDOW = 500  # People a look: some milliseconds.
WEB_DAYS = 60  # A browser that did not come back for so long will not be the one in which an announcement is read.

END_OF_WINDOW = (
    select(people.c.id)
    .where(people.c.id > bindparam("after"))
    .order_by(people.c.id)
    .limit(1)
    .offset(bindparam("before_last"))
)
LAST_PERSON = select(func.max(people.c.id)).where(people.c.id > bindparam("after"))


@dataclass(frozen=True, slots=True)
class Audience:
    """All conditions hold together; an empty one holds for everybody. `municipality` is whose announcement it is."""

    municipalities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # Followers of these kinds of events.
    events: tuple[str, ...] = ()  # Those of these events, by number.
    roles: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    active_days: int | None = None  # Wrote to us within so many days.

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Audience":
        known = {one.name for one in fields(cls)}
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        return cls(**{name: value for name, value in given.items() if name in known})

    @property
    def is_public(self) -> bool:
        """Whether it is said to the town, not to a circle of people known by name."""
        return not (self.roles or self.events)


@dataclass(frozen=True, slots=True)
class Counted:
    channels: dict[str, int] = field(default_factory=dict)
    is_whole: bool = True  # False: the town is larger than what was looked at.

    @property
    def people(self) -> int:
        return sum(self.channels.values())


# --- The selection ---

place = conversations.alias("place")


def _last_heard(where: Any, column: Any) -> ScalarSelect[Any]:
    """Of the newest message of a conversation: one step in an index."""
    newest = select(column).where(incoming.c.conversation_id == where.c.id).order_by(incoming.c.id.desc()).limit(1)
    return newest.correlate(where).scalar_subquery()


def _best_place(audience: Audience) -> ScalarSelect[Any]:
    """The conversation in which somebody is met: of those that can be reached, the one they used last."""
    lately = or_(place.c.channel != "web", _last_heard(place, incoming.c.heard_at) >= bindparam("web_since"))
    wanted = [place.c.person_id == people.c.id, place.c.reachable, ~place.c.is_group, lately]
    if audience.channels:
        wanted.append(place.c.channel.in_(audience.channels))
    last = func.coalesce(_last_heard(place, incoming.c.id), 0)
    found = select(place.c.id).where(*wanted).order_by(last.desc(), place.c.id.desc()).limit(1)
    return found.correlate(people).scalar_subquery()


def _follows(what: str, targets: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(
        follows.c.person_id == people.c.id,
        follows.c.what == what,
        follows.c.target.in_(targets),
        follows.c.until.is_(None),
    )


def _takes_part(events: Sequence[str]) -> ColumnElement[bool]:
    """Who has or had a place, or was there."""
    return exists().where(
        seats.c.person_id == people.c.id,
        seats.c.event_id.in_([int(number) for number in events]),
        seats.c.state.in_([GOING, OFFERED, CAME]),
    )


def _has_role(audience: Audience) -> ColumnElement[bool]:
    held = [roles.c.person_id == people.c.id, roles.c.role.in_(audience.roles), roles.c.until.is_(None)]
    if audience.municipalities:
        held.append(or_(roles.c.municipality.is_(None), roles.c.municipality.in_(audience.municipalities)))
    return exists().where(*held)


def _conditions(audience: Audience, scope: str) -> list[ColumnElement[bool]]:
    told = [~exists().where(unsubscribed.c.person_id == people.c.id, unsubscribed.c.scope == scope)]
    if scope == ORDINARY:
        told.append(~exists().where(preferences.c.person_id == people.c.id, preferences.c.hears == IMPORTANT))
    if audience.roles:
        told.append(_has_role(audience))
    elif audience.municipalities:
        lives_there = people.c.municipality.in_(audience.municipalities)
        told.append(or_(lives_there, _follows(MUNICIPALITY, audience.municipalities)))
    if audience.kinds:
        told.append(_follows(KIND, audience.kinds))
    if audience.events:
        told.append(or_(_takes_part(audience.events), _follows(EVENT, audience.events)))
    if audience.languages:
        told.append(people.c.language.in_(audience.languages))
    return told


@lru_cache(64)  # Made once, so that it is also compiled once.
def selection(audience: Audience, scope: str) -> Select[Any]:
    """Everybody who is meant, between two people, each with the one conversation in which they are told."""
    met = (
        select(people.c.id.label("person_id"), people.c.language, _best_place(audience).label("conversation_id"))
        .where(people.c.id > bindparam("after"), people.c.id <= bindparam("upto"))
        .where(*_conditions(audience, scope))
        .subquery("met")
    )
    there = [conversations.c.id == met.c.conversation_id]
    if audience.active_days is not None:
        there.append(_last_heard(conversations, incoming.c.heard_at) >= bindparam("active_since"))
    return (
        select(met, conversations.c.channel, conversations.c.external)
        .select_from(met.join(conversations, and_(*there)))
        .order_by(met.c.person_id)
    )


def _values(db: Session, audience: Audience) -> dict[str, Any]:
    values = {"web_since": db.now - timedelta(days=WEB_DAYS)}
    if audience.active_days is not None:
        values["active_since"] = db.now - timedelta(days=audience.active_days)
    return values


# --- Windows ---


async def window(
    db: Session, audience: Audience, scope: str, after: int, people_at_once: int = WINDOW
) -> tuple[Sequence[Row[Any]], int | None]:
    """Return those who are meant among the next people behind `after`, and the last who was looked at.

    None instead of the last: there was nobody left to look at.
    """
    upto = await db.value(END_OF_WINDOW, after=after, before_last=people_at_once - 1)
    upto = upto or await db.value(LAST_PERSON, after=after)
    if upto is None:
        return (), None
    found = await db.rows(selection(audience, scope), after=after, upto=upto, **_values(db, audience))
    return found, int(upto)


async def count(db: Session, audience: Audience, scope: str, windows: int, after: int = 0) -> Counted:
    """Count by channel, looking at no more than so many windows."""
    channels: Counter[str] = Counter()
    for _ in range(windows):
        found, upto = await window(db, audience, scope, after)
        channels.update(row.channel for row in found)
        if upto is None:
            return Counted(dict(channels))
        after = upto
    return Counted(dict(channels), is_whole=await db.value(LAST_PERSON, after=after) is None)
