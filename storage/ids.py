"""Row numbers that sort by time and need no round trip to the database."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

EPOCH_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
LOW_BITS = 20  # A million numbers in each millisecond of a process.

_last = 0
_stand: int | None = None  # Milliseconds at which the clock stands, where somebody holds it.


def new_id() -> int:
    """Return a positive 63-bit number, larger than any this process gave before.

    The low bits start at random, so that two processes hardly ever meet; when they do, the primary key refuses the
    second row and its turn is tried again. A clock set back does not turn the order round within a process.
    """
    global _last
    now = ((_stand or time.time_ns() // 1_000_000) - EPOCH_MS) << LOW_BITS
    fresh = now | secrets.randbits(LOW_BITS - 1)
    _last = fresh if fresh > _last else _last + 1
    return _last


def read(text: str, base: int = 10) -> int | None:
    """Return the row number that a text from outside names in digits of this base; None where it can be none."""
    if not (text.isascii() and text.isalnum() and len(text) < 20):
        return None
    try:
        number = int(text, base)
    except ValueError:
        return None
    return number if 0 < number < 2**63 else None


def first_at(moment: datetime) -> int:
    """A number below all those given from that moment on, and above those given before."""
    return (int(moment.timestamp() * 1000) - EPOCH_MS) << LOW_BITS


def never_below(known: int) -> None:
    """Go on above `known`: after a restart with a clock that went back, new rows must still sort last."""
    global _last
    _last = max(_last, known)


@contextmanager
def in_the_past() -> Iterator[Callable[[datetime], None]]:
    """Within the block the numbers are those of the moments it names, in order: for what is told as if it had been."""
    global _last, _stand
    kept, _last = _last, 0

    def stand_at(moment: datetime) -> None:
        global _stand
        _stand = int(moment.timestamp() * 1000)

    try:
        yield stand_at
    finally:
        _last, _stand = max(kept, _last), None
