"""What casework speaks in: a case, who acts on it, what became of an act, and what then has to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from storage.casemoves import CLOCK, OPEN, STAFF
from storage.permissions import Where
from storage.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A row of table `cases`."""

    id: int
    number: str
    municipality: str
    year: int
    running: int
    version: int
    kind: str
    category: str | None
    priority: str
    is_sensitive: bool
    title: str
    text: str
    language: str
    is_edited: bool
    person_id: int | None
    conversation_id: int | None
    is_anonymous: bool
    name: str | None
    contact: str | None
    source: str
    filed_by: int | None
    question_id: int | None
    code_digest: str | None
    lat: float | None
    lon: float | None
    place: str | None
    settlement: str | None
    state: str
    department: str | None
    assignee: int | None
    incoming_number: str | None
    parent_id: int | None
    pending_answer: dict[str, Any] | None
    filed_at: datetime
    first_due_on: date | None
    due_on: date | None
    basis: dict[str, Any] | None
    edition: int
    target_on: date | None
    forward_by: date | None
    acknowledge_by: date | None
    planned_on: date | None
    acknowledged_at: datetime | None
    answered_at: datetime | None
    decided_at: datetime | None
    closed_at: datetime | None
    waiting_since: date | None
    waited_days: int
    extensions: int
    reopened: int
    late_reason: str | None
    solved: str | None
    is_public: bool
    followers: int
    undelivered_at: datetime | None
    news_at: datetime

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def where(self) -> Where:
        return Where(self.municipality, self.department, self.category, self.is_sensitive)

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps by which its date was computed."""
        return list((self.basis or {}).get("steps", ()))

    def is_overdue(self, today: date) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < today


def iso_day(day: date | None) -> str | None:
    """A day as the history and the journal keep it."""
    return day.isoformat() if day else None


def from_row(row: Row[Any]) -> Case:
    return Case(**row._mapping)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the author of a case (`cases.author_of`), somebody of the staff with their roles, or the clock."""

    kind: str
    person_id: int | None = None
    roles: Sequence[Role] = ()
    proof: int | None = None  # The anonymous case whose author this has proven to be.


def staff(person_id: int, roles: Sequence[Role]) -> Actor:
    return Actor(STAFF, person_id, roles)


THE_CLOCK = Actor(CLOCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Something somebody has to hear. The dialogue finds the words; who and what stand here.

    `to` is `author`, `follower`, `person` (one of the staff), `department`, `head`, `secretary` or `mayor`.
    """

    to: str
    what: str
    case_id: int | None = None
    person_id: int | None = None
    conversation_id: int | None = None
    municipality: str | None = None
    department: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What became of an act."""

    case: Case  # As it is now.
    action: str
    before: str | None
    after: str
    history_id: int
    content: Mapping[str, Any]
    tell: tuple[Tell, ...] = ()


class CaseTrouble(Exception):
    """An act that is not possible. `code` says why, for whoever finds the words."""

    def __init__(self, code: str, case: Case | None = None, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.case = case
        self.facts = facts


class NotAllowed(CaseTrouble):
    """This person may not do this here. Whoever asks learns no more than that."""


class WrongState(CaseTrouble):
    """The case is in a state that does not allow this."""


class Overtaken(CaseTrouble):
    """Somebody else acted on the case since it was shown; `case` is as it is now."""


class Missing(CaseTrouble):
    """Something is needed: a reason, words, why it is late."""


class Unlawful(CaseTrouble):
    """The law, or our own rule, does not allow it."""
