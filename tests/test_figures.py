"""The figures against a second program, on random histories and on each trap by itself; both databases."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from storage import matters as worked
from storage.database import Store
from storage.figures import figures
from storage.models import case_history, case_ratings, cases, endings, matters, moves
from storage.months import Month
from storage.officetime import OfficeTime
from tests import naive_figures
from tests.matters_made import Ending, Made, Maker

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
FREE = {date(2026, 9, 7), date(2026, 9, 22), date(2026, 12, 24)}
OFFICE = OfficeTime(lambda day: day.weekday() < 5 and day not in FREE, date(2026, 1, 1), date(2027, 12, 31))
OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)


def spans(hours: int) -> st.SearchStrategy[timedelta]:
    return st.timedeltas(timedelta(minutes=1), timedelta(hours=hours))


days = st.dates(date(2026, 9, 20), date(2026, 12, 5))
some_endings = st.lists(
    st.builds(
        Ending,
        after=spans(900),
        outcome=st.sampled_from(["answered", "refused", "forwarded", "duplicate", "withdrawn"]),
        solved=st.sampled_from([None, None, "yes", "partly", "no"]),
        reopened_after=st.none() | spans(300),
    ),
    max_size=3,
)
histories = st.lists(
    st.builds(
        Made,
        filed_at=st.timedeltas(timedelta(0), timedelta(days=87)).map(
            lambda since: datetime(2026, 8, 25, tzinfo=UTC) + since
        ),
        category=st.sampled_from([None, "waste", "roads"]),
        person=st.integers(1, 4),
        acknowledged_after=st.none() | spans(100),
        answered_after=st.none() | spans(400),
        endings=some_endings.map(tuple),
        first_due_on=st.none() | days,
        due_on=st.none() | days,
        moves=st.lists(spans(700), max_size=2).map(tuple),
    ),
    max_size=45,
)


@pytest.fixture
async def quiet(store: Store) -> Store:
    """A store that stands still on a morning of November."""
    store.now = lambda: NOW
    return store


async def made(store: Store, some: list[Made]) -> None:
    async with store.writing() as db:
        for table in (moves, endings, matters, case_ratings, case_history, cases):
            await db.execute(delete(table))
        maker = Maker()
        maker.known = getattr(store, "people_known", set())
        store.people_known = maker.known  # type: ignore[attr-defined]
        for one in some:
            maker.case(db, one, NOW)
    await take_in(store)


async def take_in(store: Store) -> None:
    async with store.reading() as db:
        found = await worked.work_out(db, await worked.stale(db), {"montana": OFFICE})
    async with store.writing() as db:
        await worked.keep(db, found)


async def agree(store: Store, month: Month, now: datetime = NOW, free: Collection[date] = FREE) -> dict[str, Any]:
    """Both programs find the same; returns what they found."""
    async with store.reading() as db:
        ours = await figures(db, "montana", month)
        raw = await naive_figures.read(db, "montana")
    theirs = naive_figures.recount(raw, month.name, now, set(free))
    assert (ours["filed"], ours["ended"]) == (theirs["filed"], theirs["ended"])
    for clock, times in theirs["clocks"].items():
        for time, values in times.items():
            for name, value in values.items():
                assert ours["clocks"][clock][time][name] == value, (clock, time, name)
    for basis in ("first", "in_force"):
        due = ours["in_time"][basis]
        assert (due["due"], due["in_time"], due["late"]) == theirs[basis], basis
        assert due["due"] == due["in_time"] + due["late"] + due["undecided"]
    assert ours["open"]["count"] == theirs["open"] == sum(ours["open"]["ages"].values())
    assert {name: count for name, count in ours["open"]["ages"].items() if count} == dict(theirs["ages"])
    assert ours["open"]["overdue"] == theirs["overdue"]
    assert ours["satisfaction"]["answered"] == sum(theirs["ratings"].values())
    for name, raw_name in (("solved", "yes"), ("partly", "partly"), ("not", "no")):
        shown = ours["satisfaction"]["counts"][name]
        assert shown is None or shown == theirs["ratings"][raw_name]
    for sign in ("reopened", "last_hour", "refiled"):
        assert ours[sign]["count"] == theirs[sign], sign
    assert sum(ours["delays"]["moved"].values()) == theirs["moved"]
    trend = ours["trend"][-1]
    assert (trend["filed"], trend["ended"], trend["due"]) == (ours["filed"], ours["ended"], theirs["first"][0])
    return theirs


@given(some=histories)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_second_program_finds_the_same_in_any_history(quiet, some):
    await made(quiet, some)
    await agree(quiet, OCTOBER)
    await agree(quiet, NOVEMBER)


def filed(day: int, hour: int = 8, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


async def november(store: Store, some: list[Made]) -> dict:
    await made(store, some)
    await agree(store, NOVEMBER)
    async with store.reading() as db:
        return await figures(db, "montana", NOVEMBER)


async def test_an_open_and_overdue_matter_counts_against(quiet):
    done = Made(filed(1), endings=(Ending(timedelta(days=2)),), first_due_on=date(2026, 11, 10))
    left = Made(filed(1), first_due_on=date(2026, 11, 10))
    said = (await november(quiet, [done] * 6 + [left] * 6))["in_time"]["first"]
    assert (said["due"], said["in_time"], said["late"], said["undecided"], said["share"]) == (12, 6, 0, 6, 0.5)


async def test_what_is_due_tomorrow_is_not_due(quiet):
    said = await november(quiet, [Made(filed(1), first_due_on=date(2026, 11, 20))] * 12)
    assert said["in_time"]["first"]["due"] == 0  # Today is not over.


async def test_a_moved_date_helps_only_the_date_in_force(quiet):
    late = Made(filed(1), endings=(Ending(timedelta(days=12)),), first_due_on=date(2026, 11, 10),
                due_on=date(2026, 11, 16), moves=(timedelta(days=8),))  # fmt: skip
    said = (await november(quiet, [late] * 11))["in_time"]
    assert (said["first"]["in_time"], said["first"]["late"], said["in_force"]["in_time"]) == (0, 11, 11)
    assert said["moved"] == 11


async def test_leaving_matters_open_makes_no_median_better(quiet):
    quick = [Made(filed(2), endings=(Ending(timedelta(hours=5)),))] * 10
    said = await november(quiet, quick)
    assert said["clocks"]["decision"]["wall"]["median"] == 300
    said = await november(quiet, quick + [Made(filed(2))] * 11)
    assert said["clocks"]["decision"]["wall"] | {"median": 0} == said["clocks"]["decision"]["wall"] | {"median": 0}
    assert said["clocks"]["decision"]["wall"]["median"] is None
    assert said["clocks"]["decision"]["wall"]["reached"] == 10


async def test_reopening_shows_and_does_not_move_the_decision(quiet):
    again = Made(filed(2), first_due_on=date(2026, 11, 5), endings=(
        Ending(timedelta(days=1), solved="no", reopened_after=timedelta(days=1)),
        Ending(timedelta(days=5), solved="yes"),
    ))  # fmt: skip
    said = await november(quiet, [again] * 10)
    assert (said["ended"], said["reopened"]["count"], said["reopened"]["share"]) == (20, 10, 0.5)
    assert said["clocks"]["decision"]["wall"]["median"] == 24 * 60
    assert said["clocks"]["solution"]["wall"]["median"] == 7 * 24 * 60
    assert said["in_time"]["first"]["in_time"] == 10


async def test_too_few_say_nothing(quiet):
    few = [Made(filed(2), endings=(Ending(timedelta(hours=5), solved="yes"),), first_due_on=date(2026, 11, 3))] * 9
    said = await november(quiet, few)
    assert said["clocks"]["decision"]["wall"] == {"n": 9, "reached": 9, "is_shown": False}
    assert said["in_time"]["first"]["is_shown"] is said["satisfaction"]["solved"]["is_shown"] is False
    assert "share" not in said["reopened"]


async def test_an_hour_before_closing_time_on_the_last_day_is_noticed(quiet):
    def decided(hour: int) -> Made:
        return Made(filed(2, 7), first_due_on=date(2026, 11, 10), endings=(Ending(timedelta(days=8, hours=hour - 7)),))

    said = await november(quiet, [decided(14), decided(15), decided(13)] * 4)  # 16:00, 17:00 and 15:00 in Sofia
    assert said["last_hour"]["count"] == 4


async def test_small_cells_are_hidden_and_not_given_away(quiet):
    some = [Made(filed(2), category="waste")] * 20 + [Made(filed(2), category="roads")] * 7
    said = await november(quiet, [*some, Made(filed(2), category="corruption")])
    assert said["by"]["category"] == {"corruption": None, "roads": None, "waste": 20}


async def test_an_empty_month_is_empty(quiet):
    said = await november(quiet, [])
    assert (said["filed"], said["open"]["count"], said["open"]["oldest_days"]) == (0, 0, None)
    assert said["clocks"]["answer"]["work"]["is_shown"] is False


async def test_a_change_is_worked_in_again(quiet):
    await made(quiet, [Made(filed(2))])
    async with quiet.reading() as db:
        assert await worked.stale(db) == []
    async with quiet.writing() as db:
        await db.execute(cases.update().values(version=99))
    async with quiet.reading() as db:
        assert len(await worked.stale(db)) == 1
    await take_in(quiet)
    await agree(quiet, NOVEMBER)
