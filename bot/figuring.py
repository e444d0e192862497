"""The duties and the shelf of the figures: working cases in, counting days, and a month computed once a minute."""

import asyncio
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import structlog

from storage import daily, matters, opendata
from storage.database import Store
from storage.figures import Figures, figures
from storage.months import Month
from storage.officetime import offices
from storage.reconciliation import Difference

FIGURES_S = 10.0  # Between looks for what is to be worked in and counted.
RECONCILE_S = 600.0
FRESH_S = 60.0  # A page, its files and the chat show the same figures for this long.
KEPT = 64  # Months on the shelf.
BATCHES = 20  # Of cases worked in at a tick; then others have their turn.
DAYS = 5  # Days counted at a tick.
TODAY_S = 60.0

log = structlog.get_logger()


class Figuring:
    """Keeps what the figures are counted from up to date, and the newest figures at hand."""

    def __init__(self, store: Store, clock: Callable[[], float] | None = None) -> None:
        self.store = store
        self.clock = clock or time.monotonic
        self.differences: set[Difference] = set()  # What did not add up at the last look.
        self._shelf: dict[tuple[str, str], tuple[float, Figures]] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._places: tuple[float, opendata.Context] | None = None
        self._places_lock = asyncio.Lock()
        self._today_at = -TODAY_S
        self._settled: date | None = None

    # --- For readers ---

    async def month(self, municipality: str, month: Month) -> Figures:
        """The figures of a month. Many readers at once wait for one computation."""
        key = (municipality, month.name)
        async with self._locks.setdefault(key, asyncio.Lock()):
            known = self._shelf.get(key)
            if known and self.clock() - known[0] < FRESH_S:
                return known[1]
            async with self.store.reading() as db:
                found = await figures(db, municipality, month)
            self._shelf[key] = (self.clock(), found)
        self._tidy()
        return found

    async def safe_places(self) -> opendata.Context:
        """Which combinations of topic and place may be told; looked up once a minute."""
        async with self._places_lock:
            if self._places is None or self.clock() - self._places[0] >= FRESH_S:
                self._places = (self.clock(), await opendata.context(self.store))
            return self._places[1]

    def _tidy(self) -> None:
        for key in sorted(self._shelf, key=lambda key: self._shelf[key][0])[:-KEPT]:
            self._shelf.pop(key)
            self._locks.pop(key, None)

    # --- For the clock ---

    async def work_in(self) -> int:
        """Work cases in that are new or changed. Returns how many."""
        done = after = 0
        for _ in range(BATCHES):
            async with self.store.reading() as db:
                ids = await matters.stale(db, after)
                if not ids:
                    return done
                found = await matters.work_out(db, ids, await offices(db))
            async with self.store.writing() as db:
                await matters.keep(db, found)
            done, after = done + len(ids), ids[-1]
        return done

    async def count_days(self) -> None:
        """Count days that were never counted; today's every minute; once a day those that may still change."""
        today = daily.day_of(self.store.now())
        async with self.store.reading() as db:
            wanted = list(await daily.days_to_count(db, DAYS))
        if wanted == [today] and self.clock() - self._today_at < TODAY_S:
            wanted = []
        if not wanted and self._settled != today:
            self._settled = today
            wanted = daily.days(today - daily.SETTLED, today)
        for day in wanted:
            async with self.store.reading() as db:
                counts = await daily.count_day(db, day)
            async with self.store.writing() as db:
                await daily.keep_day(db, day, counts)
        if today in wanted:
            self._today_at = self.clock()

    async def reconcile(self, municipalities: list[str]) -> list[Difference]:
        """Look whether this month and the one before add up. Returns what does not and did the last time."""
        month = Month.of(self.store.now())
        wrong: set[Difference] = set()
        for slug in municipalities:
            for one in (month.previous, month):
                for line in (await self.month(slug, one))["adds_up"]:
                    if line["difference"]:
                        wrong.add(Difference(slug, one.name, line["id"], line["difference"]))
        fresh = sorted(wrong - self.differences)
        for one_wrong in fresh:
            log.error("figures_do_not_add_up", municipality=one_wrong.municipality, month=one_wrong.month,
                      line=one_wrong.line, difference=one_wrong.count)  # fmt: skip
        self.differences = wrong
        return fresh

    async def refresh(self) -> None:
        """One tick of the clock."""
        await self.work_in()
        await self.count_days()


async def fresh(store: Store, municipality: str, month: Month) -> dict[str, Any]:
    """The figures of a month for a program that runs once: everything is worked in first."""
    figuring = Figuring(store)
    while await figuring.work_in():
        pass
    await figuring.count_days()
    async with store.reading() as db:
        return await figures(db, municipality, month)
