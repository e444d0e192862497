"""The sheets of the handbook as a workbook: their names, columns and rows, the same for writing and for reading."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storage.handbook_cells import Column, columns, to_cell, value_at
from storage.handbook_fields import (
    CATEGORY,
    IDENTIFIER,
    MUNICIPALITY,
    PHRASE_LANGUAGES,
    REPORT_CATEGORY,
    SAME_EVERYWHERE,
    SERVICE,
    WORDS,
)
from storage.handbook_schema import Fields, Kind, Text

Row = tuple[Any, ...]
ABOUT = "About"
BOTH = ("bg", "en")
LONG = Text(most=32_767)  # As much as a cell holds.
LANGUAGE = Text(most=4, choices=PHRASE_LANGUAGES)
PHRASE = Text(most=300)
COUNTED = ("service_count",)  # Follows from the cards, so nobody types it.


@dataclass(frozen=True)
class Sheet:
    """A sheet of a part. With `group`, each row is one item with a column for each field."""

    name: str
    part: str
    columns: tuple[Column, ...]
    group: Fields | None = None


def _of_items(name: str, part: str, group: Fields) -> Sheet:
    return Sheet(name, part, tuple(columns(group, without=COUNTED)), group)


def _of_rows(name: str, part: str, **kinds: Kind) -> Sheet:
    return Sheet(name, part, tuple(Column((column,), kind) for column, kind in kinds.items()))


SERVICES = _of_items("Services", "services", SERVICE)
DIFFERENCES = _of_rows("Differences", "differences", municipality=IDENTIFIER, id=IDENTIFIER, field=IDENTIFIER,
                       bg=LONG, en=LONG, value=LONG)  # fmt: skip
PHRASES = _of_rows("Phrases", "phrases", id=IDENTIFIER, language=LANGUAGE, phrase=PHRASE)
CATEGORIES = _of_items("Categories", "categories", CATEGORY)
REPORTS = _of_items("Reports", "complaint_categories", REPORT_CATEGORY)
INTENTS = _of_rows("Intents", "intents", intent=IDENTIFIER, topic=IDENTIFIER, language=LANGUAGE, phrase=PHRASE)
SYNONYMS = _of_rows("Synonyms", "synonyms", words=WORDS)
MUNICIPALITIES = _of_items("Municipalities", "municipalities", MUNICIPALITY)
CASEWORK = _of_rows("Casework", "casework", key=LONG, item=LONG, value=LONG)
SHEETS = (SERVICES, DIFFERENCES, PHRASES, CATEGORIES, REPORTS, INTENTS, SYNONYMS, MUNICIPALITIES, CASEWORK)


@dataclass(frozen=True)
class Differing:
    """A field in which a municipality may differ, and the columns of Differences that hold it."""

    path: tuple[str, ...]
    columns: Mapping[str, Kind]
    nullable: bool


def _differing(group: Fields, path: tuple[str, ...] = ()) -> Iterator[Differing]:
    for name, kind in group.fields.items():
        at = (*path, name)
        if isinstance(kind, Fields) and set(kind.fields) == set(BOTH):
            yield Differing(at, kind.fields, kind.nullable)
        elif isinstance(kind, Fields):
            yield from _differing(kind, at)
        else:
            yield Differing(at, {"value": kind}, kind.nullable)


DIFFERING = {".".join(field.path): field for field in _differing(SERVICE) if field.path[0] not in SAME_EVERYWHERE}


def rows(sheet: Sheet, document: Mapping[str, Any]) -> Iterator[Row]:
    """The rows below the header."""
    part = document[sheet.part]
    if sheet.group is not None:
        for item in part:
            yield tuple(to_cell(value_at(item, column.path), column.kind) for column in sheet.columns)
    elif sheet is SYNONYMS:
        yield from ((to_cell(words, WORDS),) for words in part)
    else:
        yield from {"phrases": _phrases, "intents": _intents, "casework": _casework, "differences": _differences}[
            sheet.part
        ](part)


def _phrases(banks: Mapping[str, Any]) -> Iterator[Row]:
    for name, bank in banks.items():
        for language, phrases in bank.items():
            yield from ((name, language, phrase) for phrase in phrases)


def _intents(intents: Mapping[str, Any]) -> Iterator[Row]:
    for intent, topics in intents.items():
        yield from ((intent, *row) for row in _phrases(topics))


def _casework(casework: Mapping[str, Any]) -> Iterator[Row]:
    """A row for each key; lists have a row for each item, so that no cell grows too long."""
    for key, value in casework.items():
        items = value if isinstance(value, list) else ()
        for place, item in enumerate(items, 1):
            name = item.get("id", place) if isinstance(item, Mapping) else place
            yield key, str(name), json.dumps(item, ensure_ascii=False, indent=1)
        if not items:
            yield key, None, json.dumps(value, ensure_ascii=False, indent=1)


def _differences(differences: Mapping[str, Any]) -> Iterator[Row]:
    for slug, cards in differences.items():
        for card, fields in cards.items():
            for name, field in DIFFERING.items():
                found, value = _find(fields, field.path)
                if found:
                    yield slug, card, name, *_cells(field, value)


def _find(tree: Any, path: tuple[str, ...]) -> tuple[bool, Any]:
    """Whether a difference names this field, be it to say that there is nothing."""
    for name in path:
        if not isinstance(tree, Mapping) or name not in tree:
            return False, None
        tree = tree[name]
    return True, tree


def _cells(field: Differing, value: Any) -> Row:
    if "value" in field.columns:
        return None, None, to_cell(value, field.columns["value"])
    return *(to_cell(value_at(value, (name,)), field.columns[name]) for name in BOTH), None
