"""Our messages in Telegram's words: plain functions that need no network."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from handlers.words import Markup, Part, plain
from storage.messages import Letter, token
from storage.people import NO_TOPIC_YET, WITHOUT_TOPIC

MAX_TEXT = 4096  # Characters after the markup is taken away; Bot API, sendMessage.
MAX_CAPTION = 1024
TAGS = {"b": "b", "i": "i", "code": "code"}
NO_PREVIEW = {"is_disabled": True}
MAX_PHOTO = 10 << 20  # Bytes; larger ones go as documents. Bot API, sending files.
MAX_ALBUM = 10
MAX_TOPIC = 128  # Characters; Bot API, createForumTopic.
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


@dataclass(frozen=True, slots=True)
class Step:
    """One call: words, a place, or files of one kind with their caption (several are an album)."""

    text: Markup = ""
    files: tuple[dict[str, Any], ...] = ()
    place: tuple[float, float] | None = None
    topic: str = ""  # What to do with the topic itself.

    @property
    def is_text(self) -> bool:
        return not (self.files or self.place or self.topic)


@dataclass(frozen=True, slots=True)
class Where:
    """An address as Telegram has it: a chat, and in a group perhaps one of its topics."""

    chat: str
    topic: int | None = None
    is_new: bool = False  # The topic is still to be made.
    is_flat: bool = False  # There are no topics: messages stand under each other as replies.

    @classmethod
    def of(cls, address: str) -> "Where":
        chat, _slash, topic = address.partition("/")
        if topic.startswith(NO_TOPIC_YET):
            return cls(chat, is_new=True)
        if topic.startswith(WITHOUT_TOPIC):
            return cls(chat, is_flat=True)
        return cls(chat, int(topic) if topic else None)


def topic_name(content: dict[str, Any]) -> str:
    """What a topic is called that has to be made for this message."""
    name = (content.get("topic") or {}).get("name") or plain(content["text"]).strip().split("\n")[0] or "…"
    while length(name) > MAX_TOPIC:
        name = name[:-2].rstrip() + "…"
    return name


def steps(content: dict[str, Any]) -> list[Step]:
    """What a message takes on Telegram. Choices hang on the last step; an album can have none, and captions are short:
    then the words are a message of their own behind it."""
    changes = (content.get("topic") or {}).get("changes") or ()
    return _messages(content) + [Step(topic=change) for change in changes]


def _messages(content: dict[str, Any]) -> list[Step]:
    text = content["text"]
    albums = _albums(content)
    plan = [Step(place=tuple(content["place"]))] if content.get("place") else []
    if not albums:
        return plan + [Step(text=piece) for piece in pieces(text)]
    takes_words = len(albums[-1]) == 1 or not content.get("choices")
    if length(text) <= MAX_CAPTION and takes_words:
        return plan + [Step(files=album) for album in albums[:-1]] + [Step(text=text, files=albums[-1])]
    return plan + [Step(files=album) for album in albums] + [Step(text=piece) for piece in pieces(text)]


def _albums(content: dict[str, Any]) -> list[tuple[dict[str, Any], ...]]:
    """The files, pictures before documents, in as many albums as it takes: the two kinds do not mix."""
    files = [_as_sent(file) for file in content.get("files", ())]
    if picture := content.get("picture"):
        drawn = {"kind": "photo", "digest": f"{picture['kind']}:{picture['value']}", "mime": "image/png", "size": 0}
        files.insert(0, {**picture, **drawn})
    together = [[file for file in files if file["kind"] == kind] for kind in ("photo", "document")]
    return [tuple(some[at : at + MAX_ALBUM]) for some in together for at in range(0, len(some), MAX_ALBUM)]


def _as_sent(file: dict[str, Any]) -> dict[str, Any]:
    return {**file, "kind": "document"} if file["size"] > MAX_PHOTO else file


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
