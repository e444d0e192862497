"""The Telegram side of the bot, whole and over real HTTP: channel, inbox, tables, outbox."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from sqlalchemy import Row, text

from bot.channels.telegram import Telegram
from bot.channels.telegram_request import AiohttpRequest
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.pace import Lanes, Pace
from bot.turns import Turns
from handlers.introduction import introduction
from handlers.talk import Links
from storage import ids, messages
from storage.database import Store
from storage.handbook import Handbook, Library
from storage.messages import Letter
from tests.bot_api import TOKEN, BotApi
from tests.town import TRANSLATORS, office_hours

PUBLIC = "https://gishe.example"
SECRET = "what-only-telegram-knows"
ALBUM_PAUSE_S = 0.15
PATIENCE_S = 10.0  # Until a test gives up; nothing takes so long.


class Desk:
    """The bot as one process runs it. Without `webhook` it polls."""

    def __init__(
        self, database_url: str, handbook: Handbook, api: BotApi, *, webhook: bool = False, token: str = TOKEN,
        read_timeout: float = 5.0, rate: int = 1000, per_chat: float = 1000.0,
    ) -> None:  # fmt: skip
        self.api = api
        self.webhook = webhook
        self.store = Store(database_url, now=office_hours())
        turns = Turns(Library(handbook), TRANSLATORS, Links(PUBLIC, "gishe_bot"), album_pause=ALBUM_PAUSE_S)
        self.inbox = Inbox(self.store, turns, self)
        request = AiohttpRequest(read_timeout=read_timeout, write_timeout=0.1, connect_timeout=0.1, pool_timeout=0.1)
        self.telegram = Telegram(
            token, api_url=api.url, hear=self.inbox.hear, public_url=PUBLIC if webhook else "", secret=SECRET,
            shelf=self.store.shelf, request=request, pauses=(0.02,),
        )  # fmt: skip
        self.telegram.introduction = introduction(TRANSLATORS)
        self.lanes: Lanes[Letter] = Lanes(Pace(rate, per_chat=per_chat, per_group=1000), one_at_a_time=True)
        self.outbox = Outbox(self.store, self.telegram, self.lanes, settle_s=0.005, repeat_s=0.05)
        self.url = ""

    def post(self, letters: list[Letter]) -> None:
        self.outbox.post(letters)

    async def __aenter__(self) -> "Desk":
        async with self.store.reading() as db:
            ids.never_below(await messages.newest(db))
        app = web.Application()
        app.router.add_post("/telegram", self.telegram.webhook)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.inbox.start()
        await self.inbox.recover()
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/telegram"
        self.api.updates.behind_proxy[PUBLIC] = self.url.removesuffix("/telegram")
        await self.outbox.start()
        await self.telegram.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.telegram.stop()
        await self._runner.cleanup()
        await self.inbox.stop()
        await self.outbox.stop()
        await self.store.close()

    # --- What is in its tables ---

    async def rows(self, query: str, **parameters: Any) -> Sequence[Row[Any]]:
        async with self.store.reading() as db:
            return await db.rows(text(query), **parameters)

    async def heard(self) -> list[tuple[str, str]]:
        """Kind and state of all that was heard, in order."""
        return [(row.kind, row.state) for row in await self.rows("SELECT kind, state FROM incoming ORDER BY id")]

    async def said(self) -> list[str]:
        """The states of all that was said, in order."""
        return [row.state for row in await self.rows("SELECT state FROM outgoing ORDER BY id")]

    async def settles(self, *states: str) -> None:
        """Wait until what was said has come to these states."""
        await eventually(self.said, lambda found: found == list(states))

    async def is_idle(self) -> None:
        """Wait until everything heard is answered and everything said is settled."""
        await self.api.taken(PATIENCE_S)
        await eventually(self.said, lambda found: not {"due", "claimed"} & set(found))


async def eventually(look: Callable[[], Awaitable[Any]], is_right: Callable[[Any], bool]) -> Any:
    """Look until what is seen is right; fail with what was seen last."""
    found: Any = None
    try:
        async with asyncio.timeout(PATIENCE_S):
            for _ in itertools.count():
                found = await look()
                if is_right(found):
                    return found
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"it stayed {found!r}") from None


@asynccontextmanager
async def bot_api() -> AsyncIterator[BotApi]:
    """A Bot API server that finds no fault with how it was called."""
    async with BotApi() as api:
        yield api
        assert api.problems == []
