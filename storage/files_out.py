"""Rows on their way into files: CSV by RFC 4180, JSON, and workbooks, with nothing in them that acts by itself."""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from typing import Any

import orjson

Value = str | int | float | bool | datetime | date | None
Row = Sequence[Value]

# A spreadsheet may run what begins so.
ACTING = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
# Marks that turn the direction of reading round, so that a cell shows other words than it holds; control characters.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
CELL_CHARS = 32_767  # What a cell of a workbook holds.
MOST_ROWS = 1_048_575  # What a sheet of a workbook holds below its header.


def calm(text: str) -> str:
    """The same text, as something that is read and not run."""
    text = TURNING.sub("", text)
    return f"'{text}" if text.lstrip(" ").startswith(ACTING) else text


def moment(at: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(value: Value) -> str | int | float | bool | None:
    """A value as every format can hold it."""
    match value:
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case str():
            return calm(value)
        case _:
            return value


def _cell(value: Value) -> str:
    """A value as CSV writes it: nothing for nothing, true and false in words."""
    known = plain(value)
    if known is None:
        return ""
    return str(known).lower() if isinstance(known, bool) else str(known)


def csv_lines(header: Sequence[str], rows: Iterable[Row]) -> Iterable[bytes]:
    """RFC 4180 line by line: CRLF, quotes where they are needed, UTF-8 without a byte order mark."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")

    def taken() -> bytes:
        text = out.getvalue()
        out.seek(0)
        out.truncate()
        return text.encode()

    writer.writerow(header)
    yield taken()
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        yield taken()


def json_lines(header: Sequence[str], rows: Iterable[Row], about: dict[str, Any]) -> Iterable[bytes]:
    """One JSON document {…about, "rows": [{…}, …]}, row by row."""
    yield orjson.dumps(about)[:-1] + (b"," if about else b"") + b'"rows":['
    between = b"\n"
    for row in rows:
        yield between + orjson.dumps(dict(zip(header, map(plain, row), strict=True)))
        between = b",\n"
    yield b"\n]}\n"


def workbook(sheets: Sequence[tuple[str, Sequence[str], Iterable[Row]]]) -> bytes:
    """Several tables as the sheets of one workbook."""
    from openpyxl import Workbook  # Large; in memory only where somebody wants a workbook.

    book = Workbook(write_only=True)
    for name, header, rows in sheets:
        _sheet(book.create_sheet(name), header, rows)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _sheet(page: Any, header: Sequence[str], rows: Iterable[Row]) -> None:
    page.freeze_panes = "A2"
    from openpyxl.cell import WriteOnlyCell

    page.append([_head(page, name) for name in header])
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            raise TooManyRows
        page.append([_workbook_cell(WriteOnlyCell, page, plain(value)) for value in row])


def _head(page: Any, name: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(page, value=name)
    cell.font = Font(bold=True)
    return cell


def _workbook_cell(make: Callable[..., Any], page: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = make(page, value=value[:CELL_CHARS])
    cell.data_type = "s"  # Never a formula, whatever it begins with.
    return cell


class TooManyRows(Exception):
    """A sheet does not hold them. Use the other formats."""


Writer = Callable[[Sequence[str], Iterable[Row], dict[str, Any]], Iterable[bytes]]
WRITERS: dict[str, Writer] = {
    "csv": lambda header, rows, _about: csv_lines(header, rows),
    "json": json_lines,
    "xlsx": lambda header, rows, _about: [workbook([("data", header, rows)])],
}
MIMES = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
