"""A published table as the bytes of a file, some rows at a time: for the page and for the command line."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

from storage import catalogue, opendata
from storage.database import Store
from storage.files_out import Row, csv_lines, json_lines
from storage.opendata import Published, Wanted

CHUNK = 500  # Rows.


async def lines(
    store: Store, what: Published, wanted: Wanted, kind: str, see: Callable[[Row], Row] = lambda row: row
) -> AsyncIterator[bytes]:
    """A table as the bytes of a file, some rows at a time. `see` is shown each row."""
    waiting: list[Sequence[Any]] = []
    is_first = True
    async for row in opendata.read(store, what, wanted):
        waiting.append(see(row))
        if len(waiting) == CHUNK:
            yield b"".join(_piece(kind, what, waiting, is_first))
            waiting, is_first = [], False
    yield b"".join(_piece(kind, what, waiting, is_first))
    if kind == "json":
        yield b"\n]}\n"


def _piece(kind: str, what: Published, rows: Sequence[Row], is_first: bool) -> Iterable[bytes]:
    """Some rows of a file: the head stands before the first."""
    if kind == "csv":
        found = list(csv_lines(what.header, rows))
        return found if is_first else found[1:]
    found = list(json_lines(what.header, rows, _about(what)))
    body = found[1:-1]
    if is_first:
        return [found[0], *body]
    return [b",", *body] if body else []


def _about(what: Published) -> dict[str, Any]:
    return {"schema": opendata.SCHEMA, "table": what.id, "licence": catalogue.LICENCE}
