"""The monthly report as pages to print: the sentence, the numbers, the charts, the sums, and how it is proven."""

import logging
from datetime import datetime
from io import BytesIO
from typing import Any

from fpdf import FPDF
from fpdf.enums import TextMode, WrapMode, XPos, YPos

from bot.pictures import font, svg_png
from handlers.charts import WIDTH, Chart
from handlers.figure_charts import for_page
from handlers.figure_words import Words
from storage.figures_dictionary import DEFINITIONS, RULES
from storage.notes import Key
from storage.reconciliation import PARTS, SUMS

MARGIN_MM, GAP_MM = 16, 8
BOLD_MM = 0.12  # The line drawn round each letter: cutting a bold font out of the variable one takes seconds.
INK, SOFT, LINE = (21, 33, 31), (76, 92, 89), (170, 185, 181)

logging.getLogger("fontTools").setLevel(logging.ERROR)
logging.getLogger("fpdf").setLevel(logging.ERROR)


class Page(FPDF):
    """A4 in Noto Sans, with its number and what it is of at the foot."""

    def __init__(self, words: Words, title: str, at: datetime) -> None:
        super().__init__()
        self.words, self.foot = words, title
        self.add_font("Noto", fname=font())
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, MARGIN_MM + 6)
        self.set_title(title)
        self.set_lang(words.speak.language)
        self.set_creation_date(at)
        self.set_creator("Gishe")

    def footer(self) -> None:
        self.set_y(-MARGIN_MM)
        number = self.words._("page {number}").format(number=self.page_no())
        self.say(f"{self.foot} · {number}", 8, soft=True)

    def say(self, text: str, size: float = 10, *, bold: bool = False, soft: bool = False, width: float = 0) -> None:
        tone = SOFT if soft else INK
        self.set_font("Noto", size=size)
        self.set_text_color(*tone)
        self.set_draw_color(*tone)
        self.set_line_width(BOLD_MM)
        self.text_mode = TextMode.FILL_STROKE if bold else TextMode.FILL
        wrap = WrapMode.CHAR if any(len(word) > 50 for word in text.split()) else WrapMode.WORD
        self.multi_cell(width, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L", wrapmode=wrap)

    def rule(self) -> None:
        self.ln(2)
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(3)


def make(words: Words, document: dict[str, Any], digest: str, key: Key) -> bytes:
    """Draw it. Takes some seconds: not on the event loop."""
    _, figures = words._, _numbers(document["figures"])
    at = datetime.fromisoformat(figures["as_of"])
    title = f"{words.municipality(figures['municipality'])}, {words.month(figures['month'])}"
    page = Page(words, title, at)
    page.add_page()
    page.say(_("Monthly report"), 10, soft=True)
    page.say(title, 20, bold=True)
    page.ln(2)
    page.say(words.headline(figures), 12)
    if "correction" in document:
        page.ln(2)
        page.say(_("Correction {version}: {reason}").format(
            version=document["version"], reason=document["correction"]), 10, bold=True)  # fmt: skip
    page.rule()
    _tiles(page, words, figures)
    page.rule()
    charts = for_page(words, figures)
    _row(page, charts["in_time"], charts["clocks"])
    _row(page, charts["course"], charts["open"])
    page.say(words.note("coverage"), 8.5, soft=True)
    page.add_page()
    _row(page, charts["satisfaction"], charts["in_force"])
    _sums(page, words, figures)
    _proof(page, words, document, digest, key)
    page.add_page()
    _definitions(page, words)
    return bytes(page.output())


def _numbers(value: Any) -> Any:
    """Fractions that stand as text in the signed document, as numbers again."""
    if isinstance(value, dict):
        return {
            name: float(one) if name in ("share", "low", "high") and isinstance(one, str) else _numbers(one)
            for name, one in value.items()
        }
    return [_numbers(one) for one in value] if isinstance(value, list) else value


def _tiles(page: Page, words: Words, figures: dict[str, Any]) -> None:
    _ = words._
    tiles = [
        (_("Filed"), figures["filed"]), (_("Closed"), figures["ended"]), (_("Open"), figures["open"]["count"]),
        (_("Past their date"), figures["open"]["overdue"]), (_("Questions"), figures["questions"]["asked"]),
    ]  # fmt: skip
    wide, top = page.epw / len(tiles), page.get_y()
    for place, (name, number) in enumerate(tiles):
        page.set_xy(page.l_margin + place * wide, top)
        page.say(words.number(number), 18, bold=True, width=wide)
        page.set_xy(page.l_margin + place * wide, top + 9)
        page.say(name, 9, soft=True, width=wide)
    page.set_y(top + 16)


def _row(page: Page, *charts: Chart) -> None:
    """Charts side by side."""
    wide = (page.epw - GAP_MM * (len(charts) - 1)) / len(charts)
    tall = max(chart.height for chart in charts) * wide / WIDTH
    if page.get_y() + tall + 12 > page.page_break_trigger:
        page.add_page()
    top = page.get_y()
    for place, chart in enumerate(charts):
        left = page.l_margin + place * (wide + GAP_MM)
        page.set_xy(left, top)
        page.say(chart.title, 10, bold=True, width=wide)
        below = page.get_y() + 1.5
        page.image(BytesIO(svg_png(chart.svg(is_alone=True))), x=left, y=below, w=wide, alt_text=chart.about)
    page.set_xy(page.l_margin, top + tall + 13)


def _sums(page: Page, words: Words, figures: dict[str, Any]) -> None:
    _ = words._
    page.say(_("It adds up"), 12, bold=True)
    page.ln(1)
    for line in figures["adds_up"]:
        what = SUMS[line["id"]]
        parts = "; ".join(f"{_(PARTS[name])} {words.number(abs(many))}" for name, many in line["parts"].items())
        verdict = _("adds up") if not line["difference"] else _("difference: {count}").format(count=line["difference"])
        page.say(f"{_(what)}: {words.number(line['total'])} – {verdict}", 9)
        page.say(parts, 8, soft=True)
        page.ln(0.8)


def _definitions(page: Page, words: Words) -> None:
    _ = words._
    page.say(_("What the figures mean"), 12, bold=True)
    page.say(_("Definitions, version {version}.").format(version=RULES), 8.5, soft=True)
    page.ln(1)
    label = _("Formula")
    for one in DEFINITIONS:
        name, meaning, formula = words.definition(one)
        page.say(name, 8.5, bold=True)
        page.say(f"{meaning} {label}: {formula}", 7.5, soft=True)
        page.ln(0.6)
    for note in ("clocks", "interval", "work", "minimum", "small"):
        page.say(words.note(note), 7.5, soft=True)


def _proof(page: Page, words: Words, document: dict[str, Any], digest: str, key: Key) -> None:
    _ = words._
    page.rule()
    page.say(_("How this report is proven"), 12, bold=True)
    page.say(
        _("This page shows the figures of the document with the SHA-256 below. A note signed with the journal's key "
          "names that document and this file; the journal names them, too. Whoever keeps this report can show it if "
          "it is changed afterwards."), 9)  # fmt: skip
    page.ln(1)
    page.say(digest, 8, soft=True)
    page.say(str(key), 8, soft=True)
    if "journal" in document:
        page.ln(1)
        page.say(_("Head of the journal when it was made:"), 9)
        page.say(document["journal"].strip(), 7.5, soft=True)
    page.say(words.note("licence"), 8.5, soft=True)
