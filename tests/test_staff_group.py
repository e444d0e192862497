"""The staff at work in a Telegram group, over real HTTP: a topic for each case, and nothing said by mistake."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.groupcards import GroupCards
from bot.turns import tell
from handlers import grouptopics
from handlers.talk import Links, Talk
from handlers.words import Heard, Opened
from storage import casecitizen, casedesk, cases, media, offices, people, roles
from storage.caserecord import THE_CLOCK, Actor, Case, staff
from storage.caserules import Rules
from storage.cases import Filing
from storage.handbook import Handbook, Library
from storage.media import Kept
from tests.bot_api import BotApi, Group, Message, Person, Voice
from tests.bot_api.people import PIXEL
from tests.desk import Desk
from tests.town import TRANSLATORS

GROUP = -1001234567890
OTHER = -1009876543210
SMALL = -1234
NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)
TEXT = "Голяма дупка на улица „Извора“ пред номер 5. Опасно е за колите. Тел. 0888 123 456"
pytestmark = pytest.mark.parametrize("desk", ["polling"], indirect=True)


@dataclass
class Office:
    """A municipality with a head of department, clerks and citizens, all on Telegram."""

    desk: Desk
    api: BotApi
    handbook: Handbook
    numbers: int = 100

    async def employs(self, name: str, role: str = "staff", municipality: str = "montana", **more: Any) -> Person:
        self.numbers += 1
        person = self.api.person(self.numbers, name)
        async with self.desk.store.writing() as db:
            await offices.settle(db, municipality)
            token = roles.invite(db, role, municipality, **more)
        person.start(token)
        await person.hears("Добре дошли")
        return person

    async def citizen(self, name: str) -> Person:
        self.numbers += 1
        person = self.api.person(self.numbers, name)
        person.start("m_montana")
        await person.hears("Монтана")
        return person

    async def turn(self, act: Any) -> Any:
        """Something that happens outside of the group: a citizen files, a colleague acts in a private chat."""
        async with self.desk.store.writing() as db:
            known = await people.meet(db, "telegram", [str(number) for number in range(101, self.numbers + 1)])
            first = next(iter(known.values()))
            assert first.person
            heard = Heard(channel="telegram", conversation="", sender="", key="x", word=Opened(), at=db.now)
            talk = Talk(heard, 0, first.person, first, self.handbook, db, TRANSLATORS, Links())
            made = await act(db, known)
            await grouptopics.refresh(talk)
            letters = [letter for told in talk.told for letter in await tell(db, told.to, told.say, told.number)]
        self.desk.post(letters)
        return made

    async def files(self, who: Person, **more: Any) -> Case:
        async def file(db: Any, known: dict[str, Any]) -> Case:
            place = known[str(who.user["id"])]
            given: dict[str, Any] = {
                "municipality": "montana", "kind": "signal", "category": "pothole", "language": "bg", "text": TEXT,
                "name": "Ана Иванова", "contact": "ana@example.org", "person_id": place.person.id,
                "conversation_id": place.id, "place": "ул. „Извора“ 5",
            } | more  # fmt: skip
            filed = await cases.open_case(
                db, Rules(self.handbook), Filing(**given), "MON", Actor("author", place.person.id)
            )
            return filed.case

        return await self.turn(file)  # type: ignore[no-any-return]

    async def case(self, case: Case) -> Case:
        async with self.desk.store.reading() as db:
            found = await cases.get(db, case.id)
        assert found
        return found

    async def history(self, case: Case) -> list[str]:
        async with self.desk.store.reading() as db:
            return [row.action for row in await cases.history(db, case.id)]


@pytest.fixture
async def office(desk: Desk, api: BotApi, handbook: Handbook) -> Office:
    desk.store.now = lambda: NOON  # Nobody's quiet hours.
    return Office(desk, api, handbook)


async def sets_up(office: Office, head: Person, chat: int = GROUP, *, topics: bool = True) -> Group:
    """A head of department makes a group theirs, for all departments."""
    group = office.api.group(chat, "Служители", topics=topics)
    there = head.at(group)
    there.says("/group")
    await there.hears("Кой отдел")
    there.presses("Всички отдели")
    await there.hears("Отсега нататък")
    return group


async def at_card(office: Office, group: Group, who: Person, case: Case) -> tuple[Voice, Message]:
    """Somebody in the topic of a case, and its card."""
    there = who.at(group)
    card = await there.hears(case.number)
    await office.desk.is_idle()  # Nobody answers a message in the moment in which it is noted what it is called.
    return who.at(group, card.topic), card


# --- A group becomes one ---


async def test_a_head_makes_a_group_the_place_of_a_department(office: Office, api: BotApi) -> None:
    group = await sets_up(office, head := await office.employs("Ива", "head"))
    head.at(group).forgets()
    head.at(group).says("/group")
    standing = await head.at(group).hears("Тази група работи")
    assert "Община Монтана" in standing.text
    assert "За друг отдел" in " ".join(standing.buttons)


async def test_who_may_not_set_up_a_group_is_told_who_may(office: Office, api: BotApi) -> None:
    clerk, somebody = await office.employs("Петя"), await office.citizen("Ана")
    group = api.group(GROUP, "Група", topics=True)
    for person in (clerk, somebody):
        there = person.at(group)
        there.says("/group")
        await there.hears("началник на отдел")
    await office.desk.is_idle()
    assert await office.desk.rows("SELECT id FROM staff_groups") == []


async def test_a_head_sets_up_only_their_own_department(office: Office, api: BotApi) -> None:
    head = await office.employs("Ива", "head", department="roads")
    group = api.group(GROUP, "Пътища", topics=True)
    there = head.at(group)
    there.says("/group")
    asked = await there.hears("Кой отдел")
    assert len(asked.buttons) == 1
    forged = f"{asked.keyboard[0][0]['callback_data'][:-1]}7"
    there.presses_data(asked, forged)
    await there.hears("вече не е достъпен")


async def test_open_matters_are_brought_into_a_new_group(office: Office, api: BotApi) -> None:
    ana, head = await office.citizen("Ана"), await office.employs("Ива", "head")
    case = await office.files(ana)
    group = await sets_up(office, head)
    head.at(group).presses("Донесете")
    card = await head.at(group).hears(case.number)
    assert card.topic


async def test_a_group_that_stopped_can_do_nothing_more(office: Office, api: BotApi) -> None:
    ana, head = await office.citizen("Ана"), await office.employs("Ива", "head")
    group = await sets_up(office, head)
    case = await office.files(ana)
    there, card = await at_card(office, group, head, case)
    everywhere = head.at(group)
    everywhere.says("/group")
    await everywhere.hears("Тази група работи")
    everywhere.presses("Спрете работата")
    everywhere.presses(await everywhere.hears("Да спре ли"), "Да, спрете")
    await everywhere.hears("вече не работи")
    there.forgets()
    there.presses(card, "Поемете")
    await there.hears("вече не е достъпен")
    there.says("Има ли някой?", reply_to=card)
    await office.desk.is_idle()
    assert await office.history(case) == ["file"]
    assert there.heard[-1].text.startswith("Този избор")


# --- The card ---


async def test_a_case_gets_a_topic_with_a_card_and_no_contact_data(office: Office, api: BotApi) -> None:
    ana, head = await office.citizen("Ана"), await office.employs("Ива", "head")
    group = await sets_up(office, head)
    case = await office.files(ana)
    _there, card = await at_card(office, group, head, case)
    assert "0888" not in card.text
    assert "ana@example.org" not in card.text
    assert "Иванова" not in card.text
    assert "остава между колеги" in card.text
    (topic,) = group.chat.topics.values()
    assert case.number in topic.name
    assert topic.id == card.topic


async def test_a_sensitive_matter_comes_into_no_group(office: Office, api: BotApi) -> None:
    ana, head = await office.citizen("Ана"), await office.employs("Ива", "head")
    group = await sets_up(office, head)
    await office.files(ana, category="corruption")
    case = await office.files(ana)
    await at_card(office, group, head, case)
    assert len(group.chat.topics) == 1


# --- Work ---


@dataclass
class Walk:
    """A case in a group, with a head and a clerk at its topic."""

    office: Office
    group: Group
    ana: Person
    petya: Person
    case: Case
    there: Voice  # The clerk in the topic.
    card: Message

    async def now(self) -> Case:
        return await self.office.case(self.case)

    async def state(self) -> str:
        return (await self.now()).state

    async def clerk(self, name: str, **more: Any) -> Voice:
        """Another colleague in the topic."""
        return (await self.office.employs(name, **more)).at(self.group, self.card.topic)

    async def to_ana(self) -> list[str]:
        await self.office.desk.is_idle()
        return self.ana.texts[2:]  # Behind the greeting.


async def walk(office: Office, chat: int = GROUP, *, topics: bool = True, **more: Any) -> Walk:
    ana, head, petya = await office.citizen("Ана"), await office.employs("Ива", "head"), await office.employs("Петя")
    group = await sets_up(office, head, chat, topics=topics)
    case = await office.files(ana, **more)
    there, card = await at_card(office, group, petya, case)
    return Walk(office, group, ana, petya, case, there, card)


async def test_a_clerk_takes_and_answers_in_the_topic(office: Office, api: BotApi) -> None:
    w = await walk(office)
    w.there.presses(w.card, "Поемете")
    taken = await w.there.hears("в работа")
    assert taken.id == w.card.id, "the card is edited and not posted anew"

    w.there.presses(taken, "Отговорете")
    await w.there.hears("Напишете отговора")
    w.there.says("Дупката ще бъде запълнена до петък.")
    preview = await w.there.hears("Това ще бъде изпратено на гражданина")
    assert "до петък" in preview.text
    assert not [text for text in await w.to_ana() if "до петък" in text], "not before Send"

    w.there.presses(preview, "Изпратете")
    await w.ana.hears("до петък")
    await w.there.hears("гражданинът е уведомен")
    await office.desk.is_idle()
    assert (await w.state(), await office.history(w.case)) == ("answered", ["file", "take", "answer"])
    cards = [m for m in w.group.messages if w.case.number in m.text and m.buttons and "остава между" in m.text]
    assert [m.id for m in cards] == [w.card.id]
    assert w.group.chat.topics[w.card.topic or 0].name.startswith("💬")


async def test_change_and_keep_inside(office: Office, api: BotApi) -> None:
    w = await walk(office)
    w.there.presses(w.card, "Отговорете")
    await w.there.hears("Напишете отговора")
    w.there.says("Първи опит")
    preview = await w.there.hears("Първи опит")
    w.there.presses(preview, "Променете")
    await w.there.hears("Напишете отговора")
    w.there.says("Втори опит")
    preview = await w.there.hears("Втори опит")
    w.there.presses(preview, "Запазете")
    await w.there.hears("Гражданинът не я вижда")
    assert not [text for text in await w.to_ana() if "опит" in text]
    assert "note" in await office.history(w.case)


async def test_what_is_written_in_the_topic_stays_there(office: Office, api: BotApi) -> None:
    """Plain talk is not even kept; an answer to the bot asks what it is for, and sends nothing by itself."""
    w = await walk(office)
    w.there.says("Някой ходил ли е там?")
    await office.desk.is_idle()
    before = len(w.there.heard)
    answer = w.there.says("Ходих, дълбока е.", reply_to=w.card)
    asked = await w.there.hears("Това виждат само колегите")
    assert (asked.replies_to, len(w.there.heard)) == (answer.id, before + 1)
    w.there.presses(asked, "Запазете")
    await w.there.hears("Гражданинът не я вижда")
    assert not [text for text in await w.to_ana() if "дълбока" in text or "ходил" in text]
    assert "note" in await office.history(w.case)
    heard = await office.desk.rows("SELECT content FROM incoming")
    assert not [row for row in heard if "ходил ли е" in str(row.content)]


async def test_an_answer_to_an_answer_is_still_about_the_case(office: Office, api: BotApi) -> None:
    w = await walk(office)
    other = await w.clerk("Ростен")
    first = w.there.says("Виждате ли?", reply_to=w.card)
    await w.there.hears("само колегите")
    second = other.says("Виждам.", reply_to=first)
    asked = await w.there.hears("само колегите")
    assert asked.replies_to == second.id
    w.there.presses(asked, "Отговорете с това")  # Somebody else's words.
    await w.there.hears("Само колегата")
    other.presses(asked, "Отговорете с това")
    preview = await w.there.hears("Това ще бъде изпратено")
    assert "Виждам." in preview.text
    w.there.presses(preview, "Изпратете")  # And somebody else's preview.
    await w.there.hears("вече не е достъпен")
    other.presses(preview, "Изпратете")
    await w.ana.hears("Виждам.")


async def test_choices_can_be_typed_in_answer_to_their_message(office: Office, api: BotApi) -> None:
    w = await walk(office)
    place = [label for row in w.card.keyboard for label in (b["text"] for b in row)].index(
        next(label for label in w.card.buttons if "Поемете" in label)
    )
    w.there.says(str(place + 1), reply_to=w.card)
    await w.there.hears("в работа")
    w.there.says("отговорете на гражданина", reply_to=w.card)
    await w.there.hears("Напишете отговора")
    w.there.says("/cancel")
    await w.there.hears("На гражданина не е изпратено нищо")
    w.there.says("това вече не е отговор")
    await office.desk.is_idle()
    assert not [text for text in w.there.texts if "Това ще бъде изпратено" in text]


# --- Who may ---


async def test_the_role_of_whoever_presses_counts(office: Office, api: BotApi) -> None:
    w = await walk(office)
    nobody = (await office.citizen("Боян")).at(w.group, w.card.topic)
    foreign = await w.clerk("Вера", municipality="belene")
    for stranger in (nobody, foreign):
        stranger.forgets()
        stranger.presses(w.card, "Поемете")
        await stranger.hears("Това могат да правят само служителите")
    other = await w.clerk("Гита", department="finance-of-nowhere")
    other.forgets()
    other.presses(w.card, "Поемете")
    await other.hears("вече не е достъпен")
    assert await office.history(w.case) == ["file"]


async def test_who_lost_the_role_can_do_nothing_more(office: Office, api: BotApi) -> None:
    w = await walk(office)
    w.there.presses(w.card, "Отговорете")
    await w.there.hears("Напишете отговора")
    w.there.says("Ще стане.")
    preview = await w.there.hears("Това ще бъде изпратено")
    async with office.desk.store.writing() as db:
        known = await people.meet(db, "telegram", [str(w.petya.user["id"])])
        person = known[str(w.petya.user["id"])].person
        assert person
        for role in await roles.of(db, person.id):
            await roles.take_away(db, person.id, role)
    w.there.presses(preview, "Изпратете")
    await w.there.hears("само служителите")
    assert not [text for text in await w.to_ana() if "Ще стане" in text]


async def test_forged_and_stale_choices_do_nothing(office: Office, api: BotApi) -> None:
    w = await walk(office)
    case = await office.files(w.ana, text="Счупена лампа на ул. „Първа“.", category="street-lighting")
    _there, other = await at_card(office, w.group, w.petya, case)
    data = other.button("Поемете")["callback_data"]
    w.there.presses_data(w.card, data)  # The other case's choice, pressed from this topic.
    await office.desk.is_idle()
    assert await office.history(w.case) == ["file"]
    w.there.presses_data(w.card, "ffffffffffff-0")
    await w.there.hears("вече не е достъпен")
    rival = await w.clerk("Ростен")
    rival.presses(w.card, "Поемете")
    await w.there.hears("в работа")
    w.there.presses_data(w.card, w.card.button("Поемете")["callback_data"])
    await w.there.hears("колега")
    assert (await office.history(w.case)).count("take") == 1


# --- What comes from outside ---


async def test_what_the_citizen_does_is_news_in_the_topic(office: Office, api: BotApi) -> None:
    w = await walk(office)

    async def adds(db: Any, known: dict[str, Any]) -> None:
        me = cases.author_of(w.case, known[str(w.ana.user["id"])].person.id)
        assert me
        await casecitizen.add_words(db, Rules(office.handbook), w.case, me, "И вчера падна човек. 0888 999 111")

    await office.turn(adds)
    news = await w.there.hears("вчера падна човек")
    assert (news.topic, "0888" in news.text) == (w.card.topic, False)
    assert [m.id for m in w.group.messages if "остава между" in m.text] == [w.card.id]


async def test_another_department_gets_it_and_this_one_sees_no_more(office: Office, api: BotApi) -> None:
    w = await walk(office)
    head = await office.employs("Мая", "head")
    other = api.group(OTHER, "Друг отдел", topics=True)
    head.at(other).says("/group")
    asked = await head.at(other).hears("Кой отдел")
    at = next(label for label in asked.buttons[1:])
    head.at(other).presses(asked, at)
    await head.at(other).hears("Отсега нататък")
    async with office.desk.store.reading() as db:
        group = next(row for row in await offices.groups(db, "montana") if row.department)

    async def routes(db: Any, known: dict[str, Any]) -> None:
        person = known[str(head.user["id"])].person
        who = staff(person.id, await roles.of(db, person.id))
        case = await cases.get(db, w.case.id)
        assert case
        await casedesk.route(db, case, who, group.department, "Тяхна е.")

    if (await w.now()).department != group.department:
        await office.turn(routes)
    else:
        await office.turn(lambda db, known: touch(db, w.case))
    card = await head.at(other).hears(w.case.number)
    assert card.topic
    gone = await w.there.hears("работи другаде")
    assert (gone.id, gone.buttons) == (w.card.id, [])
    await office.desk.is_idle()
    assert w.group.chat.topics[w.card.topic or 0].closed


async def touch(db: Any, case: Case) -> None:
    db.touched.add(case.id)


async def test_photos_come_into_the_topic_without_what_the_camera_wrote(office: Office, api: BotApi) -> None:
    w = await walk(office)

    async def sends(db: Any, known: dict[str, Any]) -> None:
        number = media.want(db, known[str(w.ana.user["id"])].id, "telegram", ref="f", kind="photo",
                            about=cases.about(w.case))  # fmt: skip
        digest = db.keep(b"original")
        await media.keep(db, number, Kept(digest, "image/jpeg", 8, b"stripped", b"thumb", 4, 3))

    await office.turn(sends)
    shown = await w.there.hears("1 файл")
    assert api.files.contents[shown.data["photo"][-1]["file_id"]] == b"stripped"
    assert shown.topic == w.card.topic


async def test_what_the_clock_finds_is_news_there_too(office: Office, api: BotApi) -> None:
    w = await walk(office)
    async with office.desk.store.writing() as db:  # Not a turn of a dialogue: nobody shows what it changed.
        await cases.move(db, w.case, THE_CLOCK, "undelivered", {}, undelivered_at=db.now)
    duty = GroupCards(office.desk.store, Library(office.handbook), TRANSLATORS, Links())
    office.desk.post(await duty.run())
    news = await w.there.hears("доставен")
    assert news.topic == w.card.topic
    assert await duty.run() == []
    again = GroupCards(office.desk.store, Library(office.handbook), TRANSLATORS, Links())
    assert await again.run() == [], "what is shown already is not shown again by the next process"


async def test_a_photo_of_a_colleague_is_kept_inside(office: Office, api: BotApi) -> None:
    w = await walk(office)
    w.there.sends_photo(caption="Така изглежда", reply_to=w.card)
    await w.there.hears("Само колегите")
    w.there.sends_photo(caption="Обяд")  # To nobody in particular.
    await office.desk.is_idle()
    (row,) = await office.desk.rows("SELECT about, kind FROM media")
    assert (row.about, row.kind) == (f"case-inside:{w.case.id}", "photo")
    assert (await office.history(w.case))[-1] == "note"


async def test_all_photos_of_an_album_are_kept_though_only_the_first_says_what_it_answers(
    office: Office, api: BotApi
) -> None:
    w = await walk(office)
    for number in range(3):
        answers = {"reply_to": w.card} if number == 0 else {}
        w.there.sends_photo(PIXEL + bytes([number]), "Три снимки" if number == 0 else None, media_group_id="77",
                            **answers)  # fmt: skip
    await w.there.hears("3 файла")
    await office.desk.is_idle()
    assert len(await office.desk.rows("SELECT id FROM media")) == 3


# --- What may happen to a group ---


async def test_a_topic_deleted_by_hand_comes_back_with_its_card(office: Office, api: BotApi) -> None:
    w = await walk(office)
    await office.desk.is_idle()
    w.group.deletes_topic(w.card.topic)
    everywhere = w.petya.at(w.group)
    everywhere.forgets()

    async def takes(db: Any, known: dict[str, Any]) -> None:
        person = known[str(w.petya.user["id"])].person
        await casedesk.take(db, w.case, staff(person.id, await roles.of(db, person.id)))

    await office.turn(takes)
    anew = await everywhere.hears("остава между")
    assert anew.topic not in (None, w.card.topic)
    there = w.petya.at(w.group, anew.topic)
    there.presses(anew, "Отговорете")
    await there.hears("Напишете отговора")


async def test_removed_and_added_again_the_group_is_brought_up_to_date(office: Office, api: BotApi) -> None:
    w = await walk(office)
    w.group.removes_bot(w.petya)
    await office.desk.is_idle()
    missed = await office.files(w.ana, text="Нещо ново на ул. „Втора“ 7.")
    await office.desk.is_idle()
    w.group.adds_bot(w.petya)
    card = await w.petya.at(w.group).hears(missed.number)
    assert card.topic
    w.petya.at(w.group, w.card.topic).presses(w.card, "Поемете")
    await w.there.hears("в работа")


async def test_without_topics_everything_stands_under_the_card(office: Office, api: BotApi) -> None:
    w = await walk(office, SMALL, topics=False)
    other = await office.files(w.ana, text="Счупена лампа.", category="street-lighting")
    everywhere = w.petya.at(w.group)
    await everywhere.hears(w.case.number)
    await everywhere.hears(other.number)
    everywhere.presses(w.card, "Отговорете")
    prompt = await everywhere.hears("Напишете отговора")
    await office.desk.is_idle()
    everywhere.says("Това е отговорът.", reply_to=prompt)
    preview = await everywhere.hears("Това ще бъде изпратено")
    everywhere.presses(preview, "Изпратете")
    await w.ana.hears("Това е отговорът.")
    assert (await w.state(), (await office.case(other)).state) == ("answered", "received")


async def test_a_group_that_grew_goes_on_with_its_matters(office: Office, api: BotApi) -> None:
    w = await walk(office, SMALL, topics=False)
    await office.desk.is_idle()
    grown = w.group.migrates_to(GROUP, w.petya)
    await office.desk.is_idle()
    there = w.petya.at(grown)
    another = await office.files(w.ana, text="Нещо ново.")
    await there.hears(another.number)

    async def takes(db: Any, known: dict[str, Any]) -> None:
        person = known[str(w.petya.user["id"])].person
        await casedesk.take(db, w.case, staff(person.id, await roles.of(db, person.id)))

    await office.turn(takes)
    card = await there.hears(w.case.number)
    there.presses(card, "Отговорете")
    await there.hears("Напишете отговора")
