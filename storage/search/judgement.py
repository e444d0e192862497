"""The decision: what the person wants, and whether one card is clear enough to be shown at once.

Both are logistic models of a few plain signs. Their numbers were fitted by leaving phrases of the bank out in
turn, and on bench/questions-dev.jsonl; never on the held-out questions.
"""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from .bank import CARDS, intent_of
from .evidence import Evidence, Explainer

# What one unit of each sign adds to the log-odds of an intent.
WORDS: Final = 0.229  # log-likelihood ratio of the words
NEAREST: Final = 2.09  # likeness to the nearest phrase
COVERAGE: Final = 1.38  # part of the question that the best class explains
DANGER: Final = 2.34  # a rule of danger holds and nothing sounds calm
UNKNOWN: Final = 2.13  # part of the words that nothing in the handbook uses: out of scope
BIAS: Final[Mapping[str, float]] = {
    "service": -1.03,
    "report": 0.97,
    "emergency": -0.29,
    "not_emergency": -0.45,
    "appeal": -0.81,
    "whistleblowing": -0.83,
    "smalltalk": 1.18,
    "out_of_scope": 1.15,
}
_LOOKED_AT: Final = 60  # An intent whose best class stands lower is not meant.
_WITHIN_REACH: Final = 3.0  # Log-odds: who is further behind cannot win by coverage.

KIND: Final = 1.0  # Weight of the log-odds of request and complaint beside the scores of cards.
_LEAST_CHANCE: Final = 0.01

EMERGENCY: Final = 0.3  # A false alarm costs a sentence, a missed one may cost a life.

CARD_BIAS: Final = -4.0
CARD_SHARE: Final = 3.0
CARD_NEAREST: Final = 3.0
CARD_COVERAGE: Final = 3.0
CARD_INTENT: Final = 1.0
CONFIDENT: Final = 0.6


class Judgement(NamedTuple):
    """What is decided."""

    intent: str
    topic: str | None
    chance: float  # that the first card is right
    confident: bool
    cards: dict[int, float]  # best first, with their scores


class Judge:
    """Decides by the names and intents of one edition's classes."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._intents = [intent_of(name) for name in names]

    def _cards(self, evidence: Evidence, most: int) -> list[int]:
        """Return the best cards."""
        found = []
        for number in evidence.ranked:
            if self._intents[number] in CARDS:
                found.append(number)
                if len(found) == most:
                    break
        return found

    def decide(self, evidence: Evidence, most: int, danger: tuple[bool, bool], explainer: Explainer) -> Judgement:
        chances = self.chances(evidence, danger, explainer)
        scores = self._of_kind(evidence, self._cards(evidence, most), chances)
        cards = sorted(scores, key=lambda number: -scores[number])
        intent = self._choose(chances, cards)
        chance = card_chance(evidence, cards, chances, explainer)
        confident = intent in CARDS and chance >= CONFIDENT
        return Judgement(intent, self._topic(evidence, intent), chance, confident, {n: scores[n] for n in cards})

    def _of_kind(self, evidence: Evidence, cards: list[int], chances: Mapping[str, float]) -> dict[int, float]:
        """Let the words that tell a request from a complaint put the likelier kind of card first."""
        kinds = {kind: max(chances.get(kind, 0.0), _LEAST_CHANCE) for kind in CARDS}
        likelier = max(kinds.values())
        bonus = {kind: KIND * math.log(chance / likelier) for kind, chance in kinds.items()}
        return {number: evidence.scores[number] + bonus[self._intents[number]] for number in cards}

    def chances(self, evidence: Evidence, danger: tuple[bool, bool], explainer: Explainer) -> dict[str, float]:
        """Return the probability of each intent."""
        first = self._first(evidence)
        odds = {
            intent: WORDS * evidence.intents.get(intent, 0.0) + NEAREST * evidence.nearest.get(number, 0.0) + BIAS[intent]
            for intent, number in first.items()
            if intent in BIAS
        }
        if not odds:
            return {}
        if danger == (True, False) and "emergency" in odds:
            odds["emergency"] += DANGER
        if "out_of_scope" in odds:
            odds["out_of_scope"] += UNKNOWN * explainer.unknown_share
        reach = max(odds.values()) - _WITHIN_REACH
        for intent, value in odds.items():
            if value >= reach:
                odds[intent] = value + COVERAGE * explainer.coverage(first[intent])
        return _shares(odds)

    def _first(self, evidence: Evidence) -> dict[str, int]:
        """Return the best class of each intent."""
        first: dict[str, int] = {}
        for number in evidence.ranked[:_LOOKED_AT]:
            first.setdefault(self._intents[number], number)
        return first

    def _choose(self, chances: Mapping[str, float], cards: list[int]) -> str:
        if chances.get("emergency", 0.0) >= EMERGENCY:
            return "emergency"
        options = {name: chance for name, chance in chances.items() if name not in ("emergency", "not_emergency")}
        best = max(options, key=lambda name: options[name], default="out_of_scope")
        return self._intents[cards[0]] if best in CARDS and cards else best

    def _topic(self, evidence: Evidence, intent: str) -> str | None:
        if intent in CARDS:
            return None
        for number in evidence.ranked:
            if self._intents[number] == intent:
                return self._names[number].split("/", 1)[1]
        return None


def card_chance(
    evidence: Evidence, cards: list[int], chances: Mapping[str, float], explainer: Explainer
) -> float:
    """Return the probability that the first card is what was meant."""
    if not cards:
        return 0.0
    share, nearest, coverage, intent = card_signs(evidence, cards, chances, explainer)
    odds = CARD_BIAS + CARD_SHARE * share + CARD_NEAREST * nearest + CARD_COVERAGE * coverage + CARD_INTENT * intent
    return 1.0 / (1.0 + math.exp(-odds))


def card_signs(
    evidence: Evidence, cards: list[int], chances: Mapping[str, float], explainer: Explainer
) -> tuple[float, float, float, float]:
    """Its share among the cards, likeness to its nearest phrase, coverage, and chance that a card is wanted at all."""
    first = cards[0]
    among = sum(evidence.shares.get(number, 0.0) for number in cards)
    share = evidence.shares.get(first, 0.0) / among if among else 0.0
    wanted = sum(chances.get(intent, 0.0) for intent in CARDS)
    return share, evidence.nearest.get(first, 0.0), explainer.coverage(first), wanted


def _shares(odds: Mapping[str, float]) -> dict[str, float]:
    best = max(odds.values())
    raw = {name: math.exp(value - best) for name, value in odds.items()}
    total = sum(raw.values())
    return {name: value / total for name, value in raw.items()}
