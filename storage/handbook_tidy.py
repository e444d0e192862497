"""A handbook document as it is kept: without stray spaces, empty leftovers and numbers that can be counted."""

import unicodedata
from collections import Counter
from typing import Any

from storage.handbook_fields import PARTS
from storage.handbook_schema import Fields, Items, Kind, Named

LEFTOVER = "_x000D_"  # What some spreadsheets make of a line end inside a cell.


def tidy(document: Any) -> Any:
    """A tidied copy. What is wrong stays as it is, for the check to name."""
    if not isinstance(document, dict):
        return document
    tidied = _clean(document)
    for part, kind in PARTS.items():
        if part in tidied:
            _drop_absent(tidied[part], kind)
    tidied["differences"] = _without_empty(tidied.get("differences", {}))
    _count_services(tidied)
    return tidied


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {name: _clean(below) for name, below in value.items()}
    if isinstance(value, list):
        return [_clean(below) for below in value]
    return value


def text(value: str) -> str | None:
    """Composed letters, plain line ends, no spaces around; nothing at all instead of an empty text."""
    value = value.replace(LEFTOVER, "").replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return unicodedata.normalize("NFC", value).strip() or None


def _drop_absent(value: Any, kind: Kind) -> None:
    """A field that may be left out is left out when it is empty."""
    if isinstance(kind, Fields) and isinstance(value, dict):
        for name, below in kind.fields.items():
            if below.absent and value.get(name) in (None, []):
                value.pop(name, None)
            _drop_absent(value.get(name), below)
    elif isinstance(kind, Items) and isinstance(value, list):
        for item in value:
            _drop_absent(item, kind.of)
    elif isinstance(kind, Named) and isinstance(value, dict):
        for item in value.values():
            _drop_absent(item, kind.of)


def _without_empty(value: Any) -> Any:
    """Differences without empty branches: they change nothing."""
    if not isinstance(value, dict):
        return value
    kept = {name: _without_empty(below) for name, below in value.items()}
    return {name: below for name, below in kept.items() if below != {}}


def _count_services(document: dict[str, Any]) -> None:
    services, categories = document.get("services"), document.get("categories")
    if not isinstance(services, list) or not isinstance(categories, list):
        return
    counts = Counter(card["category"] for card in services
                     if isinstance(card, dict) and isinstance(card.get("category"), str))  # fmt: skip
    for category in categories:
        if isinstance(category, dict) and isinstance(category.get("id"), str):
            category["service_count"] = counts[category["id"]]
