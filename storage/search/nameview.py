"""The name view: a question that is nothing but the name of one thing, with words that only ask about it, means that.

"Какви документи трябват за разрешение за строеж" is "разрешение за строеж" and asking words; which of them somebody
asks about (papers, fee, time) does not change what it is about.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from .bank import CARDS, intent_of
from .features import Features, Learned
from .reading import Reading
from .vocabulary import Vocabulary

_ASKING: Final = """
документ документи документа документите книжа хартии такса такси таксата цена цената пари струва тарифа срок срока
сроковете дни процедура процедурата ред редът стъпки необходими необходим необходимо изисква изискват изисквания
подава подават подам подаване заявление заявлението заявлението бланка формуляр образец информация повече услуга
услугата издава издават издаване трябват трябвало иска искат нужен нужна кажете моля пиша питам въпрос
"""
_ASKING_ENGLISH: Final = """
document documents paper papers paperwork fee fees cost costs price deadline term long days procedure steps
required requirements apply application form information service
"""


NAME_WEIGHT: Final = 3.0  # of an alias in the bank; a title has more


class Naming(NamedTuple):
    """What the name view says about a question."""

    card: int | None  # the card that is called exactly so
    vague: bool  # one word of the counter's own, or none but asking words: too little to turn anybody away


class NameView:
    """Which classes are called exactly so. Glue and asking words do not count, nor does the order of the others."""

    def __init__(
        self, features: Features, learned: Sequence[Learned], names: Sequence[str], vocabulary: Vocabulary
    ) -> None:
        self._passed_over = features.glue | _numbers(vocabulary)
        cards = {number for number, name in enumerate(names) if intent_of(name) in CARDS}
        called: dict[frozenset[int], dict[int, float]] = {}
        for target, phrase, found in learned:
            stems = frozenset(number for number in found if number < features.stems)
            key = stems - self._passed_over
            # One word of several is not what a card is called, but enough to speak of something else.
            if phrase.near and (len(key) > 1 or len(stems) == 1 or target not in cards):
                weights = called.setdefault(key, {})
                weights[target] = max(phrase.weight, weights.get(target, 0.0))
        # Hashes of sets of whole numbers: always the same, and a fraction of the room that the sets would take.
        self._elsewhere = frozenset(hash(key) for key, weights in called.items() if key and weights.keys() - cards)
        self._cards = {
            hash(key): card for key, weights in called.items() if key and (card := _only(weights, cards)) is not None
        }

    def naming(self, reading: Reading) -> Naming:
        if not any(word.terms for word in reading.words):
            return Naming(None, False)
        if any(not word.terms and not word.place for word in reading.words):
            return Naming(None, False)
        key = frozenset(word.terms[0].number for word in reading.words if word.terms) - self._passed_over
        return Naming(self._cards.get(hash(key)), len(key) <= 1 and hash(key) not in self._elsewhere)


def _only(weights: Mapping[int, float], cards: set[int]) -> int | None:
    """Return the one card that has this title or alias (what citizens once said is no name); others spoil it."""
    most = max(weights.values())
    best = [number for number, weight in weights.items() if weight == most]
    return best[0] if len(best) == 1 and most >= NAME_WEIGHT and not weights.keys() - cards else None


def _numbers(vocabulary: Vocabulary) -> set[int]:
    """The stems of the asking words, as far as anything in the handbook uses them."""
    read = [(word, False) for word in _ASKING.split()] + [(word, True) for word in _ASKING_ENGLISH.split()]
    found = (vocabulary.read(word, english) for word, english in read)
    return {terms[0].number for terms in found if terms and terms[0].weight == 1.0}
