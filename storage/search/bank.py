"""What is indexed: every class the engine can decide for, with the phrases and card texts that speak for it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

CARDS: Final = ("service", "report")
_LANGUAGES: Final = ("bg", "latn", "en")


class Phrase(NamedTuple):
    """One way of saying what a class is about."""

    name: str  # of the class: a service id, `report:<category>` or `<intent>/<topic>`
    text: str
    language: str  # bg, latn or en
    weight: float  # in the class: 1 for a citizen's phrase
    near: bool  # whether a question may be compared with it as a whole


def intent_of(name: str) -> str:
    """Return the intent a class belongs to."""
    if "/" in name:
        return name.split("/", 1)[0]
    return "report" if name.startswith("report:") else "service"


def phrases(handbook: Mapping[str, Any]) -> Iterator[Phrase]:
    """Yield everything said about every class, cards first."""
    for service in handbook.get("services", ()):
        yield from _card(service["id"], service)
    for category in handbook.get("complaint_categories", ()):
        yield from _card(f"report:{category['id']}", category)
    known = {service["id"] for service in handbook.get("services", ())}
    known |= {f"report:{category['id']}" for category in handbook.get("complaint_categories", ())}
    for name, said in handbook.get("phrases", {}).items():
        if name in known:
            yield from _said(name, said)
    for intent, topics in handbook.get("intents", {}).items():
        for topic, said in _topics(topics):
            yield from _said(f"{intent}/{topic}", said)


def _topics(topics: Any) -> Iterator[tuple[str, Any]]:
    """An intent may hold topics, or its phrases at once."""
    if isinstance(topics, Mapping) and not any(language in topics for language in _LANGUAGES):
        yield from topics.items()
    else:
        yield "any", topics


def _said(name: str, said: Any) -> Iterator[Phrase]:
    if isinstance(said, Mapping):
        for language in _LANGUAGES:
            for one in said.get(language, ()):
                yield Phrase(name, one, language, 1.0, True)
    elif isinstance(said, Sequence):
        for one in said:
            yield Phrase(name, one, "bg", 1.0, True)


def _card(name: str, card: Mapping[str, Any]) -> Iterator[Phrase]:
    """A title and the names people use weigh as several phrases; running text supports them from below."""
    for language in ("bg", "en"):
        title = _in(card, "title", language)
        if title:
            yield Phrase(name, title, language, 4.0, True)
        for alias in (card.get("aliases") or {}).get(language, ()):
            yield Phrase(name, alias, language, 3.0, True)
        for field, weight in (("summary", 1.0), ("result", 1.0), ("question_hint", 1.0), ("who_can_apply", 0.3)):
            body = _in(card, field, language)
            if body:
                yield Phrase(name, body, language, weight, False)


def _in(card: Mapping[str, Any], field: str, language: str) -> str:
    value = card.get(field)
    return value.get(language, "") or "" if isinstance(value, Mapping) else ""
