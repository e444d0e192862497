"""Problems and changes of the handbook in words for a terminal, in the language of the reader."""

import json
from typing import Any

from locales import Translator
from storage.handbook_changes import Change
from storage.handbook_problems import Problem, shown

LINES = 50  # Of a long list; nobody reads more at once, and what is told first often explains the rest.
CONTEXT_CHARS = 18  # Shown before and after the place where two long texts part.
VALUE_CHARS = 70


def page(lines: list[str], speak: Translator) -> list[str]:
    """The first lines of a list, and how many more there are."""
    more = len(lines) - LINES
    if more <= 0:
        return lines
    return [*lines[:LINES], speak.ngettext("… and {count} more", "… and {count} more", more).format(count=more)]


def problem_words(speak: Translator, problem: Problem) -> str:
    """`- Services, row 14, fee.bg: …`"""
    row = speak.gettext("row {row}").format(row=problem.row) if problem.row is not None else ""
    place = ", ".join(part for part in (problem.where, row, problem.field) if part)
    words = speak.gettext(problem.message).format(**problem.values)
    return f"- {place}: {words}" if place else f"- {words}"


def change_words(speak: Translator, change: Change) -> str:
    """`~ services building-permit, fee.bg: “…” → “…”`"""
    _ = speak.gettext
    name = shown(f"{change.part} {change.name}".strip())
    if change.kind == "added":
        return f"+ {name} {_title(change.new, speak)}".rstrip()
    if change.kind == "removed":
        return f"− {name} {_title(change.old, speak)}".rstrip()
    if change.kind == "moved":
        return f"~ {name}: " + _("in another order")
    if change.kind == "counted":
        return f"~ {name}: " + _("{added} added, {removed} removed").format(added=change.new, removed=change.old)
    if isinstance(change.old, list) and isinstance(change.new, list):
        return f"~ {name}, {change.field}: {_lists(speak, change.old, change.new)}"
    if isinstance(change.old, str) and isinstance(change.new, str):
        old, new = (f"“{part}”" for part in _around(_plain(change.old), _plain(change.new)))
    else:
        old, new = _words(speak, change.old), _words(speak, change.new)
    return f"~ {name}, {change.field}: {old} → {new}"


def _title(item: Any, speak: Translator) -> str:
    words = (item.get("title") or item.get("name")) if isinstance(item, dict) else None
    return f"“{shown(words.get(speak.language, ''))}”" if isinstance(words, dict) else ""


def _lists(speak: Translator, old: list[Any], new: list[Any]) -> str:
    gone = [f"− {_words(speak, item)}" for item in old if item not in new]
    come = [f"+ {_words(speak, item)}" for item in new if item not in old]
    return "; ".join(gone + come) or speak.gettext("in another order")


def _words(speak: Translator, value: Any) -> str:
    if value is None or value == []:
        return speak.gettext("nothing")
    if isinstance(value, str):
        return f"“{_cut(_plain(value))}”"
    return _cut(_plain(json.dumps(value, ensure_ascii=False)))


def _plain(text: str) -> str:
    """One line, and no character that a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)


def _around(old: str, new: str) -> tuple[str, str]:
    """Long texts around the place where they part."""
    if max(len(old), len(new)) <= VALUE_CHARS:
        return old, new
    start = max(0, _alike(old, new) - CONTEXT_CHARS)
    end = max(0, _alike(old[start:][::-1], new[start:][::-1]) - CONTEXT_CHARS)
    return _cut(old, start, end), _cut(new, start, end)


def _alike(old: str, new: str) -> int:
    """How many characters at the beginning are the same."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((place for place, (before, after) in pairs if before != after), min(len(old), len(new)))


def _cut(text: str, start: int = 0, end: int = 0) -> str:
    middle = text[start : len(text) - end]
    if len(middle) > VALUE_CHARS:
        middle, end = middle[:VALUE_CHARS], 1
    return ("…" if start else "") + middle + ("…" if end else "")
