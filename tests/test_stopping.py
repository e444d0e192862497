"""An end in the middle of work: what was begun ends in its own way, and nobody waits for ever."""

import asyncio
import os
import signal
import threading
from typing import Any

import pytest
from sqlalchemy import event, text

from bot import clock
from bot.clock import Clock
from bot.ending import until_told
from storage.database import Store

LONG = text(
    "WITH RECURSIVE n(i) AS (SELECT begun() UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT count(*) FROM n"
)


@pytest.mark.parametrize("cancels", [1, 2, 3])
@pytest.mark.parametrize("steps", [1, 3, 20])
async def test_a_statement_that_is_cancelled_however_often_leaves_nothing_hanging(
    sqlite_store: Store, cancels: int, steps: int
) -> None:
    """`steps` of the loop after each, for it takes some until the connection is being closed."""
    begun = threading.Event()

    @event.listens_for(sqlite_store.reader.sync_engine, "connect")
    def mark(connection: Any, _record: Any) -> None:
        connection.create_function("begun", 0, lambda: begun.set() or 1)

    async def read() -> None:
        async with sqlite_store.reading() as db:
            await db.value(LONG)

    before = asyncio.all_tasks()
    task = asyncio.create_task(read())
    while not begun.is_set():
        await asyncio.sleep(0)
    for _ in range(cancels):
        task.cancel()
        for _ in range(steps):
            await asyncio.sleep(0)
    left = asyncio.all_tasks() - before
    for one in left:
        one.cancel()  # As the end of the program does.
    async with asyncio.timeout(20):
        await asyncio.gather(*left, return_exceptions=True)
        await sqlite_store.close()


async def test_a_duty_under_way_is_waited_for() -> None:
    begun, ended = asyncio.Event(), []
    go_on = asyncio.Event()

    async def duty() -> None:
        begun.set()
        await go_on.wait()
        ended.append("well")

    ticking = Clock({"long": (0.01, duty)})
    await ticking.start()
    await begun.wait()
    stopping = asyncio.create_task(ticking.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    go_on.set()
    await stopping
    assert ended == ["well"]


async def test_a_duty_that_does_not_end_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "STOP_S", 0.01)
    begun = asyncio.Event()

    async def duty() -> None:
        begun.set()
        await asyncio.Event().wait()

    ticking = Clock({"endless": (0.01, duty)})
    await ticking.start()
    await begun.wait()
    async with asyncio.timeout(10):
        await ticking.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_what_is_within_in_order_and_once(number: signal.Signals) -> None:
    seen = []
    with until_told():
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            os.kill(os.getpid(), number)  # The impatient press again.
            await asyncio.sleep(0.01)
            seen.append("closed")
    await asyncio.sleep(0)
    assert seen == ["closed"]


async def test_a_cancellation_that_is_no_signal_goes_on() -> None:
    async def work() -> None:
        with until_told():
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
