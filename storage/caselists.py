"""Lists of cases: the inbox of the staff, search, a citizen's own matters, likely duplicates, and the workload."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, false, func, or_, select

from storage import casenumbers, casewords, permissions, workcalendar
from storage.caserecord import Case, from_row
from storage.caserules import Rules
from storage.cases import today
from storage.database import Session
from storage.models import case_followers, case_words, cases
from storage.roles import Role

SOON_WORKING_DAYS = 5
FILTERS = ("mine", "unassigned", "due-soon", "overdue", "waiting", "to-approve", "not-solved", "undelivered",
           "unnumbered", "open")  # fmt: skip
OF_DECIDED = ("not-solved", "undelivered")  # The others hold open cases only.
PAGE = 10
MOST_FOUND = 200  # By words: whoever finds more writes another word.
MOST_WORDS = 6  # Of a search: more make it no more exact.
DUPLICATE_DAYS = 60  # An older report of the same is a new matter.
CANDIDATES = 200
LIKE_ENOUGH = 0.25  # Of the words, where nothing is known of the distance.
EARTH_M = 6_371_000

_OPEN = cases.c.decided_at.is_(None)
one = cases.alias("one")  # Looked up apart, by its own index: SQLite would walk the municipality's cases instead.
NOT_SOLVED = select(one.c.id).where(
    one.c.decided_at.is_not(None), one.c.closed_at.is_(None), one.c.solved.in_(["no", "partly"])
)


@dataclass(frozen=True, slots=True)
class Page:
    cases: list[Case]
    total: int
    offset: int

    @property
    def has_more(self) -> bool:
        return self.offset + len(self.cases) < self.total


def _soon(day: date, calendar: workcalendar.Calendar) -> date:
    return calendar.add_working(day, SOON_WORKING_DAYS)


def clock_is_stopped(rules: Rules) -> ColumnElement[bool]:
    """Cases whose clock the law has stopped: they are not late while the citizen is to reply."""
    kinds = [kind.id for kind in rules.kinds.values() if kind.waiting != "none"]
    return and_(cases.c.state == "waiting", cases.c.kind.in_(kinds)) if kinds else false()


def conditions(
    rules: Rules, people: Collection[int], day: date, calendar: workcalendar.Calendar
) -> dict[str, ColumnElement[bool]]:  # fmt: skip
    """What each of `FILTERS` means."""
    runs = _OPEN & ~clock_is_stopped(rules)
    return {
        "open": _OPEN,
        "mine": _OPEN & cases.c.assignee.in_(people),
        "unassigned": _OPEN & cases.c.assignee.is_(None),
        "due-soon": runs & (cases.c.due_on >= day) & (cases.c.due_on <= _soon(day, calendar)),
        "overdue": runs & (cases.c.due_on < day),
        "waiting": _OPEN & (cases.c.state == "waiting"),
        "to-approve": _OPEN & cases.c.pending_answer.is_not(None),
        "not-solved": cases.c.id.in_(NOT_SOLVED),
        "undelivered": cases.c.undelivered_at.is_not(None),
        "unnumbered": _OPEN & cases.c.incoming_number.is_(None) & (cases.c.acknowledge_by < day),
    }


async def inbox(
    db: Session, rules: Rules, roles: Sequence[Role], people: Collection[int], wanted: str, *, municipality: str,
    department: str | None = None, offset: int = 0, many: int = PAGE,
) -> Page:  # fmt: skip
    """A page of what somebody may see, by one of `FILTERS`; what is due first comes first.

    `people` are they and for whom they stand in (`absences.stands_in_for`).
    """
    day = today(db)
    calendar = await workcalendar.of(db, municipality)
    known = conditions(rules, people, day, calendar)
    where = [permissions.within(roles), cases.c.municipality == municipality, known[wanted]]
    if department is not None:
        where.append(cases.c.department == department)
    return await _page(db, where, offset, many, cases.c.due_on.is_(None), cases.c.due_on, cases.c.id)


async def counts(
    db: Session, rules: Rules, roles: Sequence[Role], people: Collection[int], municipality: str
) -> dict[str, int]:  # fmt: skip
    """How many cases each filter holds. One look at the open ones, and one at each filter that has others, too."""
    known = conditions(rules, people, today(db), await workcalendar.of(db, municipality))
    ours = [permissions.within(roles), cases.c.municipality == municipality]
    of_open = [name for name in FILTERS if name not in OF_DECIDED]
    sums = [func.coalesce(func.sum(case((known[name], 1), else_=0)), 0) for name in of_open]
    row = await db.first(select(*sums).where(*ours, _OPEN))
    assert row is not None
    counted = dict(zip(of_open, map(int, row), strict=True))
    for name in OF_DECIDED:
        counted[name] = await db.value(select(func.count()).select_from(cases).where(*ours, known[name]))
    return {name: counted[name] for name in FILTERS}


async def _page(db: Session, where: Iterable[Any], offset: int, many: int, *order: Any) -> Page:
    where = list(where)
    total = await db.value(select(func.count()).select_from(cases).where(*where))
    rows = await db.rows(select(cases).where(*where).order_by(*order).offset(offset).limit(many)) if total else []
    return Page([from_row(row) for row in rows], total or 0, offset)


async def search(
    db: Session, roles: Sequence[Role], typed: str, letters: Iterable[str], *, municipality: str | None = None,
    offset: int = 0, many: int = PAGE,
) -> Page:  # fmt: skip
    """Cases by number (ours however typed, or the incoming one) or by words, newest first; only what one may see."""
    where = [permissions.within(roles)]
    if municipality:
        where.append(cases.c.municipality == municipality)
    if numbers := casenumbers.mentioned(typed, letters):
        return await _page(db, [*where, cases.c.number.in_(numbers)], offset, many, cases.c.id.desc())
    incoming = cases.c.id.in_(select(one.c.id).where(one.c.incoming_number == " ".join(typed.split())))
    found = await _page(db, [*where, incoming], offset, many, cases.c.id.desc())
    words = casewords.stems_of(typed)[:MOST_WORDS]
    return found if found.total or not words else await _with_words(db, where, words, offset, many)


async def _with_words(
    db: Session, where: Sequence[ColumnElement[bool]], words: Sequence[str], offset: int, many: int
) -> Page:  # fmt: skip
    """Cases with all of these stems. The index gives each stem's cases in order, so the newest come at once."""
    first, *others = (case_words.alias(f"word{place}") for place in range(len(words)))
    statement = select(cases.c.id).join(first, first.c.case_id == cases.c.id).where(first.c.word == words[0], *where)
    for other, word in zip(others, words[1:], strict=True):
        statement = statement.join(other, (other.c.case_id == first.c.case_id) & (other.c.word == word))
    ids = [row.id for row in await db.rows(statement.order_by(first.c.case_id.desc()).limit(MOST_FOUND))]
    shown = ids[offset : offset + many]
    rows = await db.rows(select(cases).where(cases.c.id.in_(shown)).order_by(cases.c.id.desc())) if shown else []
    return Page([from_row(row) for row in rows], len(ids), offset)


async def mine(
    db: Session, person_id: int, conversation_ids: Collection[int] = (), *, only_open: bool = False, offset: int = 0,
    many: int = PAGE,
) -> Page:  # fmt: skip
    """What somebody filed, newest first; the anonymous ones in the conversations where they were filed."""
    own = cases.c.person_id == person_id
    if conversation_ids:
        own = or_(own, and_(cases.c.conversation_id.in_(conversation_ids), cases.c.is_anonymous))
    where = [own, _OPEN] if only_open else [own]
    return await _page(db, where, offset, many, cases.c.id.desc())


async def followed(db: Session, person_id: int, many: int = 50) -> list[Case]:
    rows = await db.rows(
        select(cases)
        .join(case_followers, case_followers.c.case_id == cases.c.id)
        .where(case_followers.c.person_id == person_id, case_followers.c.until.is_(None))
        .order_by(cases.c.id.desc())
        .limit(many)
    )
    return [from_row(row) for row in rows]


# --- Likely duplicates ---


@dataclass(frozen=True, slots=True)
class Alike:
    """Another report that may be of the same thing. Its words are somebody else's: show what and where, not them."""

    case: Case
    metres: int | None
    likeness: float
    score: float


async def alike(
    db: Session, rules: Rules, *, municipality: str, category: str | None, text: str, lat: float | None = None,
    lon: float | None = None, settlement: str | None = None, person_id: int | None = None, many: int = 3,
) -> list[Alike]:  # fmt: skip
    """Reports of the last weeks that may be of the same thing, the likeliest first."""
    known = rules.category(category)
    if known is None or known.is_sensitive:
        return []
    where = [
        cases.c.municipality == municipality, cases.c.category == category, cases.c.is_sensitive.is_(False),
        cases.c.filed_at > db.now - timedelta(days=DUPLICATE_DAYS), cases.c.closed_at.is_(None),
        cases.c.state.not_in(["withdrawn", "duplicate", "refused"]),
    ]  # fmt: skip
    if lat is not None and lon is not None:
        where.append(_near(lat, lon, known.near_m))
    elif settlement is not None:
        where.append(cases.c.settlement == settlement)
    else:
        return []
    if person_id is not None:
        where.append(cases.c.person_id.is_distinct_from(person_id))
    rows = await db.rows(select(cases).where(*where).order_by(cases.c.id.desc()).limit(CANDIDATES))
    found = [_alike(from_row(row), text, lat, lon, known.near_m) for row in rows]
    return sorted((other for other in found if other), key=lambda other: -other.score)[:many]


def _near(lat: float, lon: float, metres: int) -> ColumnElement[bool]:
    """A box around a point, for the index; the exact distance is looked at afterwards."""
    high = math.degrees(metres / EARTH_M)
    wide = high / max(0.01, math.cos(math.radians(lat)))
    return and_(cases.c.lat.between(lat - high, lat + high), cases.c.lon.between(lon - wide, lon + wide))


def _alike(other: Case, text: str, lat: float | None, lon: float | None, near_m: int) -> Alike | None:
    likeness = casewords.likeness(text, other.text)
    if lat is None or lon is None or other.lat is None or other.lon is None:
        return Alike(other, None, likeness, likeness) if likeness >= LIKE_ENOUGH else None
    metres = distance_m(lat, lon, other.lat, other.lon)
    if metres > near_m:
        return None
    return Alike(other, round(metres), likeness, 1 - metres / near_m / 2 + likeness)


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Along the surface, by the haversine formula."""
    one, other = math.radians(lat), math.radians(other_lat)
    half = math.sin((other - one) / 2) ** 2
    half += math.cos(one) * math.cos(other) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


# --- Workload ---


async def workload(db: Session, rules: Rules, roles: Sequence[Role], municipality: str) -> Sequence[Row[Any]]:
    """Of each department and person: how much is open, late, due soon, and waits for the citizen."""
    day = today(db)
    known = conditions(rules, (), day, await workcalendar.of(db, municipality))
    shown = ("overdue", "due-soon", "waiting")
    sums = [func.sum(case((known[name], 1), else_=0)).label(name.replace("-", "_")) for name in shown]
    return await db.rows(
        select(cases.c.department, cases.c.assignee, func.count().label("open"), *sums)
        .where(permissions.within(roles, "workload"), cases.c.municipality == municipality, _OPEN)
        .group_by(cases.c.department, cases.c.assignee)
        .order_by(cases.c.department, cases.c.assignee)
    )
