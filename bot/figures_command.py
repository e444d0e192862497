"""`gishe figures` and `gishe export`: what the pages publish, on a terminal and into files."""

import argparse
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from bot.figuring import Figuring, fresh
from bot.table_files import lines
from handlers.figure_charts import for_page
from handlers.figure_words import Words
from locales import Translator
from storage import figure_rows, journal, opendata
from storage.database import Store
from storage.figures_meetings import ALL
from storage.files_out import WRITERS, Row, workbook
from storage.handbook import Handbook, Library
from storage.months import Month, midnight
from storage.opendata import Wanted

DONE, NOT_DONE, WRONG_USAGE = 0, 1, 2
WHAT = (*ALL, figure_rows.FIGURES.id)
EVERY = 1_000  # Rows between two signs of life.


def add_parsers(commands: Any, _: Callable[[str], str]) -> list[argparse.ArgumentParser]:
    show: argparse.ArgumentParser = commands.add_parser("figures", help=_("the monitoring figures of a month"))
    show.add_argument("--municipality", metavar="SLUG")
    show.add_argument("--month", metavar="YYYY-MM", help=_("none: the month that is running"))
    show.add_argument("--json", action="store_true", help=_("print one JSON document"))

    give: argparse.ArgumentParser = commands.add_parser("export", help=_("open data, as published"))
    give.add_argument("what", choices=WHAT, metavar=_("WHAT"), help=", ".join(WHAT))
    give.add_argument("--format", choices=tuple(WRITERS), default="csv")
    give.add_argument("--municipality", metavar="SLUG")
    give.add_argument("--from", dest="first", metavar="YYYY-MM-DD", help=_("the first day"))
    give.add_argument("--to", dest="last", metavar="YYYY-MM-DD", help=_("the last day"))
    give.add_argument("-o", "--output", type=Path, metavar=_("FILE"), help=_("none or -: standard output"))
    return [show, give]


async def show(given: argparse.Namespace, store: Store, speak: Translator) -> int:
    """Print the figures of a month, of one municipality or of each."""
    handbook = (await Library.open(store)).current
    month = Month.named(given.month) if given.month else Month.of(store.now())
    if month is None or month > Month.of(store.now()):
        return _refuse(speak.gettext("--month: a month up to now, for example 2026-11."))
    if given.municipality and given.municipality not in handbook.municipalities:
        return _unknown(speak, handbook)
    slugs = [given.municipality] if given.municipality else list(handbook.municipalities)
    found = [await fresh(store, slug, month) for slug in slugs]
    if given.json:
        print(json.dumps(found[0] if given.municipality else found, ensure_ascii=False))
        return DONE
    for figures in found:
        print(_text(Words(speak, handbook), figures))
    return DONE


def _text(words: Words, figures: Mapping[str, Any]) -> str:
    """The page, as a terminal can show it."""
    said = [f"\n=== {words.municipality(figures['municipality'])} ===", words.headline(figures), ""]
    for chart in for_page(words, figures).values():
        said += [f"— {chart.title}", *_columns([chart.head, *chart.rows]), ""]
    wrong = [line["id"] for line in figures["adds_up"] if line["difference"]]
    said.append(words._("Everything adds up.") if not wrong else
                words._("This does not add up: {lines}.").format(lines=", ".join(wrong)))  # fmt: skip
    return "\n".join([*said, "", words.note("coverage")])


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


# --- Export ---


async def export(given: argparse.Namespace, store: Store, speak: Translator) -> int:
    _ = speak.gettext
    handbook = (await Library.open(store)).current
    if given.municipality and given.municipality not in handbook.municipalities:
        return _unknown(speak, handbook)
    try:
        start, end = _day(given.first), _day(given.last, behind=True)
    except ValueError:
        return _refuse(_("--from and --to: days, for example 2026-11-30."))
    to_terminal = given.output is None or str(given.output) == "-"
    if given.format == "xlsx" and to_terminal and sys.stdout.isatty():
        return _refuse(_("A workbook cannot be shown here: name a file with -o."))
    wanted = Wanted(given.municipality, start, end)
    progress = Progress(speak)
    if to_terminal:
        await _write(sys.stdout.buffer, given, store, handbook, wanted, progress)
        await _note(given, store, progress)
        return DONE
    partial = given.output.with_name(f"{given.output.name}.part")
    with partial.open("wb") as file:
        await _write(file, given, store, handbook, wanted, progress)
    partial.replace(given.output)  # Whole or not at all.
    await _note(given, store, progress)
    print(
        _("{count} rows are in {file}.").format(count=speak.number(progress.rows), file=given.output), file=sys.stderr
    )
    return DONE


async def _note(given: argparse.Namespace, store: Store, progress: "Progress") -> None:
    """That something was exported stands in the journal."""
    async with store.writing() as db:
        journal.record(db, "export", {"what": given.what, "format": given.format, "rows": progress.rows,
                                      "municipality": given.municipality or "all"})  # fmt: skip


class Progress:
    """A line that counts, on a terminal."""

    def __init__(self, speak: Translator) -> None:
        self.speak = speak
        self.rows = 0
        self.is_shown = sys.stderr.isatty()

    def count(self, row: Row) -> Row:
        self.rows += 1
        if self.is_shown and self.rows % EVERY == 0:
            text = self.speak.gettext("{count} rows …").format(count=self.speak.number(self.rows))
            print(f"\r{text}", end="", file=sys.stderr, flush=True)
        return row


async def _write(
    out: BinaryIO, given: argparse.Namespace, store: Store, handbook: Handbook, wanted: Wanted, progress: Progress
) -> None:
    if given.what == figure_rows.FIGURES.id:
        header, rows = figure_rows.FIGURES.header, await _figure_rows(store, handbook, wanted)
        for row in rows:
            progress.count(row)
        for chunk in WRITERS[given.format](header, rows, {"schema": opendata.SCHEMA}):
            out.write(chunk)
    elif given.format == "xlsx":
        what = ALL[given.what]
        rows = [progress.count(row) async for row in opendata.read(store, what, wanted)]
        out.write(workbook([(what.id, what.header, rows)]))
    else:
        async for chunk in _chunks(given, store, wanted, progress):
            out.write(chunk)
    out.flush()
    if progress.is_shown:
        print("\r", end="", file=sys.stderr)


def _chunks(given: argparse.Namespace, store: Store, wanted: Wanted, progress: Progress) -> AsyncIterator[bytes]:
    return lines(store, ALL[given.what], wanted, given.format, progress.count)


async def _figure_rows(store: Store, handbook: Handbook, wanted: Wanted) -> list[Row]:
    """The months that begin within the days asked for; without any, the last twelve."""
    figuring = Figuring(store)
    while await figuring.work_in():
        pass
    await figuring.count_days()
    months = [
        month for month in Month.of(store.now()).back(120 if wanted.start else figure_rows.MONTHS)
        if (wanted.start is None or month.starts >= wanted.start) and (wanted.end is None or month.starts < wanted.end)
    ]  # fmt: skip
    slugs = [wanted.municipality] if wanted.municipality else list(handbook.municipalities)
    return [row for slug in slugs for month in months for row in figure_rows.rows(await figuring.month(slug, month))]


def _day(text: str | None, *, behind: bool = False) -> datetime | None:
    if not text:
        return None
    day = date.fromisoformat(text)
    return midnight(day + timedelta(days=1) if behind else day)


def _refuse(text: str) -> int:
    print(text, file=sys.stderr)
    return WRONG_USAGE


def _unknown(speak: Translator, handbook: Handbook) -> int:
    known = ", ".join(handbook.municipalities)
    return _refuse(speak.gettext("There is no such municipality. Known are: {known}.").format(known=known))
