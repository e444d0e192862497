"""Calendar months as people count them: by the clock of Sofia, with their ends in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SOFIA = ZoneInfo("Europe/Sofia")
YEARS = range(2000, 2200)  # Of dates that somebody asks for; at the ends of the calendar nothing can be counted.
NAME = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    number: int

    @classmethod
    def named(cls, name: str) -> "Month | None":
        """ "2026-11"; None where that is no month."""
        found = NAME.fullmatch(name)
        return cls(int(found[1]), int(found[2])) if found and int(found[1]) >= 2020 else None

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        local = moment.astimezone(SOFIA)
        return cls(local.year, local.month)

    @property
    def name(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def starts(self) -> datetime:
        return datetime(self.year, self.number, 1, tzinfo=SOFIA).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """The first moment that is no longer in it."""
        return self.next.starts

    @property
    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    def back(self, many: int) -> "list[Month]":
        """This month and those before it, the oldest first."""
        months = [self]
        while len(months) < many:
            months.append(months[-1].previous)
        return months[::-1]


def month_name(moment: datetime | None) -> str | None:
    return None if moment is None else Month.of(moment).name


def midnight(day: date) -> datetime:
    """The first moment of a day in Sofia."""
    return datetime(day.year, day.month, day.day, tzinfo=SOFIA).astimezone(UTC)
