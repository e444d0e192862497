"""The journal is written with what it records, and an entry commits to what it does not show."""

import struct
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select, text

from storage import journal, people, roles
from storage.canonical import by_hand, canonical, number
from storage.database import Store
from storage.models import incoming, journal_queue, openings, outgoing
from tests.town import Town


async def entries(store: Store) -> list[dict[str, Any]]:
    """What waits to be sealed, oldest first."""
    async with store.reading() as db:
        rows = await db.rows(select(journal_queue.c.entries).order_by(journal_queue.c.id))
    packed = [entry for row in rows for entry in journal.unpack(row.entries)]
    assert all(canonical(orjson.loads(entry)) == entry for entry in packed)
    return [orjson.loads(entry) for entry in packed]


# RFC 8785, appendix B.
NUMBERS = [
    ("0000000000000000", "0"), ("8000000000000000", "0"), ("0000000000000001", "5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"), ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"), ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"), ("44b52d02c7e14af6", "1e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"), ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"), ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555554", "333333333.33333325"), ("becbf647612f3696", "-0.0000033333333333333333"),
]  # fmt: skip


@pytest.mark.parametrize(("bits", "written"), NUMBERS)
def test_numbers_are_written_as_the_standard_says(bits: str, written: str) -> None:
    value = struct.unpack(">d", bytes.fromhex(bits))[0]
    assert number(value) == written
    assert canonical({"n": value}) == f'{{"n":{written}}}'.encode()


def test_documents_have_one_form() -> None:
    document = {
        "€": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
        "😀": "Emoji", "\x80": "Control", "ö": "Latin Small Letter O With Diaeresis",
    }  # fmt: skip
    keys = list(orjson.loads(canonical(document)))
    assert keys == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]
    assert canonical({"b": [1.0, True, None], "a": "версия 2.0"}) == '{"a":"версия 2.0","b":[1,true,null]}'.encode()
    with pytest.raises(TypeError):
        canonical({"n": 2**53 + 1})


async def test_what_is_heard_and_said_is_journalled_without_its_words(town: Town) -> None:
    before = len(await entries(town.store))
    await town.ana.says("Къде да платя данък сгради?")
    fresh = (await entries(town.store))[before:]
    assert [entry["kind"] for entry in fresh] == ["heard", "said"]
    async with town.store.reading() as db:
        theirs = await db.first(select(incoming))
        ours = await db.first(select(outgoing))
    assert theirs is not None
    assert ours is not None
    opened = journal.heard_opening(theirs.id, theirs.kind, theirs.content, theirs.person_id, theirs.said_at)
    assert fresh[0]["commitment"] == journal.commitment(theirs.salt, opened)
    assert fresh[0]["ref"] == journal.reference(theirs.id)
    answer = journal.said_opening(ours.id, ours.content, ours.answers_id)
    assert fresh[1]["commitment"] == journal.commitment(ours.salt, answer)
    assert "данък" not in str(fresh)


async def test_a_transaction_writes_one_row_and_one_that_fails_writes_none(store: Store) -> None:
    async with store.writing() as db:
        await db.execute(journal_queue.delete())

    async def fail() -> None:
        async with store.writing() as db:
            journal.record(db, "export", {"what": "cases"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await entries(store) == []
    async with store.writing() as db:
        for what in ("cases", "events"):
            journal.record(db, "export", {"what": what})
            await db.rows(text("SELECT 1"))  # Reading makes the session write what waits; the journal's row still not.
    assert [entry["what"] for entry in await entries(store)] == ["cases", "events"]
    async with store.reading() as db:
        assert len(await db.rows(select(journal_queue.c.id))) == 1


async def test_private_content_is_opened_by_its_row(store: Store) -> None:
    async with store.writing() as db:
        await db.execute(journal_queue.delete())
        ana = people.welcome(db, "paper", "ana", "bg").person
        assert ana
        row_id = journal.record(
            db, "look", {"role": "monitor"}, {"case": 7}, person_id=ana.id, about="MON-2026-000007-K"
        )
    [entry] = await entries(store)
    async with store.reading() as db:
        opening = await db.first(select(openings).where(openings.c.id == row_id))
        queued = await db.first(select(journal_queue))
    assert opening is not None
    assert queued is not None
    assert entry["commitment"] == journal.commitment(opening.salt, opening.content.encode())
    assert (opening.person_id, opening.about, opening.content) == (ana.id, "MON-2026-000007-K", '{"case":7}')
    assert queued.openings == [[0, row_id]]


async def test_numbers_of_rows_become_text_in_what_is_private(store: Store) -> None:
    async with store.writing() as db:
        row_id = journal.record(
            db, "look", {}, {"case": 2**60, "of": [2**53, {"n": -(2**62)}], "small": 7, "yes": True}
        )
    async with store.reading() as db:
        content = await db.value(select(openings.c.content).where(openings.c.id == row_id))
    assert orjson.loads(content) == {
        "case": str(2**60), "of": [str(2**53), {"n": str(-(2**62))}], "small": 7, "yes": True,
    }  # fmt: skip


async def test_what_cannot_be_an_entry_is_refused(store: Store) -> None:
    async with store.writing() as db:
        with pytest.raises(ValueError, match="itself"):
            journal.record(db, "case", {"at": "yesterday"})
        with pytest.raises(ValueError, match="private"):
            journal.record(db, "case", {"text": "a" * 70_000})
        with pytest.raises(TypeError):
            journal.record(db, "case", {"id": 2**60})


async def test_a_role_given_is_journalled(town: Town) -> None:
    async with town.store.writing() as db:
        token = roles.invite(db, "monitor", "montana")
    await town.ana.opens(token)
    found = [entry for entry in await entries(town.store) if entry["kind"] in ("invitation", "role-given")]
    assert [(entry["kind"], entry["role"], entry["municipality"]) for entry in found] == [
        ("invitation", "monitor", "montana"), ("role-given", "monitor", "montana"),
    ]  # fmt: skip


@pytest.mark.parametrize("packed", [b"\x00", b"\x00\x05abc", b"\x00\x01a\x00"])
def test_a_bundle_that_was_cut_off_is_noticed(packed: bytes) -> None:
    with pytest.raises(ValueError):
        list(journal.unpack(packed))


@given(
    some.recursive(
        some.none()
        | some.booleans()
        | some.integers(1 - 2**53, 2**53 - 1)
        | some.floats(allow_nan=False, allow_infinity=False)
        | some.text(alphabet='0123456789.eE-+:,[]{}"\\aж😀 ', max_size=24),
        lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=4), inner, max_size=4),
        max_leaves=12,
    )
)
def test_the_quick_way_gives_what_the_long_one_gives(value: Any) -> None:
    """Texts full of what looks like numbers and brackets must neither hide an odd number nor be taken for one."""
    assert canonical(value) == by_hand(orjson.loads(orjson.dumps(value))).encode()
