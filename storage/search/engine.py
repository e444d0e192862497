"""The engine: a question in, what the citizen wants out."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from . import bank, danger
from .evidence import TEMPERATURE, Explainer, weigh
from .index import Index
from .judgement import Judge, Judgement
from .places import Places
from .reading import read

MOST_HITS: Final = 8
MOST_EXPLAINED: Final = 3  # No more are shown.


@dataclass(frozen=True, slots=True)
class Hit:
    """A service (`id`) or complaint category (`report:<id>`) with a score from 0 to 1 and the words that matched."""

    id: str
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a question is: its intent, the cards that fit, and whether the first is clear enough to be shown at
    once."""

    intent: str
    hits: tuple[Hit, ...]
    confident: bool
    topic: str | None
    language: str
    script: str


class Engine:
    """Understands questions by one edition of the handbook; read-only after it is built, so it may be shared."""

    def __init__(self, handbook: Mapping[str, Any]) -> None:
        self._index = Index(bank.phrases(handbook), handbook.get("synonyms", ()))
        self._places = Places(handbook.get("municipalities", ()))
        self._names = self._index.names
        self._judge = Judge(self._names)

    def understand(self, question: str) -> Understanding:
        """Decide intent and cards. Only the first ~400 characters of meaning are read; nothing makes it fail."""
        reading = read(question, self._index.vocabulary, self._places)
        features = self._index.features.of_question(reading)
        evidence = weigh(self._index.search(features))
        explainer = Explainer(self._index, reading, features)
        alarm = danger.heard(reading, self._index.vocabulary.names)
        naming = self._index.called.naming(reading)
        judged = self._judge.decide(evidence, MOST_HITS, alarm, naming, explainer)
        hits = self._hits(judged, explainer)
        return Understanding(judged.intent, hits, judged.confident, judged.topic, reading.language, reading.script)

    def _hits(self, judged: Judgement, explainer: Explainer) -> tuple[Hit, ...]:
        """The first card has its chance of being right; the others their part of it."""
        top = max(judged.cards.values(), default=0.0)
        found = []
        for place, (number, score) in enumerate(judged.cards.items()):
            why = explainer.why(number) if place < MOST_EXPLAINED else ()
            chance = judged.chance * math.exp((score - top) / TEMPERATURE)
            found.append(Hit(self._names[number], round(chance, 4), why))
        return tuple(found)
