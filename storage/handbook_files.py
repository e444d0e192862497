"""The handbook as a file, JSON or XLSX by the ending: read with everything that is wrong with it, and written."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from storage.handbook_check import check
from storage.handbook_editions import Edition
from storage.handbook_problems import N_, Place, Problem, shown
from storage.handbook_reading import read_workbook
from storage.handbook_rows import Given
from storage.handbook_tidy import tidy

FILE_BYTES = 20_000_000  # The delivered handbook has two million.
ABOUT = "about"  # The key under which a JSON file tells what it was made from; no part of the handbook.
TOO_LARGE = N_("The file has {size} MB; {most} MB are the most that a handbook may have.")
NO_FILE = N_("The file cannot be read: {reason}.")
NO_UTF8 = N_("The file is not in UTF-8: byte {position} belongs to another encoding.")
NO_SYNTAX = N_("This is no JSON from line {line}, column {column} on.")
NESTED = N_("The brackets of this JSON are nested without end.")
NO_JSON_NUMBER = N_("{value} is no number that can be kept.")
NAME_TWICE = N_("The name “{name}” is given twice within one group; only one of the two would be kept.")


def read_file(file: Path) -> Given:
    """Read a handbook file. Nothing is raised: what cannot be read is a problem of what is given."""
    given = Given()
    try:
        size = file.stat().st_size
        if size > FILE_BYTES:
            values = {"size": round(size / 1e6, 1), "most": FILE_BYTES // 1_000_000}
            given.blame(Place(""), TOO_LARGE, **values)
            return given
        content = file.read_bytes()
    except OSError as error:
        given.blame(Place(""), NO_FILE, reason=error.strerror or type(error).__name__)
        return given
    given = READERS[file.suffix.lower()](content)
    given.document = tidy(given.document)
    return given


def problems(given: Given) -> list[Problem]:
    """What could not be read and what is wrong with the rest; what follows from a missing cell is not told again."""
    if given.document is None and given.problems:
        return given.problems
    told = {(place.where, place.row, place.field) for place in given.told}
    found = [problem for problem in check(given.document, given.places) if not _follows(problem, told)]
    return given.problems + found


def _follows(problem: Problem, told: set[tuple[str, int | None, str]]) -> bool:
    if (problem.where, None, "") in told and problem.where:
        return True
    name = problem.field.split(" #")[0].split("[")[0]
    steps = name.split(".")
    above = {".".join(steps[:length]) for length in range(len(steps) + 1)}
    if any((problem.where, row, step) in told for step in above if step for row in (None, problem.row)):
        return True
    # A group of columns none of which is there: `fee` follows from `fee.bg`.
    return any(where == problem.where and row is None and field.startswith(f"{name}.") for where, row, field in told)


def read_json(content: bytes) -> Given:
    given = Given()

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        group = dict(pairs)
        if len(group) < len(pairs):
            names = [name for name, _ in pairs]
            for name in {name for name in names if names.count(name) > 1}:
                given.blame(Place(""), NAME_TWICE, name=shown(name))
        return group

    def number(word: str) -> Any:
        given.blame(Place(""), NO_JSON_NUMBER, value=shown(word))
        return 0

    try:
        given.document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=number)
    except UnicodeDecodeError as error:
        given.blame(Place(""), NO_UTF8, position=error.start + 1)
    except json.JSONDecodeError as error:
        given.blame(Place(""), NO_SYNTAX, line=error.lineno, column=error.colno)
    except RecursionError:
        given.blame(Place(""), NESTED)
    except ValueError:  # Digits without end.
        given.blame(Place(""), NO_JSON_NUMBER, value="…")
    _take_base(given)
    return given


def _take_base(given: Given) -> None:
    if not isinstance(given.document, dict):
        return
    about = given.document.pop(ABOUT, None)
    number = about.get("edition") if isinstance(about, dict) else None
    given.base = number if isinstance(number, int) else None


def as_json(edition: Edition) -> bytes:
    since = edition.since.isoformat() if edition.since else None
    document = {ABOUT: {"edition": max(edition.number, 1), "since": since, "note": edition.note}, **edition.document}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def as_workbook(edition: Edition) -> bytes:
    from storage.handbook_workbook import workbook  # With openpyxl, which is large.

    return workbook(tidy(edition.document), max(edition.number, 1), edition.since)


READERS: dict[str, Callable[[bytes], Given]] = {".json": read_json, ".xlsx": read_workbook}
WRITERS: dict[str, Callable[[Edition], bytes]] = {".json": as_json, ".xlsx": as_workbook}


def write_file(file: Path, edition: Edition) -> None:
    """Write an edition; whoever reads the file meanwhile sees the old one whole or the new one whole."""
    content = WRITERS[file.suffix.lower()](edition)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as output:
            output.write(content)
        draft.chmod(0o644)  # The handbook is public; temporary files are not.
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
