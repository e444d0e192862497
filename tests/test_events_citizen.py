"""The citizen's side: lists, the month, places for others, the waiting list, reminders, what wrong input is told."""

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from storage import event_reminders, events, reminders, seats
from storage.event_kinds import kinds
from storage.models import reminders as reminder_table
from storage.models import seats as seat_table
from storage.preferences import Wishes
from tests.planning import invited, person_of, published, sofia, tick
from tests.test_filing import files
from tests.town import SOFIA, Citizen, Hours, Town


@pytest.fixture
async def town(sqlite_dated_town: Town) -> Town:
    return sqlite_dated_town


@pytest.fixture
async def org(town: Town) -> Citizen:
    return await invited(town, "org")


async def _signs_up(person: Citizen, number: int, many: int = 1) -> None:
    await person.opens(f"event_{number}")
    await person.presses("Запишете се" if person.language == "bg" else "Sign up")
    await person.says(str(many))
    await person.presses("Без име" if person.language == "bg" else "Without a name")


# --- Finding ---


async def test_nothing_is_planned_yet(town: Town) -> None:
    await town.ana.opens("m_montana")
    shown = await town.ana.says("събития")
    assert "В момента няма планирани събития" in shown
    assert "Вече следите: Община Монтана" in await town.ana.presses("Следете", shown)


async def test_events_by_municipality_and_kind(town: Town, org: Citizen) -> None:
    await published(town, org, sofia(2026, 12, 1, 18))
    await published(
        town, org, sofia(2026, 12, 3, 18), municipality="belene", kind="round-table", title_bg="Маса в Белене"
    )
    await published(
        town, org, sofia(2026, 12, 2, 18), municipality=None, kind="closing-conference", title_bg="За всички"
    )
    await town.ana.opens("m_montana")
    shown = await town.ana.presses("Събития")
    assert [choice for choice in shown.choices if "12 18:00" in choice] == [
        "01.12 18:00 📱 Обучение за граждани", "02.12 18:00 🏁 За всички"]  # fmt: skip
    shown = await town.ana.presses("Четирите общини", shown)
    assert sum("12 18:00" in choice for choice in shown.choices) == 3
    await town.ana.presses("Вид", shown)
    shown = await town.ana.presses("Кръгла маса")
    assert [choice for choice in shown.choices if "12 18:00" in choice] == ["03.12 18:00 💬 Маса в Белене"]
    card = await town.ana.presses("Маса в Белене", shown)
    assert "Община Белене" in card


async def test_the_month_shows_its_days_and_turns_its_leaves(town: Town, org: Citizen) -> None:
    await published(town, org, sofia(2026, 12, 1, 18))
    await published(town, org, sofia(2026, 12, 1, 20), title_bg="Вечерно")
    await published(town, org, sofia(2026, 11, 30, 23, 30), sofia(2026, 12, 1, 1), title_bg="Около полунощ")
    await town.ana.opens("m_montana")
    await town.ana.presses("Събития")
    leaf = await town.ana.presses("Месец")
    assert "Ноември 2026" in leaf
    assert "[30]" in leaf
    assert "[1]" not in leaf
    leaf = await town.ana.presses("Декември 2026", leaf)
    assert "[1]" in leaf
    day = await town.ana.presses("01.12 (2)", leaf)
    assert "вторник, 1 декември 2026 г." in day
    assert len([choice for choice in day.choices if "01.12" in choice]) == 2
    again = await town.ana.presses("Месец", day)
    assert "През този месец няма събития" in await town.ana.presses("Януари 2027", again)


async def test_every_kind_has_a_name_a_title_and_a_sample_in_both_languages(town: Town, org: Citizen) -> None:
    for kind in kinds().values():
        event = await published(town, org, sofia(2026, 12, 1, 18), kind=kind.id, title_bg=None)
        for person in (town.ana, town.ben):
            card = await person.opens(f"event_{event.id}")
            assert kind.brief(person.language) in card
            assert "{" not in card.text
        assert kind.title("bg", "Монтана").startswith("Монтана: ")
        assert not kind.title("en", "").startswith(":")


@pytest.mark.parametrize("payload", ["event_", "event_7", "event_x", "event_" + "9" * 40, "event_-1"])
async def test_a_link_to_no_event_is_answered_with_the_list(town: Town, payload: str) -> None:
    assert "Не намирам това събитие" in await town.ana.opens(payload)
    assert await town.ana.presses("Събития")


async def test_a_draft_is_nobodys_business(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), draft=True)
    assert "Не намирам това събитие" in await town.ana.opens(f"event_{event.id}")


@pytest.mark.parametrize("payload", ["ticket_", "ticket_x", "ticket_" + "0" * 24])
async def test_a_forged_ticket_opens_the_greeting(town: Town, payload: str) -> None:
    assert "общинското гише" in await town.ana.opens(payload)


async def test_a_ticket_of_somebody_else_shows_the_event_and_nothing_of_them(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await town.ana.opens(f"event_{event.id}")
    await town.ana.presses("Запишете се")
    await town.ana.presses("2")
    await town.ana.says("Ана Иванова")
    ticket = town.ana.last.letter.content["picture"]["value"]
    seen = await town.ben.opens(ticket)
    assert "Ана" not in seen
    assert "Вашият номер е 1, за 2 места" in await town.ana.opens(ticket)


# --- Places ---


@pytest.mark.parametrize("said", ["0", "11", "много", "2.5"])
async def test_a_number_of_people_that_cannot_be(town: Town, org: Citizen, said: str) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await town.ana.opens(f"event_{event.id}")
    await town.ana.presses("Запишете се")
    assert "напишете число от 1 до 10" in await town.ana.says(said)
    assert "На чие име?" in await town.ana.says("2")


async def test_more_people_than_places_there_are(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), capacity=3)
    await town.ana.opens(f"event_{event.id}")
    await town.ana.presses("Запишете се")
    assert "Местата са общо 3" in await town.ana.says("4")


async def test_a_number_typed_for_people_is_not_the_number_of_a_choice(town: Town, org: Citizen) -> None:
    """Seven is the menu among the choices, and seven people here."""
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await town.ana.opens(f"event_{event.id}")
    await town.ana.presses("Запишете се")
    await town.ana.says("7")
    await town.ana.presses("Без име")
    assert "за 7 места" in town.ana.last


async def test_signing_up_twice_takes_one_place(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await town.ana.opens(f"event_{event.id}")
    first = await town.ana.presses("Запишете се")
    await town.ana.says("2")
    await town.ana.presses("Без име")
    await town.ana.presses("3", first)
    assert "Вече сте записани." in await town.ana.presses("Без име")
    async with town.store.reading() as db:
        assert await seats.taken(db, event.id) == 2


async def test_some_places_can_be_given_back(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), capacity=3)
    await _signs_up(town.ana, event.id, 3)
    await _signs_up(town.ben, event.id)
    await town.ana.presses("Не мога да дойда")
    changed = await town.ana.presses("Само 2 места")
    assert "за 2 места" in changed
    assert "A place is free for you (1 place)" in town.ben.last


async def test_a_family_waits_and_one_person_goes_in_between(town: Town, org: Citizen) -> None:
    """Who needs more places than are free is passed over, and keeps the first place in the list."""
    event = await published(town, org, sofia(2026, 12, 1, 18), capacity=3)
    await _signs_up(town.ana, event.id, 2)
    await _signs_up(town.citizen("fam"), event.id, 3)
    await _signs_up(town.citizen("eva"), event.id, 1)
    assert "списъка на чакащите" in town.citizen("eva").last, "Nobody overtakes by signing up late."
    await town.ana.opens(f"event_{event.id}")
    await town.ana.presses("Не мога да дойда")
    await town.ana.presses("Само 1 място")
    assert "Освободи се място" in town.citizen("eva").last


async def test_an_offer_that_nobody_takes_up_goes_to_the_next(town: Town, org: Citizen, hours: Hours) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), capacity=1)
    eva, iva = town.citizen("eva"), town.citizen("iva")
    for person in (town.ana, eva, iva):
        await _signs_up(person, event.id)
    await town.ana.opens(f"event_{event.id}")
    await town.ana.presses("Не мога да дойда")
    await town.ana.presses("Да, върнете")
    offer = eva.last
    assert "Освободи се място за Вас" in offer
    hours.now += timedelta(hours=24)
    await tick(town)
    assert "не беше потвърдено навреме" in eva.last
    assert "Освободи се място за Вас" in iva.last
    assert "вече не се пази за Вас" in await eva.presses("Потвърждавам", offer)
    assert "Записани сте" in await iva.presses("Потвърждавам")


async def test_a_place_that_becomes_free_in_the_night_is_told_in_the_morning(
    town: Town, org: Citizen, hours: Hours
) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), capacity=1)
    for person in (town.ana, town.citizen("eva")):
        await _signs_up(person, event.id)
    hours.now = sofia(2026, 11, 25, 3)
    await town.ana.opens(f"event_{event.id}")
    await town.ana.presses("Не мога да дойда")
    await town.ana.presses("Да, върнете")
    eva = town.citizen("eva")
    assert "Освободи се място" not in eva.last
    hours.now = sofia(2026, 11, 25, 8)
    await tick(town)
    assert "Потвърдете го до: четвъртък, 26 ноември 2026 г., 08:00 ч." in eva.last
    assert "Записани сте" in await eva.presses("Потвърждавам")


async def test_in_the_night_before_a_morning_event_a_place_is_told_at_once(
    town: Town, org: Citizen, hours: Hours
) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 9), capacity=1)
    for person in (town.ana, town.citizen("eva")):
        await _signs_up(person, event.id)
    hours.now = sofia(2026, 11, 30, 22)
    await town.ana.opens(f"event_{event.id}")
    await town.ana.presses("Не мога да дойда")
    await town.ana.presses("Да, върнете")
    assert "Потвърдете го до: вторник, 1 декември 2026 г., 07:00 ч." in town.citizen("eva").last


async def test_near_the_event_there_is_less_time_to_confirm(town: Town, org: Citizen, hours: Hours) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), capacity=1)
    for person in (town.ana, town.citizen("eva")):
        await _signs_up(person, event.id)
    for now, until in (
        (sofia(2026, 12, 1, 9), sofia(2026, 12, 1, 16)),
        (sofia(2026, 12, 1, 17), sofia(2026, 12, 1, 17, 30)),
    ):
        assert seats.time_to_confirm(event, now) == until
    assert seats.time_to_confirm(event, sofia(2026, 11, 20, 10)) == sofia(2026, 11, 21, 10)


async def test_last_place_is_given_once_to_those_who_come_together(town: Town, org: Citizen) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), capacity=5)
    crowd = [town.citizen(f"p{number}") for number in range(12)]
    for person in crowd:
        await _signs_up(person, event.id)
    async with town.store.reading() as db:
        assert await seats.taken(db, event.id) == 5
        waiting = await seats.of_event(db, event.id, ["waiting"])
        numbers = await db.rows(select(seat_table.c.number).order_by(seat_table.c.number))
    assert len(waiting) == 7
    assert [row.number for row in numbers] == list(range(1, 13))


async def test_what_is_over_cannot_be_joined(town: Town, org: Citizen, hours: Hours) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), sofia(2026, 12, 1, 20))
    await town.ana.opens(f"event_{event.id}")
    first = await town.ana.presses("Запишете се")
    hours.now = sofia(2026, 12, 1, 20, 1)
    assert "Късно е за това" in await town.ana.presses("1", first)


async def test_open_events_take_no_names_but_remind(town: Town, org: Citizen, hours: Hours) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18), takes_names=False, kind="open-day")
    card = await town.ana.opens(f"event_{event.id}")
    assert "Не е нужно записване" in card
    assert not any("Запишете" in choice for choice in card.choices)
    await town.ana.presses("Напомняне")
    chosen = await town.ana.presses("вечерта преди това")
    assert "вечерта преди това" in chosen
    hours.now = sofia(2026, 11, 30, 18)
    await tick(town)
    assert "Напомняне" in town.ana.last
    assert "Читалище „Разум“" in town.ana.last


async def test_my_events(town: Town, org: Citizen, hours: Hours) -> None:
    await town.ana.says("/events")
    assert "Не сте записани" in await town.ana.presses("Моите събития")
    event = await published(town, org, sofia(2026, 12, 1, 18), capacity=1)
    await _signs_up(town.ana, event.id)
    await _signs_up(town.ben, event.id)
    await town.ana.says("/events")
    mine = await town.ana.presses("Моите събития")
    assert mine.choices[0].startswith("✅ 01.12 18:00")
    await town.ben.says("/events")
    assert (await town.ben.presses("My events")).choices[0].startswith("⏳")


# --- Reminders: which hours ---

ALWAYS = Wishes(quiet_from=time(0), quiet_to=time(0))


@pytest.mark.parametrize(
    ("leads", "starts", "wishes", "told"),
    [
        (("day", "two-hours"), sofia(2026, 12, 1, 18), Wishes(), [sofia(2026, 11, 30, 18), sofia(2026, 12, 1, 16)]),
        (("evening", "hour"), sofia(2026, 12, 1, 18), Wishes(), [sofia(2026, 11, 30, 18), sofia(2026, 12, 1, 17)]),
        ((), sofia(2026, 12, 1, 18), Wishes(), []),
        # The clocks change between reminder and event: one day before is the same hour on the wall.
        (("day", "two-hours"), sofia(2027, 3, 28, 10), Wishes(), [sofia(2027, 3, 27, 10), sofia(2027, 3, 28, 8)]),
        (("day", "two-hours"), sofia(2027, 10, 31, 10), Wishes(), [sofia(2027, 10, 30, 10), sofia(2027, 10, 31, 8)]),
        (("two-hours",), sofia(2027, 3, 28, 4, 30), ALWAYS,
         [sofia(2027, 3, 28, 1, 30)]),  # Two real hours, three on the wall.
        (("day",), sofia(2027, 3, 29, 3, 30), ALWAYS,
         [sofia(2027, 3, 28, 4, 0)]),  # Half past three is left out the day before.
        (("day",), sofia(2028, 3, 1, 10), Wishes(), [sofia(2028, 2, 29, 10)]),
        (("day",), sofia(2027, 1, 1, 0, 30), Wishes(), [sofia(2026, 12, 31, 8)]),
        # In quiet hours: at their end where that is early enough, else before they begin.
        (("two-hours",), sofia(2026, 12, 1, 9, 30), Wishes(), [sofia(2026, 12, 1, 8)]),
        (("two-hours",), sofia(2026, 12, 1, 8, 15), Wishes(), [sofia(2026, 11, 30, 20)]),
        (("two-hours", "hour"), sofia(2026, 12, 1, 8, 15), Wishes(), [sofia(2026, 11, 30, 20)]),  # Not twice.
        (("two-hours",), sofia(2026, 11, 20, 11), Wishes(), []),  # That hour is past.
    ],
)  # fmt: skip
def test_the_hours_of_reminders(leads: tuple[str, ...], starts: datetime, wishes: Wishes, told: list[datetime]) -> None:
    planned = event_reminders.hours(leads, starts, wishes, SOFIA, sofia(2026, 11, 20, 10))
    assert sorted(planned.values()) == told


async def test_process_that_was_down_for_three_hours(town: Town, org: Citizen, hours: Hours) -> None:
    """The reminder of the day before is told late; the one of two hours before, after the beginning, is dropped."""
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await _signs_up(town.ana, event.id)
    hours.now = sofia(2026, 11, 30, 21 - 1)
    await tick(town)
    assert sum("Напомняне\n" in m for m in town.ana.heard) == 1
    hours.now = sofia(2026, 12, 1, 19)
    before = len(town.ana.heard)
    await tick(town)
    assert len(town.ana.heard) == before
    async with town.store.reading() as db:
        outcomes = [
            row.outcome for row in await db.rows(select(reminder_table.c.outcome).order_by(reminder_table.c.due_at))
        ]
    assert outcomes == ["sent", "dropped"]


async def test_two_reminders_that_are_due_together_are_told_as_one(town: Town, org: Citizen, hours: Hours) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await _signs_up(town.ana, event.id)
    hours.now = sofia(2026, 12, 1, 16, 30)
    await tick(town)
    assert sum("Напомняне\n" in m for m in town.ana.heard) == 1
    async with town.store.reading() as db:
        outcomes = [
            row.outcome for row in await db.rows(select(reminder_table.c.outcome).order_by(reminder_table.c.due_at))
        ]
    assert outcomes == ["sent", "void"]


async def test_clock_that_jumps_an_hour_tells_once(town: Town, org: Citizen, hours: Hours) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await _signs_up(town.ana, event.id)
    for now in (
        sofia(2026, 11, 30, 17, 30),
        sofia(2026, 11, 30, 18, 30),
        sofia(2026, 11, 30, 17, 30),
        sofia(2026, 11, 30, 18, 30),
    ):
        hours.now = now
        await tick(town)
    assert sum("Напомняне\n" in m for m in town.ana.heard) == 1


async def test_two_processes_remind_once(town: Town, org: Citizen, hours: Hours) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await _signs_up(town.ana, event.id)
    hours.now = sofia(2026, 11, 30, 18)
    async with town.store.writing() as db:
        assert len(await reminders.take_due(db)) == 1
        assert len(await reminders.take_due(db)) == 0


async def test_a_reminder_for_an_hour_that_moved_is_void_even_before_its_news_are_told(
    town: Town, org: Citizen, hours: Hours
) -> None:
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await _signs_up(town.ana, event.id)
    person_id = await person_of(town.store, org)
    hours.now = sofia(2026, 11, 30, 18)
    async with town.store.writing() as db:
        fresh = events.edit(db, event, starts_at=sofia(2026, 12, 2, 18))
        events.publish_changes(db, fresh, person_id)
    from bot import reminding
    from tests.planning import LINKS, TRANSLATORS

    assert await reminding.remind(town.store, town.library.current, TRANSLATORS, LINKS) == []
    async with town.store.reading() as db:
        assert "void" in [row.outcome for row in await db.rows(select(reminder_table.c.outcome))]
    await tick(town)
    hours.now = sofia(2026, 12, 1, 18)
    await tick(town)
    assert "сряда, 2 декември 2026 г., 18:00 ч." in town.ana.last


async def test_who_hears_only_what_is_important_hears_no_news_but_changes(town: Town, org: Citizen) -> None:
    await town.ana.opens("m_montana")
    await town.ana.says("/notices")
    await town.ana.presses("Следете: Община Монтана")
    await town.ana.presses("Само важното")
    event = await published(town, org, sofia(2026, 12, 1, 18))
    before = len(town.ana.heard)
    await tick(town)
    assert len(town.ana.heard) == before
    await _signs_up(town.ana, event.id)
    async with town.store.writing() as db:
        fresh = events.edit(db, event, place="Друга зала")
        events.publish_changes(db, fresh, await person_of(town.store, org))
    await tick(town)
    assert "Място: Друга зала (беше: Читалище „Разум“)" in town.ana.last


async def test_news_reach_everybody_once_over_many_batches(town: Town, org: Citizen) -> None:
    from bot import event_duties
    from storage import follows
    from storage.ids import new_id
    from storage.models import conversations, outgoing, people

    many = event_duties.BATCH * 2 + 7
    async with town.store.writing() as db:
        for number in range(many):
            person_id = new_id()
            db.add(people, id=person_id, language="bg", municipality="montana", since=db.now)
            db.add(conversations, id=new_id(), channel="paper", external=f"f{number}", person_id=person_id,
                   is_group=False, reachable=True, since=db.now)  # fmt: skip
            await follows.follow(db, person_id, "municipality", "montana")
            await follows.follow(db, person_id, "kind", "citizen-training")
    await published(town, org, sofia(2026, 12, 1, 18))
    await tick(town)
    async with town.store.reading() as db:
        told = select(outgoing.c.conversation_id, func.count().label("many")).where(outgoing.c.lane == 3)
        rows = await db.rows(told.group_by(outgoing.c.conversation_id))
    assert len(rows) == many
    assert {row.many for row in rows} == {1}


# --- In their own words ---


async def test_bring_the_document_on_tuesday(town: Town, hours: Hours) -> None:
    await town.ana.opens("card_building-permit_montana")
    await town.ana.presses("Списък на документите")
    await town.ana.presses("Напомняне какво липсва")
    assert "Кога да Ви напомня и за какво?" in await town.ana.presses("В друго време")
    assert "Няма такъв час" in await town.ana.says("вторник 26 да занеса скицата")
    done = await town.ana.says("вторник 9 да занеса скицата")
    assert "вторник, 24 ноември 2026 г., 9:00 ч." in done or "09:00 ч." in done
    assert "да занеса скицата" in done
    hours.now = sofia(2026, 11, 24, 9)
    await tick(town)
    assert "да занеса скицата" in town.ana.last
    assert "Още Ви липсват" in town.ana.last


async def test_an_hour_that_can_mean_two_is_asked_and_the_words_are_kept(town: Town, hours: Hours) -> None:
    await town.ben.opens("card_building-permit_montana")
    await town.ben.presses("Checklist of documents")
    await town.ben.presses("Remind me what I still miss")
    await town.ben.presses("At another time")
    asked = await town.ben.says("bring the sketch tomorrow at 5")
    assert "In the morning or in the afternoon?" in asked
    assert "bring the sketch" in await town.ben.presses("17:00", asked)
    async with town.store.reading() as db:
        row = await db.first(select(reminder_table))
    assert row is not None
    assert (row.due_at, row.note) == (sofia(2026, 11, 21, 17), "bring the sketch")


async def test_the_hour_is_asked_when_only_the_day_is_said(town: Town, hours: Hours) -> None:
    """As from the page of a matter, which offers it by `recall:case:<number>`."""
    await town.ana.opens("card_building-permit_montana")
    await town.ana.presses("Списък на документите")
    await town.ana.presses("Напомняне какво липсва")
    await town.ana.presses("В друго време")
    assert "В колко часа?" in await town.ana.says("занесете скицата във вторник")
    assert "занесете скицата" in await town.ana.says("9:30")
    assert "вторник, 24 ноември 2026 г., 09:30 ч." in town.ana.last


async def test_a_reminder_on_a_matter(town: Town, hours: Hours) -> None:
    await files(town.ana)
    await town.ana.says("/matters")
    await town.ana.presses("MON-2026-")
    await town.ana.presses("Напомняне")
    assert "Ще Ви напомня" in await town.ana.says("вторник 9 да занеса снимките")
    hours.now = sofia(2026, 11, 24, 9)
    await tick(town)
    assert "да занеса снимките" in town.ana.last
    assert "MON-2026-" in town.ana.last
    assert "MON-2026-" in await town.ana.presses("Моите", town.ana.last)


async def test_a_reminder_about_a_matter_says_the_words(town: Town, hours: Hours) -> None:
    """What is not known here by itself is said in the person's own words."""
    await town.ana.opens("m_montana")
    person_id = await person_of(town.store, town.ana)
    async with town.store.writing() as db:
        from storage.models import conversations

        conversation_id = await db.value(select(conversations.c.id).where(conversations.c.person_id == person_id))
        await reminders.remind(db, person_id=person_id, conversation_id=conversation_id, about="letter:1",
                               due_at=db.now, note="Оглед на място")  # fmt: skip
    await tick(town)
    assert "Оглед на място" in town.ana.last
