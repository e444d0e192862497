"""The staff at the desk in a private chat: what waits, taking, answering, asking back, and what nobody may do."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handlers.words import Choice
from storage import casenumbers, cases, people, roles
from storage.caserecord import Actor, Case
from storage.caserules import Rules
from storage.cases import Filing
from storage.database import Store
from storage.handbook import Handbook
from storage.models import case_history, outgoing
from storage.models import cases as table
from tests.town import Citizen, Message, Town


class Calendar:
    """A clock that the test sets."""

    def __init__(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, days: int) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def day() -> Calendar:
    return Calendar(date(2026, 11, 16))


@pytest.fixture
async def office(sqlite_database_url: str, handbook: Handbook, day: Calendar) -> AsyncIterator[Town]:
    store = Store(sqlite_database_url, now=day)
    async with Town(store, handbook) as town:
        yield town
    await store.close()


async def employ(town: Town, name: str, role: str = "staff", municipality: str | None = "montana",
                 language: str = "bg", **more: Any) -> Citizen:  # fmt: skip
    """Somebody takes up an invitation in a private chat."""
    async with town.store.writing() as db:
        token = roles.invite(db, role, municipality, **more)
    person = town.citizen(name, language=language)
    await person.opens(token)
    return person


async def file(town: Town, author: Citizen, text: str = "Голяма дупка на улица „Извора“ 5.", **more: Any) -> Case:
    """A citizen's matter, as the dialogue of filing leaves it."""
    await author.opens("m_montana")
    async with town.store.writing() as db:
        met = (await people.meet(db, author.channel, [author.name]))[author.name]
        assert met.person
        given: dict[str, Any] = {
            "municipality": "montana", "kind": "signal", "category": "pothole", "text": text,
            "language": met.person.language, "person_id": met.person.id, "conversation_id": met.id,
            "name": "Ана Иванова", "contact": "0888 123 456",
        } | more  # fmt: skip
        filing = Filing(**given)
        letters = casenumbers.letters_of(town.library.current.municipalities)[filing.municipality]
        actor = Actor("author", None if filing.is_anonymous else met.person.id)
        return (await cases.open_case(db, Rules(town.library.current), filing, letters, actor)).case


async def now(town: Town, case: Case) -> Case:
    async with town.store.reading() as db:
        found = await cases.get(db, case.id)
    assert found
    return found


async def actions(town: Town, case: Case) -> list[str]:
    async with town.store.reading() as db:
        rows = await db.rows(select(case_history.c.action).where(case_history.c.case_id == case.id)
                             .order_by(case_history.c.id))  # fmt: skip
    return [row.action for row in rows]


async def opens(clerk: Citizen, words: str = "Голяма дупка", waiting: str = "Още ничии") -> Message:
    """The card of a case, found among what nobody has taken yet."""
    await clerk.says("/cases")
    await clerk.presses(waiting)
    return await clerk.presses(words)


async def orders(clerk: Citizen, what: str) -> Message:
    """A page of the order of the desk."""
    await clerk.says("/cases")
    await clerk.presses("Ред на работа")
    return await clerk.presses(what)


# --- The day of a clerk ---


async def test_a_case_is_found_taken_and_answered_in_three_taps(office: Town) -> None:
    clerk = await employ(office, "мария")
    case = await file(office, office.ana)

    desk = await clerk.says("/cases")
    assert "Преписки на Монтана" in desk
    listed = await clerk.presses("Още ничии (1)", desk)
    assert "Голяма дупка" in listed
    card = await clerk.presses("Голяма дупка", listed)  # The first tap.
    assert case.number in card
    assert "0888" not in card

    asked = await clerk.presses("Отговорете на гражданина", card)  # The second.
    assert "Напишете отговора" in asked
    preview = await clerk.says("Дупката ще бъде запълнена тази седмица.")
    assert "Това ще бъде изпратено на гражданина" in preview
    assert "Дупката ще бъде запълнена" in preview
    assert "Дупката" not in office.ana.last

    done = await clerk.presses("Изпратете", preview)  # The third.
    assert "гражданинът е уведомен" in done
    assert (await now(office, case)).state == "answered"
    assert await actions(office, case) == ["file", "take", "answer"]
    assert case.number in office.ana.last
    assert "Дупката ще бъде запълнена тази седмица." in office.ana.last
    assert "Община Монтана" in office.ana.last
    assert "мария" not in office.ana.last


async def test_what_is_not_sent_reaches_nobody(office: Town) -> None:
    clerk = await employ(office, "мария")
    case = await file(office, office.ana)
    await opens(clerk)
    await clerk.presses("Отговорете на гражданина")
    await clerk.says("Не знам кога.")
    heard = len(office.ana.heard)
    kept = await clerk.presses("Запазете като вътрешна бележка")
    assert "Гражданинът не я вижда" in kept
    assert len(office.ana.heard) == heard
    assert (await actions(office, case))[-1] == "note"
    assert (await now(office, case)).state == "working"


async def test_words_while_a_preview_waits_send_nothing(office: Town) -> None:
    clerk = await employ(office, "мария")
    case = await file(office, office.ana)
    await opens(clerk)
    await clerk.presses("Попитайте гражданина")
    await clerk.says("Пред кой номер е?")
    again = await clerk.says("и още нещо")
    assert "Още нищо не е изпратено" in again
    assert "Пред кой номер е?" in again
    await clerk.presses("Спрете, не изпращайте")
    assert await actions(office, case) == ["file"]


async def test_asking_back_and_the_reply(office: Town) -> None:
    clerk = await employ(office, "мария")
    case = await file(office, office.ana)
    await opens(clerk)
    await clerk.presses("Попитайте гражданина")
    await clerk.says("Пред кой номер е?")
    await clerk.presses("Изпратете")
    assert (await now(office, case)).state == "waiting"
    assert "Пред кой номер е?" in office.ana.last
    assert "Моля, отговорете с бутона" in office.ana.last


async def test_two_people_never_answer_the_same(office: Town) -> None:
    maria, petar = await employ(office, "мария"), await employ(office, "петър")
    await file(office, office.ana)
    for clerk in (maria, petar):
        await opens(clerk)
    await maria.presses("Поемете я")
    late = await petar.presses("Поемете я")
    assert "Друг колега вече е поел" in late
    assert "Друг колега" in late or "колега" in late


async def test_words_written_in_vain_are_shown_again(office: Town) -> None:
    maria, petar = await employ(office, "мария"), await employ(office, "петър")
    case = await file(office, office.ana)
    for clerk in (maria, petar):
        await opens(clerk)
    await petar.presses("Попитайте гражданина")
    await petar.says("Кога е станало?")
    await maria.presses("Поемете я")
    late = await petar.presses("Изпратете")
    assert "Някой вече е действал" in late
    assert "Кога е станало?" in late
    assert (await now(office, case)).state == "working"


async def test_a_late_answer_needs_its_reason(office: Town, day: Calendar) -> None:
    clerk = await employ(office, "мария")
    case = await file(office, office.ana)
    day.turn(90)
    desk = await clerk.says("/cases")
    assert "1 преписка е просрочена" in desk
    await clerk.presses("Просрочени (1)")
    await clerk.presses("Голяма дупка")
    await clerk.presses("Отговорете на гражданина")
    await clerk.says("Запълнена е.")
    why = await clerk.presses("Изпратете")
    assert "Срокът е изтекъл" in why
    await clerk.presses("изчакване на изпълнител")
    await clerk.presses("Изпратете")
    assert (await now(office, case)).late_reason == "contractor"


async def test_a_sensitive_answer_waits_for_a_second_person(office: Town) -> None:
    secretary = await employ(office, "секретар", "secretary")
    mayor = await employ(office, "кмет", "mayor")
    case = await file(office, office.ana, "Служител иска подкуп.", category="corruption")
    await opens(secretary, "Служител иска подкуп")
    await secretary.presses("Отговорете на гражданина")
    await secretary.says("Проверяваме.")
    waits = await secretary.presses("Изпратете")
    assert "чака втори човек" in waits
    assert "Проверяваме" not in office.ana.last
    assert (await now(office, case)).state == "working"
    own = await secretary.presses("Одобрете или върнете", waits)
    refused = await secretary.presses("Да, направете го", own)
    assert "трябва да го одобри друг" in refused

    await mayor.presses("Отворете преписката")
    await mayor.presses("Одобрете или върнете")
    await mayor.presses("Да, направете го")
    assert (await now(office, case)).state == "answered"
    assert "Проверяваме." in office.ana.last


async def test_everybody_in_the_department_hears_of_nothing_they_may_not_see(office: Town) -> None:
    clerk = await employ(office, "мария")
    await file(office, office.ana, "Служител иска подкуп.", category="corruption")
    desk = await clerk.says("/cases")
    assert "Нищо не чака" in desk


async def test_a_clerk_of_another_municipality_sees_nothing(office: Town) -> None:
    other = await employ(office, "стефан", municipality="belene")
    case = await file(office, office.ana)
    assert "Нищо не чака" in await other.says("/cases")
    await other.presses("Търсене")
    assert "Няма такива преписки" in await other.says(case.number)


async def test_who_lost_the_role_can_press_nothing(office: Town) -> None:
    clerk = await employ(office, "мария")
    case = await file(office, office.ana)
    card = await opens(clerk)
    async with office.store.writing() as db:
        met = (await people.meet(db, "paper", ["мария"]))["мария"]
        assert met.person
        for role in await roles.of(db, met.person.id):
            assert await roles.take_away(db, met.person.id, role)
    for label in ("Поемете я", "Отговорете", "Вътрешна бележка", "История", "Още", "Кой го е написал", "Преписки"):
        assert "вече не е достъпен" in await clerk.presses(label, card), label
    assert await actions(office, case) == ["file"]


async def test_citizens_have_no_desk(office: Town) -> None:
    assert "Не познавам тази команда" in await office.ana.says("/cases")


async def test_who_wrote_it_is_shown_on_request_and_recorded(office: Town) -> None:
    clerk = await employ(office, "мария")
    case = await file(office, office.ana)
    await opens(clerk)
    shown = await clerk.presses("Кой го е написал")
    assert "Ана Иванова" in shown
    assert "0888 123 456" in shown
    assert "записва" in shown
    assert case.number in shown


async def test_search_finds_numbers_however_typed_and_words(office: Town) -> None:
    clerk = await employ(office, "мария")
    case = await file(office, office.ana)
    await clerk.says("/cases")
    await clerk.presses("Търсене")
    assert case.number in await clerk.says(case.number.lower().replace("-", " "))
    await clerk.says("/cases")
    await clerk.presses("Търсене")
    assert case.number in await clerk.says("дупки Извора")
    assert "Няма такива преписки" in await clerk.says("жираф")


async def test_english_citizen_gets_a_version_in_english(office: Town) -> None:
    clerk = await employ(office, "мария")
    case = await file(office, office.ben, "A deep pothole in Izvora street.")
    await opens(clerk, "pothole")
    await clerk.presses("Отговорете на гражданина")
    preview = await clerk.says("Ще я запълним до петък.")
    assert "пише на друг език" in preview
    await clerk.presses("Добавете текст на английски")
    await clerk.says("We will fill it by Friday.")
    await clerk.presses("Изпратете")
    assert "We will fill it by Friday." in office.ben.last
    async with office.store.reading() as db:
        content = await db.value(select(case_history.c.content).where(case_history.c.action == "answer"))
    assert content["original"] == "Ще я запълним до петък."
    assert case.language == "en"


async def test_routing_assigning_and_the_incoming_number(office: Town) -> None:
    head = await employ(office, "началник", "head")
    await employ(office, "мария")
    case = await file(office, office.ana)
    card = await opens(head)
    more = await head.presses("Още", card)
    await head.presses("Входящ номер", more)
    await head.says("94-А-123/16.11.2026")
    assert (await now(office, case)).incoming_number == "94-А-123/16.11.2026"
    assert (await now(office, case)).state == "registered"

    more = await head.presses("⋯ Още", head.last)
    await head.presses("Възложете на колега", more)
    await head.presses("Служител 2")
    assert (await now(office, case)).assignee is not None
    assert "Възложена" in office.citizen("мария").last

    more = await head.presses("⋯ Още", head.last)
    await head.presses("Прехвърлете към отдел", more)
    await head.presses("Общинска собственост")
    await head.says("Имотът е общински.")
    await head.presses("Да, направете го")
    assert (await now(office, case)).department == "property"


async def test_every_act_can_be_left(office: Town) -> None:
    """Each act asks for something first or does nothing that the citizen hears; stopping changes nothing."""
    mayor = await employ(office, "кмет", "mayor")
    case = await file(office, office.ana)
    card = await opens(mayor)
    more = await mayor.presses("⋯ Още", card)
    words = ("Отговорете", "Попитайте", "бележка", "планира", "Препратете", "Удължете", "Откажете", "Присъединете",
             "Прехвърлете", "Поправете категорията", "Възложете")  # fmt: skip
    asking = [label for label in (*card.choices, *more.choices) if any(word in label for word in words)]
    assert len(asking) == 11
    before = len(office.ana.heard)
    for label in asking:
        shown = await mayor.presses(label, card if label in card.choices else more)
        stopped = await mayor.presses("Спрете", shown)
        assert "Спряно" in stopped, label
    assert set(await actions(office, case)) <= {"file", "take"}
    assert len(office.ana.heard) - before <= 1


async def test_nothing_is_told_twice_and_nothing_is_lost(office: Town) -> None:
    """The notice stands in the outbox in the same transaction as the act."""
    clerk = await employ(office, "мария")
    case = await file(office, office.ana)
    await opens(clerk)
    await clerk.presses("Отговорете на гражданина")
    preview = await clerk.says("Готово е.")
    await clerk.presses("Изпратете", preview)
    await clerk.presses("Изпратете", preview)  # A second tap on the same button.
    async with office.store.reading() as db:
        told = await db.rows(select(outgoing.c.content).where(outgoing.c.about == f"case:{case.id}"))
        state = await db.value(select(table.c.state).where(table.c.id == case.id))
    assert sum("Готово е." in str(row.content) and "Монтана" in str(row.content) for row in told) == 1
    assert state == "answered"


# --- Several at once, and for somebody else ---


async def test_ten_reports_of_one_burst_pipe_get_one_answer(office: Town) -> None:
    clerk = await employ(office, "мария")
    authors = [office.citizen(f"гражданин{number}") for number in range(3)]
    filed = [await file(office, one, f"Спукана тръба на „Извора“, номер {place}.") for place, one in enumerate(authors)]
    await clerk.says("/cases")
    listed = await clerk.presses("Още ничии (3)")
    ticking = await clerk.presses("Няколко наведнъж", listed)
    for case in filed[:2]:
        ticking = await clerk.presses(case.number.partition("-")[2], ticking)
    assert "избрани са 2 преписки" in ticking
    await clerk.presses("Отговорете на гражданина", ticking)
    shown = await clerk.says("Тръбата е сменена.")
    assert "Отнася се за 2 преписки" in shown
    assert all("Тръбата" not in one.last for one in authors)
    report = await clerk.presses("Да, направете го", shown)
    assert "Готово за 2 преписки" in report
    assert [(await now(office, case)).state for case in filed] == ["answered", "answered", "received"]
    assert ["Тръбата е сменена." in one.last for one in authors] == [True, True, False]


async def test_whoever_works_for_all_municipalities_chooses_one_from_the_desk(office: Town) -> None:
    await file(office, office.ana)
    clerk = await employ(office, "всички", municipality=None)
    assert "Преписки на Струмяни" in await clerk.says("/cases")
    await clerk.presses("Община")
    await clerk.presses("Монтана")
    assert "Още ничии (1)" in (await clerk.says("/cases")).choices[1]
    one = await employ(office, "една")
    assert not any("Община" in label for label in (await one.says("/cases")).choices)


async def test_the_settlement_is_told_to_whoever_goes_there(office: Town) -> None:
    """A citizen writes „пред училището“ and chooses the village; the municipality has more than one school."""
    clerk = await employ(office, "мария")
    await file(office, office.ana, place="пред училището", settlement="04251")
    assert "📍 пред училището, с. Благово" in await opens(clerk)


async def test_why_some_of_them_are_late_is_asked_once_and_told_only_of_those(office: Town, day: Calendar) -> None:
    clerk = await employ(office, "мария")
    late = [await file(office, office.citizen(name), "Спукана тръба.") for name in ("вера", "гошо")]
    day.turn(90)
    timely = await file(office, office.citizen("дима"), "Спукана тръба на „Извора“.")
    await clerk.says("/cases")
    ticking = await clerk.presses("Няколко наведнъж", await clerk.presses("Още ничии (3)"))
    for case in (*late, timely):
        ticking = await clerk.presses(case.number.partition("-")[2], ticking)
    await clerk.presses("Отговорете на гражданина", ticking)
    asked = await clerk.says("Тръбата е сменена.")
    assert "Някои са просрочени. Защо?" in asked
    shown = await clerk.presses("изчакване на изпълнител", asked)
    assert "Отнася се за 3 преписки" in shown
    assert "изчакване на изпълнител" in shown
    assert "Готово за 3 преписки" in await clerk.presses("Да, направете го", shown)
    assert [(await now(office, case)).late_reason for case in (*late, timely)] == ["contractor", "contractor", None]


async def test_an_old_yes_does_nothing_that_was_not_shown(office: Town, day: Calendar) -> None:
    """The clerk saw one answer, began another, and presses the first one's button."""
    clerk = await employ(office, "мария")
    late = await file(office, office.ana)
    await file(office, office.ben, "Спукана тръба.")
    day.turn(90)
    await clerk.says("/cases")
    ticking = await clerk.presses("Няколко наведнъж", await clerk.presses("Още ничии (2)"))
    ticking = await clerk.presses("Голяма дупка", ticking)
    await clerk.presses("Вътрешна бележка", ticking)
    shown = await clerk.says("Виждал съм я.")
    await clerk.presses("Отговорете на гражданина", ticking)
    assert "вече не е достъпен" in await clerk.presses("Да, направете го", shown)
    asked = await clerk.says("Запълнена е.")
    assert "вече не е достъпен" in await clerk.presses("Да, направете го", shown)
    await clerk.presses("изчакване на изпълнител", asked)
    assert await actions(office, late) == ["file"]
    assert "Готово за 1 преписка" in await clerk.presses("Да, направете го")
    assert (await now(office, late)).late_reason == "contractor"


async def test_somebody_at_the_counter_files_for_a_citizen(office: Town) -> None:
    clerk = await employ(office, "мария")
    desk = await clerk.says("/cases")
    await clerk.presses("Подайте вместо гражданин", desk)
    await clerk.presses("По телефона")
    await clerk.presses("Дупка")
    await clerk.says("Дупка пред училището.")
    await clerk.says("Монтана, ул. „Извора“")
    await clerk.says("Петър Петров")
    shown = await clerk.presses("Пропуснете")
    assert "Петър Петров" in shown
    done = await clerk.presses("Подайте", shown)
    assert "Подадено. Кажете на гражданина: номер MON-2026-000001" in done
    assert "по телефона" in done
    async with office.store.reading() as db:
        row = await db.first(select(table.c.source, table.c.name, table.c.filed_by))
    assert row is not None
    assert (row.source, row.name) == ("phone", "Петър Петров")
    assert row.filed_by is not None


async def test_a_role_in_all_municipalities_begins_with_the_first_and_can_choose(office: Town) -> None:
    clerk = await employ(office, "мария", municipality=None)
    assert "Преписки на Струмяни" in await clerk.says("/cases")
    await clerk.opens("m_montana")
    assert "Преписки на Монтана" in await clerk.says("/cases")


# --- The order of the desk ---


async def test_colleagues_know_each_other_by_name(office: Town) -> None:
    maria, head = await employ(office, "мария"), await employ(office, "началник", "head")
    await file(office, office.ana)
    await orders(maria, "Моето име")
    assert "Мария Петрова, специалист" in await maria.says("Мария Петрова, специалист")
    await opens(maria)
    await maria.presses("Поемете я")
    await head.says("/cases")
    await head.presses("Всички отворени")
    assert "Мария Петрова, специалист" in await head.presses("Голяма дупка")
    await head.says("/cases")
    await head.presses("Ред на работа")
    assert "Мария Петрова, специалист: 1 отворени" in await head.presses("Натовареност")


async def test_while_away_the_substitute_sees_the_cases(office: Town) -> None:
    maria, petar = await employ(office, "мария"), await employ(office, "петър")
    await file(office, office.ana)
    for clerk, name in ((maria, "Мария Петрова"), (petar, "Петър Стоянов")):
        await clerk.says("/cases")
        await clerk.presses("Ред на работа")
        await clerk.presses("Моето име")
        await clerk.says(name)
    await opens(maria)
    await maria.presses("Поемете я")
    await orders(maria, "Моето отсъствие")
    assert "Не разпознавам тези дни" in await maria.says("някога")
    who = await maria.says("16.11.2026 - 20.11.2026")
    assert "Кой Ви замества от 16 ноември 2026 г. до 20 ноември 2026 г.?" in who
    await maria.presses("Петър Стоянов")
    desk = await petar.says("/cases")
    assert "Замествате 1 колега" in desk
    assert any("Мои (1)" in choice for choice in desk.choices)


async def test_a_role_ends_at_once(office: Town) -> None:
    secretary, maria = await employ(office, "секретар", "secretary"), await employ(office, "мария")
    assert "Преписки на Монтана" in await maria.says("/cases")
    people = await orders(secretary, "Колеги и роли")
    assert "служител" in people.text
    asked = await secretary.presses("Прекратете ролята", people)
    assert "губи веднага" in asked
    await secretary.presses("Да, направете го", asked)
    assert "Не познавам тази команда" in await maria.says("/cases")


async def test_an_invitation_made_in_the_chat_works_once(office: Town) -> None:
    secretary = await employ(office, "секретар", "secretary")
    await orders(secretary, "Колеги и роли")
    await secretary.presses("➕ началник на отдел")
    made = await secretary.presses("Пътища, осветление")
    token = made.text.partition("start=")[2].split()[0]
    new = office.citizen("нов")
    assert "началник" in await new.opens(token)
    assert "използвана" in await office.citizen("друг").opens(token)


async def test_a_route_is_seen_before_it_changes(office: Town) -> None:
    secretary = await employ(office, "секретар", "secretary")
    await file(office, office.ana)
    await orders(secretary, "Насочване към отдели")
    await secretary.presses("Дупка")
    preview = await secretary.presses("Общинска собственост")
    assert "1 отворена преписка" in preview
    await secretary.presses("Да, направете го", preview)
    new = await file(office, office.ben, "Another pothole.")
    assert new.department == "property"


async def test_a_local_holiday_is_added(office: Town) -> None:
    secretary = await employ(office, "секретар", "secretary")
    await orders(secretary, "Местни дни")
    assert "Напишете дата" in await secretary.says("празник")
    await secretary.says("18.01.2027 Празник на Монтана")
    await secretary.presses("Не се работи")
    case = await file(office, office.ana)
    assert case.due_on == date(2027, 1, 19)  # Two months end on 16.01, a Saturday; Monday is the feast.


async def test_a_prepared_answer_is_filled_in(office: Town) -> None:
    head = await employ(office, "началник", "head")
    await file(office, office.ana)
    await orders(head, "Готови отговори")
    assert "Няма какво да се попълни в: цена" in await head.says("Дупки\nЦената е {цена}.")
    assert "Запазено" in await head.says("Дупка, ремонт\nПо преписка {number}: ремонтът е възложен.")
    await opens(head)
    await head.presses("Отговорете на гражданина")
    preview = await head.presses("Дупка, ремонт")
    assert "По преписка MON-2026-000001" in preview
    await head.presses("Изпратете", preview)
    assert "ремонтът е възложен" in office.ana.last


async def test_a_clerk_may_not_order_the_desk(office: Town) -> None:
    clerk = await employ(office, "мария")
    await clerk.says("/cases")
    order = await clerk.presses("Ред на работа")
    assert not any(word in choice for choice in order.choices for word in ("Колеги", "насочване", "Местни", "Готови"))


# --- Into the handbook ---


async def test_a_good_answer_goes_into_the_handbook_and_earlier_askers_hear_of_it(office: Town) -> None:
    clerk, head = await employ(office, "мария"), await employ(office, "началник", "head")
    await office.ana.opens("m_montana")
    await office.ana.says("разрешение за строеж на къща")  # An earlier asker of the same service.
    text = "Може ли архитектът да подаде документите за разрешение за строеж вместо мен?"
    await file(office, office.citizen("ема"), text, kind="question", category=None)
    await opens(clerk, "Може ли архитектът")
    await clerk.presses("Отговорете на гражданина")
    await clerk.says("Да, с изрично пълномощно, без нотариус.")
    answered = await clerk.presses("Изпратете")
    await clerk.presses("⋯ Още", answered)
    await clerk.presses("В наръчника")
    await clerk.presses("Издаване на разрешение за строеж")
    assert "Предложено" in await clerk.says("Yes, with an express power of attorney; no notary is needed.")

    await orders(head, "Предложения за наръчника")
    shown = await head.presses("Може ли архитектът")
    assert "Да, с изрично пълномощно" in shown
    taken = await head.presses("Приемете", shown)
    assert "издание 2" in taken
    assert "е питал 1 човек" in taken
    assert "Уведомен е 1 човек" in await head.presses("Кажете им", taken)
    assert "вече казва повече" in office.ana.last
    assert "изрично пълномощно" in office.ana.last
    assert "вече не е достъпен" in await head.presses("Кажете им", taken)  # Once.

    await office.library.refresh(office.store)
    card = await office.citizen("иво").opens("card_building-permit_montana")
    assert "изрично пълномощно" in await office.citizen("иво").presses("Къде и кой подава", card)
    elsewhere = await office.citizen("яна").opens("card_building-permit_belene")
    assert "изрично пълномощно" not in await office.citizen("яна").presses("Къде и кой подава", elsewhere)


async def test_nobody_approves_their_own_proposal(office: Town) -> None:
    head = await employ(office, "началник", "head")
    await file(office, office.ana, "Колко струва скица?", kind="question", category=None)
    await opens(head, "Колко струва скица")
    await head.presses("Отговорете на гражданина")
    await head.says("Според тарифата.")
    answered = await head.presses("Изпратете")
    await head.presses("⋯ Още", answered)
    await head.presses("В наръчника")
    await head.presses("Издаване на скица за недвижим имот")
    await head.says("By the tariff.")
    await orders(head, "Предложения за наръчника")
    shown = await head.presses("Колко струва скица")
    assert "трябва да го погледне друг" in shown
    assert not any("Приемете" in choice for choice in shown.choices)


async def test_departments_are_confirmed_renamed_added_and_ended(office: Town) -> None:
    secretary = await employ(office, "секретар", "secretary")
    listed = await orders(secretary, "Отдели")
    assert "за потвърждение" in listed
    listed = await secretary.presses("Верни са така", listed)
    assert "за потвърждение" not in listed
    await secretary.presses("Добавете отдел", listed)
    assert "Нужни са и двете имена" in await secretary.says("Гробищен парк")
    listed = await secretary.says("Гробищен парк / Cemetery")
    assert "Гробищен парк / Cemetery" in listed
    await secretary.presses("Пътища, осветление", listed)
    await secretary.presses("Закрийте този отдел")
    listed = await secretary.presses("Общинска собственост")
    assert "Пътища, осветление" not in listed
    case = await file(office, office.ana)
    assert case.department == "property"


async def test_a_case_that_the_department_may_not_see_is_told_to_those_above(office: Town) -> None:
    await employ(office, "мария")
    secretary = await employ(office, "секретар", "secretary")
    before = len(secretary.heard)
    case = await file(office, office.ana, "Служител иска подкуп.", category="corruption")
    await office.ana.says("/matters")
    await office.ana.presses(case.number)
    await office.ana.presses("Допълнете")
    preview = await office.ana.says("Имам и свидетел.")
    await office.ana.sends(Choice(preview.token(preview.choices[0])))
    assert len(secretary.heard) == before + 1
    assert case.number in secretary.last
