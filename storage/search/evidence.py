"""From scores to a judgement: how likely each class is, how much of the question it explains."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from .features import Feature
from .index import Found, Index
from .reading import Reading

NEAREST_WEIGHT: Final = 10.0  # What a perfect likeness to one phrase is worth beside the sum over words.
TEMPERATURE: Final = 1.6  # Fitted so that shares come true about as often as they say.
_UNKNOWN_RARITY: Final = 7.0  # A word that nothing in the handbook uses is as rare as they come.
_WITHIN: Final = 0.33  # Of the best score; who has less is not ranked.
_NEGLIGIBLE: Final = 9.0  # Scores so far below the best (in temperatures) share nothing.


class Evidence(NamedTuple):
    """What speaks for the classes, best first."""

    ranked: list[int]
    scores: dict[int, float]
    shares: dict[int, float]  # sum to 1
    nearest: dict[int, float]
    intents: dict[str, float]


def weigh(found: Found) -> Evidence:
    """Add the two views of the index and turn the sums into shares."""
    scores, nearest = found.classes, found.nearest
    for number, cosine in nearest.items():
        scores[number] = scores.get(number, 0.0) + NEAREST_WEIGHT * cosine
    if not scores:
        return Evidence([], {}, {}, {}, found.intents)
    best = max(scores.values())
    within = best * _WITHIN
    ranked = sorted([n for n, score in scores.items() if score >= within], key=scores.__getitem__, reverse=True)
    raw: dict[int, float] = {}
    for number in ranked:
        below = (best - scores[number]) / TEMPERATURE
        if below > _NEGLIGIBLE:
            break
        raw[number] = math.exp(-below)
    total = sum(raw.values())
    shares = {number: value / total for number, value in raw.items()}
    return Evidence(ranked, scores, shares, nearest, found.intents)


class Explainer:
    """Says which words of a question speak for a class, and what part of the question that is."""

    def __init__(self, index: Index, reading: Reading, features: Sequence[Feature]) -> None:
        self._index, self._reading, self._features = index, reading, features
        stems, glue = index.features.stems, index.features.glue
        self._content = [feature for feature in features if feature.number < stems and feature.number not in glue]
        unknown = sum(1 for word in reading.words if not word.terms and not word.place and not word.typed.isdigit())
        self._coverage: dict[int, float] = {}
        self._rarity: dict[int, float] = {}  # of the rarest stem of each word
        for feature in self._content:
            value = index.phrases.rarity(feature.number)
            self._rarity[feature.word] = max(value, self._rarity.get(feature.word, 0.0))
        self.unknown = unknown
        self.total = sum(self._rarity.values()) + _UNKNOWN_RARITY * unknown

    @property
    def unknown_share(self) -> float:
        return self.unknown / max(1, len(self._reading.words))

    def coverage(self, number: int) -> float:
        """Return the part of the question, rare words counting more, that the class has words for."""
        known = self._coverage.get(number)
        if known is None:
            known = self._coverage[number] = self._covered(number) / self.total if self.total else 0.0
        return known

    def _covered(self, number: int) -> float:
        words = {f.word for f in self._content if self._index.classes.weight(f.number, number) > 0.0}
        return sum([self._rarity[word] for word in words])

    def why(self, number: int, most: int = 3) -> tuple[str, ...]:
        """Return the typed words that spoke loudest for the class."""
        worth: dict[int, float] = {}
        for feature in self._content or self._features:
            weight = self._index.classes.weight(feature.number, number) * feature.trust
            if weight > 0.0:
                worth[feature.word] = worth.get(feature.word, 0.0) + weight
        loudest = sorted(worth, key=lambda word: -worth[word])[:most]
        return tuple(self._reading.words[word].typed for word in sorted(loudest))
