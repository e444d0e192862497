"""Open data: which tables are published, what each column means, and the rows, without personal data.

No words of citizens, no names, no addresses. A place is told as a settlement and a point rounded to about a hundred
metres, and only where at least `SMALL` published matters share topic and settlement: a rare combination would point
at somebody. Matters that are private or sensitive are left out whole; how many they are stands in the figures.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select

from storage.database import Store
from storage.figures_privacy import SMALL
from storage.files_out import Value
from storage.handbook_problems import N_
from storage.models import answers, case_history, case_ratings, cases, unanswered

SCHEMA = "gishe-open-data/1"  # A column is added at the end under the same number; any other change has a new one.
PAGE = 2_000  # Rows read at a time: a long export holds no connection and no lock.
DIGITS = 3  # Of a coordinate: about a hundred metres.
PUBLIC = and_(cases.c.is_public, ~cases.c.is_sensitive)


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str  # text, number, moment, day or yes/no.
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A table of open data."""

    id: str
    title: str
    about: str
    fields: tuple[Field, ...]
    read: Callable[["Wanted", int, Any], Select[Any]]  # One page of rows behind a row number.
    row: Callable[[Row[Any], "Context"], Sequence[Value]]

    @property
    def header(self) -> list[str]:
        return [field.name for field in self.fields]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: of one municipality or of all, from a moment on, before a moment."""

    municipality: str | None = None
    start: datetime | None = None
    end: datetime | None = None

    def within(self, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        where = [column >= self.start] if self.start else []
        return [*where, column < self.end] if self.end else where


@dataclass(frozen=True, slots=True)
class Context:
    """What makes a row safe: the combinations of topic and settlement that are frequent enough to be told."""

    places: frozenset[tuple[str, str | None, str]]

    def place(self, row: Row[Any]) -> tuple[str | None, float | None, float | None]:
        if (row.municipality, row.category, row.settlement) not in self.places:
            return None, None, None
        return row.settlement, coarse(row.lat), coarse(row.lon)


def coarse(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, DIGITS)


def hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


async def context(store: Store) -> Context:
    async with store.reading() as db:
        rows = await db.rows(
            select(cases.c.municipality, cases.c.category, cases.c.settlement)
            .where(PUBLIC, cases.c.settlement.is_not(None))
            .group_by(cases.c.municipality, cases.c.category, cases.c.settlement)
            .having(func.count() >= SMALL)
        )
    return Context(frozenset((row.municipality, row.category, row.settlement) for row in rows))


async def read(store: Store, what: Published, wanted: Wanted) -> AsyncIterator[Sequence[Value]]:
    """The rows, page by page: each is a short read of its own."""
    safe, last = await context(store), 0
    while True:
        async with store.reading() as db:
            rows = await db.rows(what.read(wanted, last, PAGE))
        for row in rows:
            yield what.row(row, safe)
        if len(rows) < PAGE:
            return
        last = rows[-1].id


async def count(store: Store, what: Published, wanted: Wanted) -> int:
    async with store.reading() as db:
        inner = what.read(wanted, 0, None).order_by(None).subquery()
        return int(await db.value(select(func.count()).select_from(inner)) or 0)


# --- Cases ---

c = cases.c


def _cases(wanted: Wanted, after: int, most: Any) -> Select[Any]:
    parents = cases.alias("parents")
    where = [PUBLIC, c.id > after, *wanted.within(c.filed_at)]
    if wanted.municipality:
        where.append(c.municipality == wanted.municipality)
    found = select(*_CASE_COLUMNS, parents.c.number.label("parent")).select_from(
        cases.outerjoin(parents, parents.c.id == c.parent_id)
    )
    return found.where(*where).order_by(c.id).limit(most)


_CASE_COLUMNS = (
    c.id, c.number, c.municipality, c.kind, c.category, c.priority, c.source, c.state, c.department, c.is_anonymous,
    c.settlement, c.lat, c.lon, c.filed_at, c.first_due_on, c.due_on, c.extensions, c.waited_days, c.acknowledged_at,
    c.answered_at, c.decided_at, c.reopened, c.late_reason, c.solved, c.edition,
)  # fmt: skip


def _case(row: Row[Any], safe: Context) -> Sequence[Value]:
    return [
        row.number, row.municipality, row.kind, row.category, row.priority, row.source, row.state, row.department,
        row.is_anonymous, *safe.place(row), row.filed_at, row.first_due_on, row.due_on, row.extensions,
        row.waited_days, row.acknowledged_at, row.answered_at, row.decided_at, row.reopened, row.late_reason,
        row.solved, row.parent, row.edition,
    ]  # fmt: skip


CASES = Published(
    id="cases",
    title=N_("Matters"),
    about=N_("A row for each published matter: what kind, where roughly, each date and how it stands."),
    fields=(
        Field("number", "text", N_("Number in the system.")),
        Field("municipality", "text", N_("Municipality, as in the addresses of these pages.")),
        Field("kind", "text", N_("Kind of message under the law: signal, proposal, request and so on.")),
        Field("category", "text", N_("Topic.")),
        Field("priority", "text", N_("Internal priority.")),
        Field("source", "text", N_("How it came: chat, phone, counter, letter, email; demo marks trial data.")),
        Field("state", "text", N_("State now.")),
        Field("department", "text", N_("Department in charge.")),
        Field("is_anonymous", "yes/no", N_("Filed without a name.")),
        Field("settlement", "text", N_("Settlement (EKATTE code); empty where it could point at somebody.")),
        Field("lat", "number", N_("Latitude, rounded to about a hundred metres; empty as above.")),
        Field("long", "number", N_("Longitude, rounded to about a hundred metres; empty as above.")),
        Field("filed_at", "moment", N_("Moment of filing.")),
        Field("first_due_on", "day", N_("Last day that was promised first; it never changes.")),
        Field("due_on", "day", N_("Last day in force, after lawful extensions and pauses.")),
        Field("extensions", "number", N_("How often the date was extended.")),
        Field("waited_days", "number", N_("Days for which the date stood still, waiting for the citizen.")),
        Field("acknowledged_at", "moment", N_("Moment at which staff confirmed receipt.")),
        Field("answered_at", "moment", N_("Moment of the first answer in substance.")),
        Field("decided_at", "moment", N_("Moment of the decision in force; empty while the matter is open.")),
        Field("reopened", "number", N_("How often it was opened again.")),
        Field("late_reason", "text", N_("Reason of delay given by staff.")),
        Field("solved", "text", N_("What the citizen said last: yes, partly, no.")),
        Field("parent", "text", N_("Number of the matter that this one repeats.")),
        Field("edition", "number", N_("Edition of the handbook whose rules held at filing.")),
    ),
    read=_cases,
    row=_case,
)


# --- What happened to them ---


def _of_public_case(columns: Sequence[Any], table: Any, wanted: Wanted, after: int, most: Any) -> Select[Any]:
    where = [PUBLIC, table.c.id > after, *wanted.within(table.c.at)]
    if wanted.municipality:
        where.append(c.municipality == wanted.municipality)
    found = select(table.c.id, c.number, c.municipality, *columns).select_from(
        table.join(cases, cases.c.id == table.c.case_id)
    )
    return found.where(*where).order_by(table.c.id).limit(most)


def _timelines(wanted: Wanted, after: int, most: Any) -> Select[Any]:
    h = case_history.c
    return _of_public_case((h.at, h.actor, h.action, h.before, h.after), case_history, wanted, after, most)


TIMELINES = Published(
    id="timelines",
    title=N_("Timelines"),
    about=N_("Each step of each published matter, without its words."),
    fields=(
        Field("number", "text", N_("Number of the matter.")),
        Field("municipality", "text", N_("Municipality, as in the addresses of these pages.")),
        Field("at", "moment", N_("Moment of the step.")),
        Field("actor", "text", N_("Who acted: author, citizen, staff or clock.")),
        Field("action", "text", N_("What was done.")),
        Field("before", "text", N_("State before.")),
        Field("after", "text", N_("State after.")),
    ),
    read=_timelines,
    row=lambda row, _safe: [row.number, row.municipality, row.at, row.actor, row.action, row.before, row.after],
)


def _ratings(wanted: Wanted, after: int, most: Any) -> Select[Any]:
    return _of_public_case((case_ratings.c.at, case_ratings.c.solved), case_ratings, wanted, after, most)


RATINGS = Published(
    id="ratings",
    title=N_("Citizens' judgement"),
    about=N_("What citizens said about the outcome of published matters, without their words."),
    fields=(
        Field("number", "text", N_("Number of the matter.")),
        Field("municipality", "text", N_("Municipality, as in the addresses of these pages.")),
        Field("at", "moment", N_("Moment of the judgement.")),
        Field("solved", "text", N_("yes, partly or no.")),
    ),
    read=_ratings,
    row=lambda row, _safe: [row.number, row.municipality, row.at, row.solved],
)


# --- Questions ---


def _questions(wanted: Wanted, after: int, most: Any) -> Select[Any]:
    a, u = answers.c, unanswered.c
    where = [a.id > after, *wanted.within(a.at)]
    if wanted.municipality:
        where.append(a.municipality == wanted.municipality)
    found = select(
        a.id, a.at, a.municipality, a.language, a.intent, a.card, a.confident, a.edition, a.helped,
        u.reason, u.closed_at,
    ).select_from(answers.outerjoin(unanswered, u.incoming_id == a.incoming_id))  # fmt: skip
    return found.where(*where).order_by(a.id).limit(most)


QUESTIONS = Published(
    id="questions",
    title=N_("Questions and answers"),
    about=N_("A row for each question answered: which card of which edition, how surely, and whether it helped. The "
             "words of the question are not published."),
    fields=(
        Field("at", "moment", N_("Hour of the answer; minutes would help to find out who asked.")),
        Field("municipality", "text", N_("Municipality of the asker; empty where none was chosen.")),
        Field("language", "text", N_("Language of the answer.")),
        Field("intent", "text", N_("What the question was understood to be.")),
        Field("card", "text", N_("Card of the handbook; empty where none was given.")),
        Field("confident", "yes/no", N_("Whether the card was given as the answer, and not only offered.")),
        Field("edition", "number", N_("Edition of the handbook.")),
        Field("helped", "text", N_("What the asker said: yes or no.")),
        Field("unanswered", "text", N_("Why it stands in the register of the unanswered: nothing found, unhelpful, a "
                                       "person wanted.")),
        Field("unanswered_until", "moment", N_("Moment at which an editor dealt with it.")),
    ),
    read=_questions,
    row=lambda row, _safe: [
        hour(row.at), row.municipality, row.language, row.intent, row.card, row.confident, row.edition, row.helped,
        row.reason, row.closed_at,
    ],
)  # fmt: skip

TABLES: dict[str, Published] = {one.id: one for one in (CASES, TIMELINES, QUESTIONS, RATINGS)}
