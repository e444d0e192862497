"""Terms over holidays, month ends, leap years and both clock changes, and how they explain themselves."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as some

from storage import caserules, nationaldays, workcalendar
from storage.caserules import Rules
from storage.database import Store
from storage.handbook import Handbook
from storage.workcalendar import Calendar, add_months
from tests.casetown import Bureau, Day

BULGARIA = Calendar()
days = some.dates(date(2026, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("filed", "months", "due", "why"),
    [
        (date(2027, 1, 14), 2, date(2027, 3, 15), ["weekend"]),  # 14.03 is a Sunday.
        (date(2026, 12, 31), 2, date(2027, 3, 1), ["weekend"]),  # There is no 31st of February; the 28th is a Sunday.
        (date(2027, 12, 31), 2, date(2028, 2, 29), []),  # A leap year.
        (date(2026, 10, 24), 2, date(2026, 12, 29), ["holiday", "holiday", "holiday", "weekend", "holiday"]),
        (date(2027, 3, 1), 2, date(2027, 5, 5), ["holiday"] * 4),  # Easter and Labour Day, which is moved.
        (date(2027, 11, 3), 1, date(2027, 12, 3), []),
        (date(2026, 8, 31), 6, date(2027, 3, 1), ["weekend"]),
    ],
)
def test_months_are_counted_by_the_calendar(filed: date, months: int, due: date, why: list[str]) -> None:
    term = BULGARIA.compute([{"what": "term", "from": filed.isoformat(), "months": months}])
    assert term
    assert term.due == due
    assert [moved["why"] for moved in term.moved] == why
    assert term.facts["steps"][0]["reached"] == term.reached.isoformat() == add_months(filed, months).isoformat()


def test_what_is_written_down_is_what_the_library_says() -> None:
    """When this fails, the library knows of a decision that we do not: run scripts/national_days.py."""
    written = nationaldays.of(date(2030, 1, 1))
    assert written == nationaldays.asked(nationaldays.FIRST_YEAR, nationaldays.LAST_YEAR)
    bulgaria = holidays.country_holidays("BG", language="bg")
    for number in range((date(nationaldays.LAST_YEAR, 12, 31) - date(nationaldays.FIRST_YEAR, 1, 1)).days + 1):
        day = date(nationaldays.FIRST_YEAR, 1, 1) + timedelta(days=number)
        assert written.is_working(day) == bulgaria.is_working_day(day)
        assert (written.name(day) or {}).get("bg") == bulgaria.get(day)


def test_a_year_that_is_not_written_down_is_asked_of_the_library() -> None:
    assert nationaldays.of(date(2050, 3, 3)).name(date(2050, 3, 3)) == {
        "bg": "Ден на Освобождението на България от османско иго", "en": "Liberation Day"
    }  # fmt: skip
    assert not BULGARIA.is_working(date(2050, 3, 3))


def test_holidays_are_named_in_both_languages() -> None:
    assert BULGARIA.why_free(date(2026, 12, 24)) == {
        "day": "2026-12-24", "weekday": 3, "why": "holiday", "name": {"bg": "Бъдни вечер", "en": "Christmas Eve"}
    }  # fmt: skip
    assert BULGARIA.why_free(date(2026, 11, 27)) is None


def test_working_days_begin_behind_the_day_of_filing() -> None:
    assert BULGARIA.add_working(date(2026, 12, 22), 7) == date(2027, 1, 6)  # Over Christmas and New Year.
    assert BULGARIA.add_working(date(2026, 11, 28), 0) == date(2026, 11, 30)
    assert BULGARIA.working_between(date(2026, 12, 22), date(2027, 1, 6)) == 7
    assert BULGARIA.back_working(date(2027, 1, 6), 7) == date(2026, 12, 22)
    assert BULGARIA.back_working(date(2027, 1, 6), 6) == date(2026, 12, 28)  # The last of five free days.


@given(days, some.integers(1, 12))
def test_the_end_of_months_agrees_with_counting_day_by_day(start: date, count: int) -> None:
    day, ends = start, 0
    while ends < count:  # Another way: walk on, and see where the same number, or the last of the month, comes.
        day += timedelta(days=1)
        is_last = (day + timedelta(days=1)).day == 1
        ends += day.day == start.day or (is_last and day.day < start.day)
    assert add_months(start, count) == day


@given(days, some.integers(1, 90), some.sampled_from(["calendar", "working"]), some.sets(days, max_size=20))
def test_a_term_ends_on_a_working_day_and_says_why_not_earlier(
    start: date, count: int, unit: str, free: set[date]
) -> None:  # fmt: skip
    local = Calendar({day: (False, {"bg": "Почивен ден", "en": "Day off"}) for day in free})
    steps = [{"what": "term", "from": start.isoformat(), "days": count, "unit": unit}]
    term = local.compute(steps)
    assert term
    assert local.is_working(term.due)
    passed = [date.fromisoformat(moved["day"]) for moved in term.moved]
    assert passed == [term.reached + timedelta(days=n) for n in range((term.due - term.reached).days)]
    assert not any(local.is_working(day) for day in passed)
    assert local.compute(term.facts["steps"]) == term  # What is kept with a case gives the same date again.
    if unit == "working":
        assert local.working_between(start, term.due) == count


def test_a_local_working_day_outweighs_a_weekend_and_a_holiday() -> None:
    name = {"bg": "Отработване", "en": "Worked off"}
    local = Calendar({date(2027, 3, 14): (True, name), date(2026, 12, 24): (True, name)})
    term = local.compute([{"what": "term", "from": "2027-01-14", "months": 2}])
    assert term
    assert (term.due, term.moved) == (date(2027, 3, 14), ())
    assert local.why_free(date(2026, 12, 24)) is None


# --- The rules of the edition ---


@pytest.fixture
def rules(handbook: Handbook) -> Rules:
    return Rules(handbook)


@pytest.mark.parametrize(
    ("kind", "due", "forward"),
    [
        ("signal", date(2027, 1, 25), date(2026, 11, 30)), ("proposal", date(2027, 1, 25), date(2026, 11, 30)),
        ("question", date(2026, 12, 2), date(2026, 11, 30)), ("info-request", date(2026, 12, 7), date(2026, 12, 7)),
        ("data-request", date(2026, 12, 23), date(2026, 11, 30)), ("praise", None, None),
    ],
)  # fmt: skip
def test_each_kind_has_the_term_of_the_edition(
    rules: Rules, kind: str, due: date | None, forward: date | None
) -> None:  # fmt: skip
    filed = date(2026, 11, 23)
    term = caserules.due(rules.kind(kind), filed, BULGARIA)
    assert (term and term.due) == due
    assert rules.kind(kind).by("forward", filed, BULGARIA) == forward


def test_extensions_go_as_far_as_the_law_and_once(rules: Rules) -> None:
    signal, proposal, info = (rules.kind(name) for name in ("signal", "proposal", "info-request"))
    steps = signal.term(date(2026, 11, 23))
    longest = signal.extension(steps)
    assert longest
    assert longest["months"] == 1
    assert signal.extension(steps, months=2) is None
    assert signal.extension([*steps, longest]) is None
    assert (proposal.extension(proposal.term(date(2026, 11, 23))) or {})["months"] == 4  # Six in all.
    assert (info.extension(info.term(date(2026, 11, 23)), days=10) or {})["days"] == 10
    assert info.extension(info.term(date(2026, 11, 23)), days=11) is None
    assert not rules.kind("question").may_extend


def test_what_the_bot_may_not_take_and_how_sure_the_law_is(rules: Rules) -> None:
    refused = {name for name, kind in rules.kinds.items() if not kind.is_accepted}
    assert refused == {"appeal", "whistleblowing", "emergency"}
    assert rules.kind("signal").certainty("decide") == "knowledge"
    assert rules.kind("info-request").waiting == "restart"
    assert rules.kind("signal").waiting == "none"
    assert {name for name, category in rules.categories.items() if category.needs_approval} == {
        "rude-conduct", "corruption"
    }  # fmt: skip


class Moment(Day):
    def __init__(self, now: datetime) -> None:
        self.now = now


@pytest.fixture
async def bureau(
    sqlite_database_url: str, handbook: Handbook, request: pytest.FixtureRequest
) -> AsyncIterator[Bureau]:  # fmt: skip
    store = Store(sqlite_database_url, now=Moment(request.param))
    async with store.writing() as db:
        yield Bureau(db, handbook)
    await store.close()


@pytest.mark.parametrize(
    ("bureau", "day"),
    [
        (datetime(2027, 3, 27, 22, 30, tzinfo=UTC), "2027-03-28"),  # Half past midnight of the spring night.
        (datetime(2027, 3, 28, 20, 59, tzinfo=UTC), "2027-03-28"),  # It ends an hour earlier in UTC…
        (datetime(2027, 3, 28, 21, 0, tzinfo=UTC), "2027-03-29"),
        (datetime(2027, 10, 30, 20, 59, tzinfo=UTC), "2027-10-30"),
        (datetime(2027, 10, 31, 21, 59, tzinfo=UTC), "2027-10-31"),  # …and an hour later after autumn's.
        (datetime(2027, 10, 31, 22, 0, tzinfo=UTC), "2027-11-01"),
        (datetime(2026, 12, 31, 22, 0, tzinfo=UTC), "2027-01-01"),  # The year of the number, too.
    ],
    indirect=["bureau"],
)
async def test_the_day_is_that_of_the_wall(bureau: Bureau, day: str) -> None:
    filed = await bureau.files()
    assert filed.term
    assert filed.term.steps[0]["from"] == day
    assert filed.case.number.startswith(f"MON-{day[:4]}-000001-")


async def test_the_word_of_a_municipality_outweighs_that_of_all(sqlite_store: Store) -> None:
    day, name = date(2027, 5, 25), {"bg": "Мост", "en": "Bridge"}
    async with sqlite_store.writing() as db:
        await workcalendar.set_day(db, "montana", day, is_working=True, name=name, by=None)
        await workcalendar.set_day(db, None, day, is_working=False, name=name, by=None)
    async with sqlite_store.writing() as db:
        assert (await workcalendar.of(db, "montana")).is_working(day)
        assert not (await workcalendar.of(db, "belene")).is_working(day)
        assert [row.day for row in await workcalendar.local(db, "belene", day)] == [day]
        assert await workcalendar.remove_day(db, None, day)
        assert (await workcalendar.of(db, "belene")).is_working(day)
