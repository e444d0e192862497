"""Works out, from each case and its history, what the figures need of it: four clocks, its dates, its endings.

A case is worked in again whenever its version changed or the rules did (`figures_dictionary.RULES`). Reading and
working out happen on a connection that only reads; what is written is short.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select

from storage.casemoves import DECIDED, STAFF
from storage.database import Session
from storage.figures_dictionary import RULES
from storage.models import case_history, case_ratings, cases, endings, matters, moves
from storage.months import Month, month_name
from storage.officetime import OfficeTime, end_of_day, is_last_hour

ENDED = frozenset(DECIDED)
SUBSTANCE = ("ask", "plan", "answer", "refuse", "forward")  # With these a person says something about the matter.
MOVING = ("extend", "reply", "recompute", "classify")
AGAIN = timedelta(days=30)  # Who files the same within this time was hardly helped.
BATCH = 100  # Cases worked out at a time: a turn waits for no more than some hundredths of a second.
RATINGS = {"yes": "solved", "partly": "partly", "no": "not"}

c, h = cases.c, case_history.c

STALE = (
    select(c.id)
    .select_from(cases.outerjoin(matters, matters.c.case_id == c.id))
    .where(matters.c.case_id.is_(None) | (matters.c.seen != c.version) | (matters.c.rules != RULES))
    .where(c.id > bindparam("after"))
    .order_by(c.id)
    .limit(bindparam("most"))
)
CASES = select(
    c.id, c.version, c.municipality, c.kind, c.category, c.source, c.state, c.is_public, c.is_sensitive, c.person_id,
    c.filed_at, c.acknowledged_at, c.first_due_on, c.due_on,
).where(c.id.in_(bindparam("ids", expanding=True)))  # fmt: skip
HISTORY = (
    select(h.id, h.case_id, h.actor, h.action, h.before, h.after, h.content, h.at)
    .where(h.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(h.id)
)
RATED = (
    select(case_ratings.c.case_id, case_ratings.c.solved, case_ratings.c.at)
    .where(case_ratings.c.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(case_ratings.c.id)
)
later = cases.alias("later")
AGAIN_FILED = (
    select(c.id, later.c.filed_at)
    .select_from(cases.join(later, (later.c.person_id == c.person_id) & (later.c.id != c.id)))
    .where(c.id.in_(bindparam("ids", expanding=True)))
    .where(later.c.municipality == c.municipality, later.c.filed_at > c.filed_at)
    .where(func.coalesce(later.c.category, "") == func.coalesce(c.category, ""))
)
earlier = cases.alias("earlier")
BEFORE_THEM = (
    select(earlier.c.id)
    .select_from(
        cases.join(earlier, (earlier.c.person_id == c.person_id) & (earlier.c.id != c.id)).join(
            endings, endings.c.case_id == earlier.c.id
        )
    )
    .where(c.id.in_(bindparam("ids", expanding=True)))
    .where(endings.c.ended_at >= bindparam("since"), endings.c.ended_at < c.filed_at)
    .where(earlier.c.municipality == c.municipality, earlier.c.filed_at < c.filed_at)
    .where(func.coalesce(earlier.c.category, "") == func.coalesce(c.category, ""))
)


@dataclass(frozen=True, slots=True)
class Worked:
    """What becomes of one case: its row, its endings, the moves of its date."""

    matter: dict[str, Any]
    endings: list[dict[str, Any]]
    moves: list[dict[str, Any]]


async def stale(db: Session, after: int = 0, most: int = BATCH) -> list[int]:
    """Cases behind `after` that are not worked in as they are now."""
    return [row.id for row in await db.rows(STALE, after=after, most=most)]


async def work_out(db: Session, ids: Collection[int], offices: Mapping[str, OfficeTime]) -> list[Worked]:
    """Read these cases, and earlier ones that they repeat, and work them out."""
    found = list(await db.rows(CASES, ids=list(ids)))
    since = min((row.filed_at for row in found), default=db.now) - AGAIN
    before = {row.id for row in await db.rows(BEFORE_THEM, ids=list(ids), since=since)} - set(ids)
    if before:
        found += await db.rows(CASES, ids=list(before))
    wanted = set(ids) | before
    steps, rated, again = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in await db.rows(HISTORY, ids=list(wanted)):
        steps[row.case_id].append(row)
    for row in await db.rows(RATED, ids=list(wanted)):
        rated[row.case_id].append(row)
    for row in await db.rows(AGAIN_FILED, ids=list(wanted)):
        again[row.id].append(row.filed_at)
    return [worked(row, steps[row.id], rated[row.id], again[row.id], offices[row.municipality]) for row in found]


async def keep(db: Session, found: Sequence[Worked]) -> None:
    """Put what was worked out in the place of what was known."""
    ids = [one.matter["case_id"] for one in found]
    for table in (matters, endings, moves):
        await db.execute(delete(table).where(table.c.case_id.in_(ids)))
    for one in found:
        db.add(matters, **one.matter)
        for row in one.endings:
            db.add(endings, **row)
        for row in one.moves:
            db.add(moves, **row)


def worked(
    row: Row[Any], steps: Sequence[Row[Any]], rated: Sequence[Row[Any]], again: Sequence[datetime], office: OfficeTime
) -> Worked:
    ends = _endings(row, steps, rated, again)
    first_end = ends[0]["ended_at"] if ends else None
    still_ended = bool(ends) and ends[-1]["reopened_at"] is None
    solved = next((one for one in reversed(ends) if one["rating"] == "solved"), None)
    moments = {
        "acknowledgement": row.acknowledged_at,
        "answer": next((s.at for s in steps if s.actor == STAFF and s.action in SUBSTANCE), None),
        "decision": first_end,
        "solution": solved and solved["ended_at"],
    }
    moved = _moves(row, steps)
    first_due, due = _end(row.first_due_on), _end(row.due_on)
    matter = {
        "case_id": row.id,
        "municipality": row.municipality,
        "kind": row.kind,
        "category": row.category or "",
        "source": row.source,
        "state": row.state,
        "withheld": _withheld(row),
        "filed_at": row.filed_at,
        "acknowledged_at": row.acknowledged_at,
        "answered_at": moments["answer"],
        "decided_at": first_end,
        "solved_at": moments["solution"],
        "ended_at": ends[-1]["ended_at"] if still_ended else None,
        "first_due_at": first_due,
        "due_at": due,
        "moves": len(moved),
        "reopens": sum(one["reopened_at"] is not None for one in ends),
        **_minutes(row.filed_at, moments, office),
        "filed_month": Month.of(row.filed_at).name,
        "first_due_month": _month(row.first_due_on),
        "due_month": _month(row.due_on),
        "seen": row.version,
        "rules": RULES,
    }
    return Worked(matter, ends, moved)


def _end(day: date | None) -> datetime | None:
    return None if day is None else end_of_day(day)


def _month(day: date | None) -> str | None:
    return None if day is None else f"{day:%Y-%m}"


def _withheld(row: Row[Any]) -> str | None:
    if row.is_sensitive:
        return "sensitive"
    return None if row.is_public else "private"


def _minutes(filed_at: datetime, moments: Mapping[str, datetime | None], office: OfficeTime) -> dict[str, int | None]:
    """Whole minutes from filing to each moment, on the wall and in office hours."""
    found: dict[str, int | None] = {}
    for clock, at in moments.items():
        found[f"{clock}_wall"] = None if at is None else max(0, int((at - filed_at).total_seconds() // 60))
        found[f"{clock}_work"] = None if at is None else office.minutes(filed_at, at)
    return found


def _endings(
    row: Row[Any], steps: Sequence[Row[Any]], rated: Sequence[Row[Any]], again: Sequence[datetime]
) -> list[dict[str, Any]]:
    """Each step from an open state into one that ends the matter, with what came of it."""
    ends: list[dict[str, Any]] = []
    was_ended, due = False, row.first_due_on
    for step in steps:
        is_ended = step.after in ENDED
        if is_ended and not was_ended:
            ends.append(_ending(row, step, due))
        elif was_ended and not is_ended:
            ends[-1]["reopened_at"] = step.at
        elif is_ended and step.action == "late":
            ends[-1]["late_reason"] = step.content.get("late_reason")
        due = _due_after(step, due)
        was_ended = is_ended
    for one in ends:
        until = one["reopened_at"]
        said = [r for r in rated if r.at >= one["ended_at"] and (until is None or r.at <= until)]
        one["rating"] = RATINGS[said[-1].solved] if said else None
        soon = [at for at in again if one["ended_at"] < at <= one["ended_at"] + AGAIN]
        one["refiled_at"] = min(soon, default=None)
    return ends


def _due_after(step: Row[Any], due: date | None) -> date | None:
    """The date in force behind a step; those that set it say so."""
    if "due_on" not in step.content:
        return due
    told = step.content["due_on"]
    return None if told is None else date.fromisoformat(told)


def _ending(row: Row[Any], step: Row[Any], due: date | None) -> dict[str, Any]:
    return {
        "id": step.id,
        "case_id": row.id,
        "municipality": row.municipality,
        "month": month_name(step.at),
        "ended_at": step.at,
        "outcome": step.after,
        "reopened_at": None,
        "is_last_hour": due is not None and is_last_hour(step.at, due),
        "late_reason": step.content.get("late_reason"),
    }


def _moves(row: Row[Any], steps: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Each time that the date moved: by extension, waiting for the citizen, another calendar or another kind."""
    return [
        {
            "id": step.id,
            "case_id": row.id,
            "municipality": row.municipality,
            "month": month_name(step.at),
            "moved_at": step.at,
            "reason": step.action,
        }
        for step in steps
        if step.action in MOVING and step.content.get("due_on") != step.content.get("earlier_due_on")
    ]
