"""A stub of the Bot API in its own process: hands out updates, counts the answers, measures how long each took.

It is told what to do by JSON lines on its standard input, and answers each with one JSON line:

    {"do": "burst", "updates": 5000}                  as fast as the bot takes them
    {"do": "stream", "updates": 1000, "rate": 200}    one every 5 ms, whether the bot keeps up or not
    {"do": "say", "chat": 7, "text": "/broadcast"}    one update of somebody who is no citizen
    {"do": "crowd", "until": 5000, "most": 60}        what came to the crowd (chats from CROWD on) so far, when so many
                                                      messages have come or so many seconds have passed

With --limit it judges every sliding second: what is more than that is refused with 429.

It speaks just enough HTTP to cost a small part of a core: what is measured must be the bot.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.citizens import Citizens

AT_ONCE = 100  # Updates in one answer to getUpdates, as Telegram does it.
CONNECTIONS = 40  # Of the webhook, Telegram's default.
PATIENCE_S = 20.0  # Without an answer for so long, what is missing counts as lost.
CHAT_ID = re.compile(rb'name="chat_id"\r\n(?:[^\r\n]+\r\n)*\r\n(-?\d+)')
CROWD = 1_000_000_000  # Chats from here on only get what goes to many.
REFUSAL: Any = object()
TOO_MANY = orjson.dumps({"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1",
                         "parameters": {"retry_after": 1}})  # fmt: skip
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
Respond = Callable[[Any], None]


class Run:
    """One measurement: what was handed out, what came back."""

    def __init__(self, updates: int, rate: float) -> None:
        self.left = updates if not rate else 0
        self.expected = updates
        self.waiting: dict[int, deque[float]] = {}  # By chat: since when each unanswered update is out.
        self.latencies: list[float] = []
        self.extra = 0
        self.began = self.ended = time.perf_counter()
        self.done = asyncio.Event()

    def hand_out(self, chat: int, since: float) -> None:
        if not self.waiting and not self.latencies:
            self.began = since
        self.waiting.setdefault(chat, deque()).append(since)

    def answered(self, chat: int) -> None:
        self.ended = time.perf_counter()
        since = self.waiting.get(chat)
        if not since:
            self.extra += 1
            return
        self.latencies.append(self.ended - since.popleft())
        if len(self.latencies) == self.expected:
            self.done.set()

    def report(self) -> dict[str, Any]:
        return {
            "seconds": self.ended - self.began,
            "answered": len(self.latencies),
            "lost": self.expected - len(self.latencies),
            "extra": self.extra,
            "latencies": self.latencies,
        }


class Judge:
    """What came to the crowd, and whether any sliding second held more messages than it may (of anybody's)."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.window: deque[float] = deque()
        self.clear()

    def clear(self) -> None:
        self.most = self.refused = 0
        self.times: list[float] = []
        self.chats: Counter[int] = Counter()

    def accepts(self, chat: int) -> bool:
        now = time.perf_counter()
        while self.window and self.window[0] <= now - 1.0:
            self.window.popleft()
        if self.limit and len(self.window) >= self.limit:
            self.refused += 1
            return False
        self.window.append(now)
        self.most = max(self.most, len(self.window))
        if chat >= CROWD:
            self.times.append(now)
            self.chats[chat] += 1
        return True

    def report(self) -> dict[str, Any]:
        return {
            "came": len(self.times),
            "chats": len(self.chats),
            "twice": sum(many - 1 for many in self.chats.values()),
            "refused": self.refused,
            "most": self.most,
            "first": self.times[0] if self.times else 0.0,
            "last": self.times[-1] if self.times else 0.0,
            "now": time.perf_counter(),
        }


class Stub:
    def __init__(self, citizens: Citizens, webhook: str, limit: int = 0) -> None:
        self.judge = Judge(limit)
        self.citizens = citizens
        self.webhook = urlsplit(webhook) if webhook else None
        self.run: Run | None = None
        self.calls: Counter[str] = Counter()
        self.ready: deque[dict[str, Any]] = deque()  # Updates of a stream that nobody has fetched yet.
        self.unconfirmed: deque[dict[str, Any]] = deque()  # Handed out; a getUpdates behind them confirms.
        self.pollers: deque[Respond] = deque()
        self.senders: list[Sender] = []
        self.secret = ""
        self.message_id = 1_000

    # --- What the bot asks ---

    def handle(self, method: str, head: bytes, body: bytes, respond: Respond) -> None:
        self.calls[method] += 1
        if method == "getUpdates":
            self.get_updates(_parameters(head, body), respond)
        elif method.startswith(("send", "edit")):
            parameters = _parameters(head, body)
            if self.judge.accepts(int(parameters["chat_id"])):
                respond(self.take_answer(parameters))
            else:
                respond(REFUSAL)
        elif method == "setWebhook":
            self.secret = str(_parameters(head, body).get("secret_token") or "")
            respond(True)
        else:
            respond(FIXED.get(method, True))

    def take_answer(self, parameters: dict[str, Any]) -> dict[str, Any]:
        chat = int(parameters["chat_id"])
        self.message_id += 1
        number = int(parameters.get("message_id") or self.message_id)
        self.citizens.shown(chat, number, parameters.get("reply_markup"))
        if self.run and chat < CROWD:
            self.run.answered(chat)
        return {"message_id": number, "date": int(time.time()), "chat": {"id": chat, "type": "private"}, "text": "…"}

    def get_updates(self, parameters: dict[str, Any], respond: Respond) -> None:
        offset = int(parameters.get("offset") or 0)
        while self.unconfirmed and self.unconfirmed[0]["update_id"] < offset:
            self.unconfirmed.popleft()
        if self.unconfirmed:  # Not confirmed: brought again, as Telegram does.
            respond(list(self.unconfirmed)[:AT_ONCE])
            return
        self.pollers.append(respond)
        self.serve_pollers()
        if respond in self.pollers and int(float(parameters.get("timeout") or 0)) == 0:
            self.pollers.remove(respond)
            respond([])

    def serve_pollers(self) -> None:
        while self.pollers and (updates := self.next_updates(AT_ONCE)):
            self.unconfirmed.extend(updates)
            self.pollers.popleft()(updates)

    def next_updates(self, many: int) -> list[dict[str, Any]]:
        updates = [self.ready.popleft() for _ in range(min(many, len(self.ready)))]
        while self.run and self.run.left and len(updates) < many:
            updates.append(self.make(time.perf_counter()))
            self.run.left -= 1
        return updates

    def make(self, since: float) -> dict[str, Any]:
        chat, update = self.citizens.next_update()
        assert self.run
        self.run.hand_out(chat, since)
        return update

    # --- What the driver asks ---

    def say(self, chat: int, text: str) -> dict[str, Any]:
        self.citizens.count += 1
        self.ready.append(self.citizens.message(chat, text))
        self.push()
        return {}

    async def crowd(self, until: int = 0, most: float = 0.0, clear: bool = False) -> dict[str, Any]:
        end = time.perf_counter() + most
        while len(self.judge.times) < until and time.perf_counter() < end:
            await asyncio.sleep(0.02)
        report = self.judge.report()
        if clear:
            self.judge.clear()
        return report

    async def measure(self, updates: int, rate: float = 0) -> dict[str, Any]:
        self.calls.clear()
        self.run = Run(updates, rate)
        self.push()
        if rate:
            await self.stream(updates, rate)
        while not self.run.done.is_set():
            before = len(self.run.latencies)
            try:
                await asyncio.wait_for(self.run.done.wait(), PATIENCE_S)
            except TimeoutError:
                if len(self.run.latencies) == before:
                    break
        await asyncio.sleep(0.2)  # A second answer to anything would come now.
        return self.run.report() | {"calls": dict(self.calls)}

    async def stream(self, updates: int, rate: float) -> None:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        for number in range(updates):
            if (pause := begin + number / rate - loop.time()) > 0:
                await asyncio.sleep(pause)
            self.ready.append(self.make(time.perf_counter()))
            self.push()

    def push(self) -> None:
        self.serve_pollers()
        for sender in self.senders:
            if sender.is_free:
                sender.next()

    async def connect(self) -> bool:
        """Wait until the bot listens or polls, then open the webhook's connections."""
        for _ in range(600):
            if self.pollers or self.secret:
                break
            await asyncio.sleep(0.05)
        else:
            return False
        await self.open_connections()
        return True

    async def open_connections(self) -> None:
        if not self.webhook:
            return
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            _transport, sender = await loop.create_connection(
                lambda: Sender(self), self.webhook.hostname, self.webhook.port
            )
            self.senders.append(sender)


FIXED: dict[str, Any] = {
    "getMe": {"id": 42, "is_bot": True, "first_name": "Bench", "username": "bench_bot"},
    "getMyCommands": [],
    "getMyDescription": {"description": ""},
    "getMyShortDescription": {"short_description": ""},
}


def _parameters(head: bytes, body: bytes) -> dict[str, Any]:
    """The parameters of a call in any of the forms that libraries use."""
    if body[:1] == b"{":
        return orjson.loads(body)  # type: ignore[no-any-return]
    if b"multipart/form-data" in head:
        found = CHAT_ID.search(body)
        return {"chat_id": int(found.group(1))} if found else {}
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


class Reader(asyncio.Protocol):
    """Cuts what arrives into heads and bodies."""

    def __init__(self) -> None:
        self.buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            length = LENGTH.search(head)
            whole = end + 4 + (int(length.group(1)) if length else 0)
            if len(self.buffer) < whole:
                return
            body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
            self.received(head, body)

    def received(self, head: bytes, body: bytes) -> None:
        raise NotImplementedError


class Server(Reader):
    """One connection of the bot."""

    def __init__(self, stub: Stub) -> None:
        super().__init__()
        self.stub = stub

    def received(self, head: bytes, body: bytes) -> None:
        method = head.split(b" ", 2)[1].rsplit(b"/", 1)[-1].split(b"?")[0].decode()
        self.stub.handle(method, head, body, self.respond)

    def respond(self, result: Any) -> None:
        body = TOO_MANY if result is REFUSAL else orjson.dumps({"ok": True, "result": result})
        status = b"429 Too Many Requests" if result is REFUSAL else b"200 OK"
        if self.transport and not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (status, len(body), body)
            )


class Sender(Reader):
    """One connection to the bot's webhook: the next update goes when the one before is acknowledged."""

    def __init__(self, stub: Stub) -> None:
        super().__init__()
        self.stub = stub
        self.update: dict[str, Any] | None = None

    @property
    def is_free(self) -> bool:
        return self.update is None

    def next(self) -> None:
        if updates := self.stub.next_updates(1):
            self.send(updates[0])

    def send(self, update: dict[str, Any]) -> None:
        self.update = update
        body = orjson.dumps(update)
        path = self.stub.webhook.path.encode() if self.stub.webhook else b"/"
        assert self.transport
        self.transport.write(
            b"POST %b HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"X-Telegram-Bot-Api-Secret-Token: %b\r\n\r\n%b" % (path, len(body), self.stub.secret.encode(), body)
        )

    def received(self, head: bytes, body: bytes) -> None:
        if not head.startswith(b"HTTP/1.1 200") and self.update:  # Not kept: brought again, as Telegram does.
            asyncio.get_running_loop().call_later(1.0, self.send, self.update)
            return
        self.update = None
        self.next()


async def serve(arguments: argparse.Namespace) -> None:
    citizens = Citizens(arguments.people, random.Random(arguments.seed), only_text=arguments.only_text)
    stub = Stub(citizens, arguments.webhook, arguments.limit)
    stream: Any = None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(stub), "127.0.0.1", 0, backlog=512)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := await commands.readline():
        wish = json.loads(line)
        match wish.pop("do"):
            case "connect":
                result: dict[str, Any] = {"ready": await stub.connect()}
            case "greet":
                citizens.everybody_starts()
                result = await stub.measure(arguments.people)
            case "say":
                result = stub.say(**wish)
            case "crowd":
                result = await stub.crowd(**wish)
            case "begin":  # A stream beside which other wishes are heard.
                stream = asyncio.create_task(stub.measure(**wish))
                result = {}
            case "end":
                result = await stream
            case _:
                result = await stub.measure(**wish)
        print(json.dumps(result), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--webhook", default="", help="push the updates to this address")
    parser.add_argument("--only-text", action="store_true", help="presses become texts: for echo bots")
    parser.add_argument("--limit", type=int, default=0, help="messages in any sliding second; 0: as many as come")
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
