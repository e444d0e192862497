"""The Telegram channel: python-telegram-bot's types and errors over our own HTTP, polling or webhook."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

import orjson
import structlog
from aiohttp import web
from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram_errors import BACK_OFF_S, is_outage, outcome, seconds
from bot.channels.telegram_files import TelegramFiles
from bot.channels.telegram_incoming import CHANNEL, WANTED, incoming, unread
from bot.channels.telegram_request import AiohttpRequest
from bot.channels.telegram_sending import Fields, Sending
from bot.inbox import NotKept
from bot.results import Later, Result
from handlers.introduction import Introduction
from handlers.words import Heard
from locales import DEFAULT_LANGUAGE
from storage.messages import Letter
from storage.shelf import Shelf

POLL_S = 25  # Telegram allows 50; shorter than what proxies cut.
STOP_S = 2.0  # For answers to presses that are under way when we stop.
BODY_BYTES = 1 << 20  # An update is some kilobytes; more is no update.
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 – the name of a header
CONNECTIONS = 100  # Telegram opens at most so many at once to a webhook.

log = structlog.get_logger()
Hear = Callable[[Heard], Awaitable[None]]


class Telegram:
    name = CHANNEL

    def __init__(
        self,
        token: str,
        *,
        api_url: str,
        hear: Hear,
        public_url: str,
        secret: str,
        shelf: Shelf,
        request: AiohttpRequest | None = None,
        pauses: Sequence[float] = BACK_OFF_S,
    ) -> None:
        base = api_url.rstrip("/")
        self.request = request or AiohttpRequest()
        self.polling = AiohttpRequest(connection_limit=2)  # Its own, so that no long poll takes a sender's place.
        self.bot = Bot(
            token, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot", request=self.request,
            get_updates_request=self.polling,
        )  # fmt: skip
        self.sending = Sending(self.request, self.bot.base_url, shelf, self.link)
        self.files = TelegramFiles(self.request, self.sending.call, self.bot.base_file_url)
        self.hear = hear
        self.public_url = public_url
        self.secret = secret
        self.pauses = pauses
        self.status = "starting"
        self.username = ""
        self._offset: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._life: asyncio.Task[None] | None = None
        self._down_since: float | None = None  # Since when no call has reached Telegram.
        self._refusal: tuple[str, float] = ("", 0.0)  # The private chat refused last, and until when.
        self.introduction: dict[str, Introduction] = {}
        self.default_language = DEFAULT_LANGUAGE
        self.on_introduced: Callable[[str], None] = lambda _username: None
        self.takes_updates = True

    # --- Life ---

    async def start(self) -> None:
        """Open the connections. Who we are is asked for until Telegram answers: the rest of the town need not wait."""
        await self.request.initialize()
        await self.polling.initialize()
        self._life = asyncio.create_task(self._live(), name="telegram")

    async def stop(self) -> None:
        if self._life:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
        if self._tasks:
            _done, late = await asyncio.wait(self._tasks, timeout=STOP_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.polling.shutdown()
        await self.request.shutdown()

    async def _live(self) -> None:
        await self._again(self._introduce)
        if not self.takes_updates:
            self.status = "ok"
            return
        if self.public_url:
            await self._again(self._set_webhook)
            self.status = "ok"
            return
        await self._again(self._delete_webhook)
        self.status = "ok"
        while True:
            await self._again(self._poll)

    async def _again(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do a step; after a failure wait and do it again, longer each time."""
        for attempt in count():
            try:
                return await step()
            except Exception as error:
                pause = self._trouble(error, self.pauses[min(attempt, len(self.pauses) - 1)])
            log.warning("telegram_waits", step=step.__name__, seconds=pause, status=self.status)
            await asyncio.sleep(pause)

    def _trouble(self, error: Exception, pause: float) -> float:
        """Say in words what is wrong; return after how many seconds it is worth another attempt."""
        match error:
            case RetryAfter():
                return seconds(error)
            case InvalidToken():
                self.status = "The token was refused: copy it again from @BotFather."
                return self.pauses[-1]
            case Conflict():
                self.status = "Another program polls with this token: stop one of the two."
                return self.pauses[-1]
            case BadRequest():
                self.status = f"Telegram refuses: {error.message[:200]}"
            case TelegramError():
                self.status = f"Telegram is out of reach ({type(error).__name__})."
            case NotKept():
                self.status = f"Messages cannot be stored ({error}): they wait at Telegram."
            case _:  # A mistake of ours must not make us deaf.
                log.error("telegram_step_failed", exc_info=error)
                self.status = f"Something is wrong ({type(error).__name__})."
        return pause

    async def _introduce(self) -> None:
        me = await self.bot.get_me()
        self.username = me.username or ""
        self.on_introduced(self.username)
        self._later(self.publish())

    async def _set_webhook(self) -> None:
        await self.bot.set_webhook(
            f"{self.public_url.rstrip('/')}/telegram",
            secret_token=self.secret,
            allowed_updates=WANTED,
            max_connections=CONNECTIONS,
        )

    async def _delete_webhook(self) -> None:
        await self.bot.delete_webhook(drop_pending_updates=False)  # What waits there is ours to answer.

    # --- In ---

    async def _poll(self) -> None:
        """Fetch updates and take their turns. The next call confirms them, so it comes only when all are kept."""
        fields = Fields(offset=self._offset, timeout=POLL_S, allowed_updates=WANTED)
        address = f"{self.bot.base_url}/getUpdates"
        updates: Any = await self.polling.post(address, fields, read_timeout=POLL_S + 10)  # type: ignore[arg-type]
        self.status = "ok"
        took = await asyncio.gather(*(self.take(update) for update in updates), return_exceptions=True)
        for failure in took:  # Only now, when none is under way any more: all of them come again.
            if failure is not None:
                raise failure
        if updates:
            self._offset = updates[-1]["update_id"] + 1

    async def take(self, data: dict[str, Any]) -> None:
        """Take the turn of one update; returns when it is committed, raises `NotKept` when it is not."""
        heard = self._read(data)
        query = data.get("callback_query")
        if isinstance(query, dict) and "id" in query:
            self._later(self._answer_press(str(query["id"])))
        if heard:
            await self.hear(heard)

    def _read(self, data: dict[str, Any]) -> Heard | None:
        try:
            return incoming(data, self.username)
        except Exception as error:  # A kind of update that is newer than we are must not stop the others.
            log.warning("update_not_read", update_id=data.get("update_id"), error=type(error).__name__)
            return unread(data)

    async def _answer_press(self, query_id: str) -> None:
        """Take the spinner off the button, at once; the answer itself comes as a message."""
        with suppress(TelegramError):
            await self.sending.call("answerCallbackQuery", callback_query_id=query_id)

    async def webhook(self, request: web.Request) -> web.Response:
        """POST /telegram: 200 only when the turn is committed; otherwise Telegram brings it again."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self.secret.encode()):
            return web.Response(status=403)
        if (request.content_length or 0) > BODY_BYTES:
            return web.Response(status=413)
        try:
            data = orjson.loads(await request.read())
            if not isinstance(data, dict) or not isinstance(data.get("update_id"), int):
                return web.Response(status=400)
        except ValueError:
            return web.Response(status=400)
        try:
            await self.take(data)
        except NotKept:
            return web.Response(status=503)
        return web.Response()

    # --- Out ---

    async def send(self, letter: Letter) -> Result:
        try:
            result = await self.sending.send(letter)
        except RetryAfter as error:
            result = self._obey(seconds(error), letter)
        except TelegramError as error:
            return outcome(error, letter, self._outage_pause(error))
        self._down_since = None
        return result

    def _obey(self, pause: float, letter: Letter) -> Later:
        """Telegram does not say whether one chat or the whole bot is meant.

        A group has its own limit, and one person's haste must not silence us for the town: so at first it is the chat
        alone that waits. But a second private chat refused while the first still waits shows that all are meant.
        """
        now = asyncio.get_running_loop().time()
        chat, until = self._refusal
        if letter.is_group:
            return Later(pause, "retry_after", counts=False)
        self._refusal = (letter.chat, now + pause)
        return Later(pause, "retry_after", whole_bot=chat != letter.chat and now < until, counts=False)

    def _outage_pause(self, error: TelegramError) -> float:
        """As long again as Telegram has been out of reach, within reason."""
        if not is_outage(error):
            self._down_since = None
            return 0.0
        now = asyncio.get_running_loop().time()
        self._down_since = self._down_since or now
        return min(max(now - self._down_since, BACK_OFF_S[0]), BACK_OFF_S[-1])

    def link(self, payload: str) -> str:
        return f"https://t.me/{self.username}?start={payload}"

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- How we are introduced ---

    async def publish(self) -> None:
        """Register commands and descriptions by language, where they differ from what Telegram shows now."""
        for language, words in self.introduction.items():
            commands, in_groups = (
                tuple(BotCommand(name, text) for name, text in some) for some in (words.commands, words.group_commands)
            )
            for code in ("", language) if language == self.default_language else (language,):
                for scope, wanted in (
                    (BotCommandScopeAllPrivateChats(), commands),
                    (BotCommandScopeAllGroupChats(), in_groups),
                ):
                    with suppress(TelegramError):
                        if await self.bot.get_my_commands(scope, code) != wanted:
                            await self.bot.set_my_commands(wanted, scope, code)
                with suppress(TelegramError):
                    if (await self.bot.get_my_description(code)).description != words.about:
                        await self.bot.set_my_description(words.about, code)
                    if (await self.bot.get_my_short_description(code)).short_description != words.short:
                        await self.bot.set_my_short_description(words.short, code)
