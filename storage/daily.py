"""Counts of each day: messages, questions, answers and what was sent, counted once and kept.

A day is counted anew until it is `SETTLED` old, for ratings and receipts come later; then its counts stay, and only its
number of messages is compared with the tables (`reconciliation`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, delete, exists, func, literal, select

from storage.database import Session
from storage.ids import EPOCH_MS, LOW_BITS
from storage.models import answers, daily_counts, incoming, outgoing, people, unanswered
from storage.months import SOFIA, midnight

SETTLED = timedelta(days=14)
INTENTS = ("service", "report", "emergency", "appeal", "whistleblowing", "smalltalk", "out_of_scope")
QUESTION = tuple(f"questions.{intent}" for intent in INTENTS)  # Handlers of questions that were understood.
LATER = 3_600_000 << LOW_BITS  # An hour of row numbers: an answer is written with the turn of its question.
NOBODY = ""  # The municipality of people who chose none.

Counts = dict[tuple[str, str], int]  # By municipality and measure.


def first_id(moment: datetime) -> int:
    """The smallest row number that can have been made at this moment (`storage/ids.py`)."""
    return max(0, int(moment.timestamp() * 1000) - EPOCH_MS) << LOW_BITS


def moment_of(row_id: int) -> datetime:
    """When a row was made, by its number."""
    return datetime.fromtimestamp(((row_id >> LOW_BITS) + EPOCH_MS) / 1000, UTC)


def day_of(moment: datetime) -> date:
    return moment.astimezone(SOFIA).date()


async def count_day(db: Session, day: date) -> Counts:
    """Count a day from the tables themselves."""
    counts: Counts = defaultdict(int)
    low, high = first_id(midnight(day)), first_id(midnight(day + timedelta(days=1)))
    for rows in (
        await db.rows(_heard(low, high)),
        await db.rows(_said(low, high)),
        await db.rows(_answers(low, high)),
        await db.rows(_kept(low, high)),
        await db.rows(_kept_answers(low, high)),
        await db.rows(_kept_register(low, high)),
    ):
        _add(counts, rows)
    return counts


def _add(counts: Counts, rows: Iterable[Row[Any]]) -> None:
    for row in rows:
        values = dict(row._mapping)
        place = values.pop("municipality") or NOBODY
        measure = str(values.pop("measure", ""))
        for name, count in values.items():
            if count:
                counts[place, f"{name}.{measure}" if measure else name] += int(count)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


def _heard(low: int, high: int) -> Select[Any]:
    """Messages heard, by what became of them."""
    return (
        select(
            people.c.municipality,
            func.count().label("heard"),
            _sum(incoming.c.state == "waiting").label("heard_waiting"),
            _sum(incoming.c.state == "failed").label("heard_failed"),
            _sum((incoming.c.state == "handled") & incoming.c.handler.in_(QUESTION)).label("heard_questions"),
            _sum(
                (incoming.c.state == "handled") & incoming.c.handler.is_not(None) & incoming.c.handler.not_in(QUESTION)
            ).label("heard_dialogue"),
            _sum((incoming.c.state == "handled") & incoming.c.handler.is_(None)).label("heard_other"),
        )
        .select_from(incoming.join(people, people.c.id == incoming.c.person_id))
        .where(incoming.c.id >= low, incoming.c.id < high)
        .group_by(people.c.municipality)
    )


def _said(low: int, high: int) -> Select[Any]:
    """Messages of ours by state. They are counted in all: to whom they went is nobody's municipality."""
    none = literal(NOBODY).label("municipality")
    return (
        select(none, outgoing.c.state.label("measure"), func.count().label("said"))
        .where(outgoing.c.id >= low, outgoing.c.id < high)
        .group_by(outgoing.c.state)
    )


def _answers(low: int, high: int) -> Select[Any]:
    """Questions answered, by the municipality that the question was about."""
    a = answers.c
    return (
        select(
            a.municipality,
            func.count().label("answers"),
            _sum(a.confident & a.card.is_not(None)).label("answers_card"),
            _sum(~a.confident & a.card.is_not(None)).label("answers_offered"),
            _sum(a.card.is_(None)).label("answers_other"),
            _sum(a.helped.is_not(None)).label("answers_rated"),
            _sum(a.helped == "yes").label("answers_helped"),
        )
        .where(a.id >= low, a.id < high)
        .group_by(a.municipality)
    )


def _kept(low: int, high: int) -> Select[Any]:
    """Questions put into the register of the unanswered."""
    u = unanswered.c
    return (
        select(u.municipality, func.count().label("unanswered"))
        .where(u.id >= low, u.id < high)
        .group_by(u.municipality)
    )


def _kept_answers(low: int, high: int) -> Any:
    """Questions heard that day which have an answer of ours: the other side of `heard_questions`."""
    within = (answers.c.incoming_id >= low, answers.c.incoming_id < high)
    counted = func.count(answers.c.incoming_id.distinct()).label("kept_answers")
    found: Any = select(literal(NOBODY).label("municipality"), counted)
    return found.where(answers.c.id >= low, answers.c.id < high + LATER, *within)


def _kept_register(low: int, high: int) -> Any:
    """Questions heard that day which went to a person without an answer of ours."""
    has_answer = exists().where(answers.c.incoming_id == unanswered.c.incoming_id, answers.c.id >= low)
    found: Any = select(literal(NOBODY).label("municipality"), func.count().label("kept_register"))
    return found.select_from(unanswered.join(incoming, incoming.c.id == unanswered.c.incoming_id)).where(
        incoming.c.id >= low, incoming.c.id < high, incoming.c.handler.in_(QUESTION), ~has_answer
    )


# --- Kept ---


async def keep_day(db: Session, day: date, counts: Counts) -> None:
    """Put the counts of a day in the place of what was known of it."""
    await db.execute(delete(daily_counts).where(daily_counts.c.day == day))
    for (municipality, measure), count in counts.items():
        db.add(daily_counts, day=day, municipality=municipality, measure=measure, count=count)


async def days_to_count(db: Session, most: int) -> Sequence[date]:
    """Days that were never counted, the oldest first, and those that may still change, at most `most`."""
    oldest = await db.value(select(func.min(incoming.c.id)))  # By number: that needs no look at the rows.
    today = day_of(db.now)
    if oldest is None:
        return [today]
    known = {row.day for row in await db.rows(select(daily_counts.c.day).distinct())}
    missing = [day for day in days(day_of(moment_of(oldest)), today) if day not in known]
    return missing[:most] or [today]


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


async def totals(db: Session, first: date, last: date, municipality: str | None = None) -> dict[str, int]:
    """The counts of some days by measure, of one municipality or of all together."""
    where = [daily_counts.c.day >= first, daily_counts.c.day <= last]
    if municipality is not None:
        where.append(daily_counts.c.municipality == municipality)
    rows = await db.rows(
        select(daily_counts.c.measure, func.sum(daily_counts.c.count).label("many"))
        .where(*where)
        .group_by(daily_counts.c.measure)
    )
    return {row.measure: int(row.many) for row in rows}
