"""The whole way of a matter on Telegram, from the citizen's phone through the staff's group and back."""

import pytest

from bot.fetching import Fetching, teller
from handlers.talk import Links
from storage.handbook import Library
from tests.bot_api import BotApi, Group, Message, Person, Voice
from tests.test_files_in import photo
from tests.test_staff_group import GROUP, Office, office, sets_up  # noqa: F401 – a fixture
from tests.town import TRANSLATORS

HOLE = "Голяма дупка на пътя, колите я заобикалят по тротоара."
SPOT = (43.4085, 23.2257)
pytestmark = pytest.mark.parametrize("desk", ["polling"], indirect=True)


async def in_topic(office: Office, group: Group, who: Person, number: str) -> tuple[Voice, Message]:  # noqa: F811
    """Somebody at the card of a matter, in its topic."""
    everywhere = who.at(group)
    card = await everywhere.hears(number)
    await office.desk.is_idle()
    there = who.at(group, card.topic)
    there.forgets()
    return there, card


async def sends(there: Voice, card: Message, choice: str, asked: str, words: str) -> None:
    """Choose an act, write what it asks for, look at it, send it."""
    there.presses(card, choice)
    await there.hears(asked)
    there.says(words)
    there.presses(await there.hears("Това ще бъде изпратено"), "Изпратете")
    await there.hears("гражданинът е уведомен")


def number_in(message: Message) -> str:
    return next(word for word in message.text.split() if word.startswith("MON-"))


async def test_a_question_nobody_can_answer_goes_to_the_staff_and_comes_back_answered(
    office: Office,  # noqa: F811
    api: BotApi,
) -> None:
    group = await sets_up(office, await office.employs("Ива", "head"))
    petya = await office.employs("Петя")
    ben = api.person(7, "Ben", language_code="en")
    ben.start("m_montana")
    await ben.hears("Montana Municipality")
    ben.says("certificate of something odd nobody knows about chimneys on the moon")
    await ben.hears("I am not sure")
    ben.presses("ask a person")
    receipt = await ben.hears("Your number: MON-")

    there, card = await in_topic(office, group, petya, number_in(receipt))
    await sends(there, card, "Отговорете", "Напишете отговора", "Не се издава такова удостоверение.")
    answer = await ben.hears("Не се издава")
    assert "Montana Municipality:" in answer.text
    ben.presses(answer, "Solved")
    await ben.hears("The matter is closed")
    assert "👍" in (await there.hears("оценена")).text
    closed = await there.hears("приключена")
    assert closed.id == card.id
    await office.desk.is_idle()
    topic = group.chat.topics[card.topic or 0]
    assert (topic.closed, topic.name[0]) == (True, "✅")


async def files_a_hole(ana: Person) -> Message:
    """With an album and the place; returns the receipt."""
    ana.says("/signal")
    await ana.hears("")
    ana.says(HOLE)
    await ana.hears("20 MB")
    ana.sends_album(photo(), photo((800, 600)), caption="И капакът липсва.")
    ana.presses(await ana.hears("Добавих"), "Продължете")
    await ana.hears("Къде е?")
    ana.sends_location(*SPOT)
    ana.presses(await ana.hears("анонимно"), "С моето име")
    await ana.hears("Как се казвате")
    ana.says("Ана Петрова")
    await ana.hears("Как общината може")
    ana.says("0888 123 456")
    ana.presses(await ana.hears("Проверете"), "Изпратете на общината")
    return await ana.hears("Номер в системата")


async def reports_the_same(boyan: Person, number: str) -> None:
    """Somebody else at the same place is shown the first report, and follows it instead of filing once more."""
    boyan.says("/signal")
    await boyan.hears("")
    boyan.says("Дупка на пътя, колите я заобикалят")
    boyan.presses(await boyan.hears("20 MB"), "Пропуснете")
    await boyan.hears("Къде е?")
    boyan.sends_location(SPOT[0] + 0.0001, SPOT[1])
    boyan.presses(await boyan.hears("анонимно"), "Анонимно")
    offered = await boyan.hears("вече е подал")
    boyan.presses(offered, f"следете {number}")


async def test_a_hole_in_the_road_from_the_album_to_the_second_answer(
    office: Office,  # noqa: F811
    api: BotApi,
) -> None:
    desk = office.desk
    group = await sets_up(office, await office.employs("Ива", "head"))
    ana, petya = await office.citizen("Ана"), await office.employs("Петя")
    number = number_in(await files_a_hole(ana))

    there, card = await in_topic(office, group, petya, number)
    assert "Пътища" in card.text, "routed by its category"
    assert not [secret for secret in ("Петрова", "0888") if secret in card.text]
    told = teller(Library(office.handbook), TRANSLATORS, Links())
    desk.post(await Fetching(desk.store, {"telegram": desk.telegram.files}, told).fetch())
    shown = await there.hears("файл")
    assert b"Ana" not in api.files.contents[shown.data["photo"][-1]["file_id"]]

    await reports_the_same(await office.citizen("Боян"), number)
    assert (await there.hears("Следи я още 1")).id == card.id
    await desk.is_idle()
    await sends(there, card_now(there), "Попитайте", "Какво трябва", "Пред кой номер е?")
    asked = await ana.hears("Пред кой номер е?")
    ana.presses(asked, "Отговорете")
    await ana.hears("Напишете го сега")
    ana.says("Пред номер 5.")
    ana.presses(await ana.hears("Да го изпратя ли"), "Изпратете")
    assert (await there.hears("Пред номер 5.")).topic == card.topic

    await desk.is_idle()
    await sends(there, card_now(there), "Отговорете", "Напишете отговора", "Запълнена е днес.")
    answered = await ana.hears("Запълнена е днес.")
    ana.presses(answered, "Нерешено")
    await desk.is_idle()
    assert "👎" in (await there.hears("оценена")).text
    ana.presses("Отворете я отново")
    await ana.hears("Напишете защо")
    ana.says("Пак зее. Запълнили са друга.")
    ana.presses(await ana.hears("Пак зее"), "Изпратете")
    await there.hears("Пак зее")
    await desk.is_idle()
    assert group.chat.topics[card.topic or 0].name.startswith("🔓")

    await sends(there, card_now(there), "Отговорете", "Напишете отговора", "Сега и тази е запълнена.")
    await ana.hears("Сега и тази")
    await desk.is_idle()
    there.forgets()
    there.presses(card_now(there), "Още")
    more = await there.hears("")
    await sends(there, more, "Приключете", "Защо се приключва", "Решено на място.")
    await ana.hears("Решено на място.")
    await desk.is_idle()
    assert [m.id for m in group.messages if "остава между" in m.text] == [card.id], "one card from first to last"
    assert group.chat.topics[card.topic or 0].closed


def card_now(there: Voice) -> Message:
    """The card as it stands: the only message of the topic that is kept as the case stands."""
    return next(m for m in reversed(there.chat.messages) if m.topic == there.topic and "остава между" in m.text)
