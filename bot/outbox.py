"""The outbox: everything said is a row; this sends the rows, in order and at the channel's pace, and writes what became
of each."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.attempts import Attempts
from bot.crowds import Crowd
from bot.pace import Lanes
from bot.results import Channel, Gone, Later, Moved, Perhaps, Refused, Result, Sent
from handlers.words import ANSWER, NOTICE, TO_MANY
from storage import messages, people
from storage.announcements import GONE
from storage.database import Session, Store
from storage.messages import Letter

IN_FLIGHT = 64  # Sends under way at once: 30 a second at two seconds a round trip.
IN_MEMORY = 10_000  # Letters held here; what is beyond waits in the database.
PAGE = 500  # Rows a look.
SWEEP_S = 2.0  # How often the database is asked for letters that nobody told us about (other processes, retries).
ATTEMPTS = 12  # With the pauses of the channels this is some minutes of trying at the least.
GATHER_S = 0.02
REPEATS = 1  # How often an answer is repeated after nobody knows whether it arrived.
REPEAT_S = 1.0  # After which pause.
SETTLE_S = 0.1  # Results wait this long for company: one commit for all, so that turns hardly wait for it.
REMEMBERED = 2_000  # Names of sent messages kept here, for rewritings that are quicker than our notes.
MANY = 40  # When so many came together, the next wait longer: a broadcast then costs three commits a second, not ten.
SETTLE_MANY_S = 0.3
STOP_S = 10.0  # For sends under way when we stop.

log = structlog.get_logger()


@dataclass(slots=True)
class Counts:
    """What /metrics tells of one channel's sending."""

    results: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str) -> None:
        self.results[kind] = self.results.get(kind, 0) + 1


class Outbox:
    """Sends the letters of one channel. Letters of one chat go one after the other, those of others beside them."""

    def __init__(
        self,
        store: Store,
        channel: Channel,
        lanes: Lanes[Letter],
        *,
        in_memory: int = IN_MEMORY,
        sweep_s: float = SWEEP_S,
        settle_s: float = SETTLE_S,
        repeat_s: float = REPEAT_S,
        attempts: Attempts | None = None,
    ) -> None:
        self.in_memory, self.sweep_s, self.settle_s, self.repeat_s = in_memory, sweep_s, settle_s, repeat_s
        self.store = store
        self.channel = channel
        self.lanes = lanes
        self.counts = Counts()
        self._known: set[int] = set()  # Letters in memory, so that a sweep does not take them twice.
        self._settled: set[int] = set()  # Those that left it since the last look into the database began.
        self._has_all = False  # Whether all that is due is in memory, so that new letters stand in their order.
        self._held: dict[int, Letter] | None = None  # Letters that came while all that is due was being loaded.
        self._results: list[tuple[Letter, Result]] = []
        self._names: OrderedDict[int, str] = OrderedDict()  # What the channel called the messages sent lately.
        self._addresses: OrderedDict[int, str] = OrderedDict()  # Of conversations that moved, before it is written.
        self._sends: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._work = asyncio.Event()
        self._settle = asyncio.Event()
        self._told = asyncio.Event()
        self._swept = asyncio.Event()
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self.crowd = Crowd(store, channel.name, lanes, self._push, self._forget, self._work.set, attempts, sweep_s)

    async def start(self) -> None:
        await self.crowd.begin()
        for loop in (self._dispatch, self._write_results, self._sweep, self._feed):
            self._tasks.append(asyncio.create_task(loop(), name=f"outbox-{self.channel.name}-{loop.__name__}"))

    async def stop(self) -> None:
        """Let the sends under way end, and keep what became of them."""
        self._has_all = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._sends:
            _done, late = await asyncio.wait(self._sends, timeout=STOP_S)
            for task in late:
                task.cancel()
        try:
            await self._write()
            await self.crowd.end()
        except Exception as error:
            log.error("results_lost", channel=self.channel.name, error=type(error).__name__)

    def post(self, letters: list[Letter]) -> None:
        """Take letters that were just committed. Those that we cannot take in their order wait for the next sweep."""
        for letter in letters:
            if len(self._known) >= self.in_memory:
                self._has_all = False
            if letter.lane in TO_MANY:
                self.crowd.wake()
            elif not self._has_all:
                self._told.set()
            elif letter.id not in self._known:
                self._push(letter)
            if letter.lane not in TO_MANY and letter.id not in self._known and self._held is not None:
                self._held[letter.id] = letter

    def _push(self, letter: Letter) -> None:
        if self._held:
            self._held.pop(letter.id, None)
        self._known.add(letter.id)
        self.lanes.push(letter)
        self._work.set()

    def _forget(self, numbers: set[int]) -> None:
        self._known -= numbers

    def wake(self) -> None:
        """Another process has put something into the database."""
        self._told.set()
        self.crowd.wake()

    def recheck(self) -> None:
        """Somebody has paused or stopped something that goes to many, or wants no more of it."""
        self.crowd.recheck()

    @property
    def waiting(self) -> int:
        return len(self._known)

    # --- Out of the lanes ---

    async def _dispatch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._slots.acquire()
            letter = self.lanes.pop(loop.time())
            while letter is None:
                self._work.clear()
                pause = self.lanes.wait(loop.time())
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._work.wait()
                letter = self.lanes.pop(loop.time())
            self._begin(letter)

    def _begin(self, letter: Letter) -> None:
        if letter.lane in TO_MANY:
            self.crowd.took(letter)
        task = asyncio.create_task(self._carry(letter))
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)

    async def _carry(self, letter: Letter) -> None:
        """Send one letter; until it is known what became of it, the lanes hold back the next of its chat."""
        chat = letter.chat
        try:
            result = await self._send(letter)
        finally:
            self._slots.release()
            self._work.set()
        now = asyncio.get_running_loop().time()
        if isinstance(result, Later):
            self.lanes.pace.penalise(result.seconds, None if result.whole_bot else letter.chat, now)
            self.lanes.again(letter, now)
            if letter.chat != chat:
                self.lanes.done(chat, now)
        else:
            self.lanes.done(chat, now)

    async def _send(self, letter: Letter) -> Result:
        if letter.expires_at and letter.expires_at <= self.store.now():
            result: Result = Refused("expired")
        elif not letter.reachable:
            result = Gone("unreachable")
        else:
            result = await self._attempt(letter)
        letter.attempts += not (isinstance(result, Later) and not result.counts)
        if isinstance(result, Perhaps) and letter.lane not in TO_MANY and letter.repeats < REPEATS:
            letter.repeats += 1
            result = Later(self.repeat_s, f"perhaps: {result.reason}")
        if isinstance(result, Later) and letter.attempts >= ATTEMPTS:
            result = Refused(f"gave up: {result.reason}")
        if letter.lane in TO_MANY:
            self.crowd.returned(letter, result)
        self.counts.add(type(result).__name__.lower())
        self._results.append((letter, result))
        self._settle.set()
        if isinstance(result, Moved):
            letter.address = result.address
            return Later(0.0, "moved", counts=False)
        return result

    async def _attempt(self, letter: Letter) -> Result:
        try:
            await self._find(letter)
            result = await self.channel.send(letter)
            self._remember(letter, result)
            return result
        except Exception as error:  # A mistake of ours in an adapter must stop neither the letter nor the others.
            log.exception("adapter_failed", channel=self.channel.name, letter=letter.id)
            return Refused(f"{type(error).__name__} in the adapter")

    async def _find(self, letter: Letter) -> None:
        """Where it goes now, and what the channel calls the messages it is tied to: not known when it was said."""
        letter.address = self._addresses.get(letter.conversation_id, letter.address)
        if letter.replaces_id:
            known = self._names.get(letter.replaces_id) or letter.replaces
            letter.replaces = known or await self._name_of(letter.replaces_id)
        if under := letter.content.get("under"):
            letter.under = self._names.get(int(under)) or await self._name_of(int(under))

    async def _name_of(self, message_id: int) -> str | None:
        async with self.store.reading() as db:
            return await messages.external_of(db, message_id)

    def _remember(self, letter: Letter, result: Result) -> None:
        if isinstance(result, Sent) and result.external:
            self._names[letter.id] = result.external
            if letter.replaces_id:
                self._names[letter.replaces_id] = result.external
        if isinstance(result, Moved):
            self._addresses[letter.conversation_id] = result.address
        for known in (self._names, self._addresses):
            while len(known) > REMEMBERED:
                known.popitem(last=False)

    # --- What became of them ---

    async def _write_results(self) -> None:
        came = 0
        while True:
            await self._settle.wait()
            if not any(isinstance(result, Moved) for _letter, result in self._results):
                # Where a conversation is now, others have to know at once; the rest waits for company.
                await asyncio.sleep(SETTLE_MANY_S if came >= MANY else self.settle_s)
            came = len(self._results)
            try:
                await self._write()
            except Exception as error:  # A full disk: what was sent is known here still, and written later.
                log.error("results_not_written", channel=self.channel.name, error=type(error).__name__)
                await asyncio.sleep(self.sweep_s)

    async def _write(self) -> None:
        self._settle.clear()
        results, self._results = self._results, []
        if not results:
            return
        try:
            async with self.store.writing() as db:
                for letter, result in results:
                    await self._record(db, letter, result)
        except BaseException:
            self._results = results + self._results
            self._settle.set()
            raise
        done = {letter.id for letter, result in results if not isinstance(result, Later | Moved)}
        self._known -= done
        self._settled |= done
        self.crowd.settled({letter.id for letter, _result in results if letter.lane in TO_MANY} & done)

    async def _record(self, db: Session, letter: Letter, result: Result) -> None:
        match result:
            case Sent(external):
                messages.settle(db, letter.id, "sent", attempts=letter.attempts, external=external)
                if letter.replaces_id and external and external != letter.replaces:
                    messages.called(db, letter.replaces_id, external)
            case Later(seconds, reason):
                due_at = db.now + timedelta(seconds=seconds)
                state = "claimed" if letter.lane in TO_MANY else "due"
                messages.settle(db, letter.id, state, attempts=letter.attempts, reason=reason, due_at=due_at)
            case Gone(reason):
                messages.settle(db, letter.id, "failed", attempts=letter.attempts, reason=f"{GONE}{reason}")
                await people.set_reachable(db, letter.conversation_id, False)
            case Refused("expired"):
                messages.settle(db, letter.id, "expired", attempts=letter.attempts)
            case Refused(reason):
                log.error("letter_refused", channel=letter.channel, letter=letter.id, reason=reason[:200])
                messages.settle(db, letter.id, "failed", attempts=letter.attempts, reason=reason)
            case Moved(address):
                await self._move(db, letter, address)
            case Perhaps(reason):
                messages.settle(db, letter.id, "unknown", attempts=letter.attempts, reason=reason)

    async def _move(self, db: Session, letter: Letter, address: str) -> None:
        conversation = await people.conversation(db, letter.conversation_id)
        if conversation and conversation.external != address:
            await people.move_conversation(db, letter.channel, conversation.external, address)

    # --- What nobody told us about ---

    async def _sweep(self) -> None:
        """Load what waits in the database: from before the start, from other processes."""
        while True:
            self._told.clear()
            try:
                await self.sweep()
                self._swept.set()
            except Exception as error:
                log.error("sweep_failed", channel=self.channel.name, error=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.sweep_s):
                    await self._told.wait()
                    await asyncio.sleep(GATHER_S)  # Other processes tell of every turn; one look serves many.

    async def _feed(self) -> None:
        await self._swept.wait()  # What was said to single people before the start goes first.
        await self.crowd.run()

    async def sweep(self) -> None:
        if self._has_all or len(self._known) <= self.in_memory // 2:  # Once it overflowed, not before there is room.
            await self._load_all()

    async def _load_all(self) -> None:
        """Take in what is due; what comes meanwhile and was not seen stands behind it."""
        self._held = {}
        try:
            self._has_all = all([await self._load(lane, self.in_memory) for lane in (ANSWER, NOTICE)])
        finally:
            held, self._held = self._held, None
        if self._has_all:
            for letter in held.values():
                self._push(letter)

    async def _load(self, lane: int, limit: int) -> bool:
        """Take what is due into memory; False when not all of it has room."""
        after = 0
        while len(self._known) < limit:
            self._settled.clear()
            async with self.store.reading() as db:
                found = await messages.due(db, self.channel.name, lane, after, PAGE)
            if not found:
                return True
            after = found[-1].id
            # What was sent while we read looks due in what we read.
            fresh = [letter for letter in found if letter.id not in self._known and letter.id not in self._settled]
            for letter in fresh:
                self._push(letter)
        return False


def deliver(routes: Mapping[str, Callable[[list[Letter]], None]]) -> Callable[[list[Letter]], None]:
    """Hand letters over by channel; those of a channel that is not running here wait in the database."""

    def post(letters: list[Letter]) -> None:
        by_channel: dict[str, list[Letter]] = {}
        for letter in letters:
            by_channel.setdefault(letter.channel, []).append(letter)
        for channel, some in by_channel.items():
            if channel in routes:
                routes[channel](some)

    return post
