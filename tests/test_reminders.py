"""Reminders: at the hour of the municipality's clock, told once, void when they have become useless."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot import reminding
from handlers.talk import Links
from storage import reminders
from storage.models import reminders as table
from tests.town import SOFIA, TRANSLATORS, Hours, Town


async def _tick(town: Town) -> None:
    town.post(await reminding.remind(town.store, town.library.current, TRANSLATORS, Links("https://gishe.example")))


async def _ask(town: Town, when: str) -> datetime:
    await town.ana.opens("card_building-permit_montana")
    await town.ana.presses("Списък на документите")
    await town.ana.presses("Напомняне какво липсва")
    await town.ana.presses(when)
    async with town.store.reading() as db:
        due = await db.value(select(table.c.due_at).where(table.c.done_at.is_(None)))
    assert isinstance(due, datetime)
    return due


async def test_reminder_comes_at_its_hour_and_only_once(dated_town: Town, hours: Hours) -> None:
    due = await _ask(dated_town, "Утре сутрин")
    assert due.astimezone(SOFIA) == datetime(2026, 11, 21, 9, 0, tzinfo=SOFIA)
    before = len(dated_town.ana.heard)
    hours.now = due - timedelta(seconds=1)
    await _tick(dated_town)
    assert len(dated_town.ana.heard) == before
    hours.now = due
    await _tick(dated_town)
    await _tick(dated_town)
    assert len(dated_town.ana.heard) == before + 1
    assert "Помолихте да Ви напомня" in dated_town.ana.last
    assert "Още Ви липсват" in dated_town.ana.last


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (datetime(2027, 3, 27, 12, 0, tzinfo=SOFIA), datetime(2027, 3, 28, 6, 0, tzinfo=UTC)),  # Clocks go forward.
        (datetime(2026, 10, 24, 12, 0, tzinfo=SOFIA), datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),  # Clocks go back.
        (datetime(2028, 2, 28, 12, 0, tzinfo=SOFIA), datetime(2028, 2, 29, 7, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 12, 0, tzinfo=SOFIA), datetime(2027, 1, 1, 7, 0, tzinfo=UTC)),
    ],
)
async def test_nine_in_the_morning_is_nine_on_the_wall(
    dated_town: Town, hours: Hours, today: datetime, due: datetime
) -> None:
    hours.now = today
    assert await _ask(dated_town, "Утре сутрин") == due


async def test_one_missed_while_nothing_ran_is_told_if_still_useful(dated_town: Town, hours: Hours) -> None:
    due = await _ask(dated_town, "Утре сутрин")
    hours.now = due + timedelta(hours=3)
    await _tick(dated_town)
    assert "Помолихте да Ви напомня" in dated_town.ana.last


async def test_one_missed_for_long_is_dropped_with_a_record(dated_town: Town, hours: Hours) -> None:
    due = await _ask(dated_town, "Утре сутрин")
    hours.now = due + reminders.USEFUL_FOR + timedelta(minutes=1)
    await _tick(dated_town)
    assert "Помолихте" not in dated_town.ana.last
    async with dated_town.store.reading() as db:
        assert await db.value(select(table.c.outcome)) == "dropped"


async def test_this_evening_is_not_offered_in_the_evening(dated_town: Town, hours: Hours) -> None:
    hours.now = datetime(2026, 11, 20, 18, 30, tzinfo=SOFIA)
    await dated_town.ana.opens("card_building-permit_montana")
    await dated_town.ana.presses("Списък на документите")
    asked = await dated_town.ana.presses("Напомняне какво липсва")
    assert not any("Тази вечер" in choice for choice in asked.choices)


async def test_time_that_passed_since_it_was_offered_is_asked_again(dated_town: Town, hours: Hours) -> None:
    await dated_town.ana.opens("card_building-permit_montana")
    await dated_town.ana.presses("Списък на документите")
    asked = await dated_town.ana.presses("Напомняне какво липсва")
    hours.now = datetime(2026, 11, 20, 23, 0, tzinfo=SOFIA)
    again = await dated_town.ana.presses("Тази вечер", asked)
    assert "Кога да Ви напомня?" in again


async def test_second_wish_replaces_the_first(dated_town: Town, hours: Hours) -> None:
    await _ask(dated_town, "Утре сутрин")
    due = await _ask(dated_town, "След седмица")
    assert due.astimezone(SOFIA).date() == datetime(2026, 11, 27, tzinfo=SOFIA).date()


async def test_what_was_ticked_meanwhile_is_not_missing(dated_town: Town, hours: Hours) -> None:
    due = await _ask(dated_town, "Утре сутрин")
    papers = await dated_town.ana.presses("Списък на документите")
    for number in range(len(papers.choices)):
        if papers.choices[number].startswith("⬜"):
            papers = await dated_town.ana.presses(papers.choices[number], papers)
    hours.now = due
    await _tick(dated_town)
    assert "Нищо не липсва" in dated_town.ana.last
