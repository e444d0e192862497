"""How fields are described: a small language of kinds, each of which looks at a value and tells what is wrong."""

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from storage.handbook_problems import N_, Finding, Path, code, shown, unwanted

MISSING = N_("This is missing.")
NO_TEXT = N_("This must be text, not “{value}”.")
NO_WHOLE = N_("This must be a whole number, not “{value}”.")
NO_NUMBER = N_("This must be a number, not “{value}”.")
NO_FLAG = N_("This must be true or false, not “{value}”.")
NO_DAY = N_("This must be a date like 2026-01-31, not “{value}”.")
NO_LIST = N_("This must be a list, not “{value}”.")
NO_FIELDS = N_("This must be a group of fields, not “{value}”.")
TOO_LONG = N_("The text has {length} characters; {most} are the most that fit.")
TOO_SHORT = N_("The text has {length} characters; it needs at least {least}.")
OUT_OF_RANGE = N_("{value} is not between {least} and {most}.")
TOO_FEW = N_("At least {least} are needed here; there are {count}.")
TOO_MANY = N_("At most {most} fit here; there are {count}.")
UNWANTED = N_("Character {position} is an invisible or control character ({code}). Type the text anew.")
ONE_LINE = N_("This must be one line.")
NO_CHOICE = N_("“{value}” is not one of: {known}.")
NEAR_CHOICE = N_("“{value}” is not known: did you mean “{near}”?")
UNKNOWN = N_("There is no field “{name}” here.")
NEAR_UNKNOWN = N_("There is no field “{name}” here: did you mean “{near}”?")
NO_ID = N_("“{value}” is no id: 2 to 40 small Latin letters, digits and hyphens.")
ID = re.compile(r"[a-z0-9-]{2,40}")  # No underscore: deep links put one between the kind and the id.
KNOWN_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a field holds. `nullable`: there may be nothing; `absent`: the field itself may be left out."""

    nullable: bool = False
    absent: bool = False

    def findings(self, value: Any, path: Path = ()) -> Iterator[Finding]:
        if value is None or value == "":
            if not self.nullable:
                yield Finding(path, MISSING)
        else:
            yield from self._look(value, path)

    def _look(self, value: Any, path: Path) -> Iterator[Finding]:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Text(Kind):
    most: int
    least: int = 1
    lines: bool = False  # May have several lines.
    pattern: re.Pattern[str] | None = None
    advice: str = ""  # What to say when the pattern does not match.
    choices: tuple[str, ...] = ()

    def _look(self, value: Any, path: Path) -> Iterator[Finding]:
        if not isinstance(value, str):
            yield Finding(path, NO_TEXT, {"value": shown(value)})
            return
        if (place := unwanted(value)) is not None:
            yield Finding(path, UNWANTED, {"position": place + 1, "code": code(value[place])})
        elif "\n" in value and not self.lines:
            yield Finding(path, ONE_LINE)
        elif self.choices and value not in self.choices:
            yield no_choice(path, value, self.choices)
        elif self.pattern and not self.pattern.fullmatch(value):
            yield Finding(path, self.advice, {"value": shown(value)})
        length = len(value.strip())
        if length > self.most:
            yield Finding(path, TOO_LONG, {"length": length, "most": self.most})
        elif length < self.least:
            yield Finding(path, TOO_SHORT if length else MISSING, {"length": length, "least": self.least})


@dataclass(frozen=True, kw_only=True)
class Whole(Kind):
    least: int = 1
    most: int = 1_000_000

    def _look(self, value: Any, path: Path) -> Iterator[Finding]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield Finding(path, NO_WHOLE, {"value": shown(value)})
        elif not self.least <= value <= self.most:
            yield _out_of_range(path, value, self.least, self.most)


@dataclass(frozen=True, kw_only=True)
class Number(Kind):
    least: float
    most: float

    def _look(self, value: Any, path: Path) -> Iterator[Finding]:
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
            yield Finding(path, NO_NUMBER, {"value": shown(value)})
        elif not self.least <= value <= self.most:
            yield _out_of_range(path, value, self.least, self.most)


@dataclass(frozen=True, kw_only=True)
class Flag(Kind):
    def _look(self, value: Any, path: Path) -> Iterator[Finding]:
        if not isinstance(value, bool):
            yield Finding(path, NO_FLAG, {"value": shown(value)})


@dataclass(frozen=True, kw_only=True)
class Day(Kind):
    def _look(self, value: Any, path: Path) -> Iterator[Finding]:
        if day(value) is None:
            yield Finding(path, NO_DAY, {"value": shown(value)})


@dataclass(frozen=True, kw_only=True)
class Items(Kind):
    of: Kind
    least: int = 0
    most: int
    joined: str = "\n"  # How a cell of a sheet holds them.

    def _look(self, value: Any, path: Path) -> Iterator[Finding]:
        if not isinstance(value, list):
            yield Finding(path, NO_LIST, {"value": shown(value)})
            return
        if len(value) < self.least:
            yield Finding(path, TOO_FEW, {"least": self.least, "count": len(value)})
        elif len(value) > self.most:
            yield Finding(path, TOO_MANY, {"most": self.most, "count": len(value)})
        for place, item in enumerate(value):
            yield from self.of.findings(item, (*path, place))


@dataclass(frozen=True, kw_only=True)
class Fields(Kind):
    """A group of fields, each with its own name and kind."""

    fields: Mapping[str, Kind]

    def _look(self, value: Any, path: Path) -> Iterator[Finding]:
        if not isinstance(value, Mapping):
            yield Finding(path, NO_FIELDS, {"value": shown(value)})
            return
        for name in value:
            if name not in self.fields:
                yield unknown((*path, name), self.fields)
        for name, kind in self.fields.items():
            if name in value:
                yield from kind.findings(value[name], (*path, name))
            elif not kind.absent:
                yield Finding((*path, name), MISSING)


@dataclass(frozen=True, kw_only=True)
class Named(Kind):
    """Any number of things of one kind, each under a name of its own."""

    of: Kind
    name: re.Pattern[str] = ID
    least: int = 0
    most: int

    def _look(self, value: Any, path: Path) -> Iterator[Finding]:
        if not isinstance(value, Mapping):
            yield Finding(path, NO_FIELDS, {"value": shown(value)})
            return
        if len(value) < self.least:
            yield Finding(path, TOO_FEW, {"least": self.least, "count": len(value)})
        elif len(value) > self.most:
            yield Finding(path, TOO_MANY, {"most": self.most, "count": len(value)})
        for name, item in value.items():
            if not self.name.fullmatch(str(name)):
                yield Finding((*path, name), NO_ID, {"value": shown(name)})
            yield from self.of.findings(item, (*path, name))


@dataclass(frozen=True, kw_only=True)
class Tree(Kind):
    """Fields that are looked at elsewhere, laid over those of a card."""

    def _look(self, value: Any, path: Path) -> Iterator[Finding]:
        if not isinstance(value, Mapping):
            yield Finding(path, NO_FIELDS, {"value": shown(value)})


def day(value: Any) -> date | None:
    """The day that a text like 2026-01-31 names."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def unknown(path: Path, known: Iterable[str]) -> Finding:
    """A name that nothing here has, with the one that was perhaps meant."""
    name = str(path[-1])
    if near := nearest(name, known):
        return Finding(path, NEAR_UNKNOWN, {"name": shown(name), "near": near})
    return Finding(path, UNKNOWN, {"name": shown(name)})


def no_choice(path: Path, value: str, known: Iterable[str]) -> Finding:
    known = sorted(known)
    if near := nearest(value, known):
        return Finding(path, NEAR_CHOICE, {"value": shown(value), "near": near})
    listed = ", ".join(known[:KNOWN_SHOWN]) + (", …" if len(known) > KNOWN_SHOWN else "")
    return Finding(path, NO_CHOICE, {"value": shown(value), "known": listed})


def nearest(name: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name[:60], list(known), 1, 0.7)), None)


def _out_of_range(path: Path, value: float, least: float, most: float) -> Finding:
    return Finding(path, OUT_OF_RANGE, {"value": shown(value), "least": least, "most": most})
