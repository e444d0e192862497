"""The journal as everybody may read it: the newest head, tiles, proofs, keys, and what witnesses added."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select

from storage import journal, tiles
from storage.database import Session
from storage.merkle import Range, consistency_ranges, inclusion_ranges
from storage.models import journal_heads, journal_keys
from storage.notes import Checkpoint, Key
from storage.sealing import ONE_TILE
from storage.tiles import ENTRIES, HASH, WIDTH, Tile

HEADS = select(journal_heads.c.size, journal_heads.c.note, journal_heads.c.cosignatures, journal_heads.c.at)


async def head(db: Session, size: int | None = None) -> Row[Any] | None:
    """The head of that size, or the newest."""
    if size is not None:
        return await db.first(HEADS.where(journal_heads.c.size == size))
    return await db.first(HEADS.order_by(journal_heads.c.size.desc()).limit(1))


def full_note(row: Row[Any]) -> str:
    """A head with our signature and those of witnesses."""
    return str(row.note + row.cosignatures)


async def tile(db: Session, wanted: Tile) -> bytes | None:
    """The bytes of a tile. An earlier, narrower state of one that grew is its beginning."""
    row = await db.first(ONE_TILE, level=wanted.level, number=wanted.number)
    if row is None or row.width < wanted.width:
        return None
    data = bytes(row.data)
    if row.width == wanted.width:
        return data
    if wanted.level != ENTRIES:
        return data[: wanted.width * HASH]
    end = 0
    for _ in range(wanted.width):
        end += 2 + int.from_bytes(data[end : end + 2], "big")
    return data[:end]


async def entry(db: Session, position: int) -> bytes | None:
    number, place = divmod(position, WIDTH)
    row = await db.first(ONE_TILE, level=ENTRIES, number=number)
    if row is None or row.width <= place:
        return None
    return list(journal.unpack(bytes(row.data)))[place]


async def inclusion(db: Session, position: int, size: int) -> list[bytes]:
    """The proof that an entry stands in the tree of that size."""
    return await _prove(db, inclusion_ranges(position, size), size)


async def consistency(db: Session, old: int, new: int) -> list[bytes]:
    """The proof that nothing changed between two sizes but what was added."""
    return await _prove(db, consistency_ranges(old, new), new)


async def _prove(db: Session, ranges: Sequence[Range], size: int) -> list[bytes]:
    rows: dict[tuple[int, int], list[bytes]] = {}
    for wanted in tiles.needed(ranges, size):
        data = await tile(db, wanted)
        if data is None:
            raise LookupError(wanted.path)
        rows[wanted.level, wanted.number] = tiles.hashes(data)
    return tiles.prove(ranges, rows)


async def keys(db: Session) -> list[Key]:
    """The keys that have signed heads, the newest first."""
    rows = await db.rows(select(journal_keys.c.vkey).order_by(journal_keys.c.number.desc()))
    return [Key.read(row.vkey) for row in rows]


async def cosign(db: Session, note: str, witnesses: Iterable[Key]) -> int:
    """Take in the cosignatures of known witnesses on a head of ours; return how many were new.

    The note is the head with the witness's lines under it, as they got it from us. Raises ValueError where it is not.
    """
    given = Checkpoint.read(note)
    row = await head(db, given.size)
    if row is None or Checkpoint.read(row.note).note.text != given.note.text:
        raise LookupError("no such head")
    known = {signature.line for signature in Checkpoint.read(full_note(row)).note.signatures}
    fresh = []
    for key in witnesses:
        for signature in given.note.signatures:
            if signature.line not in known and signature.holds(key, given.note.text):
                fresh.append(signature.line)
                known.add(signature.line)
    if fresh:
        await db.execute(
            journal_heads.update()
            .where(journal_heads.c.size == given.size)
            .values(cosignatures=row.cosignatures + "".join(fresh))
        )
    return len(fresh)
