"""The receipt as a page to print or keep: number, dates, fingerprint, proof, and a QR code that leads to the check."""

import logging
from datetime import datetime
from io import BytesIO

import orjson
from fpdf import FPDF
from fpdf.enums import TextMode, WrapMode, XPos, YPos

from bot.pictures import font, qr_png
from bot.receipt_words import Words

QR_MM = 38
MARGIN_MM = 18
BOLD_MM = 0.007  # A point: drawn round each letter. To cut a bold font out of the variable one takes seconds.
INK, SOFT = (21, 33, 31), (76, 92, 89)
MOST_CHARS = 6_000  # Of the contents; the embedded document has all of them.

logging.getLogger("fontTools").setLevel(logging.ERROR)
logging.getLogger("fpdf").setLevel(logging.ERROR)  # An emoji that the font lacks is no news.


class Page(FPDF):
    """A4 in Noto Sans, which has both alphabets."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.add_font("Noto", fname=font())
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, MARGIN_MM)
        self.set_title(f"{words.heading} {words.says['case']}")
        self.set_lang(words.speak.language)
        self.set_creation_date(datetime.fromisoformat(words.says["at"]))
        self.set_creator("Gishe")

    def say(self, text: str, size: float = 10, *, bold: bool = False, soft: bool = False, width: float = 0) -> None:
        self.set_font("Noto", size=size)
        self.set_text_color(*(SOFT if soft else INK))
        self.set_draw_color(*(SOFT if soft else INK))
        self.set_line_width(BOLD_MM * size)
        self.text_mode = TextMode.FILL_STROKE if bold else TextMode.FILL
        wrap = WrapMode.CHAR if _has_long_word(text) else WrapMode.WORD
        self.multi_cell(width, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L", wrapmode=wrap)

    def gap(self, mm: float) -> None:
        self.ln(mm)


def make(words: Words, address: str) -> bytes:
    """Draw it. Takes some tenths of a second: not on the event loop."""
    page = Page(words)
    page.add_page()
    page.image(BytesIO(qr_png(address)), x=page.w - MARGIN_MM - QR_MM, y=MARGIN_MM, w=QR_MM, alt_text=address)
    beside = page.epw - QR_MM - 6
    page.say(words.heading, 18, bold=True, width=beside)
    page.gap(3)
    for fact in words.facts[:-1]:
        page.say(fact.name, 8.5, soft=True, width=beside)
        page.say(
            fact.words, 13 if fact.field in ("case", "due") else 11, bold=fact.field in ("case", "due"), width=beside
        )
        page.gap(1.5)
    page.set_y(max(page.get_y(), MARGIN_MM + QR_MM + 4))
    page.say(words.facts[-1].name, 8.5, soft=True)
    page.say(words.facts[-1].words, 9)
    page.gap(4)
    _contents(page, words)
    _proof(page, words)
    page.gap(3)
    page.say(words.how, 9)
    page.say(address, 9)
    data = orjson.dumps(words.document, option=orjson.OPT_INDENT_2)
    page.embed_file(bytes=data, basename=f"{words.says['case']}.json", mime_type="application/json")
    return bytes(page.output())


def _contents(page: Page, words: Words) -> None:
    shown = words.erased or words.text
    if len(shown) > MOST_CHARS:
        shown = shown[:MOST_CHARS] + " …"
    if shown:
        page.say(shown, 10.5)
    for name, told in words.details:
        page.gap(1)
        page.say(f"{name}: {told}", 9, soft=True)
    page.gap(4)


def _proof(page: Page, words: Words) -> None:
    page.say(words.seal, 9)
    if words.is_sealed:
        page.gap(1)
        page.say(words.document["checkpoint"].strip(), 7, soft=True)
        page.say("\n".join(words.document["proof"]), 7, soft=True)


def _has_long_word(text: str) -> bool:
    return any(len(word) > 60 for word in text.split())
