"""Charts as accessible SVG: one drawing for the page, the report and the chat, legible at the width of a phone.

Colours stand in attributes, so that a picture needs no style sheet, and in classes, by which the page's own style sheet
(light, dark, print) takes over. No style attributes: the page's policy forbids them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 320
MARGIN = 4
SHORT = 7  # A number of so few characters stands beside its label, not below the bar.
GUTTER = 30  # For the numbers of an axis.
INNER = WIDTH - 2 * MARGIN
FONT = "Noto Sans, system-ui, sans-serif"
BODY, SMALL = 13, 11.5  # Type sizes; at this width they are pixels.
CHAR = 0.58  # Average width of a letter against its size, Cyrillic included: enough to break lines by.

INK, SOFT, LINE = ("ink", "#15211f"), ("soft", "#4c5c59"), ("line", "#aab9b5")
STRONG, LIGHT = ("strong", "#0b5f57"), ("light", "#7fb0a8")
LATE, OVER = ("late", "#c26a1b"), ("over", "#8f2014")
Tone = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and the table behind it."""

    id: str
    title: str
    about: str  # What it shows, for those who do not see it.
    body: str
    height: int
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def svg(self, *, is_alone: bool = False) -> str:
        """The element for the page; with `is_alone` a file of its own."""
        space = ' xmlns="http://www.w3.org/2000/svg"' if is_alone else ""
        size = f' width="{WIDTH}" height="{self.height}"' if is_alone else ""
        return (
            f'<svg class="chart"{space}{size} viewBox="0 0 {WIDTH} {self.height}" role="img" '
            f'aria-labelledby="{self.id}-t {self.id}-d" font-family="{FONT}" font-size="{BODY}">'
            f'<title id="{self.id}-t">{escape(self.title)}</title>'
            f'<desc id="{self.id}-d">{escape(self.about)}</desc>{self.body}</svg>'
        )


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    note: str  # The number in words, beside the bar.
    value: float | None
    behind: float | None = None  # A longer, lighter bar behind it.
    low: float | None = None  # How sure the value is.
    high: float | None = None
    tone: Tone = STRONG


@dataclass(frozen=True, slots=True)
class Part:
    label: str
    note: str
    count: int
    tone: Tone


def text(x: float, y: float, words: str, tone: Tone = INK, size: float = BODY, more: str = "") -> str:
    name, colour = tone
    sized = "" if size == BODY else f' font-size="{size}"'
    return f'<text class="{name}" x="{x:g}" y="{y:g}" fill="{colour}"{sized}{more}>{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, tone: Tone, radius: float = 2) -> str:
    name, colour = tone
    return (
        f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:g}" '
        f'rx="{radius:g}" fill="{colour}"/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, tone: Tone = LINE, width: float = 1) -> str:
    name, colour = tone
    return (
        f'<line class="{name}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"/>'
    )


def broken(words: str, size: float = BODY, width: float = INNER) -> list[str]:
    """The words in lines that fit."""
    most = max(8, int(width / (size * CHAR)))
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def bars(bars: Sequence[Bar]) -> tuple[str, int]:
    """Bars lying one under another, each with its words above and its numbers below: no label is ever cut."""
    reach = [value for bar in bars for value in (bar.value, bar.behind, bar.high) if value is not None]
    scale = INNER / max([*reach, 1e-9])
    body, y = [], 0.0
    for bar in bars:
        for words in broken(bar.label):
            y += 16
            body.append(text(MARGIN, y, words, more=' font-weight="600"'))
        beside = len(bar.note) <= SHORT and len(broken(bar.label)) == 1
        if beside:
            body.append(text(WIDTH - MARGIN, y, bar.note, more=' font-weight="600" text-anchor="end"'))
        y += 7
        body.append(line(MARGIN, y + 12, WIDTH - MARGIN, y + 12))
        if bar.behind is not None:
            body.append(box(MARGIN, y, bar.behind * scale, 12, LIGHT))
        if bar.value is not None:
            body.append(box(MARGIN, y, bar.value * scale, 12, bar.tone))
        if bar.low is not None and bar.high is not None:
            body += _whisker(MARGIN + bar.low * scale, MARGIN + bar.high * scale, y + 6)
        y += 13
        for words in [] if beside else broken(bar.note, SMALL):
            y += 15
            body.append(text(MARGIN, y, words, SOFT, SMALL))
        y += 12
    return "".join(body), round(y)


def _whisker(low: float, high: float, y: float) -> list[str]:
    """A thin line with ends, on a pale one, so that it is seen on dark and on light."""
    ends = [(low, y, high, y), (low, y - 4, low, y + 4), (high, y - 4, high, y + 4)]
    pale, dark = ("halo", "#ffffff"), INK
    return [line(*end, pale, 4) for end in ends] + [line(*end, dark, 1.5) for end in ends]


def stack(parts: Sequence[Part]) -> tuple[str, int]:
    """One bar of parts that make up a whole, and what each of them is."""
    whole = sum(part.count for part in parts) or 1
    body, x, y = [], float(MARGIN), 30.0
    for part in parts:
        if not part.count:
            continue
        width = max(INNER * part.count / whole, 2.5)
        body.append(box(x, 4, width - 1.5, 26, part.tone, 1))
        x += INNER * part.count / whole
    for part in parts:
        y += 12
        body.append(box(MARGIN, y, 12, 12, part.tone))
        for number, words in enumerate(broken(part.label, BODY, INNER - 20)):
            y += 11 if number == 0 else 16
            body.append(text(MARGIN + 20, y, words, more=' font-weight="600"'))
        for words in broken(part.note, SMALL, INNER - 20):
            y += 15
            body.append(text(MARGIN + 20, y, words, SOFT, SMALL))
    return "".join(body), round(y + 10)


def columns(
    labels: Sequence[str], first: Sequence[int], second: Sequence[int], legend: tuple[str, str]
) -> tuple[str, int]:
    """Pairs of columns side by side over time, with their numbers where there is room."""
    top, base, left = 44.0, 190.0, MARGIN + GUTTER
    high = nice(max([*first, *second, 1]))
    step = (INNER - GUTTER) / max(len(labels), 1)
    body = [_key(MARGIN, legend[0], STRONG), _key(MARGIN + INNER / 2, legend[1], LIGHT)]
    for share in (0.5, 1.0):
        y = base - (base - top) * share
        number = text(left - 6, y + 4, f"{high * share:g}", SOFT, SMALL, ' text-anchor="end"')
        body += [line(left, y, WIDTH - MARGIN, y), number]
    body.append(line(left, base, WIDTH - MARGIN, base, SOFT))
    wide = min(step * 0.38, 26)
    for place, (label, one, two) in enumerate(zip(labels, first, second, strict=True)):
        middle = left + step * (place + 0.5)
        for value, start, tone in ((one, middle - wide, STRONG), (two, middle + 1, LIGHT)):
            tall = (base - top) * value / high
            body.append(box(start, base - tall, wide - 1, tall, tone, 1))
        body.append(text(middle, base + 16, label, SOFT, SMALL, ' text-anchor="middle"'))
    return "".join(body), round(base + 24)


def _key(x: float, words: str, tone: Tone) -> str:
    return box(x, 4, 12, 12, tone) + text(x + 18, 15, words, INK, SMALL)


def nice(value: float) -> int:
    """The next number above that divides well by two."""
    size = 1
    while True:
        for step in (2, 4, 6, 8, 10):
            if value <= step * size:
                return step * size
        size *= 10


def picture(title: str, sentence: str, charts: Sequence[Chart], foot: str) -> str:
    """Several charts under each other as one picture, with what they say above them."""
    parts, y = [], 14.0
    for words in broken(title, 17):
        y += 20
        parts.append(text(MARGIN, y, words, more=' font-size="17" font-weight="700"'))
    y += 4
    for words in broken(sentence):
        y += 18
        parts.append(text(MARGIN, y, words, SOFT))
    for chart in charts:
        y += 34
        parts += [line(MARGIN, y - 20, WIDTH - MARGIN, y - 20), text(MARGIN, y, chart.title, more=' font-weight="700"')]
        y += 12
        parts.append(f'<g transform="translate(0 {y:g})">{chart.body}</g>')
        y += chart.height
    y += 12
    for words in broken(foot, SMALL):
        y += 15
        parts.append(text(MARGIN, y, words, SOFT, SMALL))
    height = round(y + 14)
    edge = 12
    size = f'width="{WIDTH + 2 * edge}" height="{height}" viewBox="{-edge} 0 {WIDTH + 2 * edge} {height}"'
    letters = f'font-family="{FONT}" font-size="{BODY}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {letters}>{"".join(parts)}</svg>'
