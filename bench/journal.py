"""The journal at size: sealing and checking a million entries, and proofs from it, beside pymerkle in the same run.

    python bench/journal.py [--entries 1000000] [--rounds 3] [--proofs 1000]

Ours is the whole way: entries lie in the queue of an SQLite file, the sealer gives them their places and writes tiles
and signed heads with a file sync each; the check reads the tiles back, hashes everything anew, compares it with the
published hashes and with every head, and reads what each entry says. pymerkle's tree in memory and in SQLite get the
same entries; what it has no word for (heads, what entries say, names of what was changed) is ours alone.
"""

import argparse
import asyncio
import gc
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pymerkle  # noqa: E402

from bench.inbound import machine  # noqa: E402
from bot.log_sources import Tables  # noqa: E402
from storage import journal, log  # noqa: E402
from storage.audit import Audit  # noqa: E402
from storage.database import Store, sqlite_url  # noqa: E402
from storage.merkle import included, leaf_hash  # noqa: E402
from storage.notes import Checkpoint, Signer  # noqa: E402
from storage.sealing import seal_all  # noqa: E402
from storage.tiles import ENTRIES, WIDTH, Tile  # noqa: E402
from storage.upgrade import upgrade  # noqa: E402

SIGNER = Signer("bench/log", bytes(range(32)))
IN_ONE = 256  # Entries of a transaction: a crowd of turns.
Figures = dict[str, list[float]]


class Clock:
    """Takes the time of one thing, in processor and wall seconds."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures

    def note(self, what: str, began: float, count: int) -> None:
        took = time.perf_counter() - began
        self.figures.setdefault(what, []).append(count / took)
        print(f"{what}: {count / took:,.0f} a second, {took:.1f} s", file=sys.stderr)


async def fill(store: Store, count: int) -> None:
    """Entries of messages, as turns write them."""
    for start in range(0, count, IN_ONE * 16):
        async with store.writing() as db:
            for number in range(start, min(start + IN_ONE * 16, count)):
                journal.heard(db, number + 1, channel="telegram", kind="text", content={"text": f"Въпрос {number}"},
                              person_id=7, said_at=db.now, municipality="montana")  # fmt: skip


async def ours(folder: Path, count: int, proofs: int, clock: Clock) -> list[bytes]:
    store = Store(sqlite_url(folder / "bench.db"))
    await upgrade(store)
    began = time.perf_counter()
    await fill(store, count)
    clock.note("recording", began, count)
    began = time.perf_counter()
    head = await seal_all(store, SIGNER)
    assert head is not None
    clock.note("sealing", began, count)
    began = time.perf_counter()
    report = await Audit(Tables(store), heads=[head], keys=[SIGNER.key]).run()
    assert report.is_well, report.findings
    clock.note("checking", began, count)
    await prove(store, head, proofs, clock)
    entries = await all_entries(store, head)
    await store.close()
    return entries


async def prove(store: Store, head: Checkpoint, proofs: int, clock: Clock) -> None:
    chance = random.Random(1)
    places = [chance.randrange(head.size) for _ in range(proofs)]
    began = time.perf_counter()
    async with store.reading() as db:
        for place in places:
            proof = await log.inclusion(db, place, head.size)
            entry = await log.entry(db, place)
            assert entry is not None
            assert included(place, head.size, leaf_hash(entry), proof, head.root)
    clock.note("proofs made and checked", began, proofs)


async def all_entries(store: Store, head: Checkpoint) -> list[bytes]:
    found: list[bytes] = []
    source = Tables(store)
    for number in range(-(-head.size // WIDTH)):
        width = min(WIDTH, head.size - number * WIDTH)
        found += journal.unpack(await source.tile(Tile(ENTRIES, number, width)))
    return found


def peer(
    name: str, make: Callable[[], pymerkle.BaseMerkleTree], entries: list[bytes], proofs: int, clock: Clock
) -> bytes:
    """pymerkle: append everything, then the root, then proofs."""
    tree = make()
    began = time.perf_counter()
    if isinstance(tree, pymerkle.SqliteTree):
        tree.append_entries(entries)
    else:
        for entry in entries:
            tree.append_entry(entry)
    clock.note(f"{name}: appending", began, len(entries))
    began = time.perf_counter()
    root: bytes = tree.get_root()
    clock.note(f"{name}: root", began, len(entries))
    chance = random.Random(1)
    places = [chance.randrange(len(entries)) for _ in range(proofs)]
    began = time.perf_counter()
    for place in places:
        proof = tree.prove_inclusion(place + 1)
        pymerkle.verify_inclusion(tree.get_leaf(place + 1), root, proof)
    clock.note(f"{name}: proofs made and checked", began, proofs)
    return root


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--proofs", type=int, default=1_000)
    arguments = parser.parse_args()
    figures: Figures = {}
    clock = Clock(figures)
    size = 0
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as place:
            entries = asyncio.run(ours(Path(place), arguments.entries, arguments.proofs, clock))
            size = (Path(place) / "bench.db").stat().st_size
        roots = {peer("pymerkle in memory", lambda: pymerkle.InmemoryTree(), entries, arguments.proofs, clock)}
        with tempfile.TemporaryDirectory() as place:
            roots.add(peer("pymerkle in SQLite", lambda: pymerkle.SqliteTree(f"{place}/peer.db"), entries,
                           arguments.proofs, clock))  # fmt: skip
        assert len(roots) == 1
        del entries
        gc.collect()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{machine()}\n\n{arguments.entries:,} entries, {arguments.rounds} rounds; the file has "
          f"{size / 2**20:,.0f} MiB, all of it together took {peak:,.0f} MiB of memory at most.\n")  # fmt: skip
    print("| what | a second, median (least–most) |\n|---|---|")
    for what, values in figures.items():
        print(f"| {what} | {statistics.median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f}) |")


if __name__ == "__main__":
    main()
