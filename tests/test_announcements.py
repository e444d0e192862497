"""Announcements as dialogues: written, approved, sent, unsubscribed from, corrected, reported; on every database."""

import csv
import io
from datetime import datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import select

from bot.turns import tell
from handlers import announcements as desk
from handlers.words import File as SentFile
from handlers.words import Media, Option, Say, Text
from storage import announcements, audiences, events, follows, preferences
from storage.audiences import ORDINARY, Audience
from storage.database import Session
from storage.events import Event
from storage.models import announcement_history, conversations, openings, outgoing
from storage.preferences import IMPORTANT, Wishes
from tests.desk import eventually
from tests.square import NOON, Square
from tests.town import SOFIA, Citizen, Hours, Message

TEXT = "Утре *няма вода* по улица Иглика. Вижте [сайта](https://montana.bg)."


async def organizer(square: Square, name: str = "olga", language: str = "bg", role: str = "organizer") -> Citizen:
    person = await square.resident(name, language=language)
    await square.gives(person, role)
    return person


async def written(square: Square, author: Citizen, text: str = TEXT) -> Message:
    await author.says("/announce")
    await author.presses("Ново съобщение" if author.language == "bg" else "New announcement")
    return await author.says(text)


async def sent(square: Square, author: Citizen, text: str = TEXT) -> None:
    await written(square, author, text)
    await author.presses("📤")
    await author.presses("✅")
    await square.goes_on()


async def states(square: Square) -> list[str]:
    async with square.store.reading() as db:
        rows = await db.rows(select(outgoing.c.state).where(outgoing.c.lane >= 2).order_by(outgoing.c.id))
    return [row.state for row in rows]


# --- The whole way ---


async def test_from_the_first_word_to_the_report(square: Square) -> None:
    olga, boris = await organizer(square), await organizer(square, "boris")
    citizens = [await square.resident(f"c{number}", language="en" if number % 2 else "bg") for number in range(6)]
    elsewhere = await square.resident("dora", "belene")

    draft = await written(square, olga)
    assert "8 души: paper 8" in draft
    assert "Очаквана цена: 0,00 €" in draft
    assert "трябва да го одобри втори човек" in draft
    await olga.presses("Текст на английски")
    await olga.says("No water in *Iglika* street tomorrow.")

    await olga.presses("Преглед")
    shown = olga.heard[-3:]
    assert "Утре няма вода по улица Иглика." in shown[0]
    assert {"b": "няма вода"} in shown[0].letter.content["text"]
    assert {"a": "сайта", "url": "https://montana.bg"} in shown[0].letter.content["text"]
    assert "No water in Iglika street" in shown[1]

    await olga.presses("Проба до мен")
    tests = [message for message in olga.heard if "Проба, изпратена само до Вас" in message]
    assert len(tests) == 2
    assert not await states(square)

    await olga.presses("🙋 Поискайте одобрение")
    assert "1 колега беше помолен" in olga.last
    assert "Колега Ви моли да одобрите" in boris.last
    await boris.presses("Одобрете и изпратете")
    assert "Съобщението Ви беше одобрено." in olga.last

    square.valve.is_open = False
    await square.broadcaster.step()
    told = next(message for message in reversed(olga.heard) if "изпраща се" in message)
    assert "остават: 8" in told
    await eventually(lambda: states(square), lambda found: found == ["claimed"] * 8)

    leaver = citizens[3]
    await leaver.says("/announcements")
    await leaver.presses("No more announcements")
    assert "You will get no more announcements." in leaver.last
    before = len(leaver.heard)
    square.valve.is_open = True
    await square.goes_on()
    assert len(leaver.heard) == before
    assert "No water in Iglika street" in citizens[1].last
    assert "Утре няма вода" in citizens[0].last
    assert "вода" not in elsewhere.last

    report = next(message for message in reversed(olga.heard) if "изпратено" in message)
    assert "изпратени: 7" in report
    assert "отписали се междувременно: 1" in report

    await olga.presses("Поправете го", report)
    await olga.presses("Текст на български")
    await olga.says("Утре *няма вода* по улица Роза.")
    await olga.presses("🙋 Поискайте одобрение")
    await boris.presses("Одобрете и изпратете")
    await square.goes_on()
    corrected = citizens[0].last
    assert "Роза" in corrected
    assert "Поправено на" in corrected
    original = next(message for message in citizens[0].heard if "Иглика" in message)
    assert corrected.letter.replaces_id == original.letter.id


async def test_the_same_in_english(square: Square) -> None:
    olga = await organizer(square, language="en")
    ana = await square.resident("ana")
    draft = await written(square, olga, "Offices are *closed* on Friday.")
    assert "2 people: paper 2" in draft
    assert "Missing: Български. Those readers get the other text, marked as such." in draft
    asked = await olga.presses("📤 Send")
    assert "Send it now?" in asked
    await olga.presses("Yes, send it to 2 people")
    await square.goes_on()
    assert "Offices are closed on Friday." in ana.last
    assert "Този текст е само на английски." in ana.last
    report = olga.last
    assert "sent: 2" in report
    await olga.presses("Withdraw it", report)
    await olga.presses("📤 Send")
    await olga.presses("Yes, send it to 2 people")
    await square.goes_on()
    assert "Това съобщение беше оттеглено" in ana.last
    assert "closed" not in ana.last
    assert ana.last.letter.content["recalls"]


async def test_every_step_can_be_typed(square: Square) -> None:
    olga = await organizer(square)
    await square.resident("ana")
    await olga.says("/announce")
    await olga.says("ново съобщение")
    await olga.says(TEXT)
    await olga.says("изпратете")
    await olga.says("1")
    await square.goes_on()
    assert await states(square) == ["sent", "sent"]


# --- Approval ---


async def test_nobody_approves_their_own(square: Square) -> None:
    olga, boris = await organizer(square), await organizer(square, "boris")
    for number in range(4):
        await square.resident(f"c{number}")
    await written(square, olga)
    await olga.presses("🙋 Поискайте одобрение")
    asked = boris.last
    card = await olga.says("/announce")
    card = await olga.presses("чака одобрение", card)
    assert not any("Одобрете" in choice for choice in card.choices)
    await boris.presses("Върнете го", asked)
    await boris.says("Кажете и часа.")
    assert "върнато на автора" in boris.last
    assert "Кажете и часа." in olga.last
    again = await boris.presses("Одобрете и изпратете", asked)
    assert "чернова" in again
    assert not await states(square)


async def test_without_a_second_person_it_stays_a_draft(square: Square) -> None:
    olga = await organizer(square)
    for number in range(4):
        await square.resident(f"c{number}")
    await written(square, olga)
    assert "Няма друг, който може да го одобри" in await olga.presses("🙋 Поискайте одобрение")


async def test_what_is_changed_has_to_be_approved_again(square: Square) -> None:
    olga, boris = await organizer(square), await organizer(square, "boris")
    for number in range(4):
        await square.resident(f"c{number}")
    await written(square, olga)
    card = await olga.presses("🙋 Поискайте одобрение")
    asked = boris.last
    await olga.presses("Все пак го променете", card)
    await olga.presses("Текст на български")
    await olga.says("Нещо съвсем друго")
    assert "чернова" in await boris.presses("Одобрете и изпратете", asked)
    assert not await states(square)


# --- When ---


async def test_scheduled_for_an_hour_it_goes_out_at_that_hour(square: Square, hours: Hours) -> None:
    olga, ana = await organizer(square), await square.resident("ana")
    await written(square, olga)
    await olga.presses("Кога")
    assert "в 16:30 ч." in await olga.says("днес в 16:30")
    await olga.presses("📤")
    assert "Съобщението" in await olga.presses("✅") or "насрочено" in olga.last
    await square.goes_on()
    assert not await states(square)
    hours.now = datetime(2026, 11, 25, 16, 30, tzinfo=SOFIA)
    await square.goes_on()
    assert "Утре няма вода" in ana.last


async def test_time_that_cannot_be_understood_or_has_passed(square: Square) -> None:
    olga = await organizer(square)
    await written(square, olga)
    await olga.presses("Кога")
    assert "Не разбрах времето" in await olga.says("когато цъфнат налъмите")
    assert "Това време мина" in await olga.says("днес в 9:15")


async def test_quiet_hours_wait_for_the_morning_but_an_emergency_does_not(square: Square, hours: Hours) -> None:
    hours.now = datetime(2026, 11, 25, 22, 30, tzinfo=SOFIA)
    olga, ana = await organizer(square), await square.resident("ana")
    assert "тихи часове" in await written(square, olga)
    await olga.presses("📤")
    await olga.presses("✅")
    await square.goes_on()
    assert "вода" not in ana.last
    assert "чакат края на тихите часове: 2" in next(m for m in reversed(olga.heard) if "изпраща се" in m)

    mayor = await organizer(square, "maria", role="emergency")
    await mayor.says("/announce")
    await mayor.presses("Ново спешно съобщение")
    await mayor.says("Реката излиза от коритото. Качете се на горните етажи.")
    await mayor.presses("📤")
    await mayor.presses("✅")
    await square.goes_on()
    assert "🚨 Спешно съобщение" in ana.last
    async with square.store.reading() as db:
        lanes = {row.lane for row in await db.rows(select(outgoing.c.lane).where(outgoing.c.lane >= 2))}
    assert lanes == {2, 3}

    hours.now = datetime(2026, 11, 26, 8, 0, tzinfo=SOFIA)
    await square.goes_on()
    assert "Утре няма вода" in ana.last


# --- Rights ---


async def test_other_people_have_no_such_command(square: Square) -> None:
    ana = await square.resident("ana")
    assert "Не познавам тази команда" in await ana.says("/announce")


async def test_an_organizer_does_not_send_emergencies(square: Square) -> None:
    olga = await organizer(square)
    shown = await olga.says("/announce")
    assert not any("спешно" in choice for choice in shown.choices)


async def test_an_emergency_right_sends_nothing_else(square: Square) -> None:
    mayor = await organizer(square, "maria", role="emergency")
    shown = await mayor.says("/announce")
    assert [choice for choice in shown.choices if "Ново" in choice] == ["🚨 Ново спешно съобщение"]


async def test_organizers_of_another_municipality_neither_see_nor_touch_it(square: Square) -> None:
    olga = await organizer(square)
    card = await written(square, olga)
    vera = await square.resident("vera", "belene")
    await square.gives(vera, "organizer", "belene")
    shown = await vera.says("/announce")
    assert "Още няма съобщения" in shown
    number = card.letter.content["choices"][0][0]["do"].split(":")[2]
    async with square.store.writing() as db:  # Even if somebody had the choice by some mistake of ours.
        (place,) = await db.rows(select(outgoing.c.conversation_id).order_by(outgoing.c.id.desc()).limit(1))
        stolen = Say(text="x", choices=[[Option("Изпратете", f"announce:yes:{number}")]])
        square.post(await tell(db, place.conversation_id, stolen))
    assert "на друга община" in await vera.says("1")


async def test_for_all_municipalities_one_is_chosen(square: Square) -> None:
    olga = await square.resident("olga")
    await square.gives(olga, "organizer", None)
    await square.resident("dora", "belene")
    await olga.says("/announce")
    asked = await olga.presses("Ново съобщение")
    assert "От чие име пишете?" in asked
    await olga.presses("Община Белене", asked)
    assert "1 човек: paper 1" in await olga.says(TEXT)
    await olga.says("/announce")
    await olga.presses("Ново съобщение")
    await olga.presses("Четирите общини")
    assert "2 души: paper 2" in await olga.says(TEXT)


# --- Bad input ---


async def test_an_audience_of_nobody(square: Square) -> None:
    olga = await organizer(square)
    await written(square, olga)
    await olga.presses("Получатели")
    await olga.presses("Роля")
    page = await olga.presses("външни наблюдатели")
    assert "0 души" in page
    await olga.presses("Назад")
    await olga.presses("Назад")
    assert "Няма получатели с тези условия" in await olga.presses("📤")


async def test_text_that_is_too_long_or_empty(square: Square) -> None:
    olga = await organizer(square)
    await olga.says("/announce")
    await olga.presses("Ново съобщение")
    assert "Този текст има 4 000 знака; в едно съобщение се побират най-много 3 000" in (
        await olga.says("а" * 4000)
    ).text.replace("\xa0", " ")
    assert "Моля, напишете текста с думи." in await olga.sends(Text("  "))
    assert "чернова" in await olga.says("Кратко")


async def test_picture_of_30_mb_and_other_files(square: Square) -> None:
    olga = await organizer(square)
    await written(square, olga)
    await olga.presses("Снимка или файл")
    large = SentFile("photo", "ref", "poster.jpg", 30 << 20, "image/jpeg")
    assert "Тази снимка е 30 MB; до всички стигат най-много 10 MB" in await olga.sends(Media((large,)))
    two = (SentFile("photo", "a"), SentFile("photo", "b"))
    assert "само един файл" in await olga.sends(Media(two))
    assert "изпратете снимка или файл" in await olga.says("не искам")
    assert "изтегля се" in await olga.sends(Media((SentFile("photo", "ref", "poster.jpg", 1 << 20),)))
    await olga.presses("📤")
    assert "Файлът още се изтегля" in olga.last


async def test_markup_of_others_is_only_text(square: Square) -> None:
    olga, ana = await organizer(square), await square.resident("ana")
    await sent(square, olga, "<b>Здравейте</b> & *край* [лошо](javascript:alert) 2*3*4 snake_case_name")
    content = ana.last.letter.content["text"]
    assert content[2:] == [
        "<b>Здравейте</b> & ", {"b": "край"}, " [лошо](javascript:alert) 2*3*4 snake_case_name",
    ]  # fmt: skip


# --- Choices ---


async def test_choices_lead_to_a_card_and_to_a_report(square: Square) -> None:
    olga, ana = await organizer(square), await square.resident("ana")
    await written(square, olga)
    await olga.presses("Бутони под него")
    await olga.says("разрешение за строеж на къща")
    await olga.presses("📄 Издаване на разрешение за строеж")
    await olga.presses("Бутони под него")
    await olga.says("дупка на пътя")
    await olga.presses("Сигнал: Дупка")
    await olga.presses("📤")
    await olga.presses("✅")
    await square.goes_on()
    assert len(ana.last.choices) == 3
    assert "Издаване на разрешение за строеж" in await ana.says("1")


async def test_a_choice_leads_into_sign_up_and_who_takes_part_is_an_audience(square: Square) -> None:
    olga, ana = await organizer(square), await square.resident("ana")
    await square.resident("ben")
    async with square.store.writing() as db:
        (made_by,) = await db.rows(select(conversations.c.person_id).where(conversations.c.external == "olga"))
        start = square.hours.now + timedelta(days=3)
        number = events.plan(
            db,
            made_by.person_id,
            municipality="montana",
            kind="open-day",
            title_bg="Отворени врати",
            starts_at=start,
            ends_at=start + timedelta(hours=2),
            place="Общината",
            takes_names=True,
        )
        events.publish(db, await _event(db, number), made_by.person_id)
    await written(square, olga, "Заповядайте!")
    await olga.presses("Бутони под него")
    await olga.presses("✍️")
    await olga.presses("📤")
    await olga.presses("✅")
    await square.goes_on()
    signed = await ana.presses("Отворени врати")
    assert "Отворени врати" in signed
    async with square.store.writing() as db:
        (place,) = await db.rows(select(conversations).where(conversations.c.external == "ana"))
        await follows.follow(db, place.person_id, "event", str(number))
    await written(square, olga, "Не забравяйте!")
    await olga.presses("Получатели")
    await olga.presses("Участници в събитие")
    assert "1 човек" in await olga.presses("Отворени врати")


async def _event(db: Session, number: int) -> Event:
    found = await events.event(db, number)
    assert found
    return found


# --- While it goes out ---


async def test_pause_resume_and_stop(square: Square) -> None:
    olga = await organizer(square)
    citizens = [await square.resident(f"c{number}") for number in range(3)]
    await written(square, olga)
    await olga.presses("📤")
    square.valve.is_open = False
    await olga.presses("✅")
    await square.broadcaster.step()
    await eventually(lambda: states(square), lambda found: found == ["claimed"] * 4)
    paused = await olga.presses("⏸ Пауза")
    assert "на пауза" in paused
    square.valve.is_open = True
    await square.goes_on()
    assert await states(square) == ["due"] * 4
    assert not any("вода" in citizen.last for citizen in citizens)
    await olga.presses("▶️ Продължете", paused)
    await square.goes_on()
    assert all("вода" in citizen.last for citizen in citizens)


async def test_stopped_nothing_more_goes_out(square: Square, hours: Hours) -> None:
    hours.now = datetime(2026, 11, 25, 22, 30, tzinfo=SOFIA)
    olga, ana = await organizer(square), await square.resident("ana")
    await written(square, olga)
    await olga.presses("📤")
    await olga.presses("✅")
    await square.goes_on()
    progress = next(m for m in reversed(olga.heard) if "изпраща се" in m)
    await olga.presses("✋ Спрете", progress)
    report = await olga.presses("Да, спрете го")
    assert "спрени преди изпращане: 2" in report
    hours.now = NOON + timedelta(days=1)
    await square.goes_on()
    assert "вода" not in ana.last


async def test_who_blocked_us_is_unreachable_and_no_error(square: Square) -> None:
    olga = await organizer(square)
    await square.resident("ana")
    square.blocked.add("ana")
    await sent(square, olga)
    assert "блокирали ни или напуснали: 1" in olga.last
    assert "неуспешни: 0" in olga.last
    assert "1 човек: paper 1" in await written(square, olga)


async def test_what_was_sent_to_nobody_twice_survives_a_second_broadcaster(square: Square) -> None:
    olga = await organizer(square)
    for number in range(3):
        await square.resident(f"c{number}")
    await written(square, olga)
    await olga.presses("📤")
    await olga.presses("✅")
    async with square.store.reading() as db:
        (one,) = await announcements.active(db)
        (same,) = await announcements.active(db)
    assert await square.broadcaster._resolve(one) == 3
    assert await square.broadcaster._resolve(same) is None
    await square.goes_on()
    assert await states(square) == ["sent"] * 4


async def test_large_town_is_counted_beside_the_turn(square: Square, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "WINDOWS", 0)
    olga = await organizer(square)
    await square.resident("ana")
    assert "Получателите се преброяват" in await written(square, olga)
    assert "още се преброяват" in await olga.presses("📤")
    await square.broadcaster.step()
    assert "Получателите са преброени: 2 души: paper 2" in olga.last
    assert "2 души" in await olga.presses("Покажете го")


# --- Afterwards ---


async def test_results_as_files_that_run_nothing(square: Square) -> None:
    olga = await organizer(square)
    await square.resident("ana")
    await sent(square, olga)
    report = olga.last
    for form in ("CSV", "XLSX"):
        await olga.presses(f"Резултати като {form}", report)
        await square.broadcaster.step()
        (file,) = olga.last.letter.content["files"]
        content = await square.store.shelf.read(file["digest"])
        assert content
        if form == "CSV":
            rows = list(csv.DictReader(io.StringIO(content.decode())))
            assert [(row["channel"], row["outcome"]) for row in rows] == [("paper", "sent")] * 2
        else:
            sheet = openpyxl.load_workbook(io.BytesIO(content)).active
            assert sheet
            assert sheet.max_row == 3


async def test_history_and_journal_tell_who_did_what(square: Square) -> None:
    mayor = await organizer(square, "maria", role="emergency")
    await mayor.says("/announce")
    await mayor.presses("Ново спешно съобщение")
    await mayor.says("Наводнение")
    await mayor.presses("📤")
    await mayor.presses("✅")
    await square.goes_on()
    async with square.store.reading() as db:
        rows = await db.rows(select(announcement_history.c.what).order_by(announcement_history.c.id))
        kinds = await db.rows(select(openings.c.kind))
    assert [row.what for row in rows] == ["written", "started", "done"]
    assert "announcement" in {row.kind for row in kinds}


# --- Who is meant ---


async def test_audiences_hold_together(square: Square) -> None:
    ana, ben = await square.resident("ana"), await square.resident("ben", language="en")
    await square.resident("carl", "belene")
    await square.gives(ben, "monitor")
    async with square.store.writing() as db:
        people_ids = {row.external: row.person_id for row in await db.rows(select(conversations))}
        await follows.follow(db, people_ids["carl"], "municipality", "montana")
        await follows.follow(db, people_ids["ana"], "kind", "open-day")
        await preferences.keep(db, people_ids["ben"], Wishes(hears=IMPORTANT))

    async def names(audience: Audience, scope: str = ORDINARY) -> set[str]:
        async with square.store.reading() as db:
            found, _upto = await audiences.window(db, audience, scope, 0, 100)
        return {row.external for row in found}

    assert await names(Audience(("montana",))) == {"ana", "carl"}
    assert await names(Audience(("montana",)), "emergency") == {"ana", "ben", "carl"}
    assert await names(Audience(), "emergency") == {"ana", "ben", "carl"}
    assert await names(Audience(("montana",), kinds=("open-day",))) == {"ana"}
    assert await names(Audience(("montana",), roles=("monitor",)), "emergency") == {"ben"}
    assert await names(Audience(languages=("en",)), "emergency") == {"ben"}
    assert await names(Audience(channels=("viber",))) == set()
    assert await names(Audience(active_days=30)) == {"ana", "carl"}
    square.hours.now += timedelta(days=31)
    assert await names(Audience(active_days=30)) == set()
    await ana.says("/help")
    assert await names(Audience(active_days=30)) == {"ana"}


async def test_somebody_with_two_addresses_hears_it_once_where_they_were_last(square: Square) -> None:
    ana = await square.resident("ana")
    other = await square.resident("ana-at-home")
    async with square.store.writing() as db:
        places = {row.external: row for row in await db.rows(select(conversations))}
        db.change(conversations, places["ana-at-home"].id, person_id=places["ana"].person_id)
    await ana.says("/help")
    async with square.store.reading() as db:
        found, _upto = await audiences.window(db, Audience(("montana",)), ORDINARY, 0, 100)
    assert [row.external for row in found] == ["ana"]
    await other.says("/help")
    async with square.store.reading() as db:
        found, _upto = await audiences.window(db, Audience(("montana",)), ORDINARY, 0, 100)
    assert [row.external for row in found] == ["ana-at-home"]


async def test_unsubscribed_in_one_tap_and_back_again(square: Square) -> None:
    olga, ana = await organizer(square), await square.resident("ana")
    await sent(square, olga)
    gone = await ana.presses("🔕 Без повече съобщения")
    assert "Няма да получавате повече съобщения." in gone
    assert "Спешните съобщения продължават" in gone
    await sent(square, olga, "Друго")
    assert "Друго" not in ana.last
    await ana.presses("Отново съобщения")
    await sent(square, olga, "Трето")
    assert "Трето" in ana.last
