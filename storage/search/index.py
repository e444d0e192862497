"""The index of one edition of the handbook: four views of what is said about every class.

All postings lie in flat arrays: hundreds of thousands of small objects would cost more memory than they hold.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from . import text
from .bank import Phrase, intent_of
from .classview import ClassView
from .features import Feature, Features, Learned
from .intentview import IntentView
from .nameview import NameView
from .phraseview import PhraseView
from .vocabulary import Vocabulary


class Found(NamedTuple):
    """What the views say about a question."""

    classes: dict[int, float]
    nearest: dict[int, float]
    intents: dict[str, float]


class Index:
    """Built once; read-only afterwards."""

    def __init__(self, said: Iterable[Phrase], synonyms: Iterable[Sequence[str]] = ()) -> None:
        self.vocabulary = Vocabulary()
        self.names: list[str] = []
        read = self._read(said)
        self.vocabulary.close(synonyms)
        self.features = Features(self.vocabulary, (terms for _, _, terms in read))
        learned = [Learned(target, phrase, self.features.of_phrase(terms)) for target, phrase, terms in read]
        self.classes = ClassView(self.features, learned, len(self.names))
        self.intents = IntentView(self.features, learned, [intent_of(name) for name in self.names])
        self.phrases = PhraseView(self.features, learned)
        self.called = NameView(self.features, learned, self.names, self.vocabulary)

    def _read(self, said: Iterable[Phrase]) -> list[tuple[int, Phrase, tuple[int, ...]]]:
        """Read all phrases, those in Cyrillic first, so that Latin spellings find their words."""
        numbers: dict[str, int] = {}
        read = []
        seen: set[tuple[int, ...]] = set()
        for phrase in sorted(said, key=lambda one: one.language == "latn"):
            target = numbers.setdefault(phrase.name, len(numbers))
            terms = tuple(self._terms(phrase))
            if (target, *terms) not in seen:  # The same phrase in Latin letters says nothing new.
                seen.add((target, *terms))
                read.append((target, phrase, terms))
        self.names = list(numbers)
        return read

    def _terms(self, phrase: Phrase) -> Iterable[int]:
        for word in text.words(text.clean(phrase.text)):
            if not (word.isdigit() and len(word) > 3):
                yield self.vocabulary.learn(word, phrase.language == "en")

    def search(self, features: Sequence[Feature]) -> Found:
        return Found(self.classes.scores(features), self.phrases.nearest(features), self.intents.scores(features))
