"""Events of the town: planned, published, changed, cancelled, held; every change keeps what was before it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, or_, select, update

from storage import journal
from storage.database import Session
from storage.ids import new_id
from storage.models import event_changes, event_news, events

DRAFT, PUBLISHED, CHANGED, CANCELLED, HELD = "draft", "published", "changed", "cancelled", "held"
OPEN = (PUBLISHED, CHANGED)
PUBLIC = (PUBLISHED, CHANGED, CANCELLED, HELD)
# What may become what. A cancelled event stays cancelled: who was told so must be able to rely on it.
MOVES = {
    DRAFT: {PUBLISHED},
    PUBLISHED: {CHANGED, CANCELLED, HELD},
    CHANGED: {CHANGED, CANCELLED, HELD},
    CANCELLED: set(),
    HELD: set(),
}
DISCARDED = "discarded"
MOMENTS = ("starts_at", "ends_at")
EDITABLE = ("title_bg", "title_en", "text_bg", "text_en", "starts_at", "ends_at", "place", "lat", "lon", "online",
            "capacity", "takes_names", "takes_questions", "picture", "agenda")  # fmt: skip
USUAL_LENGTH = timedelta(hours=2)


class NotAllowed(Exception):
    """The event is in a state in which this cannot happen."""


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    municipality: str | None
    kind: str
    state: str
    title_bg: str | None = None
    title_en: str | None = None
    text_bg: str | None = None
    text_en: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place: str | None = None
    lat: float | None = None
    lon: float | None = None
    online: str | None = None
    capacity: int | None = None
    takes_names: bool = True
    takes_questions: bool = False
    picture: int | None = None
    agenda: int | None = None
    pending: dict[str, Any] = field(default_factory=dict)
    sequence: int = 0
    reason: str | None = None
    made_by: int = 0
    made_at: datetime | None = None
    published_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def ends(self) -> datetime:
        """When it is over, also where nobody said."""
        assert self.starts_at is not None
        return self.ends_at or self.starts_at + USUAL_LENGTH

    def text(self, field_name: str, language: str) -> tuple[str, bool]:
        """The words in that language and whether they are; else those of the other language."""
        other = "en" if language == "bg" else "bg"
        own = getattr(self, f"{field_name}_{language}")
        return (own, True) if own else (getattr(self, f"{field_name}_{other}") or "", False)

    def with_pending(self) -> "Event":
        """As it will be once its changes are published."""
        return replace(self, **{name: _in(name, value) for name, value in self.pending.items()}, pending={})


NAMES = tuple(f.name for f in fields(Event))
ALL = select(*(events.c[name] for name in NAMES))
BY_ID = ALL.where(events.c.id == bindparam("event_id"))


def _from_row(row: Row[Any]) -> Event:
    return Event(**{**dict(row._mapping), "pending": row.pending or {}})


def as_json(value: Any) -> Any:
    """As it stands in a JSON column."""
    return value.isoformat() if isinstance(value, datetime) else value


def _in(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in MOMENTS and isinstance(value, str) else value


async def event(db: Session, event_id: int) -> Event | None:
    """An event by its number; a draft that was given up is on record only."""
    return _alive(await db.first(BY_ID, event_id=event_id))


def _alive(row: Row[Any] | None) -> Event | None:
    return None if row is None or DISCARDED in (row.pending or {}) else _from_row(row)


async def locked(db: Session, event_id: int) -> Event | None:
    """The same, and nobody else gives away its places meanwhile."""
    return _alive(await db.first(BY_ID.with_for_update(), event_id=event_id))


# --- Made and changed ---


def plan(db: Session, person_id: int, *, municipality: str | None, kind: str, **values: Any) -> int:
    """Begin a draft."""
    event_id = new_id()
    db.add(
        events,
        **{
            "id": event_id,
            "municipality": municipality,
            "kind": kind,
            "state": DRAFT,
            "takes_names": True,
            "takes_questions": False,
            "sequence": 0,
            "made_by": person_id,
            "made_at": db.now,
            "changed_at": db.now,
            **values,
        },
    )
    _record(db, event_id, person_id, "planned", None, {"municipality": municipality, "kind": kind})
    return event_id


def duplicate(db: Session, one: Event, person_id: int) -> int:
    """A new draft with everything of an old event but its day."""
    kept = {name: getattr(one, name) for name in EDITABLE if name not in MOMENTS}
    return plan(db, person_id, municipality=one.municipality, kind=one.kind, **kept)


def edit(db: Session, one: Event, **values: Any) -> Event:
    """Change a draft at once; of a published event, put the change aside until it is published, too."""
    if one.state not in (DRAFT, *OPEN):
        raise NotAllowed
    if one.state == DRAFT:
        db.change(events, one.id, **values, changed_at=db.now)
        return replace(one, **values)
    pending = one.pending | {name: as_json(value) for name, value in values.items()}
    pending = {name: value for name, value in pending.items() if value != as_json(getattr(one, name))}
    db.change(events, one.id, pending=pending or None)
    return replace(one, pending=pending)


def forget_changes(db: Session, one: Event) -> Event:
    db.change(events, one.id, pending=None)
    return replace(one, pending={})


def discard(db: Session, one: Event, person_id: int) -> None:
    """Give a draft up: it stays on record, out of every list."""
    if one.state != DRAFT:
        raise NotAllowed
    db.change(events, one.id, pending={DISCARDED: True}, changed_at=db.now)
    _record(db, one.id, person_id, "discarded", None, None)


def _move(one: Event, new: str) -> None:
    if new not in MOVES[one.state]:
        raise NotAllowed


def publish(db: Session, one: Event, person_id: int) -> Event:
    _move(one, PUBLISHED)
    db.change(events, one.id, state=PUBLISHED, published_at=db.now, changed_at=db.now)
    _record(db, one.id, person_id, "published", None, {name: as_json(getattr(one, name)) for name in EDITABLE})
    tell(db, one.id, "published")
    return replace(one, state=PUBLISHED, published_at=db.now)


def publish_changes(db: Session, one: Event, person_id: int) -> Event:
    """Make what was put aside true, and tell everybody who cares what was and what is."""
    _move(one, CHANGED)
    old = {name: as_json(getattr(one, name)) for name in one.pending}
    values = {name: _in(name, value) for name, value in one.pending.items()}
    sequence = one.sequence + 1
    db.change(events, one.id, **values, pending=None, state=CHANGED, sequence=sequence, changed_at=db.now)
    _record(db, one.id, person_id, "changed", old, one.pending)
    tell(db, one.id, "changed", old=old, new=one.pending)
    return replace(one.with_pending(), state=CHANGED, sequence=sequence, changed_at=db.now)


def cancel(db: Session, one: Event, person_id: int, reason: str) -> Event:
    _move(one, CANCELLED)
    db.change(events, one.id, state=CANCELLED, reason=reason, pending=None, sequence=one.sequence + 1,
              changed_at=db.now)  # fmt: skip
    _record(db, one.id, person_id, "cancelled", {"state": one.state}, {"state": CANCELLED}, reason)
    tell(db, one.id, "cancelled")
    return replace(one, state=CANCELLED, reason=reason, sequence=one.sequence + 1, changed_at=db.now)


def hold(db: Session, one: Event) -> Event:
    """It has taken place."""
    _move(one, HELD)
    db.change(events, one.id, state=HELD, pending=None)
    _record(db, one.id, None, "held", {"state": one.state}, {"state": HELD})
    return replace(one, state=HELD)


def _record(
    db: Session, event_id: int, person_id: int | None, what: str, old: Any, new: Any, reason: str | None = None
) -> None:
    journal.record(
        db,
        "event",
        {"event": str(event_id), "what": what},
        {"old": _shortened(old), "new": _shortened(new), "reason": reason},
    )
    db.add(event_changes, id=new_id(), event_id=event_id, person_id=person_id, what=what, old=old, new=new,
           reason=reason, at=db.now)  # fmt: skip


def _shortened(values: dict[str, Any] | None) -> dict[str, Any] | None:
    """Row numbers as text: JSON's whole numbers are too short for them."""
    return values and {k: str(v) if k in ("picture", "agenda") and v else v for k, v in values.items()}


def tell(db: Session, event_id: int, what: str, **content: Any) -> None:
    """There is news: the clock tells it to everybody whom it concerns, in batches."""
    db.add(event_news, id=new_id(), event_id=event_id, what=what, content=content, made_at=db.now, after=0, told=0)


async def history(db: Session, event_id: int) -> Sequence[Row[Any]]:
    """Every change of an event, the oldest first."""
    return await db.rows(select(event_changes).where(event_changes.c.event_id == event_id).order_by(event_changes.c.id))


# --- Found ---


def _narrowed(query: Select[Any], municipality: str | None, kind: str | None) -> Select[Any]:
    if municipality:  # What is for all four is for each of them.
        query = query.where(or_(events.c.municipality == municipality, events.c.municipality.is_(None)))
    return query.where(events.c.kind == kind) if kind else query


async def between(
    db: Session, start: datetime, end: datetime, municipality: str | None = None, kind: str | None = None
) -> list[Event]:
    """The public events that begin in that time, in order."""
    query = ALL.where(events.c.state.in_(PUBLIC), events.c.starts_at >= start, events.c.starts_at < end)
    rows = await db.rows(_narrowed(query, municipality, kind).order_by(events.c.starts_at, events.c.id))
    return [_from_row(row) for row in rows]


async def coming(
    db: Session, municipality: str | None = None, kind: str | None = None, skip: int = 0, many: int = 10
) -> list[Event]:
    """The next events that take place and are not over yet."""
    over = func.coalesce(events.c.ends_at, events.c.starts_at)
    query = ALL.where(events.c.state.in_(OPEN), over > db.now)
    rows = await db.rows(
        _narrowed(query, municipality, kind).order_by(events.c.starts_at, events.c.id).offset(skip).limit(many)
    )
    return [_from_row(row) for row in rows]


async def managed(db: Session, municipality: str | None, states: Sequence[str], many: int = 20) -> list[Event]:
    """Those of one municipality (None: of all), the newest first."""
    return await looked_after(db, [municipality], states, many)


async def looked_after(
    db: Session, municipalities: Collection[str | None], states: Sequence[str], many: int = 20
) -> list[Event]:
    """The events that an organizer of these municipalities looks after (None: those for all), the newest first."""
    query = ALL.where(events.c.state.in_(states))
    if None not in municipalities:
        query = query.where(events.c.municipality.in_(list(municipalities)))
    rows = await db.rows(query.order_by(events.c.made_at.desc(), events.c.id.desc()).limit(many))
    return [one for one in map(_alive, rows) if one]


async def over(db: Session, many: int = 50) -> list[Event]:
    """Events that have ended and are not on record as held yet."""
    fallback = ALL.where(events.c.state.in_(OPEN), events.c.starts_at <= db.now).order_by(events.c.starts_at)
    return [one for one in map(_from_row, await db.rows(fallback.limit(many))) if one.ends <= db.now]


# --- News ---


async def next_news(db: Session) -> Row[Any] | None:
    """News that is still being told; only one process tells it at a time."""
    return await db.first(
        select(event_news)
        .where(event_news.c.done_at.is_(None))
        .order_by(event_news.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


async def any_news(db: Session) -> bool:
    return await db.value(select(event_news.c.id).where(event_news.c.done_at.is_(None)).limit(1)) is not None


async def told_up_to(db: Session, news_id: int, after: int, told: int, *, is_done: bool) -> None:
    await db.execute(
        update(event_news)
        .where(event_news.c.id == news_id)
        .values(after=after, told=event_news.c.told + told, done_at=db.now if is_done else None)
    )
