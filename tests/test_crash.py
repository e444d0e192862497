"""`kill -9` at any instruction: no message is lost, none is handled twice, and the order is kept."""

import asyncio
import json
import multiprocessing
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from storage import handbook
from storage.database import Store
from tests import crash_bot
from tests.bot_api import BotApi

IS_LONG = bool(os.environ.get("GISHE_LONG_TESTS"))
PEOPLE, EACH = (200, 50) if IS_LONG else (60, 20)
TOKEN = "424242:AAtest-token-of-nobody-long-enough"
TAKEN = 300  # The most updates that the bot lives to take: some progress in every life, and so an end.
ALIVE_S = 0.05  # The longest that it lives on after that: at what instruction it dies is left to chance.
START_S = 30.0
TAKES_S = 20.0  # For so many updates, on a machine that does other things.


class Victim:
    """The bot as a process of its own, killed and started again; its modules are loaded once, for all its lives."""

    def __init__(self, api: BotApi, database_url: str, folder: Path) -> None:
        self.api = api
        self.deaths = 0
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload(["tests.crash_bot"])
        self.environment = {
            "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": api.url, "TELEGRAM_RATE": "1000", "PORT": "0",
            "DATABASE_URL": database_url, "DATA_DIR": str(folder / "data"), "LOG_LEVEL": "ERROR",
        }  # fmt: skip

    async def lives(self, updates: int, seconds: float) -> bool:
        """Let it run until it has taken so many updates, and a moment longer; kill it; True when all are taken."""
        before = len(self.api.calls)
        process = self.processes.Process(target=crash_bot.run, args=(self.environment,))
        process.start()
        asyncio.get_running_loop().add_reader(process.sentinel, self._is_dead, process)
        try:
            await self._until(process, lambda: any(c.method == "getUpdates" for c in self.api.calls[before:]), START_S)
            goal = max(0, len(self.api.updates.pending) - updates)
            await self._until(process, lambda: len(self.api.updates.pending) <= goal, TAKES_S)
            await asyncio.sleep(seconds)
            return self._is_done()
        finally:
            asyncio.get_running_loop().remove_reader(process.sentinel)
            process.kill()
            await asyncio.to_thread(process.join)
            self.deaths += 1

    def _is_dead(self, process: Any) -> None:
        asyncio.get_running_loop().remove_reader(process.sentinel)
        self.api.bell.ring()

    def _is_done(self) -> bool:
        return not self.api.updates.pending

    async def _until(self, process: Any, is_so: Callable[[], bool], seconds: float) -> None:
        """A bot that ends by itself is not waited for."""
        came = await self.api.bell.until(lambda: is_so() or not process.is_alive(), seconds)
        assert came, "it stands still"
        assert process.is_alive(), f"it ended by itself with status {process.exitcode}"


async def publish_small_handbook(database_url: str) -> None:
    """A handbook of a few cards, so that the many starts of the bot take no longer than they must."""
    document = handbook.delivered()
    document["services"] = [card | {"related": []} for card in document["services"][:3]]
    document["phrases"] = {}
    store = Store(database_url)
    async with store.writing() as db:
        await handbook.publish(db, document, "small")
    await store.close()


async def rows(database_url: str, query: str) -> list[Any]:
    store = Store(database_url)
    async with store.reading() as db:
        found = await db.rows(text(query))
    await store.close()
    return list(found)


def _talk(api: BotApi) -> None:
    """Everybody says their numbers, all mixed."""
    people = [api.person(1000 + number, f"Citizen {number}") for number in range(PEOPLE)]
    for number in range(EACH):
        for person in people:
            person.says(f"/help {number}")


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"] if IS_LONG else ["sqlite"], indirect=True)
@pytest.mark.timeout(900 if IS_LONG else 100)
async def test_no_message_is_lost_or_doubled_or_overtaken(database_url: str, tmp_path: Path) -> None:
    await publish_small_handbook(database_url)
    chance = random.Random(9)
    async with BotApi(TOKEN) as api:
        _talk(api)
        victim = Victim(api, database_url, tmp_path)
        began = time.monotonic()
        while not await victim.lives(chance.randrange(TAKEN), chance.uniform(0.0, ALIVE_S)):
            pass
        took = time.monotonic() - began
        print(f"{PEOPLE * EACH} updates, {victim.deaths} kills, {took:.1f} s")
        await asyncio.wait_for(_at_rest(victim), 60.0)
    assert victim.deaths > 2
    await _check(database_url)


async def _at_rest(victim: Victim) -> None:
    """Start it once more: what the last kill left unacknowledged comes again and changes nothing."""
    assert await victim.lives(0, 0.0)


async def _check(database_url: str) -> None:
    heard = await rows(
        database_url,
        "SELECT i.id, i.content, i.state, c.external FROM incoming i JOIN conversations c ON c.id = i.conversation_id"
        " ORDER BY i.id",
    )
    said: dict[str, list[str]] = {}
    for row in heard:
        content = json.loads(row.content) if isinstance(row.content, str) else row.content
        said.setdefault(row.external, []).append(content["text"])
    numbers = [f"/help {number}" for number in range(EACH)]
    assert len(said) == PEOPLE
    assert all(told == numbers for told in said.values()), "lost, doubled or overtaken"
    assert {row.state for row in heard} == {"handled"}
    said_by = await rows(database_url, "SELECT answers_id FROM outgoing ORDER BY answers_id")
    assert [row.answers_id for row in said_by] == [row.id for row in heard], (
        "each message is answered by its own turn, once"
    )
