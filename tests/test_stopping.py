"""An end in the middle of work: what was begun ends in its own way, and nobody waits for ever."""

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import event, text

from bot import clock
from bot.clock import Clock
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
