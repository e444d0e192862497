"""The decision: what the person wants, and whether one card is clear enough to be shown at once.

Both are logistic models of a few plain signs. Their numbers were fitted by leaving phrases of the bank out in
turn, and on bench/questions-dev.jsonl; never on the held-out questions.
"""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from .bank import CARDS, intent_of
from .evidence import TEMPERATURE, Evidence, Explainer
from .nameview import Naming

# What one unit of each sign adds to the log-odds of an intent.
WORDS: Final = 0.231  # log-likelihood ratio of the words
NEAREST: Final = 1.87  # likeness to the nearest phrase
COVERAGE: Final = 0.86  # part of the question that the best class explains
DANGER: Final = 3.52  # a rule of danger holds and nothing sounds calm
CALM_DANGER: Final = 0.6  # a rule holds, but the words are those of a form or a fee
NAMED: Final = 3.5  # the question is a card's own name and asking words, nothing else
NAMED_LEAD: Final = 3.0  # score over the next card
UNKNOWN: Final = 1.86  # part of the words that nothing in the handbook uses: out of scope
BIAS: Final[Mapping[str, float]] = {
    "service": -0.95,
    "report": 0.27,
    "emergency": 0.11,
    "not_emergency": -0.3,
    "appeal": -0.94,
    "whistleblowing": -0.95,
    "smalltalk": 1.27,
    "out_of_scope": 1.37,
}
_LOOKED_AT: Final = 60  # An intent whose best class stands lower is not meant.
_WITHIN_REACH: Final = 1.5  # Log-odds: who is further behind cannot win by coverage.

_FEWEST: Final = 3  # Cards to offer, where anything fits at all.
KIND: Final = 1.0  # Weight of the log-odds of request and complaint beside the scores of cards.
_LEAST_CHANCE: Final = 0.01

EMERGENCY: Final = 0.4  # A false alarm costs a sentence, a missed one may cost a life.

# What the signs of `CardSigns` add to the log-odds that the first card is right.
CARD_BIAS: Final = -5.31
CARD_FACTORS: Final = (1.08, 1.15, 1.73, 2.67, 0.37)
CONFIDENT: Final = 0.6  # Four in five such answers are right even on phrases of the bank that were left out.
_CLEAR_LEAD: Final = 6.0


NOTHING_NAMED: Final = Naming(None, False)


class CardSigns(NamedTuple):
    """What tells whether the first card is the right one."""

    share: float  # of the first card among the cards
    nearest: float  # likeness to its nearest phrase
    coverage: float  # part of the question it explains
    wanted: float  # chance that a card is wanted at all
    lead: float  # over the second card, in temperatures


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
        """Return the best cards; where hardly any is near the best class, also those far behind it."""
        found = [number for number in evidence.ranked if self._intents[number] in CARDS][:most]
        if len(found) < _FEWEST:
            others = [number for number in evidence.scores if self._intents[number] in CARDS and number not in found]
            found += sorted(others, key=evidence.scores.__getitem__, reverse=True)[: _FEWEST - len(found)]
        return found

    def decide(
        self, evidence: Evidence, most: int, danger: tuple[bool, bool], naming: Naming, explainer: Explainer
    ) -> Judgement:
        if danger[0]:
            naming = NOTHING_NAMED
        chances = self.chances(evidence, danger, naming, explainer)
        cards = self._of_kind(evidence, self._cards(evidence, most), chances)
        if naming.card is not None:
            cards = {naming.card: max(cards.values(), default=0.0) + NAMED_LEAD} | {
                number: score for number, score in cards.items() if number != naming.card
            }
        intent = self._choose(chances, next(iter(cards), None))
        if intent == "out_of_scope" and naming.vague and cards:
            intent = self._intents[next(iter(cards))]
        signs = card_signs(evidence, cards, chances, explainer) if cards else None
        chance = card_chance(signs, NAMED * (naming.card is not None)) if signs else 0.0
        confident = intent in CARDS and chance >= CONFIDENT
        return Judgement(intent, self._topic(evidence, intent), chance, confident, cards)

    def _of_kind(self, evidence: Evidence, cards: list[int], chances: Mapping[str, float]) -> dict[int, float]:
        """Let the words that tell a request from a complaint put the likelier kind of card first."""
        kinds = {kind: max(chances.get(kind, 0.0), _LEAST_CHANCE) for kind in CARDS}
        likelier = max(kinds.values())
        bonus = {kind: KIND * math.log(chance / likelier) for kind, chance in kinds.items()}
        scores = {number: evidence.scores[number] + bonus[self._intents[number]] for number in cards}
        return dict(sorted(scores.items(), key=lambda item: -item[1]))

    def chances(
        self, evidence: Evidence, danger: tuple[bool, bool], naming: Naming, explainer: Explainer
    ) -> dict[str, float]:
        """Return the probability of each intent."""
        first = self._first(evidence)
        odds = {
            intent: WORDS * evidence.intents.get(intent, 0.0)
            + NEAREST * evidence.nearest.get(number, 0.0)
            + BIAS[intent]
            for intent, number in first.items()
            if intent in BIAS
        }
        if not odds:
            return {}
        if danger[0] and "emergency" in odds:
            odds["emergency"] += CALM_DANGER if danger[1] else DANGER
        if naming.card is not None:
            kind = self._intents[naming.card]
            odds[kind] = odds.get(kind, BIAS[kind]) + NAMED
            first.setdefault(kind, naming.card)
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

    def _choose(self, chances: Mapping[str, float], first_card: int | None) -> str:
        if chances.get("emergency", 0.0) >= EMERGENCY:
            return "emergency"
        options = {name: chance for name, chance in chances.items() if name not in ("emergency", "not_emergency")}
        best = max(options, key=lambda name: options[name], default="out_of_scope")
        return self._intents[first_card] if best in CARDS and first_card is not None else best

    def _topic(self, evidence: Evidence, intent: str) -> str | None:
        if intent in CARDS:
            return None
        for number in evidence.ranked:
            if self._intents[number] == intent:
                return self._names[number].split("/", 1)[1]
        return None


def card_chance(signs: CardSigns, more: float = 0.0) -> float:
    """Return the probability that the first card is what was meant; `more` are log-odds of other signs."""
    odds = CARD_BIAS + more + sum(factor * sign for factor, sign in zip(CARD_FACTORS, signs, strict=True))
    return 1.0 / (1.0 + math.exp(-odds))


def card_signs(
    evidence: Evidence, cards: Mapping[int, float], chances: Mapping[str, float], explainer: Explainer
) -> CardSigns:
    """Read the signs off the best cards and their scores."""
    first, *others = cards
    among = sum(evidence.shares.get(number, 0.0) for number in cards)
    lead = (cards[first] - cards[others[0]]) / TEMPERATURE if others else _CLEAR_LEAD
    return CardSigns(
        share=evidence.shares.get(first, 0.0) / among if among else 0.0,
        nearest=evidence.nearest.get(first, 0.0),
        coverage=explainer.coverage(first),
        wanted=sum(chances.get(intent, 0.0) for intent in CARDS),
        lead=min(lead, _CLEAR_LEAD),
    )


def _shares(odds: Mapping[str, float]) -> dict[str, float]:
    best = max(odds.values())
    raw = {name: math.exp(value - best) for name, value in odds.items()}
    total = sum(raw.values())
    return {name: value / total for name, value in raw.items()}
