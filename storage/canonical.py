"""Canonical JSON (RFC 8785): one document has one form, so that everybody who hashes it gets the same."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

# Where orjson writes a number other than ECMAScript does, or a key has characters outside the Basic Multilingual Plane,
# by which keys sort another way in UTF-16. What only looks like it may stand in a text; so then one looks again without
# the texts. Most documents have no number but small whole ones; the first pattern tells so in a fraction of the time.
FRACTION_OR_LARGE = re.compile(rb"[:,\[](?<!\w:)-?[0-9]+(?:[.eE]|[0-9]{16})")  # "person:63025…" is a text.
ODD_NUMBER = re.compile(rb'(?:^|":|[,\[])-?(?:[0-9]+\.0(?![0-9])|0\.0000|[0-9.]{17}|[0-9]+(?:\.[0-9]+)?[eE])')
ODD_KEY = re.compile(rb'[\xf0-\xf4](?:[^"\\]|\\.)*":')
TEXT = re.compile(rb'("(?:[^"\\]|\\.)*":)|"(?:[^"\\]|\\.)*"')  # The names of an object, which stay, or a text.


def canonical(value: Any) -> bytes:
    """Return the canonical form. Whole numbers that JavaScript cannot hold (over 2^53) are refused with TypeError."""
    plain = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    if _may_be_odd(plain) and _is_odd(TEXT.sub(rb"\1", plain)):
        return by_hand(orjson.loads(plain)).encode()
    return plain


def _may_be_odd(plain: bytes) -> bool:
    is_alone = plain[:1] not in b'{["'  # Nothing stands before the number.
    return bool(((is_alone or FRACTION_OR_LARGE.search(plain)) and ODD_NUMBER.search(plain)) or ODD_KEY.search(plain))


def _is_odd(without_texts: bytes) -> bool:
    return bool(ODD_NUMBER.search(without_texts) or ODD_KEY.search(without_texts))


def by_hand(value: Any) -> str:
    """The canonical form of what JSON gave, member by member: for what the quick way cannot."""
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{orjson.dumps(key).decode()}:{by_hand(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(by_hand, value)) + "]"
    if isinstance(value, float):
        return number(value)
    return orjson.dumps(value).decode()


def number(value: float) -> str:
    """A number as ECMAScript writes it (the shortest digits that give the same number back)."""
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _e, exponent = repr(abs(value)).partition("e")
    whole, _dot, part = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)  # Where the point stands among the digits.
    digits = whole + part
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.lstrip("0").rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"{sign}{digits[0]}.{digits[1:]}{power}" if len(digits) > 1 else f"{sign}{digits}{power}"
