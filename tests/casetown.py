"""People and cases for tests of casework: who files, who handles, and the day it is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from storage import casenumbers, cases, people, roles
from storage.caserecord import Actor, Case, staff
from storage.caserules import Rules
from storage.cases import Filed, Filing
from storage.database import Session
from storage.handbook import Handbook
from storage.ids import new_id
from storage.models import roles as role_rows
from storage.roles import Role


class Day:
    """A clock that stands where the test puts it, at noon."""

    def __init__(self, day: date) -> None:
        self.now = self.noon(day)

    @staticmethod
    def noon(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, db: Session, day: date) -> None:
        self.now = db.now = self.noon(day)


@dataclass
class Somebody:
    person_id: int
    conversation_id: int


class Bureau:
    """A municipality at work, within one session."""

    def __init__(self, db: Session, book: Handbook) -> None:
        self.db = db
        self.rules = Rules(book)
        self.letters = casenumbers.letters_of(book.municipalities)

    def somebody(self, name: str = "") -> Somebody:
        met = people.welcome(self.db, "paper", name or f"p{new_id()}", "bg")
        assert met.person
        return Somebody(met.person.id, met.id)

    async def employs(self, role: str = "staff", municipality: str | None = "montana", **more: Any) -> Actor:
        """Somebody new with this role, kept in the table as well."""
        given = Role(role, municipality, **more)
        person = self.somebody()
        self.db.add(
            role_rows, id=new_id(), person_id=person.person_id, role=given.role, municipality=given.municipality,
            department=given.department, category=given.category, since=self.db.now,
        )  # fmt: skip
        return staff(person.person_id, await roles.of(self.db, person.person_id))

    async def files(self, author: Somebody | None = None, **more: Any) -> Filed:
        author = author or self.somebody()
        given: dict[str, Any] = {
            "municipality": "montana", "kind": "signal", "category": "pothole", "language": "bg", "name": "Ана Иванова",
            "text": "Голяма дупка на улица „Извора“ пред номер 5. Опасно е за колите.",
            "person_id": author.person_id, "conversation_id": author.conversation_id,
        } | more  # fmt: skip
        filing = Filing(**given)
        letters = self.letters[filing.municipality]
        return await cases.open_case(self.db, self.rules, filing, letters, Actor("author", author.person_id))

    async def now(self, case: Case) -> Case:
        found = await cases.get(self.db, case.id)
        assert found
        return found


def author(case: Case) -> Actor:
    found = cases.author_of(case, case.person_id, conversation_id=case.conversation_id)
    assert found
    return found


def says(tell: Any) -> tuple[str, str]:
    """To whom what goes."""
    return tell.to, tell.what
