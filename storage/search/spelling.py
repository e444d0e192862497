"""Nearest known word for a misspelt one: an index of known forms with one letter left out, kept in flat arrays.

Two forms within one slip of each other (a letter missing, added, wrong, or two exchanged) have a remainder with
at most one letter left out in common. Only the checksums of the remainders are kept, sorted
(Python's own hash of a text differs from process to process, and the index is built in another one); candidates are
then compared letter by letter, so a collision costs time and never correctness.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from operator import ne
from typing import Final
from zlib import crc32

from . import sounds

_SHORTEST: Final = 4  # Shorter words have too many neighbours.
_LONG: Final = 7  # From here on two slips are forgiven.
_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEAR: Final = frozenset(
    pair for row in _ROWS for a, b in pairwise(row) for pair in (a + b, b + a)
)  # Keys side by side, on the phonetic layout that most phones offer.


def _shortened(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        if not place or word[place] != word[place - 1]:
            yield word[:place] + word[place + 1 :]


def distance(one: str, other: str, most: int = 2) -> float:
    """Count slips between two words, exchanged letters and neighbours on the keyboard a little cheaper."""
    if abs(len(one) - len(other)) > most:
        return most + 1.0
    start, shorter = 0, min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return _slips(one[start : len(one) - end], other[start : len(other) - end], most)


def _slips(one: str, other: str, most: int) -> float:
    """Compare what is left between the common beginning and end."""
    if not one or not other:
        return float(len(one) + len(other))
    before: list[float] = []
    row: list[float] = [float(n) for n in range(len(other) + 1)]
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [float(i)]
        for j, b in enumerate(other, 1):
            change = 0.0 if a == b else 0.8 if a + b in _NEAR else 1.0
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + change)
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                best = min(best, earlier[j - 2] + 0.8)
            row.append(best)
        if min(row) > most:
            return most + 1.0
    return row[-1]


class Spelling:
    """Finds the known word forms nearest to an unknown one."""

    def __init__(self, forms: Mapping[str, int]) -> None:
        """`forms` gives each known form the number of its stem."""
        self._forms = [form for form in forms if len(form) >= _SHORTEST and form.isalpha()]
        self._numbers = array("H", (forms[form] for form in self._forms))
        pairs = sorted(
            crc32(left.encode()) << 20 | place
            for place, form in enumerate(self._forms)
            for left in _shortened(sounds.loose(form))
        )
        self._hashes = array("I", (pair >> 20 for pair in pairs))
        self._places = array("H", (pair & 0xFFFFF for pair in pairs))

    def nearest(self, word: str) -> list[tuple[int, float]]:
        """Return (number of the stem, slips), nearest first, at most four."""
        if len(word) < _SHORTEST:
            return []
        # ц is one sound in the key, but two letters when т and с were exchanged with others.
        ears = [sounds.loose(spelt) for spelt in ((word, word.replace("c", "ts")) if "c" in word else (word,))]
        found: dict[int, float] = {}
        for ear in ears:
            found = found or self._within(word, ear, _shortened(ear), 1.0)
        if not found and len(word) >= _LONG:
            twice = dict.fromkeys(left for once in _shortened(ears[0]) for left in _shortened(once))
            found = self._within(word, ears[0], twice, 2.0)
        return sorted(found.items(), key=lambda item: (item[1], item[0]))[:4]

    def alike(self, word: str) -> list[int]:
        """Return the stems of known forms that sound the same."""
        return [
            number for number, _ in sorted(self._within(word, sounds.loose(word), [sounds.loose(word)], 0.7).items())
        ]

    def _within(self, word: str, ear: str, lefts: Iterable[str], most: float) -> dict[int, float]:
        seen: set[int] = set()
        hashes, places, known = self._hashes, self._places, len(self._hashes)
        for left in lefts:
            wanted = crc32(left.encode())
            at = bisect_left(hashes, wanted)
            while at < known and hashes[at] == wanted:
                seen.add(places[at])
                at += 1
        found: dict[int, float] = {}
        for place in seen:
            slips = _by_ear(word, ear, self._forms[place])
            if slips <= most and slips < found.get(self._numbers[place], 9.0):
                found[self._numbers[place]] = slips
        return found


def _by_ear(word: str, ear: str, form: str) -> float:
    """Letters that sound alike are confused easily; a wrong first letter is rarer and counts more."""
    other = sounds.loose(form)
    if ear == other:
        confused: int = sum(map(ne, word, form))
        return min(1.0, 0.4 + 0.3 * confused)
    slips = distance(ear, other) + (0.2 if ear[0] != other[0] else 0.0)
    # A wrong letter in so short a word is as likely another word; a letter left out is not.
    return slips + 1.0 if slips > 0.8 and len(ear) <= _SHORTEST and len(other) <= len(ear) else slips
