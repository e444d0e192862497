"""A town with a market place: announcements go out through the real broadcaster and outbox, onto paper."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from bot.broadcasting import Broadcaster
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.pace import Lanes, Pace
from bot.results import Gone, Result, Sent
from bot.turns import Turns
from handlers.rules import Rules
from handlers.talk import Links
from handlers.words import TO_MANY
from storage import roles
from storage.database import Store
from storage.handbook import Handbook
from storage.messages import Letter
from tests.desk import eventually
from tests.town import SOFIA, TRANSLATORS, Citizen, Hours, Message, Town

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=SOFIA)


class ToMany(Outbox):
    """Only what goes to many; the town itself hands answers over."""

    async def sweep(self) -> None: ...


class Valve(Pace):
    """A pace that the test can stop: what is to go out then waits, claimed, in memory."""

    is_open = True

    def open_at(self, lane: int) -> float:
        return super().open_at(lane) if self.is_open else asyncio.get_running_loop().time() + 0.005


class Square(Town):
    def __init__(self, store: Store, handbook: Handbook, rules: Rules, hours: Hours) -> None:
        super().__init__(store, handbook)
        self.hours = hours
        self.blocked: set[str] = set()
        self.valve = Valve(1000, per_chat=1000)
        links = Links("https://gishe.example", "gishe_bot")
        turns = Turns(self.library, TRANSLATORS, links, album_pause=0.01, rules=rules)
        self.inbox = Inbox(store, turns, self, self.news)
        lanes: Lanes[Letter] = Lanes(self.valve, one_at_a_time=True)
        self.outbox = ToMany(store, Paper(self), lanes, sweep_s=0.02)
        self.broadcaster = Broadcaster(store, self.library, TRANSLATORS, self.post, {"paper": 1000}, window=3)

    async def __aenter__(self) -> "Square":
        await super().__aenter__()
        await self.outbox.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.outbox.stop()
        await super().__aexit__(*error)

    def news(self, topics: set[str]) -> None:
        self.outbox.recheck()

    def post(self, letters: Iterable[Letter]) -> None:
        told = list(letters)
        super().post(letter for letter in told if letter.lane not in TO_MANY or letter.channel == "web")
        if any(letter.lane in TO_MANY for letter in told):
            self.outbox.wake()

    async def goes_on(self) -> None:
        """What the broadcaster does in a second or so, and the outbox with it."""
        await self.broadcaster.step()
        await self.is_quiet()
        await self.broadcaster.step()

    async def is_quiet(self) -> None:
        """Wait until nothing that could go out now is left."""
        query = text(
            "SELECT count(*) FROM outgoing WHERE lane >= 2 AND channel = 'paper' AND (state = 'claimed' OR"
            " (state = 'due' AND due_at <= :now AND NOT EXISTS (SELECT 1 FROM announcements WHERE state = 'paused')))"
        )  # fmt: skip

        async def left() -> Any:
            async with self.store.reading() as db:
                now = db.now.replace(tzinfo=None) if self.store.is_sqlite else db.now
                shown = now.isoformat(" ", "microseconds") if self.store.is_sqlite else now
                return await db.value(query, now=shown)

        await eventually(left, lambda many: many == 0)

    async def gives(self, person: Citizen, role: str, municipality: str | None = "montana") -> None:
        async with self.store.writing() as db:
            token = roles.invite(db, role, municipality)
        await person.opens(token)

    async def resident(
        self, name: str, municipality: str = "montana", language: str = "bg", channel: str = "paper"
    ) -> Citizen:
        person = self.citizen(name, channel, language)
        await person.opens(f"m_{municipality}")
        return person


class Paper:
    """A channel on paper that hands over what it is given."""

    name = "paper"

    def __init__(self, square: Square) -> None:
        self.square = square
        self.count = 0

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, letter: Letter) -> Result:
        if letter.address in self.square.blocked:
            return Gone("Forbidden: bot was blocked by the user")
        self.count += 1
        self.square.citizen(letter.address).heard.append(Message(letter))
        return Sent(letter.replaces or f"p{self.count}")


@pytest.fixture
async def square(database_url: str, handbook: Handbook, hours: Hours) -> AsyncIterator[Square]:
    hours.now = NOON
    store = Store(database_url, now=hours)
    rules = Rules(approval_above=4)
    async with Square(store, handbook, rules, hours) as square:
        yield square
    await store.close()
