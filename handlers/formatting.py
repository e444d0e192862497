"""What people type for simple formatting, read into our markup: *bold*, _italic_, [words](https://…), bare addresses.

Whatever is not clearly meant as formatting stays as it was typed.
"""

import re

from handlers.words import Part, b, i, link

URL = r"https?://[^\s<>\"'()\[\]]+[^\s<>\"'()\[\].,;:!?„“”]"
MARKS = re.compile(
    r"(?P<link>\[(?P<words>[^\[\]\n]{1,200})\]\((?P<to>" + URL + r")\))"
    r"|(?P<url>" + URL + r")"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
)


def read(typed: str) -> list[Part]:
    """The same text with its formatting understood."""
    parts: list[Part] = []
    end = 0
    for found in MARKS.finditer(typed):
        if found.start() > end:
            parts.append(typed[end : found.start()])
        parts.append(_part(found))
        end = found.end()
    if end < len(typed):
        parts.append(typed[end:])
    return parts


def _part(found: re.Match[str]) -> Part:
    if found["link"]:
        return link(found["words"], found["to"])
    if found["url"]:
        return link(found["url"], found["url"])
    return b(found["bold"]) if found["bold"] else i(found["italic"])
