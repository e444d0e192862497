"""The database: one engine for SQLite or PostgreSQL, and the session that turns write through."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import CursorResult, Executable, Row, Table, Update, bindparam, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.direct import Direct
from storage.ids import new_id
from storage.models import journal_queue, metadata
from storage.prompt_sqlite import BEGIN, BUSY_MS, PromptConnection, plain, prompt
from storage.shelf import Shelf

WRITER_KIB, READER_KIB = 2_000, 100  # Pages that a connection keeps; the system keeps them all anyway.
RECONNECT_S = 1.0  # Between looks at a listening connection, and between attempts to open it again.
ORDER = {table.name: place for place, table in enumerate(metadata.sorted_tables)}


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def utc_now() -> datetime:
    return datetime.now(UTC)


class Session:
    """One transaction. Plain inserts and updates by id wait and are written together, before anything is read."""

    def __init__(self, connection: AsyncConnection, now: datetime, direct: Direct | None = None) -> None:
        self.connection = connection
        self._direct = direct  # SQLite's own way, for what comes again and again.
        self.now = now
        self.entries: list[bytes] = []  # What this transaction records in the journal.
        self.openings: list[tuple[int, int]] = []  # Which of them has which row of `openings`.
        self.stamp: str | None = None
        self.news: set[str] = set()  # What other parts of the program are told once this is committed.
        self.is_journalled = True
        self._inserts: dict[Table, dict[Any, dict[str, Any]]] = defaultdict(dict)
        self._updates: dict[Table, dict[int, dict[str, Any]]] = defaultdict(dict)
        self.contents: dict[str, bytes] = {}
        self.touched: set[int] = set()  # Cases that this transaction changed: whoever shows them shows them anew.

    def keep(self, content: bytes) -> str:
        """Put bytes on the shelf before this transaction is committed; returns the digest by which they are found."""
        digest = hashlib.sha256(content).hexdigest()
        self.contents[digest] = content
        return digest

    def add(self, table: Table, **row: Any) -> None:
        """Insert `row` at the latest when the transaction ends."""
        waiting = self._inserts[table]
        waiting[row.get("id", len(waiting))] = {**_blank(table), **row}

    def change(self, table: Table, row_id: int, **values: Any) -> None:
        """Update the row with that `id` at the latest when the transaction ends; the last word on a column wins."""
        if fresh := self._inserts[table].get(row_id):
            fresh.update(values)
        else:
            self._updates[table].setdefault(row_id, {}).update(values)

    async def flush(self) -> None:
        if self._inserts:
            waiting, self._inserts = self._inserts, defaultdict(dict)
            for table in sorted(waiting, key=lambda table: ORDER[table.name]):
                if not (rows := waiting[table]):
                    continue
                if self._direct:
                    self._direct.insert(table, list(rows.values()))
                else:
                    await self.connection.execute(_insert(table), list(rows.values()))
        if self._updates:
            changes, self._updates = self._updates, defaultdict(dict)
            for table, rows in changes.items():
                for columns, some in _by_columns(rows).items():
                    if self._direct:
                        self._direct.update(_update(table, columns), columns, some)
                    else:
                        await self.connection.execute(_update(table, columns), some)

    async def finish(self) -> None:
        """Write what still waits. The entries of a transaction share a row, which is why journalling is cheap."""
        if self.entries:
            packed = b"".join(len(entry).to_bytes(2, "big") + entry for entry in self.entries)
            self.add(journal_queue, id=new_id(), entries=packed, openings=self.openings)
        await self.flush()

    async def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        await self.flush()
        return await self.connection.execute(statement, parameters)

    async def rows(self, statement: Executable, **parameters: Any) -> Sequence[Row[Any]]:
        if self._direct and (query := self._direct.query(statement)):
            await self.flush()
            return self._direct.rows(query, parameters)
        return (await self.execute(statement, parameters)).all()

    async def first(self, statement: Executable, **parameters: Any) -> Row[Any] | None:
        if self._direct and (query := self._direct.query(statement)):
            await self.flush()
            return self._direct.first(query, parameters)
        return (await self.execute(statement, parameters)).first()

    async def value(self, statement: Executable, **parameters: Any) -> Any:
        row = await self.first(statement, **parameters)
        return None if row is None else row[0]


def _by_columns(rows: Mapping[int, Mapping[str, Any]]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """Rows that change in the same columns share a statement; each row is in one only, so their order is free."""
    together: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row_id, values in rows.items():
        together[tuple(sorted(values))].append({"row_id": row_id, **values})
    return together


# Statements are made once: SQLAlchemy then knows again what it compiled, at a tenth of the cost of finding it out.


@cache
def _blank(table: Table) -> dict[str, None]:
    return dict.fromkeys(table.c.keys())


@cache
def _insert(table: Table) -> Executable:
    return table.insert()


@cache
def _update(table: Table, columns: tuple[str, ...]) -> Update:
    statement = table.update().where(table.c.id == bindparam("row_id"))
    return statement.values({column: bindparam(column) for column in columns})


class Store:
    """Where sessions come from. On SQLite one writes at a time; PostgreSQL sorts its writers out itself."""

    def __init__(self, url: str, now: Callable[[], datetime] = utc_now, files: Path | None = None) -> None:
        self.url = make_url(url)
        self.shelf = Shelf(files or self._beside())
        self.now = now  # The clock of every turn; tests bring their own.
        self.is_journalled = True  # Off only to measure what the journal costs.
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.writer = self._engine(immediate=True, pool_size=1 if self.is_sqlite else 8)
        has_file = self.is_sqlite and self.url.database not in (None, "", ":memory:")
        self.reader = self._engine(immediate=False, pool_size=4) if has_file else self.writer
        self._lock = asyncio.Lock()
        self._held: AsyncConnection | None = None

    def _beside(self) -> Path:
        """Where files lie when nobody says: beside the embedded database."""
        is_file = self.url.get_backend_name() == "sqlite" and self.url.database not in (None, "", ":memory:")
        return (Path(str(self.url.database)).parent if is_file else Path("data")) / "files"

    def _engine(self, *, immediate: bool, pool_size: int) -> AsyncEngine:
        pool: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 4}
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        elif self.is_sqlite:
            pool = {}  # In memory there is one connection, for tests and for `gishe ask`.
        if self.is_sqlite:
            made = prompt if immediate else plain
            pool["connect_args"] = {"async_creator_fn": made, "check_same_thread": False}
        engine = create_async_engine(
            self.url,
            **pool,
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            hide_parameters=True,  # The words of citizens stay out of error texts, and so out of log lines.
        )
        if self.is_sqlite:
            _prepare_sqlite(engine, immediate=immediate)
        return engine

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        """A transaction that commits when the block ends well and leaves nothing behind when it does not."""
        if not self.is_sqlite:
            async with self._begin() as session:
                yield session
            return
        async with self._lock, self._begin() as session:
            yield session

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[Session]:
        async with self._transaction() as connection:
            session = Session(connection, self.now(), await self._direct(connection))
            session.is_journalled = self.is_journalled
            yield session
            await session.finish()
            await self.shelf.keep(session.contents)

    async def _direct(self, connection: AsyncConnection) -> Direct | None:
        """SQLite's own connection, unless somebody listens to SQLAlchemy's statements."""
        if not self.is_sqlite or self.writer.sync_engine.dispatch.before_cursor_execute:
            return None
        driver: Any = (await connection.get_raw_connection()).driver_connection
        return Direct(driver.own, self.writer.dialect) if isinstance(driver, PromptConnection) else None

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        if self.reader is self.writer:
            async with self.writer.begin() as connection:
                yield connection
            return
        # The one writer keeps its connection: to fetch and return it costs as much as two statements.
        held, self._held = self._held or await self.writer.connect(), None
        is_sound = False
        try:
            async with held.begin():
                yield held
            is_sound = True
        except Exception:
            is_sound = not held.invalidated and not held.in_transaction()  # All is taken back.
            raise
        finally:
            if is_sound:
                self._held = held
            else:  # Whatever state it is in: the next transaction begins on another.
                await held.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        """A snapshot to read from; nothing written in it is kept."""
        async with self.reader.connect() as connection:
            yield Session(connection, self.now())

    async def close(self) -> None:
        if self._held:
            await self._held.close()
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()

    # --- Between processes: PostgreSQL only, for SQLite is one process. ---

    async def notify(self, session: Session, topic: str, payload: str) -> None:
        """Tell the other processes, once this transaction is committed."""
        if not self.is_sqlite:
            await session.execute(text("SELECT pg_notify(:topic, :payload)"), {"topic": topic, "payload": payload})

    async def listen(self, topic: str, told: Callable[[str], None]) -> Callable[[], Awaitable[None]]:
        """Call `told` with each payload; return what ends it. A lost connection is opened again."""
        task = asyncio.create_task(self._listen(topic, told), name=f"listen-{topic}")

        async def stop() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        return stop

    async def _listen(self, topic: str, told: Callable[[str], None]) -> None:
        while True:
            with suppress(SQLAlchemyError, OSError):
                async with self.writer.connect() as connection:
                    raw: Any = (await connection.get_raw_connection()).driver_connection
                    await raw.add_listener(topic, lambda _connection, _pid, _topic, payload: told(payload))
                    while not raw.is_closed():  # noqa: ASYNC110 – the driver tells nobody
                        await asyncio.sleep(RECONNECT_S)
            await asyncio.sleep(RECONNECT_S)

    @asynccontextmanager
    async def only_one(self, name: str) -> AsyncIterator[None]:
        """Wait until no other process holds this name, then hold it; a process that dies lets go of it."""
        if self.is_sqlite:
            yield
            return
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1
        async with self.writer.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": number})
            try:
                yield
            finally:
                await connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})


def _prepare_sqlite(engine: AsyncEngine, *, immediate: bool) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # We begin ourselves: the driver's own BEGIN comes too late for locks.
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # A commit outlives a power cut; shared commits pay for it once.
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        cursor.execute(f"PRAGMA cache_size = -{WRITER_KIB if immediate else READER_KIB}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        driver = connection.connection.driver_connection
        if not (isinstance(driver, PromptConnection) and driver.begin_now()):
            connection.exec_driver_sql(BEGIN if immediate else "BEGIN")


def sqlite_url(file: Path) -> str:
    return URL.create("sqlite+aiosqlite", database=str(file)).render_as_string(hide_password=False)
