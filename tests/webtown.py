"""A town with nothing but the web chat: real storage and turns, a server that can be restarted, and visitors."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bot.channels.web import Web
from bot.inbox import Inbox
from bot.settings import Settings, read
from bot.turns import Turns
from bot.web.flood import Floods
from bot.web.server import Parts, application
from handlers.talk import Links
from locales import LANGUAGES, Translator
from storage.database import Store
from storage.handbook import Handbook, Library
from storage.messages import Letter
from tests.town import office_hours

PATIENCE_S = 10  # For a frame that has to come.


class WebTown:
    """One process of the program, as far as the web chat needs it."""

    def __init__(self, folder: Path, database_url: str, handbook: Handbook, **settings: str) -> None:
        self.settings: Settings = read({"DATA_DIR": str(folder), "DATABASE_URL": database_url, **settings})
        self.port = 0
        self.floods = Floods()
        self.library = Library(handbook)
        self.translators = {language: Translator(language, self.settings.zone) for language in LANGUAGES}
        self.links = Links(self.settings.base_url)
        self.is_well = True
        self.routes: list[web.RouteDef] = []
        self.visitors: list[Visitor] = []

    async def start(self) -> None:
        self.store = Store(self.settings.database_url, now=office_hours(), files=self.settings.data_dir / "files")
        self.inbox = Inbox(self.store, Turns(self.library, self.translators, self.links), self)
        self.channel = Web(self.store, self.inbox)
        await self.inbox.start()
        await self.channel.start()
        self.parts = Parts(
            settings=self.settings, store=self.store, inbox=self.inbox, library=self.library, channel=self.channel,
            translators=self.translators, links=self.links, health=self.health, floods=self.floods, routes=self.routes,
        )  # fmt: skip
        await self.serve()

    async def serve(self) -> None:
        """Open the door, at the same address as before."""
        self.runner = web.AppRunner(application(self.parts), access_log=None, shutdown_timeout=1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self.runner.addresses[0][1]
        self.links.public_url = self.settings.public_url or self.url

    async def stop(self) -> None:
        await self.runner.cleanup()
        await self.channel.stop()
        await self.inbox.stop()
        await self.store.close()

    async def close(self) -> None:
        for visitor in self.visitors:
            await visitor.leaves()
        await self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, letters: list[Letter]) -> None:
        self.channel.post(letters)

    async def health(self) -> dict[str, Any]:
        return {"ok": self.is_well, "database": "ok"}

    def visitor(self) -> "Visitor":
        self.visitors.append(Visitor(self))
        return self.visitors[-1]

    async def rows(self, statement: Any) -> list[Any]:
        async with self.store.reading() as db:
            return list(await db.rows(statement))


class Visitor:
    """A browser as the server sees it: cookies, a page, a WebSocket."""

    def __init__(self, town: WebTown) -> None:
        self.town = town
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.lines: list[aiohttp.ClientWebSocketResponse] = []
        self.facts: dict[str, Any] = {}

    async def leaves(self) -> None:
        for line in self.lines:
            await line.close()
        await self.http.close()

    @property
    def cookie(self) -> str:
        return self.http.cookie_jar.filter_cookies(URL(self.town.url))["gishe"].value

    def wears(self, cookie: str) -> None:
        self.http.cookie_jar.update_cookies({"gishe": cookie}, URL(self.town.url))

    async def opens(self, path: str = "/chat", **headers: str) -> str:
        async with self.http.get(self.town.url + path, headers=headers) as response:
            return await response.text()

    async def dials(self, **headers: str) -> "Line":
        """Open the WebSocket, as a browser does: it always says where its page comes from."""
        address = f"{self.town.url}/chat/ws"
        line = await self.http.ws_connect(address, headers={"Origin": self.town.url, **headers})
        self.lines.append(line)
        return Line(line)

    async def connects(self, seen: str | None = None, **hello: Any) -> "Line":
        if not self.http.cookie_jar.filter_cookies(URL(self.town.url)):
            await self.opens()
        line = await self.dials()
        await line.sends(t="hello", language="en", seen=seen, **hello)
        line.welcome = await line.hears("welcome")
        return line

    async def uploads(self, content: bytes, name: str, **headers: str) -> tuple[int, dict[str, Any]]:
        async with self.http.post(
            f"{self.town.url}/chat/files", params={"name": name}, data=content,
            headers={"Origin": self.town.url, "Content-Type": "application/octet-stream", **headers},
        ) as response:  # fmt: skip
            return response.status, await response.json()


class Line:
    """One open page."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.welcome: dict[str, Any] = {}

    async def sends(self, **frame: Any) -> None:
        await self.ws.send_str(json.dumps(frame))

    async def says(self, text: str, key: str | None = None) -> str:
        key = key or str(uuid4())
        await self.sends(t="say", key=key, text=text, at="2026-11-24T10:00:00Z")
        return key

    async def greets(self, payload: str = "") -> dict[str, Any]:
        """Open the conversation and return the greeting."""
        await self.sends(t="open", key=str(uuid4()), payload=payload)
        greeting = await self.hears("message")
        await self.hears("kept")
        return greeting

    async def asks(self, text: str) -> dict[str, Any]:
        """Say something; returns our answer."""
        await self.says(text)
        answer = await self.hears("message")
        await self.hears("kept")
        return answer

    async def hears(self, kind: str) -> dict[str, Any]:
        """The next frame of that kind."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self.ws.receive()
                assert message.type == aiohttp.WSMsgType.TEXT, f"closed with {self.ws.close_code}"
                frame: dict[str, Any] = json.loads(message.data)
                if frame["t"] == kind:
                    return frame

    async def is_closed_with(self) -> int | None:
        async with asyncio.timeout(PATIENCE_S):
            while (await self.ws.receive()).type not in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
                pass
        return self.ws.close_code

    async def hangs_up(self) -> None:
        await self.ws.close()


@pytest.fixture
async def webtown(tmp_path: Path, sqlite_database_url: str, handbook: Handbook) -> AsyncIterator[WebTown]:
    town = WebTown(tmp_path, sqlite_database_url, handbook)
    await town.start()
    yield town
    await town.close()


@pytest.fixture
async def secure_webtown(tmp_path: Path, sqlite_database_url: str, handbook: Handbook) -> AsyncIterator[WebTown]:
    """The same, known to the world under an https address."""
    town = WebTown(tmp_path, sqlite_database_url, handbook, PUBLIC_URL="https://gishe.example.bg")
    await town.start()
    yield town
    await town.close()
