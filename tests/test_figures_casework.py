"""The figures of matters that went through the real acts of citizens, staff and clock, in random order."""

import random
from datetime import date, timedelta

import pytest

from bot.figuring import Figuring
from storage import workcalendar
from storage.caserecord import CaseTrouble
from storage.cases import today
from storage.database import Store
from storage.handbook import Handbook
from storage.months import Month
from tests.casetown import Bureau, Day
from tests.test_case_properties import NAMES, WHO, Walk, acts
from tests.test_figures import agree

FIRST = date(2026, 9, 14)
LIKELY = ("take", "answer", "no", "again", "extend", "ask", "add", "yes", "forward")  # So that they get somewhere.


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_staff_and_citizens_really_do_is_counted_the_same_by_both_programs(
    store: Store, handbook: Handbook
) -> None:
    store.now = day = Day(FIRST)
    dice = random.Random(4)
    async with store.writing() as db:
        bureau = Bureau(db, handbook)
        people = {"clerk": await bureau.employs(), "head": await bureau.employs("head"),
                  "mayor": await bureau.employs("mayor"),
                  "stranger": await bureau.employs("mayor", "belene")}  # fmt: skip
        authors = [bureau.somebody() for _ in range(5)]
        walks: list[Walk] = []
        while today(db) < date(2026, 12, 28):
            day.turn(db, today(db) + timedelta(days=1))
            if today(db) < date(2026, 12, 1):
                case = (await bureau.files(dice.choice(authors), kind=dice.choice(["signal", "question"]))).case
                walks.append(Walk(bureau, case, walks[0].case if walks else case, people))
            for walk in dice.sample(walks, min(len(walks), 4)):
                await walk.refresh()
                name = dice.choice(LIKELY if dice.random() < 0.7 else NAMES)
                try:
                    await acts(walk, dice.choice(WHO), dice.choice(["weather", "missed"]))[name]()
                except CaseTrouble:
                    continue
    day.now += timedelta(minutes=5)
    async with store.reading() as db:
        calendar = await workcalendar.of(db, "montana")
    free = {one for number in range(120) if not calendar.is_working(one := FIRST + timedelta(days=number))}
    figuring = Figuring(store)
    while await figuring.work_in():
        pass
    found = [await agree(store, Month(2026, number), day.now, free) for number in (9, 10, 11, 12)]
    for sign in ("reopened", "moved", "ended", "open", "refiled"):
        assert sum(one[sign] for one in found) > 3, sign  # They did get everywhere.
    assert sum(one["first"][1] for one in found) > 0
    assert sum(one["ratings"]["no"] for one in found) > 0
    for month in (9, 10, 11, 12):
        document = await figuring.month("montana", Month(2026, month))
        assert [line["id"] for line in document["adds_up"] if line["difference"]] == []
