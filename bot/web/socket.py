"""One open page of the web chat: its WebSocket, what it says, and what is pushed to it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
import structlog
from aiohttp import WSMsgType, web

from bot.inbox import NotKept
from bot.web import frames
from bot.web.flood import Buckets
from bot.web.frames import Frame, Refused
from bot.web.parts import Parts
from handlers.words import Heard, Media, Word
from storage import dialogue, files

PAGE = 40  # Messages of history at a time: a screen or two.
MOST_NEW = 200  # A page that missed more gets the last page of the history instead.
SPOKEN = 20  # Messages of a page that wait for their turn; ours sends one at a time.
QUEUED = 500  # Frames for a page that does not read; then it has to connect again, and misses nothing.
TYPING_S = 0.3  # A turn that takes longer is announced by the typing sign.
RETRY_S = 2  # When the database could not keep a message.
NO_SESSION, TOO_MANY, RESTART = 4401, 4429, 1012  # Close codes that the page understands.

log = structlog.get_logger()


class Socket:
    def __init__(self, parts: Parts, ws: web.WebSocketResponse, session: str, digest: str, address: str) -> None:
        self.parts = parts
        self.ws = ws
        self.session = session
        self.digest = digest
        self.address = address
        self.conversation_id: int | None = None
        self.language = parts.settings.default_language
        self.newest = 0  # The largest message number that this page was given.
        self._given: deque[str] = deque(maxlen=MOST_NEW)  # The last ones, so that none is given twice.
        self._queue: asyncio.Queue[Frame] = asyncio.Queue(QUEUED)
        self._spoken: asyncio.Queue[Frame] = asyncio.Queue(SPOKEN)
        self._held: list[Frame] | None = []  # Until hello is answered, pushes wait: their order is part of resuming.
        self._frames = Buckets(120, 20)  # Of every kind, receipts too: far more than a page has to say.
        self._tasks: set[asyncio.Task[None]] = set()

    # --- Life ---

    async def live(self) -> None:
        workers = [asyncio.create_task(self._write()), asyncio.create_task(self._listen())]
        self.parts.channel.enter(self)
        try:
            async for message in self.ws:
                if self._frames.take(""):
                    await self.ws.close(code=TOO_MANY)
                elif message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    await self._take(message.data)
        finally:
            self.parts.channel.leave(self)
            for task in (*workers, *self._tasks):
                task.cancel()
            await asyncio.gather(*workers, *self._tasks, return_exceptions=True)

    async def close(self) -> None:
        await self.ws.close(code=RESTART)

    def push(self, frame: Frame) -> None:
        if self._held is not None:
            self._held.append(frame)
            return
        if frame["t"] == "message":
            self.newest = max(self.newest, int(frame["id"]))
            self._given.append(frame["id"])
        try:
            self._queue.put_nowait(frame)
        except asyncio.QueueFull:
            self._begin(self.close())

    def resume(self) -> None:
        self._begin(self._send_new())

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self) -> None:
        with suppress(ConnectionError, RuntimeError):  # The page is gone: its reader ends, too.
            while True:
                await self.ws.send_str(orjson.dumps(await self._queue.get()).decode())

    # --- In ---

    async def _take(self, data: str | bytes) -> None:
        try:
            frame = orjson.loads(data)
        except ValueError:
            frame = None
        if not isinstance(frame, dict):
            return self.push({"t": "refused", "key": None, "why": "malformed"})
        return await self._try(frame)

    async def _listen(self) -> None:
        """Take turns one after the other, while the reader goes on answering the page's other questions."""
        while True:
            await self._try(await self._spoken.get(), self._hear)

    async def _try(self, frame: Frame, act: Callable[[Frame], Awaitable[None]] | None = None) -> None:
        try:
            await (act or self._answer)(frame)
        except Refused as refused:
            self.push({"t": "refused", "key": frame.get("key"), "why": str(refused)})
        except asyncio.QueueFull:
            self.push({"t": "later", "key": frame.get("key"), "seconds": RETRY_S})
        except Exception as error:  # The database: the page asks again.
            log.error("frame_failed", kind=str(frame.get("t"))[:16], error=type(error).__name__)
            self.push({"t": "later", "key": frame.get("key"), "seconds": RETRY_S})

    async def _answer(self, frame: Frame) -> None:
        match frame.get("t"):
            case "hello":
                await self._welcome(frame)
            case "ping":
                self.push({"t": "pong"})
            case "got" | "saw" as told:
                self._receive(frame, "delivered" if told == "got" else "seen")
            case "older":
                await self._older(frame)
            case "say" | "press" | "place" | "files" | "open":
                self._spoken.put_nowait(frame)
            case _:
                raise Refused("malformed")

    async def _hear(self, frame: Frame) -> None:
        """Take what somebody says; "kept" is the receipt, and it is given after the commit."""
        key = frames.key_of(frame)
        word = await self._files(frame) if frame["t"] == "files" else frames.word_of(frame)
        if wait := self.parts.floods.say(self.session, self.address):
            return self.push({"t": "refused", "key": key, "why": "flood", "seconds": round(wait + 0.05, 2)})
        heard = Heard(
            channel=self.parts.channel.name,
            conversation=self.session,
            sender=self.session,
            key=f"{self.digest}:{key}",
            word=word,
            at=frames.moment_of(frame, self.parts.store.now()),
            language=self.language,
        )
        try:
            await self._take_turn(heard)
        except NotKept:
            return self.push({"t": "later", "key": key, "seconds": RETRY_S})
        return await self._confirm(heard, key)

    async def _take_turn(self, heard: Heard) -> None:
        turn = asyncio.ensure_future(self.parts.inbox.hear(heard))
        done, _pending = await asyncio.wait({turn}, timeout=TYPING_S)
        if not done:
            self.parts.channel.show(self.session, {"t": "typing"})
        await turn

    async def _confirm(self, heard: Heard, key: str) -> None:
        """The message is kept: tell its page, with what the person may have chosen by it, and show it in the others."""
        kept: Frame = {"t": "kept", "key": key}
        with suppress(Exception):  # It is kept, whatever hinders us to look at it.
            async with self.parts.store.reading() as db:
                row = await dialogue.kept(db, heard.channel, heard.key)
            if row:
                self.conversation_id = row.conversation_id
                kept |= {"id": str(row.id), "language": row.language, "municipality": row.municipality}
                self._tell_others(heard.word, kept, heard.at.isoformat())
        self.push(kept)

    def _tell_others(self, word: Word, kept: Frame, at: str) -> None:
        frame = {"t": "message", "mine": True, "id": kept["id"], "key": kept["key"], "at": at}
        if shown := frames.of_word(word, frame):
            self.parts.channel.show(self.session, shown, besides=self)

    async def _files(self, frame: Frame) -> Media:
        """The uploaded files of a message: only those of this very conversation can be sent."""
        ids = frames.file_ids(frame)
        caption = frames.checked(str(frame.get("text") or ""), may_be_empty=True)
        async with self.parts.store.reading() as db:
            mine = await dialogue.whose(db, self.parts.channel.name, self.session)
            found = await files.received(db, mine.id, ids) if mine else {}
        if len(found) != len(set(ids)):
            raise Refused("files")
        return Media(tuple(frames.as_file(found[file_id]) for file_id in ids), caption)

    def _receive(self, frame: Frame, state: str) -> None:
        if self.conversation_id and (ids := frames.numbers_of(frame.get("ids"))):
            self.parts.channel.receive(self.conversation_id, ids, state)

    # --- Coming back ---

    async def _welcome(self, frame: Frame) -> None:
        """Answer hello with all that this page has not seen: the end of the conversation, or what is new since."""
        if frame.get("language") in self.parts.translators:
            self.language = frame["language"]
        seen = frames.number_of(frame.get("seen"))
        welcome: Frame = {"t": "welcome", "session": self.digest, "fresh": True, "messages": [], "more": False}
        async with self.parts.store.reading() as db:
            mine = await dialogue.whose(db, self.parts.channel.name, self.session)
            if mine:
                self.conversation_id = mine.id
                welcome |= {"fresh": False, "language": mine.language, "municipality": mine.municipality}
                new = await dialogue.since(db, mine.id, seen, MOST_NEW) if seen else []
                if not seen or len(new) > MOST_NEW:
                    new = await dialogue.history(db, mine.id, 2**63 - 1, PAGE)
                    welcome |= {"reset": True, "more": len(new) == PAGE, "first": str(new[0].id) if new else None}
                welcome["messages"] = frames.page_of(new)
        self.newest = max([seen or 0, *(int(one["id"]) for one in welcome["messages"])])
        self._hand_over(welcome["messages"])
        held, self._held = self._held or [], None
        for one in (welcome, *held):
            self.push(one)

    async def _send_new(self) -> None:
        if self._held is not None or not self.conversation_id:
            return
        try:
            async with self.parts.store.reading() as db:
                new = await dialogue.since(db, self.conversation_id, self.newest, MOST_NEW)
        except Exception as error:
            log.error("resume_failed", error=type(error).__name__)
            return await self.close()  # The page comes back and asks.
        shown = [frame for frame in frames.page_of(new) if frame["id"] not in self._given]
        self._hand_over(shown)
        for frame in shown:
            self.push(frame)

    def _hand_over(self, shown: list[Frame]) -> None:
        new = [one for one in shown if not one.get("mine") and "state" not in one]
        ids = [int(number) for one in new for number in (*one.get("covers", ()), one["id"])]
        if self.conversation_id and ids:
            self.parts.channel.handed(self.conversation_id, ids)

    async def _older(self, frame: Frame) -> None:
        before = frames.number_of(frame.get("before"))
        found: list[dialogue.Message] = []
        if self.conversation_id and before:
            async with self.parts.store.reading() as db:
                found = await dialogue.history(db, self.conversation_id, before, PAGE)
        first = str(found[0].id) if found else None
        self.push({"t": "history", "messages": frames.page_of(found), "first": first, "more": len(found) == PAGE})
