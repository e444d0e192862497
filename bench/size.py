"""What a turn costs in a full database, against an almost empty one.

    python bench/size.py [--people 1000000] [--messages 5000000] [--rounds 15] [--folder FOLDER]

Both databases have the same active people, who do the same; in the full one they are spread among a million others
with their messages. Turns are taken through the real inbox, 64 at a time (a crowd) and one at a time (alone); nothing
is sent. Rounds of both databases alternate; the ratio is of neighbouring rounds.
"""

import argparse
import asyncio
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.citizens import FIRST_CHAT, MIX_IN_WORDS, Citizens
from bench.inbound import BOT_CORE, machine, pin, show
from bot.channels.telegram_incoming import incoming
from bot.channels.telegram_outgoing import keyboard
from bot.inbox import BATCH, Inbox
from bot.turns import Turns
from handlers.talk import Links
from locales import LANGUAGES, Translator
from storage.database import Store, sqlite_url
from storage.handbook import Library
from storage.ids import LOW_BITS
from storage.messages import Letter
from storage.upgrade import upgrade

ACTIVE = 2_000  # People who write during the measurement.
CROWDS, ALONE = 10, 100  # Batches and single turns of a round.
APART_MS = 12_000  # Between the messages filled in: five million fill most of a year.
BYTES_A_MESSAGE = 2_500  # With its indexes, generously.


class Desk:
    """The inbox on one database, and the active people before it."""

    def __init__(self, file: Path, apart: int = 1) -> None:
        self.file = file
        self.citizens = Citizens(ACTIVE, random.Random(1), apart=apart)
        self.citizens.count = 900_000_000  # Update numbers go on above those that are stored.
        self.figures: dict[str, list[float]] = {}

    def post(self, letters: list[Letter]) -> None:
        for letter in letters:
            self.citizens.shown(int(letter.address), letter.id % 1_000_000, keyboard(letter))

    async def open(self) -> None:
        self.store = Store(sqlite_url(self.file))
        await upgrade(self.store)
        translators = {language: Translator(language, ZoneInfo("Europe/Sofia")) for language in LANGUAGES}
        library = await Library.open(self.store)
        self.inbox = Inbox(self.store, Turns(library, translators, Links("https://gishe.example", "bench_bot")), self)
        await self.inbox.start()

    async def close(self) -> None:
        await self.inbox.stop()
        await self.store.close()

    async def greet(self) -> None:
        """Everybody says hello, then a mixed day passes: caches are as warm as they get."""
        self.citizens.everybody_starts()
        for _ in range(2 * ACTIVE // BATCH):
            await self.turns(BATCH)

    async def turns(self, many: int) -> None:
        heard = (incoming(self.citizens.next_update()[1], "bench_bot") for _ in range(many))
        await asyncio.gather(*(self.inbox.hear(one) for one in heard if one))

    async def round(self) -> None:
        await self.measure("crowd", CROWDS, BATCH)
        await self.measure("alone", ALONE, 1)

    async def measure(self, name: str, times: int, many: int) -> None:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(times):
            await self.turns(many)
        each = 1e6 / (times * many)
        self.figures.setdefault(f"{name}, CPU µs", []).append((time.process_time() - cpu) * each)
        self.figures.setdefault(f"{name}, wall µs", []).append((time.perf_counter() - wall) * each)


def fill(file: Path, people: int, messages: int) -> None:
    """Multiply the rows that real turns have made until the town is as large as wished."""
    db = sqlite3.connect(file)
    db.row_factory = sqlite3.Row
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -2000000"):
        db.execute(f"PRAGMA {pragma}")
    patterns = {table: [dict(row) for row in db.execute(f"SELECT * FROM {table} LIMIT 3000")]
                for table in ("people", "conversations", "incoming", "outgoing", "answers")}  # fmt: skip
    known = {row[0] for row in db.execute("SELECT external FROM conversations")}
    strangers = [number for number in range(people) if str(FIRST_CHAT + number) not in known]
    insert(db, "people", patterns, ({"id": new_id(n, 1)} for n in strangers))
    insert(db, "conversations", patterns, (
        {"id": new_id(n, 2), "external": str(FIRST_CHAT + n), "person_id": new_id(n, 1)} for n in strangers
    ))  # fmt: skip
    insert(db, "incoming", patterns, (
        {"id": new_id(k, 3), "key": str(100_000_000 + k), "conversation_id": new_id(n, 2), "person_id": new_id(n, 1)}
        for k, n in writers(strangers, messages // 2)
    ))  # fmt: skip
    insert(db, "outgoing", patterns, (
        {"id": new_id(k, 4), "conversation_id": new_id(n, 2), "answers_id": new_id(k, 3), "replaces": None,
         "state": "sent", "external": str(k)}
        for k, n in writers(strangers, messages // 2)
    ))  # fmt: skip
    insert(db, "answers", patterns, (
        {"id": new_id(k, 5), "incoming_id": new_id(k, 3), "person_id": new_id(n, 1)}
        for k, n in writers(strangers, messages // 2) if k % 10 < 6
    ))  # fmt: skip
    db.execute("PRAGMA journal_mode = WAL")
    db.close()


def new_id(number: int, kind: int) -> int:
    return (number * APART_MS << LOW_BITS) + kind


def writers(strangers: list[int], messages: int) -> Iterator[tuple[int, int]]:
    """Who wrote message k: everybody as often, in no order, the same each time it is asked."""
    chance = random.Random(2)
    return ((k, chance.choice(strangers)) for k in range(1, messages + 1))


def insert(db: sqlite3.Connection, table: str, patterns: dict[str, Any], rows: Iterator[dict[str, Any]]) -> None:
    began, pattern = time.perf_counter(), patterns[table]
    columns = list(pattern[0])
    statement = f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})"
    whole = ([(known | row)[name] for name in columns] for known, row in zip(again(pattern), rows, strict=False))
    db.executemany(statement, whole)
    db.commit()
    print(f"{table}: {time.perf_counter() - began:.0f} s", file=sys.stderr)


def again(pattern: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    while True:
        yield from pattern


async def compare(folder: Path, arguments: argparse.Namespace) -> tuple[Desk, Desk]:
    empty = Desk(folder / "empty.db")
    full = Desk(folder / "full.db", apart=arguments.people // ACTIVE)
    for desk in (empty, full):
        await desk.open()
        await desk.greet()
    await full.close()
    await asyncio.to_thread(fill, full.file, arguments.people, arguments.messages)
    full.citizens.first += 1  # Others are active now, whose rows lie as far apart as those of a real town.
    await full.open()
    await full.greet()
    for number in range(arguments.rounds):
        for desk in (empty, full) if number % 2 else (full, empty):
            await desk.round()
    await empty.close()
    await full.close()
    return empty, full


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--messages", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--folder", type=Path, default=None, help="where the databases go; default: the temp folder")
    arguments = parser.parse_args()
    pin(0, BOT_CORE)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        needed = arguments.messages * BYTES_A_MESSAGE
        if shutil.disk_usage(folder).free < 2 * needed:
            raise SystemExit(f"{folder} has too little room: {2 * needed >> 30} GiB are needed.")
        empty, full = asyncio.run(compare(Path(folder), arguments))
        size = full.file.stat().st_size / 2**30
    print(f"{machine()}\n\n{arguments.people} people, {arguments.messages} messages ({size:.1f} GiB) against {ACTIVE} "
          f"people; {MIX_IN_WORDS}. Median (least–most) of {arguments.rounds} rounds of {CROWDS * BATCH} + {ALONE} "
          "turns.\n")  # fmt: skip
    print(table(empty, full))


def table(empty: Desk, full: Desk) -> str:
    lines = ["| a turn | almost empty | full | ratio |", "|---|---|---|---|"]
    for name, before in empty.figures.items():
        after = full.figures[name]
        ratios = [b / a for a, b in zip(before, after, strict=True)]
        lines.append(f"| {name} | {show(before)} | {show(after)} | {show(ratios, 2)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
