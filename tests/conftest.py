"""Fixtures: a database of each kind, freshly migrated, and the town that lives in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.database import Store
from storage.handbook import Handbook, delivered
from tests.bot_api import BotApi
from tests.browser import browser, chromium, screens  # noqa: F401 – fixtures
from tests.databases import Templates, postgresql  # noqa: F401 – fixtures
from tests.desk import Desk, bot_api
from tests.square import square  # noqa: F401 – fixtures
from tests.town import SOFIA, Hours, Town, office_hours
from tests.webtown import secure_webtown, webtown  # noqa: F401 – fixtures

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def handbook() -> Handbook:
    """The delivered edition, built once: it never changes."""
    return Handbook(1, datetime(2026, 11, 1, tzinfo=UTC), delivered())


@pytest.fixture(scope="session")
async def templates(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Templates]:
    templates = Templates(tmp_path_factory.mktemp("templates"))
    yield templates
    await templates.close()


@pytest.fixture(params=DATABASES)
async def database_url(request: pytest.FixtureRequest, tmp_path: Path, templates: Templates) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield await templates.sqlite(tmp_path)
        return
    async with templates.postgresql(request.getfixturevalue("postgresql")) as url:
        yield url


@pytest.fixture
async def sqlite_database_url(tmp_path: Path, templates: Templates) -> str:
    """For tests of what does not depend on the kind of database."""
    return await templates.sqlite(tmp_path)


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(database_url, now=office_hours(), files=tmp_path / "files")
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
async def sqlite_dated_town(sqlite_database_url: str, handbook: Handbook, hours: Hours) -> AsyncIterator[Town]:
    """The same for what does not depend on the kind of database."""
    store = Store(sqlite_database_url, now=hours)
    async with Town(store, handbook) as town:
        yield town
    await store.close()


@pytest.fixture
async def sqlite_store(sqlite_database_url: str) -> AsyncIterator[Store]:
    store = Store(sqlite_database_url, now=office_hours())
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
