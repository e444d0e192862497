"""Work in a process of its own: what comes back, what fails, and that the process ends with whoever waited."""

import asyncio
from typing import Any

import pytest

from storage import apart


async def test_what_the_function_returns_comes_back() -> None:
    assert await apart.call_apart("operator", "add", "а", "б") == "аб"


async def test_an_error_there_is_an_error_here_with_its_last_words() -> None:
    with pytest.raises(ChildProcessError, match="ZeroDivisionError"):
        await apart.call_apart("operator", "truediv", 1, 0)


async def test_where_no_process_can_be_started_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    async def none_left(*_arguments: Any, **_options: Any) -> Any:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", none_left)
    assert await apart.call_apart("operator", "add", 1, 2) == 3


async def test_the_process_ends_with_whoever_waited_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[asyncio.subprocess.Process] = []
    begin = asyncio.create_subprocess_exec

    async def watched(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:
        children.append(await begin(*arguments, **options))
        return children[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    waiting = asyncio.create_task(apart.call_apart("time", "sleep", 600))
    async with asyncio.timeout(20):
        while not children:
            await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert children[0].returncode == -9
