"""An end by SIGTERM or Ctrl-C: in order, at whatever moment it is asked for."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ENDS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def until_told() -> Iterator[None]:
    """The first signal cancels what is within, be it starting or running, and whatever it holds is closed in order.

    Those after it change nothing: an end under way is never cut short.
    """
    loop = asyncio.get_running_loop()
    within = asyncio.current_task()
    assert within
    told = False

    def end() -> None:
        nonlocal told
        if not told:
            told = True
            within.cancel()

    for number in ENDS:
        with suppress(NotImplementedError):  # Windows knows neither.
            loop.add_signal_handler(number, end)
    try:
        yield
    except asyncio.CancelledError:
        if not told or within.uncancel():
            raise
    finally:
        for number in ENDS:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
