"""Personal data in a message: ЕГН and ЛНЧ by checksum, IBAN, bank cards. Case numbers, plots and phones stay."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from stdnum import iban, luhn
from stdnum.bg import egn, pnf

_LONGEST_TEXT: Final = 200_000


class Span(NamedTuple):
    """A piece of text that identifies a person or an account."""

    kind: str  # egn, lnch, iban or card
    start: int
    end: int


# A plot identifier (48489.12.345), a case number (MON-2026-000123-K) or a phone (+359 88…) must not touch the digits.
_DIGITS: Final = re.compile(r"(?<![\w.+/-])(?:\d[ \u00a0\u202f–-]?){9,18}\d(?![\w/]|[.-]\d)")
_IBAN: Final = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ \u00a0-]?[A-Za-z0-9]){11,30}")
_IBAN_SHORTEST: Final = 15
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE: Final = re.compile(r"(?<![\w.+/-])(?:\+359|00359|0)(?:[ \u00a0()/–-]{0,2}\d){7,9}(?![\w/]|[.-]\d)")
_SEPARATORS: Final = re.compile(r"[ \u00a0\u202f–-]")
_CARD_LENGTHS: Final = range(13, 20)
_CARD_STARTS: Final = ("2", "3", "4", "5", "6")
MASKS: Final = {"egn": "[ЕГН]", "lnch": "[ЛНЧ]", "iban": "[IBAN]", "card": "[карта]"}


def personal_data(text: str) -> list[Span]:
    """Return the spans of personal data in order; they do not overlap."""
    found: list[Span] = []
    for span in sorted((*_ibans(text[:_LONGEST_TEXT]), *_numbers(text[:_LONGEST_TEXT])), key=lambda one: one.start):
        if not found or span.start >= found[-1].end:
            found.append(span)
    return found


def mask(text: str) -> str:
    """Return the text with personal data replaced by what kind of data stood there."""
    for kind, start, end in reversed(personal_data(text)):
        text = text[:start] + MASKS[kind] + text[end:]
    return text


def mask_contacts(text: str) -> str:
    """The same, and without telephones and e-mail addresses: for whoever works on a matter among others."""
    return _PHONE.sub("[телефон]", _EMAIL.sub("[имейл]", mask(text)))


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        end = match.end()
        while end - match.start() >= _IBAN_SHORTEST:  # Words that follow may look like a part of it.
            if iban.is_valid(_SEPARATORS.sub("", text[match.start() : end]), check_country=False):
                yield Span("iban", match.start(), end)
                break
            end -= 1


def _numbers(text: str) -> Iterator[Span]:
    for match in _DIGITS.finditer(text):
        kind = _kind(_SEPARATORS.sub("", match.group()))
        if kind:
            yield Span(kind, match.start(), match.end())
        else:
            yield from _parts(text, match.start(), match.end())


def _parts(text: str, start: int, end: int) -> Iterator[Span]:
    """Two numbers side by side, divided by a space, are tried alone."""
    for match in re.finditer(r"\d{10,19}", text[start:end]):
        kind = _kind(match.group())
        if kind:
            yield Span(kind, start + match.start(), start + match.end())


def _kind(digits: str) -> str | None:
    if len(digits) == 10:
        if egn.is_valid(digits):
            return "egn"
        return "lnch" if pnf.is_valid(digits) and not digits.startswith("0") else None
    if len(digits) in _CARD_LENGTHS and digits[0] in _CARD_STARTS and luhn.is_valid(digits):
        return "card"
    return None
