"""What goes SQLite's own way is written, read and refused as SQLAlchemy does it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, event, select
from sqlalchemy.exc import IntegrityError, OperationalError

from storage.database import Session, Store
from storage.models import conversations, incoming, people

AT = datetime(2026, 11, 27, 8, 30, 15, 250_000, tzinfo=UTC)
WORDS = {"text": "вода", "files": [{"size": 2**53, "name": None}]}
PERSON = {"id": 1, "language": "bg", "municipality": None, "since": AT}
PLACE = {
    "id": 2,
    "channel": "web",
    "external": "ana",
    "person_id": 1,
    "is_group": False,
    "reachable": True,
    "since": AT,
}
HEARD = {
    "channel": "web", "conversation_id": 2, "person_id": 1, "kind": "text", "content": WORDS, "state": "handled",
    "said_at": AT, "heard_at": AT, "salt": b"\0\xff",
}  # fmt: skip
ALL = select(incoming).where(incoming.c.conversation_id == bindparam("place")).order_by(incoming.c.id)
SOME = (
    select(incoming.c.id, incoming.c.content, incoming.c.said_at)
    .where(incoming.c.key.in_(bindparam("keys", expanding=True)), incoming.c.state.in_(["handled", "waiting"]))
    .order_by(incoming.c.id)
)


def add(db: Session, *numbers: int) -> None:
    db.add(people, **PERSON)
    db.add(conversations, **PLACE)
    for number in numbers:
        db.add(incoming, id=number, key=str(number), **HEARD)


class Statements:
    """Listens to SQLAlchemy, which by this has to execute everything itself."""

    def __init__(self, store: Store) -> None:
        self.seen: list[str] = []
        event.listen(store.writer.sync_engine, "before_cursor_execute", self._add)

    def _add(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.seen.append(statement)


async def test_rows_are_the_same_both_ways(sqlite_store: Store) -> None:
    async with sqlite_store.writing() as db:
        add(db, 10, 11)
        db.change(incoming, 11, handler="help", state="waiting")
        found = [await db.rows(ALL, place=2) for _ in range(3)]  # The first time it is new.
    listener = Statements(sqlite_store)
    async with sqlite_store.writing() as db:
        plain = await db.rows(ALL, place=2)
    assert listener.seen
    assert [[dict(row._mapping) for row in rows] for rows in found] == [[dict(row._mapping) for row in plain]] * 3
    assert (plain[0].content, plain[0].said_at, plain[0].salt, plain[0].error) == (WORDS, AT, b"\0\xff", None)
    assert (plain[1].handler, plain[1].state) == ("help", "waiting")


async def test_lists_of_any_length_are_asked_for(sqlite_store: Store) -> None:
    async with sqlite_store.writing() as db:
        add(db, *range(10, 15))
        for keys in ([], ["10"], ["14", "11", "99"], ["12"], [], [str(number) for number in range(10, 15)]):
            found = [row.id for row in await db.rows(SOME, keys=keys)]
            assert found == sorted(int(key) for key in keys if key != "99")
        first = await db.first(SOME, keys=["13", "12"])
        assert first is not None
        assert first.id == 12
        assert await db.value(SOME, keys=["14"]) == 14
        assert await db.first(SOME, keys=["99"]) is None
        assert await db.value(SOME, keys=["99"]) is None


async def test_what_waits_is_written_before_anything_is_read(sqlite_store: Store) -> None:
    async with sqlite_store.writing() as db:
        add(db, 10)
        for number in range(11, 14):
            db.add(incoming, id=number, key=str(number), **HEARD)
            assert len(await db.rows(ALL, place=2)) == number - 9


async def hear_twice(store: Store) -> None:
    async with store.writing() as db:
        db.add(incoming, id=20, key="20", **HEARD)
        db.add(incoming, id=21, key="10", **HEARD)


async def test_a_refusal_is_the_same_error_without_words(sqlite_store: Store) -> None:
    async with sqlite_store.writing() as db:
        add(db, 10)
    told = []
    for listens in (False, True):
        if listens:
            Statements(sqlite_store)
        with pytest.raises(IntegrityError) as refused:
            await hear_twice(sqlite_store)
        told.append(refused.value)
        assert "вода" not in str(refused.value)
    assert [type(error.orig).__name__ for error in told] == ["IntegrityError"] * 2
    assert str(told[0].orig) == str(told[1].orig)
    async with sqlite_store.writing() as db:
        assert [row.id for row in await db.rows(ALL, place=2)] == [10]  # Nothing of it is left.


async def test_a_query_that_cannot_be_put_is_an_error_of_the_database(sqlite_store: Store) -> None:
    lost = select(incoming.c.id).select_from(incoming).where(incoming.c.key == bindparam("key"))
    async with sqlite_store.writing() as db:
        for _ in range(2):
            assert await db.rows(lost, key="1") == []
        await db.connection.exec_driver_sql("ALTER TABLE incoming RENAME TO outgone")
        with pytest.raises(OperationalError, match="no such table"):
            await db.rows(lost, key="1")
        await db.connection.exec_driver_sql("ALTER TABLE outgone RENAME TO incoming")
