"""How a value of the handbook is written into a cell of a sheet, and what may be typed there to mean it."""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storage.handbook_problems import N_, shown
from storage.handbook_schema import Day, Fields, Flag, Items, Kind, Number, Text, Whole
from storage.handbook_tidy import text

NO_JSON = N_("This is no JSON (line {line}, column {column}): {value}")
YES = {"true", "yes", "да", "вярно", "1"}
NO = {"false", "no", "не", "невярно", "0"}
DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s*г\.?)?", re.ASCII)  # As written in Bulgaria: 31.01.2026 г.
JOINTS = {"\n": re.compile(r"\n+"), ", ": re.compile(r"[,;\n]+")}


class Unreadable(ValueError):
    """A cell that cannot mean what belongs there, with the sentence that says so."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


@dataclass(frozen=True, slots=True)
class Column:
    """A column named after the path of its field: `title.bg`."""

    path: tuple[str, ...]
    kind: Kind

    @property
    def name(self) -> str:
        return ".".join(self.path)


def columns(group: Fields, path: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> Iterator[Column]:
    """A column for each field at the end of its path."""
    for name, kind in group.fields.items():
        if name in without:
            continue
        if isinstance(kind, Fields):
            yield from columns(kind, (*path, name))
        else:
            yield Column((*path, name), kind)


def value_at(item: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        item = item.get(name) if isinstance(item, Mapping) else None
    return item


def to_cell(value: Any, kind: Kind) -> str | int | float | bool | None:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(kind, Items) and isinstance(kind.of, Text) and all(isinstance(item, str) for item in value):
        return kind.joined.join(value)
    return json.dumps(value, ensure_ascii=False)


def from_cell(value: Any, kind: Kind) -> Any:
    """What the cell means. What cannot be meant stays as it is, and the check names it."""
    if isinstance(value, str):
        value = text(value)
    if isinstance(kind, Items):
        return _list(value, kind)
    if value is None:
        return None
    for kinds, read in READERS:
        if isinstance(kind, kinds):
            return read(value)
    return _json(value)


def _list(value: Any, kind: Items) -> Any:
    if not isinstance(kind.of, Text):
        return [] if value is None else _json(value)
    parts = JOINTS[kind.joined].split(_text(value)) if value is not None else []
    return [part.strip() for part in parts if part.strip()]


def _text(value: Any) -> str:
    """A number typed where a text belongs is the text of its digits."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dt.datetime | dt.date):
        value = _day(value)
    return str(value)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,15}([.,]0+)?", value, re.ASCII):
        return int(re.split("[.,]", value)[0])
    return value


def _number(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,9}([.,]\d{1,9})?", value, re.ASCII):
        return float(value.replace(",", "."))
    return value


def _flag(value: Any) -> Any:
    word = str(value).casefold()
    return True if word in YES else False if word in NO else value


def _day(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str) and (match := DAY.fullmatch(value)):
        day, month, year = match.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    return value


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise Unreadable(NO_JSON, line=error.lineno, column=error.colno, value=shown(value)) from error
    except (ValueError, RecursionError) as error:  # Digits or brackets without end.
        raise Unreadable(NO_JSON, line=1, column=1, value=shown(value)) from error


READERS = ((Text, _text), (Whole, _whole), (Number, _number), (Flag, _flag), (Day, _day))


def put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def settle(tree: dict[str, Any], group: Fields) -> None:
    """Where all cells of a group that may be missing are empty, there is no such group."""
    for name, kind in group.fields.items():
        below = tree.get(name)
        if isinstance(kind, Fields) and isinstance(below, dict):
            settle(below, kind)
            if kind.nullable and all(value is None for value in below.values()):
                tree[name] = None
