"""Flood limits: token buckets of bounded memory, and where a request really comes from."""

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

MOST_KEYS = 50_000  # Some megabytes; the keys not used for longest are forgotten first, and those are full again.


class Buckets:
    """A bucket of tokens for each key: `burst` at once, then `per_second`."""

    def __init__(
        self, burst: float, per_second: float, clock: Callable[[], float] = time.monotonic, most: int = MOST_KEYS
    ) -> None:
        self.burst = burst
        self.per_second = per_second
        self._clock = clock
        self._most = most
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> (tokens, when)

    def take(self, key: str, tokens: float = 1.0) -> float:
        """Take tokens; return 0.0, or after how many seconds there will be enough (then nothing is taken)."""
        now = self._clock()
        level, since = self._levels.pop(key, (self.burst, now))
        level = min(self.burst, level + (now - since) * self.per_second)
        wait = 0.0 if level >= tokens else (tokens - level) / self.per_second
        self._levels[key] = (level if wait else level - tokens, now)
        if len(self._levels) > self._most:
            self._levels.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._levels)


class Seats:
    """How many things somebody has open at once."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken: Counter[str] = Counter()

    def enter(self, key: str) -> bool:
        if self._taken[key] >= self.most:
            return False
        self._taken[key] += 1
        return True

    def leave(self, key: str) -> None:
        self._taken[key] -= 1
        if self._taken[key] <= 0:
            del self._taken[key]

    def __len__(self) -> int:
        return self._taken.total()


@dataclass(frozen=True)
class Floods:
    """All limits of the web chat. Those of an address are wide: a school or a mobile network shares one."""

    said: Buckets = field(default_factory=lambda: Buckets(20, 1))  # A checklist is ticked faster than one types.
    said_by_address: Buckets = field(default_factory=lambda: Buckets(200, 20))
    sessions: Buckets = field(default_factory=lambda: Buckets(60, 0.5))  # New ones, by address.
    files: Buckets = field(default_factory=lambda: Buckets(40, 0.5))  # Of open data, by address.
    uploads: Buckets = field(default_factory=lambda: Buckets(12, 0.1))
    uploads_by_address: Buckets = field(default_factory=lambda: Buckets(60, 1))
    pictures: Buckets = field(default_factory=lambda: Buckets(60, 2))  # A QR code costs some milliseconds to draw.
    notes: Buckets = field(default_factory=lambda: Buckets(20, 0.2))  # Cosignatures of witnesses, by address.
    sockets: Seats = field(default_factory=lambda: Seats(12))  # Tabs of one session.
    sockets_by_address: Seats = field(default_factory=lambda: Seats(300))

    def say(self, session: str, address: str) -> float:
        """Seconds to wait before this session may say something; 0.0: now."""
        return self.said_by_address.take(address) or self.said.take(session)

    def upload(self, session: str, address: str) -> float:
        return self.uploads_by_address.take(address) or self.uploads.take(session)


def client_address(request: web.Request, trusted_proxies: int) -> str:
    """The peer, or whom the outermost trusted proxy saw: what stands further left was written by anybody."""
    seen = [part.strip() for line in request.headers.getall("X-Forwarded-For", []) for part in line.split(",")]
    address = request.remote or "local"
    if trusted_proxies and seen:
        address = seen[-min(trusted_proxies, len(seen))]
    return _network(address)


def _network(address: str) -> str:
    """A home or a phone has a whole /64 of IPv6: it counts as one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
