"""Whatever citizens write, the messages of a day add up; and when something does not, the administrator hears of it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from bot.figure_alarm import alarm
from bot.figuring import Figuring
from storage import roles
from storage.figures import figures
from storage.models import answers
from storage.months import Month
from tests.town import TRANSLATORS


class Clock:
    now = datetime(2026, 11, 18, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_day_of_talk_adds_up(town, monkeypatch):
    clock = Clock()
    town.store.now = clock
    # Row numbers sort by time: here by the time of this clock.
    monkeypatch.setattr("storage.ids.time.time_ns", lambda: int(clock.now.timestamp() * 1e9))
    monkeypatch.setattr("storage.ids._last", 0)
    ana, ben = town.ana, town.ben
    await ana.opens()
    await ana.presses("Монтана")
    for words in (
        "iskam skica", "разрешение за строеж", "искам да говоря с човек", "пожар!", "благодаря", "?", "абв гд",
        "отказаха ми, как да обжалвам", "какво време ще бъде утре", "/help", "/menu", "меню",
    ):  # fmt: skip
        await ana.says(words)
    await ana.says("скица", ref="7")
    await ana.edits("7", "виза за проектиране")
    await ana.sends_photo("скица на имот")
    await ana.sends_place()
    await ana.sends_something_new()
    await ben.says("Hello")
    await ben.says("there is a pothole in my street")
    await ben.blocks()
    clock.now += timedelta(days=1)
    figuring = Figuring(town.store)
    for _ in range(3):
        await figuring.count_days()
    async with town.store.reading() as db:
        found = await figures(db, "montana", Month(2026, 11))
    lines = {line["id"]: line for line in found["adds_up"]}
    assert lines["messages"]["total"] > 15
    assert lines["questions"]["total"] > 4
    assert {name: line["difference"] for name, line in lines.items() if line["difference"]} == {}

    async with town.store.writing() as db:
        token = roles.invite(db, "administrator")
        await db.execute(delete(answers))
    boss = town.citizen("boss", language="en")
    await boss.opens(token)
    clock.now += timedelta(days=1)
    for _ in range(20):
        await figuring.count_days()
    wrong = await figuring.reconcile(["montana"])
    assert [one.line for one in wrong] == ["questions"]
    town.post(await alarm(town.store, TRANSLATORS, wrong))
    assert "the figures do not add up" in boss.last
    assert "Questions heard in the month" in boss.last
    assert await alarm(town.store, TRANSLATORS, await figuring.reconcile(["montana"])) == []
