"""One spelling for one sound: Cyrillic and every way of typing Bulgarian in Latin letters meet in one key.

The key is written in ASCII: `J` ж, `C` ч, `S` ш, `St` щ, `c` ц; ъ and а are both `a`, й and и both `i`,
я is `ia`, ю is `iu`. What Latin typing leaves open (`y` may be ъ or й, `j` ж or й, `u` у or ъ, `x` х or кс,
`c` ц or к, `sh` ш or сх) gives several keys; the vocabulary of the handbook decides among them.
"""

import re
from itertools import product
from typing import Final

_SOUNDS: Final = (
    "а=a б=b в=v г=g д=d е=e ж=J з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h ц=c ч=C ш=S щ=St ъ=a ь=i "
    "ю=iu я=ia ё=io э=e ы=i ѝ=i"
)
_CYRILLIC: Final = str.maketrans({pair[0]: pair[2:] for pair in _SOUNDS.split()})
# Longest first; each Latin spelling with its possible keys, the likeliest first.
_LATIN: Final[dict[str, tuple[str, ...]]] = {
    "sht": ("St", "sht"), "6t": ("St",), "6h": ("S",),
    "tzh": ("c",), "dzh": ("dJ",),
    "sh": ("S", "sh"), "zh": ("J", "zh"), "ch": ("C",), "ts": ("c",), "tz": ("c",), "kh": ("h",), "dj": ("dJ", "di"),
    "ya": ("ia",), "ja": ("ia", "Ja"), "ia": ("ia",), "yu": ("iu",), "ju": ("iu", "Ju"), "iu": ("iu",),
    "yo": ("io",), "jo": ("io", "Jo"), "ou": ("u", "ou"), "ck": ("k",), "ij": ("i", "iJ"), "aq": ("aia",),
    "w": ("v",), "q": ("ia",), "4": ("C",), "6": ("S",), "x": ("h", "ks"), "c": ("c", "k"),
    "y": ("a", "i", "u"), "u": ("u", "a"), "j": ("J", "i"),
}  # fmt: skip
_GRAPHEME: Final = re.compile("|".join(sorted(_LATIN, key=len, reverse=True)) + "|.")
_DOUBLED: Final = re.compile(r"([a-zA-Z])\1+")
_MOST_VARIANTS: Final = 32
_MOST_OPEN: Final = 5

_LOOSE: Final = str.maketrans("oeuibdzvgJ", "uiuiptsfkS")


def cyrillic_key(word: str) -> str:
    """Return the key of a word in Cyrillic; digits stay."""
    return _tidy(word.translate(_CYRILLIC))


def latin_keys(word: str) -> list[str]:
    """Return the keys a Latin spelling may stand for, the likeliest first."""
    choices, still_open = [], _MOST_OPEN
    for grapheme in _GRAPHEME.findall(word):
        keys = _LATIN.get(grapheme, (grapheme,))
        if len(keys) > 1:
            still_open -= 1
        choices.append(keys if still_open >= 0 else keys[:1])
    spelled = product(*choices)
    return list(dict.fromkeys(_tidy("".join(parts)) for parts, _ in zip(spelled, range(_MOST_VARIANTS), strict=False)))


def loose(key: str) -> str:
    """Fold what people confuse by ear: unstressed о and у, е and и, voiced and voiceless consonants."""
    return _DOUBLED.sub(r"\1", key.translate(_LOOSE))


def _tidy(key: str) -> str:
    return _DOUBLED.sub(r"\1", key.replace("ts", "c"))
