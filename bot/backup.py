"""Backups: one file with the database, the files of citizens, the keys and the published heads, made while running."""

import asyncio
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from bot import own_journal
from bot.settings import Settings
from storage import log
from storage.copying import copy
from storage.database import Store, sqlite_url
from storage.upgrade import newest, upgrade

FORMAT = "gishe-backup/1"
DATABASE, MANIFEST, KEYS, FILES, HEADS = "database.sqlite", "manifest.json", "keys", "files", own_journal.FOLDER
PAGES = 2_000  # Of SQLite copied at once; between them others may write.
Progress = Callable[[int, int], None]


class NoBackup(Exception):
    """The file is no backup of ours, or it is damaged."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A backup unpacked into a folder."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def database_url(self) -> str:
        return sqlite_url(self.folder / DATABASE)


async def make(store: Store, settings: Settings, folder: Path, progress: Progress, *, with_keys: bool = True) -> Path:
    """Write a backup into `folder` and return the file. The database is that of one moment; files only get more."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    at = store.now()
    with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as place:
        database = Path(place) / DATABASE
        if store.is_sqlite:
            await asyncio.to_thread(_copy_sqlite, str(store.url.database), database, progress)
        else:
            await _copy_other(store, database, progress)
        manifest = {"format": FORMAT, "made_at": at.isoformat(), "migration": newest(), "head": await _head(database)}
        part = Path(place) / "backup.tar"
        await asyncio.to_thread(_pack, part, database, manifest, settings.data_dir, with_keys)
        file = folder / f"gishe-{at:%Y%m%d-%H%M%S}.tar"
        await asyncio.to_thread(part.replace, file)
    return file


def _copy_sqlite(source: str, target: Path, progress: Progress) -> None:
    """SQLite's own online backup: consistent, and writers hardly wait."""
    reading, writing = sqlite3.connect(source), sqlite3.connect(target)
    try:
        reading.execute("BEGIN")  # One snapshot, however long it takes.
        reading.execute("SELECT 1 FROM sqlite_master").fetchone()
        reading.backup(writing, pages=PAGES, progress=lambda _status, left, all_: progress(all_ - left, all_))
        writing.execute("PRAGMA journal_mode = DELETE")
    finally:
        reading.close()
        writing.close()


async def _copy_other(store: Store, target: Path, progress: Progress) -> None:
    """Any other database becomes an SQLite file, so that a backup is one kind of thing everywhere."""
    made = Store(sqlite_url(target))
    try:
        await upgrade(made)
        await copy(store, made, progress)
    finally:
        await made.close()


async def _head(database: Path) -> str | None:
    store = Store(sqlite_url(database))
    try:
        async with store.reading() as db:
            row = await log.head(db)
        return log.full_note(row) if row else None
    finally:
        await store.close()


def _pack(part: Path, database: Path, manifest: dict[str, Any], data_dir: Path, with_keys: bool) -> None:
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)  # It has keys and the words of citizens.
    with os.fdopen(descriptor, "wb") as out:
        with tarfile.open(fileobj=out, mode="w") as tar:
            text = database.with_name(MANIFEST)
            text.write_bytes(orjson.dumps(manifest))
            tar.add(text, MANIFEST)
            tar.add(database, DATABASE)
            for name, file in _beside(data_dir, with_keys):
                tar.add(file, name)
        out.flush()
        os.fsync(out.fileno())


def _beside(data_dir: Path, with_keys: bool) -> Iterator[tuple[str, Path]]:
    """What lies beside the database."""
    if with_keys:
        yield from ((f"{KEYS}/{file.name}", file) for file in sorted(data_dir.glob("*.key")))
    yield from ((f"{HEADS}/{file.name}", file) for file in sorted((data_dir / HEADS).glob("*.txt")))
    shelf = data_dir / FILES
    for file in sorted(shelf.glob("??/*")):
        yield f"{FILES}/{file.parent.name}/{file.name}", file


def unpack(file: Path, folder: Path) -> Opened:
    """Unpack a backup; raises NoBackup for anything else. Nothing outside of `folder` can be written."""
    try:
        with tarfile.open(file) as tar:
            for member in tar.getmembers():
                if not (member.isfile() and _is_ours(member.name)):
                    raise NoBackup(member.name)
            tar.extractall(folder, filter="data")
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
    except (tarfile.TarError, OSError, orjson.JSONDecodeError) as error:
        raise NoBackup(str(error)) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT or not (folder / DATABASE).exists():
        raise NoBackup(FORMAT)
    return Opened(folder, manifest)


def _is_ours(name: str) -> bool:
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or name.startswith("/"):
        return False
    return name in (MANIFEST, DATABASE) or (
        (parts[0] in (KEYS, HEADS) and len(parts) == 2) or (parts[0] == FILES and len(parts) == 3)
    )


async def put_back(opened: Opened, settings: Settings, at: datetime, progress: Progress) -> None:
    """Put an unpacked backup in force. What was there before is kept beside it."""
    data_dir = settings.data_dir
    await asyncio.to_thread(data_dir.mkdir, parents=True, exist_ok=True)
    target = Store(settings.database_url)
    try:
        if target.is_sqlite:
            await target.close()
            await asyncio.to_thread(_exchange, Path(str(target.url.database)), opened.folder / DATABASE, at)
        else:
            await upgrade(target)
            source = Store(opened.database_url)
            try:
                await copy(source, target, progress)
            finally:
                await source.close()
    finally:
        await target.close()
    await asyncio.to_thread(_put_beside, opened.folder, data_dir, at)


def _exchange(current: Path, fresh: Path, at: datetime) -> None:
    """The restored file takes the place of the database, which keeps its name with the time behind it."""
    current.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        file = current.with_name(current.name + suffix)
        if file.exists():
            file.replace(current.with_name(f"{current.name}.before-{at:%Y%m%d-%H%M%S}{suffix}"))
    part = current.with_name(f".{current.name}.restoring")
    part.write_bytes(b"")
    with fresh.open("rb") as source, part.open("wb") as out:
        while block := source.read(1 << 20):
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    part.replace(current)


def _put_beside(folder: Path, data_dir: Path, at: datetime) -> None:
    for file in sorted(folder.glob(f"{KEYS}/*")):
        _put(file, data_dir / file.name, at, mode=0o600)
    for file in sorted(folder.glob(f"{HEADS}/*")):
        _put(file, data_dir / HEADS / file.name, at)
    for file in sorted(folder.glob(f"{FILES}/*/*")):
        place = data_dir / FILES / file.parent.name / file.name
        if not place.exists():  # They lie under the digest of what is in them.
            _put(file, place, at)


def _put(file: Path, place: Path, at: datetime, mode: int = 0o644) -> None:
    if place.exists() and place.read_bytes() == file.read_bytes():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.replace(place.with_name(f"{place.name}.before-{at:%Y%m%d-%H%M%S}"))
    place.write_bytes(file.read_bytes())
    place.chmod(mode)
