"""The phrase view: how near a question is to single phrases, because one good phrasing should be enough."""

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from .features import Feature, Features, Learned

ENOUGH_CONTENT: Final = 3  # Stems and pairs beside which glue is not compared.
COMMON: Final = 200  # Phrases with a feature, from where on they are also kept as marks, one for every phrase.
ENOUGH: Final = 80  # Phrases compared that share the rarest features; commoner ones open no more …
MANY: Final = 400  # … nor does a feature that would open more than this, unless nothing is open yet.


class PhraseView:
    """Cosine of inverse-document-frequency weights; phrases by feature lie one after another in a flat array."""

    def __init__(self, features: Features, learned: Sequence[Learned]) -> None:
        self._features = features
        compared = [(target, found) for target, phrase, found in learned if phrase.near and found]
        rows: list[list[int]] = [[] for _ in range(features.count)]
        for place, (_, found) in enumerate(compared):
            for feature in found:
                rows[feature].append(place)
        self._class_of = array("H", [target for target, _ in compared])
        self._square = array(
            "f", [self._rarity(number, len(row), len(compared)) ** 2 for number, row in enumerate(rows)]
        )
        square = self._square
        self._lengths = array("f", [math.sqrt(sum([square[f] for f in found])) or 1.0 for _, found in compared])
        self._starts, self._phrases = array("I", [0]), array("H")
        for row in rows:
            self._phrases.extend(row)
            self._starts.append(len(self._phrases))
        self._common = {number: self._marks(row) for number, row in enumerate(rows) if len(row) >= COMMON}

    def _marks(self, row: Sequence[int]) -> bytes:
        """With them only the candidates are walked over; as bytes they take a tenth of a set."""
        marks = bytearray(len(self._class_of))
        for phrase in row:
            marks[phrase] = 1
        return bytes(marks)

    def _rarity(self, number: int, count: int, phrases: int) -> float:
        return math.log((phrases + 1) / (count + 0.5)) * self._features.usual_weight(number) if count else 0.0

    def rarity(self, number: int) -> float:
        """Return the inverse document frequency of a feature."""
        return math.sqrt(self._square[number])

    def nearest(self, features: Sequence[Feature]) -> dict[int, float]:
        """Return for each class the likeness of its nearest phrase, 0 to 1.

        Rare features open candidates; once there are enough, commoner ones only add to them.
        """
        scores: dict[int, float] = {}
        starts, square, length = self._starts, self._square, 0.0
        for count, number, trust, main in self._rarest_first(features):
            length += square[number] if main else 0.0
            step = square[number] * trust
            if not scores or (len(scores) < ENOUGH and count < MANY and number not in self._features.glue):
                for phrase in self._phrases[starts[number] : starts[number + 1]]:
                    scores[phrase] = scores.get(phrase, 0.0) + step
            else:
                for phrase in self._among(scores, number):
                    scores[phrase] += step
        return self._by_class(scores, math.sqrt(length) or 1.0)

    def _rarest_first(self, features: Sequence[Feature]) -> list[tuple[int, int, float, bool]]:
        """Return (phrases, feature, trust, main); glue only where there is little else."""
        starts, glue = self._starts, self._features.glue
        content = [feature for feature in features if feature.number not in glue]
        used = content if len(content) >= ENOUGH_CONTENT else features
        return sorted([(starts[n + 1] - starts[n], n, trust, main) for n, trust, _, main in used])

    def _among(self, candidates: Mapping[int, float], number: int) -> Iterable[int]:
        """The candidates that have a feature."""
        if marks := self._common.get(number):
            return [phrase for phrase in candidates if marks[phrase]]
        return candidates.keys() & self._phrases[self._starts[number] : self._starts[number + 1]]

    def _by_class(self, scores: dict[int, float], length: float) -> dict[int, float]:
        best: dict[int, float] = {}
        class_of, lengths = self._class_of, self._lengths
        for phrase, score in scores.items():
            cosine = score / lengths[phrase]
            target = class_of[phrase]
            if cosine > best.get(target, 0.0):
                best[target] = cosine
        return {target: cosine / length for target, cosine in best.items()}
