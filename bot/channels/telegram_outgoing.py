"""Our messages in Telegram's words: plain functions that need no network."""

import html
from collections.abc import Iterator
from typing import Any

from handlers.words import Markup, Part, plain
from storage.messages import Letter, token

MAX_TEXT = 4096  # Characters after the markup is taken away; Bot API, sendMessage.
MAX_CAPTION = 1024
TAGS = {"b": "b", "i": "i", "code": "code"}
NO_PREVIEW = {"is_disabled": True}


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


def pieces(text: Markup, limit: int = MAX_TEXT) -> list[Markup]:
    """Cut a text that is too long at its paragraphs (or, failing that, its lines, words, anywhere)."""
    if len(plain(text)) <= limit:
        return [text]
    parts = [text] if isinstance(text, str) else text
    cut: list[list[Part]] = [[]]
    room = limit
    for part in (small for part in parts for small in _small(part, limit)):
        size = len(plain(part))
        if size > room:
            cut.append([])
            room = limit
        cut[-1].append(part)
        room -= size
    return [piece for piece in cut if plain(piece).strip()]


def _small(part: Part, limit: int) -> Iterator[Part]:
    """A part, or what it falls into when it does not fit into one message by itself."""
    words = plain(part)
    if len(words) <= limit and "\n\n" not in words:
        yield part
        return
    if not isinstance(part, str):  # Marked text over a whole message: the words matter more than the mark.
        part = words
    for paragraph in part.split("\n\n"):
        rest = paragraph + "\n\n"
        while len(rest) > limit:
            at = max(rest.rfind("\n", 1, limit), rest.rfind(" ", 1, limit))
            at = at + 1 if at > 0 else limit
            yield rest[:at]
            rest = rest[at:]
        yield rest


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
