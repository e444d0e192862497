"""The organizer's side: what is refused and what to do instead, changes, copies, permissions, the door, questions."""

from datetime import UTC

import pytest
from sqlalchemy import select

from handlers.words import File, Media, Place
from storage import events, roles, seats
from storage.events import CANCELLED, DRAFT, Event
from storage.models import event_changes, event_news, media, outgoing
from tests.planning import invited, newest_event, person_of, published, sofia, tick
from tests.town import Citizen, Hours, Town


@pytest.fixture
async def town(sqlite_dated_town: Town) -> Town:
    return sqlite_dated_town


@pytest.fixture
async def org(town: Town) -> Citizen:
    return await invited(town, "org")


async def _draft(town: Town, org: Citizen, **more: object) -> Event:
    event = await published(town, org, sofia(2026, 12, 1, 18), sofia(2026, 12, 1, 20), draft=True, **more)  # type: ignore[arg-type]
    await org.says("/organize")
    await org.presses("Обучение за граждани")
    return event


async def _sits(town: Town, event: Event, *names: str, many: int = 1) -> None:
    for name in names:
        person = town.citizen(name)
        await person.opens(f"event_{event.id}")
        await person.presses("Запишете се")
        await person.says(str(many))
        await person.presses("Без име")


# --- What cannot be ---


@pytest.mark.parametrize(
    ("field", "said", "told"),
    [
        ("Ден и час", "15.05.2020 в 10", "Това вече е минало. Моля, напишете предстоящ ден и час."),
        ("Ден и час", "кога да е", "Не разбрах кога. Моля, напишете ден и час"),
        ("Ден и час", "30.02.2027 10:00", "Няма такъв ден в календара."),
        ("Ден и час", "28.03.2027 03:30", "часът от 3 до 4 се прескача"),
        ("Ден и час", "20:00", "В кой ден?"),
        ("⌛ Край", "17:00", "Краят трябва да е след началото (вторник, 1 декември 2026 г., 18:00 ч.)"),
        ("⌛ Край", "20.12 10:00", "повече от две седмици след началото"),
        ("⌛ Край", "никога", "Не разбрах часа."),
        ("🇧🇬 Заглавие", "x" * 300, "Заглавието е 300 знака, а се побират 200. Моля, съкратете го"),
        ("🇧🇬 Текст", "x" * 2001, "Текстът е 2001 знака"),
        ("Място и карта", "x" * 201, "Мястото е описано с 201 знака"),
        ("участие онлайн", "zoom", "Това не е връзка, която може да се отвори."),
        ("участие онлайн", "javascript:alert(1)", "Това не е връзка, която може да се отвори."),
        ("Брой места", "много", "Моля, напишете число от 1 до 10000"),
        ("Брой места", "0", "Моля, напишете число от 1 до 10000"),
        ("Програма", "по-късно", "Моля, изпратете тук файл"),
    ],
)
async def test_what_cannot_be_is_said_with_what_to_do(
    town: Town, org: Citizen, field: str, said: str, told: str
) -> None:
    before = await _draft(town, org)
    await org.presses("Редактирайте")
    await org.presses(field)
    answer = await org.says(said)
    assert told in answer
    assert any("Преглед" in choice for choice in answer.choices)
    assert await newest_event(town.store) == before


async def test_after_a_wrong_answer_the_right_one_is_taken(town: Town, org: Citizen) -> None:
    await _draft(town, org)
    await org.presses("Редактирайте")
    await org.presses("Ден и час")
    assert "В колко часа?" in await org.says("5 декември")
    preview = await org.says("9:30")
    assert "събота, 5 декември 2026 г., 9:30 ч. – 11:30 ч." in preview or "09:30 ч. – 11:30 ч." in preview


async def test_an_end_past_midnight_is_on_the_next_day(town: Town, org: Citizen) -> None:
    await _draft(town, org)
    await org.presses("Редактирайте")
    await org.presses("⌛ Край")
    preview = await org.says("01:00")
    assert "18:00 ч. – сряда, 2 декември 2026 г., 01:00 ч." in preview


async def test_two_half_past_threes_are_asked_back(town: Town, org: Citizen) -> None:
    await _draft(town, org)
    await org.presses("Редактирайте")
    await org.presses("Ден и час")
    asked = await org.says("31.10.2027 03:30")
    assert "този час идва два пъти" in asked
    assert [choice.rsplit("(")[-1] for choice in asked.choices[:2]] == ["лятно часово време)", "зимно часово време)"]
    await org.presses(asked.choices[1], asked)
    event = await newest_event(town.store)
    assert event.starts_at == sofia(2027, 10, 31, 3, 30, fold=1).astimezone(UTC)


async def test_markup_in_a_title_stays_plain_characters(town: Town, org: Citizen) -> None:
    await _draft(town, org)
    await org.presses("Редактирайте")
    await org.presses("🇧🇬 Заглавие")
    preview = await org.says("<b>Жълти</b> *павета*\n[връзка](http://x)\u202e\x07")
    assert "<b>Жълти</b> *павета* [връзка](http://x)" in preview
    await org.presses("Публикувайте", preview)
    await org.presses("Да, публикувайте")
    assert (await newest_event(town.store)).title_bg == "<b>Жълти</b> *павета* [връзка](http://x)"


async def test_a_picture_of_thirty_megabytes(town: Town, org: Citizen) -> None:
    await _draft(town, org)
    await org.presses("Редактирайте")
    await org.presses("Снимка")
    answer = await org.sends(Media((File("photo", "ref", "plakat.jpg", 30 << 20),)))
    assert "„plakat.jpg“ е по-голям от 20 MB" in answer or "20 MB" in answer
    assert (await newest_event(town.store)).picture is None
    answer = await org.sends(Media((File("voice", "ref", "", 1000),)))
    assert "Моля, изпратете снимка" in answer
    assert "Запазено." in await org.sends(Media((File("photo", "ref", "plakat.jpg", 3 << 20),)))
    event = await newest_event(town.store)
    async with town.store.reading() as db:
        assert await db.value(select(media.c.about).where(media.c.id == event.picture)) == f"event:{event.id}:picture"


async def test_a_point_on_the_map_needs_a_name_too(town: Town, org: Citizen) -> None:
    await _draft(town, org, place=None)
    await org.presses("Редактирайте")
    await org.presses("Място и карта")
    assert "напишете и името на мястото" in await org.sends(Place(43.41, 23.22))
    await org.says("Пред общината")
    event = await newest_event(town.store)
    assert (event.place, event.lat, event.lon) == ("Пред общината", 43.41, 23.22)
    await org.presses("Публикувайте")
    await org.presses("Да, публикувайте")
    card = await town.ana.opens(f"event_{event.id}")
    shown = await town.ana.presses("Карта", card)
    assert shown.letter.content["place"] == [43.41, 23.22]


async def test_an_empty_draft_cannot_be_published(town: Town, org: Citizen) -> None:
    event = await _draft(town, org, place=None)
    async with town.store.writing() as db:
        events.edit(db, event, starts_at=None, title_bg=None)
    await org.says("/organize")
    await org.presses("Обучение")
    answer = await org.presses("Публикувайте")
    for words in ("Липсва заглавие.", "Липсват ден и час.", "Липсва място или връзка"):
        assert words in answer
    assert (await newest_event(town.store)).state == DRAFT


async def test_the_missing_language_is_marked_for_the_reader(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), text_bg="Елате.")
    assert "(in Bulgarian only)" in await town.ben.opens(f"event_{event.id}")
    assert "Обучение за граждани (in Bulgarian only)" in town.ben.last
    assert "само на" not in await town.ana.opens(f"event_{event.id}")
    await org.says("/organize")
    await org.presses("Обучение за граждани")
    assert "Липсва: Заглавие (English)" in org.last
    assert "Training for citizens" not in await org.presses("Език: English")


# --- After publishing ---


async def test_fewer_places_than_taken(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), capacity=10)
    await _sits(town, event, "ana", "eva", many=3)
    await org.says("/organize")
    await org.presses("Обучение за граждани")
    await org.presses("Редактирайте")
    await org.presses("Брой места")
    assert "Вече са заети 6 места" in await org.says("5")
    assert "10 (беше" not in await org.says("12")
    assert "Брой места: 12 (беше: 10)" in org.last


async def test_more_places_move_the_waiting_up(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), capacity=1)
    await _sits(town, event, "ana", "eva", "iva")
    await org.says("/organize")
    await org.presses("Обучение за граждани")
    await org.presses("Редактирайте")
    await org.presses("Брой места")
    await org.says("2")
    await org.presses("Публикувайте промените")
    await org.presses("Да, публикувайте")
    assert any("Освободи се място за Вас" in message for message in town.citizen("eva").heard)
    assert not any("Освободи се място" in message for message in town.citizen("iva").heard)


async def test_changes_can_be_forgotten_and_nobody_hears_of_them(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await _sits(town, event, "ana")
    await org.says("/organize")
    await org.presses("Обучение за граждани")
    await org.presses("Редактирайте")
    await org.presses("Място и карта")
    assert "Място: Друга зала (беше: Читалище „Разум“)" in await org.says("Друга зала")
    assert "Промените са отказани" in await org.presses("Откажете промените")
    await tick(town)
    assert not any("Промяна" in message for message in town.ana.heard)
    assert (await newest_event(town.store)).place == "Читалище „Разум“"


async def test_cancelling_needs_a_reason_and_reaches_everybody(town: Town, org: Citizen, hours: Hours) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await _sits(town, event, "ana")
    await town.ben.opens(f"event_{event.id}")
    await town.ben.presses("Tell me of changes")
    await org.says("/organize")
    await org.presses("Обучение за граждани")
    await org.presses("Отменете събитието")
    asked = await org.says("Авария в сградата")
    assert "Това не може да се върне." in asked
    assert "Ще бъдат известени 2 души." in asked
    assert "Отменено е." in await org.presses("Да, отменете събитието")
    await tick(town)
    assert "Причина: Авария в сградата" in town.ana.last
    assert town.ana.last.letter.content["files"][0]["mime"] == "text/calendar"
    assert "Cancelled" in town.ben.last
    hours.now = sofia(2026, 12, 1, 16)
    before = len(town.ana.heard)
    await tick(town)
    assert len(town.ana.heard) == before, "No reminder of what does not take place."
    assert (await newest_event(town.store)).state == CANCELLED
    assert "Отменено: Авария" in await town.ana.opens(f"event_{event.id}")
    assert not any("Запишете" in choice for choice in town.ana.last.choices)


async def test_news_of_a_cancelled_event_do_not_wait_for_the_morning(town: Town, org: Citizen, hours: Hours) -> None:
    """Published in the evening, cancelled in the night: in the morning only the last is told."""
    await town.ana.opens("m_montana")
    await town.ana.says("/notices")
    await town.ana.presses("Следете: Община Монтана")
    await town.ben.opens()
    hours.now = sofia(2026, 11, 20, 22)
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await tick(town)
    async with town.store.writing() as db:
        events.cancel(db, event, await person_of(town.store, org), "Грешка")
    await tick(town)
    hours.now = sofia(2026, 11, 21, 8)
    before = len(town.ana.heard)
    await tick(town)
    assert len(town.ana.heard) == before


async def test_a_copy_has_everything_but_the_day(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), text_bg="Елате.", capacity=30)
    await org.says("/organize")
    await org.presses("Обучение за граждани")
    assert "Това е копие и е чернова." in await org.presses("Направете копие")
    await org.says("8.12 в 18")
    copy = await newest_event(town.store)
    assert copy.id != event.id
    assert (copy.text_bg, copy.capacity, copy.state) == ("Елате.", 30, DRAFT)
    assert copy.starts_at == sofia(2026, 12, 8, 18)


async def test_a_draft_is_discarded_after_a_question(town: Town, org: Citizen) -> None:
    await _draft(town, org)
    await org.presses("Изхвърлете черновата")
    assert "Още нищо не е планирано." in await org.presses("Да, изхвърлете")


async def test_a_draft_survives_a_question_in_between(town: Town, org: Citizen) -> None:
    await org.says("/organize")
    await org.presses("Ново събитие")
    await org.presses("Обществено обсъждане")
    await org.says("/menu")
    await org.says("/organize")
    preview = await org.presses("Обществено обсъждане")
    assert "още не е определено" in preview
    answer = await org.presses("Публикувайте", preview)
    assert "Липсват ден и час." in answer


async def test_whoever_goes_away_from_a_question_asks_questions_again(town: Town, org: Citizen) -> None:
    await _draft(town, org)
    await org.presses("Редактирайте")
    await org.presses("🇧🇬 Заглавие")
    await org.presses("Меню")
    await org.says("разрешение за строеж на къща")
    assert "Издаване на разрешение за строеж" in org.last
    assert (await newest_event(town.store)).title_bg == "Обучение за граждани"


async def test_a_discarded_draft_cannot_be_published_by_an_old_choice(town: Town, org: Citizen) -> None:
    await _draft(town, org)
    page = org.last
    await org.presses("Изхвърлете черновата")
    await org.presses("Да, изхвърлете")
    for label in ("Публикувайте", "Редактирайте", "Език: English"):
        assert "Този избор вече не е достъпен" in await org.presses(label, page)


async def test_a_link_and_a_code_for_the_poster(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await org.says("/organize")
    await org.presses("Обучение за граждани")
    shown = await org.presses("QR код и връзка")
    assert f"https://t.me/gishe_bot?start=event_{event.id}" in shown
    assert shown.letter.content["picture"]["value"] == f"event_{event.id}"
    assert "Обучение за граждани" in await town.ana.opens(f"event_{event.id}")


# --- Who may ---


async def test_an_organizer_of_another_municipality_is_told_whom_to_ask(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    page = await org.opens(f"event_{event.id}")
    other = await invited(town, "other", municipality="belene")
    assert not any("Управление" in choice for choice in (await other.opens(f"event_{event.id}")).choices)
    async with town.store.writing() as db:  # The choice of an older message, from the time of another role.
        row = await db.first(select(outgoing).where(outgoing.c.id == other.last.letter.id))
        assert row is not None
        choices = [
            [{"label": "Управление", "do": f"plan:{event.id}"}],
            [{"label": "X", "do": f"event-off-yes:{event.id}"}],
        ]
        db.change(outgoing, row.id, content=row.content | {"choices": choices})
    other.last.choices = ["Управление", "X"]
    shown = other.last
    for label in ("Управление", "X"):
        answer = await other.presses(label, shown)
        assert "Това могат само организаторите на Община Монтана." in answer
    assert page.choices
    assert (await newest_event(town.store)).is_open


async def test_nobody_else_plans_events(town: Town) -> None:
    answer = await town.ana.says("/organize")
    assert "Събитията се планират от организатори" in answer
    assert await town.ana.presses("Събития", answer)


@pytest.mark.parametrize("role", ["monitor", "staff"])
async def test_staff_keep_the_door_but_plan_nothing(town: Town, org: Citizen, role: str) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await _sits(town, event, "ana")
    ticket = next(m for m in town.ana.heard if "picture" in m.letter.content).letter.content["picture"]["value"]
    person = await invited(town, "somebody", role=role)
    door = await person.opens(ticket)
    assert ("✅ № 1" in door) == (role == "staff")
    assert "Събитията се планират от организатори" in await person.says("/organize")


async def test_an_organizer_of_two_municipalities_sees_both(town: Town, org: Citizen) -> None:
    await published(town, org, sofia(2026, 12, 1, 18))
    await published(town, org, sofia(2026, 12, 2, 18), municipality="belene", title_bg="В Белене")
    await published(town, org, sofia(2026, 12, 3, 18), municipality="ihtiman", title_bg="В Ихтиман")
    async with town.store.writing() as db:
        token = roles.invite(db, "organizer", "belene")
    await org.opens(token)
    shown = await org.says("/organize")
    assert [choice[-8:] for choice in shown.choices if "📢" in choice] == ["В Белене", "граждани"]
    await org.presses("Ново събитие")
    asked = await org.presses("Приемна")
    assert asked.choices[:2] == ["Монтана", "Белене"]


async def test_the_door_of_an_event_for_all_is_kept_by_the_staff_of_each(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), municipality=None)
    await _sits(town, event, "ana")
    ticket = next(m for m in town.ana.heard if "picture" in m.letter.content).letter.content["picture"]["value"]
    clerk = await invited(town, "clerk", role="staff", municipality="belene")
    assert "✅ № 1" in await clerk.opens(ticket)
    await org.opens(f"event_{event.id}")
    assert not any("Управление" in choice for choice in org.last.choices), "Only who works for all may change it."


# --- The door ---


async def test_at_the_door(town: Town, org: Citizen, hours: Hours) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), capacity=2)
    await _sits(town, event, "ana", "eva", "iva")
    await town.citizen("eva").opens(f"event_{event.id}")
    hours.now = sofia(2026, 12, 1, 17, 45)
    await org.opens(f"event_{event.id}")
    await org.presses("Управление")
    await org.presses("На входа")
    assert "само номера" in await org.says("Ана")
    assert "Няма билет с номер 9" in await org.says("9")
    assert "✅ № 1" in await org.says("1")
    assert "Върнато назад: № 1" in await org.presses("Върнете назад")
    assert "✅ № 1" in await org.says("№ 1")
    assert "в списъка на чакащите, без място" in await org.says("3")
    assert "✅ № 3" in await org.presses("Пуснете въпреки това")
    guests = await org.presses("Списък")
    assert "✅ № 1" in guests
    assert "⬜ № 2" in guests
    await org.presses("На входа", guests)
    assert "Община Монтана" in await org.presses("Край на пропуска")
    hours.now = sofia(2026, 12, 1, 20, 30)
    await tick(town)
    async with town.store.reading() as db:
        seen = await seats.attendance(db, event.id)
    assert (seen.going, seen.came, seen.absent) == (3, 2, 1)
    assert "Не дошли: 1 (33 %)" in org.last


@pytest.mark.parametrize("form", ["CSV", "XLSX"])
async def test_the_list_is_a_file_in_which_no_name_is_a_formula(town: Town, org: Citizen, form: str) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await town.ana.opens(f"event_{event.id}")
    await town.ana.presses("Запишете се")
    await town.ana.says("2")
    await town.ana.says('=HYPERLINK("http://x";"y")')
    await org.opens(f"event_{event.id}")
    await org.presses("Управление")
    await org.presses("Списък")
    sent = await org.presses(form)
    assert "Списъкът съдържа имена." in sent
    data = await town.store.shelf.read(sent.letter.content["files"][0]["digest"])
    assert data is not None
    if form == "CSV":
        assert data.decode("utf-8-sig").splitlines()[1].startswith("1,\"'=HYPERLINK")
        return
    import io

    from openpyxl import load_workbook

    cell = load_workbook(io.BytesIO(data)).active["B2"]
    assert (cell.data_type, cell.value) == ("s", '\'=HYPERLINK("http://x";"y")')


# --- Questions, minutes ---


async def test_questions_are_collected_and_answered_in_the_chat(town: Town, org: Citizen, hours: Hours) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), kind="round-table", takes_questions=True,
                            title_bg="Кръгла маса")  # fmt: skip
    await town.ben.opens(f"event_{event.id}")
    await town.ben.presses("Ask beforehand")
    assert "Your question is kept" in await town.ben.says("When will the register be public? My EGN is 7523169263.")
    hours.now = sofia(2026, 12, 1, 21, 30)
    await tick(town)
    await org.opens(f"event_{event.id}")
    await org.presses("Управление")
    listed = await org.presses("Въпроси (1)")
    assert "When will the register be public?" in listed
    assert "7523169263" not in listed
    await org.presses("💬 1", listed)
    assert "0 въпроса без отговор" in await org.says("From January.")
    assert "From January." not in town.ben.last, "It is evening: the answer waits."
    hours.now = sofia(2026, 12, 2, 8)
    await tick(town)
    answer = next(m for m in town.ben.heard if "Answer to your question" in m)
    assert "From January." in answer
    late = await town.ben.opens(f"event_{event.id}")
    assert not any("Ask beforehand" in choice for choice in late.choices)


async def test_minutes_and_pictures_go_to_those_who_came(town: Town, org: Citizen, hours: Hours) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 10))
    await _sits(town, event, "ana", "eva")
    hours.now = sofia(2026, 12, 1, 10, 5)
    await org.opens(f"event_{event.id}")
    await org.presses("Управление")
    await org.presses("На входа")
    await org.says("1")
    hours.now = sofia(2026, 12, 1, 13)
    await tick(town)
    await org.presses("Протокол и снимки")
    assert "Запазени са текстът и 0 файла." in await org.says("Решихме три неща.")
    kept = await org.sends(Media((File("photo", "ref", "zala.jpg", 1000),)))
    assert "1 файл" in kept
    assert "Файловете още се изтеглят" in await org.presses("Разпратете на дошлите")
    async with town.store.writing() as db:
        row = (await db.rows(select(media)))[0]
        db.change(media, row.id, state="kept", digest="a" * 64, mime="image/jpeg", size=9, shown_digest="b" * 64,
                  shown_size=8)  # fmt: skip
    assert "Изпраща се на 1 човек" in await org.presses("Разпратете на дошлите")
    await tick(town)
    assert "Решихме три неща." in town.ana.last
    assert town.ana.last.letter.content["files"][0]["digest"] == "b" * 64, "Never the original."
    assert "Решихме" not in town.citizen("eva").last


# --- On record ---


async def test_every_change_is_kept_with_what_was_before(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    person_id = await person_of(town.store, org)
    async with town.store.writing() as db:
        fresh = events.edit(db, event, place="Тук", starts_at=sofia(2026, 12, 2, 18))
        events.publish_changes(db, fresh, person_id)
    async with town.store.reading() as db:
        rows = await events.history(db, event.id)
        assert [row.what for row in rows] == ["planned", "published", "changed"]
        assert rows[-1].old["place"] == "Читалище „Разум“"
        assert rows[-1].new["place"] == "Тук"
        assert await db.value(select(event_news.c.what).order_by(event_news.c.id.desc()).limit(1)) == "changed"
        assert len(await db.rows(select(event_changes.c.id))) == 3


@pytest.mark.parametrize("state", ["cancelled", "held"])
async def test_what_is_over_stays_as_it_was(town: Town, org: Citizen, state: str) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    person_id = await person_of(town.store, org)
    async with town.store.writing() as db:
        over = events.cancel(db, event, person_id, "x") if state == "cancelled" else events.hold(db, event)
        for forbidden in (events.edit, events.publish, events.publish_changes):
            with pytest.raises(events.NotAllowed):
                forbidden(db, over, **({"place": "x"} if forbidden is events.edit else {"person_id": person_id}))
        with pytest.raises(events.NotAllowed):
            events.cancel(db, over, person_id, "y")
