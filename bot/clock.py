"""The clock: APScheduler only ticks, in UTC; what is due stands in rows."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

STOP_S = 10.0  # For duties under way when we stop.
TICK_S = 5  # Reminders are told to the minute; this is finer and costs one indexed look.

log = structlog.get_logger()
Duty = Callable[[], Awaitable[None]]


class Clock:
    """Calls each duty at every tick. A duty that fails is called again at the next; none overlaps with itself."""

    def __init__(self, duties: dict[str, tuple[float, Duty]]) -> None:
        self.duties = duties
        self.is_running = False
        self._under_way: set[asyncio.Task[None]] = set()
        # A late tick is no missed tick: rows say what is due, so every tick may come late and none is dropped.
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    async def start(self) -> None:
        for name, (seconds, duty) in self.duties.items():
            self._scheduler.add_job(
                self._guarded(name, duty), IntervalTrigger(seconds=seconds, timezone="UTC"), id=name
            )
        self._scheduler.start()
        self.is_running = True

    async def stop(self) -> None:
        """Let the duties under way end: APScheduler would cut them off in the middle of a statement."""
        if not self.is_running:
            return
        self.is_running = False
        self._scheduler.pause()
        if self._under_way:
            _done, late = await asyncio.wait(self._under_way, timeout=STOP_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late)
        self._scheduler.shutdown(wait=False)

    def _guarded(self, name: str, duty: Duty) -> Duty:
        async def run() -> None:
            task = cast("asyncio.Task[None]", asyncio.current_task())
            self._under_way.add(task)
            try:
                await duty()
            except asyncio.CancelledError:
                if self.is_running:
                    raise
                log.warning("duty_cut_off", duty=name)
            except Exception as error:
                log.error("duty_failed", duty=name, error=type(error).__name__)
            finally:
                self._under_way.discard(task)

        return run
