"""The whole program in one process: it starts on an empty folder, answers, stops and goes on where it was."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from bot.app import App
from bot.settings import Settings
from handlers.words import Heard, Text
from storage.models import incoming, outgoing


def _settings(database_url: str, folder: Path) -> Settings:
    return Settings(database_url=database_url, data_dir=folder, port=0, log_level="ERROR")


@pytest.fixture
async def app(database_url: str, tmp_path: Path) -> AsyncIterator[App]:
    async with App(_settings(database_url, tmp_path)) as app:
        yield app


def _says(text: str, key: str) -> Heard:
    return Heard(channel="web", conversation="w", sender="w", key=key, word=Text(text), at=datetime.now(UTC))


async def test_starts_on_an_empty_folder_with_the_first_edition(tmp_path: Path) -> None:
    async with App(_settings(f"sqlite+aiosqlite:///{tmp_path}/new.db", tmp_path)) as app:
        assert app.library.current.number == 1
        assert len(app.library.current.cards) == 119


async def test_a_turn_is_answered_and_kept_and_health_tells_that_all_is_well(app: App) -> None:
    await app.inbox.hear(_says("скица на имот", "k1"))
    async with app.store.reading() as db:
        assert await db.value(select(incoming.c.state)) == "handled"
        assert await db.value(select(outgoing.c.state)) == "due"
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{app.port}/healthz") as answer:
        assert answer.status == 200
        told = await answer.json()
    assert told["database"] == "ok"
    assert told["channels"] == {"web": "ok"}


async def test_goes_on_where_it_was(database_url: str, tmp_path: Path) -> None:
    for round_ in range(2):
        async with App(_settings(database_url, tmp_path)) as app:
            await app.inbox.hear(_says("скица на имот", "same key"))
            async with app.store.reading() as db:
                assert len(await db.rows(select(incoming))) == 1, round_


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_several_processes_share_one_postgresql(database_url: str, tmp_path: Path) -> None:
    """A web process hears; its letter wakes the others."""
    settings = _settings(database_url, tmp_path)
    async with App(settings, "web") as first, App(settings, "web") as second, App(settings, "clock"):
        told = asyncio.Event()
        second.web.wake = lambda _conversations: told.set()  # type: ignore[method-assign]
        await asyncio.gather(*(first.inbox.hear(_says("здравей", f"a{n}")) for n in range(5)),
                             *(second.inbox.hear(_says("здравей", f"a{n}")) for n in range(5)))  # fmt: skip
        async with asyncio.timeout(10):
            await told.wait()
        async with first.store.reading() as db:
            assert len(await db.rows(select(incoming))) == 5
