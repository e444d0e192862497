"""What phrases and questions are compared by: stems, and pairs of stems that stand together more than once."""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from .bank import Phrase
from .reading import Reading
from .vocabulary import Vocabulary

PAIR_WEIGHT: Final = 0.4
GLUE_WEIGHT: Final = 0.4
_PAIR_BASE: Final = 1 << 20


class Feature(NamedTuple):
    """A stem or pair found in a question."""

    number: int
    trust: float  # 1 for what was typed, less for what was guessed
    word: int  # the place of the word in the question
    main: bool  # the first reading of the word; other readings add likeness but no length


class Learned(NamedTuple):
    """A phrase as the index keeps it while it is built."""

    target: int  # number of the class
    phrase: Phrase
    features: tuple[int, ...]


class Features:
    """Numbers of stems (first) and of pairs (after them)."""

    def __init__(self, vocabulary: Vocabulary, phrases: Iterable[Sequence[int]]) -> None:
        """`phrases` are the stems of every phrase, in order."""

        self._glue_stems = vocabulary.glue
        self.stems = len(vocabulary.names)
        counts: Counter[int] = Counter()
        for terms in phrases:
            counts.update(set(self._pair_keys(terms)))
        kept = (pair for pair, count in counts.items() if count > 1)
        self._pairs = array("Q", sorted(kept))  # The place of a pair is its number, counted from the stems on.
        self.count = self.stems + len(self._pairs)
        # A pair of glue is glue, too.
        self.glue = vocabulary.glue | {
            number
            for number, pair in enumerate(self._pairs, self.stems)
            if pair // _PAIR_BASE in vocabulary.glue and pair % _PAIR_BASE in vocabulary.glue
        }
        english = set(vocabulary.english.values())
        firsts = (*range(self.stems), *(pair // _PAIR_BASE for pair in self._pairs))
        self.english = bytes(first in english for first in firsts)  # By number: 1 for English stems and their pairs.

    def _pair(self, key: int) -> int | None:
        place = bisect_left(self._pairs, key)
        return self.stems + place if place < len(self._pairs) and self._pairs[place] == key else None

    def _pair_keys(self, terms: Sequence[int]) -> list[int]:
        """Neighbours as typed, and neighbours when glue is left out."""
        keys = [a * _PAIR_BASE + b for a, b in pairwise(terms)]
        content = [term for term in terms if term not in self._glue_stems]
        if len(content) < len(terms):
            keys += [a * _PAIR_BASE + b for a, b in pairwise(content)]
        return keys

    def of_phrase(self, terms: Sequence[int]) -> tuple[int, ...]:
        """Return the features of a phrase, each once."""
        known = [number for key in self._pair_keys(terms) if (number := self._pair(key)) is not None]
        return tuple(dict.fromkeys((*terms, *known)))

    def of_question(self, reading: Reading) -> list[Feature]:
        """Return the features of a question, each once, with the trust they deserve."""
        found: dict[int, Feature] = {}
        order: list[int] = []
        for place, word in enumerate(reading.words):
            for rank, term in enumerate(word.terms):
                if term.number not in found or found[term.number].trust < term.weight:
                    found[term.number] = Feature(term.number, term.weight, place, not rank)
            if word.terms:
                order.append(word.terms[0].number)
        for key in self._pair_keys(order):
            number = self._pair(key)
            if number is not None and number not in found:
                found[number] = Feature(number, 1.0, found[key // _PAIR_BASE].word, True)
        return list(found.values())

    def usual_weight(self, number: int) -> float:
        """Return what a feature counts beside a stem with a meaning of its own."""
        if number >= self.stems:
            return PAIR_WEIGHT
        return GLUE_WEIGHT if number in self.glue else 1.0
