"""Towns and villages found in what somebody typed: in Latin letters, with mistakes; and on the map."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storage.search import sounds
from storage.search import text as letters

WORD = re.compile(r"[^\W\d_]+")
STREETS = frozenset({
    "ул", "улица", "бул", "булевард", "кв", "квартал", "жк", "пл", "площад", "ul", "ulica", "ulitsa", "bul", "bulevard",
    "kv", "jk", "street", "st",
})  # fmt: skip
ALIKE = 0.8  # Of the letters: a letter forgotten or two that changed places.
SHORTEST_GUESS = 5  # Letters; shorter words are like too many names.


@dataclass(frozen=True, slots=True)
class Settlement:
    municipality: str
    ekatte: str
    kind: str
    names: Mapping[str, str]
    is_sure: bool = True  # Or it is only like what was typed.

    def name(self, language: str) -> str:
        kind = {"town": {"bg": "гр. ", "en": ""}, "village": {"bg": "с. ", "en": ""}}.get(self.kind, {})
        return kind.get(language, "") + self.names[language]


def of(municipality: Mapping[str, Any]) -> list[Settlement]:
    return [
        Settlement(municipality["slug"], one["ekatte"], one["kind"], one["name"]) for one in municipality["settlements"]
    ]


def by_ekatte(municipality: Mapping[str, Any], ekatte: str | None) -> Settlement | None:
    return next((one for one in of(municipality) if one.ekatte == ekatte), None)


def find(typed: str, municipalities: Iterable[Mapping[str, Any]]) -> list[Settlement]:
    """The settlements that a text names; if none is named exactly, those that it may mean, each once."""
    words = list(_words(typed))
    sure, guesses = [], []
    for municipality in municipalities:
        for one in of(municipality):
            likeness = _likeness(_key(one.names["bg"]), words)
            if likeness == 1:
                sure.append(one)
            elif likeness >= ALIKE:
                guesses.append((likeness, one))
    if sure:
        return sure
    best = sorted(guesses, key=lambda found: -found[0])[:3]
    return [Settlement(one.municipality, one.ekatte, one.kind, one.names, is_sure=False) for _likeness, one in best]


def _words(typed: str) -> Iterator[tuple[str, ...]]:
    """Each word, and each two that stand together, as they sound; the name of a street is no settlement."""
    found = WORD.findall(typed.casefold())
    free = [word for place, word in enumerate(found) if not (place and found[place - 1] in STREETS)]
    for place, word in enumerate(free):
        yield _keys(word)
        if place:
            yield tuple(f"{one} {other}" for one in _keys(free[place - 1]) for other in _keys(word))


def _keys(word: str) -> tuple[str, ...]:
    return tuple(sounds.latin_keys(word)) if letters.is_latin(word) else (sounds.cyrillic_key(word),)


def _key(name: str) -> str:
    return " ".join(sounds.cyrillic_key(word) for word in WORD.findall(name.casefold()))


def _likeness(name: str, words: list[tuple[str, ...]]) -> float:
    best = 0.0
    for keys in words:
        for key in keys:
            if key == name:
                return 1.0
            if len(key) >= SHORTEST_GUESS and key[0] == name[0] and abs(len(key) - len(name)) <= 2:
                best = max(best, difflib.SequenceMatcher(None, key, name).ratio())
    return best if best < 1 else 0.99


def holds(municipality: Mapping[str, Any], lat: float, lon: float) -> bool:
    """Whether a point lies in the box around a municipality. Boxes of neighbours overlap a little."""
    box = municipality["bbox"]
    return bool(box["min_lat"] <= lat <= box["max_lat"] and box["min_lon"] <= lon <= box["max_lon"])
