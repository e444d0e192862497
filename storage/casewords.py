"""The words of cases by their stems: for search, and for how alike two reports are."""

import re
from functools import lru_cache

from sqlalchemy import delete

from storage.caserecord import Case
from storage.database import Session
from storage.models import case_words
from storage.search import sounds, stems
from storage.search import text as letters

MOST_WORDS = 60  # Of one case; a longer text is found by its beginning.
LONGEST = 32
SHORTEST = 3
WORD = re.compile(r"[^\W_]+")


def stems_of(text: str) -> list[str]:
    """The stems of the words of a text, each once, in order. Cyrillic and Latin spelling of a word meet in one."""
    found = dict.fromkeys(_stem(word) for word in WORD.findall(text.casefold()) if len(word) >= SHORTEST)
    return [stem for stem in found if stem]


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    if word.isdecimal():
        return word[:LONGEST]
    key = sounds.cyrillic_key(word) if letters.is_cyrillic(word) else sounds.latin_keys(word)[0]
    return stems.bulgarian(key)[:LONGEST].casefold()


def index(db: Session, case: Case) -> None:
    """Make a new case findable by its words, its place and who filed it."""
    for word in _words(case):
        db.add(case_words, word=word, case_id=case.id)


def _words(case: Case) -> list[str]:
    return stems_of(" ".join(filter(None, (case.name, case.place, case.title, case.text))))[:MOST_WORDS]


async def reindex(db: Session, case: Case) -> None:
    await db.execute(delete(case_words).where(case_words.c.case_id == case.id))
    index(db, case)


def likeness(one: str, other: str) -> float:
    """How many of the words of both texts are in both: 0 to 1."""
    mine, theirs = set(stems_of(one)), set(stems_of(other))
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0
