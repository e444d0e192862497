"""Names of municipalities and settlements: they say where, never what, so ranking passes over them."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from . import sounds, text

_REMEMBERED: Final = 8_192


class Places:
    """Finds place names of one or two words, in either script."""

    def __init__(self, municipalities: Iterable[Mapping[str, Any]]) -> None:
        self._always: set[str] = set()  # municipalities: noise wherever they stand
        self._single: set[str] = set()
        self._double: set[tuple[str, str]] = set()
        self._seen: dict[str, bool] = {}
        for municipality in municipalities:
            self._add(municipality.get("name") or {}, self._always)
            for settlement in municipality.get("settlements") or ():
                self._add(settlement.get("name") or {}, self._single)
        self._ends = self._always | self._single | {second for _, second in self._double}

    def _add(self, name: Mapping[str, str], single: set[str]) -> None:
        parts = [sounds.cyrillic_key(word) for word in text.words(text.clean(name.get("bg", "")))]
        if len(parts) == 1:
            single.add(parts[0])
        elif len(parts) == 2:
            self._double.add((parts[0], parts[1]))

    def marked(self, typed: list[str], known: Mapping[str, int]) -> set[int]:
        """Return the places in the question of words that belong to a name; `known` are forms of other meaning."""
        marked: set[int] = set()
        for place, word in enumerate(typed):
            if not self._concerned(word):
                continue
            keys = _keys(word)
            if any(key in self._always or (key in self._single and key not in known) for key in keys):
                marked.add(place)
            if place and any((a, b) in self._double for a in _keys(typed[place - 1]) for b in keys):
                marked.update((place - 1, place))
        return marked

    def _concerned(self, word: str) -> bool:
        """Tell whether a word is a name or the end of one; remembered, since most words never are."""
        known = self._seen.get(word)
        if known is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            known = self._seen[word] = not self._ends.isdisjoint(_keys(word))
        return known


@lru_cache(maxsize=4_096)
def _keys(word: str) -> tuple[str, ...]:
    return tuple(sounds.latin_keys(word)) if text.is_latin(word) else (sounds.cyrillic_key(word),)
