"""The decision: what the person wants, and whether one card is clear enough to be shown at once."""

import math
from typing import Final, NamedTuple

from .bank import CARDS
from .evidence import Evidence, Explainer

# An emergency is decided by the share of its phrases, by a rule of danger, or by both.
DANGER_SHARE: Final = 0.02  # enough when a rule of danger holds and nothing sounds calm
CALM_SHARE: Final = 0.75  # needed when a rule holds but the words are those of a form or a fee
BANK_SHARE: Final = 0.60  # needed when no rule holds

SMALLTALK_COVERAGE: Final = 0.6  # A greeting before a question is no small talk.
# Logistic regression fitted by cross-validation on the bank and the development questions.
BIAS: Final = -4.0
SHARE_FACTOR: Final = 3.0
NEAR_FACTOR: Final = 3.0
COVERAGE_FACTOR: Final = 3.0
CONFIDENT: Final = 0.6


class Judgement(NamedTuple):
    intent: str
    topic: str | None
    chance: float  # that the first card is right
    confident: bool


def judge(evidence: Evidence, names: list[str], intents: list[str], cards: list[int], danger: tuple[bool, bool], explainer: Explainer) -> Judgement:
    by_intent: dict[str, float] = {}
    for number, share in evidence.shares.items():
        by_intent[intents[number]] = by_intent.get(intents[number], 0.0) + share
    chance = card_chance(evidence, cards, explainer)
    if is_emergency(by_intent.get("emergency", 0.0), *danger):
        return Judgement("emergency", _topic(evidence, names, intents, "emergency"), chance, False)
    intent = _intent(evidence, by_intent, intents, cards, explainer)
    topic = _topic(evidence, names, intents, intent) if intent not in CARDS else None
    return Judgement(intent, topic, chance, intent in CARDS and chance >= CONFIDENT)


def is_emergency(share: float, danger: bool, calm: bool) -> bool:
    if danger and not calm:
        return share >= DANGER_SHARE
    return share >= (CALM_SHARE if danger else BANK_SHARE)


def _intent(evidence: Evidence, by_intent: dict[str, float], intents: list[str], cards: list[int], explainer: Explainer) -> str:
    options = {name: share for name, share in by_intent.items() if name not in (*CARDS, "emergency", "not_emergency")}
    if "smalltalk" in options:
        first = next(n for n in evidence.ranked if intents[n] == "smalltalk")
        if explainer.total and explainer.coverage(first) < SMALLTALK_COVERAGE:
            del options["smalltalk"]
    if cards:
        options["cards"] = by_intent.get("service", 0.0) + by_intent.get("report", 0.0)
    best = max(options, key=lambda name: options[name], default="out_of_scope")
    return intents[cards[0]] if best == "cards" else best


def _topic(evidence: Evidence, names: list[str], intents: list[str], intent: str) -> str | None:
    for number in evidence.ranked:
        if intents[number] == intent:
            return names[number].split("/", 1)[1]
    return None


def card_chance(evidence: Evidence, cards: list[int], explainer: Explainer) -> float:
    """Return the probability that the first card is what was meant."""
    if not cards:
        return 0.0
    x = features(evidence, cards, explainer)
    return 1.0 / (1.0 + math.exp(-(BIAS + SHARE_FACTOR * x[0] + NEAR_FACTOR * x[1] + COVERAGE_FACTOR * x[2])))


def features(evidence: Evidence, cards: list[int], explainer: Explainer) -> tuple[float, float, float]:
    first = cards[0]
    return evidence.shares.get(first, 0.0), evidence.nearest.get(first, 0.0), explainer.coverage(first)
