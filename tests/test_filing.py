"""A citizen files a matter: question by question, with a summary, a number and a date."""

from typing import Any

import pytest
from sqlalchemy import func, select

from handlers.filing_send import LIMITS
from handlers.words import Choice, File, Media, Phone, Place
from storage import cases, roles
from storage.handbook import Handbook
from storage.models import case_followers, case_history, media, openings
from storage.models import cases as table
from storage.settlements import find
from tests.town import Citizen, Message, Town

HOLE = "Голяма дупка на пътя, колите я заобикалят по тротоара."
SPOT = Place(43.4085, 23.2257)


async def filed(town: Town) -> list[Any]:
    async with town.store.reading() as db:
        return list(await db.rows(select(table).order_by(table.c.id)))


async def reaches_summary(ana: Citizen, text: str = HOLE, where: Place | str = SPOT) -> Message:
    """The shortest way: words, no photo, a place, a name."""
    await ana.opens("report_pothole_montana")
    await ana.says(text)
    await ana.presses("Пропуснете")
    await (ana.sends(where) if isinstance(where, Place) else ana.says(where))
    await ana.presses("С моето име")
    await ana.says("Ана Петрова")
    return await ana.says("0888 123 456")


async def files(ana: Citizen, text: str = HOLE, where: Place | str = SPOT) -> Message:
    await reaches_summary(ana, text, where)
    return await ana.presses("Изпратете на общината")


def number_in(message: Message) -> str:
    return next(word for word in message.text.split() if word.startswith(("MON-", "BEL-", "IHT-", "STR-")))


# --- From the first word to the number ---


async def test_a_hole_in_the_road_with_an_album_and_a_place(town: Town) -> None:
    ana = town.ana
    await ana.opens("m_montana")
    kinds = await ana.says("/signal")
    assert "⚠️ Сигнал" in kinds.choices
    photos = await ana.says(HOLE)  # Words instead of a choice: kind and category follow from them.
    assert "Дупка или повреден път" in photos
    assert "20 MB" in photos
    album = await ana.sends(Media((File("photo", "a"), File("photo", "b")), "И капакът липсва."))
    assert "Добавих Вашите 2 файла" in album
    await ana.presses("Продължете")
    await ana.sends(SPOT)
    await ana.presses("С моето име")
    await ana.says("Ана Петрова")
    summary = await ana.sends(Phone("+359888123456", True))
    for shown in ("Община Монтана", "Дупка", HOLE, "И капакът липсва.", "43.40850", "Ана Петрова", "+359888123456"):
        assert shown in summary
    assert not await filed(town)

    receipt = await ana.presses("Изпратете на общината")
    (case,) = await filed(town)
    assert number_in(receipt) == case.number
    assert "Общината трябва да отговори до" in receipt
    assert "2 месеца" in receipt
    assert "чл. 121 АПК" in receipt
    assert "не е потвърдено" in receipt  # What we are not sure of is said.
    assert "Таен код" in receipt
    assert (case.kind, case.category, case.name, case.contact) == ("signal", "pothole", "Ана Петрова", "+359888123456")
    assert case.person_id
    async with town.store.reading() as db:
        assert {row.about for row in await db.rows(select(media.c.about))} == {f"case:{case.id}"}
        assert await db.value(select(func.count()).select_from(openings).where(openings.c.about == case.number)) >= 2


async def test_everything_by_typing_in_english(town: Town) -> None:
    ben = town.ben
    await ben.opens("m_belene")
    await ben.says("report")
    await ben.says("1")  # Signal
    await ben.says("The street lamp in front of the school does not work")
    await ben.says("1")  # Street lighting
    await ben.says("skip")
    place = await ben.says("Dekov, by the school")  # A village, in Latin letters.
    assert "With your name" in place
    await ben.says("anonymously")
    summary = ben.last
    assert "Dekov" in summary
    assert "no procedure" in summary
    receipt = await ben.says("send it to the municipality")
    (case,) = await filed(town)
    assert case.municipality == "belene"
    assert case.settlement == "20537"
    assert case.is_anonymous
    assert case.person_id is None
    assert case.due_on is None
    assert "no date is owed" in receipt
    assert "Secret code" in receipt


async def test_a_report_understood_in_free_text_brings_its_words_along(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await ana.opens("m_montana")
    card = await ana.says("има голяма дупка на улицата пред нас")
    assert "Подайте сигнал тук" in " ".join(card.choices)
    first = await ana.presses("Подайте сигнал тук")
    assert "Взех думите Ви" in first
    await ana.presses("Пропуснете")
    await ana.sends(SPOT)
    summary = await ana.presses("Анонимно")
    assert "има голяма дупка на улицата пред нас" in summary
    assert "Дупка" in summary


async def test_links_and_codes_of_notice_boards_open_the_right_step(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    asked = await ana.opens("report_waste_montana")
    assert "Какво се е случило" in asked
    eva = sqlite_town.citizen("eva")
    assert "За коя община" in await eva.opens("file_proposal")
    assert "Какво предлагате" in await eva.presses("Белене")
    asked = await sqlite_town.citizen("ivo").opens("file_praise_montana")
    assert "да благодарите" in asked
    assert "Какво искате да изпратите" in await sqlite_town.citizen("iva").opens("file_appeal_montana")


# --- A question that nobody could answer ---


async def test_a_question_becomes_a_case_by_one_tap(town: Town) -> None:
    ana = town.ana
    await ana.opens("m_montana")
    await ana.says("удостоверение")
    answer = await ana.presses("попитайте служител")
    assert "Предадох въпроса Ви на общината" in answer
    (case,) = await filed(town)
    assert (case.kind, case.text, case.state) == ("question", "удостоверение", "received")
    assert case.number in answer
    again = await ana.presses("попитайте служител")
    assert case.number in again
    assert len(await filed(town)) == 1


async def test_a_question_without_a_municipality_asks_for_it(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await ana.says("колко струва билетът за Марс")
    await ana.presses("Попитайте служител")
    assert "На коя община" in ana.last
    answer = await ana.presses("Ихтиман")
    assert number_in(answer).startswith("IHT-")


# --- Once ---


async def test_pressed_twice_files_once(town: Town) -> None:
    ana = town.ana
    summary = await reaches_summary(ana)
    first = await ana.presses("Изпратете на общината", summary)
    second = await ana.presses("Изпратете на общината", summary)
    assert "вече е подадено" in second
    assert number_in(first) in second
    assert len(await filed(town)) == 1


async def test_a_repeated_update_files_once(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    summary = await reaches_summary(ana)
    press = Choice(summary.token("Изпратете"))
    await ana.sends(press, key="once")
    await ana.sends(press, key="once")
    assert len(await filed(sqlite_town)) == 1


# --- Interrupted ---


async def test_looking_something_up_loses_nothing(town: Town) -> None:
    ana = town.ana
    await ana.opens("m_montana")
    await ana.says("/signal")
    await ana.says(HOLE)
    card = await ana.says("/services")
    assert "✏️ Продължете обръщението си" in card.choices
    question = await ana.says("какви документи трябват за разрешение за строеж")
    assert "разрешение за строеж" in question.text.lower()  # And not a part of the description.
    menu = await ana.says("/start")
    assert "✏️ Продължете обръщението си" in menu.choices
    back = await ana.presses("Продължете обръщението си", menu)
    assert "снимка" in back
    async with town.store.reading() as db:
        assert not await db.rows(select(table))


async def test_the_draft_survives_other_steps_and_a_restart(town: Town, handbook: Handbook) -> None:
    ana = town.ana
    await ana.opens("m_montana")
    await ana.says("/signal")
    await ana.says(HOLE)
    await ana.says("/notices")
    await ana.presses("Тихи часове")
    await ana.says("от 22 до 7")
    async with Town(town.store, handbook) as later:  # The program was started anew.
        later.numbers = town.numbers
        await _goes_on(later.ana)


async def _goes_on(ana: Citizen) -> None:
    offer = await ana.says("/signal")
    assert "неизпратено обръщение" in offer
    assert HOLE in offer
    await ana.presses("Продължете обръщението си", offer)
    await ana.presses("Пропуснете")
    await ana.sends(SPOT)
    assert HOLE in await ana.presses("Анонимно")


async def test_stopping_sends_nothing_and_deletes_only_when_asked(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await ana.opens("m_montana")
    await ana.says("/signal")
    await ana.says(HOLE)
    stopped = await ana.says("/cancel")
    assert "седем дни" in stopped
    await ana.presses("Изтрийте го")
    assert "Продължете обръщението си" not in " ".join((await ana.says("/menu")).choices)


async def test_back_goes_to_the_question_before(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await ana.opens("m_montana")
    await ana.says("/signal")
    await ana.presses("⚠️ Сигнал")
    await ana.says(HOLE)
    await ana.presses("Пропуснете")
    assert "Къде е?" in ana.last
    assert "снимка" in await ana.presses("Назад")


async def test_every_field_can_be_corrected_in_the_summary(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    summary = await reaches_summary(ana)
    fields = [choice for choice in summary.choices if choice.startswith("✏️")]
    assert len(fields) >= 7
    await ana.presses("✏️ Описание")
    assert "Нов текст за дупката" in await ana.says("Нов текст за дупката на пътя")
    await ana.presses("✏️ Тема")
    assert "Боклук" in await ana.presses("🗑️ Боклук")
    await ana.presses("✏️ Място")
    assert "с. Благово" in await ana.says("Благово, до чешмата") or "Благово" in ana.last
    await ana.presses("✏️ Име")
    assert "чл. 111" in await ana.presses("Анонимно")
    await ana.presses("✏️ Вид")
    assert "Предложение" in await ana.presses("💡 Предложение")
    await ana.presses("✏️ Община")
    await ana.presses("Белене")
    assert "Къде е?" in ana.last  # The place was in the other municipality.


# --- What the bot may not take ---


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("обжалвам заповедта за събаряне на кмета", "14 дни"),
        ("гори къща на съседите", "112"),
    ],
)
async def test_another_way_is_told_at_once(sqlite_town: Town, text: str, told: str) -> None:
    ana = sqlite_town.ana
    await ana.opens("m_montana")
    await ana.says("/signal")
    await ana.presses("⚠️ Сигнал")
    answer = await ana.says(text)
    assert told in answer
    assert not await filed(sqlite_town)
    assert "Описание" in answer or any("продължете" in choice for choice in answer.choices)


# --- Odd input ---


async def test_ten_thousand_characters_fit_and_more_are_told(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await ana.opens("m_montana")
    await ana.says("/signal")
    await ana.presses("⚠️ Сигнал")
    refused = await ana.says("дупка " * 2000)
    assert "11 999 знака" in refused
    await ana.says(("дупка на пътя " * 715)[:10_000])
    await ana.presses("Пропуснете")
    await ana.says("Монтана, ул. Извора 5")
    summary = await ana.presses("Анонимно")
    assert len(summary.text) < 3000
    await ana.presses("Изпратете")
    (case,) = await filed(sqlite_town)
    assert 9_900 < len(case.text) <= 10_000


@pytest.mark.parametrize(
    "text", ["<b>дупка</b> & {number} %s {0}", "'; DROP TABLE cases; -- дупка", "дупка ‮обратно‬ 🕳️🕳️"]
)
async def test_hostile_words_are_only_words(sqlite_town: Town, text: str) -> None:
    receipt = await files(sqlite_town.ana, text)
    (case,) = await filed(sqlite_town)
    assert case.text == text
    assert case.number in receipt


async def test_personal_numbers_are_blanked_out(sqlite_town: Town) -> None:
    await files(sqlite_town.ana, "Дупка пред нас, аз съм ЕГН 7523169263")
    (case,) = await filed(sqlite_town)
    assert "7523169263" not in case.text


async def test_a_sticker_instead_of_a_photo(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await ana.opens("m_montana")
    await ana.says("/signal")
    await ana.says(HOLE)
    answer = await ana.sends(Media((File("sticker", "s"),)))
    assert "стикери" in answer
    assert "снимка" in answer


async def test_a_voice_message_is_enough(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await ana.opens("m_montana")
    await ana.says("/signal")
    await ana.presses("⚠️ Сигнал")
    await ana.sends(Media((File("voice", "v"),)))
    await ana.presses("Файловете казват всичко")
    await ana.presses("🕳️ Дупка")
    await ana.presses("Продължете")
    await ana.presses("Пропуснете")
    await ana.presses("Анонимно")
    await ana.presses("Изпратете")
    (case,) = await filed(sqlite_town)
    assert "файлове" in case.text


async def test_a_location_elsewhere(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await ana.opens("m_montana")
    await ana.says("/signal")
    await ana.says(HOLE)
    await ana.presses("Пропуснете")
    assert "извън" in await ana.sends(Place(42.6977, 23.3219))  # Sofia
    other = await ana.sends(Place(43.6445, 25.1246))
    assert "в община Белене" in other
    moved = await ana.presses("Да, до община Белене")
    assert "Община Белене" in moved
    await ana.presses("Анонимно")
    await ana.presses("Изпратете")
    (case,) = await filed(sqlite_town)
    assert (case.municipality, case.lat) == ("belene", 43.6445)


async def test_a_settlement_mistyped_unknown_or_of_another_municipality(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await ana.opens("m_montana")
    await ana.says("/signal")
    await ana.says(HOLE)
    await ana.presses("Пропуснете")
    asked = await ana.says("до голямата чешма")
    assert "В кое населено място" in asked
    assert "Не знам такова населено място" in await ana.says("Горно Нанадолнище")
    guess = await ana.says("Безденца")
    assert "с. Безденица" in " ".join(guess.choices)
    await ana.presses("с. Безденица")
    summary = await ana.presses("Анонимно")
    assert "с. Безденица" in summary
    await ana.presses("✏️ Място")
    other = await ana.says("село Деков")
    assert "в община Белене" in other
    await ana.presses("Не, в Монтана е")
    assert "село Деков, гр. Монтана" in await ana.presses("гр. Монтана")


def test_settlements_are_found_however_typed(handbook: Any) -> None:
    places = list(handbook.municipalities.values())

    def names(typed: str) -> list[str]:
        return [one.names["bg"] for one in find(typed, places)]

    assert names("v selo Vinishte") == ["Винище"]
    assert names("кулина вода, до моста") == ["Кулина вода"]
    assert names("ул. Белене 5") == []  # A street in another town.
    assert "Ихтиман" in names("ихтимaн".replace("a", "а"))
    assert not find("Ихтеман", places)[0].is_sure


async def test_flood_is_met_with_kind_words_and_keeps_the_draft(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    for _time in range(LIMITS[0][1]):
        await files(ana, where="Монтана, площада")
    refused = await files(ana, where="Монтана, площада")
    assert "много обръщения" in refused
    assert len(await filed(sqlite_town)) == LIMITS[0][1]
    assert HOLE in await ana.presses("Продължете обръщението си")


# --- Others who reported the same ---


async def test_the_same_hole_is_offered_and_followed(town: Town) -> None:
    await files(town.ana)
    (case,) = await filed(town)
    eva = town.citizen("eva")
    await eva.opens("m_montana")
    await eva.says("/signal")
    await eva.says("Дупка на пътя, опасна за колите")
    await eva.presses("Пропуснете")
    await eva.sends(Place(43.40855, 23.22575))
    offer = await eva.presses("Анонимно")
    assert "Може би някой вече" in offer
    assert HOLE not in offer  # The words of somebody else stay theirs.
    followed = await eva.presses(f"следете {case.number}")
    assert case.number in followed
    assert len(await filed(town)) == 1
    async with town.store.reading() as db:
        assert await db.value(select(func.count()).select_from(case_followers)) == 1
        assert (await cases.get(db, case.id)).followers == 1


async def test_no_mine_is_new(sqlite_town: Town) -> None:
    await files(sqlite_town.ana)
    eva = sqlite_town.citizen("eva")
    await reaches_summary(eva, "Друга дупка на пътя")
    await eva.presses("Не, моето е ново")
    await eva.presses("Изпратете")
    assert len(await filed(sqlite_town)) == 2


# --- Who ---


async def test_anonymous_leaves_no_person_and_no_name(town: Town) -> None:
    ana = town.ana
    await ana.opens("m_montana")
    await ana.says("/signal")
    await ana.says(HOLE)
    await ana.presses("Пропуснете")
    told = await ana.sends(SPOT)
    assert "чл. 111, ал. 4" in told
    await ana.presses("Анонимно")
    await ana.presses("Изпратете")
    (case,) = await filed(town)
    async with town.store.reading() as db:
        rows = await db.rows(select(case_history))
    assert (case.person_id, case.name, case.contact) == (None, None, None)
    assert [row.actor_id for row in rows] == [None]


async def test_the_second_time_name_and_contact_are_one_tap(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await files(ana, where="Монтана, ул. Извора 1")
    await ana.says("/signal")
    await ana.says("Паднало дърво в парка на площада")
    while not any("С моето име" in choice for choice in ana.last.choices):
        await (ana.presses("Пропуснете") if any("Пропуснете" in c for c in ana.last.choices) else ana.says("1"))
    await ana.presses("С моето име")
    await ana.presses("Ана Петрова")
    assert "Проверете" in await ana.presses("0888 123 456")


async def test_suspected_corruption_is_read_by_the_secretary_and_asks_when(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    told = await ana.opens("report_corruption_montana")
    await ana.says("Служител поиска пари за по-бързо издаване на скица")
    if any("продължете" in choice for choice in ana.last.choices):
        await ana.presses("продължете")
        if "Опишете" in ana.last:
            await ana.says("Служител поиска пари за по-бързо издаване на скица")
    while "С името си или анонимно" not in ana.last:
        await ana.presses("Пропуснете")
    assert "само секретарят" in ana.last
    asked = await ana.presses("Анонимно")
    assert "две години" in asked
    summary = await ana.presses("по-старо е")
    assert "преди повече от две години" in summary
    assert "прокуратурата" in summary
    await ana.presses("Изпратете")
    (case,) = await filed(sqlite_town)
    assert case.is_sensitive
    assert told


# --- The staff hears of it ---


async def test_the_staff_of_the_department_is_told(sqlite_town: Town) -> None:
    clerk = sqlite_town.citizen("clerk")
    await clerk.opens("m_montana")
    async with sqlite_town.store.writing() as db:
        token = roles.invite(db, "staff", "montana")
    await clerk.opens(token)
    before = len(clerk.heard)
    await files(sqlite_town.ana)
    (case,) = await filed(sqlite_town)
    assert any(case.number in message for message in clerk.heard[before:])


async def test_one_s_own_data_are_asked_for_like_any_matter(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await ana.opens("m_montana")
    await ana.says("/privacy")
    await ana.presses("изтриете данните си")
    await ana.says("Искам да изтриете всичко за мен.")
    await ana.presses("Пропуснете")
    await ana.presses("С моето име")
    await ana.says("Ана Петрова")
    await ana.says("ana@example.org")
    receipt = await ana.presses("Изпратете на общината")
    (case,) = await filed(sqlite_town)
    assert case.kind == "data-request"
    assert "1 месец" in receipt
