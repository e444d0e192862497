"""Brings the database to the newest migration, at every start."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.database import Store

UPGRADE_LOCK = 0x6769736865  # "gishe" in ASCII: two processes that start together upgrade one after the other.


def config() -> Config:
    alembic = Config()
    alembic.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return alembic


async def upgrade(store: Store) -> None:
    """Apply what is missing; on an up-to-date database this only looks."""
    async with store.writing() as session:
        if not store.is_sqlite:
            await session.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))
        await session.connection.run_sync(_run)


def _run(connection: Connection) -> None:
    alembic = config()
    current = MigrationContext.configure(connection).get_current_revision()
    if current == ScriptDirectory.from_config(alembic).get_current_head():
        return
    alembic.attributes["connection"] = connection
    command.upgrade(alembic, "head")
