"""What the engine knows of words: the stems of the handbook, and which of them a typed word stands for."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from . import glue, sounds, stems, text
from .spelling import Spelling

_CACHE: Final = 8_192
_MOST_READINGS: Final = 6  # Of a Latin word, tried for slips.
SYNONYM_WEIGHT: Final = 0.4
_SLIP_PRICE: Final = 0.3  # Weight lost for each slip of the keyboard.
_PREFIXES: Final = tuple(
    sorted(("za", "na", "ot", "do", "po", "bez", "pri", "sas", "vav", "iz"), key=len, reverse=True)
)


class Term(NamedTuple):
    """One word of a question as the index knows it."""

    number: int
    weight: float
    glue: bool


class Vocabulary:
    """Stems with numbers. Open while the index is built, closed (and able to correct spelling) afterwards."""

    def __init__(self) -> None:
        self.bulgarian: dict[str, int] = {}  # stem: number
        self.english: dict[str, int] = {}
        self.names: list[str] = []  # stem by number
        self.counts: list[int] = []  # times seen, by number
        self.glue: set[int] = set()
        self.forms: dict[str, int] = {}  # Bulgarian key: number
        self._english_forms: dict[str, int] = {}
        self._learned: dict[tuple[str, bool], int] = {}
        self._related: dict[int, list[int]] = {}
        self._leanings: dict[str, float] = {}
        self._cache: dict[tuple[str, bool], tuple[Term, ...]] = {}

    def learn(self, word: str, english: bool) -> int:
        """Add a word of the handbook and return the number of its stem."""
        number = self._learned.get((word, english))
        if number is None:
            number = self._learned[word, english] = self._learn(word, english)
        self.counts[number] += 1
        return number

    def _learn(self, word: str, english: bool) -> int:
        latin_english = english and not text.is_cyrillic(word)
        forms = self._english_forms if latin_english else self.forms
        form = word if latin_english else self._key(word)
        number = forms.get(form)
        if number is None:
            known = self.english if latin_english else self.bulgarian
            number = forms[form] = self._number(known, _english_stem(form) if latin_english else _bulgarian_stem(form))
            if form in (glue.ENGLISH if latin_english else glue.BULGARIAN):
                self.glue.add(number)
        return number

    def _key(self, word: str) -> str:
        if not text.is_latin(word):
            return sounds.cyrillic_key(word)
        keys = sounds.latin_keys(word)
        return self._known_key(keys) or keys[0]

    def _number(self, known: dict[str, int], stem: str) -> int:
        number = known.get(stem)
        if number is None:
            number = known[stem] = len(self.names)
            self.names.append(stem)
            self.counts.append(0)
        return number

    def _known_key(self, keys: Iterable[str]) -> str | None:
        """Return the reading that is known best: glue, then a known form, then a form of a known stem."""
        best, most = None, 0.0
        for key in keys:
            if key in glue.BULGARIAN and key in self.forms:
                return key
            number, trust = self.forms.get(key), 2.0
            if number is None:
                number, trust = self.bulgarian.get(_bulgarian_stem(key)), 0.5 if _trusted(key) else 0.0
            if number is not None and self.counts[number] * trust > most:
                best, most = key, self.counts[number] * trust
        return best

    def close(self, synonyms: Iterable[Sequence[str]] = ()) -> None:
        """Stop learning: join synonyms, prepare the correction of spelling."""
        self._learned.clear()
        for group in synonyms:
            self._join(group)
        self._spelling = Spelling(self.forms)
        self._english_spelling = Spelling(self._english_forms)
        self._sorted = sorted(self.bulgarian)

    def _join(self, group: Sequence[str]) -> None:
        """Let each word of a group call up the others; words the handbook never uses are of no help."""
        numbers = []
        for word in group:
            key = sounds.cyrillic_key(word)
            is_english = not text.is_cyrillic(word)
            stem = _english_stem(word) if is_english else _bulgarian_stem(key)
            number = self._number(self.english if is_english else self.bulgarian, stem)
            (self._english_forms if is_english else self.forms).setdefault(word if is_english else key, number)
            numbers.append(number)
        for number in numbers:
            self._related.setdefault(number, []).extend(other for other in numbers if other != number)

    def _with_related(self, terms: tuple[Term, ...]) -> tuple[Term, ...]:
        if not terms or terms[0].number not in self._related:
            return terms
        first = terms[0]
        more = dict.fromkeys(self._related[first.number])
        return (*terms, *(Term(number, first.weight * SYNONYM_WEIGHT, False) for number in more))

    def leaning(self, word: str) -> float:
        """Return more than 0 where Latin letters spell English, less where they spell Bulgarian."""
        known = self._leanings.get(word)
        if known is None:
            if len(self._leanings) >= _CACHE:
                self._leanings.clear()
            english = word in glue.ENGLISH or _english_stem(word) in self.english
            bulgarian = self._known_key(sounds.latin_keys(word)) is not None
            known = self._leanings[word] = 0.9 * (english - bulgarian) + (0.02 if english else 0.0)
        return known

    def read(self, word: str, english: bool) -> tuple[Term, ...]:
        """Return the terms a typed word stands for, best first; none when it is like nothing known."""
        cached = self._cache.get((word, english))
        if cached is None:
            if len(self._cache) >= _CACHE:
                self._cache.clear()
            cached = self._cache[word, english] = self._with_related(self._read(word, english))
        return cached

    def _read(self, word: str, english: bool) -> tuple[Term, ...]:
        if word.isdigit() and len(word) > 3:
            return ()
        if text.is_latin(word) and english:
            return self._read_english(word)
        keys = sounds.latin_keys(word) if text.is_latin(word) else [sounds.cyrillic_key(word)]
        known = self._known_key(keys)
        if known is not None:
            return self._known_terms(known)
        return self._guess(keys)

    def _known_terms(self, key: str) -> tuple[Term, ...]:
        """A form never seen may be a known stem, or a known form as it sounds (`строеш` for `строеж`)."""
        number = self.forms.get(key)
        if number is not None:
            return (Term(number, 1.0, number in self.glue),)
        number = self.bulgarian[_bulgarian_stem(key)]
        alike = [other for other in self._spelling.alike(key) if other != number]
        return (Term(number, 1.0, False), *(Term(other, 0.7, False) for other in alike[:1]))

    def _read_english(self, word: str) -> tuple[Term, ...]:
        number = self.english.get(_english_stem(word))
        if number is not None:
            return (Term(number, 1.0, word in glue.ENGLISH),)
        return self._weighed(self._english_spelling.nearest(word))

    def _guess(self, keys: list[str]) -> tuple[Term, ...]:
        """Try slips of the keyboard, then a beginning, a longer form, and a preposition written together."""
        near: dict[int, float] = {}
        for key in keys[:_MOST_READINGS]:
            for number, slips in self._spelling.nearest(key):
                near[number] = min(slips, near.get(number, slips))
        short = next((stem for stem in map(_bulgarian_stem, keys) if stem in self.bulgarian), None)
        if short is not None and min(near.values(), default=9.0) > 0.6:
            return (Term(self.bulgarian[short], 0.8, False),)
        if near:
            return self._weighed(list(near.items()))
        for key in keys[:3]:
            found = self._by_beginning(key) or self._by_preposition(key)
            if found:
                return found
        return ()

    def _weighed(self, near: list[tuple[int, float]]) -> tuple[Term, ...]:
        if not near:
            return ()
        least = min(slips for _, slips in near)
        close = [(number, slips) for number, slips in near if slips <= least + 0.15]
        close.sort(key=lambda item: (-self.counts[item[0]], self.names[item[0]]))
        weight = 1.0 - _SLIP_PRICE * least
        shares = zip(close[:2], (1.0, 0.6), strict=False)
        return tuple(Term(number, weight * share, number in self.glue) for (number, _), share in shares)

    def _by_beginning(self, key: str) -> tuple[Term, ...]:
        """`разреш` for `разрешение`; `скициране` for `скица` by the longest known beginning."""
        stem = _bulgarian_stem(key)
        if stem in self.bulgarian:
            return (Term(self.bulgarian[stem], 0.7, False),)
        if len(stem) >= 4:
            place = bisect_left(self._sorted, stem)
            longer = [name for name in self._sorted[place : place + 40] if name.startswith(stem)]
            if longer:
                best = max(longer, key=lambda name: self.counts[self.bulgarian[name]])
                return (Term(self.bulgarian[best], 0.7, False),)
        for end in range(len(stem) - 1, max(4, len(stem) - 5), -1):
            if stem[:end] in self.bulgarian:
                return (Term(self.bulgarian[stem[:end]], 0.6, False),)
        return ()

    def _by_preposition(self, key: str) -> tuple[Term, ...]:
        for prefix in _PREFIXES:
            if key.startswith(prefix) and len(key) > len(prefix) + 3:
                number = self.bulgarian.get(_bulgarian_stem(key[len(prefix) :]))
                if number is not None:
                    return (Term(number, 0.7, False),)
        return ()


def _trusted(key: str) -> bool:
    """A stem that lost most of its word meets strangers; the spelling of the whole word is asked first."""
    stem = _bulgarian_stem(key)
    return len(stem) > 3 or len(key) - len(stem) <= 2


def _bulgarian_stem(key: str) -> str:
    """Glue words keep their form: `каква` and `какво` are as they are, and never meet a noun."""
    return "." + key if key in glue.BULGARIAN else stems.bulgarian(key)


def _english_stem(word: str) -> str:
    return "." + word if word in glue.ENGLISH else stems.english(word)
