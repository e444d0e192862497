"""The figures of one municipality in one month, counted in the database from `matters` and `daily_counts`.

What is asked of the database is aggregates and single values at given ranks, so a month of a hundred thousand matters
costs some index scans on a connection that only reads. What each figure means stands in `figures_dictionary`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, case, exists, func, select

from storage import daily
from storage.database import Session
from storage.figures_dictionary import RULES
from storage.figures_meetings import broadcasts, meetings
from storage.figures_numbers import MINIMUM, ranks, share_interval
from storage.figures_privacy import hidden
from storage.models import endings, matters, moves, unanswered
from storage.months import Month
from storage.reconciliation import adds_up

SCHEMA = "gishe-figures/1"
CLOCKS = ("acknowledgement", "answer", "decision", "solution")
TIMES = ("wall", "work")
RATINGS = ("solved", "partly", "not")
SIGNS = ("reopened", "refiled", "last_hour")  # Of closing for the sake of the figure.
AGES = (7, 30, 60, 180)  # Days: the bounds of the bands in which open matters are shown.
TREND = 12  # Months.
BREAKDOWNS = ("kind", "category", "source")

m = matters.c
Figures = dict[str, Any]


async def figures(db: Session, municipality: str, month: Month) -> Figures:
    """Everything that is published about a month, as one document."""
    until = min(month.ends, db.now)
    filed = await _count(db, m.municipality == municipality, m.filed_month == month.name)
    still_open = await _open(db, municipality, until)
    ended = await _endings(db, municipality, month)
    before = (await _open(db, municipality, month.starts))["count"]
    sums = await adds_up(db, municipality, month, (before, still_open["count"]), filed, ended["ended"])
    return {
        "schema": SCHEMA,
        "rules": RULES,
        "municipality": municipality,
        "month": month.name,
        "from": month.first_day.isoformat(),
        "to": month.last_day.isoformat(),
        "as_of": db.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "is_complete": db.now >= month.ends,
        "filed": filed,
        "clocks": await _clocks(db, municipality, month),
        "in_time": await _in_time(db, municipality, month, until),
        "open": still_open,
        **ended,
        "by": await _breakdowns(db, municipality, month),
        "trend": await _trend(db, municipality, month, until),
        **await _questions(db, municipality, month, until),
        "events": await meetings(db, municipality, month),
        "broadcasts": await broadcasts(db, municipality, month),
        "adds_up": [one.as_dict() for one in sums],
    }


async def _count(db: Session, *where: ColumnElement[bool]) -> int:
    return int(await db.value(select(func.count()).select_from(matters).where(*where)) or 0)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


# --- Four clocks ---


async def _clocks(db: Session, municipality: str, month: Month) -> Figures:
    where = and_(m.municipality == municipality, m.filed_month == month.name)
    counts = [func.count(matters.c[f"{clock}_{time}"]).label(f"{clock}_{time}") for clock in CLOCKS for time in TIMES]
    row = await db.first(select(func.count().label("filed"), *counts).select_from(matters).where(where))
    assert row is not None
    return {
        clock: {time: await _duration(db, f"{clock}_{time}", where, row.filed, row) for time in TIMES}
        for clock in CLOCKS
    }


async def _duration(db: Session, column: str, where: ColumnElement[bool], filed: int, counts: Any) -> Figures:
    """Median and 90th percentile over all matters filed, those not there yet last."""
    reached = getattr(counts, column)
    figure: Figures = {"n": filed, "reached": reached, "is_shown": filed >= MINIMUM}
    if filed < MINIMUM:
        return figure
    half, nine = ranks(filed, 0.5), ranks(filed, 0.9)
    wanted = {
        "median": half.point, "median_low": half.low, "median_high": half.high,
        "p90": nine.point, "p90_low": nine.low, "p90_high": nine.high,
    }  # fmt: skip
    found = await _at_ranks(db, column, where, {rank for rank in wanted.values() if rank and rank <= reached})
    return figure | {name: found.get(rank) if rank else None for name, rank in wanted.items()}


async def _at_ranks(db: Session, column: str, where: ColumnElement[bool], wanted: set[int]) -> dict[int, int]:
    if not wanted:
        return {}
    value = matters.c[column]
    place = func.row_number().over(order_by=value).label("place")
    sorted_ = select(value.label("minutes"), place).where(where, value.is_not(None)).subquery()
    rows = await db.rows(select(sorted_.c.place, sorted_.c.minutes).where(sorted_.c.place.in_(sorted(wanted))))
    return {row.place: row.minutes for row in rows}


# --- In time ---


async def _in_time(db: Session, municipality: str, month: Month, until: datetime) -> Figures:
    return {
        "first": await _against(db, m.decided_at, m.first_due_at, m.first_due_month, municipality, month, until),
        "in_force": await _against(db, m.ended_at, m.due_at, m.due_month, municipality, month, until),
        "moved": await _count(
            db, m.municipality == municipality, m.first_due_month == month.name, m.first_due_at <= until, m.moves > 0
        ),
    }


async def _against(
    db: Session,
    done: ColumnElement[Any],
    due: ColumnElement[Any],
    due_month: ColumnElement[Any],
    municipality: str,
    month: Month,
    until: datetime,
) -> Figures:
    row = await db.first(
        select(
            func.count().label("due"),
            _sum(done < due).label("in_time"),
            _sum(done >= due).label("late"),
        ).where(m.municipality == municipality, due_month == month.name, due <= until)
    )
    assert row is not None
    return {"due": row.due, "in_time": row.in_time, "late": row.late, "undecided": row.due - row.in_time - row.late,
            **share(row.in_time, row.due)}  # fmt: skip


def share(hits: int, n: int) -> Figures:
    """A share with its interval, or that there are too few for one."""
    if n < MINIMUM:
        return {"n": n, "is_shown": False}
    low, high = share_interval(hits, n)
    return {"n": n, "is_shown": True, "share": round(hits / n, 4), "low": round(low, 4), "high": round(high, 4)}


# --- Open matters ---


async def _open(db: Session, municipality: str, until: datetime) -> Figures:
    """Those that were open at a moment: what was opened again later counts as it was then."""
    was_ended = exists().where(
        endings.c.case_id == m.case_id, endings.c.ended_at < until,
        endings.c.reopened_at.is_(None) | (endings.c.reopened_at >= until),
    )  # fmt: skip
    edges = [until - timedelta(days=days) for days in AGES]
    bands = [_sum(m.filed_at > edges[0])]
    bands += [_sum(and_(m.filed_at > older, m.filed_at <= newer)) for newer, older in pairwise(edges)]
    bands.append(_sum(m.filed_at <= edges[-1]))
    overdue = _sum(m.due_at <= until)
    row = await db.first(
        select(func.count(), func.min(m.filed_at), overdue, *bands)
        .where(m.municipality == municipality, m.filed_at < until)
        .where(m.ended_at.is_(None) | (m.ended_at >= until) | (m.reopens > 0), ~was_ended)
    )
    assert row is not None
    count, oldest, late, *ages = tuple(row)
    return {
        "count": count,
        "overdue": late,
        "oldest_days": (until - oldest).days if oldest else None,
        "ages": dict(zip(age_names(), ages, strict=True)),
    }


def age_names() -> list[str]:
    """ "0-6", "7-29", …, "180-": whole days since filing."""
    return [f"{start}-{end}" for start, end in zip([0, *AGES], [*(str(days - 1) for days in AGES), ""], strict=True)]


# --- What ended ---


async def _endings(db: Session, municipality: str, month: Month) -> Figures:
    c = endings.c
    row = await db.first(
        select(
            func.count().label("ended"),
            _sum(c.reopened_at.is_not(None)).label("reopened"),
            _sum(c.refiled_at.is_not(None)).label("refiled"),
            _sum(c.is_last_hour).label("last_hour"),
            *(_sum(c.rating == rating).label(rating) for rating in RATINGS),
        ).where(c.municipality == municipality, c.month == month.name)
    )
    assert row is not None
    return {
        "ended": row.ended,
        "satisfaction": satisfaction({rating: getattr(row, rating) for rating in RATINGS}, row.ended),
        **{sign: {"count": getattr(row, sign), **share(getattr(row, sign), row.ended)} for sign in SIGNS},
        "delays": await _delays(db, municipality, month),
    }


def satisfaction(ratings: Mapping[str, int], asked: int) -> Figures:
    """What was said, beside how many said anything. A share gives no count away that is hidden."""
    answered = sum(ratings.values())
    counts = guarded(ratings)
    shares = {
        rating: share(ratings[rating], answered) if counts[rating] is not None else {"n": answered, "is_shown": False}
        for rating in ratings
    }
    return {"asked": asked, "answered": answered, "response": share(answered, asked), "counts": counts, **shares}


async def _delays(db: Session, municipality: str, month: Month) -> Figures:
    """Why matters were late that ended in the month, and how dates were moved in it."""
    e = endings.c
    late = await db.rows(
        select(e.late_reason, func.count().label("many"))
        .where(e.municipality == municipality, e.month == month.name, e.late_reason.is_not(None))
        .group_by(e.late_reason)
        .order_by(e.late_reason)
    )
    moved = await db.rows(
        select(moves.c.reason, func.count().label("many"))
        .where(moves.c.municipality == municipality, moves.c.month == month.name)
        .group_by(moves.c.reason)
        .order_by(moves.c.reason)
    )
    return {
        "late": guarded({row.late_reason: row.many for row in late}),
        "moved": {row.reason: row.many for row in moved},
    }


async def _breakdowns(db: Session, municipality: str, month: Month) -> Figures:
    found = {}
    for name in BREAKDOWNS:
        column = matters.c[name]
        rows = await db.rows(
            select(column.label("name"), func.count().label("many"))
            .where(m.municipality == municipality, m.filed_month == month.name)
            .group_by(column)
            .order_by(column)
        )
        found[name] = guarded({row.name: row.many for row in rows})
    return found


def guarded(counts: Mapping[str, int]) -> dict[str, int | None]:
    """The counts, those that must not be told as None."""
    away = hidden(counts)
    return {name: None if name in away else count for name, count in counts.items()}


# --- The months before ---


async def _trend(db: Session, municipality: str, month: Month, until: datetime) -> list[Figures]:
    months = [one.name for one in month.back(TREND)]
    filed = await _by_month(db, m.filed_month, municipality, months)
    ended = await _by_month(db, endings.c.month, municipality, months)
    rows = await db.rows(
        select(m.first_due_month.label("month"), func.count().label("due"),
               _sum(m.decided_at < m.first_due_at).label("in_time"))
        .where(m.municipality == municipality, m.first_due_month.in_(months), m.first_due_at <= until)
        .group_by(m.first_due_month)
    )  # fmt: skip
    due = {row.month: row for row in rows}
    return [
        {"month": name, "filed": filed.get(name, 0), "ended": ended.get(name, 0),
         "due": due[name].due if name in due else 0, "in_time": due[name].in_time if name in due else 0}
        for name in months
    ]  # fmt: skip


async def _by_month(db: Session, column: Column[Any], municipality: str, months: list[str]) -> dict[str, int]:
    rows = await db.rows(
        select(column.label("month"), func.count().label("many"))
        .where(column.table.c.municipality == municipality, column.in_(months))
        .group_by(column)
    )
    return {row.month: row.many for row in rows}


# --- What was asked ---


async def _questions(db: Session, municipality: str, month: Month, until: datetime) -> Figures:
    counts = await daily.totals(db, month.first_day, month.last_day, municipality)
    answered, rated = counts.get("answers", 0), counts.get("answers_rated", 0)
    u = unanswered.c
    waiting = await db.first(
        select(func.count().label("many"), func.min(u.asked_at).label("oldest")).where(
            u.municipality == municipality, u.asked_at < until, u.closed_at.is_(None) | (u.closed_at >= until)
        )
    )
    assert waiting is not None
    return {
        "questions": {
            "asked": answered,
            "offered": counts.get("answers_offered", 0),
            "other": counts.get("answers_other", 0),
            "from_handbook": {"count": counts.get("answers_card", 0), **share(counts.get("answers_card", 0), answered)},
        },
        "helpful": {
            "rated": rated,
            "response": share(rated, answered),
            "helped": share(counts.get("answers_helped", 0), rated),
        },
        "unanswered": {
            "registered": counts.get("unanswered", 0),
            "open": waiting.many,
            "oldest_days": (until - waiting.oldest).days if waiting.oldest else None,
        },
    }
