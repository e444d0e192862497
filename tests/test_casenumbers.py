"""Case numbers: no gap, no number twice, and recognised however they are typed."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select
from stdnum.iso7064 import mod_37_36

from storage import casenumbers
from storage.casenumbers import CaseNumber, is_right, letters_of, mentioned, recognise
from storage.database import Store
from storage.handbook import Handbook
from storage.models import case_counters

LETTERS = {"strumyani": "STR", "montana": "MON", "ihtiman": "IHT", "belene": "BEL"}
IN_CYRILLIC = {"STR": ("СТР", "ЅТР"), "MON": ("МОН", "МОN"), "IHT": ("ИХТ", "ІНТ"), "BEL": ("БЕЛ", "ВЕЛ")}
numbers = some.builds(
    CaseNumber, some.sampled_from(sorted(LETTERS.values())), some.integers(2026, 2099), some.integers(1, 9_999_999)
)


def test_letters_of_the_four_municipalities(handbook: Handbook) -> None:
    assert letters_of(handbook.municipalities) == LETTERS
    assert letters_of(["montana", "monastir"]) == {"montana": "MON", "monastir": "MONA"}


@given(numbers)
def test_a_number_is_found_however_it_is_typed(number: CaseNumber) -> None:
    written = str(number)
    letters, year, _running, last = written.split("-")
    assert mod_37_36.is_valid(written.replace("-", ""))
    short = str(number.running)
    spellings = [
        written, written.lower(), written.replace("-", ""), written.replace("-", " "), written.replace("-", "–"),
        f"{letters}{year}{short}{last}", f"{letters} {year} {short} {last}".lower(), f"№ {written}.",
        f"По {written}, моля кажете докъде е", written.replace("0", "O"), f"({letters}/{year}/{short}/{last})",
        *(written.replace(letters, cyrillic) for cyrillic in IN_CYRILLIC[letters]),
        written.translate(str.maketrans("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")).lower(),
    ]  # fmt: skip
    for typed in spellings:
        assert recognise(typed, LETTERS.values()) == written, typed


@given(numbers, some.data())
def test_one_wrong_character_is_noticed(number: CaseNumber, data: some.DataObject) -> None:
    written = str(number)
    place = data.draw(some.sampled_from([at for at, sign in enumerate(written) if sign != "-"]))
    pool = "0123456789" if written[place].isdecimal() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    wrong = written[:place] + data.draw(some.sampled_from(pool.replace(written[place], ""))) + written[place + 1 :]
    assert not is_right(wrong)
    alike = {"O": "0", "I": "1", "L": "1", "0": "O", "1": "I"}  # Read alike on paper, they are taken as one.
    if alike.get(wrong[place]) != written[place] and not {wrong[place], written[place]} <= set("1IL"):
        assert recognise(wrong, LETTERS.values()) != written


@pytest.mark.parametrize(
    "text", ["", "здравейте", "2026", "MON-2026", "MON-2026-000123", "тел. 0888 123 456", "SOF-2026-000123-K",
             "MON-1999-000001-A", "MON-2026-000000-A", "а" * 5000, "MON-2026-" + "1" * 400]
)  # fmt: skip
def test_what_is_no_number_is_none(text: str) -> None:
    assert recognise(text, LETTERS.values()) is None


def test_several_in_one_message_are_all_seen() -> None:
    one, other = str(CaseNumber("MON", 2026, 7)), str(CaseNumber("BEL", 2027, 12))
    assert mentioned(f"{one} и {other.lower()}, пак {one}", LETTERS.values()) == [one, other]
    assert recognise(f"{one} и {other}", LETTERS.values()) is None  # Which of them? Nobody guesses.


class Broken(Exception):
    pass


async def test_numbers_have_no_gap_whoever_fails_meanwhile(store: Store) -> None:
    given_out = itertools.count()

    async def file(fails: bool) -> int:
        async with store.writing() as db:
            number = await casenumbers.take(db, "montana", "MON", 2026)
            next(given_out)
            if fails:
                raise Broken
        return number.running

    done = await asyncio.gather(*(file(count % 3 == 0) for count in range(60)), return_exceptions=True)
    kept = [number for number in done if isinstance(number, int)]
    assert len(kept) == 40
    assert next(given_out) == 60
    assert sorted(kept) == list(range(1, 41))
    async with store.writing() as db:
        assert (await casenumbers.take(db, "montana", "MON", 2027)).running == 1  # Each year begins anew.
        assert (await casenumbers.take(db, "belene", "BEL", 2026)).running == 1
    async with store.reading() as db:
        rows = await db.rows(select(case_counters).order_by(case_counters.c.municipality, case_counters.c.year))
    assert [tuple(row) for row in rows] == [("belene", 2026, 1), ("montana", 2026, 40), ("montana", 2027, 1)]
