"""Groups on Telegram: what is said there is nobody else's business, and least of all ours."""

import pytest

from tests.bot_api import BotApi, Person
from tests.desk import Desk

GROUP = -1234
SUPERGROUP = -1001234567890


@pytest.fixture
def ana(api: BotApi) -> Person:
    return api.person(5, "Ана")


@pytest.mark.parametrize("command", ["/start", "/help", "/start@gishe_bot", "/help@GISHE_BOT", "/START"])
async def test_in_a_group_we_only_say_where_to_find_us(desk: Desk, api: BotApi, ana: Person, command: str) -> None:
    there = ana.at(api.group(SUPERGROUP))
    there.says(command)
    answer = await there.hears("лично")
    assert answer.keyboard[0][0]["url"].startswith("https://t.me/gishe_bot")


async def test_a_groups_own_talk_is_neither_answered_nor_stored(desk: Desk, api: BotApi, ana: Person) -> None:
    there = ana.at(api.group(SUPERGROUP))
    there.says("колко е часът")
    there.says("/start@another_bot")
    there.says("/privacy")
    there.sends_photo(caption="обяд")
    there.sends_location(42.0, 23.0)
    there.edits(there.says("съседе"), "съседке")
    await desk.is_idle()
    assert there.texts == []
    for table in ("incoming", "conversations", "people"):
        assert await desk.rows(f"SELECT id FROM {table}") == []


async def test_service_messages_of_a_group_concern_nobody(desk: Desk, api: BotApi, ana: Person) -> None:
    group = api.group(SUPERGROUP)
    group.adds_bot(ana)
    group.removes_bot(ana)
    await desk.is_idle()
    assert await desk.heard() == []


@pytest.mark.parametrize("by_somebody", [True, False])
async def test_a_group_that_becomes_a_supergroup_stays_the_same(
    desk: Desk, api: BotApi, ana: Person, by_somebody: bool
) -> None:
    group = api.group(GROUP)
    ana.at(group).says("/start")
    await ana.at(group).hears("лично")
    moved = group.migrates_to(SUPERGROUP, ana if by_somebody else None)
    await desk.is_idle()
    there = ana.at(moved)
    there.says("/start")
    await there.hears("лично")
    await desk.is_idle()
    assert [row.external for row in await desk.rows("SELECT external FROM conversations WHERE is_group")] == [
        str(SUPERGROUP)
    ]


async def test_news_of_a_move_may_come_after_the_first_words_there(desk: Desk, api: BotApi, ana: Person) -> None:
    group = api.group(GROUP)
    ana.at(group).says("/start")
    await ana.at(group).hears("лично")
    moved = api.group(SUPERGROUP)
    ana.at(moved).says("/start")
    await ana.at(moved).hears("лично")
    group.migrates_to(SUPERGROUP, ana)
    ana.at(moved).says("/help")
    await ana.at(moved).hears("лично")
    await desk.is_idle()
    groups = await desk.rows("SELECT external, reachable FROM conversations WHERE is_group ORDER BY id")
    assert [(row.external, bool(row.reachable)) for row in groups] == [(str(GROUP), False), (str(SUPERGROUP), True)]


async def test_a_move_that_only_the_answer_tells_of_is_followed(desk: Desk, api: BotApi, ana: Person) -> None:
    group = api.group(GROUP)
    there = ana.at(group)
    api.fail_next("sendMessage", migrate_to=SUPERGROUP)
    moved = api.group(SUPERGROUP)
    there.says("/start")
    await ana.at(moved).hears("лично")
    await desk.settles("sent")
    (row,) = await desk.rows("SELECT external FROM conversations WHERE is_group")
    assert row.external == str(SUPERGROUP)
