"""The class view: how much likelier each feature is in what is said about a class than about others."""

import math
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from .features import Feature, Features, Learned

SHARPNESS: Final = 0.6  # Likelihood ratio at which a feature starts to speak clearly.
PRIOR_LENGTH: Final = 80.0  # Words added to the length of a class, so that small classes do not shout.


class ClassView:
    """Sums of log-likelihood ratios; rows of (class, weight) by feature lie one after another in flat arrays."""

    def __init__(self, features: Features, learned: Sequence[Learned], classes: int) -> None:
        self._classes = classes
        counts, lengths = self._count(features.count, learned)
        self._starts = array("I", [0])
        self._targets, self._weights = array("H"), array("f")
        for number, row in enumerate(counts):
            self._append(number, row, lengths[features.english[number]], features.usual_weight(number))

    def _count(
        self, features: int, learned: Sequence[Learned]
    ) -> tuple[list[dict[int, float]], list[dict[int, float]]]:
        counts: list[dict[int, float]] = [{} for _ in range(features)]
        lengths: list[dict[int, float]] = [defaultdict(float), defaultdict(float)]  # Bulgarian, English
        for target, phrase, found in learned:
            weight = phrase.weight
            for feature in found:
                row = counts[feature]
                row[target] = row.get(target, 0.0) + weight
            lengths[phrase.language == "en"][target] += weight * len(found)
        return counts, lengths

    def _append(self, number: int, row: Mapping[int, float], lengths: Mapping[int, float], worth: float) -> None:
        share = [(target, row[target] / (lengths[target] + PRIOR_LENGTH)) for target in sorted(row)]
        usual = sum([value for _, value in share]) / self._classes * SHARPNESS
        self._targets.extend([target for target, _ in share])
        self._weights.extend([worth * math.log1p(value / usual) for _, value in share])
        self._starts.append(len(self._targets))

    def scores(self, features: Sequence[Feature]) -> dict[int, float]:
        """Return the sum for each class that anything speaks for."""
        scores = [0.0] * self._classes
        starts, targets, weights = self._starts, self._targets, self._weights
        for number, trust, _, _ in features:
            begin, end = starts[number], starts[number + 1]
            for target, weight in zip(targets[begin:end], weights[begin:end], strict=True):
                scores[target] += trust * weight
        return {target: score for target, score in enumerate(scores) if score}

    def weight(self, feature: int, target: int) -> float:
        """Return how much a feature speaks for a class; 0 when it never occurs there."""
        begin, end = self._starts[feature], self._starts[feature + 1]
        place = bisect_left(self._targets, target, begin, end)
        return self._weights[place] if place < end and self._targets[place] == target else 0.0
