"""The check of our own journal, and the heads that were published, kept beside the database."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.log_sources import Tables
from bot.settings import Settings
from storage import log
from storage.audit import Audit
from storage.audit_findings import Report
from storage.audit_openings import OwnOpenings
from storage.database import Store
from storage.notes import Checkpoint, Unreadable
from storage.upgrade import upgrade

FOLDER = "published-heads"
KEPT = 400  # More than a year of daily ones.


async def check(
    settings: Settings,
    *,
    heads: Sequence[Checkpoint] = (),
    figures: Sequence[bytes] = (),
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Check the journal in our database against what opens it and against every head that was published."""
    store = Store(settings.database_url)
    try:
        await upgrade(store)
        return await check_store(store, [*heads, *published(settings.data_dir)], progress, figures)
    finally:
        await store.close()


async def check_store(
    store: Store,
    heads: Sequence[Checkpoint],
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    figures: Sequence[bytes] = (),
) -> Report:
    """The same, in a database that is open."""
    async with store.reading() as db:
        keys = await log.keys(db)
    audit = Audit(
        Tables(store), heads=heads, keys=keys, openings=OwnOpenings(store), figures=figures, progress=progress
    )
    return await audit.run()


def published(data_dir: Path) -> list[Checkpoint]:
    """The heads that went outside, oldest first."""
    found = []
    for file in _files(data_dir):
        try:
            found.append(Checkpoint.read(file.read_text("utf-8")))
        except (Unreadable, UnicodeDecodeError):
            continue
    return found


def keep(data_dir: Path, note: str, at: datetime) -> None:
    """Remember a head that went outside: whoever changes the database would have to change this, too."""
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{Checkpoint.read(note).size}.txt"
    file.write_text(note, "utf-8")
    os.utime(file, (at.timestamp(), at.timestamp()))
    for old in _files(data_dir)[:-KEPT]:
        old.unlink(missing_ok=True)


def last_kept(data_dir: Path) -> datetime | None:
    """When a head last went outside."""
    times = [file.stat().st_mtime for file in _files(data_dir)]
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _files(data_dir: Path) -> list[Path]:
    return sorted((data_dir / FOLDER).glob("[0-9]*.txt"), key=lambda file: (len(file.name), file.name))
