"""The clock: APScheduler only ticks, in UTC; what is due stands in rows."""

from collections.abc import Awaitable, Callable

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

TICK_S = 5  # Reminders are told to the minute; this is finer and costs one indexed look.

log = structlog.get_logger()
Duty = Callable[[], Awaitable[None]]


class Clock:
    """Calls each duty at every tick. A duty that fails is called again at the next; none overlaps with itself."""

    def __init__(self, duties: dict[str, tuple[float, Duty]]) -> None:
        self.duties = duties
        self.is_running = False
        # A late tick is no missed tick: rows say what is due, so every tick may come late and none is dropped.
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    async def start(self) -> None:
        for name, (seconds, duty) in self.duties.items():
            self._scheduler.add_job(_guarded(name, duty), IntervalTrigger(seconds=seconds, timezone="UTC"), id=name)
        self._scheduler.start()
        self.is_running = True

    async def stop(self) -> None:
        if self.is_running:
            self._scheduler.shutdown(wait=False)
            self.is_running = False


def _guarded(name: str, duty: Duty) -> Duty:
    async def run() -> None:
        try:
            await duty()
        except Exception as error:
            log.error("duty_failed", duty=name, error=type(error).__name__)

    return run
