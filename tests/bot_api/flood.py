"""The strict judge of flooding: no sliding window of accepted messages may hold more than Telegram allows."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil

from .refusals import Refused


@dataclass(frozen=True)
class Limit:
    count: int
    seconds: float


class FloodJudge:
    """Records every message; refuses too many only while `on`. Telegram's own tolerance is modelled by `burst`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.on = False
        self.overall = Limit(30, 1.0)
        self.group = Limit(20, 60.0)
        self.burst = 1  # messages in `burst` seconds of one chat
        self.accepted: list[tuple[float, int]] = []
        self.refused: list[tuple[float, int]] = []
        self._windows: dict[object, deque[float]] = defaultdict(deque)

    def accept(self, chat: int, *, is_group: bool) -> None:
        """Record one message, or refuse it with the seconds to wait."""
        now = self.clock()
        windows = list(self._judged(chat, is_group))
        wait = max(self._wait(key, limit, now) for key, limit in windows) if self.on else 0.0
        if wait > 0:
            self.refused.append((now, chat))
            seconds = ceil(wait)
            raise Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        for key, _ in windows:
            self._windows[key].append(now)
        self.accepted.append((now, chat))

    def _judged(self, chat: int, is_group: bool) -> Iterable[tuple[object, Limit]]:
        yield "all", self.overall
        yield chat, Limit(self.burst, float(self.burst))
        if is_group:
            yield (chat, "minute"), self.group

    def _wait(self, key: object, limit: Limit, now: float) -> float:
        window = self._windows[key]
        while window and window[0] <= now - limit.seconds:
            window.popleft()
        if len(window) < limit.count:
            return 0.0
        return window[len(window) - limit.count] + limit.seconds - now

    def most(self, seconds: float = 1.0, chat: int | None = None) -> int:
        """Return the largest number of accepted messages in any window of so many seconds."""
        times = [at for at, to in self.accepted if chat in (None, to)]
        first = best = 0
        for last, at in enumerate(times):
            while times[first] <= at - seconds:
                first += 1
            best = max(best, last - first + 1)
        return best
