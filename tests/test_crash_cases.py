"""`kill -9` while many people file matters: every number told exists, none twice, no history and no answer lost."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.bot_api import BotApi
from tests.test_crash import ALIVE_S, IS_LONG, TOKEN, Victim, publish_small_handbook, rows

PEOPLE = 2000 if IS_LONG else 50
MOST_TAKEN = 400 if IS_LONG else 120  # Updates of one life.
NUMBER = re.compile(r"MON-2026-\d{6}-[0-9A-Z]")
DIALOGUE = (
    "/start file_praise_montana",
    "Благодаря на служителката от гише {number}, обясни ми всичко.",
    "пропуснете",
    "анонимно",
    "изпратете на общината",
    "изпратете на общината",  # Typed twice.
)


def _talk(api: BotApi) -> None:
    """Everybody files one matter, all mixed."""
    people = [api.person(5000 + number, f"Citizen {number}") for number in range(PEOPLE)]
    for words in DIALOGUE:
        for number, person in enumerate(people):
            person.says(words.format(number=number))


@pytest.mark.timeout(900 if IS_LONG else 120)
async def test_no_case_and_no_number_is_lost_or_doubled(sqlite_database_url: str, tmp_path: Path) -> None:
    await publish_small_handbook(sqlite_database_url)
    chance = random.Random(11)
    async with BotApi(TOKEN) as api:
        _talk(api)
        victim = Victim(api, sqlite_database_url, tmp_path)
        while not await victim.lives(chance.randint(0, MOST_TAKEN), chance.uniform(0.0, ALIVE_S)):
            pass
        while not await victim.lives(0, 0.2):  # What was not acknowledged comes again.
            pass
    print(f"{PEOPLE} dialogues, {victim.deaths} kills")
    assert victim.deaths > 2
    await _check(sqlite_database_url)


async def _check(url: str) -> None:
    cases = await rows(url, "SELECT id, number, text, state FROM cases ORDER BY running")
    assert len(cases) == PEOPLE
    assert len({row.number for row in cases}) == PEOPLE
    assert len({row.text for row in cases}) == PEOPLE  # Each of somebody else.
    said = await rows(url, "SELECT content FROM outgoing")
    told = Counter(number for row in said for number in set(NUMBER.findall(str(row.content))))
    assert set(told) == {row.number for row in cases}
    history = await rows(url, "SELECT case_id, action, after FROM case_history ORDER BY id")
    assert Counter(row.case_id for row in history) == {row.id: 1 for row in cases}
    assert {(row.action, row.after) for row in history} == {("file", "received")}
    running = await rows(url, "SELECT last FROM case_counters")
    assert [row.last for row in running] == [PEOPLE]  # No gap.
    heard = await rows(url, "SELECT id, state FROM incoming")
    answered = await rows(url, "SELECT DISTINCT answers_id FROM outgoing WHERE answers_id IS NOT NULL")
    assert {row.state for row in heard} == {"handled"}
    assert {row.id for row in heard} == {row.answers_id for row in answered}
    assert len(heard) == PEOPLE * len(DIALOGUE)
