"""The inbox: every message heard becomes one turn, and a turn is kept whole or not at all."""

import asyncio
import traceback
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from sqlalchemy.exc import DBAPIError

from bot.announcing import announce
from bot.turns import Turn, Turns, is_part, whole_album, without_words
from handlers.words import Heard, Receipt
from storage.database import Store
from storage.messages import Letter

BATCH = 64  # Turns that share a commit when they queue: enough to make its cost vanish, few enough to answer at once.
QUEUE = 2_000  # More than this waiting, and the channels are asked to wait (they hold the messages safely).
ATTEMPTS = 2  # A turn alone is tried twice where the database refused it: row numbers or writers may have collided.
DATA_FAULT = "22"  # The SQLSTATE class of values that a database does not take.

log = structlog.get_logger()
Place = tuple[str, str]  # A channel and the conversation there.


class NotKept(Exception):
    """The message could not be stored. It must not be acknowledged: the channel will bring it again."""


class Sender(Protocol):
    def post(self, letters: list[Letter]) -> None: ...


@dataclass(slots=True)
class Waiting:
    heard: Heard
    number: int
    kept: "asyncio.Future[None] | None" = None

    @property
    def place(self) -> Place:
        return self.heard.channel, self.heard.conversation

    def resolve(self) -> None:
        if self.kept and not self.kept.done():
            self.kept.set_result(None)

    def refuse(self, why: str) -> None:
        if self.kept and not self.kept.done():
            self.kept.set_exception(NotKept(why))


@dataclass(slots=True)
class Album:
    """Its parts are safely stored; the turn comes when no further part has come for a moment."""

    whole: Heard
    timer: asyncio.TimerHandle


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

    def __init__(
        self, store: Store, turns: Turns, outbox: Sender, news: Callable[[set[str]], None] = lambda _topics: None
    ) -> None:
        self.store = store
        self.news = news  # Told what a transaction has to tell to other parts of the program.
        self.turns = turns
        self.outbox = outbox
        self.counts = Counts()
        self._queue: asyncio.Queue[Waiting] = asyncio.Queue(QUEUE)
        self._albums: dict[Place, Album] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._refused: dict[Place, int] = {}  # What came up to that number waits for the channel to bring it again.
        self._last = 0
        self._worker: asyncio.Task[None] | None = None
        self._is_stopped = False

    async def start(self) -> None:
        self._worker = asyncio.create_task(self._work(), name="inbox")

    async def stop(self) -> None:
        """Finish what was accepted, then stop. The parts of an unfinished album are stored: `recover` takes them up."""
        self._is_stopped = True
        for album in self._albums.values():
            album.timer.cancel()
        await self._queue.join()
        if self._worker:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    async def hear(self, heard: Heard) -> None:
        """Return when the turn is committed; raise `NotKept` when it is not."""
        if self._is_stopped:
            raise NotKept("stopped")
        self._last += 1
        waiting = Waiting(heard, self._last, asyncio.get_running_loop().create_future())
        assert waiting.kept is not None
        await self._queue.put(waiting)
        await waiting.kept

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    async def _work(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._serve(self._with_albums(batch))
            except Exception as error:  # A mistake of ours must not make us deaf, nor let a channel wait for ever.
                for waiting in batch:
                    waiting.refuse(type(error).__name__)
                log.exception("inbox_failed")
            finally:
                for _ in batch:
                    self._queue.task_done()

    async def _serve(self, batch: list[Waiting]) -> None:
        """Take these turns in one transaction; when that fails, each in its own."""
        batch = [waiting for waiting in batch if not self._is_refused(waiting)]
        if not batch:
            return
        try:
            turns = await self._commit([waiting.heard for waiting in batch])
        except Exception as error:
            if len(batch) == 1:
                return await self._serve_alone(batch[0], error)
            for waiting in batch:
                await self._serve([waiting])
        else:
            self._finish(batch, turns)

    async def _serve_alone(self, waiting: Waiting, error: Exception) -> None:
        """Try again where the database stumbled; else record the failure and apologise."""
        for _ in range(ATTEMPTS - 1):
            if not isinstance(error, DBAPIError):
                break
            try:
                turns = await self._commit([waiting.heard])
            except Exception as again:
                error = again
            else:
                return self._finish([waiting], turns)
        self.counts.failures += 1
        log.error("turn_failed", channel=waiting.heard.channel, error=type(error).__name__, at=_place_of(error))
        await self._apologise(waiting, error)

    async def _apologise(self, waiting: Waiting, error: Exception) -> None:
        """Keep at least what was heard; where its very content is at fault, at least that it was."""
        try:
            try:
                turns = await self._commit([waiting.heard], error)
            except Exception as second:
                if not _is_fault_of_data(second):
                    raise
                turns = await self._commit([without_words(waiting.heard)], error)
        except Exception as last:
            self.counts.not_kept += 1
            log.error("not_kept", channel=waiting.heard.channel, error=type(last).__name__)
            self._refused[waiting.place] = self._last
            waiting.refuse(type(last).__name__)
        else:
            self._finish([waiting], turns)

    def _is_refused(self, waiting: Waiting) -> bool:
        """What stood behind a message that was not kept must not overtake it: the channel brings both again."""
        if waiting.number > self._refused.get(waiting.place, 0):
            self._refused.pop(waiting.place, None)
            return False
        waiting.refuse("behind one that was not kept")
        return True

    async def _commit(self, heard: list[Heard], apology: Exception | None = None) -> list[Turn]:
        async with self.store.writing() as db:
            turns = await self.turns.take(db, heard, apology)
            await announce(self.store, db, [letter for turn in turns for letter in turn.letters])
        if db.news:
            self.news(db.news)
        return turns

    def _finish(self, batch: list[Waiting], turns: list[Turn]) -> None:
        """After the commit: it may be acknowledged, and what was said may go out."""
        letters: list[Letter] = []
        for waiting, turn in zip(batch, turns, strict=True):
            self.counts.turns += not turn.is_repeat
            self.counts.repeats += turn.is_repeat
            self.counts.by_channel[turn.heard.channel] += 1
            letters += turn.letters
            self._mind_album(waiting, turn)
            waiting.resolve()
        if letters:
            self.outbox.post(letters)

    # --- Albums: several messages of the channel, one message of the person ---

    def _with_albums(self, batch: list[Waiting]) -> list[Waiting]:
        """Somebody who goes on talking has finished the album: its turn comes before the new message's."""
        begun = {place: album.whole for place, album in self._albums.items()}
        ordered: list[Waiting] = []
        for waiting in batch:
            before = begun.get(waiting.place)
            if before and not isinstance(waiting.heard.word, Receipt) and _album(before) != _album(waiting.heard):
                ordered.append(Waiting(begun.pop(waiting.place), waiting.number))
            if is_part(waiting.heard):
                begun[waiting.place] = whole_album(waiting.heard)
            ordered.append(waiting)
        return ordered

    def _mind_album(self, waiting: Waiting, turn: Turn) -> None:
        if is_part(waiting.heard):
            if not turn.is_repeat:
                self._await_more(whole_album(waiting.heard))
            return
        known = self._albums.get(waiting.place)
        if known and _album(known.whole) == _album(waiting.heard):
            self._albums.pop(waiting.place).timer.cancel()

    def _await_more(self, whole: Heard) -> None:
        place = (whole.channel, whole.conversation)
        if place in self._albums:
            self._albums[place].timer.cancel()
        if self._is_stopped:
            return
        timer = asyncio.get_running_loop().call_later(self.turns.album_pause, self._end_album, whole)
        self._albums[place] = Album(whole, timer)

    def _end_album(self, whole: Heard) -> None:
        async def end() -> None:
            try:
                await self.hear(whole)
            except NotKept:
                self._await_more(whole)

        task = asyncio.create_task(end(), name="album")
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    async def recover(self) -> None:
        """At the start: wait for the rest of albums whose end a crash did not let us see."""
        for whole in await self.turns.unfinished_albums(self.store):
            if earlier := self._albums.pop((whole.channel, whole.conversation), None):
                earlier.timer.cancel()
                await self.hear(earlier.whole)
            self._await_more(whole)


def _album(heard: Heard) -> str | None:
    return getattr(heard.word, "album", None)


def _place_of(error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{where.filename.rsplit('/', 1)[-1]}:{where.lineno}"


def _is_fault_of_data(error: Exception) -> bool:
    """Whether it is what was said, not the database, that stands in the way."""
    state = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
    return state.startswith(DATA_FAULT) or not isinstance(error, DBAPIError | OSError)
