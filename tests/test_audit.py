"""Whoever tampers with the journal is found out from its public files, and whoever does not is left in peace."""

import asyncio
import hashlib
import itertools
import os
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.log_sources import Folder, Tables, save
from storage import journal
from storage.audit import Audit
from storage.audit_findings import Report
from storage.canonical import canonical
from storage.database import Store, sqlite_url
from storage.merkle import leaf_hash
from storage.notes import Checkpoint, Signer, checkpoint_text
from storage.sealing import Edge, seal_all
from storage.tiles import ENTRIES, WIDTH, Tile, tiles_of
from storage.upgrade import upgrade

SIGNER = Signer("gishe.example/log", bytes(range(32)))
MANY = 50_000 if os.environ.get("GISHE_LONG_TESTS") else 3_000
STATES = ("received", "registered", "working", "answered")


class Honest:
    """The public files of a journal, a copy kept from before, and the heads that somebody outside has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "log"
        self.copy = folder / "copy"
        self.heads: list[Checkpoint] = []


async def _write(store: Store, first: int, count: int) -> None:
    """Messages and steps of cases, as a busy town makes them."""
    for start in range(first, first + count, 500):
        async with store.writing() as db:
            for number in range(start, min(start + 500, first + count)):
                case = f"MON-2026-{number // 10 + 1:06d}-X"
                if number % 10 == 0:
                    public = {"case": case, "municipality": "montana", "action": "file", "state": STATES[0]}
                    journal.record(db, "case", public, {"text": f"Лампата {number} не свети."})
                elif number % 10 < 4:
                    public = {"case": case, "municipality": "montana", "action": "step", "state": STATES[number % 10]}
                    journal.record(db, "case", public, {"n": number})
                else:
                    words = {"text": f"Здравейте {number}"}
                    journal.heard(
                        db, number + 1, channel="telegram", kind="text", content=words, person_id=7, said_at=db.now
                    )


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Honest:
    made = Honest(tmp_path_factory.mktemp("honest"))

    async def make() -> None:
        store = Store(sqlite_url(made.folder.parent / "gishe.db"))
        await upgrade(store)
        for part in range(3):
            await _write(store, part * (MANY // 3), MANY // 3)
            head = await seal_all(store, SIGNER)
            assert head is not None
            made.heads.append(head)
            if part == 1:
                await save(Tables(store), made.copy)
        await save(Tables(store), made.folder)
        await store.close()

    asyncio.run(make())
    return made


class Forger:
    """Somebody with the files in their hands. `rebuilds` makes the tree anew, `key` signs it."""

    def __init__(self, honest: Honest, folder: Path) -> None:
        self.folder = folder / "forged"
        shutil.copytree(honest.folder, self.folder)
        self.size = honest.heads[-1].size

    def bundle(self, number: int) -> Path:
        return self.folder / Tile(ENTRIES, number, min(WIDTH, self.size - number * WIDTH)).path

    def entries(self, number: int) -> list[bytes]:
        return list(journal.unpack(self.bundle(number).read_bytes()))

    def put(self, number: int, entries: list[bytes]) -> None:
        self.bundle(number).write_bytes(b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries))

    def all(self) -> list[bytes]:
        return list(itertools.chain.from_iterable(self.entries(n) for n in range(-(-self.size // WIDTH))))

    def rebuild(self, entries: list[bytes], signer: Signer | None = None, *, replaces_hashes: bool = True) -> None:
        """Write everything anew, as if it had always been so; without a signer the old head stays."""
        edge = Edge(0)
        for entry in entries:
            edge.add(entry)
        if replaces_hashes:
            shutil.rmtree(self.folder / "tile")
        for tile, data in edge.changed():
            if replaces_hashes or tile.level == ENTRIES:
                file = self.folder / tile.path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
        if signer:
            text = checkpoint_text(signer.key.name, edge.size, edge.root)
            (self.folder / "checkpoint").write_text(signer.note(text))
            (self.folder / "key").write_text(f"{signer.key}\n")


def _altered(entry: bytes, **changes: Any) -> bytes:
    return canonical(orjson.loads(entry) | changes)


def _commits_to(text: str) -> str:
    return journal.commitment(bytes(16), canonical({"text": text}))


def _alter(place: int, **changes: Any) -> Callable[[list[bytes]], list[bytes]]:
    return lambda all_: [*all_[:place], _altered(all_[place], **changes), *all_[place + 1 :]]


def _swap(place: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda all_: [*all_[:place], all_[place + 1], all_[place], *all_[place + 2 :]]


A_CASE = 1_011  # The entry of a case's filing (the first entry of all is the key).
INSERTED = canonical({"at": "2026-11-27T10:00:00Z", "case": "MON-2026-000500-X", "kind": "case", "state": "answered"})
CHANGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "text": _alter(A_CASE, commitment=_commits_to("Всичко е наред.")),
    "time": _alter(A_CASE, at="2026-01-01T00:00:00Z"),
    "state": _alter(A_CASE, state="answered"),
    "deleted": lambda all_: all_[:A_CASE] + all_[A_CASE + 1 :],
    "inserted": lambda all_: [*all_[:A_CASE], INSERTED, *all_[A_CASE:]],
    "swapped": _swap(A_CASE),
    "tail": lambda all_: all_[: len(all_) // 2 + 1],
}


async def _check(folder: Path, **more: Any) -> Report:
    return await Audit(Folder(folder), **more).run()


def _named(report: Report, code: str) -> list[int]:
    """The entries that findings of this kind name."""
    found = [finding.values for finding in report.findings if finding.code == code]
    return [values["entry"].position if "entry" in values else values["number"] for values in found]


async def test_no_false_alarm(honest: Honest) -> None:
    report = await _check(honest.folder, heads=honest.heads, keys=[SIGNER.key], copy=Folder(honest.copy))
    assert report.is_well, report.findings
    assert report.codes("note") == []
    assert set(report.codes("good")) == {"signature", "root", "head", "numbers"}
    assert report.size == honest.heads[-1].size
    assert (await _check(honest.folder)).codes("note") == ["key-from-log"]


@pytest.mark.parametrize(
    ("change", "code"),
    [("text", "altered"), ("time", "altered"), ("state", "altered"), ("deleted", "deleted"), ("inserted", "inserted"),
     ("swapped", "moved")],
)  # fmt: skip
async def test_who_changes_the_entries_alone_is_found_by_their_hashes(
    honest: Honest, tmp_path: Path, change: str, code: str
) -> None:
    """One bundle is changed, the rest stays: the very entry is named."""
    forger = Forger(honest, tmp_path)
    number, place = divmod(A_CASE, WIDTH)
    before = forger.entries(number)
    first = number * WIDTH
    padded = [b"{}"] * first + before  # So that the changes find their place.
    forger.put(number, CHANGES[change](padded)[first:])
    report = await _check(forger.folder)
    assert not report.is_well
    assert A_CASE in _named(report, code)
    assert len(_named(report, code)) == (2 if change == "swapped" else 1)
    assert "root" in report.codes()
    assert place == A_CASE % WIDTH


@pytest.mark.parametrize("change", sorted(CHANGES))
async def test_who_makes_the_hashes_anew_is_found_by_the_signed_head(
    honest: Honest, tmp_path: Path, change: str
) -> None:
    forger = Forger(honest, tmp_path)
    forger.rebuild(CHANGES[change](forger.all()))
    report = await _check(forger.folder)
    assert not report.is_well
    assert set(report.codes()) & {"root", "no-entries", "no-tile", "tile", "entries", "deleted"}


@pytest.mark.parametrize("change", sorted(CHANGES))
async def test_who_signs_anew_with_the_true_key_is_found_by_old_heads(
    honest: Honest, tmp_path: Path, change: str
) -> None:
    """The municipality itself: it has the key. Whoever kept a head tells where, whoever kept a copy which entry."""
    forger = Forger(honest, tmp_path)
    forger.rebuild(CHANGES[change](forger.all()), SIGNER)
    assert set((await _check(forger.folder)).codes()) <= {"number-missing", "number-twice"}  # It looks well by itself.
    report = await _check(forger.folder, heads=honest.heads)
    wrong = {finding.code: finding.values for finding in report.findings if finding.level == "bad"}
    if change == "tail":
        assert wrong["tail"]["size"] in {head.size for head in honest.heads}
        assert wrong["tail"]["now"] == honest.heads[-1].size // 2 + 1
    else:
        place = 0 if honest.heads[0].size > A_CASE else honest.heads[0].size
        assert wrong["rewritten"]["first"] == place
        assert wrong["rewritten"]["first"] <= A_CASE <= wrong["rewritten"]["last"]
    with_copy = await _check(forger.folder, copy=Folder(honest.copy))
    if change != "tail":
        named = [*_named(with_copy, "altered"), *_named(with_copy, "deleted"), *_named(with_copy, "inserted"),
                 *_named(with_copy, "moved")]  # fmt: skip
        assert A_CASE in named


async def test_who_signs_with_another_key_is_found(honest: Honest, tmp_path: Path) -> None:
    forger = Forger(honest, tmp_path)
    other = Signer(SIGNER.key.name, bytes(32))
    entries = forger.all()
    forger.rebuild(entries, other)
    assert {"signature", "strange-key"} <= set((await _check(forger.folder)).codes())
    # Who also names the other key as the journal's own begins another journal: that shows by the first head or key.
    forger.rebuild([_altered(entries[0], key=str(other.key)), *entries[1:]], other)
    assert (await _check(forger.folder)).is_well
    assert "head-signature" in (await _check(forger.folder, heads=honest.heads[:1])).codes()
    assert "other-key" in (await _check(forger.folder, keys=[SIGNER.key])).codes()
    # Nor does it help to let the first key "vouch" for the other without having it.
    fake = canonical({"at": "2026-11-27T10:00:00Z", "kind": "key", "key": str(other.key), "endorsement": "AAAA"})
    forger.rebuild([*entries, fake], other)
    assert {"key-not-endorsed", "signature"} <= set((await _check(forger.folder)).codes())


async def test_who_rewrites_everything_after_an_old_head_is_found_by_the_next(honest: Honest, tmp_path: Path) -> None:
    forger = Forger(honest, tmp_path)
    entries = forger.all()
    old, next_ = honest.heads[0], honest.heads[1]
    rewritten = entries[: old.size] + [_altered(entry, at="2026-11-27T10:00:00Z") for entry in entries[old.size :]]
    forger.rebuild(rewritten, SIGNER)
    report = await _check(forger.folder, heads=honest.heads)
    [wrong] = [finding.values for finding in report.findings if finding.code == "rewritten"]
    assert (wrong["size"], wrong["first"], wrong["last"]) == (next_.size, old.size, next_.size - 1)
    assert report.codes("good").count("head") == 1


async def test_two_heads_of_one_size_that_differ_prove_a_split_view(honest: Honest) -> None:
    head = honest.heads[0]
    text = checkpoint_text(head.origin, head.size, leaf_hash(b"another"))
    other = Checkpoint.read(SIGNER.note(text))
    assert "split" in (await _check(honest.folder, heads=[head, other])).codes()


async def test_heads_of_other_journals_and_forged_ones_are_told_apart(honest: Honest) -> None:
    head = honest.heads[0]
    other = Signer("other.example/log", bytes(32))
    foreign = Checkpoint.read(other.note(checkpoint_text("other.example/log", 5, head.root)))
    forged = Checkpoint.read(SIGNER.note(head.note.text).replace(f"\n{head.size}\n", f"\n{head.size - 1}\n"))
    assert (await _check(honest.folder, heads=[foreign])).codes() == ["head-origin"]
    assert (await _check(honest.folder, heads=[forged])).codes() == ["head-signature"]


async def test_files_that_are_missing_or_damaged_are_named(honest: Honest, tmp_path: Path) -> None:
    chance = random.Random(3)
    for code, name in (
        ("no-checkpoint", "checkpoint"), ("no-entries", "tile/entries/001"), ("no-tile", "tile/0/002"),
        ("upper-tile", next(tile.path for tile in tiles_of(honest.heads[-1].size) if tile.level == 1)),
    ):  # fmt: skip
        forger = Forger(honest, tmp_path / code)
        (forger.folder / name).unlink()
        assert code in (await _check(forger.folder)).codes()
    forger = Forger(honest, tmp_path)
    for name in ("tile/entries/003", "tile/0/003", "checkpoint"):
        file = forger.folder / name
        kept = file.read_bytes()
        for cut in (kept[:-1], kept[: len(kept) // 2], b"", kept + b"x", bytes(chance.randbytes(len(kept)))):
            file.write_bytes(cut)
            assert not (await _check(forger.folder)).is_well, (name, len(cut))
        file.write_bytes(kept)
    (forger.folder / "key").write_text(str(SIGNER.key)[:40])
    assert (await _check(forger.folder)).codes() == ["key-file"]
    (forger.folder / "key").unlink()
    assert (await _check(forger.folder)).is_well


async def test_entries_with_an_old_time_are_pointed_out(honest: Honest, tmp_path: Path) -> None:
    """Not a proof of anything: a clock may have been set. But somebody should ask."""
    forger = Forger(honest, tmp_path)
    entries = forger.all()
    forger.rebuild(
        [
            *entries,
            _altered(entries[11], at="2020-01-01T00:00:00Z", case=f"MON-2026-{(MANY // 3 * 3 - 1) // 10 + 2:06d}-X"),
        ],
        SIGNER,
    )
    report = await _check(forger.folder, keys=[SIGNER.key])
    assert report.is_well
    [late] = [finding.values for finding in report.findings if finding.code == "late"]
    assert (late["count"], late["number"]) == (1, len(entries))


async def test_a_missing_number_of_a_case_is_told_even_if_all_is_signed(honest: Honest, tmp_path: Path) -> None:
    forger = Forger(honest, tmp_path)
    entries = [entry for entry in forger.all() if b"MON-2026-000007-X" not in entry]
    forger.rebuild([*entries, entries[11]], SIGNER)
    wrong = {f.code: f.values["case"] for f in (await _check(forger.folder)).findings if f.level == "bad"}
    assert wrong == {"number-missing": "MON-2026-000007", "number-twice": "MON-2026-000002"}


# --- Published figures ---


def _figures(**changes: Any) -> bytes:
    """What is published of November, true unless changed: matters of the tenth were filed one an hour."""
    told: dict[str, Any] = {"schema": "gishe-figures/1", "municipality": "montana", "month": "2026-11",
                            "as_of": "2026-12-01T08:00:00Z", "filed": 4, "ended": 3, "open": {"count": 2}}  # fmt: skip
    return orjson.dumps(told | changes)


STEPS = [
    ("1", "2026-10-31T21:59:59Z", "received"),  # In Sofia it is still October.
    ("2", "2026-10-31T22:00:00Z", "received"),
    ("3", "2026-11-10T08:00:00Z", "received"),
    ("1", "2026-11-11T08:00:00Z", "answered"),
    ("1", "2026-11-12T08:00:00Z", "closed"),  # Ended once, not twice.
    ("2", "2026-11-13T08:00:00Z", "refused"),
    ("2", "2026-11-14T08:00:00Z", "reopened"),
    ("2", "2026-11-15T08:00:00Z", "answered"),
    ("4", "2026-11-30T21:59:59Z", "received"),
    ("5", "2026-11-20T08:00:00Z", "received"),
    ("5", "2026-12-02T08:00:00Z", "closed"),  # After the figures were made.
    ("6", "2026-11-30T22:00:00Z", "received"),  # December.
    ("6", "2026-11-30T23:00:00Z", "withdrawn"),
    ("3", "2026-12-01T07:00:00Z", "withdrawn"),
]


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("counted")
    entries = [journal.key_entry(datetime(2026, 10, 1, tzinfo=UTC), SIGNER.key)]
    for case, at, state in STEPS:
        entries.append(canonical({"at": at, "kind": "case", "municipality": "montana", "case": case, "state": state}))
    report = {"document": hashlib.sha256(_figures()).hexdigest(), "municipality": "montana", "month": "2026-11"}
    entries.append(canonical({"at": "2026-12-02T09:00:00Z", "kind": "report", **report}))
    edge = Edge(0)
    for entry in entries:
        edge.add(entry)
    for tile, data in edge.changed():
        file = folder / tile.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    (folder / "checkpoint").write_text(SIGNER.note(checkpoint_text(SIGNER.key.name, edge.size, edge.root)))
    return folder


async def test_figures_that_follow_from_the_entries_are_confirmed(counted: Path) -> None:
    report = await _check(counted, figures=[_figures()])
    assert report.is_well, report.findings
    assert {"figures", "report"} <= set(report.codes("good"))


@pytest.mark.parametrize("change", [{"filed": 5}, {"ended": 2}, {"open": {"count": 3}}, {"municipality": "belene"}])
async def test_figures_that_do_not_follow_are_named(counted: Path, change: dict[str, Any]) -> None:
    report = await _check(counted, figures=[_figures(**change)])
    assert set(report.codes()) == {"figures-differ"}


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"schema":"gishe-figures/1"}', _figures(open=None)])
async def test_what_is_no_document_of_figures_is_told(counted: Path, document: bytes) -> None:
    assert (await _check(counted, figures=[document])).codes() == ["figures"]
