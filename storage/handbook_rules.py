"""The rules that one field alone cannot tell: names that must exist, lists that correspond, days in order."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from storage.handbook import lay_over
from storage.handbook_fields import (
    INTENTS,
    KINDS_NEEDED,
    LANGUAGES,
    PARTS,
    PRIORITIES_NEEDED,
    REPORT,
    REPORTS_NEEDED,
    SAME_EVERYWHERE,
    SERVICE,
    SPEEDS,
)
from storage.handbook_problems import N_, Finding, Path, shown
from storage.handbook_schema import day, no_choice

CHECKLIST_CHARS = 3_000  # All documents of a card together, so that the checklist fits one message of any channel.
TWICE = N_("“{value}” stands here twice, first in {first}.")
REPEATED = N_("“{value}” stands here twice.")
ITSELF = N_("A card is not related to itself.")
UNEQUAL = N_("There are {bg} documents in Bulgarian and {en} in English: the lists must correspond line by line.")
LONG_LIST = N_("All documents together have {length} characters; {most} are the most that fit one message.")
SLOWER = N_("The quicker service takes {days} days and “{other}” only {other_days}.")
NOT_ALONE = N_("“{name}” and “{other}” are given together or not at all.")
FUTURE = N_("{value} lies in the future.")
NEEDED = N_("“{value}” is missing here: the program relies on it.")
NO_PHRASES = N_("There is not one phrase in this language: {language}.")
SAME = N_("“{name}” is the same in all municipalities and cannot differ.")
NO_BOX = N_("The limits are the wrong way round.")


class Rules:
    """What one field alone cannot tell. Everything here bears values of any type: the kinds have named those."""

    def __init__(self, document: Mapping[str, Any], today: date) -> None:
        self.document = document
        self.today = today
        casework = mapping(document.get("casework"))
        self.lists: dict[Path, Any] = {(part,): document.get(part) for part in PARTS}
        self.lists |= {("casework", part): casework.get(part) for part in ("kinds", "priorities")}
        self.ids = {path: _ids(items) for path, items in self.lists.items()}

    def findings(self) -> Iterator[Finding]:
        for part in self.lists:
            yield from self._unique(part)
        yield from self._needed()
        for path, card in self._items(("services",)):
            yield from self._card(card, path)
        for path, report in self._items(("complaint_categories",)):
            yield from self._known(report.get("default_kind"), ("casework", "kinds"), (*path, "default_kind"))
            known = ("casework", "priorities")
            yield from self._known(report.get("default_priority"), known, (*path, "default_priority"))
        for path, municipality in self._items(("municipalities",)):
            yield from _municipality(municipality, path)
        yield from self._phrases()
        yield from self._intents()
        yield from self._differences()

    def _items(self, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        items = self.lists[path]
        for place, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, Mapping):
                yield (*path, place), item

    def _unique(self, path: Path) -> Iterator[Finding]:
        seen: dict[str, int] = {}
        for at, item in self._items(path):
            key = "slug" if "slug" in item else "id"
            name, place = item.get(key), at[-1]
            assert isinstance(place, int)
            if isinstance(name, str) and seen.setdefault(name, place) != place:
                yield Finding((*at, key), TWICE, {"value": shown(name), "first": (*path, seen[name])})

    def _needed(self) -> Iterator[Finding]:
        needed: dict[Path, tuple[str, ...]] = {
            ("casework", "kinds"): KINDS_NEEDED,
            ("casework", "priorities"): PRIORITIES_NEEDED,
            ("complaint_categories",): REPORTS_NEEDED,
        }
        for path, names in needed.items():
            known = self.ids[path]
            for name in names if known is not None else ():
                if name not in (known or ()):
                    yield Finding(path, NEEDED, {"value": name})

    def _known(self, name: Any, part: Path, path: Path) -> Iterator[Finding]:
        """Names nobody knows. Where the part itself is missing, that is told once, and not here."""
        known = self.ids[part]
        if isinstance(name, str) and name and known is not None and name not in known:
            yield no_choice(path, name, known)

    def _card(self, card: Mapping[str, Any], path: Path) -> Iterator[Finding]:
        yield from self._known(card.get("category"), ("categories",), (*path, "category"))
        related = card.get("related")
        for place, other in enumerate(related if isinstance(related, list) else ()):
            at = (*path, "related", place)
            yield from self._known(other, ("services",), at)
            if other == card.get("id"):
                yield Finding(at, ITSELF)
            elif other in related[:place]:  # type: ignore[index]
                yield Finding(at, REPEATED, {"value": shown(other)})
        yield from _documents(card.get("documents"), (*path, "documents"))
        yield from _speeds(mapping(card.get("term_days")), (*path, "term_days"))
        yield from self._checked(card, path)

    def _checked(self, card: Mapping[str, Any], path: Path) -> Iterator[Finding]:
        names = ("checked_by", "checked_on")
        given = [name for name in names if card.get(name)]
        if len(given) == 1:
            other = next(name for name in names if name not in given)
            yield Finding((*path, given[0]), NOT_ALONE, {"name": given[0], "other": other})
        when = day(card.get("checked_on"))
        if when and when > self.today:
            yield Finding((*path, "checked_on"), FUTURE, {"value": card["checked_on"]})

    def _phrases(self) -> Iterator[Finding]:
        services, reports = self.ids["services",], self.ids["complaint_categories",]
        if services is None or reports is None:
            return
        known = services | {REPORT + name for name in reports}
        for name in mapping(self.document.get("phrases")):
            if name not in known:
                yield no_choice(("phrases", name), name, known)

    def _intents(self) -> Iterator[Finding]:
        intents = mapping(self.document.get("intents"))
        for intent in INTENTS:
            topics = intents.get(intent)
            if not isinstance(topics, Mapping):
                continue
            for language in LANGUAGES:
                if not any(mapping(bank).get(language) for bank in topics.values()):
                    yield Finding(("intents", intent), NO_PHRASES, {"language": language})

    def _differences(self) -> Iterator[Finding]:
        cards = {card["id"]: card for _, card in self._items(("services",)) if isinstance(card.get("id"), str)}
        for slug, changed in mapping(self.document.get("differences")).items():
            yield from self._known(slug, ("municipalities",), ("differences", slug))
            for card_id, differences in mapping(changed).items():
                path = ("differences", slug, card_id)
                if card_id not in cards:
                    yield from self._known(card_id, ("services",), path)
                elif isinstance(differences, Mapping):
                    yield from self._laid_over(cards[card_id], differences, path)

    def _laid_over(self, card: Mapping[str, Any], differences: Mapping[str, Any], path: Path) -> Iterator[Finding]:
        """What the differences bring with them; what is wrong with the card itself is told there."""
        for name in differences:
            if name in SAME_EVERYWHERE:
                yield Finding((*path, name), SAME, {"name": name})
        usable = {name: value for name, value in differences.items() if name not in SAME_EVERYWHERE}
        before = [*SERVICE.findings(card), *self._card(card, ())]
        laid = lay_over(card, usable)
        for finding in (*SERVICE.findings(laid), *self._card(laid, ())):
            if finding.path and finding.path[0] in usable and finding not in before:
                yield Finding((*path, *finding.path), finding.message, finding.values)


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _ids(items: Any) -> set[str] | None:
    if not isinstance(items, list):
        return None
    names = (item.get("slug", item.get("id")) for item in items if isinstance(item, Mapping))
    return {name for name in names if isinstance(name, str)}


def _documents(documents: Any, path: Path) -> Iterator[Finding]:
    lists = {language: mapping(documents).get(language) for language in LANGUAGES}
    if not all(isinstance(texts, list) for texts in lists.values()):
        return
    counts = {language: len(texts or ()) for language, texts in lists.items()}
    if counts["bg"] != counts["en"]:
        yield Finding(path, UNEQUAL, counts)
    for language, texts in lists.items():
        length = sum(len(text) for text in texts or () if isinstance(text, str))
        if length > CHECKLIST_CHARS:
            yield Finding((*path, language), LONG_LIST, {"length": length, "most": CHECKLIST_CHARS})
        yield from _repeated(texts or (), (*path, language))


def _repeated(texts: Iterable[Any], path: Path) -> Iterator[Finding]:
    """A tick belongs to the words of a document, so two with the same words would be ticked together."""
    seen = set()
    for place, text in enumerate(texts):
        if isinstance(text, str) and text in seen:
            yield Finding((*path, place), REPEATED, {"value": shown(text)})
        seen.add(text if isinstance(text, str) else None)


def _speeds(term: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    """Express is no slower than fast, and fast no slower than ordinary."""
    quicker: tuple[str, int] | None = None
    for speed in SPEEDS:
        days = term.get(speed)
        if isinstance(days, bool) or not isinstance(days, int):
            continue
        if quicker and quicker[1] > days:
            yield Finding((*path, quicker[0]), SLOWER, {"days": quicker[1], "other": speed, "other_days": days})
        quicker = speed, days


def _municipality(municipality: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    settlements = municipality.get("settlements")
    if not isinstance(settlements, list):
        return
    codes = [mapping(settlement).get("ekatte") for settlement in settlements]
    centre = municipality.get("centre_ekatte")
    if isinstance(centre, str) and centre not in codes:
        yield no_choice((*path, "centre_ekatte"), centre, [code for code in codes if isinstance(code, str)])
    for place, found in enumerate(codes):
        if isinstance(found, str) and found in codes[:place]:
            yield Finding((*path, "settlements", place, "ekatte"), REPEATED, {"value": shown(found)})
    box = mapping(municipality.get("bbox"))
    for axis in ("lat", "lon"):
        low, high = box.get(f"min_{axis}"), box.get(f"max_{axis}")
        if isinstance(low, int | float) and isinstance(high, int | float) and low >= high:
            yield Finding((*path, "bbox", f"max_{axis}"), NO_BOX)
