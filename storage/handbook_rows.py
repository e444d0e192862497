"""The rows of the sheets put together to a handbook document, each value with the place it came from."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from storage.handbook_cells import NO_JSON, Unreadable, from_cell, put, settle
from storage.handbook_fields import IDENTIFIER
from storage.handbook_problems import N_, Path, Place, Problem, shown
from storage.handbook_schema import MISSING, nearest
from storage.handbook_sheets import BOTH, DIFFERING, Differing, Sheet

NO_DIFFERING = N_("“{value}” is no field in which a municipality can differ.")
NEAR_DIFFERING = N_("“{value}” is no field in which a municipality can differ: did you mean “{near}”?")
WRONG_COLUMN = N_("For the field “{name}” this cell stays empty: what differs stands in {columns}.")
TWICE_DIFFERING = N_("This difference stands here twice, first in row {row}.")
KEY_TWICE = N_("The key “{key}” is given twice, first in row {row}.")

Cells = dict[str, Any]  # What the cells of a row mean, by the name of the column.


@dataclass
class Given:
    """A handbook as a file gives it: the document, where its parts stand, and what could not be read."""

    document: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    told: set[Place] = field(default_factory=set)  # The places of these problems.
    base: int | None = None  # The edition from which the file was made.

    def blame(self, place: Place, message: str, /, **values: Any) -> None:
        """Remember what is wrong. That a value is missing is no news where its cell or column was blamed before."""
        column = Place(place.where, field=place.field)
        if message != MISSING or not self.told & {place, column}:
            self.problems.append(Problem(place.where, place.field, message, values, place.row))
            self.told.add(place)


class Part:
    """One sheet on its way into the document."""

    def __init__(self, sheet: Sheet, given: Given) -> None:
        self.sheet = sheet
        self.given = given
        self.part = sheet.part
        given.places[self.part,] = Place(sheet.name)

    def take(self, rows: Iterator[tuple[int, Cells]]) -> None:
        is_list = self.sheet.group is not None or self.part == "synonyms"
        self.given.document[self.part] = [] if is_list else {}
        take = self._taker()
        for row, cells in rows:
            take(row, cells)

    def _taker(self) -> Callable[[int, Cells], None]:
        if self.sheet.group is not None:
            return self._item
        return {
            "synonyms": self._synonym,
            "phrases": self._phrase,
            "intents": self._phrase,
            "casework": self._casework,
            "differences": self._difference,
        }[self.part]

    def _mark(self, path: Path, row: int, name: str = "") -> None:
        self.given.places.setdefault(path, Place(self.sheet.name, row, name))

    def _blame(self, row: int, name: str, message: str, /, **values: Any) -> None:
        self.given.blame(Place(self.sheet.name, row, name), message, **values)

    def _mean(self, row: int, name: str, value: Any, kind: Any) -> Any:
        try:
            return from_cell(value, kind)
        except Unreadable as error:
            self._blame(row, name, error.message, **error.values)
            return None

    def _all_there(self, row: int, cells: Cells, names: tuple[str, ...]) -> bool:
        empty = [name for name in names if cells.get(name) in (None, "")]
        for name in empty:
            self._blame(row, name, MISSING)
        return not empty

    def _means(self, row: int, cells: Cells) -> Cells:
        return {
            column.name: self._mean(row, column.name, cells.get(column.name), column.kind)
            for column in self.sheet.columns
        }

    def _item(self, row: int, cells: Cells) -> None:
        assert self.sheet.group is not None
        items: list[Any] = self.given.document[self.part]
        item: dict[str, Any] = {}
        means = self._means(row, cells)
        for column in self.sheet.columns:
            put(item, column.path, means[column.name])
        settle(item, self.sheet.group)
        self._mark((self.part, len(items)), row)
        items.append(item)

    def _synonym(self, row: int, cells: Cells) -> None:
        groups = self.given.document[self.part]
        self._mark((self.part, len(groups)), row, "words")
        groups.append(self._means(row, cells)["words"])

    def _phrase(self, row: int, cells: Cells) -> None:
        """Also of intents, whose phrases stand one level deeper."""
        cells = self._means(row, cells)
        names = tuple(column.name for column in self.sheet.columns)
        if not self._all_there(row, cells, names):
            return
        tree = self.given.document[self.part]
        path: Path = (self.part,)
        for name in names[:-1]:
            path = (*path, cells[name])
            self._mark(path, row, name)
            tree = tree.setdefault(cells[name], [] if name == "language" else {})
        self._mark((*path, len(tree)), row, "phrase")
        tree.append(cells["phrase"])

    def _casework(self, row: int, cells: Cells) -> None:
        cells = self._means(row, cells)
        if not self._all_there(row, cells, ("key", "value")):
            return
        casework, key = self.given.document[self.part], cells["key"]
        try:
            value = json.loads(cells["value"])
        except (ValueError, RecursionError) as error:
            line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
            self._blame(row, "value", NO_JSON, line=line, column=column, value=shown(cells["value"]))
            value = None
        if cells["item"] is not None and isinstance(casework.get(key, []), list):
            items = casework.setdefault(key, [])
            self._mark((self.part, key, len(items)), row, "value")
            items.append(value)
        elif key in casework:
            self._blame(row, "key", KEY_TWICE, key=shown(key), row=self.given.places[self.part, key].row)
        else:
            casework[key] = value
        self._mark((self.part, key), row, "value" if cells["item"] is None else "key")

    def _difference(self, row: int, cells: Cells) -> None:
        cells = {column.name: cells.get(column.name) for column in self.sheet.columns}
        if not self._all_there(row, cells, ("municipality", "id", "field")):
            return
        slug, card, name = (self._mean(row, key, cells[key], IDENTIFIER) for key in ("municipality", "id", "field"))
        field = DIFFERING.get(name)
        if field is None:
            near = nearest(name, DIFFERING)
            message = NEAR_DIFFERING if near else NO_DIFFERING
            self._blame(row, "field", message, value=shown(name), **({"near": near} if near else {}))
            return
        fields = self.given.document[self.part].setdefault(slug, {}).setdefault(card, {})
        path = (self.part, slug, card, *field.path)
        if path in self.given.places:
            self._blame(row, "field", TWICE_DIFFERING, row=self.given.places[path].row)
            return
        self._mark((self.part, slug), row, "municipality")
        self._mark((self.part, slug, card), row, "id")
        self._mark(path, row, "value" if "value" in field.columns else "")
        put(fields, field.path, self._differing(row, name, field, cells))

    def _differing(self, row: int, name: str, field: Differing, cells: Cells) -> Any:
        for other in (*BOTH, "value"):
            if other not in field.columns and cells.get(other) is not None:
                self._blame(row, other, WRONG_COLUMN, name=name, columns=", ".join(field.columns))
        if "value" in field.columns:
            return self._mean(row, "value", cells.get("value"), field.columns["value"])
        written = {name: self._mean(row, name, cells[name], kind)
                   for name, kind in field.columns.items() if cells.get(name) is not None}  # fmt: skip
        return written or None
