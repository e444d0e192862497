"""Where the files of a journal are read from: a folder, or the address of a server."""

import asyncio
from pathlib import Path

import aiohttp

from storage import log
from storage.audit import Missing
from storage.database import Store
from storage.notes import Checkpoint
from storage.tiles import ENTRIES, Tile, tiles_of

PATIENCE_S = 30
ATTEMPTS = 3
PAUSE_S = 0.2
AT_ONCE = 8
LARGEST = 256 * (2 + 0xFFFF)  # A full bundle of the longest entries.


class Folder:
    """A copy of the journal on this machine, file by file as under /log/."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def text(self, name: str) -> str:
        return (await self._read(name)).decode("utf-8", "replace")

    async def tile(self, tile: Tile) -> bytes:
        return await self._read(tile.path)

    async def _read(self, name: str) -> bytes:
        try:
            return await asyncio.to_thread((self.folder / name).read_bytes)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise Missing(name) from None


class Address:
    """A journal that is served over HTTP. Use it as a context."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix.rstrip("/")

    async def __aenter__(self) -> "Address":
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S))
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._http.close()

    async def text(self, name: str) -> str:
        return (await self._get(name)).decode("utf-8", "replace")

    async def tile(self, tile: Tile) -> bytes:
        return await self._get(tile.path)

    async def _get(self, name: str) -> bytes:
        for attempt in range(ATTEMPTS):
            try:
                async with self._http.get(f"{self.prefix}/{name}") as answer:
                    if answer.status in (404, 410):
                        raise Missing(name)
                    answer.raise_for_status()
                    return await _whole(answer)
            except (aiohttp.ClientError, TimeoutError) as error:
                if attempt == ATTEMPTS - 1:
                    reason = f"{type(error).__name__} {error}".strip()
                    raise ConnectionError(0, reason, f"{self.prefix}/{name}") from error
                await asyncio.sleep(PAUSE_S * 2**attempt)
        raise AssertionError


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    """What is answered, unless it is larger than anything of a journal."""
    found = bytearray()
    async for chunk in answer.content.iter_chunked(1 << 16):
        found += chunk
        if len(found) > LARGEST:
            raise aiohttp.ClientPayloadError("too large")
    return bytes(found)


class Tables:
    """The journal in our own database."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def text(self, name: str) -> str:
        from bot.journal_key import keys_document

        async with self.store.reading() as db:
            if name == "key":
                return await keys_document(db)
            row = await log.head(db)
        if name != "checkpoint" or row is None:
            raise Missing(name)
        return log.full_note(row)

    async def tile(self, tile: Tile) -> bytes:
        async with self.store.reading() as db:
            data = await log.tile(db, tile)
        if data is None:
            raise Missing(tile.path)
        return data


Files = Folder | Address | Tables


async def save(source: Files, folder: Path) -> Checkpoint:
    """Keep a copy: whatever is not there yet; the checkpoint comes last, so that an interrupted copy is no copy."""
    note = await source.text("checkpoint")
    checkpoint = Checkpoint.read(note)
    bundles = [Tile(ENTRIES, tile.number, tile.width) for tile in tiles_of(checkpoint.size) if tile.level == 0]
    wanted = [*tiles_of(checkpoint.size), *bundles]
    for start in range(0, len(wanted), AT_ONCE):
        await asyncio.gather(*(_keep(source, tile, folder) for tile in wanted[start : start + AT_ONCE]))
    await asyncio.to_thread(_write, folder / "key", (await source.text("key")).encode())
    await asyncio.to_thread(_write, folder / "checkpoint", note.encode())
    return checkpoint


async def _keep(source: Files, tile: Tile, folder: Path) -> None:
    file = folder / tile.path
    if not file.exists():
        await asyncio.to_thread(_write, file, await source.tile(tile))


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_bytes(data)
    fresh.replace(file)


def is_tidy(folder: Path) -> bool:
    """Whether a folder is empty, new, or a copy of a journal, so that a copy may be kept there."""
    return not folder.exists() or (folder / "checkpoint").exists() or not any(folder.iterdir())
