"""How long the figures of a month take at size, beside a naive peer, and what turns feel of it meanwhile.

    python bench/figures.py [--cases 100000] [--messages 1000000] [--months 12] [--rounds 5]

One municipality gets that many cases and messages, spread over so many months. Measured are working the cases in and
counting the days (once, by the clock), then the figures of the last full month: by `storage.figures`, and by the peer,
which reads the raw rows of cases and history into Python and loops over them, as a first report script would, and
counts the month's questions from the tables of messages. Meanwhile small transactions are committed one after the
other: how long they take tells whether turns wait.
"""

import argparse
import asyncio
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import select, text

from bench.inbound import machine
from bot.figuring import Figuring
from storage.daily import count_day, days, keep_day
from storage.database import Store, sqlite_url
from storage.figures import figures
from storage.handbook import Library
from storage.ids import EPOCH_MS, LOW_BITS
from storage.models import case_history, cases
from storage.months import Month
from storage.upgrade import upgrade
from tests.naive_figures import Matter, recount

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
PERSON = 77
CATEGORIES = ("pothole", "street-lighting", "waste", "green-areas", "water-sewer", "noise")


def row_id(at: datetime) -> int:
    return (int(at.timestamp() * 1000) - EPOCH_MS) << LOW_BITS


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def moments(start: datetime, many: int) -> list[datetime]:
    """Evenly spread until now."""
    return [start + (NOW - start) * (number / many) for number in range(many)]


def fill(file: Path, n_cases: int, n_messages: int, months: int) -> None:
    """Straight into the tables: what is measured is reading them."""
    start, dice = Month.of(NOW).back(months)[0].starts, random.Random(1)
    db = sqlite3.connect(file)
    db.execute("INSERT INTO people VALUES (?, 'bg', 'montana', ?)", (PERSON, stamp(start)))
    db.execute("INSERT INTO conversations (id, channel, external, person_id, is_group, reachable, since) VALUES "
               "(1, 'paper', 'p', ?, 0, 1, ?)", (PERSON, stamp(start)))  # fmt: skip
    _messages(db, moments(start, n_messages))
    _cases(db, moments(start, n_cases), dice)
    db.commit()
    db.execute("ANALYZE")
    db.commit()
    db.close()


def _messages(db: sqlite3.Connection, when: list[datetime]) -> None:
    heard, answers, said = [], [], []
    for number, at in enumerate(when):
        key, is_question = row_id(at) + number % 1000, number % 10 < 6
        handler = "questions.service" if is_question else "cards.show"
        heard.append((key, "paper", str(key), 1, PERSON, "text", '{"text": "' + "х" * 60 + '"}', "handled", handler,
                      stamp(at), stamp(at)))  # fmt: skip
        said.append((key + 1, 1, key, "paper", 0, '{"text": "' + "х" * 200 + '"}', "sent", 1, stamp(at), stamp(at)))
        if is_question:
            answers.append((key + 2, key, PERSON, "service", "design-visa", 1, 1, "montana", "bg", stamp(at)))
    db.executemany("INSERT INTO incoming (id, channel, key, conversation_id, person_id, kind, content, state, handler, "
                   "said_at, heard_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)", heard)  # fmt: skip
    db.executemany("INSERT INTO outgoing (id, conversation_id, answers_id, channel, lane, content, state, attempts, "
                   "due_at, changed_at) VALUES (?,?,?,?,?,?,?,?,?,?)", said)  # fmt: skip
    db.executemany("INSERT INTO answers (id, incoming_id, person_id, intent, card, edition, confident, municipality, "
                   "language, at) VALUES (?,?,?,?,?,?,?,?,?,?)", answers)  # fmt: skip


def _cases(db: sqlite3.Connection, when: list[datetime], dice: random.Random) -> None:
    rows, steps, running, people = [], [], {}, max(500, len(when) // 5)
    for number, at in enumerate(when):
        key, year = row_id(at) + number % 1000 + 5, at.year
        running[year] = running.get(year, 0) + 1
        ack = at + timedelta(hours=dice.lognormvariate(1.5, 1))
        end = at + timedelta(days=dice.lognormvariate(3, 0.9))
        done = end if end < NOW and number % 12 else None
        due = (at + timedelta(days=61)).date().isoformat()
        state = "answered" if done else "registered"
        rows.append((key, f"MON-{year}-{running[year]:06}-X", "montana", year, running[year], 3, "signal",
                     dice.choice(CATEGORIES), "normal", 0, "–", "–", "bg", 0, PERSON + number % people + 1, 0, "chat",
                     "48489", state, stamp(at), due, due, 1, stamp(min(ack, NOW)), done and stamp(done),
                     done and stamp(done), 0, 0, 0, 1, 0, stamp(at)))  # fmt: skip
        steps.append((key + 10, key, "author", "file", None, "received", 1, "{}", stamp(at)))
        steps.append((key + 11, key, "staff", "register", "received", "registered", 1, "{}", stamp(min(ack, NOW))))
        if done:
            steps.append((key + 12, key, "staff", "answer", "registered", "answered", 1, "{}", stamp(done)))
    db.executemany("INSERT INTO people VALUES (?, 'bg', 'montana', ?)",
                   [(PERSON + one + 1, stamp(when[0])) for one in range(people)])  # fmt: skip
    marks = ",".join("?" * len(rows[0]))
    db.executemany("INSERT INTO cases (id, number, municipality, year, running, version, kind, category, priority, "
                   "is_sensitive, title, text, language, is_edited, person_id, is_anonymous, source, settlement, "
                   "state, filed_at, first_due_on, due_on, edition, acknowledged_at, answered_at, decided_at, "
                   "waited_days, extensions, reopened, is_public, followers, news_at) "
                   f"VALUES ({marks})", rows)  # fmt: skip
    db.executemany('INSERT INTO case_history (id, case_id, actor, action, "before", "after", for_citizen, content, at) '
                   "VALUES (?,?,?,?,?,?,?,?,?)", steps)  # fmt: skip
    db.executemany("INSERT INTO case_counters VALUES ('montana', ?, ?)", list(running.items()))


async def naive(store: Store, month: Month) -> dict[str, Any]:
    """Everything into Python, then loops."""
    async with store.reading() as db:
        rows = await db.rows(select(cases).where(cases.c.municipality == "montana"))
        history: dict[int, list[Any]] = {}
        for step in await db.rows(select(case_history).order_by(case_history.c.id)):
            history.setdefault(step.case_id, []).append(step)
        await db.value(text(
            "SELECT count(*) FROM incoming JOIN people ON people.id = incoming.person_id LEFT JOIN answers ON "
            "incoming_id = incoming.id AND answers.at >= :low WHERE heard_at >= :low AND heard_at < :high AND "
            "people.municipality = 'montana'"
        ), low=stamp(month.starts), high=stamp(month.ends))  # fmt: skip
    matters = [Matter(row, history.get(row.id, []), []) for row in rows]
    # Who filed again is left out: it would compare each with each.
    return recount(matters, month.name, NOW, set(), again=False)


class Turns:
    """Small transactions, one after the other, and how long each took."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.took: list[float] = []
        self._task: asyncio.Task[None] | None = None

    async def _write(self) -> None:
        while True:
            began = time.perf_counter()
            async with self.store.writing() as db:
                await db.execute(text("UPDATE people SET language = 'bg' WHERE id = 77"))
            self.took.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.005)

    async def __aenter__(self) -> "Turns":
        self._task = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._task
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def spread(self) -> str:
        ordered = sorted(self.took) or [0.0]
        return f"{statistics.median(ordered):.1f} / {ordered[int(len(ordered) * 0.99)]:.1f} / {ordered[-1]:.1f}"


async def timed(rounds: int, store: Store, what: Any) -> tuple[list[float], str]:
    found = []
    async with Turns(store) as turns:
        for _ in range(rounds):
            began = time.perf_counter()
            await what()
            found.append(time.perf_counter() - began)
    return found, turns.spread()


def told(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f}–{max(seconds):.2f})"


async def main(given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "gishe.db"
        store = Store(sqlite_url(file))
        store.now = lambda: NOW
        await upgrade(store)
        await Library.open(store)
        fill(file, given.cases, given.messages, given.months)
        print(machine())
        print(f"{given.cases:,} cases, {given.messages:,} messages in {given.months} months, "
              f"{file.stat().st_size >> 20} MiB\n")  # fmt: skip
        figuring, month = Figuring(store), Month.of(NOW).previous if given.months > 1 else Month.of(NOW)
        began = time.perf_counter()
        async with Turns(store) as turns:
            while await figuring.work_in():
                pass
        print(f"cases worked in, once: {time.perf_counter() - began:.1f} s; turns meanwhile {turns.spread()} ms")
        began = time.perf_counter()
        for day in days(Month.of(NOW).back(given.months)[0].first_day, NOW.date()):
            async with store.reading() as db:
                counts = await count_day(db, day)
            async with store.writing() as db:
                await keep_day(db, day, counts)
        print(f"days counted, once: {time.perf_counter() - began:.1f} s")

        async def ours() -> None:
            async with store.reading() as db:
                await figures(db, "montana", month)

        async def theirs() -> None:
            await naive(store, month)

        quiet, calm = await timed(1, store, lambda: asyncio.sleep(2))
        found, waits = await timed(given.rounds, store, ours)
        print(f"turns alone (median / p99 / longest): {calm} ms")
        print(f"figures of {month.name}: {told(found)}; turns meanwhile {waits} ms")
        peer, peer_waits = await timed(max(1, given.rounds // 2), store, theirs)
        ratio = statistics.median(peer) / statistics.median(found)
        print(f"the naive peer: {told(peer)}, {ratio:.0f} times as long; turns meanwhile {peer_waits} ms")
        assert quiet
        await store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=5)
    asyncio.run(main(parser.parse_args()))
