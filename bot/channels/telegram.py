"""The Telegram channel: python-telegram-bot's types and errors over our own HTTP, polling or webhook."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
import structlog
from aiohttp import web
from telegram import BotCommand, BotCommandScopeAllPrivateChats, Update
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ExtBot

from bot.channels.telegram_incoming import CHANNEL, WANTED, incoming
from bot.channels.telegram_outgoing import MAX_CAPTION, NO_PREVIEW, as_html, keyboard, pieces
from bot.channels.telegram_request import AiohttpRequest, NotSent
from bot.inbox import NotKept
from bot.pictures import png
from bot.results import Gone, Later, Moved, Perhaps, Refused, Result, Sent
from handlers.introduction import Introduction
from handlers.words import Heard, plain
from locales import DEFAULT_LANGUAGE
from storage.messages import Letter

POLL_S = 25  # Telegram allows 50; shorter than what proxies cut.
BACK_OFF_S = (1, 2, 5, 10, 30)  # After failures of the polling, until one succeeds.
BODY_BYTES = 1 << 20  # An update is some kilobytes; more is no update.
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 – the name of a header
CONNECTIONS = 100  # Telegram opens at most so many at once to a webhook.

# 400s that say nothing against the message itself.
UNCHANGED = "message is not modified"
CANNOT_EDIT = ("message to edit not found", "message can't be edited", "there is no text in the message to edit",
               "message_id_invalid", "message identifier is not specified")  # fmt: skip
NOBODY = ("chat not found", "user not found", "peer_id_invalid", "chat_id is empty", "have no rights",
          "not enough rights")  # fmt: skip

log = structlog.get_logger()
Hear = Callable[[Heard], Awaitable[None]]


class Fields:
    """The parameters of a call without files, as `AiohttpRequest` reads them; skips PTB's conversion of each."""

    contains_files = False

    def __init__(self, **parameters: Any) -> None:
        self.parameters = {name: value for name, value in parameters.items() if value is not None}

    @property
    def json_payload(self) -> bytes:
        return json.dumps(self.parameters).encode()


class Telegram:
    name = CHANNEL

    def __init__(self, token: str, *, api_url: str, hear: Hear, public_url: str, secret: str) -> None:
        base = api_url.rstrip("/")
        self.request = AiohttpRequest()
        self.bot: ExtBot[None] = ExtBot(
            token, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot", request=self.request,
            get_updates_request=AiohttpRequest(connection_limit=2),
        )  # fmt: skip
        self.hear = hear
        self.public_url = public_url
        self.secret = secret
        self.status = "starting"
        self.username = ""
        self._offset: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._poller: asyncio.Task[None] | None = None
        self.introduction: dict[str, Introduction] = {}
        self.default_language = DEFAULT_LANGUAGE
        self.on_introduced: Callable[[str], None] = lambda _username: None
        self.takes_updates = True

    # --- Life ---

    async def start(self) -> None:
        """Open the connections. Who we are is asked for until Telegram answers: the rest of the town need not wait."""
        await self.request.initialize()
        await self.bot._request[0].initialize()
        self._poller = asyncio.create_task(self._live(), name="telegram")

    async def stop(self) -> None:
        if self._poller:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(TelegramError):
            await self.bot._request[0].shutdown()
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
        for attempt in range(1_000_000):
            try:
                await step()
                return
            except RetryAfter as error:
                pause = _seconds(error)
            except InvalidToken:
                self.status = "The token was refused: copy it again from @BotFather."
                pause = BACK_OFF_S[-1]
            except Conflict:
                self.status = "Another program polls with this token: stop one of the two."
                pause = BACK_OFF_S[-1]
            except (TelegramError, NotKept) as error:
                self.status = f"Telegram is out of reach ({type(error).__name__})."
                pause = BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)]
            log.warning("telegram_waits", step=step.__name__, seconds=pause, status=self.status)
            await asyncio.sleep(pause)

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
        updates = await self.bot._request[0].post(
            f"{self.bot.base_url}/getUpdates", fields, read_timeout=POLL_S + 10  # type: ignore[arg-type]
        )
        self.status = "ok"
        await asyncio.gather(*(self.take(update) for update in updates))
        if updates:
            self._offset = updates[-1]["update_id"] + 1

    async def take(self, data: dict[str, Any]) -> None:
        """Take the turn of one update; returns when it is committed, raises `NotKept` when it is not."""
        heard = self._read(data)
        query = data.get("callback_query")
        if query and "id" in query:
            self._later(self._answer_press(str(query["id"])))
        if heard:
            await self.hear(heard)

    def _read(self, data: dict[str, Any]) -> Heard | None:
        try:
            update = Update.de_json(data, self.bot)
            return incoming(update, self.username)
        except Exception as error:  # A kind of update that is newer than we are must not stop the others.
            log.warning("update_not_read", update_id=data.get("update_id"), error=type(error).__name__)
            return None

    async def _answer_press(self, query_id: str) -> None:
        """Take the spinner off the button, at once; the answer itself comes as a message."""
        with suppress(TelegramError):
            await self._call("answerCallbackQuery", callback_query_id=query_id)

    async def webhook(self, request: web.Request) -> web.Response:
        """POST /telegram: 200 only when the turn is committed; otherwise Telegram brings it again."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self.secret.encode()):
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
            return await self._send(letter)
        except RetryAfter as error:
            return Later(_seconds(error), "retry_after", whole_bot=not letter.is_group, counts=False)
        except ChatMigrated as error:
            return Moved(str(error.new_chat_id))
        except Forbidden as error:
            return Gone(error.message)
        except NotSent as error:
            return Later(BACK_OFF_S[min(letter.attempts, len(BACK_OFF_S) - 1)], error.message, whole_bot=True)
        except TimedOut as error:
            return Perhaps(error.message)
        except InvalidToken as error:
            return Later(BACK_OFF_S[-1], error.message, whole_bot=True, counts=False)
        except BadRequest as error:
            return _bad_request(error)
        except NetworkError as error:
            return _network_error(error)
        except TelegramError as error:
            return Refused(error.message)

    async def _send(self, letter: Letter) -> Result:
        chat, content = letter.address, letter.content
        if content.get("picture"):
            return Sent(await self._send_picture(letter))
        *before, last = pieces(content["text"])
        if letter.replaces and not before and await self._edit(letter, last):
            return Sent(letter.replaces)
        silent = content.get("silent")
        for piece in before:
            await self._call("sendMessage", chat_id=chat, text=as_html(piece), parse_mode="HTML",
                             link_preview_options=NO_PREVIEW, disable_notification=silent)  # fmt: skip
        sent = await self._call(
            "sendMessage", chat_id=chat, text=as_html(last), parse_mode="HTML", link_preview_options=NO_PREVIEW,
            reply_markup=keyboard(letter), disable_notification=silent,
        )  # fmt: skip
        return Sent(str(sent["message_id"]))

    async def _edit(self, letter: Letter, text: Any) -> bool:
        """Rewrite the menu in place; False when Telegram cannot, so that it is written anew."""
        try:
            await self._call(
                "editMessageText", chat_id=letter.address, message_id=int(letter.replaces or 0), text=as_html(text),
                parse_mode="HTML", link_preview_options=NO_PREVIEW, reply_markup=keyboard(letter),
            )  # fmt: skip
        except BadRequest as error:
            if UNCHANGED in error.message.lower():
                return True
            if any(words in error.message.lower() for words in CANNOT_EDIT):
                return False
            raise
        return True

    async def _send_picture(self, letter: Letter) -> str:
        picture = letter.content["picture"]
        text = letter.content["text"]
        if len(plain(text)) > MAX_CAPTION:
            text = plain(text)[: MAX_CAPTION - 1] + "…"
        message = await self.bot.send_photo(
            letter.address,
            await png(picture, self.link),
            caption=as_html(text),
            parse_mode="HTML",
            filename=picture["name"],
            reply_markup=keyboard(letter),  # type: ignore[arg-type]
        )
        return str(message.message_id)

    def link(self, payload: str) -> str:
        return f"https://t.me/{self.username}?start={payload}"

    async def _call(self, method: str, **parameters: Any) -> Any:
        """Call a method and return its bare result: the objects of PTB would cost more than the call."""
        return await self.request.post(f"{self.bot.base_url}/{method}", Fields(**parameters))  # type: ignore[arg-type]

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # type: ignore[arg-type]
        task.add_done_callback(self._tasks.discard)  # type: ignore[arg-type]

    # --- How we are introduced ---

    async def publish(self) -> None:
        """Register commands and descriptions by language, where they differ from what Telegram shows now."""
        scope = BotCommandScopeAllPrivateChats()
        for language, words in self.introduction.items():
            wanted = tuple(BotCommand(name, text) for name, text in words.commands)
            for code in ("", language) if language == self.default_language else (language,):
                with suppress(TelegramError):
                    if await self.bot.get_my_commands(scope, code) != wanted:
                        await self.bot.set_my_commands(wanted, scope, code)
                    if (await self.bot.get_my_description(code)).description != words.about:
                        await self.bot.set_my_description(words.about, code)
                    if (await self.bot.get_my_short_description(code)).short_description != words.short:
                        await self.bot.set_my_short_description(words.short, code)


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after if isinstance(after, int | float) else after.total_seconds())


def _bad_request(error: BadRequest) -> Result:
    words = error.message.lower()
    return Gone(error.message) if any(nobody in words for nobody in NOBODY) else Refused(error.message)


def _network_error(error: NetworkError) -> Result:
    """A 5xx from Telegram itself says that nothing was sent; a broken connection leaves it open."""
    if "Bad Gateway" in error.message or "Internal Server Error" in error.message:
        return Later(BACK_OFF_S[1], error.message)
    return Perhaps(error.message)
