"""Days and hours as people type them: "утре 14", "15.05 в 18:30", "следващия вторник от 10 до 12", "May 15 at 6 pm".

What can mean two things comes back as two: nobody is guessed a week or half a day away.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.typed_words import (
    AFTERNOON,
    DAY,
    DAY_OF,
    EVENING,
    FILLERS,
    MONTH,
    MONTH_OF,
    MORNING,
    NEXT,
    WEEKDAY,
    WEEKDAY_OF,
)
from storage.months import YEARS
from storage.walltime import moments

MAX_CHARS = 200
LEAP = 8  # Years within which every day of the calendar comes again, also across 2100.
SMALL_HOUR = 7  # "At 5" may mean the morning or the evening; from eight on people mean what they write.

ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
DOTTED = re.compile(r"(?<![\d:.])(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2}))?(?![\d:])\.?")
NAMED = re.compile(
    rf"\b(\d{{1,2}})(?:-?(?:ви|ри|ти|ми|и|st|nd|rd|th))?\s+(?:of\s+)?({MONTH})\b\.?,?(?:\s*(\d{{4}})\b)?"
)
NAMED_FIRST = re.compile(rf"\b({MONTH})\b\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.]\d),?(?:\s*(\d{{4}})\b)?")
NEAR = re.compile(rf"\b(?:day after tomorrow|{DAY})\b")
IN_DAYS = re.compile(
    r"\b(?:след|sled|in)\s+(?:(\d{1,3}|един|една|a|one|an)\s+)?"
    r"(ден|дни|дена|day|days|dni|den|седмица|седмици|week|weeks|sedmica|час|часа|hour|hours|chas|chasa)\b"
)
ON_WEEKDAY = re.compile(rf"\b(?:({NEXT})\s+)?({WEEKDAY})\b\.?")
HALF = re.compile(r"(?<![^\W\d])(преди обед|преди обяд|след обед|след обяд|a\.m\.?|p\.m\.?|" +
                  "|".join(f"{EVENING} {AFTERNOON} {MORNING}".split()) + r")(?!\w)")  # fmt: skip
CLOCK = r"(?<![\d.:/])(\d{1,2})(?:[:.](\d\d))?\s*(?:ч(?:аса|ас)?\b\.?|h\b)?"
HOURS = re.compile(rf"{CLOCK}\s*(?:[-–—]|\bдо\b|\bdo\b|\bto\b|\buntil\b|\btill\b)\s*{CLOCK}(?!\d|:\d)")
HOUR = re.compile(rf"{CLOCK}(?!\d|:\d)")
NOON = re.compile(r"\b(?:обяд|обед|noon|midday)\b")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was understood. One span is clear; several are asked back (`why`); none is a `problem`."""

    spans: tuple[tuple[datetime, datetime | None], ...] = ()
    problem: str = ""  # nothing, no-time, no-day, no-such-day, no-such-time, past
    why: str = ""  # twice, which-week, half-day, weekday
    day: date | None = None
    rest: str = ""  # Words that are no time: what a reminder is about.


@dataclass
class _Reader:
    """The text that is still to be read; what is understood is taken out of it."""

    text: str
    now: datetime  # On the wall.
    days: list[date] = field(default_factory=list)
    problem: str = ""
    why: str = ""
    exact: datetime | None = None

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.search(self.text)
        if found:
            self.text = self.text[: found.start()] + " \0 " + self.text[found.end() :]
        return found


def read_time(said: str, now: datetime, zone: ZoneInfo, day: date | None = None, *, with_words: bool = False) -> Typed:
    """Understand `said`. `day` is meant when none is named; `with_words` lets other words stand beside the time."""
    reader = _Reader(" ".join(said.casefold()[:MAX_CHARS].replace("\0", " ").split()), now.astimezone(zone))
    _read_day(reader)
    if reader.exact:
        return Typed(((reader.exact.astimezone(UTC), None),), rest=_rest(reader, said))
    half = _read_half(reader)
    start, end = _read_clock(reader)
    rest = _rest(reader, said)
    if rest and not with_words:
        return Typed(problem="nothing")
    days = reader.days or ([day] if day else [])
    if problem := reader.problem or ("" if start or days else "nothing"):
        return Typed(problem=problem)
    if start is None:
        return Typed(problem="no-time", day=days[0], rest=rest)
    if not _exists(start) or (end and not _exists(end, until=True)):
        return Typed(problem="no-such-time", day=days[0] if days else None)
    if not days:
        return Typed(problem="no-day", rest=rest)
    return _spans(reader, days, _starts(start, half), start, end, half, zone, rest)


# --- The day ---


def _read_day(reader: _Reader) -> None:
    today = reader.now.date()
    if found := reader.take(ISO):
        return _calendar(reader, int(found[3]), int(found[2]), int(found[1]))
    if found := reader.take(NAMED):
        return _calendar(reader, int(found[1]), MONTH_OF[found[2]], _year(found[3]))
    if found := reader.take(NAMED_FIRST):
        return _calendar(reader, int(found[2]), MONTH_OF[found[1]], _year(found[3]))
    if found := reader.take(IN_DAYS):
        return _later(reader, found)
    if found := NEAR.search(reader.text):
        word = found[0]
        if word not in EVENING.split():  # "довечера" is read again for its half of the day.
            reader.take(NEAR)
        reader.days = [today + timedelta(days=DAY_OF.get(word, 2))]
        return None
    weekday = reader.take(ON_WEEKDAY)
    if _is_dotted_day(reader, weekday is not None) and (found := reader.take(DOTTED)):
        _calendar(reader, int(found[1]), int(found[2]), _year(found[3]))
        return _agree(reader, weekday)
    if weekday:
        _weekday(reader, WEEKDAY_OF[weekday[2]], is_next=bool(weekday[1]))
    return None


def _is_dotted_day(reader: _Reader, has_weekday: bool) -> bool:
    """Whether "10.05" is the tenth of May; beside a weekday it may be five minutes past ten."""
    found = DOTTED.search(reader.text)
    if not found:
        return False
    if found[3] or "/" in found[0]:
        return True
    others = reader.text[: found.start()] + reader.text[found.end() :]
    if has_weekday:
        return HOUR.search(others) is not None
    is_day = 1 <= int(found[2]) <= 12
    return is_day or HOUR.search(others) is not None


def _year(text: str | None) -> int | None:
    return None if not text else int(text) + (2000 if len(text) == 2 else 0)


def _calendar(reader: _Reader, day: int, month: int, year: int | None) -> None:
    """A day of the calendar; without a year the next one of that name."""
    today = reader.now.date()
    if year is not None:
        found = _date(year, month, day)
        reader.problem = "no-such-day" if found is None else "past" if found < today else ""
        reader.days = [found] if found else []
        return
    for later in range(LEAP + 1):
        found = _date(today.year + later, month, day)
        if found and found >= today:
            reader.days = [found]
            return
    reader.problem = "no-such-day"


def _date(year: int, month: int, day: int) -> date | None:
    if year >= YEARS.stop:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _later(reader: _Reader, found: re.Match[str]) -> None:
    many = int(found[1]) if found[1] and found[1].isdecimal() else 1
    unit = found[2]
    if unit[0] in "чh" or unit.startswith("cha"):
        reader.exact = reader.now.astimezone(UTC) + timedelta(hours=many)
    else:
        is_week = unit[0] in "сw" or unit.startswith("sed")
        reader.days = [reader.now.date() + timedelta(days=many * (7 if is_week else 1))]


def _weekday(reader: _Reader, weekday: int, *, is_next: bool) -> None:
    today = reader.now.date()
    ahead = (weekday - today.weekday()) % 7
    coming = today + timedelta(days=ahead)
    if ahead == 0:
        reader.days = [today + timedelta(days=7)] if is_next else [today, today + timedelta(days=7)]
    elif is_next and weekday > today.weekday():  # "Next Friday", said on a Monday: of this week or of the next?
        reader.days, reader.why = [coming, coming + timedelta(days=7)], "which-week"
    else:
        reader.days = [coming]


def _agree(reader: _Reader, weekday: re.Match[str] | None) -> None:
    """A weekday beside a date must be its weekday; else one of the two is a slip."""
    if weekday and reader.days and reader.days[0].weekday() != WEEKDAY_OF[weekday[2]]:
        dated = reader.days[0]
        ahead = (WEEKDAY_OF[weekday[2]] - reader.now.date().weekday()) % 7 or 7
        reader.days, reader.why = sorted({dated, reader.now.date() + timedelta(days=ahead)}), "weekday"


# --- The hour ---


def _read_half(reader: _Reader) -> str:
    found = reader.take(HALF)
    if not found:
        return ""
    word = found[1]
    if word in MORNING.split() or (word.startswith(("преди", "a")) and not word.startswith("afternoon")):
        return "am"
    return "pm"


def _read_clock(reader: _Reader) -> tuple[tuple[str, int] | None, tuple[str, int] | None]:
    """Start and end, each as (hour as written, minute)."""
    if found := reader.take(HOURS):
        return (found[1], int(found[2] or 0)), (found[3], int(found[4] or 0))
    if reader.take(NOON):
        return ("12", 0), None
    if found := reader.take(HOUR):
        return (found[1], int(found[2] or 0)), None
    return None, None


def _exists(clock: tuple[str, int], *, until: bool = False) -> bool:
    return int(clock[0]) <= (24 if until else 23) and clock[1] <= 59


def _starts(start: tuple[str, int], half: str) -> list[time]:
    """The times that may be meant."""
    hour, minute = int(start[0]), start[1]
    if half == "pm" and hour < 12:
        return [time(hour + 12, minute)]
    if half == "am":
        return [time(hour % 12 if hour == 12 else hour, minute)]
    if not half and 1 <= hour <= SMALL_HOUR and not start[0].startswith("0"):
        return [time(hour, minute), time(hour + 12, minute)]
    return [time(hour, minute)]


def _spans(
    reader: _Reader, days: list[date], starts: list[time], start: tuple[str, int], end: tuple[str, int] | None,
    half: str, zone: ZoneInfo, rest: str,
) -> Typed:  # fmt: skip
    now = reader.now.astimezone(UTC)
    all_starts = [(day, at, moment) for day in days for at in starts for moment in moments(day, at, zone)]
    if not all_starts:
        return Typed(problem="no-such-time", day=days[0], rest=rest)
    ahead = [one for one in all_starts if one[2] > now]
    if not ahead:
        return Typed(problem="past", day=days[0], rest=rest)
    if not reader.why and len({day for day, _at, _moment in ahead}) > 1:  # "On Friday", said on a Friday.
        ahead = [one for one in ahead if one[0] == ahead[0][0]]
    spans = tuple((moment, _end(day, at, moment, end, half, zone)) for day, at, moment in ahead)
    why = ""
    if len(spans) > 1:
        twice = len(spans) > len({(day, at) for day, at, _moment in ahead})
        why = reader.why or ("twice" if twice else "half-day")
    return Typed(spans, why=why, day=ahead[0][0], rest=rest)


def _end(
    day: date, at: time, begins: datetime, end: tuple[str, int] | None, half: str, zone: ZoneInfo
) -> datetime | None:
    """The first moment of that clock time behind the beginning: it may be past midnight."""
    if end is None:
        return None
    hour, minute = int(end[0]), end[1]
    if hour < 12 and not end[0].startswith("0") and (half == "pm" or at.hour >= 12) and hour + 12 > at.hour:
        hour += 12
    clock = time(hour % 24, minute)
    for later in (0, 1):
        for moment in moments(day + timedelta(days=later), clock, zone):
            if moment > begins:
                return moment
    return None


def _rest(reader: _Reader, said: str) -> str:
    """The words that were not understood as a time, as they were written."""
    left = [word for word in re.split(r"[\s\0,;:.!?()–—-]+", reader.text) if word]
    if all(word in FILLERS for word in left):
        return ""
    return _original(reader.text, said)


def _original(left: str, said: str) -> str:
    """The longest stretch between the understood parts, with its capitals."""
    pieces = [piece.strip(" ,;:.!?–—-") for piece in left.split("\0")]
    best = max(pieces, key=len)
    words = best.split()
    while words and words[0] in FILLERS:
        words.pop(0)
    while words and words[-1] in FILLERS:
        words.pop()
    best = " ".join(words)
    at = " ".join(said.split()).casefold().find(best)
    return " ".join(said.split())[at : at + len(best)] if at >= 0 else best
