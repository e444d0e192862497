"""The charts of a month: which figures are drawn, and how they are called."""

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.charts import LATE, LIGHT, OVER, STRONG, Bar, Chart, Part, bars, columns, stack
from handlers.figure_words import Words
from storage.figures import CLOCKS, RATINGS, age_names

Figures = Mapping[str, Any]
SHOWN_MONTHS = 6  # In the chart of the course; all twelve stand in its table.


def in_time(words: Words, figures: Figures, basis: str = "first") -> Chart:
    """How many of those that fell due were decided in time: a bar of three parts."""
    _ = words._
    due = figures["in_time"][basis]
    whole = due["due"]

    def part(label: str, name: str, tone: tuple[str, str]) -> Part:
        count = due[name]
        note = words.number(count)
        if whole and due["is_shown"]:
            note = _("{count} of {all} ({share})").format(
                count=note, all=words.number(whole), share=words.speak.percent(count / whole)
            )
        return Part(label, note, count, tone)

    parts = [
        part(_("Decided in time"), "in_time", STRONG),
        part(_("Decided late"), "late", LATE),
        part(_("Past the date and undecided"), "undecided", OVER),
    ]
    body, height = stack(parts)
    title = {
        "first": _("In time, against the date promised first"),
        "in_force": _("In time, against the date in force"),
    }[basis]
    head = (_("Outcome"), _("Matters"))
    return _chart(f"in-time-{basis}", title, body, height, head, [(one.label, one.note) for one in parts])


def clocks(words: Words, figures: Figures) -> Chart:
    """Four clocks kept apart: the median with its interval, and the 90th percentile behind it."""
    _ = words._
    drawn, rows = [], []
    for clock in CLOCKS:
        wall, work = figures["clocks"][clock]["wall"], figures["clocks"][clock]["work"]
        name = words.definition(clock)[0]
        if not wall["is_shown"]:
            drawn.append(Bar(name, words.too_few(wall["n"]), None))
            rows.append((name, str(wall["n"]), words.number(wall["reached"]), "–", "–", "–"))
            continue
        drawn.append(
            Bar(name, _clock_note(words, wall), wall["median"], wall["p90"], wall["median_low"], wall["median_high"])
        )
        rows.append(
            (name, str(wall["n"]), words.number(wall["reached"]), _with_interval(words, wall, "median"),
             _with_interval(words, wall, "p90"), words.office_hours(work["median"]))
        )  # fmt: skip
    body, height = bars(drawn)
    head = (_("From filing to"), _("Filed"), _("Reached"), _("Median"), _("90th percentile"),
            _("Median, office hours"))  # fmt: skip
    return _chart("clocks", _("From filing to each step"), body, height, head, rows)


def _clock_note(words: Words, figure: Figures) -> str:
    _ = words._
    if figure["median"] is None:
        return _("Reached by {reached} of {n}: less than half so far").format(**figure)
    half = _("half within {median}").format(median=words.duration(figure["median"]))
    if figure["p90"] is None:
        return _("{half}; fewer than nine in ten so far (n = {n})").format(half=half, n=words.number(figure["n"]))
    return _("{half}, nine in ten within {p90} (n = {n})").format(
        half=half, p90=words.duration(figure["p90"]), n=words.number(figure["n"])
    )


def _with_interval(words: Words, figure: Figures, name: str) -> str:
    value = words.duration(figure[name])
    low, high = figure[f"{name}_low"], figure[f"{name}_high"]
    if figure[name] is None or low is None or high is None:
        return value
    return f"{value} ({words.duration(low)} – {words.duration(high)})"


def open_ages(words: Words, figures: Figures) -> Chart:
    _ = words._
    ages = figures["open"]["ages"]
    drawn, rows = [], []
    for place, name in enumerate(age_names()):
        start, _dash, end = name.partition("-")
        words_for = _("{start} to {end} days") if end else _("{start} days and more")
        label = words_for.format(start=start, end=end)
        count = ages[name]
        drawn.append(Bar(label, words.number(count), float(count), tone=OVER if place == len(ages) - 1 else STRONG))
        rows.append((label, words.number(count)))
    body, height = bars(drawn)
    return _chart("open", _("Open matters by age"), body, height, (_("Filed this long ago"), _("Open matters")), rows)


def course(words: Words, figures: Figures) -> Chart:
    """Filed and closed, month by month."""
    _ = words._
    months = figures["trend"]
    shown = months[-SHOWN_MONTHS:]
    legend = (_("Filed"), _("Closed"))
    body, height = columns(
        [words.month_short(one["month"]) for one in shown],
        [one["filed"] for one in shown],
        [one["ended"] for one in shown],
        legend,
    )
    head = (_("Month"), _("Filed"), _("Closed"), _("Fell due"), _("In time"))
    rows = [
        (words.month(one["month"]), *(words.number(one[name]) for name in ("filed", "ended", "due", "in_time")))
        for one in months
    ]
    return _chart("course", _("Filed and closed, by month"), body, height, head, rows)


def satisfaction(words: Words, figures: Figures) -> Chart:
    _ = words._
    said = figures["satisfaction"]
    labels = {"solved": _("Solved"), "partly": _("Partly solved"), "not": _("Not solved")}
    tones = {"solved": STRONG, "partly": LATE, "not": OVER}
    counts = {name: said["counts"][name] for name in RATINGS}
    silent = said["asked"] - said["answered"]
    parts = [Part(labels[name], words.count(counts[name]), counts[name] or 0, tones[name]) for name in RATINGS]
    parts.append(Part(_("Did not answer"), words.count(silent), silent, LIGHT))
    body, height = stack(parts)
    head = (_("Answer"), _("Closings"))
    return _chart("satisfaction", _("What citizens say after closing"), body, height, head,
                  [(part.label, part.note) for part in parts])  # fmt: skip


def _chart(
    chart_id: str, title: str, body: str, height: int, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> Chart:
    about = "; ".join(f"{row[0]}: {', '.join(cell for cell in row[1:] if cell != '–')}" for row in rows)
    return Chart(f"chart-{chart_id}", title, about, body, height, head, tuple(rows))


def for_page(words: Words, figures: Figures) -> dict[str, Chart]:
    return {
        "in_time": in_time(words, figures),
        "in_force": in_time(words, figures, "in_force"),
        "clocks": clocks(words, figures),
        "open": open_ages(words, figures),
        "course": course(words, figures),
        "satisfaction": satisfaction(words, figures),
    }


def for_chat(words: Words, figures: Figures) -> list[Chart]:
    """The three that fit into one picture."""
    return [in_time(words, figures), clocks(words, figures), open_ages(words, figures)]
