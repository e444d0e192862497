"""The published matters as Open311 GeoReport v2 asks for them: by number, topic, state and time of filing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from storage.database import Session
from storage.models import case_history, cases
from storage.opendata import PUBLIC

SPAN = timedelta(days=90)  # GeoReport v2: the default, and the most that may be asked for.
MOST = 1_000  # GeoReport v2: requests in one answer.
NO_CATEGORY = "other"  # The service of matters without a topic.

c = cases.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    municipality: str
    numbers: Collection[str] = ()  # These, whatever else is asked.
    categories: Collection[str] = ()
    statuses: Collection[str] = ()  # open, closed
    start: datetime | None = None
    end: datetime | None = None
    page: int = 1
    page_size: int = MOST


async def requests(db: Session, query: Query) -> list[Row[Any]]:
    """The matters asked for, the newest first, each with the moment of its last step."""
    where = [PUBLIC, c.municipality == query.municipality]
    if query.numbers:
        where.append(c.number.in_(query.numbers))
    else:
        where += [c.filed_at >= query.start, c.filed_at <= query.end]
        if query.categories:
            named = c.category.in_([one for one in query.categories if one != NO_CATEGORY])
            where.append(named | c.category.is_(None) if NO_CATEGORY in query.categories else named)
        if set(query.statuses) == {"open"}:
            where.append(c.decided_at.is_(None))
        elif set(query.statuses) == {"closed"}:
            where.append(c.decided_at.is_not(None))
    last_step = (
        select(func.max(case_history.c.at))
        .where(case_history.c.case_id == c.id, case_history.c.for_citizen)
        .correlate(cases)
        .scalar_subquery()
    )
    found = (
        select(
            c.id, c.number, c.municipality, c.category, c.state, c.department, c.settlement, c.lat, c.lon, c.filed_at,
            c.due_on, c.decided_at, last_step.label("changed_at"),
        )
        .where(*where)
        .order_by(c.filed_at.desc(), c.id.desc())
        .limit(query.page_size)
        .offset((query.page - 1) * query.page_size)
    )  # fmt: skip
    return list(await db.rows(found))
