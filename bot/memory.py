"""Memory: taken sparingly from the system, and given back when it was only needed for starting."""

import ctypes
import gc
from contextlib import suppress

# Of <malloc.h>: what is freed at the top goes back, what is large is mapped by itself, all threads share one arena.
# Else each read from a socket (256 KiB at first) leaves holes: ten megabytes after some thousand turns.
FRUGAL = {-1: 1 << 16, -3: 1 << 16, -8: 1}


def be_frugal() -> None:
    """Before the first thread starts. Other C libraries than that of Linux know nothing of it and need not."""
    with suppress(OSError, AttributeError):
        for option, value in FRUGAL.items():
            ctypes.CDLL(None).mallopt(option, value)


def settle() -> None:
    """Handbook, search and words never go: the collector need not look through them while people wait."""
    gc.collect()
    gc.freeze()
    with suppress(OSError, AttributeError):  # What was freed below the top goes back only when it is asked for.
        ctypes.CDLL(None).malloc_trim(0)
