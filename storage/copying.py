"""A whole database copied into another, of whichever kind: for backups while the program runs, and to restore them."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Table, bindparam, func, select, text

from storage.database import Session, Store
from storage.models import metadata

ROWS = 1_000  # At once.
Progress = Callable[[int, int], None]


async def copy(source: Store, target: Store, progress: Progress = lambda _done, _all: None) -> int:
    """Replace everything in `target` by what `source` holds at one moment; both have the newest migration."""
    async with source.reader.connect() as connection:
        if not source.is_sqlite:
            await connection.execution_options(isolation_level="REPEATABLE READ")
        reading = Session(connection, source.now())
        tables = metadata.sorted_tables
        everything = 0
        for table in tables:  # SQLite's snapshot begins with the first of these, PostgreSQL's, too.
            everything += await reading.value(select(func.count()).select_from(table))
        done = 0
        async with target.writing() as writing:
            for table in reversed(tables):
                await _empty(writing, table)
            for table in tables:
                done = await _copy_table(reading, writing, table, done, everything, progress)
    progress(everything, everything)
    return done


async def _empty(db: Session, table: Table) -> None:
    for column in _own_references(table):
        await db.execute(table.update().values({column: None}))
    await db.execute(table.delete())


async def _copy_table(
    reading: Session, writing: Session, table: Table, done: int, everything: int, progress: Progress
) -> int:  # fmt: skip
    """Rows that refer to others of the same table get that in a second pass: the others may come later."""
    own = _own_references(table)
    later: list[dict[str, Any]] = []
    result = await reading.connection.stream(select(table).order_by(*table.primary_key.columns))
    async for some in result.mappings().partitions(ROWS):
        rows = [dict(row) for row in some]
        for row in rows:
            if any(row[column] is not None for column in own):
                later.append({"row_id": row["id"], **{column: row[column] for column in own}})
            row.update(dict.fromkeys(own))
        await writing.connection.execute(table.insert(), rows)
        done += len(rows)
        progress(done, everything)
    if later:
        change = table.update().where(table.c.id == bindparam("row_id"))
        await writing.connection.execute(change.values({column: bindparam(column) for column in own}), later)
    return done


def _own_references(table: Table) -> list[str]:
    return [column.name for column in table.columns for key in column.foreign_keys if key.column.table is table]


async def is_empty(store: Store) -> bool:
    """Whether nobody has ever written here."""
    async with store.reading() as db:
        return await db.first(text("SELECT 1 FROM people LIMIT 1")) is None
