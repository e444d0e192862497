"""A town for the benchmarks of announcements: many residents who never speak, and an announcement that is due."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from storage.ids import EPOCH_MS, LOW_BITS

CROWD = 1_000_000_000  # Chats from here on: as in the stub.
AUTHOR = CROWD - 1  # Who is told of the progress, and no resident.
PLACE = "montana"
TEXT = "Утре от *9 до 15 часа* няма вода по улица Иглика. Извиняваме се за неудобството."
SPOKE = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)  # When each of them spoke for the first and last time.


def _id(number: int, kind: int) -> int:
    """Row numbers as of that day, in the order of the residents."""
    at = int(SPOKE.timestamp() * 1000) - EPOCH_MS
    return ((at + number) << LOW_BITS) + kind


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def settle(file: Path, residents: int) -> None:
    """Let so many people live there, each with one Telegram chat in which something was once said."""
    db = sqlite3.connect(file)
    rows = range(1, residents + 1)
    at = _moment(SPOKE)
    _insert(db, "people", ({"id": _id(n, 1), "language": "bg", "municipality": PLACE, "since": at} for n in rows))
    _insert(db, "conversations", (
        {"id": _id(n, 2), "channel": "telegram", "external": str(CROWD + n), "person_id": _id(n, 1), "is_group": 0,
         "reachable": 1, "since": at} for n in rows
    ))  # fmt: skip
    _insert(db, "incoming", (
        {"id": _id(n, 3), "channel": "telegram", "key": f"crowd-{n}", "conversation_id": _id(n, 2),
         "person_id": _id(n, 1), "kind": "text", "content": "{}", "state": "handled", "said_at": at, "heard_at": at}
        for n in rows
    ))  # fmt: skip
    _insert(db, "people", iter([{"id": _id(0, 1), "language": "bg", "since": at}]))
    _insert(db, "conversations", iter([
        {"id": _id(0, 2), "channel": "telegram", "external": str(AUTHOR), "person_id": _id(0, 1), "is_group": 0,
         "reachable": 1, "since": at}
    ]))  # fmt: skip
    db.commit()
    db.close()


def _insert(db: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    names = ", ".join(first)
    statement = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(first))})"
    db.execute(statement, list(first.values()))
    db.executemany(statement, (list(row.values()) for row in rows))


def announce(file: Path, seconds: float, residents: int) -> None:
    """Have an announcement to all of them go out in so many seconds, ignoring the hour (benchmarks run at night)."""
    db = sqlite3.connect(file, timeout=30)
    query = "SELECT person_id, id FROM conversations WHERE external = ?"
    person, place = db.execute(query, (str(AUTHOR),)).fetchone()
    now = datetime.now(UTC)
    row = {
        "id": (int(now.timestamp() * 1000) - EPOCH_MS) << LOW_BITS, "municipality": PLACE, "is_emergency": 0,
        "author_id": person, "conversation_id": place, "is_recall": 0, "state": "scheduled",
        "texts": json.dumps({"bg": TEXT}), "files": "[]", "choices": "[]",
        "audience": json.dumps({"municipalities": [PLACE]}), "counted": json.dumps({"telegram": residents}),
        "counted_at": _moment(now), "wants_count": 0, "due_at": _moment(now + timedelta(seconds=seconds)),
        "cursor": 0, "resolved": 0, "is_resolved": 0, "digests": "{}", "is_public": 1, "made_at": _moment(now),
    }  # fmt: skip
    _insert(db, "announcements", iter([row]))
    db.commit()
    db.close()


def outcome(file: Path) -> dict[str, int]:
    """How many of the messages to many are in which state."""
    db = sqlite3.connect(file, timeout=30)
    states = dict(db.execute("SELECT state, count(*) FROM outgoing WHERE lane >= 2 GROUP BY state"))
    db.close()
    return states
