"""A parser of the HTML that Telegram understands, as strict as Telegram's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .refusals import bad

KINDS = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
REFERENCE = r"&(?:#\d+|#x[0-9a-fA-F]+|lt|gt|amp|quot);"
TOKEN = re.compile(rf"<(?P<tag>[^<>]*)>|(?P<reference>{REFERENCE})|(?P<text>[^<&]+|&)|(?P<stray><)")
NAMED = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"'}
ATTRIBUTE = re.compile(r"""([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def length(text: str) -> int:
    """Count as Telegram does for entities, in UTF-16 units: the strictest reading of "characters"."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass
class _Parsing:
    plain: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)
    open: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)

    def tag(self, content: str, offset: int) -> None:
        if content.startswith("/"):
            self._close(content[1:].strip().lower(), offset)
        else:
            self._open(content, offset)

    def _open(self, content: str, offset: int) -> None:
        name = re.split(r"\s", content, maxsplit=1)[0].lower()
        attributes = {key.lower(): a or b or c for key, a, b, c in ATTRIBUTE.findall(content)}
        spoiler = name != "span" or attributes.get("class") == "tg-spoiler"
        if name not in KINDS or not spoiler:
            bad(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {offset}')
        self.open.append((name, length(self.plain), _extra(name, content, attributes)))

    def _close(self, name: str, offset: int) -> None:
        if not self.open:
            bad(f"can't parse entities: Unexpected end tag at byte offset {offset}")
        expected, start, extra = self.open.pop()
        if name not in ("", expected):
            bad(
                f"can't parse entities: Unmatched end tag at byte offset {offset}, "
                f'expected "</{expected}>", found "</{name}>"'
            )
        size = length(self.plain) - start
        if size and extra.get("url") != "":
            self.entities.append({"type": KINDS[expected], "offset": start, "length": size, **extra})


def _extra(name: str, content: str, attributes: dict[str, str]) -> dict[str, Any]:
    if name == "a":
        return {"url": unescape(attributes.get("href", ""))}
    if name == "tg-emoji":
        return {"custom_emoji_id": attributes.get("emoji-id", "")}
    if name == "blockquote" and "expandable" in content:
        return {"type": "expandable_blockquote"}
    return {}


def unescape(text: str) -> str:
    return re.sub(REFERENCE, lambda found: _letter(found[0]), text)


def _letter(reference: str) -> str:
    if reference in NAMED:
        return NAMED[reference]
    digits = reference[2:-1]
    return chr(int(digits[1:], 16) if digits[0] == "x" else int(digits))


def parse_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the text that people see and its entities, or refuse what Telegram would refuse."""
    parsing = _Parsing()
    for token in TOKEN.finditer(text):
        offset = len(text[: token.start()].encode("utf-8", "surrogatepass"))
        if token["stray"]:
            bad(f"can't parse entities: Unclosed start tag at byte offset {offset}")
        if token["tag"] is not None:
            parsing.tag(token["tag"], offset)
        else:
            parsing.plain += _letter(token[0]) if token["reference"] else token[0]
    if parsing.open:
        bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{parsing.open[-1][0]}\"")
    return parsing.plain, sorted(parsing.entities, key=lambda entity: (entity["offset"], -entity["length"]))


def parse(text: str, parse_mode: str | None, entities: list[dict[str, Any]] | None) -> tuple[str, list[dict[str, Any]]]:
    if parse_mode is None:
        return text.strip(), entities or []
    if parse_mode.lower() == "html":
        plain, found = parse_html(text)
        return plain.strip(), found
    if parse_mode.lower() in ("markdown", "markdownv2"):
        raise NotImplementedError("This server reads HTML only; the bot has no reason to send Markdown.")
    return bad("unsupported parse_mode")
