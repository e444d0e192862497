"""The check of a whole journal from its public files alone: no database, no trust in whoever serves them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import orjson

from storage import audit_figures, journal, tiles
from storage.audit_compare import compare
from storage.audit_contents import Contents
from storage.audit_findings import BAD, GOOD, N_, NOTE, Finding, Report
from storage.merkle import Frontier, full_root, leaf_hash
from storage.notes import Checkpoint, Key, Unreadable, read_keys
from storage.tiles import ENTRIES, HEIGHT, WIDTH, Tile

AT_ONCE = 8  # Bundles fetched side by side.
ENOUGH = 50  # Wrong entries that are named; whoever changed more has changed everything.


class Missing(Exception):
    """A file of the journal is not there."""


class Source(Protocol):
    """Where the files of a journal are read."""

    async def text(self, name: str) -> str: ...

    async def tile(self, tile: Tile) -> bytes: ...


class Openings(Protocol):
    """What is known about the contents behind entries: an auditor's file, or the program's own database."""

    async def check(self, entries: Sequence[tuple[int, Mapping[str, Any]]], report: Report) -> None: ...

    def conclude(self, report: Report) -> None: ...


Progress = Callable[[int, int], None]


class Audit:
    """One check. `heads` are checkpoints that were kept outside, `keys` public keys got from elsewhere."""

    def __init__(
        self,
        source: Source,
        *,
        heads: Sequence[Checkpoint] = (),
        keys: Sequence[Key] = (),
        copy: Source | None = None,
        openings: Openings | None = None,
        figures: Sequence[bytes] = (),
        progress: Progress = lambda _done, _all: None,
    ) -> None:
        self.source, self.copy, self.openings, self.progress = source, copy, openings, progress
        self.heads, self.given_keys = sorted(heads, key=lambda head: head.size), list(keys)
        self.figures = figures
        self.report = Report()
        self.contents = Contents(self.report)
        self.roots: dict[int, bytes] = {}  # Of what is there, at each size that somebody has a head of.
        self.found, self.published = Frontier(), Frontier()
        self._upper: dict[int, list[bytes]] = {}
        self._differing = 0

    async def run(self) -> Report:
        try:
            self.checkpoint = Checkpoint.read(await self.source.text("checkpoint"))
        except Missing:
            self.report.add(BAD, "no-checkpoint", N_("There is no seal, so nothing can be checked."))
            return self.report
        except Unreadable:
            self.report.add(BAD, "checkpoint", N_("The seal cannot be read: it is damaged or forged."))
            return self.report
        self.report.size = self.checkpoint.size
        await self._read_all()
        await self._upper_tiles()
        await self._keys()
        self._root()
        self._old_heads()
        self.contents.conclude()
        for document in self.figures:
            audit_figures.check(self.report, self.contents.history, document)
        if self.openings:
            self.openings.conclude(self.report)
        return self.report

    # --- Entries ---

    async def _read_all(self) -> None:
        size = self.checkpoint.size
        count = -(-size // WIDTH)
        for start in range(0, count, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, count))
            for number, bundle in zip(numbers, await asyncio.gather(*map(self._fetch, numbers)), strict=True):
                await self._bundle(number, *bundle)
                if self._differing >= ENOUGH:
                    text = N_("More than {count} entries are not what was sealed; the check stopped at entry {number}.")
                    self.report.add(BAD, "stopped", text, count=ENOUGH, number=number * WIDTH)
                    return
            self.progress(min(size, (numbers[-1] + 1) * WIDTH), size)

    async def _fetch(self, number: int) -> tuple[bytes | None, bytes | None, bytes | None]:
        width = min(WIDTH, self.checkpoint.size - number * WIDTH)
        wanted = [(self.source, Tile(ENTRIES, number, width)), (self.source, Tile(0, number, width))]
        found = [await _or_none(source, tile) for source, tile in wanted]
        return found[0], found[1], await self._copied(number, width) if self.copy else None

    async def _copied(self, number: int, width: int) -> bytes | None:
        """The hashes of an earlier copy, which may end before."""
        assert self.copy is not None
        for narrower in range(width, 0, -1) if width < WIDTH else (WIDTH,):
            if (data := await _or_none(self.copy, Tile(0, number, narrower))) is not None:
                return data
        return None

    async def _bundle(self, number: int, bundle: bytes | None, row: bytes | None, copied: bytes | None) -> None:
        first = number * WIDTH
        width = min(WIDTH, self.checkpoint.size - first)
        entries = self._unpacked(number, bundle)
        digests = [leaf_hash(entry) for entry in entries]
        says = [_read(entry) for entry in entries]
        for place, one in enumerate(says):
            self.contents.take(first + place, one)
        if self.openings:
            known = [(first + place, one) for place, one in enumerate(says) if one]
            await self.openings.check(known, self.report)
        known_row = tiles.hashes(row) if row is not None else None
        if known_row is None:
            self.report.add(BAD, "no-tile", N_("The hashes of the entries from {number} on are missing."), number=first)
        elif len(known_row) != width:
            self.report.add(BAD, "tile", N_("The hashes of the entries from {number} on are damaged."), number=first)
        else:
            self._differing += compare(self.report, first, says, digests, known_row)
        if copied is not None:
            self._against_copy(first, says, digests, tiles.hashes(copied))
        self._grow(self.found, digests, first)
        self._grow(self.published, known_row or [], first, is_published=True)

    def _against_copy(self, first: int, says: list[Any], digests: list[bytes], kept: list[bytes]) -> None:
        before = len(self.report.findings)
        if compare(self.report, first, says[: len(kept)], digests[: len(kept)], kept):
            self._differing += 1
            text = N_("The entries from {number} on are not those of the copy that you kept:")
            self.report.findings.insert(before, Finding(BAD, "copy", text, {"number": first}))

    def _unpacked(self, number: int, bundle: bytes | None) -> list[bytes]:
        first = number * WIDTH
        if bundle is None:
            self.report.add(BAD, "no-entries", N_("The entries from {number} on are missing."), number=first)
            return []
        entries: list[bytes] = []
        try:
            for entry in journal.unpack(bundle):
                entries.append(entry)
        except ValueError:
            self.report.add(BAD, "entries", N_("The file with the entries from {number} on is damaged."), number=first)
        return entries

    def _grow(self, tree: Frontier, digests: Sequence[bytes], first: int, is_published: bool = False) -> None:
        wanted = {head.size for head in self.heads if first < head.size < first + WIDTH}
        if len(digests) == WIDTH and not wanted:
            root = full_root(digests)
            if tree.size % WIDTH == 0:
                tree.add(root, WIDTH)
            else:  # Something before is missing: the tree is another one anyway.
                for digest in digests:
                    tree.add(digest)
            if is_published:
                self._upper.setdefault(1, []).append(root)
        else:
            for digest in digests:
                tree.add(digest)
                if not is_published and tree.size in wanted:
                    self.roots[tree.size] = tree.root
            if is_published and len(digests) == WIDTH:
                self._upper.setdefault(1, []).append(full_root(digests))
        if not is_published:
            self.roots[tree.size] = tree.root

    async def _upper_tiles(self) -> None:
        """The hashes above the leaves' must be made of those."""
        level = 1
        row = self._upper.get(1, [])
        if self._differing or len(row) != self.checkpoint.size // WIDTH:
            return
        while row:
            for number in range(-(-len(row) // WIDTH)):
                part = row[number * WIDTH : (number + 1) * WIDTH]
                if await _or_none(self.source, Tile(level, number, len(part))) != b"".join(part):
                    text = N_("The hashes over the entries from {number} on do not belong to them.")
                    self.report.add(BAD, "upper-tile", text, number=number << (HEIGHT * (level + 1)))
            full = len(row) // WIDTH
            row = [full_root(row[number * WIDTH : (number + 1) * WIDTH]) for number in range(full)]
            level += 1

    # --- Heads ---

    async def _keys(self) -> None:
        """Who may sign: the keys that the journal itself names, each vouched for by the one before."""
        chain = self.contents.keys
        if not chain:
            text = N_("The journal does not begin by naming its key: the beginning is missing or was replaced.")
            self.report.add(BAD, "no-key", text)
        try:
            told = read_keys(await self.source.text("key"))
        except Missing:
            told = []
        except Unreadable:
            told = []
            self.report.add(BAD, "key-file", N_("The file with the public keys is damaged."))
        for key in told:
            if chain and key not in chain:
                text = N_("The server names the key {key}, which the journal does not know.")
                self.report.add(BAD, "strange-key", text, key=str(key))
        if self.given_keys and chain and not set(self.given_keys) & set(chain):
            text = N_(
                "This journal is not signed with the key that you have ({key}), nor with one that it vouched for."
            )
            self.report.add(BAD, "other-key", text, key=str(self.given_keys[0]))
        self.keys = list(dict.fromkeys([*chain, *(self.given_keys if not chain else [])]))

    def _root(self) -> None:
        checkpoint, report = self.checkpoint, self.report
        newest = self.keys[-1:]
        if not checkpoint.note.signed_by(newest):
            by = checkpoint.note.signatures[0]
            text = N_("The seal is not signed with the key of this journal, but by {name} ({key}).")
            report.add(BAD, "signature", text, name=by.name, key=by.key_id.hex())
        elif newest and checkpoint.origin != newest[0].name:
            text = N_("The seal belongs to another journal, {origin}.")
            report.add(BAD, "origin", text, origin=checkpoint.origin)
        else:
            report.add(
                GOOD, "signature", N_("The seal is signed with the key of the journal, {key}."), key=str(newest[0])
            )
            if not self.given_keys:
                text = N_("That key was taken from the journal itself. Compare it with the one in a monthly report, or "
                          "give it with --key.")  # fmt: skip
                report.add(NOTE, "key-from-log", text)
        if self.found.root == checkpoint.root and self.found.size == checkpoint.size:
            text = N_("Entries: {count}. They are exactly those that were sealed: none is missing, changed or added.")
            report.add(GOOD, "root", text, count=checkpoint.size)
        elif self._differing and self.published.root == checkpoint.root:
            text = N_("The seal confirms the original entries, not those that are there now.")
            report.add(BAD, "root", text)
        else:
            text = N_("The entries are not those that were sealed.")
            report.add(BAD, "root", text)

    def _old_heads(self) -> None:
        good: Checkpoint | None = None
        wrong: Checkpoint | None = None
        seen: dict[int, bytes] = {}
        names = {key.name for key in self.keys}
        for head in self.heads:
            if head.origin not in names:
                text = N_("The seal over {size} entries that was kept belongs to another journal, {origin}.")
                self.report.add(BAD, "head-origin", text, size=head.size, origin=head.origin)
                continue
            if not head.note.signed_by(self.keys):
                text = N_("The seal over {size} entries that was kept is not signed with a key of this journal: the "
                          "journal was signed anew with another key, or the seal is forged.")  # fmt: skip
                self.report.add(BAD, "head-signature", text, size=head.size)
                continue
            if seen.setdefault(head.size, head.root) != head.root:
                text = N_("Two different journals of {size} entries were signed: different people were shown different "
                          "ones.")  # fmt: skip
                self.report.add(BAD, "split", text, size=head.size)
            elif head.size > self.checkpoint.size:
                text = N_("The end was cut off: a seal over {size} entries was published, now there are only {now}.")
                self.report.add(BAD, "tail", text, size=head.size, now=self.checkpoint.size)
            elif self._root_at(head.size) == head.root:
                good = head
                text = N_(
                    "It continues the seal over {size} entries that was kept outside: nothing before was changed."
                )
                self.report.add(GOOD, "head", text, size=head.size)
            else:
                wrong = wrong or head
        if wrong:
            text = N_("It was rewritten: the seal over {size} entries that was published does not fit what is there "
                      "now. The change lies among the entries {first} to {last}.")  # fmt: skip
            self.report.add(
                BAD, "rewritten", text, size=wrong.size, first=good.size if good else 0, last=wrong.size - 1
            )

    def _root_at(self, size: int) -> bytes | None:
        return Frontier().root if size == 0 else self.roots.get(size)


def _read(entry: bytes) -> Mapping[str, Any] | None:
    try:
        says = orjson.loads(entry)
    except orjson.JSONDecodeError:
        return None
    return says if isinstance(says, dict) else None


async def _or_none(source: Source, tile: Tile) -> bytes | None:
    try:
        return await source.tile(tile)
    except Missing:
        return None
