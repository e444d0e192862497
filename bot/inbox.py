"""The inbox: every message heard becomes one turn, and a turn is kept whole or not at all."""

import asyncio
import traceback
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from sqlalchemy.exc import DBAPIError

from bot.announcing import announce
from bot.turns import Turn, Turns
from handlers.words import Heard
from storage.database import Store
from storage.messages import Letter

BATCH = 64  # Turns that share a commit when they queue: enough to make its cost vanish, few enough to answer at once.
QUEUE = 2_000  # More than this waiting, and the channels are asked to wait (they hold the messages safely).
ATTEMPTS = 2  # A turn alone is tried twice where the database refused it: row numbers or writers may have collided.

log = structlog.get_logger()


class NotKept(Exception):
    """The message could not be stored. It must not be acknowledged: the channel will bring it again."""


class Sender(Protocol):
    def post(self, letters: list[Letter]) -> None: ...


@dataclass(slots=True)
class Waiting:
    heard: Heard
    kept: asyncio.Future[None]


@dataclass(slots=True)
class Counts:
    """What /metrics tells of the inbox."""

    turns: int = 0
    repeats: int = 0
    failures: int = 0
    not_kept: int = 0
    by_channel: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class Inbox:
    """Takes messages from all channels in the order in which they come.

    Turns that wait are taken together: each runs in its order, all share one transaction. When one of them fails,
    nothing of the transaction is kept and each is taken again alone, so that only the failing one is refused.
    """

    def __init__(self, store: Store, turns: Turns, outbox: Sender) -> None:
        self.store = store
        self.turns = turns
        self.outbox = outbox
        self.counts = Counts()
        self._queue: asyncio.Queue[Waiting] = asyncio.Queue(QUEUE)
        self._albums: dict[tuple[str, str, str], asyncio.TimerHandle] = {}
        self._worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._worker = asyncio.create_task(self._work(), name="inbox")

    async def stop(self) -> None:
        """Finish what was accepted, then stop."""
        await self._queue.join()
        if self._worker:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    async def hear(self, heard: Heard) -> None:
        """Return when the turn is committed; raise `NotKept` when it is not."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put(Waiting(heard, kept))
        await kept

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    async def _work(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._serve(batch)
            finally:
                for _ in batch:
                    self._queue.task_done()

    async def _serve(self, batch: list[Waiting]) -> None:
        try:
            turns = await self._commit([waiting.heard for waiting in batch])
        except Exception as error:
            if len(batch) > 1:
                for waiting in batch:
                    await self._serve([waiting])
            else:
                await self._serve_alone(batch[0], error)
            return
        self._finish(turns)
        for waiting in batch:
            _resolve(waiting.kept)

    async def _serve_alone(self, waiting: Waiting, error: Exception) -> None:
        """Try again where the database stumbled; else record the failure and apologise."""
        for _ in range(ATTEMPTS - 1):
            if not isinstance(error, DBAPIError):
                break
            try:
                self._finish(await self._commit([waiting.heard]))
                return _resolve(waiting.kept)
            except Exception as again:
                error = again
        await self._apologise(waiting, error)

    async def _apologise(self, waiting: Waiting, error: Exception) -> None:
        self.counts.failures += 1
        where = traceback.extract_tb(error.__traceback__)[-1]
        log.error("turn_failed", channel=waiting.heard.channel, error=type(error).__name__,
                  at=f"{where.filename.rsplit('/', 1)[-1]}:{where.lineno}")  # fmt: skip
        try:
            async with self.store.writing() as db:
                turns = await self.turns.take(db, [waiting.heard], apology=error)
                await announce(self.store, db, [letter for turn in turns for letter in turn.letters])
        except Exception as second:
            self.counts.not_kept += 1
            log.error("not_kept", channel=waiting.heard.channel, error=type(second).__name__)
            if not waiting.kept.done():
                waiting.kept.set_exception(NotKept(type(second).__name__))
            return
        self._finish(turns)
        _resolve(waiting.kept)

    async def _commit(self, heard: list[Heard]) -> list[Turn]:
        async with self.store.writing() as db:
            turns = await self.turns.take(db, heard)
            await announce(self.store, db, [letter for turn in turns for letter in turn.letters])
            return turns

    def _finish(self, turns: list[Turn]) -> None:
        """After the commit: what was said may go out."""
        letters: list[Letter] = []
        for turn in turns:
            self.counts.turns += not turn.is_repeat
            self.counts.repeats += turn.is_repeat
            self.counts.by_channel[turn.heard.channel] += 1
            letters += turn.letters
            if turn.album:
                self._wait_for_album(turn.heard, turn.album)
        if letters:
            self.outbox.post(letters)

    def _wait_for_album(self, heard: Heard, album: str) -> None:
        """A part of an album is safely stored; the turn comes when no further part has come for a moment."""
        key = (heard.channel, heard.conversation, album)
        if key in self._albums:
            self._albums.pop(key).cancel()
        loop = asyncio.get_running_loop()
        self._albums[key] = loop.call_later(self.turns.album_pause, self._album_is_complete, key, heard)

    def _album_is_complete(self, key: tuple[str, str, str], heard: Heard) -> None:
        del self._albums[key]
        whole = self.turns.whole_album(heard, key[2])
        task = asyncio.ensure_future(self.hear(whole))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # It is tried again at the start.

    async def recover(self) -> None:
        """At the start: take the turns of albums whose end a crash did not let us see."""
        for whole in await self.turns.unfinished_albums(self.store):
            await self.hear(whole)


def _resolve(kept: "asyncio.Future[None]") -> None:
    if not kept.done():
        kept.set_result(None)


def describe(counts: Counts) -> Mapping[str, Any]:
    return {"turns": counts.turns, "repeats": counts.repeats, "failures": counts.failures}
