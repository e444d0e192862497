"""The handbook written as a workbook that is pleasant to edit: frozen headers, comments, lists to choose from."""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from storage.handbook_cells import Column
from storage.handbook_help import INTRODUCTION, comment
from storage.handbook_problems import CELL_CHARS, DoesNotFit
from storage.handbook_schema import Day, Flag, Items, Text
from storage.handbook_sheets import ABOUT, CATEGORIES, DIFFERENCES, DIFFERING, MUNICIPALITIES, SHEETS, Sheet, rows

ROWS_PREPARED = 20_000  # Rows for which lists to choose from are laid out.
CODE_CHARS = 60  # Codes, telephone numbers, dates: not the running texts.
TOP = Alignment(vertical="top", wrap_text=True)
HEADER = Font(bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor="1F4E5F")
RISKY = ("=", "+", "-", "@")  # A spreadsheet takes what begins so for a formula, unless told that it is text.


def workbook(document: Mapping[str, Any], number: int, since: datetime | None) -> bytes:
    """The whole handbook as the bytes of an .xlsx file."""
    book = Workbook()
    _about(book.active, number, since)
    for sheet in SHEETS:
        _fill(book.create_sheet(sheet.name), sheet, document)
    book.active = 1
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _about(page: Any, number: int, since: datetime | None) -> None:
    page.title = ABOUT
    page.append(["edition", number])
    page.append(["date", since.date().isoformat() if since else ""])
    for bulgarian, english in INTRODUCTION:
        page.append([bulgarian, english])
    for letter in "AB":
        page.column_dimensions[letter].width = 80
    for row in page.iter_rows():
        for cell in row:
            cell.alignment = TOP


def _fill(page: Any, sheet: Sheet, document: Mapping[str, Any]) -> None:
    for place, column in enumerate(sheet.columns, 1):
        _head(page, place, column)
    codes = {place for place, column in enumerate(sheet.columns, 1) if _is_code(column)}
    for row_number, row in enumerate(rows(sheet, document), 2):
        for place, value in enumerate(row, 1):
            if value is not None:
                _write(page.cell(row_number, place), value, is_code=place in codes)
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{max(page.max_row, 2)}"
    _offer_choices(page, sheet, document)


def _head(page: Any, place: int, column: Column) -> None:
    cell = page.cell(1, place, column.name)
    cell.font, cell.fill, cell.alignment = HEADER, HEADER_FILL, TOP
    if words := comment(column.name):
        cell.comment = Comment(words, "Gishe", width=380, height=110)
    page.column_dimensions[get_column_letter(place)].width = _width(column)


def _is_code(column: Column) -> bool:
    return isinstance(column.kind, Day) or (isinstance(column.kind, Text) and column.kind.most <= CODE_CHARS)


def _width(column: Column) -> int:
    kind = column.kind
    if isinstance(kind, Items):
        return 40
    if isinstance(kind, Text) and kind.most > 40:
        return 30 if kind.most <= 120 else 50
    return 24 if isinstance(kind, Text) else 12


def _write(cell: Any, value: Any, *, is_code: bool) -> None:
    if isinstance(value, str) and len(value.encode("utf-16-le")) // 2 > CELL_CHARS:
        raise DoesNotFit(f"{cell.parent.title} {cell.coordinate}", len(value))
    cell.value = value
    cell.alignment = TOP
    if isinstance(value, str):
        cell.data_type = "s"  # Never a formula, whatever it begins with.
        cell.quotePrefix = value.startswith(RISKY)
    if is_code:
        cell.number_format = "@"  # What is typed here stays as it is typed, zeros at the front too.


def _offer_choices(page: Any, sheet: Sheet, document: Mapping[str, Any]) -> None:
    """A list to choose from for every field of few known values."""
    for place, column in enumerate(sheet.columns, 1):
        formula = _choices(sheet, column, document)
        if formula is None:
            continue
        choice = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
        letter = get_column_letter(place)
        choice.add(f"{letter}2:{letter}{ROWS_PREPARED}")
        page.add_data_validation(choice)


def _choices(sheet: Sheet, column: Column, document: Mapping[str, Any]) -> str | None:
    if sheet.part == "services" and column.name == "category":
        return f"{CATEGORIES.name}!$A$2:$A${max(200, len(document['categories']) + 100)}"
    if sheet is DIFFERENCES and column.name == "municipality":
        return f"{MUNICIPALITIES.name}!$A$2:$A${max(100, len(document['municipalities']) + 50)}"
    if sheet is DIFFERENCES and column.name == "field":
        return '"' + ",".join(DIFFERING) + '"'
    if isinstance(column.kind, Flag):
        return '"TRUE,FALSE"'
    if isinstance(column.kind, Text) and column.kind.choices:
        return '"' + ",".join(column.kind.choices) + '"'
    return None
