"""Waking whoever waits for something to become true, without polling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Bell:
    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    async def until(self, look: Callable[[], T | None], timeout: float | None) -> T | None:
        """Return what `look` finds as soon as it finds anything; None when the time is over."""
        deadline = None if timeout is None else asyncio.get_running_loop().time() + timeout
        while not (found := look()):
            future = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                async with asyncio.timeout_at(deadline):
                    await future
            except TimeoutError:
                return look()
            finally:
                self._waiting.discard(future)
        return found
