"""Announcements over the Bot API: sent with a picture, rewritten, taken back; and a broadcast that is killed."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.broadcasting import Broadcaster
from bot.outbox import IN_FLIGHT
from handlers import announcement_sending
from storage import announcements, audiences, people
from storage.announcements import Announcement
from storage.audiences import Audience
from storage.database import Store
from storage.handbook import Handbook, Library
from storage.models import outgoing
from storage.people import Conversation
from tests import crash_bot
from tests.bot_api import BotApi
from tests.desk import Desk, eventually
from tests.test_crash import TOKEN, Victim, publish_small_handbook
from tests.test_files_out import PICTURE
from tests.town import TRANSLATORS

RESIDENTS, KILLS = 300, 4


def _settle(db: Any, names: list[str]) -> list[Conversation]:
    """People of the town who have opened the chat once."""
    there = [people.welcome(db, "telegram", name, "bg") for name in names]
    for place in there:
        assert place.person
        place.person.municipality, place.person.is_changed = "montana", True
        people.keep_person(db, place.person)
    return there


async def _announce(store: Store, author: Conversation, text: str, **more: Any) -> Announcement:
    async with store.writing() as db:
        assert author.person
        one = announcements.begin(
            db, author_id=author.person.id, conversation_id=author.id, municipality="montana", is_emergency=True,
            corrects=more.pop("corrects", None), is_recall=more.pop("is_recall", False),
        )  # fmt: skip
        announcements.change(db, one, texts={"bg": text} if text else {}, **more)
        await announcements.start(db, one, announcement_sending.digests(one))
    return one


async def _goes_out(desk: Desk, handbook: Handbook) -> None:
    """What the broadcaster does until everything is sent."""
    broadcaster = Broadcaster(desk.store, Library(handbook), TRANSLATORS, desk.post, {"telegram": 1000})
    await broadcaster.step()
    await eventually(lambda: _states(desk.store), lambda states: not {"due", "claimed"} & set(states))
    await broadcaster.step()
    await desk.is_idle()


async def _states(store: Store) -> list[str]:
    async with store.reading() as db:
        rows = await db.rows(select(outgoing.c.state).where(outgoing.c.lane >= 2).order_by(outgoing.c.id))
    return [row.state for row in rows]


async def test_with_a_picture_it_is_corrected_and_withdrawn_in_its_place(
    sqlite_database_url: str, handbook: Handbook, api: BotApi
) -> None:
    async with Desk(sqlite_database_url, handbook, api) as desk:
        ana, olga = api.person(7, "Ana"), api.person(8, "Olga")
        ana.says("/start")
        olga.says("/start")
        await desk.is_idle()
        async with desk.store.writing() as db:
            met = await people.meet(db, "telegram", ["7", "8"])
            digest = db.keep(PICTURE)
            for place in met.values():
                assert place.person
                place.person.municipality, place.person.is_changed = "montana", True
                people.keep_person(db, place.person)
        picture = {"kind": "photo", "digest": digest, "name": "a.png", "mime": "image/png", "size": len(PICTURE)}
        one = await _announce(desk.store, met["8"], "Утре *няма вода*.", files=[picture])
        await _goes_out(desk, handbook)
        assert "Утре няма вода." in ana.chat.messages[-1].text
        assert len([call for call in api.calls if call.method == "sendPhoto"]) == 2

        await _announce(desk.store, met["8"], "Водата дойде.", files=[picture], corrects=one)
        await _goes_out(desk, handbook)
        assert "Водата дойде." in ana.chat.messages[-1].text
        assert not any("Утре няма вода" in text for text in ana.chat.texts)

        await _announce(desk.store, met["8"], "", corrects=one, is_recall=True)
        await _goes_out(desk, handbook)
        assert "Това съобщение беше оттеглено" in ana.chat.messages[-1].text
        assert not any("Водата" in text for text in ana.chat.texts)


async def test_who_blocked_the_bot_is_counted_as_such(
    sqlite_database_url: str, handbook: Handbook, api: BotApi
) -> None:
    async with Desk(sqlite_database_url, handbook, api) as desk:
        async with desk.store.writing() as db:
            author, *_others = _settle(db, ["7", "8", "9"])
        for number in (7, 9):
            api.person(number).chat.started = True
        api.person(8)  # Never pressed Start here: Telegram refuses, as for one who blocked us.
        one = await _announce(desk.store, author, "Наводнение")
        await _goes_out(desk, handbook)
        async with desk.store.reading() as db:
            figures = await announcements.figures(db, one.id)
            counted = await audiences.count(db, Audience(("montana",)), "emergency", 4)
    assert (figures.sent, figures.blocked, figures.failed, figures.left) == (2, 1, 0, 0)
    assert counted.people == 2


class Sender(Victim):
    """The bot as a process that is killed in the middle of an announcement."""

    def sent(self) -> int:
        return sum(call.method == "sendMessage" for call in self.api.calls)

    async def sends(self, many: int, is_over: Callable[[], Awaitable[bool]] | None = None) -> None:
        """Let it run until it has sent so many more, or until all is over; then kill it."""
        before = self.sent()
        process = self.processes.Process(target=crash_bot.run, args=(self.environment,))
        process.start()
        try:
            if is_over:
                await eventually(is_over, bool)
            else:
                assert await self.api.bell.until(lambda: self.sent() > before + many, 30.0)
        finally:
            process.kill()
            await asyncio.to_thread(process.join)


async def _is_over(store: Store) -> bool:
    states = await _states(store)
    return len(states) == RESIDENTS and not {"due", "claimed"} & set(states)


@pytest.mark.timeout(120)
async def test_killed_again_and_again_it_reaches_everybody_and_nobody_twice(
    sqlite_database_url: str, tmp_path: Path
) -> None:
    await publish_small_handbook(sqlite_database_url)
    store = Store(sqlite_database_url)
    async with BotApi(TOKEN) as api:
        residents = [api.person(1000 + number, f"Citizen {number}") for number in range(RESIDENTS)]
        for person in residents:
            person.chat.started = True
        async with store.writing() as db:
            there = _settle(db, [str(1000 + number) for number in range(RESIDENTS)])
            author = people.welcome(db, "telegram", "999", "bg")  # Of no municipality: no resident.
        await _announce(store, author, "Наводнение")
        victim = Sender(api, sqlite_database_url, tmp_path)
        chance = random.Random(4)
        for _ in range(KILLS):
            await victim.sends(chance.randrange(RESIDENTS // KILLS))
        await victim.sends(RESIDENTS, lambda: _is_over(store))
        came = [call.params["chat_id"] for call in api.calls if call.method == "sendMessage"]
    states = await _states(store)
    await store.close()
    to_residents = [str(chat) for chat in came if str(chat) != "999"]
    assert len(there) == len(states) == RESIDENTS
    assert len(to_residents) == len(set(to_residents)), "somebody got it twice"
    assert set(states) <= {"sent", "unknown"}
    assert states.count("unknown") <= KILLS * IN_FLIGHT
    assert len(to_residents) >= states.count("sent")
