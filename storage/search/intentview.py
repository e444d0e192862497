"""The intent view: words, glue included, that tell small talk from danger from an errand."""

import math
from array import array
from collections.abc import Iterable, Sequence
from operator import add
from typing import Final

from .features import Feature, Features, Learned

PRIOR: Final = 30.0  # Phrases as usual, added to those of each intent.


class IntentView:
    """Log-likelihood ratios of a handful of intents, a row for each feature in one flat array."""

    def __init__(self, features: Features, learned: Sequence[Learned], intent_of_class: Sequence[str]) -> None:
        self.intents = sorted(set(intent_of_class))
        place = {intent: number for number, intent in enumerate(self.intents)}
        columns = [place[intent] for intent in intent_of_class]
        width = len(self.intents)
        counts = array("f", bytes(4 * features.count * width))
        totals = [[1.0] * width, [1.0] * width]  # Bulgarian, English
        for target, phrase, found in learned:
            if phrase.near:
                column = columns[target]
                totals[phrase.language == "en"][column] += 1.0
                for feature in found:
                    counts[feature * width + column] += 1.0
        # Where an intent never uses a feature, the ratio is the same for every feature.
        never = [[math.log(PRIOR / (total + PRIOR)) for total in language] for language in totals]
        self._weights = array("f")
        for feature in range(features.count):
            english = features.english[feature]
            row = counts[feature * width : (feature + 1) * width]
            self._weights.extend(_log_ratios(row, totals[english], never[english]))

    def scores(self, features: Sequence[Feature]) -> dict[str, float]:
        """Return the log-likelihood ratio of each intent; 0 is as likely as any."""
        width, weights = len(self.intents), self._weights
        sums = [0.0] * width
        for number, trust, _, _ in features:
            row: Iterable[float] = weights[number * width : (number + 1) * width]
            if trust < 1.0:
                row = [weight * trust for weight in row]
            sums = list(map(add, sums, row))
        return dict(zip(self.intents, sums, strict=True))


def _log_ratios(row: Sequence[float], totals: Sequence[float], never: Sequence[float]) -> list[float]:
    """Return how much likelier a feature is in each intent than on average, smoothed towards 'as usual'."""
    used = [place for place, count in enumerate(row) if count]
    if not used:
        return [0.0] * len(row)
    usual = sum([row[place] / totals[place] for place in used]) / len(row)
    ratios = list(never)
    for place in used:
        ratios[place] = math.log((row[place] + PRIOR * usual) / ((totals[place] + PRIOR) * usual))
    return ratios
