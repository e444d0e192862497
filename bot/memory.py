"""Memory after the start: what stays is set aside, what was only needed for starting is given back."""

import ctypes
import gc
from contextlib import suppress


def settle() -> None:
    """Handbook, search and words never go: the collector need not look through them while people wait."""
    gc.collect()
    gc.freeze()
    with suppress(OSError, AttributeError):  # The C library of Linux keeps freed memory unless it is asked for it.
        ctypes.CDLL(None).malloc_trim(0)
