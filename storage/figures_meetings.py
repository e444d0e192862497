"""Meetings and announcements of a month: how many, who came, how many people were reached."""

from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from storage.database import Session
from storage.figures_privacy import is_small
from storage.handbook_problems import N_
from storage.models import announcements, event_feedback, event_news, events, seats
from storage.months import Month
from storage.opendata import TABLES, Field, Published, Wanted

HELD = ("published", "changed", "held")  # Neither a draft nor cancelled.
SIGNED_UP = ("going", "came", "absent")
SENT = ("sending", "paused", "stopped", "done")

e, a = events.c, announcements.c


def _seats(states: tuple[str, ...]) -> Any:
    """Places of an event in some states."""
    return (
        select(func.coalesce(func.sum(seats.c.seats), 0))
        .where(seats.c.event_id == e.id, seats.c.state.in_(states))
        .correlate(events)
        .scalar_subquery()
    )


def _told() -> Any:
    return (
        select(func.coalesce(func.sum(event_news.c.told), 0))
        .where(event_news.c.event_id == e.id)
        .correlate(events)
        .scalar_subquery()
    )


def _of(municipality: str, column: Any) -> Any:
    """Of this municipality, or of all of them together."""
    return or_(column == municipality, column.is_(None))


async def meetings(db: Session, municipality: str, month: Month) -> dict[str, int]:
    until = min(month.ends, db.now)
    inner = (
        select(_seats(SIGNED_UP).label("signed_up"), _seats(("came",)).label("came"), _told().label("told"))
        .where(_of(municipality, e.municipality), e.state.in_(HELD), e.starts_at >= month.starts, e.starts_at < until)
        .subquery()
    )
    row = await db.first(
        select(
            func.count().label("held"),
            *(func.coalesce(func.sum(inner.c[name]), 0).label(name) for name in ("signed_up", "came", "told")),
        ).select_from(inner)
    )
    assert row is not None
    return {name: int(value) for name, value in row._mapping.items()}


async def broadcasts(db: Session, municipality: str, month: Month) -> dict[str, int]:
    rows = await db.rows(
        select(a.resolved, a.figures).where(
            _of(municipality, a.municipality),
            a.state.in_(SENT),
            a.started_at >= month.starts,
            a.started_at < month.ends,
        )
    )
    return {"sent": len(rows), "recipients": sum(row.resolved for row in rows), "reached": sum(map(_reached, rows))}


def _reached(row: Row[Any]) -> int:
    """Those whose message went out, or waits for them in the web chat; known once sending has ended."""
    return int((row.figures or {}).get("sent", 0)) + int((row.figures or {}).get("web", 0))


# --- As open data ---


def _events(wanted: Wanted, after: int, most: Any) -> Select[Any]:
    where = [e.id > after, e.state.in_((*HELD, "cancelled")), e.published_at.is_not(None), *wanted.within(e.starts_at)]
    if wanted.municipality:
        where.append(_of(wanted.municipality, e.municipality))
    stars = select(func.avg(event_feedback.c.stars)).where(event_feedback.c.event_id == e.id).scalar_subquery()
    voices = select(func.count()).where(event_feedback.c.event_id == e.id).scalar_subquery()
    found = select(
        e.id, e.municipality, e.kind, e.state, e.title_bg, e.title_en, e.starts_at, e.ends_at, e.place, e.capacity,
        _seats(SIGNED_UP).label("signed_up"), _seats(("came",)).label("came"), _told().label("told"),
        voices.label("voices"), stars.label("stars"),
    )  # fmt: skip
    return found.where(*where).order_by(e.id).limit(most)


def _guarded(many: int) -> int | None:
    return None if is_small(many) else many


def _event(row: Row[Any], _safe: Any) -> list[Any]:
    stars = round(float(row.stars), 1) if row.stars is not None and not is_small(row.voices) else None
    return [
        f"{row.id:x}", row.municipality, row.kind, row.state, row.title_bg, row.title_en, row.starts_at, row.ends_at,
        row.place, row.capacity, _guarded(row.signed_up), _guarded(row.came), _guarded(row.told), _guarded(row.voices),
        stars,
    ]  # fmt: skip


EVENTS = Published(
    id="events",
    title=N_("Meetings"),
    about=N_("A row for each public meeting: when, where, and how many people signed up, came and were told."),
    fields=(
        Field("event", "text", N_("Number of the meeting.")),
        Field("municipality", "text", N_("Municipality; empty for all of them together.")),
        Field("kind", "text", N_("Kind of meeting.")),
        Field("state", "text", N_("State now.")),
        Field("title_bg", "text", N_("Title in Bulgarian.")),
        Field("title_en", "text", N_("Title in English.")),
        Field("starts_at", "moment", N_("Beginning.")),
        Field("ends_at", "moment", N_("End.")),
        Field("place", "text", N_("Public place of the meeting.")),
        Field("capacity", "number", N_("Places; empty for as many as come.")),
        Field("signed_up", "number", N_("Places taken; empty from 1 to 4.")),
        Field("came", "number", N_("People who came; empty from 1 to 4.")),
        Field("told", "number", N_("People who were told; empty from 1 to 4.")),
        Field("voices", "number", N_("People who judged it afterwards; empty from 1 to 4.")),
        Field("stars", "number", N_("Their mean, from 1 to 5; empty for fewer than 5 people.")),
    ),
    read=_events,
    row=_event,
)


def _broadcasts(wanted: Wanted, after: int, most: Any) -> Select[Any]:
    where = [a.id > after, a.state.in_(SENT), a.started_at.is_not(None), *wanted.within(a.started_at)]
    if wanted.municipality:
        where.append(_of(wanted.municipality, a.municipality))
    found = select(a.id, a.municipality, a.is_emergency, a.is_recall, a.state, a.started_at, a.ended_at, a.resolved,
                   a.figures, a.digests)  # fmt: skip
    return found.where(*where).order_by(a.id).limit(most)


def _broadcast(row: Row[Any], _safe: Any) -> list[Any]:
    known = row.figures or {}
    counts = [known.get(name) for name in ("sent", "web", "blocked", "failed", "unknown", "unsubscribed")]
    digest = " ".join(f"{language}:{value}" for language, value in sorted((row.digests or {}).items()))
    return [
        f"{row.id:x}", row.municipality, row.is_emergency, row.is_recall, row.state, row.started_at, row.ended_at,
        _guarded(row.resolved), *(None if many is None else _guarded(many) for many in counts), digest or None,
    ]  # fmt: skip


BROADCASTS = Published(
    id="broadcasts",
    title=N_("Announcements"),
    about=N_("A row for each announcement that was sent: when, to how many people, and what became of it."),
    fields=(
        Field("announcement", "text", N_("Number of the announcement.")),
        Field("municipality", "text", N_("Municipality; empty for all of them together.")),
        Field("is_emergency", "yes/no", N_("Warned of danger.")),
        Field("is_recall", "yes/no", N_("Took an earlier one back.")),
        Field("state", "text", N_("State now.")),
        Field("started_at", "moment", N_("Beginning of sending.")),
        Field("ended_at", "moment", N_("End of sending.")),
        Field("recipients", "number", N_("People it was meant for; empty from 1 to 4.")),
        Field("sent", "number", N_("Sent; empty from 1 to 4 and while it is being sent.")),
        Field("web", "number", N_("Waiting in the web chat; empty as above.")),
        Field("blocked", "number", N_("People who blocked the chat; empty as above.")),
        Field("failed", "number", N_("Refused by the channel; empty as above.")),
        Field("unknown", "number", N_("Perhaps arrived; empty as above.")),
        Field("unsubscribed", "number", N_("People who had unsubscribed meanwhile; empty as above.")),
        Field("digests", "text", N_("SHA-256 of the text in each language.")),
    ),
    read=_broadcasts,
    row=_broadcast,
)

ALL: dict[str, Published] = {**TABLES, EVENTS.id: EVENTS, BROADCASTS.id: BROADCASTS}
