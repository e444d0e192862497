"""Sealing: every entry gets one place, late commits and kills included, and what is sealed is never changed."""

import asyncio
import multiprocessing
import os
import random
from pathlib import Path

import orjson
import pytest
from sqlalchemy import func, select

from bot.log_sources import Tables
from storage import journal, log, people
from storage.audit import Audit
from storage.audit_findings import Report
from storage.database import Store
from storage.merkle import consistent, included, leaf_hash
from storage.models import journal_heads, journal_queue, openings
from storage.notes import COSIGNATURE, Checkpoint, Signer
from storage.sealing import WrongKey, seal, seal_all

SIGNER = Signer("gishe.example/log", bytes(range(32)))


async def records(store: Store, *what: str) -> None:
    """Several entries in one transaction."""
    async with store.writing() as db:
        for one in what:
            journal.record(db, "export", {"what": one}, {"secret": one})


async def what_is_sealed(store: Store) -> list[str]:
    async with store.reading() as db:
        row = await log.head(db)
        assert row is not None
        found = [orjson.loads(await log.entry(db, position) or b"") for position in range(row.size)]
    return [entry["what"] for entry in found if entry["kind"] == "export"]


async def audit(store: Store, **more: object) -> Report:
    return await Audit(Tables(store), keys=[SIGNER.key], **more).run()  # type: ignore[arg-type]


async def test_entries_get_their_places_in_the_order_of_their_commits(store: Store) -> None:
    await records(store, "a", "b")
    first = await seal_all(store, SIGNER)
    assert await seal_all(store, SIGNER) is None
    await records(store, "c")
    second = await seal_all(store, SIGNER)
    assert await what_is_sealed(store) == ["a", "b", "c"]
    assert first is not None
    assert second is not None
    async with store.reading() as db:
        proof = await log.consistency(db, first.size, second.size)
        places = [(row.position, row.content) for row in await db.rows(select(openings).order_by(openings.c.position))]
        entry = await log.entry(db, second.size - 1)
        inclusion = await log.inclusion(db, second.size - 1, second.size)
    assert consistent(first.size, second.size, first.root, second.root, proof)
    assert entry is not None
    assert included(second.size - 1, second.size, leaf_hash(entry), inclusion, second.root)
    assert places == [(first.size - 2, '{"secret":"a"}'), (first.size - 1, '{"secret":"b"}'),
                      (first.size, '{"secret":"c"}')]  # fmt: skip
    assert (await audit(store, heads=[first, second])).is_well


async def test_the_journal_begins_by_naming_its_key(store: Store) -> None:
    head = await seal_all(store, SIGNER)
    assert head is not None
    async with store.reading() as db:
        assert orjson.loads(await log.entry(db, 0) or b"")["key"] == str(SIGNER.key)
        assert await log.keys(db) == [SIGNER.key]
    with pytest.raises(WrongKey):
        async with store.writing() as db:
            await seal(db, Signer("gishe.example/log", bytes(32)))


async def test_it_grows_over_many_tiles_some_at_a_time(sqlite_store: Store) -> None:
    chance = random.Random(1)
    written: list[str] = []
    heads: list[Checkpoint] = []
    while len(written) < 1400:
        some = [f"{len(written) + number}" for number in range(chance.randrange(1, 200))]
        await records(sqlite_store, *some)
        written += some
        async with sqlite_store.writing() as db:
            head = await seal(db, SIGNER, most_bytes=chance.choice([1, 5_000, 1_000_000]))
        if head:
            heads.append(head)
    await seal_all(sqlite_store, SIGNER)
    assert await what_is_sealed(sqlite_store) == written
    report = await audit(sqlite_store, heads=heads)
    assert report.is_well, report.findings
    assert report.codes("good").count("head") == len(heads)


async def test_a_turn_that_commits_late_is_not_passed_over(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("there one writes at a time")
    async with store.writing() as late:
        journal.record(late, "export", {"what": "late"})
        await late.finish()
        late.entries.clear()
        await records(store, "early")
        await seal_all(store, SIGNER)
        assert await what_is_sealed(store) == ["early"]
    await seal_all(store, SIGNER)
    assert await what_is_sealed(store) == ["early", "late"]
    assert (await audit(store)).is_well


async def test_two_processes_that_seal_at_once_agree(store: Store) -> None:
    other = Store(store.url.render_as_string(hide_password=False))
    try:
        for _ in range(5):
            await asyncio.gather(*(records(one, "a", "b") for one in (store, other) for _ in range(5)))
            await asyncio.gather(seal_all(store, SIGNER), seal_all(other, SIGNER))
    finally:
        await other.close()
    assert len(await what_is_sealed(store)) == 100
    assert (await audit(store)).is_well


async def test_what_fails_while_sealing_changes_nothing(store: Store) -> None:
    await records(store, "a")
    await seal_all(store, SIGNER)
    await records(store, "b")

    async def fail() -> None:
        async with store.writing() as db:
            await seal(db, SIGNER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await what_is_sealed(store) == ["a"]
    await seal_all(store, SIGNER)
    assert await what_is_sealed(store) == ["a", "b"]
    assert (await audit(store)).is_well


async def test_witnesses_add_their_signatures(store: Store) -> None:
    head = await seal_all(store, SIGNER)
    assert head is not None
    witness = Signer("witness.example/w1", bytes(32), COSIGNATURE)
    stranger = Signer("stranger.example", bytes(32), COSIGNATURE)
    text = head.note.text
    given = SIGNER.note(text) + witness.line(text, 1_800_000_000) + stranger.line(text, 1_800_000_000)
    async with store.writing() as db:
        assert await log.cosign(db, given, [witness.key]) == 1
        assert await log.cosign(db, given, [witness.key]) == 0
    async with store.reading() as db:
        row = await log.head(db)
    assert row is not None
    note = Checkpoint.read(log.full_note(row)).note
    assert [signature.name for signature in note.signatures] == ["gishe.example/log", "witness.example/w1"]
    other = text.replace(f"\n{head.size}\n", f"\n{head.size + 1}\n")
    async with store.writing() as db:
        with pytest.raises(LookupError):
            await log.cosign(db, SIGNER.note(other) + witness.line(other, 1), [witness.key])


def _records_and_seals(url: str) -> None:
    """A process that does nothing else until it is killed."""

    async def work() -> None:
        store = Store(url)
        number = 0
        while True:
            async with store.writing() as db:
                ana = people.welcome(db, "paper", f"{os.getpid()} {number}", "bg").person
                assert ana
                for _ in range(40):
                    journal.record(db, "export", {"what": str(number)}, {"n": number}, person_id=ana.id)
            number += 1
            await seal_all(store, SIGNER)

    asyncio.run(work())


async def test_kill_9_while_sealing_leaves_a_whole_journal(sqlite_database_url: str, tmp_path: Path) -> None:
    chance = random.Random(5)
    context = multiprocessing.get_context("forkserver")
    store = Store(sqlite_database_url)
    heads: list[Checkpoint] = []
    try:
        for _ in range(4):
            process = context.Process(target=_records_and_seals, args=(sqlite_database_url,))
            process.start()
            before = heads[-1].size if heads else 0
            while (size := await _size(store)) <= before:
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.uniform(0, 0.1))
            process.kill()
            await asyncio.to_thread(process.join)
            assert size > before
            async with store.reading() as db:
                row = await log.head(db)
            assert row is not None
            heads.append(Checkpoint.read(row.note))
            report = await audit(store, heads=heads)
            assert report.is_well, report.findings
        await seal_all(store, SIGNER)
        async with store.reading() as db:
            kept = await db.value(select(func.count()).select_from(openings))
            assert kept == await db.value(select(func.count(openings.c.position)))
            assert await db.value(select(func.count()).select_from(journal_queue)) == 0
        assert len(await what_is_sealed(store)) == kept
    finally:
        await store.close()


async def _size(store: Store) -> int:
    async with store.reading() as db:
        return await db.value(select(func.max(journal_heads.c.size))) or 0
