"""How fast we may speak and whose turn it is: a channel's limits as sliding windows, with four lanes before them."""

from collections import OrderedDict, deque
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from enum import IntEnum
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Generic, Protocol, TypeVar

# The server counts what reaches it, not what leaves us: so much longer are our windows than its own.
# Under 1 %, so that 99 % of the rate is reached even when every wake-up is a millisecond late.
MARGIN = 0.008
EXACT = 0.001  # The margin where takings count from their landing: only clocks and roundings are left to allow for.
MINUTE = 60.0
ATTENTION = 10.0  # Seconds after an answer during which slots are kept free for the next.
KEPT_FREE = 10  # One slot in so many is kept free then.
GROUP_KEPT_FREE = 4  # One in so many of a group's messages a minute is for answers only.
# Seconds of lateness that notices and broadcasts may make good; later they begin a new beat. A bunch that makes good
# comes again a window later, and so does the hole before it: an answer that finds no slot waits no longer than this.
CATCH_UP = 0.25
PATIENCE = 5.0  # Seconds of being passed over after which a lane gets one slot, though those before it are never empty.
ROUNDING = 1e-6  # Seconds; a wait never ends before its time because of floating point.


class Lane(IntEnum):
    ANSWER = 0
    NOTICE = 1
    EMERGENCY = 2
    BROADCAST = 3


class Window:
    """At most `limit` takings in any `seconds`, kept with a margin.

    What is `launched` counts as just taken until it has `landed`: whatever the way there and back lasted, it reached
    the server before that moment, and what is taken a window later reaches it after. So no delay on the way, however
    it varies, puts more into a window of the server's than its limit.
    """

    __slots__ = ("flying", "limit", "span", "times")

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit, self.span = limit, seconds * (1 + MARGIN)
        self.times: deque[float] = deque(maxlen=limit)
        self.flying = 0

    def ready_at(self, free: int = 0) -> float:
        """Return when one may be taken so that `free` more could be, too; infinity: not before another has landed."""
        surplus = len(self.times) + self.flying - (self.limit - free)
        if surplus < 0:
            return -inf
        return self.times[surplus] + self.span if surplus < len(self.times) else inf

    def take(self, now: float) -> None:
        self.times.append(now)

    def launch(self) -> None:
        self.flying += 1

    def land(self, now: float) -> None:
        self.flying -= 1
        self.times.append(now)


class _Talk:
    """What we know of one chat: what was sent there lately."""

    __slots__ = ("last", "lately", "minute", "span")

    def __init__(self, every: float, burst: int, per_minute: int | None) -> None:
        self.last = Window(1, every)
        self.lately = Window(burst, burst * every) if burst > 1 else None
        self.minute = Window(per_minute, MINUTE) if per_minute else None
        self.span = max(window.span for window in self._windows())

    def _windows(self) -> list[Window]:
        return [window for window in (self.last, self.lately, self.minute) if window is not None]

    def ready_at(self, lane: int) -> float:
        is_answer = lane == Lane.ANSWER
        tolerant = self.lately is not None and is_answer
        at = max(window.ready_at() for window in self._windows() if not (tolerant and window is self.last))
        if self.minute and not is_answer:  # Whoever presses a choice in a busy group is answered at once.
            at = max(at, self.minute.ready_at(self.minute.limit // GROUP_KEPT_FREE))
        return at

    def take(self, now: float) -> None:
        for window in self._windows():
            window.take(now)

    def land(self, now: float) -> None:
        """The last one taken has reached the server by now."""
        for window in self._windows():
            window.times[-1] = now


class Pace:
    """The guard: says from when on a chat may be written to, and remembers what was.

    `answer_burst` lets that many answers into one chat within as many seconds, which Telegram tolerates. It is 1
    unless asked for: the promise is one a second, and a refused burst costs more than the second it would save.
    """

    def __init__(
        self,
        rate: int = 30,
        per_chat: float = 1.0,
        per_group: int = 20,
        *,
        answer_burst: int = 1,
        reserve: int | None = None,
    ) -> None:
        if not 1 <= rate <= 1000:
            raise ValueError("rate is 1 to 1000 messages a second")
        self.rate = rate
        self._all = Window(rate, 1.0)
        self._every = 1.0 / per_chat
        self._per_group, self._burst = per_group, answer_burst
        self._reserve = min(rate - 1, rate // KEPT_FREE if reserve is None else reserve)
        self._gap = self._all.span / rate
        self._beat = -inf  # when the next notice or broadcast is due, evenly spread: bunches would make answers wait
        self._attentive_until = -inf
        self._stopped_until = -inf
        self._talks: tuple[OrderedDict[Hashable, _Talk], ...] = (OrderedDict(), OrderedDict())  # private, groups
        self._penalties: dict[Hashable, float] = {}
        self._penalty_ends: list[tuple[float, int, Hashable]] = []
        self._order = count()
        self._follows_flights = False

    def follow_flights(self) -> None:
        """From now on what is taken counts for the whole bot from its landing (`land`) on."""
        self._follows_flights = True
        self._all.span = 1.0 + EXACT
        self._gap = self._all.span / self.rate

    def ready_at(self, chat: Hashable, is_group: bool, now: float, lane: int = Lane.NOTICE) -> float:
        """Return when this chat may be sent to; not later than now means now."""
        return max(now, self.open_at(lane), self.chat_ready_at(chat, is_group, lane))

    def chat_ready_at(self, chat: Hashable, is_group: bool, lane: int) -> float:
        talk = self._talks[is_group].get(chat)
        return max(talk.ready_at(lane) if talk else -inf, self._penalties.get(chat, -inf))

    def open_at(self, lane: int) -> float:
        """Return when the bot as a whole may send something of this lane."""
        full = self._all.ready_at()
        if lane != Lane.ANSWER:
            considerate = min(self._all.ready_at(self._reserve), max(full, self._attentive_until))
            full = max(considerate, self._beat)
        return max(full, self._stopped_until)

    def take(self, chat: Hashable, is_group: bool, now: float, lane: int = Lane.NOTICE) -> None:
        """Record that something is being sent to this chat."""
        self._forget(now)
        if self._follows_flights:
            self._all.launch()
        else:
            self._all.take(now)
        if lane == Lane.ANSWER:
            self._attentive_until = now + ATTENTION
        else:
            self._beat = (self._beat if self._beat > now - CATCH_UP else now) + self._gap
        talks = self._talks[is_group]
        talk = talks.pop(chat, None) or _Talk(self._every, self._burst, self._per_group if is_group else None)
        talk.take(now)
        talks[chat] = talk  # last again, so that the first is always the one silent for the longest

    def land(self, chat: Hashable, is_group: bool, now: float) -> None:
        """What was taken for this chat last has come to an end: the server has it, or never will."""
        if not self._follows_flights:
            return
        self._all.land(now)
        if talk := self._talks[is_group].get(chat):
            talk.land(now)

    def penalise(self, seconds: float, chat: Hashable | None, now: float) -> None:
        """Obey `retry_after`: nothing to this chat, or to anybody if None, for so many seconds."""
        until = now + seconds
        if chat is None:
            self._stopped_until = max(self._stopped_until, until)
            return
        until = max(until, self._penalties.get(chat, -inf))
        self._penalties[chat] = until
        heappush(self._penalty_ends, (until, next(self._order), chat))

    def _forget(self, now: float) -> None:
        """Let go of chats that no window holds any more: memory follows the rate, not the number of people."""
        for talks in self._talks:
            while talks and (talk := next(iter(talks.values()))).last.times[-1] + talk.span <= now:
                talks.popitem(last=False)
        while self._penalty_ends and self._penalty_ends[0][0] <= now:
            _, _, chat = heappop(self._penalty_ends)
            if self._penalties.get(chat, inf) <= now:
                del self._penalties[chat]

    def __len__(self) -> int:
        """Return the number of chats that are remembered."""
        return sum(map(len, self._talks)) + len(self._penalties)


class Item(Protocol):
    """What waits in a lane: anything that knows where it goes."""

    @property
    def id(self) -> int: ...
    @property
    def chat(self) -> Hashable: ...
    @property
    def is_group(self) -> bool: ...
    @property
    def lane(self) -> int: ...


Waiting = TypeVar("Waiting", bound=Item)


@dataclass
class _Queue(Generic[Waiting]):
    """One lane. A chat with items stands in exactly one of `ready`, `resting` and `parked`."""

    lane: Lane
    items: dict[Hashable, deque[tuple[int, Waiting]]] = field(default_factory=dict)
    ready: list[tuple[int, Hashable]] = field(default_factory=list)  # by the number of the first item
    resting: list[tuple[float, int, Hashable]] = field(default_factory=list)  # by the time when it may go on
    parked: set[Hashable] = field(default_factory=set)  # something is under way to them
    passed_over: float = inf  # since when others went although something here could have

    def append(self, number: int, item: Waiting) -> None:
        if item.chat not in self.items:
            self.items[item.chat] = deque()
            heappush(self.ready, (number, item.chat))
        self.items[item.chat].append((number, item))

    def prepend(self, number: int, item: Waiting) -> None:
        self.append(number, item)
        self.items[item.chat].rotate(1)

    def head(self, now: float, pace: Pace, busy: set[Hashable]) -> Hashable | None:
        """Return the chat whose turn it is, if any may be written to."""
        while self.resting and self.resting[0][0] <= now:
            heappush(self.ready, heappop(self.resting)[1:])
        while self.ready:
            number, chat = self.ready[0]
            items = self.items[chat]
            at = pace.chat_ready_at(chat, items[0][1].is_group, self.lane) if items else -inf
            if items and chat not in busy and at <= now:
                return chat
            heappop(self.ready)
            if not items:  # withdrawn
                del self.items[chat]
            elif chat in busy:
                self.parked.add(chat)
            else:
                heappush(self.resting, (at, number, chat))
        return None

    def pop(self) -> Waiting:
        """Take the first item of the chat that `head` has just returned."""
        self.passed_over = inf
        _, chat = heappop(self.ready)
        items = self.items[chat]
        _, item = items.popleft()
        if items:
            heappush(self.ready, (items[0][0], chat))
        else:
            del self.items[chat]
        return item

    def unpark(self, chat: Hashable) -> None:
        if chat not in self.parked:
            return
        self.parked.discard(chat)
        if items := self.items[chat]:
            heappush(self.ready, (items[0][0], chat))
        else:
            del self.items[chat]


class Lanes(Generic[Waiting]):
    """What waits to be sent: answers first, then notices, emergencies, broadcasts; within a lane, first come, first
    served.

    With `one_at_a_time` a chat's next message waits until `done` (or `again`) tells what became of the one before, for
    a slow or failed one would otherwise be overtaken.
    """

    def __init__(self, pace: Pace, *, one_at_a_time: bool = False) -> None:
        self.pace = pace
        self._one_at_a_time = one_at_a_time
        self._queues: tuple[_Queue[Waiting], ...] = tuple(_Queue(lane) for lane in Lane)
        self._busy: set[Hashable] = set()
        self._flying: dict[Hashable, tuple[bool, float]] = {}  # To which chats, whether a group, since when.
        if one_at_a_time:
            pace.follow_flights()
        self.shut: Collection[int] = ()  # Lanes out of which nothing goes for the moment.
        self._size = self._last = self._first = 0

    def __len__(self) -> int:
        return self._size

    def push(self, item: Waiting) -> None:
        self._last += 1
        self._size += 1
        self._queues[item.lane].append(self._last, item)

    def again(self, item: Waiting, now: float | None = None) -> None:
        """Give back what could not be sent now; it keeps its place before the others of its chat and lane."""
        self._first -= 1
        self._size += 1
        self._queues[item.lane].prepend(self._first, item)
        self.done(item.chat, now)

    def done(self, chat: Hashable, now: float | None = None) -> None:
        """Nothing is under way to this chat any more, since `now` (None: it was there at once)."""
        self._busy.discard(chat)
        if flight := self._flying.pop(chat, None):
            is_group, since = flight
            self.pace.land(chat, is_group, since if now is None else now)
        for queue in self._queues:
            queue.unpark(chat)

    def withdraw(self, chat: Hashable) -> list[Waiting]:
        """Take out all that waits for a chat: it is gone, or has another id now."""
        taken: list[Waiting] = []
        for queue in self._queues:
            items = queue.items.get(chat, deque())
            taken += [item for _, item in items]
            items.clear()  # its place in the queue is given up when its turn comes
        self._size -= len(taken)
        return taken

    def take_back(self, numbers: Collection[int], lanes: Collection[int]) -> list[Waiting]:
        """Take out of these lanes what has one of these numbers (its `id`)."""
        taken: list[Waiting] = []
        for queue in self._queues:
            for items in queue.items.values() if queue.lane in lanes else ():
                some = [item for _, item in items if item.id in numbers]
                if some:
                    taken += some
                    kept = [(number, item) for number, item in items if item.id not in numbers]
                    items.clear()
                    items.extend(kept)  # An empty place in the queue is given up when its turn comes.
        self._size -= len(taken)
        return taken

    def pop(self, now: float) -> Waiting | None:
        """Return what is to be sent now, recorded as taken, or None."""
        for queue in self._by_turn(now):
            if self._opens(queue) <= now and queue.head(now, self.pace, self._busy) is not None:
                return self._pop(queue, now)
        return None

    def _pop(self, queue: _Queue[Waiting], now: float) -> Waiting:
        item = queue.pop()
        self._size -= 1
        for other in self._queues[queue.lane + 1 :]:
            can_go = other.head(now, self.pace, self._busy) is not None
            other.passed_over = min(other.passed_over, now) if can_go else inf
        self.pace.take(item.chat, item.is_group, now, queue.lane)
        if self._one_at_a_time:
            self._busy.add(item.chat)
            self._flying[item.chat] = (item.is_group, now)
        return item

    def wait(self, now: float) -> float | None:
        """Return the seconds until something can go, or None while nothing can by waiting alone."""
        times = [at for queue in self._by_turn(now) if (at := self._next(queue, now)) is not None]
        if not times:
            return None
        soonest = min(times)
        if soonest == inf:  # All that the window holds is under way; one that lands wakes whoever waits.
            return None
        return soonest - now + ROUNDING if soonest > now else 0.0

    def _next(self, queue: _Queue[Waiting], now: float) -> float | None:
        chat = now if queue.head(now, self.pace, self._busy) is not None else None
        if chat is None:
            chat = queue.resting[0][0] if queue.resting else None
        return None if chat is None else max(chat, self._opens(queue))

    def _by_turn(self, now: float) -> list[_Queue[Waiting]]:
        """Order the lanes that are not empty: those passed over for too long, then by rank."""
        waiting = [queue for queue in self._queues if queue.items and queue.lane not in self.shut]
        if any(queue.passed_over + PATIENCE <= now for queue in waiting):
            waiting.sort(key=lambda queue: (not self._is_starving(queue, now), queue.lane))
        return waiting

    def _is_starving(self, queue: _Queue[Waiting], now: float) -> bool:
        if queue.passed_over + PATIENCE > now:
            return False
        chat = queue.head(now, self.pace, self._busy)
        return not any(chat in other.items for other in self._queues[: queue.lane])  # its own answer goes before

    def _opens(self, queue: _Queue[Waiting]) -> float:
        """Return when this lane may send: a starving one as soon as an answer could."""
        at_last = max(queue.passed_over + PATIENCE, self.pace.open_at(Lane.ANSWER))
        return min(self.pace.open_at(queue.lane), at_last)
