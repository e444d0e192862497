"""Erasing personal data: the words are gone, everything else verifies, and nothing vanishes silently."""

import json
from datetime import date

import pytest
from sqlalchemy import func, select, text, update

from bot import own_journal
from storage import erasure, journal, people, receipts
from storage.audit_findings import Report
from storage.models import files, incoming, openings, outgoing, unanswered
from storage.notes import Checkpoint, Signer
from storage.sealing import seal_all
from tests.town import Town

SIGNER = Signer("gishe.example/log", bytes(range(32)))
REASON = "on request"


async def person_of(town: Town, name: str) -> int:
    async with town.store.reading() as db:
        found = (await people.meet(db, "paper", [name]))[name].person
    assert found
    return found.id


async def audit(town: Town, *heads: Checkpoint) -> Report:
    return await own_journal.check_store(town.store, heads)


async def everything(town: Town) -> str:
    """All that the database holds about anybody, as text."""
    async with town.store.reading() as db:
        names = ("incoming", "outgoing", "openings", "unanswered", "conversations", "receipts")
        rows = [row for name in names for row in await db.rows(text(f"SELECT * FROM {name}"))]
    return json.dumps([list(row) for row in rows], default=str, ensure_ascii=False)


async def test_somebody_who_asks_for_it_is_forgotten_and_everything_still_verifies(town: Town) -> None:
    for name in ("ana", "ben"):
        await town.citizen(name).says(f"Аз съм {name} и искам хвърчащ килим")
        await town.citizen(name).sends_photo(f"Снимка на {name}")
    ana = await person_of(town, "ana")
    async with town.store.writing() as db:
        journal.record(db, "look", {"role": "monitor"}, {"who": "ana"}, person_id=ana)
    before = await seal_all(town.store, SIGNER)
    assert before is not None
    async with town.store.writing() as db:
        done = await erasure.erase(db, ana, REASON, forget_address=True)
    after = await seal_all(town.store, SIGNER)
    assert after is not None
    left = await everything(town)
    assert "Аз съм ana" not in left
    assert "Снимка на ana" not in left
    assert "Аз съм ben" in left
    report = await audit(town, before, after)
    assert report.is_well, report.findings
    [note] = [finding.values for finding in report.findings if finding.code == "openings-erased"]
    assert note["count"] == done.entries > 4
    [told] = [finding.values for finding in report.findings if finding.code == "erased"]
    assert (told["count"], told["reason"]) == (done.entries, REASON)
    await town.ana.says("Отново аз")  # They are somebody new.
    assert await person_of(town, "ana") != ana


async def test_a_hundred_are_erased_without_a_false_alarm(sqlite_town: Town) -> None:
    town = sqlite_town
    names = [f"citizen {number}" for number in range(110)]
    for name in names:
        await town.citizen(name).says(f"/help {name}")
    head = await seal_all(town.store, SIGNER)
    assert head is not None
    for name in names[:100]:
        async with town.store.writing() as db:
            await erasure.erase(db, (await people.meet(db, "paper", [name]))[name].person.id, REASON)  # type: ignore[union-attr]
    newest = await seal_all(town.store, SIGNER)
    assert newest is not None
    report = await audit(town, head, newest)
    assert report.is_well, report.findings
    async with town.store.reading() as db:
        assert await db.value(select(func.count()).where(incoming.c.salt.is_not(None))) == 10
        assert await db.value(select(func.count()).where(outgoing.c.salt.is_not(None))) == 10


async def test_who_erases_without_saying_so_is_found(town: Town) -> None:
    await town.ana.says("/help")
    await seal_all(town.store, SIGNER)
    async with town.store.writing() as db:
        await db.execute(update(incoming).values(content={"text": ""}, salt=None))
        await db.execute(outgoing.delete())
    assert sorted((await audit(town)).codes()) == ["no-tombstone", "opening-missing"]


async def test_open_matters_stay_and_the_receipt_of_erased_contents_says_so(town: Town) -> None:
    await town.ana.says("/help")
    ana = await person_of(town, "ana")
    async with town.store.writing() as db:
        token = receipts.make(db, "MON-2026-000001-K", "filed", {"text": "Лампата"}, municipality="montana",
                              language="bg", person_id=ana, due=date(2026, 12, 31))  # fmt: skip
    async with town.store.writing() as db:
        await erasure.erase(db, ana, REASON)
    await seal_all(town.store, SIGNER)
    async with town.store.reading() as db:
        document = await receipts.document(db, token)
        assert document is not None
        assert "Лампата" in document["opening"]["content"]  # The receipt of a matter that is not erased.
    async with town.store.writing() as db:
        await db.execute(update(openings).where(openings.c.kind == "receipt").values(about=None))
        await erasure.erase(db, ana, REASON)
    async with town.store.reading() as db:
        document = await receipts.document(db, token)
    assert document is not None
    assert document["opening"]["reason"] == REASON
    await seal_all(town.store, SIGNER)
    assert (await audit(town)).is_well


async def test_what_waits_to_be_sent_is_not_sent_and_files_that_nobody_needs_are_named(town: Town) -> None:
    await town.ana.says("Имам въпрос за дракони")
    ana = await person_of(town, "ana")
    async with town.store.writing() as db:
        place = (await people.conversations_of(db, ana))[0].id
        for number, digest in enumerate(("aa" * 32, "bb" * 32)):
            db.add(files, id=number + 1, conversation_id=place, digest=digest, name="a.jpg", mime="image/jpeg", size=1,
                   at=db.now)  # fmt: skip
        await db.flush()
        done = await erasure.erase(db, ana, REASON)
    assert done.digests == ("aa" * 32, "bb" * 32)
    async with town.store.reading() as db:
        assert {row.state for row in await db.rows(select(outgoing.c.state))} == {"expired"}
        assert {row.question for row in await db.rows(select(unanswered.c.question))} <= {""}
    with pytest.raises(ValueError):
        async with town.store.writing() as db:
            await erasure.erase(db, ana, " ")
