"""Brings the database to the newest migration, at every start."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.apart import run_apart
from storage.database import Store

if TYPE_CHECKING:  # Ten megabytes that only the start after an update needs.
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x6769736865  # "gishe" in ASCII: two processes that start together upgrade one after the other.


def config() -> "Config":
    from alembic.config import Config

    alembic = Config()
    alembic.set_main_option("script_location", str(MIGRATIONS))
    return alembic


def newest() -> str:
    """The newest revision, by the name of its file: migrations are numbered and stand in one line."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


async def upgrade(store: Store) -> None:
    """Apply what is missing; on an up-to-date database this only looks."""
    async with store.writing() as session:
        if not store.is_sqlite:
            await session.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))
        await session.connection.run_sync(_run)


async def upgrade_apart(url: str) -> None:
    """The same in a process of its own, whose ten megabytes go with it; on an up-to-date database this only looks."""
    store = Store(url)
    try:
        async with store.reading() as session:
            current = await session.connection.run_sync(_current)
    finally:
        await store.close()
    if current != newest():
        await run_apart(__name__, url.encode())  # Not as an argument: a password may be in it.


async def _upgrade(url: str) -> None:
    store = Store(url)
    try:
        await upgrade(store)
    finally:
        await store.close()


def _run(connection: Connection) -> None:
    if _current(connection) == newest():
        return
    from alembic import command

    alembic = config()
    alembic.attributes["connection"] = connection
    command.upgrade(alembic, "head")


if __name__ == "__main__":
    asyncio.run(_upgrade(sys.stdin.read()))
