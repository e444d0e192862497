"""Case numbers: `MON-2026-000123-K`, made without gaps and recognised however they are typed.

The last character is a check by ISO 7064 mod 37,36: one wrong character, or two that changed places, is noticed.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

from storage.database import Session
from storage.models import case_counters

DIGITS = 6  # Of the running number as written; a larger one is written as it is.
MOST_DIGITS = 8
LETTERS = 3
FIRST_YEAR, LAST_YEAR = 2020, 2099  # So that "20" in "MON20261234" is never part of a running number.
# What a Cyrillic letter may stand for: the Latin letter that looks alike, or the one that sounds alike.
CYRILLIC = {
    "А": "A", "Б": "B", "В": "BV", "Г": "G", "Д": "D", "Е": "E", "Ж": "J", "З": "Z3", "И": "I", "Й": "JY", "К": "K",
    "Л": "L", "М": "M", "Н": "HN", "О": "O", "П": "P", "Р": "PR", "С": "CS", "Т": "T", "У": "YU", "Ф": "F", "Х": "XH",
    "Ц": "C", "Ч": "C", "Ш": "W", "Щ": "W", "Ъ": "A", "Ь": "B", "Ю": "U", "Я": "Q", "І": "I", "Ѕ": "S", "Ј": "J",
}  # fmt: skip
AS_DIGIT = str.maketrans({"O": "0", "О": "0", "I": "1", "І": "1", "L": "1", "З": "3"})  # Where only digits stand.
_DIGIT = "[0-9OОIІLЗ]"
# Letters, year, running number, check: with anything or nothing between them that is no letter and no digit.
SHAPE = re.compile(
    rf"(?<!\w)([^\W\d_]{{{LETTERS},5}})[\W_]{{0,3}}(2[0OО]{_DIGIT}{{2}})[\W_]{{0,3}}({_DIGIT}{{1,{MOST_DIGITS}}})"
    r"[\W_]{0,3}([^\W_])(?![^\W_])"
)
_VALUES = {"municipality": bindparam("municipality"), "year": bindparam("year"), "last": 1}
_KEY = [case_counters.c.municipality, case_counters.c.year]
_NEXT = {"last": case_counters.c.last + 1}
NEXT = {
    "sqlite": sqlite.insert(case_counters).values(_VALUES).on_conflict_do_update(index_elements=_KEY, set_=_NEXT)
    .returning(case_counters.c.last),
    "postgresql": postgresql.insert(case_counters).values(_VALUES).on_conflict_do_update(
        index_elements=_KEY, set_=_NEXT
    ).returning(case_counters.c.last),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseNumber:
    letters: str
    year: int
    running: int

    def __str__(self) -> str:
        body = f"{self.letters}-{self.year}-{self.running:0{DIGITS}}"
        return f"{body}-{check(self.letters, self.year, self.running)}"


def check(letters: str, year: int, running: int) -> str:
    """The check character. It covers the number as written, leading zeros included."""
    return str(mod_37_36.calc_check_digit(f"{letters}{year}{running:0{DIGITS}}"))


async def take(db: Session, municipality: str, letters: str, year: int) -> CaseNumber:
    """The next number of a municipality and year.

    The counter's row stays locked until the transaction ends, and goes back with it: no gap, and no number twice.
    """
    running = await db.value(NEXT[db.connection.dialect.name], municipality=municipality, year=year)
    return CaseNumber(letters, year, running)


def letters_of(slugs: Iterable[str]) -> dict[str, str]:
    """The letters of each municipality: the first three of its name, one more where another has those already."""
    given: dict[str, str] = {}
    for slug in slugs:
        plain = slug.replace("-", "").upper()
        sizes = range(LETTERS, len(plain) + 1)
        given[slug] = next((plain[:size] for size in sizes if plain[:size] not in given.values()), plain)
    return given


def recognise(typed: str, letters: Iterable[str]) -> str | None:
    """The one case number that somebody typed, as it is written, or None."""
    found = mentioned(typed, letters)
    return found[0] if len(found) == 1 else None


def mentioned(text: str, letters: Iterable[str]) -> list[str]:
    """The case numbers that stand in a text, as they are written, each once."""
    known = set(letters)
    plain = unicodedata.normalize("NFKC", text.replace("№", " ")).upper()
    return list(dict.fromkeys(str(number) for match in SHAPE.finditer(plain) for number in _meant(match, known)))


def _meant(match: re.Match[str], known: set[str]) -> Iterator[CaseNumber]:
    """The readings of what was typed whose check is right. Of several, the letters as they look come first."""
    letters, year, running, last = match.groups()
    in_year, nth = (int(part.translate(AS_DIGIT)) for part in (year, running))
    if not FIRST_YEAR <= in_year <= LAST_YEAR or nth == 0:
        return
    for reading in _readings(letters):
        if reading in known:
            number = CaseNumber(reading, in_year, nth)
            if check(number.letters, number.year, number.running) in _check_readings(last):
                yield number
                return


def _readings(letters: str) -> Iterator[str]:
    for reading in itertools.product(*(_latin(letter) for letter in letters)):
        yield "".join(reading)


def _latin(letter: str) -> Sequence[str]:
    return CYRILLIC.get(letter, letter)


def _check_readings(last: str) -> set[str]:
    """What the check character may have been: letters and digits that look alike are one in handwriting."""
    alike = {"0": "0O", "O": "0O", "1": "1IL", "I": "1IL", "L": "1IL"}
    return {other for reading in _latin(last) for other in alike.get(reading, reading)}


def is_right(number: str) -> bool:
    """Whether a number, exactly as we write it, has the right check character."""
    try:
        mod_37_36.validate(number.replace("-", ""))
    except ValidationError:
        return False
    return True
