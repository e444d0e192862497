"""Text as people send it, made plain: normal forms, no control characters or markup, words, script."""

import re
import unicodedata
from typing import Final

RAW_LIMIT: Final = 4_000  # Looked at before anything else: a message may be 100,000 characters long.
MEANING_LIMIT: Final = 400  # A question says what it is about in its first sentences.
WORD_LIMIT: Final = 56
LONGEST_WORD: Final = 40

_MARKUP: Final = re.compile(r"<[^<>]{0,120}>|https?://\S+|&[a-z]{2,8};|\[/?[a-z]{1,8}\]")
_WORD: Final = re.compile(r"[^\W_]+")
_APOSTROPHE: Final = re.compile(r"(?<=\w)['’`´ʼ](?=\w)")
_ACCENTS: Final = re.compile("[\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]")
_CYRILLIC: Final = re.compile("[\u0400-\u052f]")
_LATIN: Final = re.compile("[a-z\u00c0-\u024f]")
_MARKUP_SIGN: Final = re.compile(r"[<&\[]|://")
_EMOJI: Final = re.compile("[👋🙏👍❤]")
_EMOJI_WORDS: Final = str.maketrans({"👋": " здравейте ", "🙏": " благодаря ", "👍": " добре ", "❤": " благодаря "})
_LOOK_ALIKE_TO_CYRILLIC: Final = str.maketrans("acekmopxytibh", "асекморхутивн")
_LOOK_ALIKE_TO_LATIN: Final = str.maketrans("асеоркмхту", "aceopkmxty")


def clean(text: str) -> str:
    """Return the first ~400 characters that can mean something, in lower case and one normal form.

    Longer messages are cut: what a person wants stands at the beginning, and the cost of a turn must
    not depend on the length of what was pasted.
    """
    plain = unicodedata.normalize("NFKC", text.lstrip()[:RAW_LIMIT])[: 2 * RAW_LIMIT].lower()
    plain = _ACCENTS.sub("", plain).replace("\u045d", "и").replace("\u0450", "е")
    if _EMOJI.search(plain):
        plain = plain.translate(_EMOJI_WORDS)
    if not plain.isprintable():
        plain = "".join(_visible(character) for character in plain)
    if _MARKUP_SIGN.search(plain):
        plain = _MARKUP.sub(" ", plain)
    return " ".join(plain.split())[:MEANING_LIMIT]


def _visible(character: str) -> str:
    """Drop joiners, direction marks and surrogates; turn line ends and other controls into spaces."""
    if character.isprintable():
        return character
    return "" if unicodedata.category(character) in ("Cf", "Cs", "Co", "Cn") else " "


def words(plain: str) -> list[str]:
    """Split cleaned text into words; `don't` is one word, look-alike letters follow the word's own script."""
    found = _WORD.findall(_APOSTROPHE.sub("", plain))
    found = [word[:LONGEST_WORD] for word in found[:WORD_LIMIT]]
    return found if plain.isascii() or not _LATIN.search(plain) else [_one_script(word) for word in found]


def _one_script(word: str) -> str:
    if word.isascii():
        return word
    cyrillic, latin = len(_CYRILLIC.findall(word)), len(_LATIN.findall(word))
    if not cyrillic or not latin:
        return word
    return word.translate(_LOOK_ALIKE_TO_CYRILLIC if cyrillic >= latin else _LOOK_ALIKE_TO_LATIN)


def is_cyrillic(word: str) -> bool:
    return _CYRILLIC.search(word) is not None


def is_latin(word: str) -> bool:
    return _LATIN.search(word) is not None


def letters(plain: str) -> tuple[int, int]:
    """Count Cyrillic and Latin letters."""
    latin = len(_LATIN.findall(plain))
    return (0, latin) if plain.isascii() else (len(_CYRILLIC.findall(plain)), latin)
