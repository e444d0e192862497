"""The national calendar: which days are free for everybody, which Saturdays were made working days instead.

The library `holidays` knows them, kept up with the Council of Ministers' decisions. It also brings the calendars of
some hundred other countries and faiths, eight megabytes of them; so what it says of the years that terms fall into is
written down beside this module by `scripts/national_days.py`, and only other years ask the library itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

FILE = Path(__file__).parent / "content" / "national_days.json"
FIRST_YEAR, LAST_YEAR = 2020, 2045
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Days:
    """The days of some years that are not what their weekday says."""

    free: Mapping[str, tuple[str, str]]  # ISO date -> its name in Bulgarian and in English
    working: frozenset[str]  # Saturdays and Sundays on which everybody works

    def is_working(self, day: date) -> bool:
        iso = day.isoformat()
        return iso in self.working or (day.weekday() < SATURDAY and iso not in self.free)

    def name(self, day: date) -> dict[str, str] | None:
        """What the holiday is called, by language; None on other days."""
        names = self.free.get(day.isoformat())
        return {"bg": names[0], "en": names[1]} if names else None


def of(day: date) -> Days:
    """The days of the year in which `day` lies."""
    return _written() if FIRST_YEAR <= day.year <= LAST_YEAR else asked(day.year, day.year)


@cache
def digest() -> str:
    """Of what is written down: another one tells that terms are to be counted anew."""
    return sha256(FILE.read_bytes()).hexdigest()


@cache
def _written() -> Days:
    data: dict[str, Any] = orjson.loads(FILE.read_bytes())
    names = [(name["bg"], name["en"]) for name in data["names"]]
    return Days({day: names[place] for day, place in data["free"].items()}, frozenset(data["working"]))


@cache
def asked(first: int, last: int) -> Days:
    """The days of the years `first` to `last`, as the library says them."""
    import holidays

    years = range(first, last + 1)
    bulgarian, english = (holidays.country_holidays("BG", language=one, years=years) for one in ("bg", "en_US"))
    return Days(
        {day.isoformat(): (name, english.get(day) or name) for day, name in sorted(bulgarian.items())},
        frozenset(day.isoformat() for day in bulgarian.weekend_workdays if first <= day.year <= last),
    )
