"""What casework costs with many cases, against few: the inbox, search, duplicates, one case, filing, the morning.

    python bench/cases.py [--many 100000] [--few 1000] [--rounds 7] [--folder FOLDER]

Both databases hold the four municipalities' cases of five years, one in ten still open; each figure is the median of
the rounds, which alternate between the two.
"""

import argparse
import asyncio
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from storage import caseclock, casedesk, caselists, casenumbers, cases, people
from storage.caserecord import Actor, staff
from storage.caserules import Rules
from storage.cases import Filing
from storage.database import Session, Store, sqlite_url
from storage.handbook import Library
from storage.models import cases as table
from storage.roles import Role
from storage.upgrade import upgrade

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
SPAN_DAYS = 5 * 365
OPEN_SHARE = 0.1
PROSE = """дупка улица лампа контейнер боклук кофа дърво клон тротоар шахта вода канал сграда двор ограда куче шум прах
знак паркинг пейка площадка детска училище пазар мост река път завой спирка стълб кабел номер вход блок квартал село
опасно счупено липсва тече мирише пречи отдавна отново вчера днес сутрин вечер нощем деца коли хора"""
WORDS = PROSE.split()
STREETS = [f"{first} {second}" for first in ("Христо", "Васил", "Иван", "Георги", "Стефан") for second in
           ("Ботев", "Левски", "Вазов", "Раковски", "Караджа", "Стамболов", "Кирков")]  # fmt: skip
STATES = ("received", "registered", "working", "waiting", "planned")


def rows(count: int, rules: Rules, letters: dict[str, str], chance: random.Random) -> Iterator[dict[str, Any]]:
    running: dict[tuple[str, int], int] = {}
    categories = list(rules.categories)
    for number in range(count):
        filed = NOW - timedelta(days=SPAN_DAYS * (1 - number / count), minutes=chance.randrange(600))
        slug = chance.choice(list(letters))
        running[slug, filed.year] = nth = running.get((slug, filed.year), 0) + 1
        category = rules.categories[chance.choice(categories)]
        is_open = number > count * (1 - OPEN_SHARE)
        text = " ".join(chance.choices(WORDS, k=20)) + f" на улица {chance.choice(STREETS)} {chance.randrange(90)}"
        due = filed.date() + timedelta(days=60)
        state = chance.choice(STATES) if is_open else "closed"
        done = None if is_open else filed + timedelta(days=20)
        yield {
            "id": (number + 1) << 20, "number": str(casenumbers.CaseNumber(letters[slug], filed.year, nth)),
            "municipality": slug, "year": filed.year, "running": nth, "version": 3, "kind": "signal",
            "category": category.id, "priority": "normal", "is_sensitive": category.is_sensitive,
            "title": text[:80], "text": text, "language": "bg", "is_edited": False, "is_anonymous": False,
            "name": "Ана Иванова", "source": "chat", "lat": 43.41 + chance.gauss(0, 0.02),
            "lon": 23.22 + chance.gauss(0, 0.02), "state": state, "department": chance.choice(["roads", "ecology"]),
            "filed_at": filed, "first_due_on": due, "due_on": due, "edition": 1, "acknowledge_by": filed.date(),
            "decided_at": done, "closed_at": done, "waited_days": 0, "extensions": 0, "reopened": 0,
            "is_public": True, "followers": 0, "news_at": filed,
        }  # fmt: skip


def fill(file: Path, count: int, rules: Rules, letters: dict[str, str]) -> None:
    from storage import casewords

    names = [column.name for column in table.columns]
    db = sqlite3.connect(file)
    counters: dict[tuple[str, int], int] = {}
    for row in rows(count, rules, letters, random.Random(7)):
        counters[row["municipality"], row["year"]] = row["running"]
        values = [_plain(row.get(name)) for name in names]
        db.execute(f"INSERT INTO cases ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", values)
        for step, action in enumerate(("file", "take", "answer")[: 2 if row["decided_at"] is None else 3]):
            db.execute(
                "INSERT INTO case_history (id, case_id, actor, action, before, after, for_citizen, content, at)"
                " VALUES (?, ?, 'staff', ?, 'received', ?, 1, '{}', ?)",
                (row["id"] + step + 1, row["id"], action, row["state"], _plain(row["filed_at"])),
            )
        for word in casewords.stems_of(f"{row['name']} {row['text']}"):
            db.execute("INSERT INTO case_words VALUES (?, ?)", (word, row["id"]))
    db.executemany("INSERT INTO case_counters VALUES (?, ?, ?)", [(*key, last) for key, last in counters.items()])
    db.commit()
    db.execute("ANALYZE")
    db.close()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if hasattr(value, "isoformat") else value


class Bureau:
    """What is measured, on one database."""

    def __init__(self, file: Path) -> None:
        self.store = Store(sqlite_url(file), now=lambda: NOW)
        self.figures: dict[str, list[float]] = {}

    async def open(self, count: int) -> None:
        await upgrade(self.store)
        book = (await Library.open(self.store)).current
        self.rules, self.letters = Rules(book), casenumbers.letters_of(book.municipalities)
        await asyncio.to_thread(fill, Path(self.store.url.database or ""), count, self.rules, self.letters)
        async with self.store.writing() as db:
            met = people.welcome(db, "paper", "bench", "bg")
            assert met.person
            self.person, self.conversation = met.person.id, met.id
        self.head = [Role("head", "montana")]

    async def round(self) -> None:
        for name, act in self.acts().items():
            async with self.store.writing() as db:
                begun = time.perf_counter()
                await act(db)
                self.figures.setdefault(name, []).append((time.perf_counter() - begun) * 1000)

    def acts(self) -> dict[str, Callable[[Session], Awaitable[Any]]]:
        rules, head, letters = self.rules, self.head, self.letters

        def inbox(db: Session, name: str, offset: int = 0) -> Awaitable[Any]:
            return caselists.inbox(db, rules, head, [self.person], name, municipality="montana", offset=offset)

        return {
            "inbox: open, first page": lambda db: inbox(db, "open"),
            "inbox: overdue": lambda db: inbox(db, "overdue"),
            "inbox: counts of all filters": lambda db: caselists.counts(db, rules, head, [self.person], "montana"),
            "search: two words": lambda db: caselists.search(db, head, "дупката на Ботев", letters.values()),
            "search: by number": lambda db: caselists.search(db, head, "мон 2026 12", letters.values()),
            "duplicates nearby": lambda db: caselists.alike(
                db, rules, municipality="montana", category="pothole", text="дупка на улица", lat=43.41, lon=23.22
            ),
            "workload": lambda db: caselists.workload(db, rules, head, "montana"),
            "file a case": self._file,
            "take and answer": self._answer,
            "morning: first 100 duties": lambda db: caseclock.take_due(db, rules, list(letters)),
        }

    async def _file(self, db: Session) -> None:
        self.filed = (
            await cases.open_case(
                db, self.rules,
                Filing(municipality="montana", kind="signal", category="pothole", text="Дупка на улица Ботев",
                       language="bg", person_id=self.person, conversation_id=self.conversation),
                "MON", Actor("author", self.person),
            )
        ).case  # fmt: skip

    async def _answer(self, db: Session) -> None:
        head = staff(self.person, self.head)
        taken = await casedesk.take(db, self.filed, head)
        await casedesk.answer(db, self.rules, taken.case, head, "Запълнена е.")


async def measure(many: int, few: int, rounds: int, folder: Path) -> None:
    sides = {few: Bureau(folder / "few.db"), many: Bureau(folder / "many.db")}
    for count, side in sides.items():
        await side.open(count)
    for _ in range(rounds):
        for side in sides.values():
            await side.round()
    print(f"{'ms, median':<32}{few:>10,}{many:>12,}{'ratio':>8}")
    for name, small in sides[few].figures.items():
        one, other = statistics.median(small), statistics.median(sides[many].figures[name])
        print(f"{name:<32}{one:>10.1f}{other:>12.1f}{other / one:>8.1f}")
    for side in sides.values():
        await side.store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        asyncio.run(measure(given.many, given.few, given.rounds, Path(folder)))


if __name__ == "__main__":
    main()
