"""Our messages in Telegram's words: plain functions that need no network."""

import html
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from handlers.words import Markup, Part, plain
from storage.messages import Letter, token

MAX_TEXT = 4096  # Characters after the markup is taken away; Bot API, sendMessage.
MAX_CAPTION = 1024
TAGS = {"b": "b", "i": "i", "code": "code"}
NO_PREVIEW = {"is_disabled": True}
PARAGRAPH = re.compile(r".+?(?:\n\n+|\Z)", re.DOTALL)  # With the empty lines behind it.


def as_html(text: Markup | Part) -> str:
    if isinstance(text, str):
        return html.escape(text, quote=False)
    if isinstance(text, list):
        return "".join(as_html(part) for part in text)
    if "a" in text:
        return f'<a href="{html.escape(text["url"])}">{as_html(text["a"])}</a>'
    name, inner = next(iter(text.items()))
    tag = TAGS[name]
    return f"<{tag}>{as_html(inner)}</{tag}>"


def length(text: Markup | Part) -> int:
    """In UTF-16 units, the strictest reading of Telegram's "characters"."""
    return len(plain(text).encode("utf-16-le", "surrogatepass")) // 2


def pieces(text: Markup, limit: int = MAX_TEXT) -> list[Markup]:
    """Cut a text that is too long at its paragraphs (or, failing that, its lines, words, anywhere)."""
    if length(text) <= limit:
        return [text]
    parts = [text] if isinstance(text, str) else text
    cut: list[list[Part]] = [[]]
    room = limit
    for part in chain.from_iterable(_small(part, limit) for part in parts):
        size = length(part)
        if size > room:
            cut.append([])
            room = limit
        cut[-1].append(part)
        room -= size
    return [piece for piece in cut if plain(piece).strip()] or [cut[0]]


def _small(part: Part, limit: int) -> Iterator[Part]:
    """A part, or what it falls into when it does not fit into one message by itself: together its very words."""
    words = plain(part)
    if not isinstance(part, str):
        if length(part) <= limit:
            yield part
            return
        part = words  # Marked text over a whole message: the words matter more than the mark.
    for paragraph in PARAGRAPH.findall(part):
        rest = paragraph
        while length(rest) > limit:
            at = _cut(rest, limit)
            yield rest[:at]
            rest = rest[at:]
        yield rest


def _cut(text: str, limit: int) -> int:
    """Where to cut so that the beginning fits: behind a line, else behind a word, else anywhere."""
    fits = limit
    while length(text[:fits]) > limit:
        fits -= max(1, (length(text[:fits]) - limit) // 2)
    return max(text.rfind("\n", 0, fits), text.rfind(" ", 0, fits)) + 1 or fits


def keyboard(letter: Letter) -> dict[str, Any] | None:
    """The choices as buttons under the message; the button says which choice of which message it is."""
    rows, place = [], 0
    for row in letter.content.get("choices", ()):
        buttons = []
        for option in row:
            if "url" in option:
                buttons.append({"text": option["label"], "url": option["url"]})
            else:
                buttons.append({"text": option["label"], "callback_data": token(letter.id, place)})
            place += 1
        if buttons:
            rows.append(buttons)
    return {"inline_keyboard": rows} if rows else None
