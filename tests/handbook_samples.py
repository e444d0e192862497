"""A handbook small enough to be checked a thousand times, and workbooks made from it and then spoilt."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from storage.handbook import delivered
from storage.handbook_editions import Edition
from storage.handbook_files import as_workbook, problems, read_file
from storage.handbook_problems import Problem
from storage.handbook_rows import Given
from storage.handbook_tidy import tidy

CARDS = ("property-sketch", "building-permit", "tree-cutting-ornamental")


@cache
def _small() -> dict[str, Any]:
    whole = delivered()
    services = [card for card in whole["services"] if card["id"] in CARDS]
    for card in services:
        card["related"] = [name for name in card["related"] if name in CARDS]
    bank = {"bg": ["искам скица", "=скица+имот"], "latn": ["iskam skica"], "en": ["a sketch please"]}
    intents = {
        intent: {name: {language: said[:2] for language, said in topics[name].items()} for name in list(topics)[:2]}
        for intent, topics in whole["intents"].items()
    }
    differences = {
        "montana": {
            "property-sketch": {
                "term_days": {
                    "ordinary": 5,
                    "note": {"bg": "По решение на съвета", "en": "By decision of the council"},
                },
                "fee": {"bg": "5 €", "en": "5 €"},
                "validity": None,
                "documents": {"bg": ["Заявление"], "en": ["Application"]},
                "legal_basis": ["ЗМДТ чл. 9"],
                "related": ["building-permit"],
                "checked_by": "Главен архитект",
                "checked_on": "2026-01-31",
            }
        }
    }
    return tidy({  # type: ignore[no-any-return]
        **whole,
        "services": services,
        "phrases": {"property-sketch": bank, "report:other": {"bg": ["друго"]}},
        "intents": intents,
        "synonyms": [["скица", "чертеж"], ["такса", "сума", "fee"]],
        "differences": differences,
    })  # fmt: skip


def small() -> dict[str, Any]:
    """A fresh copy: spoil it as you like."""
    return copy.deepcopy(_small())


def spoilt(file: Path, spoil: Callable[[Workbook], Any]) -> tuple[Given, list[Problem]]:
    """Export the small handbook, let `spoil` edit the workbook as an editor would, and read it back."""
    book = load_workbook(BytesIO(_exported()))
    spoil(book)
    book.save(file)
    given = read_file(file)
    return given, problems(given)


@cache
def _exported() -> bytes:
    return as_workbook(Edition(7, _small(), datetime(2026, 11, 1, tzinfo=UTC)))


def cell(book: Workbook, sheet: str, column: str, row: int) -> Any:
    """The cell of a column by its name."""
    page = book[sheet]
    place = next(head.column for head in page[1] if head.value == column)
    return page.cell(row, place)
