"""Topics in groups: made with the first message, made anew when deleted, done without where there are none."""

from typing import Any

import pytest

from bot.turns import tell
from handlers.words import NOTICE, Option, Say, Topic
from storage import offices, people
from storage.people import Conversation
from tests.bot_api import BotApi, Group, Person
from tests.desk import Desk

GROUP = -1001234567890
SMALL = -1234
pytestmark = pytest.mark.parametrize("desk", ["polling"], indirect=True)


@pytest.fixture
def iva(api: BotApi) -> Person:
    return api.person(9, "Ива")


class Matter:
    """A case as far as a channel sees it: a conversation in a group, and a card."""

    def __init__(self, desk: Desk, place: Conversation, name: str) -> None:
        self.desk, self.place, self.name = desk, place, name
        self.card: int | None = None

    async def says(self, text: str, **more: Any) -> None:
        more = {"topic": Topic(self.name, more.pop("changes", ())), "under": self.card, "lane": NOTICE} | more
        async with self.desk.store.writing() as db:
            letters = await tell(db, self.place.id, Say(text=text, **more))
        self.card = self.card or letters[0].id
        self.desk.post(letters)

    async def shows(self, text: str, **more: Any) -> None:
        await self.says(text, rewrites=self.card, choices=[[Option("Поеми", "menu")]], **more)


async def works(desk: Desk, api: BotApi, iva: Person, chat: int, *, topics: bool, bot: str = "administrator") -> Group:
    """A group that works with us."""
    group = api.group(chat, "Пътища", topics=topics, bot=bot)
    iva.start("m_montana")
    await iva.hears("Монтана")
    async with desk.store.writing() as db:
        place = people.enter_group(db, "telegram", str(chat))
        known = await people.meet(db, "telegram", ["9"])
        assert known["9"].person
        await offices.set_group(db, "montana", None, place.id, place.external, known["9"].person.id)
    await desk.is_idle()
    api.calls.clear()
    return group


async def opens(desk: Desk, group: Group, name: str = "MON-1 Дупка") -> Matter:
    async with desk.store.writing() as db:
        known = await people.meet(db, "telegram", [str(group.id)])
        place = people.open_topic(db, known[str(group.id)])
    return Matter(desk, place, name)


async def test_a_topic_is_made_with_its_first_message_and_only_once(desk: Desk, api: BotApi, iva: Person) -> None:
    group = await works(desk, api, iva, GROUP, topics=True)
    one, two = await opens(desk, group), await opens(desk, group, "MON-2 Лампа")
    await one.shows("Карта 1")
    await one.says("Ново по 1")
    await two.shows("Карта 2")
    card = await iva.at(group).hears("Карта 1")
    news = await iva.at(group).hears("Ново по 1")
    other = await iva.at(group).hears("Карта 2")
    assert card.topic == news.topic != other.topic
    assert [topic.name for topic in group.chat.topics.values()] == ["MON-1 Дупка", "MON-2 Лампа"]
    await one.shows("Карта 1, поета")
    assert (await iva.at(group).hears("поета")).id == card.id
    await desk.is_idle()
    places = await desk.rows("SELECT external FROM conversations WHERE is_group ORDER BY id")
    assert [row.external for row in places] == [str(GROUP), f"{GROUP}/{card.topic}", f"{GROUP}/{other.topic}"]


async def test_a_topic_is_renamed_closed_and_reopened(desk: Desk, api: BotApi, iva: Person) -> None:
    group = await works(desk, api, iva, GROUP, topics=True)
    matter = await opens(desk, group)
    await matter.shows("Карта")
    topic = (await iva.at(group).hears("Карта")).topic
    matter.name = "✅ MON-1 Дупка"
    await matter.shows("Карта, решена", changes=("name",))
    await matter.shows("Карта, затворена", changes=("close",))
    await desk.is_idle()
    assert (group.chat.topics[topic].name, group.chat.topics[topic].closed) == ("✅ MON-1 Дупка", True)
    await matter.shows("Карта, отново", changes=("reopen",))
    await matter.shows("Карта, отново.", changes=("reopen",))  # Which it is already.
    await desk.is_idle()
    assert not group.chat.topics[topic].closed
    assert set(await desk.said()) == {"sent"}


async def test_a_topic_deleted_by_hand_is_made_anew_with_its_card(desk: Desk, api: BotApi, iva: Person) -> None:
    group = await works(desk, api, iva, GROUP, topics=True)
    matter = await opens(desk, group)
    await matter.shows("Карта 1")
    card = await iva.at(group).hears("Карта 1")
    await desk.is_idle()
    group.deletes_topic(card.topic)
    await matter.shows("Карта 2")
    await matter.says("Ново")
    anew = await iva.at(group).hears("Карта 2")
    assert anew.topic not in (None, card.topic)
    assert (await iva.at(group).hears("Ново")).topic == anew.topic
    await matter.shows("Карта 3")
    assert (await iva.at(group).hears("Карта 3")).id == anew.id
    assert len(group.chat.topics) == 1


async def test_in_a_closed_topic_we_open_it_again_to_speak(desk: Desk, api: BotApi, iva: Person) -> None:
    group = await works(desk, api, iva, GROUP, topics=True)
    matter = await opens(desk, group)
    await matter.shows("Карта")
    card = await iva.at(group).hears("Карта")
    await desk.is_idle()
    group.chat.topics[card.topic].closed = True
    api.fail_next("sendMessage", status=400, description="Bad Request: TOPIC_CLOSED")
    await matter.says("Ново")
    await iva.at(group).hears("Ново")
    assert not group.chat.topics[card.topic].closed


@pytest.mark.parametrize(("chat", "topics", "bot"), [(SMALL, False, "administrator"), (GROUP, True, "member")])
async def test_without_topics_the_messages_of_a_matter_stand_under_its_card(
    desk: Desk, api: BotApi, iva: Person, chat: int, topics: bool, bot: str
) -> None:
    group = await works(desk, api, iva, chat, topics=topics, bot=bot)
    one, two = await opens(desk, group), await opens(desk, group, "MON-2")
    await one.shows("Карта 1")
    await two.shows("Карта 2")
    await one.says("Ново по 1")
    card = await iva.at(group).hears("Карта 1")
    news = await iva.at(group).hears("Ново по 1")
    assert (news.replies_to, news.topic) == (card.id, None)
    await one.shows("Карта 1, поета", changes=("close",))
    assert (await iva.at(group).hears("поета")).id == card.id
    await desk.is_idle()
    assert set(await desk.said()) == {"sent"}


async def test_a_group_that_grows_takes_its_matters_along(desk: Desk, api: BotApi, iva: Person) -> None:
    group = await works(desk, api, iva, SMALL, topics=False)
    matter = await opens(desk, group)
    await matter.shows("Карта")
    await iva.at(group).hears("Карта")
    await desk.is_idle()
    grown = group.migrates_to(GROUP, iva)
    await desk.is_idle()
    await matter.says("Ново")
    await iva.at(grown).hears("Ново")
    await desk.is_idle()
    places = await desk.rows("SELECT external FROM conversations WHERE is_group ORDER BY id")
    assert [row.external for row in places] == [str(GROUP), f"{GROUP}/={matter.place.id}"]


async def test_only_an_answer_tells_that_it_grew(desk: Desk, api: BotApi, iva: Person) -> None:
    group = await works(desk, api, iva, SMALL, topics=False)
    matter = await opens(desk, group)
    await matter.shows("Карта")
    await iva.at(group).hears("Карта")
    await desk.is_idle()
    grown = api.group(GROUP)
    group.chat.migrated_to = GROUP
    await matter.says("Ново")
    await iva.at(grown).hears("Ново")
    await desk.is_idle()
    places = await desk.rows("SELECT external FROM conversations WHERE is_group ORDER BY id")
    assert [row.external for row in places] == [str(GROUP), f"{GROUP}/={matter.place.id}"]


async def test_removed_and_added_again_it_goes_on(desk: Desk, api: BotApi, iva: Person) -> None:
    group = await works(desk, api, iva, GROUP, topics=True)
    matter = await opens(desk, group)
    await matter.shows("Карта")
    await iva.at(group).hears("Карта")
    group.removes_bot(iva)
    await desk.is_idle()
    await matter.says("Не се чува")
    await desk.is_idle()
    group.adds_bot(iva)
    await desk.is_idle()
    await matter.says("Чува се")
    await iva.at(group).hears("Чува се")
    assert "Не се чува" not in group.chat.texts


async def test_what_a_group_of_ours_says_to_itself_is_not_kept(desk: Desk, api: BotApi, iva: Person) -> None:
    group = await works(desk, api, iva, GROUP, topics=True)
    matter = await opens(desk, group)
    await matter.shows("Карта")
    topic = (await iva.at(group).hears("Карта")).topic
    there = iva.at(group, topic)
    before = len(await desk.heard())
    there.says("Някой виждал ли е Петър?")
    iva.at(group).says("Обяд в 12")
    colleague = there.says("Аз не")
    await desk.is_idle()
    assert len(await desk.heard()) == before
    iva.at(group).says("ще дойда", reply_to=colleague)
    await desk.is_idle()
    assert len(await desk.heard()) == before
