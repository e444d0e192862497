"""A Telegram Bot API server on this machine: the bot under test meets it over real HTTP."""

from __future__ import annotations

import asyncio
import inspect
import re
import time
from collections import Counter
from typing import Any, NamedTuple

from aiohttp import web

from . import params, spec
from .account import Account
from .bell import Bell
from .chats import JSON, Chat, Message
from .faults import BAD_GATEWAY, Fault, Faults
from .files import Files
from .flood import FloodJudge
from .messages import Messages, reach
from .people import Group, Person, Press
from .refusals import Refused
from .updates import Updates

TOKEN = "424242:AAtest-token-of-nobody"


class Call(NamedTuple):
    method: str
    params: dict[str, Any]


class BotApi(Faults):
    """`async with BotApi() as api:` and point the bot's TELEGRAM_API_URL at `api.url`."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__()
        self.token, self.bell = token, Bell()
        self.me: JSON = {"id": int(token.split(":")[0]), "is_bot": True, "first_name": "Gishe", "username": "gishe_bot"}
        self.url = ""
        self.calls: list[Call] = []
        self.problems: list[str] = []  # calls that are not as the specification describes them
        self.delay = 0.0  # seconds before every answer
        self.privacy = True
        self.anyone = False  # every private chat exists and has been started: for broadcasts to thousands
        self.clock = time.time
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, Person] = {}
        self.presses: dict[str, Press] = {}
        self.settings: dict[tuple[str, str, str], Any] = {}
        self.files, self.flood = Files(), FloodJudge()
        self.updates = Updates(self.bell, self._call_in_answer)
        self._methods = (Messages(self), Account(self))
        self._counters: Counter[str] = Counter()
        self._released = asyncio.Event()
        self._spec = spec.load()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> BotApi:
        await self.start()
        return self

    async def __aexit__(self, *reason: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        self._released = asyncio.Event()
        self.updates.loop = asyncio.get_running_loop()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self.release()
        await self.updates.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def release(self) -> None:
        """Let the calls that hang end; their connections are closed."""
        self._released.set()
        self._released = asyncio.Event()

    # People and places

    def person(self, id: int, first_name: str = "Ana", language_code: str = "bg", **more: Any) -> Person:
        user = {"id": id, "is_bot": False, "first_name": first_name, "language_code": language_code, **more}
        chat = self.chats.setdefault(id, Chat(id, "private", self.bell, first_name=first_name))
        return self.people.setdefault(id, Person(self, user, chat))

    def group(self, id: int, title: str = "Staff", *, topics: bool = False, bot: str = "administrator") -> Group:
        kind = "supergroup" if id < -1_000_000_000_000 else "group"
        self.chats.setdefault(id, Chat(id, kind, self.bell, title=title, is_forum=topics, bot_status=bot))
        return Group(self, self.chats[id])

    def chat(self, id: int) -> Chat:
        return self.chats[id]

    def reachable(self, chat_id: Any) -> Chat:
        if self.anyone and isinstance(chat_id, int) and chat_id > 0 and chat_id not in self.chats:
            self.chats[chat_id] = Chat(chat_id, "private", self.bell, first_name="Somebody", started=True)
        return reach(self.chats.get(chat_id))

    def sent(self, method: str = "sendMessage") -> list[dict[str, Any]]:
        """The parameters of all calls of a method."""
        return [call.params for call in self.calls if call.method == method]

    async def called(self, method: str, times: int = 1, timeout: float = 5.0) -> dict[str, Any]:
        """Wait until a method has been called so often; return the parameters of that call."""
        found = await self.bell.until(lambda: self.sent(method)[times - 1 : times], timeout)
        assert found, f"{method} was called {len(self.sent(method))} times, not {times}"
        return found[0]

    async def taken(self, timeout: float = 5.0) -> None:
        """Wait until the bot has acknowledged every update."""
        done = await self.bell.until(lambda: not self.updates.pending, timeout)
        assert done, f"{len(self.updates.pending)} updates were not acknowledged"

    async def answered(self, press: Press, timeout: float = 5.0) -> str:
        """Wait until a press of a button is answered; return what popped up."""
        assert await self.bell.until(lambda: press.answer is not None, timeout), "the press was not answered"
        return str((press.answer or {}).get("text", ""))

    def date(self) -> int:
        return int(self.clock())

    def next_id(self, kind: str) -> str:
        self._counters[kind] += 1
        return str(10**15 + self._counters[kind])

    # Answering

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given, files = await params.read(request)
        self.calls.append(Call(method, given))
        self.bell.ring()
        if self.delay:
            await asyncio.sleep(self.delay)
        fault = self.take(method, given)
        try:
            if request.match_info["token"] != self.token:
                raise Refused(401, "Unauthorized")
            if fault is None or fault.after_accepting:
                result = await self._carry_out(method, given, files)
            if fault is not None:
                return await self._spoil(request, fault)
            return web.json_response({"ok": True, "result": result})
        except Refused as refused:
            return web.json_response(refused.body(), status=refused.status)

    async def _carry_out(self, method: str, given: dict[str, Any], files: dict[str, params.Upload]) -> Any:
        handler = next((found for each in self._methods if (found := getattr(each, method, None))), None)
        if handler is None or not re.fullmatch(r"[a-z]+[A-Z]\w+", method):
            raise Refused(404, "Not Found")
        if self._spec is not None and (problems := self._spec.call(method, given, set(files))):
            self.problems += problems
            raise Refused(400, f"Bad Request: not as specified: {'; '.join(problems)}")
        result = handler(given, files)
        return await result if inspect.isawaitable(result) else result

    async def _spoil(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.kind == "answer":
            raise fault.refusal()
        if fault.kind == "html":
            return web.Response(status=fault.status, text=BAD_GATEWAY, content_type="text/html")
        if fault.kind == "hang":
            await self._released.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _download(self, request: web.Request) -> web.Response:
        content = self.files.read(request.match_info["path"])
        if request.match_info["token"] != self.token or content is None:
            return web.json_response(Refused(404, "Not Found").body(), status=404)
        return web.Response(body=content)

    async def _call_in_answer(self, body: dict[str, Any]) -> None:
        """Carry out the call that a webhook gave in its answer; its result is told to nobody."""
        method = body.pop("method", None)
        if method is None:
            return
        self.calls.append(Call(method, body))
        try:
            await self._carry_out(method, body, {})
        except Refused as refused:
            self.problems.append(f"{method} in the answer of the webhook: {refused.description}")


__all__ = ["TOKEN", "BotApi", "Call", "Message"]
