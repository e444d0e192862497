"""Stems: the forms of one word, Bulgarian (in the keys of `sounds`) and English, brought together.

Bulgarian endings are taken off in the order in which grammar puts them on: article, number and person,
then the suffixes that make nouns and adjectives of verbs. It is rough on purpose: a stem is a meeting
point of forms, never shown to anybody.
"""

import re
from typing import Final

_SHORTEST: Final = 3  # A stem keeps at least so many letters.
_VOWELS: Final = "aeiou"

_ARTICLES: Final = (("ta", "a"), ("to", "oe"), ("te", "ie"))  # Taken off only after these letters.
_PERSONS: Final = (
    "ihte", "ahte", "ehte", "ihme", "ahme", "ehme", "iaha", "aha", "oha", "eha", "iha",
    "ame", "iame", "ate", "ite", "ete", "aiki", "eiki", "iat", "aSt", "eSt",
    "am", "iam", "im", "em", "aS", "iaS", "iS", "eS", "at", "ah", "oh", "ih", "eh", "iah", "al", "il", "ial", "el",
)  # fmt: skip
_SUFFIXES: Final = (
    "itelstv", "iteln", "itelen", "itel", "ovani", "avane", "avani", "ivani", "ovan", "avan", "ivan", "ieni", "eni",
    "ani",
    "anств", "enstv", "stv", "nost", "ost", "iCesk", "Cesk", "sk", "iraCn", "iran", "iraC", "ir", "aci", "ici",
    "aln", "alen", "ien", "en", "an", "ian", "av", "iav", "iv", "ov", "ev", "ik", "nik", "ak", "ec", "iSt", "ink",
    "k", "n", "v",
)  # fmt: skip
_SUFFIX_SET: Final = frozenset(_SUFFIXES)
_PERSON_SET: Final = frozenset(_PERSONS)
_LONGEST_SUFFIX: Final = max(map(len, _SUFFIXES))
_LONGEST_PERSON: Final = max(map(len, _PERSONS))
_YAT: Final = re.compile(r"(?<=[bcdfghjklmnprstvzJCS])ia(?=[bcdfghjklmnprstvzJCS])")  # място, места
_LOST_VOWEL: Final = re.compile(r"(?<=[bdgptkvzs])a(?=[rl]$)")  # метър, метра

_PALATAL: Final = {"C": "k", "c": "k", "J": "g", "S": "h"}  # боклук, боклуци; улица, улични

# Forms that no rule joins; both sides are stems.
_IRREGULAR: Final = {
    "darvet": "darv", "dek": "det", "hor": "hora", "rak": "rak", "sedek": "sed", "pati": "pat", "patiSt": "pat",
    "otsik": "sek", "osik": "sek", "ocik": "sek", "otsek": "sek", "ocek": "sek", "posek": "sek", "isek": "sek",
    "izsek": "sek", "seCe": "sek",
    "reg": "rez", "otreg": "rez", "otrez": "rez", "izreg": "rez", "kuCet": "kuk",
    "plaSt": "plat", "vraSt": "vrat", "sabr": "sabor", "izdad": "izda", "podad": "poda", "pod": "poda", "izd": "izda",
    "broke": "broken",
}  # fmt: skip


def bulgarian(key: str) -> str:
    """Return the stem of a word that is already a key."""
    if len(key) < _SHORTEST or not key.isalpha():
        return key
    stem = _suffix_off(_palatal(_yat(_ending_off(key))))
    stem = _palatal(stem)
    if len(stem) > _SHORTEST + 1:
        stem = _LOST_VOWEL.sub("", stem)
    return _IRREGULAR.get(stem, stem)


def _palatal(stem: str) -> str:
    return stem[:-1] + _PALATAL.get(stem[-1], stem[-1])


def _yat(stem: str) -> str:
    return _YAT.sub("e", stem)


def _ending_off(key: str) -> str:
    for article, after in _ARTICLES:
        if key.endswith(article) and len(key) > len(article) + 2 and key[-3] in after:
            key = key[:-2]
            break
    for length in range(min(_LONGEST_PERSON, len(key) - _SHORTEST), 1, -1):
        if key[-length:] in _PERSON_SET:
            return _vowels_off(key[:-length], _SHORTEST + 1)
    return _vowels_off(key, _SHORTEST)


def _vowels_off(key: str, shortest: int) -> str:
    for _ in range(2):
        if len(key) > shortest and key[-1] in _VOWELS:
            key = key[:-1]
    return key


def _suffix_off(stem: str) -> str:
    for _ in range(4):
        for length in range(min(_LONGEST_SUFFIX, len(stem) - _SHORTEST - 1), 0, -1):
            if stem[-length:] in _SUFFIX_SET:
                stem = stem[:-length]
                if stem[-1] in _VOWELS and len(stem) > _SHORTEST + 1:
                    stem = stem[:-1]
                break
        else:
            break
    return stem


_ENGLISH: Final = {
    "ational": "ate", "ization": "ize", "isation": "ize", "fulness": "ful", "ations": "at", "ation": "at",
    "ements": "", "ement": "", "ments": "", "ment": "", "ances": "", "ance": "", "ences": "", "ence": "",
    "ities": "", "ity": "", "iness": "i", "ness": "", "ingly": "", "ings": "", "ing": "", "edly": "", "ies": "i",
    "ied": "i", "able": "", "ible": "", "ally": "", "ions": "", "ion": "", "ers": "", "er": "", "ors": "",
    "or": "", "als": "", "al": "", "ed": "", "es": "", "ly": "", "s": "", "y": "i", "e": "",
}  # fmt: skip
_LONGEST_ENGLISH: Final = max(map(len, _ENGLISH))
_ENGLISH_IRREGULAR: Final = {
    "built": "build", "dug": "dig", "felled": "fell", "trees": "tree", "fell": "fell", "bought": "buy",
    "sold": "sell",
    "people": "person", "children": "child", "neighbor": "neighbour", "neighbors": "neighbour",
    "neighbours": "neighbour",
    "sidewalk": "pavement", "garbage": "rubbish", "trash": "rubbish", "apartment": "flat", "apartments": "flat",
    "licence": "license", "leaves": "leaf", "paid": "pay", "broken": "broke", "stolen": "steal", "burning": "burn",
    "apply": "appli",
}  # fmt: skip


def english(word: str) -> str:
    """Return the stem of an English word: one suffix off, a doubled consonant made single."""
    word = _ENGLISH_IRREGULAR.get(word, word)
    if len(word) <= _SHORTEST or not word.isalpha():
        return word
    for length in range(min(_LONGEST_ENGLISH, len(word) - _SHORTEST), 0, -1):
        instead = _ENGLISH.get(word[-length:])
        if instead is not None:
            word = word[:-length] + instead
            break
    if len(word) > _SHORTEST and word[-1] == word[-2] and word[-1] not in "aeious":
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > _SHORTEST else word
