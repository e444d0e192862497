"""The figures once more, by a second program: plain loops over raw rows, nothing shared with the first one.

It reads `cases`, `case_history` and `case_ratings` as they stand and knows nothing of `matters`.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from storage.database import Session
from storage.models import case_history, case_ratings, cases

SOFIA = ZoneInfo("Europe/Sofia")
OPEN = {"received", "registered", "working", "waiting", "planned", "reopened"}


def local(at: datetime) -> datetime:
    return at.astimezone(SOFIA)


def in_month(at: datetime | None, month: str) -> bool:
    return at is not None and local(at).strftime("%Y-%m") == month


def month_end(month: str) -> datetime:
    year, number = map(int, month.split("-"))
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=SOFIA)


def office_minutes(start: datetime, end: datetime, free: set[date]) -> int:
    """Day by day: how much of each working day from 9:00 to 17:30 lies between the two."""
    total, day = 0, local(start).date()
    floor = lambda at: at.replace(second=0, microsecond=0)  # noqa: E731
    a, b = floor(local(start)), floor(local(end))
    while day <= b.date():
        if day.weekday() < 5 and day not in free:
            opens = datetime.combine(day, time(9), SOFIA)
            closes = datetime.combine(day, time(17, 30), SOFIA)
            total += max(0, int((min(b, closes) - max(a, opens)).total_seconds() // 60))
        day += timedelta(days=1)
    return total


class Matter:
    def __init__(self, row: Any, history: list[Any], ratings: list[Any]) -> None:
        self.row, self.ratings = row, ratings
        self.ends: list[list[Any]] = []  # [when, outcome, reopened when]
        state = "received"
        for step in history:
            if state in OPEN and step.after not in OPEN:
                self.ends.append([step.at, step.after, None])
            if state not in OPEN and step.after in OPEN:
                self.ends[-1][2] = step.at
            state = step.after
        self.moved = [
            step.at
            for step in history
            if step.action in ("extend", "reply", "recompute", "classify")
            and step.content.get("due_on") != step.content.get("earlier_due_on")
        ]
        said = [
            s.at for s in history if s.actor == "staff" and s.action in ("ask", "plan", "answer", "refuse", "forward")
        ]
        self.answered = min(said, default=None)
        self.due_at_end = [self._due(history, end[0]) for end in self.ends]

    def _due(self, history: list[Any], at: datetime) -> date | None:
        told = [s.content["due_on"] for s in history if "due_on" in s.content and s.at < at]
        if not told:
            return self.row.first_due_on
        return date.fromisoformat(told[-1]) if told[-1] else None

    @property
    def done(self) -> datetime | None:
        """The end in force: none while it is open again."""
        return self.ends[-1][0] if self.ends and self.ends[-1][2] is None else None

    def is_open_at(self, moment: datetime) -> bool:
        if self.row.filed_at >= moment:
            return False
        return not any(ended < moment and (again is None or again >= moment) for ended, _o, again in self.ends)

    @property
    def decided(self) -> datetime | None:
        return self.ends[0][0] if self.ends else None

    def rating_of(self, end: list[Any]) -> str | None:
        said = [r.solved for r in self.ratings if r.at >= end[0] and (end[2] is None or r.at <= end[2])]
        return said[-1] if said else None

    @property
    def solved(self) -> datetime | None:
        return next((end[0] for end in reversed(self.ends) if self.rating_of(end) == "yes"), None)


async def read(db: Session, municipality: str) -> list[Matter]:
    rows = await db.rows(select(cases).where(cases.c.municipality == municipality))
    steps = await db.rows(select(case_history).order_by(case_history.c.id))
    said = await db.rows(select(case_ratings).order_by(case_ratings.c.id))
    return [
        Matter(row, [s for s in steps if s.case_id == row.id], [r for r in said if r.case_id == row.id]) for row in rows
    ]


def recount(matters: list[Matter], month: str, now: datetime, free: set[date], again: bool = True) -> dict[str, Any]:
    """What `storage.figures` says of the cases, as far as it is more than arithmetic on these."""
    until = min(month_end(month), now)
    filed = [m for m in matters if in_month(m.row.filed_at, month)]
    ends = [(m, end) for m in matters for end in m.ends if in_month(end[0], month)]
    is_open = [m for m in matters if m.is_open_at(until)]
    found: dict[str, Any] = {
        "filed": len(filed),
        "ended": len(ends),
        "clocks": {
            name: {
                "wall": quantiles([wall(m, at) for m, at in picked], len(filed)),
                "work": quantiles(
                    [None if at is None else office_minutes(m.row.filed_at, at, free) for m, at in picked], len(filed)
                ),
            }
            for name, picked in {
                "acknowledgement": [(m, m.row.acknowledged_at) for m in filed],
                "answer": [(m, m.answered) for m in filed],
                "decision": [(m, m.decided) for m in filed],
                "solution": [(m, m.solved) for m in filed],
            }.items()
        },
        "first": against([(m.decided, m.row.first_due_on) for m in matters], month, until),
        "in_force": against([(m.done, m.row.due_on) for m in matters], month, until),
        "open": len(is_open),
        "ages": Counter(band((until - m.row.filed_at) / timedelta(days=1)) for m in is_open),
        "overdue": sum(
            m.row.due_on is not None and passed(m.row.due_on, until) for m in is_open
        ),
        "ratings": Counter(said for m, end in ends if (said := m.rating_of(end))),
        "reopened": sum(end[2] is not None for _m, end in ends),
        "last_hour": sum(
            local(end[0]).date() == m.due_at_end[m.ends.index(end)] and local(end[0]).time() >= time(16, 30)
            for m, end in ends
        ),
        "refiled": sum(
            any(
                other is not m and other.row.person_id == m.row.person_id and other.row.category == m.row.category
                and end[0] < other.row.filed_at <= end[0] + timedelta(days=30)
                for other in matters
            )
            for m, end in (ends if again else [])
        ),
        "moved": sum(in_month(at, month) for m in matters for at in m.moved),
    }  # fmt: skip
    return found


def wall(matter: Matter, at: datetime | None) -> int | None:
    return None if at is None else int((at - matter.row.filed_at).total_seconds() // 60)


def quantiles(minutes: list[int | None], filed: int) -> dict[str, Any]:
    """Those that are not there yet took for ever."""
    if filed < 10:
        return {}
    ordered = sorted(float("inf") if one is None else one for one in minutes)
    pick = {"median": ordered[ceil(filed / 2) - 1], "p90": ordered[ceil(filed * 9 / 10) - 1]}
    return {name: None if value == float("inf") else value for name, value in pick.items()}


def passed(day: date, until: datetime) -> bool:
    return local(until) >= datetime.combine(day + timedelta(days=1), time(), SOFIA)


def against(pairs: list[tuple[datetime | None, date | None]], month: str, until: datetime) -> tuple[int, int, int]:
    """Due, in time, late."""
    due = [(done, day) for done, day in pairs if day and day.strftime("%Y-%m") == month and passed(day, until)]
    in_time = sum(done is not None and local(done).date() <= day for done, day in due)
    late = sum(done is not None and local(done).date() > day for done, day in due)
    return len(due), in_time, late


def band(days: float) -> str:
    for top, name in ((7, "0-6"), (30, "7-29"), (60, "30-59"), (180, "60-179")):
        if days < top:
            return name
    return "180-"
