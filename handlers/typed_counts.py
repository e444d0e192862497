"""How many people somebody means by „двама“, “just me” or “3 of us”."""

import re

# How people are counted, in both languages and also in Latin letters; nobody writes „двама“ as a digit.
WORDS = {
    1: "един една сам сама само аз edin edna sam sama samo az one just me alone",
    2: "двама две двамата двете dvama dve two both",
    3: "трима три тримата трите trima tri three",
    4: "четирима четири chetirima chetiri four",
    5: "петима пет petima pet five",
    6: "шестима шест shestima shest six",
    7: "седмина седем sedmina sedem seven",
    8: "осмина осем osmina osem eight",
    9: "деветима девет devetima devet nine",
    10: "десетима десет desetima deset ten",
}
COUNTS = {word: count for count, words in WORDS.items() for word in words.split()}

LONGEST = 9  # Digits that are read: what has more is too many people by any measure.


def read_count(text: str) -> int | None:
    """Return the one number that the text names, in digits or in words; None where it names none, or several."""
    said = re.findall(r"-?\d+|[^\W\d_]+", text.casefold())
    digits = {int(word[:LONGEST]) for word in said if word.lstrip("-").isdecimal()}
    found = digits or {COUNTS[word] for word in said if word in COUNTS}
    return found.pop() if len(found) == 1 else None
