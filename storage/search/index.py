"""The index: which words and word pairs speak for which class, and how near a question is to known phrases.

Two views are kept. The class view adds up, over all phrases and card texts of a class, how much likelier
each word is there than elsewhere (a smoothed likelihood ratio). The phrase view compares the question with
single phrases (cosine of inverse-document-frequency weights), because one good phrasing should be enough.
All postings lie in flat arrays: thousands of small objects would cost more memory than they hold.
"""

import math
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from typing import Final, NamedTuple

from . import text
from .bank import Phrase, intent_of
from .reading import Reading
from .vocabulary import Vocabulary

SHARPNESS: Final = 0.6  # How soon a word that is commoner in a class than elsewhere counts in full.
PRIOR_LENGTH: Final = 80.0  # Words added to the length of a class, so that small classes do not shout.
INTENT_PRIOR: Final = 30.0  # Phrases as usual, added to those of each intent.
PAIR_WEIGHT: Final = 0.45
GLUE_WEIGHT: Final = 0.25
ENOUGH_CONTENT: Final = 2  # Words and pairs beside which glue says nothing about the class.
COMMON: Final = 200  # Phrases with a word, from where on they are kept as a set, too.
ENOUGH: Final = 80  # Phrases compared that share the rarest words; commoner words open no more.
_PAIR_BASE: Final = 1 << 20


class Feature(NamedTuple):
    number: int
    weight: float
    word: int  # the place of the word in the question
    main: bool = True  # the first reading of the word; others add likeness but no length


class Found(NamedTuple):
    """Scores of the classes that anything speaks for."""

    classes: dict[int, float]  # the class view
    nearest: dict[int, float]  # the phrase view: cosine of the nearest phrase
    intents: dict[str, float]  # log-likelihood ratios of the intents


class Postings:
    """Lists of (target, weight) by feature number, in flat arrays."""

    def __init__(self, rows: Sequence[Sequence[tuple[int, float]]]) -> None:
        self.starts = array("L", [0])
        self.targets, self.weights = array("H"), array("f")
        for row in rows:
            self.targets.extend(target for target, _ in row)
            self.weights.extend(weight for _, weight in row)
            self.starts.append(len(self.targets))


class Index:
    """Built once from an edition of the handbook; read-only afterwards."""

    def __init__(self, said: Iterable[Phrase], synonyms: Iterable[Sequence[str]] = ()) -> None:
        self.vocabulary = Vocabulary()
        self.names: list[str] = []
        self._pairs: dict[int, int] = {}
        learned = self._learn(list(said))
        self.vocabulary.close(synonyms)
        self._keep_pairs(learned)
        self._english = set(self.vocabulary.english.values())
        self._pair_terms = {number: key // _PAIR_BASE for key, number in self._pairs.items()}
        self._weigh_classes(learned)
        self._weigh_intents(learned)
        self._weigh_phrases(learned)

    def _learn(self, said: list[Phrase]) -> list[tuple[int, Phrase, list[int]]]:
        """Read all phrases, those in Cyrillic first, so that Latin spellings find their words."""
        numbers: dict[str, int] = {}
        learned = []
        seen: set[tuple[int, ...]] = set()
        for phrase in sorted(said, key=lambda one: one.language == "latn"):
            number = numbers.setdefault(phrase.name, len(numbers))
            typed = text.words(text.clean(phrase.text))
            terms = [
                self.vocabulary.learn(word, phrase.language == "en") for word in typed if not _is_long_number(word)
            ]
            if (number, *terms) not in seen:  # The same phrase in Latin letters says nothing new.
                seen.add((number, *terms))
                learned.append((number, phrase, terms))
        self.names = list(numbers)
        return learned

    def _keep_pairs(self, learned: list[tuple[int, Phrase, list[int]]]) -> None:
        """Number the word pairs that occur at least twice, after the stems."""
        counts: Counter[int] = Counter()
        for _, _, terms in learned:
            counts.update(set(self._pair_keys(terms)))
        first = len(self.vocabulary.names)
        self._pairs = {pair: first + n for n, pair in enumerate(pair for pair, count in counts.items() if count > 1)}

    def _pair_keys(self, terms: Sequence[int]) -> Iterable[int]:
        """Neighbours as typed, and neighbours when glue is left out."""
        glue = self.vocabulary.glue
        yield from (a * _PAIR_BASE + b for a, b in zip(terms, terms[1:], strict=False))
        content = [term for term in terms if term not in glue]
        if len(content) < len(terms):
            yield from (a * _PAIR_BASE + b for a, b in zip(content, content[1:], strict=False))

    def _is_english(self, feature: int) -> bool:
        pair = self._pair_terms.get(feature)
        return (feature if pair is None else pair) in self._english

    def _all_features(self, terms: list[int]) -> set[int]:
        pairs = self._pairs
        return set(terms) | {pairs[key] for key in self._pair_keys(terms) if key in pairs}

    def _weigh_classes(self, learned: list[tuple[int, Phrase, list[int]]]) -> None:
        counts: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        lengths: dict[tuple[int, bool], float] = defaultdict(float)
        for number, phrase, terms in learned:
            for feature in self._all_features(terms):
                counts[feature][number] += phrase.weight
            lengths[number, phrase.language == "en"] += phrase.weight * len(set(terms))
        rows: list[list[tuple[int, float]]] = []
        for feature in range(len(self.vocabulary.names) + len(self._pairs)):
            rows.append(self._ratios(counts.get(feature, {}), lengths, self._is_english(feature)))
        self._classes = Postings(rows)

    def _ratios(
        self, counts: dict[int, float], lengths: dict[tuple[int, bool], float], english: bool
    ) -> list[tuple[int, float]]:
        share = {number: count / (lengths[number, english] + PRIOR_LENGTH) for number, count in counts.items()}
        usual = sum(share.values()) / len(self.names)
        return [(number, math.log1p(value / usual / SHARPNESS)) for number, value in sorted(share.items())]

    def _weigh_intents(self, learned: list[tuple[int, Phrase, list[int]]]) -> None:
        """A third, coarse view: words that tell small talk from danger from an errand, glue included."""
        of_class = [intent_of(name) for name in self.names]
        self.intents = sorted(set(of_class))
        place = {intent: number for number, intent in enumerate(self.intents)}
        features = len(self.vocabulary.names) + len(self._pairs)
        counts = [[0.0] * len(self.intents) for _ in range(features)]
        totals = {english: [1.0] * len(self.intents) for english in (False, True)}
        for number, phrase, terms in learned:
            if not phrase.near:
                continue
            column = place[of_class[number]]
            totals[phrase.language == "en"][column] += 1.0
            for feature in self._all_features(terms):
                counts[feature][column] += 1.0
        self._intent_weights = array("f")
        for feature, row in enumerate(counts):
            self._intent_weights.extend(_log_ratios(row, totals[self._is_english(feature)]))

    def _weigh_phrases(self, learned: list[tuple[int, Phrase, list[int]]]) -> None:
        compared = [(number, self._all_features(terms)) for number, phrase, terms in learned if phrase.near and terms]
        rows: list[array[int]] = [array("H") for _ in range(len(self.vocabulary.names) + len(self._pairs))]
        for place, (_, features) in enumerate(compared):
            for feature in features:
                rows[feature].append(place)
        self._class_of = array("H", (number for number, _ in compared))
        self._rarity = array(
            "f", (self._rarity_of(feature, len(row), len(compared)) for feature, row in enumerate(rows))
        )
        self._lengths = array(
            "f", (math.sqrt(sum(self._rarity[f] ** 2 for f in features)) or 1.0 for _, features in compared)
        )
        self._phrase_starts, self._phrases = array("L", [0]), array("H")
        for row in rows:
            self._phrases.extend(row)
            self._phrase_starts.append(len(self._phrases))
        # Sets of the longest lists: crossing them with the candidates is a walk over the candidates only.
        self._common = {number: frozenset(row) for number, row in enumerate(rows) if len(row) >= COMMON}

    def _rarity_of(self, feature: int, count: int, phrases: int) -> float:
        rarity = math.log((phrases + 1) / (count + 0.5)) if count else 0.0
        if feature in self.vocabulary.glue:
            return rarity * GLUE_WEIGHT
        return rarity * PAIR_WEIGHT if feature >= len(self.vocabulary.names) else rarity

    def features(self, reading: Reading) -> list[Feature]:
        """Return the stems and known pairs of a question, each once, with what it is worth."""
        found: dict[int, Feature] = {}
        order: list[int] = []
        for place, word in enumerate(reading.words):
            for rank, term in enumerate(word.terms):
                weight = term.weight * (GLUE_WEIGHT if term.glue else 1.0)
                if term.number not in found or found[term.number].weight < weight:
                    found[term.number] = Feature(term.number, weight, place, not rank)
            if word.terms:
                order.append(word.terms[0].number)
        for key in self._pair_keys(order):
            number = self._pairs.get(key)
            if number is not None and number not in found:
                found[number] = Feature(number, PAIR_WEIGHT, found[key // _PAIR_BASE].word)
        return list(found.values())

    def search(self, features: Sequence[Feature]) -> Found:
        return Found(self._by_class(features), self._by_phrase(features), self._by_intent(features))

    def _by_intent(self, features: Sequence[Feature]) -> dict[str, float]:
        width = len(self.intents)
        sums = [0.0] * width
        for number, worth, _, _ in features:
            share = worth / self._usual_worth(number)
            row = self._intent_weights[number * width : (number + 1) * width]
            sums = [total + share * weight for total, weight in zip(sums, row, strict=True)]
        return dict(zip(self.intents, sums, strict=True))

    def _by_class(self, features: Sequence[Feature]) -> dict[int, float]:
        scores: dict[int, float] = {}
        starts, targets, weights = self._classes.starts, self._classes.targets, self._classes.weights
        glue = self.vocabulary.glue
        content = sum(1 for feature in features if feature.number not in glue)
        for number, worth, _, _ in features:
            if content >= ENOUGH_CONTENT and number in glue:
                continue
            begin, end = starts[number], starts[number + 1]
            for target, weight in zip(targets[begin:end], weights[begin:end], strict=True):
                scores[target] = scores.get(target, 0.0) + worth * weight
        return scores

    def _by_phrase(self, features: Sequence[Feature]) -> dict[int, float]:
        """Rare words open candidates; once there are enough, commoner ones only add to them."""
        scores: dict[int, float] = {}
        starts, rarity, length = self._phrase_starts, self._rarity, 0.0
        for number, worth, _, main in sorted(features, key=lambda one: starts[one.number + 1] - starts[one.number]):
            rare = rarity[number]
            length += rare * rare if main else 0.0
            step = rare * rare * min(1.0, worth / self._usual_worth(number))
            if len(scores) < ENOUGH and not (scores and number in self.vocabulary.glue):
                for phrase in self._phrases[starts[number] : starts[number + 1]]:
                    scores[phrase] = scores.get(phrase, 0.0) + step
            else:
                for phrase in scores.keys() & self._shared_by(number):
                    scores[phrase] += step
        return self._nearest(scores, math.sqrt(length) or 1.0)

    def _shared_by(self, number: int) -> Set[int]:
        begin, end = self._phrase_starts[number], self._phrase_starts[number + 1]
        return self._common.get(number) or set(self._phrases[begin:end])

    def _usual_worth(self, number: int) -> float:
        if number >= len(self.vocabulary.names):
            return PAIR_WEIGHT
        return GLUE_WEIGHT if number in self.vocabulary.glue else 1.0

    def _nearest(self, scores: dict[int, float], length: float) -> dict[int, float]:
        best: dict[int, float] = {}
        class_of, lengths = self._class_of, self._lengths
        for phrase, score in scores.items():
            cosine = score / lengths[phrase]
            number = class_of[phrase]
            if cosine > best.get(number, 0.0):
                best[number] = cosine
        return {number: cosine / length for number, cosine in best.items()}

    def class_weight(self, feature: int, target: int) -> float:
        """Return how much a feature speaks for a class; 0 when it never occurs there."""
        begin, end = self._classes.starts[feature], self._classes.starts[feature + 1]
        place = bisect_left(self._classes.targets, target, begin, end)
        if place < end and self._classes.targets[place] == target:
            return self._classes.weights[place]
        return 0.0

    def rarity(self, number: int) -> float:
        return float(self._rarity[number])


def _log_ratios(row: Sequence[float], totals: Sequence[float]) -> Iterable[float]:
    """Return for each intent how much likelier a feature is there than on average, smoothed towards 'as usual'."""
    if not any(row):
        return [0.0] * len(row)
    usual = sum(count / total for count, total in zip(row, totals, strict=True)) / len(row)
    return [
        math.log((count + INTENT_PRIOR * usual) / (total + INTENT_PRIOR) / usual)
        for count, total in zip(row, totals, strict=True)
    ]


def _is_long_number(word: str) -> bool:
    return word.isdigit() and len(word) > 3
