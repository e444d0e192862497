"""Sealing: entries that were committed get their places in the tree, and its new head is signed, in one transaction.

Places are given here and not while recording, so that turns need not wait for one another: whatever is in the queue is
committed, and whatever commits later stands in the queue for the next time. One process seals at a time.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, func, select, text, update

from storage import journal, tiles
from storage.database import Session, Store
from storage.ids import EPOCH_MS, LOW_BITS
from storage.merkle import full_root
from storage.models import journal_heads, journal_keys, journal_queue, journal_tiles, openings
from storage.notes import Checkpoint, Signer, checkpoint_text
from storage.tiles import ENTRIES, WIDTH, Tile

SEAL_BYTES = 1 << 20  # In one transaction: some thousand entries, so that turns wait for milliseconds only.
LOCK = 0x6A6F75726E616C  # "journal" in ASCII.

KEEP_TILE = text(
    "INSERT INTO journal_tiles (level, number, width, data) VALUES (:level, :number, :width, :data)"
    " ON CONFLICT (level, number) DO UPDATE SET width = excluded.width, data = excluded.data"
)
SIZES = select(journal_queue.c.id, func.length(journal_queue.c.entries).label("size")).order_by(journal_queue.c.id)
OLDEST = select(func.min(journal_queue.c.id))
TAKE = (
    select(journal_queue).where(journal_queue.c.id.in_(bindparam("ids", expanding=True))).order_by(journal_queue.c.id)
)
NEWEST = select(journal_heads.c.size, journal_heads.c.note).order_by(journal_heads.c.size.desc()).limit(1)
NEWEST_KEY = select(journal_keys.c.number, journal_keys.c.vkey).order_by(journal_keys.c.number.desc()).limit(1)
ONE_TILE = select(journal_tiles.c.width, journal_tiles.c.data).where(
    journal_tiles.c.level == bindparam("level"), journal_tiles.c.number == bindparam("number")
)


class WrongKey(Exception):
    """The key that we were given is not the one with which this journal is signed."""


@dataclass(slots=True)
class Edge:
    """The right edge of the tree: the unfilled tile of each level, and those that are full by now."""

    size: int
    rows: dict[int, bytearray] = field(default_factory=dict)
    bundle: bytearray = field(default_factory=bytearray)
    full: list[tuple[Tile, bytes]] = field(default_factory=list)

    def add(self, entry: bytes) -> None:
        self.bundle += len(entry).to_bytes(2, "big") + entry
        self._put(0, sha256(b"\0" + entry).digest())
        self.size += 1
        if self.size % WIDTH == 0:
            self.full.append((Tile(ENTRIES, self.size // WIDTH - 1), bytes(self.bundle)))
            self.bundle.clear()

    def _put(self, level: int, node: bytes) -> None:
        row = self.rows.setdefault(level, bytearray())
        row += node
        if len(row) == WIDTH * tiles.HASH:
            number = ((self.size + 1) >> (tiles.HEIGHT * (level + 1))) - 1
            self.full.append((Tile(level, number), bytes(row)))
            root = full_root(tiles.hashes(bytes(row)))
            row.clear()
            self._put(level + 1, root)

    def changed(self) -> list[tuple[Tile, bytes]]:
        """What has to be written."""
        partial = [
            (Tile(level, self.size >> (tiles.HEIGHT * (level + 1)), len(row) // tiles.HASH), bytes(row))
            for level, row in self.rows.items()
            if row
        ]
        if self.bundle:
            partial.append((Tile(ENTRIES, self.size // WIDTH, self.size % WIDTH), bytes(self.bundle)))
        return self.full + partial

    @property
    def root(self) -> bytes:
        return tiles.root({level: tiles.hashes(bytes(row)) for level, row in self.rows.items() if row})


async def seal_all(store: Store, signer: Signer) -> Checkpoint | None:
    """Seal whatever is in the queue, some at a time; return the new head, if there is one."""
    sealed = None
    async with store.reading() as db:
        is_begun = await db.first(NEWEST) is not None
        if is_begun and await db.first(SIZES.limit(1)) is None:
            return None
    while True:
        async with store.writing() as db:
            head = await seal(db, signer)
        if head is None:
            return sealed
        sealed = head


async def seal(db: Session, signer: Signer, most_bytes: int = SEAL_BYTES) -> Checkpoint | None:
    """Seal some of the queue; None when there is nothing to do."""
    if db.connection.dialect.name == "postgresql":
        await db.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    edge = await edge_of(db)
    is_new = await _begin(db, signer)
    if is_new:
        edge.add(journal.key_entry(db.now, signer.key))
    taken = await _take(db, most_bytes)
    if not taken and not is_new:
        return None
    opened: list[dict[str, Any]] = []
    for row in taken:
        first = edge.size
        for entry in journal.unpack(row.entries):
            edge.add(entry)
        opened += [{"row_id": opening, "position": first + place} for place, opening in row.openings]
    return await _write(db, signer, edge, [row.id for row in taken], opened)


async def _begin(db: Session, signer: Signer) -> bool:
    """Whether this is the beginning: then the key becomes the journal's own, and it is the first thing that it says."""
    known = await db.first(NEWEST_KEY)
    if known is None:
        db.add(journal_keys, number=1, vkey=str(signer.key), at=db.now)
        return True
    if known.vkey != str(signer.key):
        raise WrongKey(known.vkey)
    return False


async def edge_of(db: Session) -> Edge:
    head = await db.first(NEWEST)
    edge = Edge(head.size if head else 0)
    for tile in tiles.last_tiles(edge.size):
        edge.rows[tile.level] = bytearray(await _row(db, tile))
    if edge.size % WIDTH:
        edge.bundle = bytearray(await _row(db, Tile(ENTRIES, edge.size // WIDTH, edge.size % WIDTH)))
    return edge


async def _row(db: Session, tile: Tile) -> bytes:
    found = await db.first(ONE_TILE, level=tile.level, number=tile.number)
    if found is None or found.width != tile.width:
        raise RuntimeError(f"The journal lacks {tile.path}: put back the last backup.")
    return bytes(found.data)


async def _take(db: Session, most_bytes: int) -> Sequence[Any]:
    """The oldest rows of the queue that together are not too many; at least one."""
    ids: list[int] = []
    room = most_bytes
    for row in await db.rows(SIZES.limit(2_000)):
        room -= row.size
        if room < 0 and ids:
            break
        ids.append(row.id)
    return await db.rows(TAKE, ids=ids) if ids else []


async def keep_tiles(db: Session, edge: Edge) -> None:
    rows = [
        {"level": tile.level, "number": tile.number, "width": tile.width, "data": data}
        for tile, data in edge.changed()
    ]  # fmt: skip
    await db.execute(KEEP_TILE, rows)


async def _write(
    db: Session, signer: Signer, edge: Edge, taken: list[int], opened: list[dict[str, Any]]
) -> Checkpoint:  # fmt: skip
    await keep_tiles(db, edge)
    if opened:
        change = update(openings).where(openings.c.id == bindparam("row_id")).values(position=bindparam("position"))
        await db.execute(change, opened)
    if taken:
        await db.execute(delete(journal_queue).where(journal_queue.c.id.in_(taken)))
    note = signer.note(checkpoint_text(signer.key.name, edge.size, edge.root))
    db.add(journal_heads, size=edge.size, note=note, cosignatures="", at=db.now)
    return Checkpoint.read(note)


async def waiting_seconds(db: Session) -> float:
    """How long the oldest entry has waited to be sealed. Row numbers carry the time of the machine's own clock."""
    oldest = await db.value(OLDEST)
    return max(0.0, time.time() - (EPOCH_MS + (oldest >> LOW_BITS)) / 1000) if oldest else 0.0
