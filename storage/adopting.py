"""Entries that were sealed once and lost with the database, taken in again from a public copy of the journal."""

from collections.abc import Sequence

import orjson
from sqlalchemy import bindparam, delete, select, update

from storage import journal
from storage.database import Session
from storage.models import journal_heads, journal_queue, openings
from storage.notes import Checkpoint
from storage.sealing import edge_of, keep_tiles

LOST = "lost with the database, restored from a backup"


async def take_in(db: Session, entries: Sequence[bytes], note: str) -> bool:
    """Append them under the seal that they had; a tombstone says that what they were about is lost.

    Entries that still wait in our own queue are among them: these get their places, and keep what they are about.
    """
    edge = await edge_of(db)
    places = {}
    for entry in entries:
        places[entry] = edge.size
        edge.add(entry)
    wanted = Checkpoint.read(note)
    if not entries or (edge.size, edge.root) != (wanted.size, wanted.root):
        return False
    await keep_tiles(db, edge)
    db.add(journal_heads, size=edge.size, note=note, cosignatures="", at=db.now)
    known = await _place_queue(db, places)
    says = [orjson.loads(entry) for entry in entries if entry not in known]
    refs = [one["ref"] for one in says if "commitment" in one]
    if refs:
        journal.record(db, "erasure", {"entries": len(refs), "reason": LOST}, {"refs": refs})
    return True


async def _place_queue(db: Session, places: dict[bytes, int]) -> set[bytes]:
    """Take out of the queue what is among the entries; transactions were sealed whole."""
    known: set[bytes] = set()
    opened, done = [], []
    for row in await db.rows(select(journal_queue)):
        waiting = list(journal.unpack(bytes(row.entries)))
        if all(entry in places for entry in waiting):
            known.update(waiting)
            done.append(row.id)
            opened += [{"row_id": opening, "position": places[waiting[place]]} for place, opening in row.openings]
    if opened:
        change = update(openings).where(openings.c.id == bindparam("row_id")).values(position=bindparam("position"))
        await db.execute(change, opened)
    if done:
        await db.execute(delete(journal_queue).where(journal_queue.c.id.in_(done)))
    return known
