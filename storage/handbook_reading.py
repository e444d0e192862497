"""A workbook read as a handbook, whatever has been done to it: missing, renamed, empty or broken parts are named."""

import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import Any

from storage.handbook_problems import N_, Place, shown
from storage.handbook_rows import Cells, Given, Part
from storage.handbook_schema import nearest
from storage.handbook_sheets import ABOUT, SHEETS, Sheet

Lines = Iterator[tuple[int, Sequence[Any]]]
UNPACKED_BYTES = 150_000_000  # A handbook unpacks to a tenth of it; a zip bomb to much more.
ENTRIES = 1_000
COLUMNS = 100  # Read of a sheet; ours have 30.
HEADER_ROWS = 5  # Among them the header is looked for: somebody may have put a title above it.
OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # Old .xls files and all workbooks with a password begin so.
LOCKED = N_("The file has a password or is an old .xls. Save it as .xlsx without a password.")
NO_BOOK = N_("This is no .xlsx workbook, or it is damaged.")
TOO_LARGE_UNPACKED = N_("The file unpacks to more than {most} MB, which no handbook does.")
NO_SHEET = N_("The sheet is missing.")
NEAR_SHEET = N_("The sheet is missing: was it renamed to “{near}”?")
NO_COLUMN = N_("The column is missing.")
NEAR_COLUMN = N_("The column is missing: was it renamed to “{near}”?")
NO_HEADER = N_("The row of headers is missing: it begins with “{name}”.")
COLUMN_TWICE = N_("There are two columns of this name.")
FORMULA = N_("The cell holds a formula; write the text or number itself.")
ERROR = N_("The cell holds the error {value}.")


def read_workbook(content: bytes) -> Given:
    """The handbook of an .xlsx file. Nothing is raised: what cannot be read is a problem of what is given."""
    given = Given()
    if trouble := _trouble(content):
        message, values = trouble
        given.blame(Place(""), message, **values)
        return given
    from openpyxl import load_workbook  # Large; in memory only where somebody brings a workbook.

    try:
        # Entities and doctypes are refused: openpyxl parses with defusedxml, which we require for this.
        book = load_workbook(BytesIO(content), read_only=True)
        read = Given(document={})
        _read(book, read)
    except Exception:  # A damaged workbook breaks openpyxl in more ways than it names.
        given.blame(Place(""), NO_BOOK)
        return given
    return read


def _trouble(content: bytes) -> tuple[str, dict[str, Any]] | None:
    if content.startswith(OLE):
        return LOCKED, {}
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return NO_BOOK, {}
    if any(entry.flag_bits & 1 for entry in entries):
        return LOCKED, {}
    if len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED_BYTES:
        return TOO_LARGE_UNPACKED, {"most": UNPACKED_BYTES // 1_000_000}
    return None


def _read(book: Any, given: Given) -> None:
    names = {name.strip().casefold(): name for name in book.sheetnames}
    for sheet in SHEETS:
        part = Part(sheet, given)
        name = names.pop(sheet.name.casefold(), None)
        if name is None:
            _blame_missing(given, Place(sheet.name), sheet.name, [*names.values()], (NO_SHEET, NEAR_SHEET))
            continue
        page = book[name]
        page.reset_dimensions()  # Some programs write wrong ones, and cells beyond them would be lost.
        lines = enumerate(page.iter_rows(max_col=COLUMNS), 1)
        header = _header(lines, sheet, given)
        if header is None:
            continue
        where = _columns(header, sheet, given)
        if sheet.group is None and len(where) < len(sheet.columns):
            given.told.add(Place(sheet.name))  # No row means anything without all its columns.
            continue
        part.take(_rows(lines, where, given, sheet))
    if about := names.get(ABOUT.casefold()):
        given.base = _base(book[about])


def _base(page: Any) -> int | None:
    rows = islice(page.iter_rows(max_col=2, values_only=True), 50)
    found = (row[1] for row in rows if len(row) == 2 and row[0] == "edition")
    number = next(found, None)
    return int(number) if isinstance(number, int | float) and 0 <= number < 1e9 else None


def _header(lines: Lines, sheet: Sheet, given: Given) -> list[str] | None:
    first = sheet.columns[0].name
    for _, row in islice(lines, HEADER_ROWS):
        header = [_name(cell.value) for cell in row]
        if first in header:
            return header
    given.blame(Place(sheet.name), NO_HEADER, name=first)
    return None


def _rows(lines: Lines, where: dict[str, int], given: Given, sheet: Sheet) -> Iterator[tuple[int, Cells]]:
    """The rows that hold something, each cell by the name of its column."""
    for number, row in lines:
        cells = {name: row[place] for name, place in where.items() if place < len(row)}
        if any(not _is_empty(cell.value) for cell in cells.values()):
            yield number, {name: _value(cell, Place(sheet.name, number, name), given) for name, cell in cells.items()}


def _columns(header: list[str], sheet: Sheet, given: Given) -> dict[str, int]:
    """Where each of our columns stands; columns of other names are the editor's own."""
    where: dict[str, int] = {}
    known = {column.name for column in sheet.columns}
    others = [name for name in header if name and name not in known]
    for place, name in enumerate(header):
        if name in known and where.setdefault(name, place) != place:
            given.blame(Place(sheet.name, field=name), COLUMN_TWICE)
    for column in sheet.columns:
        if column.name not in where:
            _blame_missing(given, Place(sheet.name, field=column.name), column.name, others, (NO_COLUMN, NEAR_COLUMN))
    return where


def _blame_missing(given: Given, place: Place, name: str, others: list[str], messages: tuple[str, str]) -> None:
    plain, with_near = messages
    near = nearest(name, others)
    if near:
        given.blame(place, with_near, near=shown(near))
    else:
        given.blame(place, plain)


def _name(value: Any) -> str:
    return value.strip().casefold() if isinstance(value, str) else ""


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _value(cell: Any, place: Place, given: Given) -> Any:
    if cell.value is not None and cell.data_type == "f":
        given.blame(place, FORMULA)
        return None
    if cell.value is not None and cell.data_type == "e":
        given.blame(place, ERROR, value=shown(cell.value))
        return None
    return cell.value
