"""Whether everything adds up: each line counts the same things in two independent ways, and tells the difference.

A difference is an alarm: something was lost, added or hidden on the way from a message to a published figure.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from storage import daily
from storage.daily import first_id
from storage.database import Session
from storage.handbook_problems import N_
from storage.models import case_counters, cases, endings, incoming, matters
from storage.months import Month, midnight
from storage.opendata import PUBLIC

SETTLING = timedelta(minutes=15)  # What is younger may not be worked in yet.

SUMS = {
    "messages": N_("Messages heard in the month, in all municipalities"),
    "questions": N_("Questions heard in the month, in all municipalities"),
    "numbers": N_("Numbers given to matters this year"),
    "matters": N_("Matters in these figures"),
    "published": N_("Matters filed in the month"),
    "stock": N_("Open matters at the end of the month"),
}
PARTS = {
    "questions": N_("questions"),
    "dialogue": N_("other steps of a dialogue"),
    "silent": N_("messages that ask for nothing"),
    "waiting": N_("still waiting"),
    "failed": N_("failed, with an apology"),
    "answered": N_("answered"),
    "register": N_("passed to a person"),
    "kept": N_("matters kept"),
    "published": N_("published as open data"),
    "private": N_("not public"),
    "sensitive": N_("sensitive"),
    "before": N_("open before"),
    "filed": N_("filed"),
    "reopened": N_("opened again"),
    "ended": N_("closed (taken off)"),
}


@dataclass(frozen=True, slots=True)
class Sum:
    """A number, and the parts that it must be the sum of."""

    id: str
    total: int
    parts: Mapping[str, int]

    @property
    def difference(self) -> int:
        return self.total - sum(self.parts.values())

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"difference": self.difference}


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """A line that does not add up."""

    municipality: str
    month: str
    line: str
    count: int


async def adds_up(
    db: Session, municipality: str, month: Month, opens: tuple[int, int], filed: int, ended: int
) -> list[Sum]:
    """All lines of a month. `opens`: how many were open before it and at its end."""
    return [
        await _messages(db, month),
        await _questions(db, month),
        await _numbers(db, municipality, month.year),
        await _worked_in(db, municipality),
        await _published(db, municipality, month, filed),
        await _stock(db, municipality, month, opens, filed, ended),
    ]  # fmt: skip


async def _messages(db: Session, month: Month) -> Sum:
    """Days that are over: as they were counted, against the messages that are there now."""
    until = min(month.ends, midnight(daily.day_of(db.now)))
    last = min(month.last_day, daily.day_of(db.now) - timedelta(days=1))
    counts = await daily.totals(db, month.first_day, last)
    low, high = first_id(month.starts), first_id(max(until, month.starts))
    there = await db.value(select(func.count()).select_from(incoming).where(incoming.c.id >= low, incoming.c.id < high))
    names = {"questions": "heard_questions", "dialogue": "heard_dialogue", "silent": "heard_other",
             "waiting": "heard_waiting", "failed": "heard_failed"}  # fmt: skip
    return Sum("messages", int(there or 0), {name: counts.get(measure, 0) for name, measure in names.items()})


async def _questions(db: Session, month: Month) -> Sum:
    last = min(month.last_day, daily.day_of(db.now) - timedelta(days=1))
    counts = await daily.totals(db, month.first_day, last)
    parts = {"answered": counts.get("kept_answers", 0), "register": counts.get("kept_register", 0)}
    return Sum("questions", counts.get("heard_questions", 0), parts)


async def _numbers(db: Session, municipality: str, year: int) -> Sum:
    given = await db.value(
        select(case_counters.c.last).where(case_counters.c.municipality == municipality, case_counters.c.year == year)
    )
    there = await db.value(
        select(func.count()).select_from(cases).where(cases.c.municipality == municipality, cases.c.year == year)
    )
    return Sum("numbers", int(given or 0), {"kept": int(there or 0)})


async def _worked_in(db: Session, municipality: str) -> Sum:
    settled = db.now - SETTLING
    there = await db.value(
        select(func.count()).select_from(cases).where(cases.c.municipality == municipality, cases.c.filed_at < settled)
    )
    known = await db.value(
        select(func.count())
        .select_from(matters)
        .where(matters.c.municipality == municipality, matters.c.filed_at < settled)
    )
    return Sum("matters", int(known or 0), {"kept": int(there or 0)})


async def _published(db: Session, municipality: str, month: Month, filed: int) -> Sum:
    """The figure, against the rows that the open data give away and those held back."""
    where = (cases.c.municipality == municipality, cases.c.filed_at >= month.starts, cases.c.filed_at < month.ends)
    row = await db.first(
        select(
            func.count().filter(PUBLIC).label("published"),
            func.count().filter(cases.c.is_sensitive).label("sensitive"),
            func.count().filter(~cases.c.is_public, ~cases.c.is_sensitive).label("private"),
        ).where(*where)
    )
    assert row is not None
    return Sum("published", filed, dict(row._mapping))


async def _stock(
    db: Session, municipality: str, month: Month, opens: tuple[int, int], filed: int, ended: int
) -> Sum:  # fmt: skip
    before, after = opens
    reopened = await db.value(
        select(func.count())
        .select_from(endings)
        .where(endings.c.municipality == municipality)
        .where(endings.c.reopened_at >= month.starts, endings.c.reopened_at < min(month.ends, db.now))
    )
    parts = {"before": before, "filed": filed, "reopened": int(reopened or 0), "ended": -ended}
    return Sum("stock", after, parts)
