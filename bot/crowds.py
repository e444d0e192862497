"""What goes to many: its rows are claimed some at a time, just ahead of the pace, and given back when they are no more
wanted. Nothing of it reaches anybody twice, and nobody who has just unsubscribed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from bot.attempts import Attempts
from bot.pace import Lanes
from bot.results import Later, Moved, Perhaps, Result, Sent
from handlers.words import TO_MANY
from storage import broadcasts, messages
from storage.database import Store
from storage.messages import Letter

PAGE = 250  # Rows claimed at once: some milliseconds during which turns wait, and one file sync.
LEAST = 64  # Claimed ahead even at the slowest pace.
GATHER_S = 0.02

log = structlog.get_logger()


class Crowd:
    """Feeds the lanes of one outbox with messages to many."""

    def __init__(
        self, store: Store, channel: str, lanes: Lanes[Letter], push: Callable[[Letter], None],
        forget: Callable[[set[int]], None], opened: Callable[[], None], attempts: Attempts | None, sweep_s: float,
    ) -> None:  # fmt: skip
        self.store, self.channel, self.lanes, self.sweep_s = store, channel, lanes, sweep_s
        self._push, self._forget, self._opened = push, forget, opened
        self.attempts = attempts
        self.room = max(LEAST, lanes.pace.rate)  # About a second's worth.
        self._waiting: dict[int, int] = {}  # Claimed and not under way: message -> lane.
        self._hungry = asyncio.Event()
        self._doubtful = False  # Something was paused, stopped or unsubscribed from since the last look.
        self._more = dict.fromkeys(TO_MANY, True)  # Whether the last page of a lane was a full one.

    async def begin(self) -> None:
        """What the last process had claimed goes back, except for what it had begun to send."""
        left = self.attempts.left() if self.attempts else None
        async with self.store.writing() as db:
            if left:
                await messages.were_sent(db, left.sent)
            for lane in TO_MANY:
                unknown = await broadcasts.end_claims(db, self.channel, lane, left.begun if left else None)
                if unknown:
                    log.warning("broadcast_unknown", channel=self.channel, lane=lane, messages=unknown)
        if self.attempts:
            self.attempts.begin()

    async def end(self) -> None:
        """What was claimed and not begun is for the next process."""
        if self._waiting:
            async with self.store.writing() as db:
                await broadcasts.give_back(db, list(self._waiting))
        if self.attempts:
            self.attempts.close()

    def wake(self) -> None:
        """There may be something new."""
        self._more = dict.fromkeys(TO_MANY, True)
        self._hungry.set()

    def recheck(self) -> None:
        """Hold everything until it is known what is still wanted."""
        self._doubtful = True
        self.lanes.shut = TO_MANY
        self.wake()

    # --- While a letter is under way ---

    def took(self, letter: Letter) -> None:
        self._waiting.pop(letter.id, None)
        if self.attempts:
            self.attempts.begun(letter.id)
        if self._more[letter.lane] and len(self._waiting) <= self.room // 2:
            self._hungry.set()

    def returned(self, letter: Letter, result: Result) -> None:
        if isinstance(result, Later | Moved):
            self._waiting[letter.id] = letter.lane
        if not self.attempts:
            return
        if isinstance(result, Sent):
            self.attempts.sent(letter.id, result.external)
        elif not isinstance(result, Perhaps):
            self.attempts.unsent(letter.id)

    def settled(self, done: set[int]) -> None:
        if self.attempts:
            for message_id in done:
                self.attempts.settled(message_id)

    # --- Feeding ---

    async def run(self) -> None:
        while True:
            self._hungry.clear()
            try:
                await self.feed()
            except Exception as error:
                log.error("feeding_failed", channel=self.channel, error=type(error).__name__)
                await asyncio.sleep(self.sweep_s)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self.sweep_s):
                    await self._hungry.wait()
            await asyncio.sleep(0 if self._doubtful else GATHER_S)

    async def feed(self) -> None:
        if self._doubtful:
            await self._sort_out()
        for lane in TO_MANY:
            waiting = sum(of == lane for of in self._waiting.values())
            while waiting < self.room and not self._doubtful:
                loaded = await self._load(lane)
                if not loaded:
                    break
                waiting += loaded

    async def _load(self, lane: int) -> int:
        async with self.store.reading() as db:
            found, unwanted = await broadcasts.to_send(db, self.channel, lane, PAGE)
        self._more[lane] = len(found) + len(unwanted) == PAGE
        if not found and not unwanted:
            return 0
        async with self.store.writing() as db:  # Before the attempt: a crash must not repeat it.
            claimed = await broadcasts.claim(db, [letter.id for letter in found])
            if unwanted:
                await broadcasts.drop(db, unwanted, "unsubscribed")
        mine = [letter for letter in found if letter.id in claimed]
        for letter in mine:
            self._waiting[letter.id] = lane
            self._push(letter)
        return len(mine) + len(unwanted)

    async def _sort_out(self) -> None:
        """Give back what is held now and drop what nobody wants, of all that waits here."""
        self._doubtful = False
        try:
            async with self.store.reading() as db:
                unwanted, held = await broadcasts.recheck(db, list(self._waiting))
            taken = {letter.id for letter in self.lanes.take_back(unwanted | held, TO_MANY)}
            if taken:
                async with self.store.writing() as db:
                    if unwanted & taken:
                        await broadcasts.drop(db, unwanted & taken, "unsubscribed")
                    if held & taken:
                        await broadcasts.give_back(db, held & taken)
                for message_id in taken:
                    self._waiting.pop(message_id, None)
                self._forget(taken)
        except BaseException:
            self._doubtful = True
            raise
        if not self._doubtful:  # Nothing new has come up meanwhile.
            self.lanes.shut = ()
            self._opened()
