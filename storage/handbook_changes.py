"""What a new handbook document would change in an old one, field by field."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from storage.handbook_fields import PARTS

Leaves = dict[tuple[str, ...], Any]
BANKS = ("phrases", "intents", "synonyms")  # Told by their number: nobody reads five hundred phrases.
ORDERED = ("categories", "municipalities", "complaint_categories")  # Shown in the order of the document.
KEYS = ("id", "slug", "ekatte", "what", "bg")  # What tells the items of a list apart.
COUNTED = ("service_count",)  # Follows from the rest.


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is other than before. For banks of phrases `old` and `new` count what goes and what comes."""

    kind: Literal["added", "removed", "changed", "moved", "counted"]
    part: str
    name: str  # The id of the card, category, …; of a difference: the municipality and the id.
    field: str = ""
    old: Any = None
    new: Any = None


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Everything that differs; an empty list says that nothing would change."""
    found: list[Change] = []
    for part in PARTS:
        before, after = old.get(part) or {}, new.get(part) or {}
        if part in BANKS:
            found += _counted(part, _phrases(part, before), _phrases(part, after))
        else:
            found += _compared(part, _items(part, before), _items(part, after))
    return found


def _compared(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in old:
        if name not in new:
            yield Change("removed", part, name, old=old[name])
    for name, item in new.items():
        if name not in old:
            yield Change("added", part, name, new=item)
        else:
            yield from _fields(part, name, _leaves(old[name]), _leaves(item))
    if part in ORDERED and [name for name in old if name in new] != [name for name in new if name in old]:
        yield Change("moved", part, "", old=list(old), new=list(new))


def _fields(part: str, name: str, old: Leaves, new: Leaves) -> Iterator[Change]:
    for path in {**old, **new}:
        before, after = old.get(path), new.get(path)
        if path[-1:] and path[-1] in COUNTED:
            continue
        if before != after or ((path in old) != (path in new) and part == "differences"):
            yield Change("changed", part, name, ".".join(path), before, after)


def _items(part: str, value: Any) -> dict[str, Any]:
    if part == "casework":
        return {"": value}
    if part == "differences":
        return {f"{slug} {card}": fields for slug, cards in value.items() for card, fields in cards.items()}
    return {item.get("id", item.get("slug")): item for item in value}


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Leaves:
    """Every value at the end of its path; lists of texts are values, other lists have named items."""
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        value = _named(value)
    if not isinstance(value, Mapping):
        return {path: value}
    leaves: Leaves = {}
    for name, below in value.items():
        leaves |= _leaves(below, (*path, name))
    return leaves


def _named(items: list[Mapping[str, Any]]) -> dict[str, Any]:
    for key in KEYS:
        names = [item.get(key) for item in items]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return {str(name): item for name, item in zip(names, items, strict=True)}
    return {str(place): item for place, item in enumerate(items)}


def _counted(part: str, old: Mapping[str, Counter[Any]], new: Mapping[str, Counter[Any]]) -> Iterator[Change]:
    for name in {**old, **new}:
        before, after = old.get(name, Counter()), new.get(name, Counter())
        gone, come = (before - after).total(), (after - before).total()
        if gone or come:
            yield Change("counted", part, name, old=gone, new=come)


def _phrases(part: str, value: Any) -> dict[str, Counter[Any]]:
    if part == "synonyms":
        return {"": Counter(tuple(group) for group in value)}
    if part == "intents":
        value = {f"{intent} {topic}": bank for intent, topics in value.items() for topic, bank in topics.items()}
    return {
        name: Counter((language, phrase) for language, phrases in bank.items() for phrase in phrases)
        for name, bank in value.items()
    }
