"""A question as read: its words in order, the terms they stand for, its script and language."""

from typing import NamedTuple

from . import glue, text
from .places import Places
from .vocabulary import Term, Vocabulary


class Word(NamedTuple):
    """One typed word and what it may stand for."""

    typed: str
    terms: tuple[Term, ...]
    place: bool = False  # part of the name of a town or village


class Reading(NamedTuple):
    """A question after reading."""

    words: tuple[Word, ...]
    script: str  # cyr, latn-bg or en
    language: str  # bg or en

    @property
    def english(self) -> bool:
        return self.script == "en"


def read(question: str, vocabulary: Vocabulary, places: Places) -> Reading:
    """Read a question; words that name a place keep no terms."""
    plain = text.clean(question)
    typed = text.words(plain)
    script = script_of(plain, typed, vocabulary)
    english = script == "en"
    names = places.marked(typed, vocabulary.forms)
    found = [
        Word(word, (), True) if number in names else Word(word, vocabulary.read(word, english))
        for number, word in enumerate(typed)
    ]
    return Reading(tuple(found), script, "en" if english else "bg")


def script_of(plain: str, typed: list[str], vocabulary: Vocabulary) -> str:
    """Tell Bulgarian in Latin letters from English by the words that only one of them has."""
    cyrillic, latin = text.letters(plain)
    if cyrillic >= latin:
        return "cyr"
    votes = sum(_vote(word, vocabulary) for word in typed if text.is_latin(word))
    return "en" if votes > 0 else "latn-bg"


def _vote(word: str, vocabulary: Vocabulary) -> float:
    """Return more than 0 for English, less for Bulgarian."""
    if word in glue.ENGLISH_ONLY:
        return 1.0
    return vocabulary.leaning(word)
