"""`kill -9` of the web chat: what a page was told is kept is kept, once, in order, and the answer comes."""

import asyncio
import json
import multiprocessing
import random
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests import crash_bot
from tests.test_crash import publish_small_handbook, rows

PAGES, EACH = 10, 12  # Within what the flood limits let through at once.
KEPT = 24  # The most messages that the server lives to confirm: some progress in every life, so an end.
ALIVE_S = 0.02  # The longest that it lives on after that: at what instruction it dies is left to chance.
START_S = 30.0
TAKES_S = 20.0  # For so many messages, on a machine that does other things.
FRAME_S = 5.0  # For an answer of a server that lives; then the page dials again.


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _until(process: Any, is_so: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Look until it is so. A server that ends by itself, or stands still, is not waited for."""
    async with asyncio.timeout(seconds):
        while not await is_so():
            assert process.is_alive(), f"it ended by itself with status {process.exitcode}"
            await asyncio.sleep(0.005)


async def _listens(port: int) -> bool:
    try:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


class Page:
    """A browser's page: keeps what it wants to say until it is told that it is kept, and dials again when cut off."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.unsaid = [(str(uuid4()), f"/help {number}") for number in range(EACH)]
        self.cuts = 0

    async def says_everything(self) -> None:
        async with self.http:
            while self.unsaid:
                try:
                    await self._talks()
                except (aiohttp.ClientError, OSError, TimeoutError, ConnectionError):
                    self.cuts += 1
                    await asyncio.sleep(0.05)  # Nobody is there; a browser would wait longer.

    async def _talks(self) -> None:
        if not len(self.http.cookie_jar):
            async with self.http.get(f"{self.url}/chat") as page:
                page.raise_for_status()
        async with self.http.ws_connect(f"{self.url}/chat/ws", headers={"Origin": self.url}) as line:
            await line.send_json({"t": "hello", "language": "bg", "municipality": None, "start": None, "seen": None})
            while self.unsaid:
                key, words = self.unsaid[0]
                await line.send_json({"t": "say", "key": key, "text": words, "at": "2026-11-24T10:00:00Z"})
                await self._until_kept(line, key)
                self.unsaid.pop(0)

    async def _until_kept(self, line: aiohttp.ClientWebSocketResponse, key: str) -> None:
        async with asyncio.timeout(FRAME_S):
            while True:
                message = await line.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    raise ConnectionError
                frame = json.loads(message.data)
                assert frame["t"] not in ("refused",), frame
                if frame["t"] == "later":
                    raise ConnectionError
                if frame["t"] == "kept" and frame["key"] == key:
                    return


async def _kill_again_and_again(environment: dict[str, str], pages: list[Page], talking: "asyncio.Future[Any]") -> int:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.crash_bot"])
    chance = random.Random(3)
    deaths = 0
    while not talking.done():
        goal = max(0, sum(len(page.unsaid) for page in pages) - chance.randrange(1, KEPT))

        async def has_come(goal: int = goal) -> bool:
            return talking.done() or sum(len(page.unsaid) for page in pages) <= goal

        process = processes.Process(target=crash_bot.run, args=(environment,))
        process.start()
        try:
            await _until(process, lambda: _listens(int(environment["PORT"])), START_S)
            await _until(process, has_come, TAKES_S)
            await asyncio.sleep(chance.uniform(0.0, ALIVE_S))
        finally:
            process.kill()
            await asyncio.to_thread(process.join)
        deaths += 1
    return deaths


@pytest.mark.timeout(100)
async def test_web_chat_loses_and_doubles_nothing(sqlite_database_url: str, tmp_path: Path) -> None:
    await publish_small_handbook(sqlite_database_url)
    port = _free_port()
    environment = {"DATABASE_URL": sqlite_database_url, "DATA_DIR": str(tmp_path / "data"), "PORT": str(port),
                   "LOG_LEVEL": "ERROR"}  # fmt: skip
    pages = [Page(f"http://127.0.0.1:{port}") for _ in range(PAGES)]
    talking = asyncio.ensure_future(asyncio.gather(*(page.says_everything() for page in pages)))
    try:
        deaths = await _kill_again_and_again(environment, pages, talking)
    finally:
        talking.cancel()
    await talking
    assert deaths > 2
    print(f"{PAGES * EACH} messages, {deaths} kills, {sum(page.cuts for page in pages)} cuts")
    await _check(sqlite_database_url)


async def _check(database_url: str) -> None:
    heard = await rows(
        database_url,
        "SELECT id, conversation_id, content, state FROM incoming WHERE kind = 'text' ORDER BY id",
    )
    said: dict[int, list[str]] = {}
    for row in heard:
        said.setdefault(row.conversation_id, []).append(json.loads(row.content)["text"])
    assert len(said) == PAGES
    assert all(told == [f"/help {number}" for number in range(EACH)] for told in said.values())
    assert {row.state for row in heard} == {"handled"}
    answered = await rows(
        database_url,
        "SELECT answers_id FROM outgoing WHERE answers_id IN (SELECT id FROM incoming WHERE kind = 'text')"
        " ORDER BY answers_id",
    )
    assert [row.answers_id for row in answered] == [row.id for row in heard]
