"""Pieces of the pages with figures: charts with their tables, lists of numbers, definitions. Everything is escaped."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from handlers.charts import Chart
from handlers.figure_words import Words
from storage.figures_dictionary import DEFINITIONS
from storage.reconciliation import PARTS, SUMS

Figures = Mapping[str, Any]


def chart(words: Words, one: Chart, note: str = "") -> str:
    """A drawing with its table behind it."""
    said = f'<p class="note">{escape(note)}</p>' if note else ""
    behind = words._("The numbers as a table")  # Not inside the f-string: it would not be found.
    return (
        f"<figure><figcaption>{escape(one.title)}</figcaption>{one.svg()}{said}"
        f"<details><summary>{escape(behind)}</summary>"
        f"{table(one.title, one.head, one.rows)}</details></figure>"
    )


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that scrolls by itself where the screen is narrow, also by keyboard."""
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0"><table>'
        f'<caption class="hidden">{escape(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody>'
        "</table></div>"
    )


def tiles(pairs: Sequence[tuple[str, str]]) -> str:
    """Numbers with their names."""
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="numbers">{cells}</dl>'


def definitions(words: Words) -> str:
    """The data dictionary of the figures, in the reader's language."""
    found, label = [], escape(words._("Formula"))
    for one in DEFINITIONS:
        name, meaning, formula = words.definition(one)
        found.append(
            f'<dt id="def-{one}">{escape(name)}</dt><dd><p>{escape(meaning)}</p>'
            f"<p><span>{label}:</span> {escape(formula)}</p></dd>"
        )
    return f'<dl class="definitions">{"".join(found)}</dl>'


def breakdown(words: Words, figures: Figures, what: str, title: str) -> str:
    counts = sorted(figures["by"][what].items(), key=lambda item: -(item[1] or 0))
    rows = [(words.named(what, name), words.count(many)) for name, many in counts]
    head = (title, words._("Matters"))
    return f"<h3>{escape(title)}</h3>{table(title, head, rows)}" if rows else ""


def sums(words: Words, figures: Figures) -> str:
    """The reconciliation: each line, its parts, and whether it adds up."""
    _ = words._
    rows = []
    for line in figures["adds_up"]:
        parts = "; ".join(f"{_(PARTS[name])}: {words.number(abs(many))}" for name, many in line["parts"].items())
        verdict = _("adds up") if not line["difference"] else _("difference: {count}").format(count=line["difference"])
        what = SUMS[line["id"]]
        rows.append((_(what), words.number(line["total"]), parts, verdict))
    title = _("It adds up")
    return table(title, (_("What is counted"), _("Number"), _("Its parts"), _("Verdict")), rows)
