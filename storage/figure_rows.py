"""The figures as a table: a row for each number, in the same shape for every figure and every month."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storage.figures import CLOCKS, RATINGS, SIGNS, TIMES, Figures
from storage.files_out import Row
from storage.handbook_problems import N_
from storage.opendata import Field

MONTHS = 12


@dataclass(frozen=True, slots=True)
class FigureTable:
    id: str
    title: str
    about: str
    fields: tuple[Field, ...]

    @property
    def header(self) -> list[str]:
        return [field.name for field in self.fields]


FIGURES = FigureTable(
    "figures",
    N_("Figures"),
    N_("The published figures of the last months, a row for each number."),
    (
        Field("municipality", "text", N_("Municipality, as in the addresses of these pages.")),
        Field("month", "text", N_("Month, YYYY-MM.")),
        Field("is_complete", "yes/no", N_("Whether the month was over when it was counted.")),
        Field("figure", "text", N_("Figure, as in the dictionary.")),
        Field("part", "text", N_("Which number of it.")),
        Field("unit", "text", N_("count, minutes, days or share (from 0 to 1).")),
        Field("n", "number", N_("How many cases stand behind it; empty for plain counts.")),
        Field("value", "number", N_("The number; empty where too few cases stand behind it or it is hidden.")),
        Field("low", "number", N_("Lower end of the 95% interval.")),
        Field("high", "number", N_("Upper end of the 95% interval.")),
        Field("rules", "number", N_("Version of the definitions.")),
    ),
)


def rows(figures: Figures) -> list[Row]:
    head = [figures["municipality"], figures["month"], figures["is_complete"]]
    return [[*head, *row, figures["rules"]] for row in _numbers(figures)]


def _numbers(f: Figures) -> Iterator[list[Any]]:
    """Figure, part, unit, n, value, low, high."""
    yield _count("filed", "all", f["filed"])
    yield _count("ended", "all", f["ended"])
    for clock in CLOCKS:
        for time in TIMES:
            yield from _clock(clock, time, f["clocks"][clock][time])
    for basis in ("first", "in_force"):
        due = f["in_time"][basis]
        yield from (_count("in_time", f"{basis}.{part}", due[part]) for part in ("due", "in_time", "late", "undecided"))
        yield _share("in_time", basis, due)
    yield _count("in_time", "moved", f["in_time"]["moved"])
    yield _count("open", "all", f["open"]["count"])
    yield _count("open", "overdue", f["open"]["overdue"])
    yield ["open", "oldest", "days", None, f["open"]["oldest_days"], None, None]
    yield from (_count("open", f"age.{band}", many) for band, many in f["open"]["ages"].items())
    said = f["satisfaction"]
    yield _count("satisfaction", "answered", said["answered"])
    yield _share("satisfaction", "response", said["response"])
    for rating in RATINGS:
        yield _count("satisfaction", rating, said["counts"][rating])
        yield _share("satisfaction", rating, said[rating])
    for sign in SIGNS:
        yield _count(sign, "all", f[sign]["count"])
        yield _share(sign, "share", f[sign])
    for what in ("late", "moved"):
        yield from (_count("delays", f"{what}.{name}", many) for name, many in f["delays"][what].items())
    for what, counts in f["by"].items():
        yield from (_count("filed", f"{what}.{name or 'none'}", many) for name, many in counts.items())
    yield from _talk(f)


def _talk(f: Figures) -> Iterator[list[Any]]:
    yield _count("questions", "asked", f["questions"]["asked"])
    yield _share("questions", "from_handbook", f["questions"]["from_handbook"])
    yield _count("helpful", "rated", f["helpful"]["rated"])
    yield _share("helpful", "helped", f["helpful"]["helped"])
    yield _count("unanswered", "open", f["unanswered"]["open"])
    for what in ("events", "broadcasts"):
        yield from (_count(what, part, many) for part, many in f[what].items())
    yield ["unanswered", "oldest", "days", None, f["unanswered"]["oldest_days"], None, None]


def _count(figure: str, part: str, many: int | None) -> list[Any]:
    return [figure, part, "count", None, many, None, None]


def _share(figure: str, part: str, known: Mapping[str, Any]) -> list[Any]:
    return [figure, f"{part}.share" if part != "share" else part, "share", known["n"], known.get("share"),
            known.get("low"), known.get("high")]  # fmt: skip


def _clock(clock: str, time: str, known: Mapping[str, Any]) -> Iterator[list[Any]]:
    yield _count(clock, f"{time}.reached", known["reached"])
    for name in ("median", "p90"):
        yield [clock, f"{time}.{name}", "minutes", known["n"], known.get(name), known.get(f"{name}_low"),
               known.get(f"{name}_high")]  # fmt: skip
