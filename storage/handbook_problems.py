"""What is wrong with a handbook and where: sentences that the command line gives in the language of the reader."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any

Path = tuple[str | int, ...]  # The way to a value in the document: ("services", 12, "fee", "bg").
SHOWN_CHARS = 60
CELL_CHARS = 32_767  # What a cell of a workbook holds; longer texts would be cut off without a word.


def N_(message: str) -> str:
    """Mark a sentence for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a path of the document."""

    path: Path
    message: str
    values: Mapping[str, Any] = made(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person finds a part of the document: a sheet and its row, or a part of a JSON file and its id."""

    where: str
    row: int | None = None
    field: str = ""


Places = Mapping[Path, Place]


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding at a place that a person can go to."""

    where: str
    field: str
    message: str
    values: Mapping[str, Any] = made(default_factory=dict)
    row: int | None = None

    def __str__(self) -> str:
        where = self.where if self.row is None else f"{self.where} row {self.row}"
        place = ", ".join(part for part in (where, self.field) if part)
        words = self.message.format(**self.values)
        return f"{place}: {words}" if place else words


def locate(finding: Finding, document: Any, places: Places) -> Problem:
    """Turn the path of a finding into a place; a value that is a path becomes the name of its place."""
    place = _place(finding.path, document, places)
    values = {
        name: _spoken(_place(value, document, places)) if isinstance(value, tuple) else value
        for name, value in finding.values.items()
    }
    return Problem(place.where, place.field, finding.message, values, place.row)


def _place(path: Path, document: Any, places: Places) -> Place:
    """The nearest place that is known, and from there the field."""
    for length in range(len(path), 0, -1):
        if place := places.get(path[:length]):
            name = place.field + _field(path[length:], place.row is not None, joined=bool(place.field))
            return Place(place.where, place.row, shown(name))
    where, rest = _part(path, document)
    return Place(shown(where), None, shown(_field(rest, in_sheet=False)))


def _spoken(place: Place) -> str:
    return " ".join(str(part) for part in (place.where, place.row) if part)


def _part(path: Path, document: Any) -> tuple[str, Path]:
    """`services[12] building-permit` and what remains; the whole document has no name of its own."""
    if not path or len(path) == 1:
        return "", path
    part, second = path[0], path[1]
    if isinstance(second, str):
        return (str(part), path[1:]) if part == "casework" else (f"{part} {second}", path[2:])
    item = document[part][second]
    name = (item.get("id") or item.get("slug")) if isinstance(item, Mapping) else None
    return f"{part}[{second}]" + (f" {name}" if isinstance(name, str) else ""), path[2:]


def _field(path: Path, in_sheet: bool, joined: bool = False) -> str:
    """`documents.bg[3]`; in a sheet, where people count lines from one, `documents.bg #4`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f" #{step + 1}" if in_sheet else f"[{step}]"
        else:
            text += f".{step}" if text or joined else step
    return text


def shown(value: Any) -> str:
    """A value as it may be printed on a terminal: short, and without characters that command it."""
    text = value if isinstance(value, str) else repr(value)
    if len(text) > SHOWN_CHARS:
        text = text[: SHOWN_CHARS - 1] + "…"
    return "".join(c if c.isprintable() else code(c) for c in text)


def code(character: str) -> str:
    return f"U+{ord(character):04X}"


def unwanted(text: str) -> int | None:
    """The position of the first character that nobody sees or that turns the direction of reading."""
    if text.isprintable():  # True for nearly every text, and fast.
        return None
    return next((place for place, character in enumerate(text) if _is_unwanted(character)), None)


def _is_unwanted(character: str) -> bool:
    if character in "\n\u200c\u200d":  # Joiners make emoji and some scripts what they are.
        return False
    is_none = ord(character) & 0xFFFE == 0xFFFE  # Such code points are no characters; XML cannot carry them.
    return is_none or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


TOO_LONG_FOR_CELL = N_("{where} has {length} characters; a cell holds {most}. Export to .json instead.")


class DoesNotFit(Exception):
    """A text is longer than a cell. Use the other format."""

    def __init__(self, where: str, length: int) -> None:
        super().__init__(where)
        self.values = {"where": where, "length": length, "most": CELL_CHARS}
