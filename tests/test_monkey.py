"""People who press whatever they see and type whatever comes to mind: no turn of theirs fails."""

import os
import random
from typing import Any

import pytest
from sqlalchemy import select

from storage.database import Store
from storage.handbook import Handbook
from storage.models import incoming
from tests.planning import invited
from tests.town import Citizen, Town, office_hours

IS_LONG = bool(os.environ.get("GISHE_LONG_TESTS"))
STEPS, LIVES = (500, 10) if IS_LONG else (50, 2)  # Of each person; of the town.
SAID = (
    "1", "2", "0", "-1", "9" * 5000, "а" * 5000, "утре 14", "следващия вторник от 10 до 12", "31.12.9999 от 23 до 2",
    "29.02", "01.12.2026 18:00", "ул. Извора 1", "Ана Петрова", "ana@example.bg", "0888 123 456", "дупка на улицата",
    "kakvi dokumenti trqbvat za razreshenie za stroej", "Пожар!", "да", "не", "няма", "-", ".", "🙂🙂🙂", "\u202eабв",
    "<b>&amp;</b>", "{name}", "%s %(x)s", "MON-2026-000001-T", "94-00-12", "7523169263", "\x00", "\n\n\n", " ",
    "https://example.bg/?a=1&b=2", "@montana", "/cancel", "/cases", "/organize", "/matters", "/report", "/announce",
    "/unanswered", "/signal", "/events", "/settings", "/help", "/menu", "/roles", "/language", "10", "17",
    "В отговор на Вашия сигнал Ви уведомяваме, че повредата е отстранена на 25 ноември.",
)  # fmt: skip
BACK = ("🏠", "⬅️", "✖️", "◀️")


class Monkey:
    """One person with a seed."""

    def __init__(self, citizen: Citizen, chance: random.Random) -> None:
        self.citizen = citizen
        self.chance = chance
        self.did: list[str] = []

    async def acts(self) -> None:
        match self.chance.random():
            case p if p < 0.62 and self.citizen.heard:
                await self.presses_something()
            case p if p < 0.94:
                await self.does(self.citizen.says, self.chance.choice(SAID))
            case p if p < 0.97:
                await self.does(self.citizen.sends_photo, "снимка")
            case _:
                await self.does(self.chance.choice([self.citizen.sends_place, self.citizen.sends_phone,
                                                    self.citizen.sends_something_new]))  # fmt: skip

    async def presses_something(self) -> None:
        """Mostly of the newest message, at times of an old one."""
        old = self.chance.randint(1, len(self.citizen.heard))
        message = self.citizen.heard[-1 if self.chance.random() < 0.85 else -old]
        labels = [label for label in message.choices if sum(label in other for other in message.choices) == 1]
        if self.chance.random() < 0.8:  # Onward rather than back.
            labels = [label for label in labels if not label.startswith(BACK)] or labels
        if labels:
            label = self.chance.choice(labels)
            self.did.append(f"presses {label}")
            await self.citizen.presses(label, message)

    async def does(self, what: Any, *words: str) -> None:
        self.did.append(f"{what.__name__} {words[0][:60] if words else ''}")
        await what(*words)


async def failures(store: Store) -> list[tuple[Any, ...]]:
    async with store.reading() as db:
        return [tuple(row) for row in await db.rows(
            select(incoming.c.error, incoming.c.content, incoming.c.handler).where(incoming.c.state == "failed")
        )]  # fmt: skip


@pytest.mark.timeout(120 + STEPS)
@pytest.mark.parametrize("seed", range(LIVES))
async def test_whoever_does_whatever_no_turn_fails(sqlite_database_url: str, handbook: Handbook, seed: int) -> None:
    chance = random.Random(seed)
    store = Store(sqlite_database_url, now=office_hours())
    async with Town(store, handbook) as town:
        await town.ana.opens("m_montana")
        await town.ben.opens("m_montana")
        people = [town.ana, town.ben] + [
            await invited(town, role, role, None if role == "administrator" else "montana")
            for role in ("administrator", "staff", "organizer", "monitor", "head")
        ]
        monkeys = [Monkey(person, chance) for person in people]
        for _ in range(STEPS):
            for monkey in monkeys:
                await monkey.acts()
                if found := await failures(store):
                    raise AssertionError(f"{found}\nafter {monkey.citizen.name}: {monkey.did[-12:]}")
    await store.close()
