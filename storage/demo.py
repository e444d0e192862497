"""Sample data: a month of a town that does not exist, lived through the verbs that real people use, one act at a time.

Everything happens at its own moment of the past: the session's clock is set to it, and row numbers are those of it. It
is one transaction, so there is a whole month or none. Everything that people can read says that it is a sample.
"""

import heapq
import itertools
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select

from storage import casenumbers, colleagues, ids, offices, people, roles
from storage.caserecord import Actor, staff
from storage.caserules import Rules
from storage.cases import ZONE
from storage.database import Session
from storage.handbook import Handbook
from storage.models import cases as table
from storage.people import Conversation
from storage.walltime import moment

SOURCE = "demo"
MARK = "SAMPLE DATA / ПРИМЕРНИ ДАННИ"
SHORT = {"bg": "ПРИМЕР", "en": "SAMPLE"}
DAYS = 31
FILE = Path(__file__).parent / "content" / "demo.json"
OPENS, CLOSES = 8, 17  # Of the office, on the wall.

Life = AsyncIterator[datetime]  # Says when it wants to go on; what comes after that happens then, or not yet.


def content() -> Mapping[str, Any]:
    return orjson.loads(FILE.read_bytes())  # type: ignore[no-any-return]


async def is_here(db: Session, municipality: str | None = None) -> bool:
    """Whether there is sample data (in this municipality)."""
    query = select(table.c.id).where(table.c.source == SOURCE).limit(1)
    return await db.value(query.where(table.c.municipality == municipality) if municipality else query) is not None


async def real_cases(db: Session) -> int:
    return int(await db.value(select(func.count()).select_from(table).where(table.c.source != SOURCE)))


async def to_judge(db: Session, municipality: str) -> str:
    """The number of a matter that is answered and not judged yet: a newcomer may."""
    query = select(table.c.number).where(table.c.source == SOURCE, table.c.municipality == municipality)
    query = query.where(table.c.state == "answered", table.c.solved.is_(None), table.c.is_sensitive.is_(False))
    return str(await db.value(query.order_by(table.c.id).limit(1)))


def marked(words: str) -> str:
    return f"{MARK}\n{words}"


def short(words: str, language: str = "bg") -> str:
    return f"{SHORT[language]}: {words}"


@dataclass
class Town:
    """The people of the sample in one municipality, and the clock they live by."""

    db: Session
    book: Handbook
    municipality: str
    dice: random.Random
    now: datetime
    told: Mapping[str, Any] = field(default_factory=content)
    citizens: list[Conversation] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    desk: dict[str, Actor] = field(default_factory=dict)
    places: dict[str, Conversation] = field(default_factory=dict)  # Where each of the staff writes to us.
    codes: dict[str, str] = field(default_factory=dict)  # Of filed matters, by number: what their authors were told.

    def __post_init__(self) -> None:
        self.rules = Rules(self.book)
        self.letters = casenumbers.letters_of(self.book.municipalities)[self.municipality]

    async def settle(self) -> None:
        """Departments, staff who took up their invitations, citizens."""
        for department, names in self.told["departments"].items():
            await offices.settle(self.db, self.municipality)
            await offices.set_department(self.db, self.municipality, department, names)
        await offices.set_route(self.db, self.municipality, "accessibility", None, "roads")
        for role, department, name in self.told["staff"]:
            person = self._somebody(f"staff-{len(self.desk)}")
            assert person.person
            token = roles.invite(self.db, role, self.municipality, department)
            await roles.accept(self.db, token, person.person.id)
            await colleagues.call(self.db, person.person.id, f"{name} ({SHORT['bg']})")
            actor = staff(person.person.id, await roles.of(self.db, person.person.id))
            post = f"{role}:{department}" if role == "staff" else role
            self.desk[post], self.places[post] = actor, person
            self.names[person.id] = name
        for number, name in enumerate(self.told["citizens"]):
            self.citizens.append(one := self._somebody(f"citizen-{number}"))
            self.names[one.id] = name
        await self.db.flush()

    def _somebody(self, name: str) -> Conversation:
        """Nobody sits at this address: what is said there is never fetched."""
        met = people.welcome(self.db, "web", f"demo-{self.municipality}-{name}", "bg")
        assert met.person
        met.person.municipality, met.person.is_changed = self.municipality, True
        people.keep_person(self.db, met.person)
        return met

    def clerk(self, department: str | None) -> Actor:
        return self.desk.get(f"staff:{department}") or self.desk["secretary"]

    def later(self, at: datetime, hours: float) -> datetime:
        """So much later; of an office, when it is open."""
        at += timedelta(hours=hours)
        local = at.astimezone(ZONE)
        day, hour = local.date(), local.hour
        if hour >= CLOSES:
            day += timedelta(days=1)
        while day.weekday() > 4:
            day += timedelta(days=1)
        if day == local.date() and hour >= OPENS:
            return at
        return moment(day, time(OPENS, self.dice.randrange(10, 59)), ZONE)


Made = Callable[[Town, datetime], Life]


async def live(towns: Sequence[tuple[Town, Sequence[Made]]], begin: datetime) -> None:
    """Let all lives of all towns go on side by side, always the one whose moment is next, until it is now."""
    order = itertools.count()
    waiting: list[tuple[datetime, int, Town, Life]] = []
    with ids.in_the_past() as stand_at:
        for town, lives in towns:
            town.db.now = begin
            stand_at(begin)
            await town.settle()
            for life in lives:
                one = life(town, begin)
                heapq.heappush(waiting, (await anext(one), next(order), town, one))
        while waiting and waiting[0][0] < waiting[0][2].now:
            at, _order, town, one = heapq.heappop(waiting)
            town.db.now = at
            stand_at(at)
            try:
                heapq.heappush(waiting, (await anext(one), next(order), town, one))
            except StopAsyncIteration:
                continue
    for town, _lives in towns:
        await town.db.flush()
        town.db.now = town.now
