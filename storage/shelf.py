"""Where the bytes of files lie, received or made: under their SHA-256, written whole or not at all."""

import asyncio
import errno
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage.kinds import mime_of

MAX_BYTES = 20 << 20
SPARE_BYTES = 200 << 20  # Uploads leave the database this much room on the disk.
BLOCK = 1 << 20
OLD_S = 3600  # A half-written file of that age belongs to nobody any more.


class TooLarge(Exception):
    """More than MAX_BYTES."""


class WrongKind(Exception):
    """Not one of the kinds that we take."""


class Full(Exception):
    """The disk has no room."""


@dataclass(frozen=True)
class Stored:
    digest: str
    mime: str
    size: int


class Shelf:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / "incoming"

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def prepare(self) -> None:
        """Make the folders and clear away what a crash left half-written."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        for file in self.incoming.iterdir():
            if file.stat().st_mtime < time.time() - OLD_S:
                file.unlink(missing_ok=True)

    async def put(self, chunks: AsyncIterator[bytes], name: str) -> Stored:
        """Store what comes, check it, and give it its name; raises what is wrong with it."""
        try:
            return await self._put(chunks, name)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise Full from error
            raise

    async def _put(self, chunks: AsyncIterator[bytes], name: str) -> Stored:
        await asyncio.to_thread(self.prepare)
        if await asyncio.to_thread(self.free) < SPARE_BYTES:
            raise Full
        part = self.incoming / secrets.token_hex(16)
        try:
            with await asyncio.to_thread(part.open, "xb") as out:
                digest, size = await self._write(chunks, out)
            mime = await asyncio.to_thread(mime_of, part, name)
            if mime is None or not size:
                raise WrongKind
            await asyncio.to_thread(self._keep, part, digest)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return Stored(digest, mime, size)

    async def keep(self, contents: Mapping[str, bytes]) -> None:
        """Store what we made ourselves, by digest. What is there already is the same."""
        if contents:
            await asyncio.to_thread(self._keep_all, contents)

    def _keep_all(self, contents: Mapping[str, bytes]) -> None:
        self.incoming.mkdir(parents=True, exist_ok=True)
        for digest, content in contents.items():
            if self.path(digest).exists():
                continue
            part = self.incoming / secrets.token_hex(16)
            try:
                with part.open("xb") as out:
                    out.write(content)
                    _to_disk(out)
                self._keep(part, digest)
            finally:
                part.unlink(missing_ok=True)

    async def read(self, digest: str) -> bytes | None:
        """The bytes of a file, or None where they are no more."""
        try:
            return await asyncio.to_thread(self.path(digest).read_bytes)
        except FileNotFoundError:
            return None

    def free(self) -> int:
        return shutil.disk_usage(self.folder).free

    async def _write(self, chunks: AsyncIterator[bytes], out: BinaryIO) -> tuple[str, int]:
        digest, size, block = hashlib.sha256(), 0, bytearray()
        async for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                raise TooLarge
            digest.update(chunk)
            block += chunk
            if len(block) >= BLOCK:
                await asyncio.to_thread(self.write, out, bytes(block))
                block.clear()
        await asyncio.to_thread(self.write, out, bytes(block))
        await asyncio.to_thread(_to_disk, out)
        return digest.hexdigest(), size

    def write(self, out: BinaryIO, block: bytes) -> None:
        out.write(block)

    def _keep(self, part: Path, digest: str) -> None:
        place = self.path(digest)
        place.parent.mkdir(exist_ok=True)
        part.replace(place)


def _to_disk(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())
