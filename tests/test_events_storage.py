"""Events in the tables, on every database: many at once, two processes, the table of moves."""

import asyncio
from itertools import product

import pytest
from sqlalchemy import func, select

from bot.event_duties import EventDuties
from storage import event_voices, events, follows, reminders, seats
from storage.database import Session, Store
from storage.events import Event
from storage.handbook import Handbook, Library
from storage.ids import new_id
from storage.models import conversations, outgoing, people, postponed, seat_moves
from storage.seats import Seat
from tests.planning import LINKS, sofia
from tests.town import TRANSLATORS


def somebody(db: Session) -> tuple[int, int]:
    person_id, conversation_id = new_id(), new_id()
    db.add(people, id=person_id, language="bg", municipality="montana", since=db.now)
    db.add(conversations, id=conversation_id, channel="paper", external=f"p{person_id}", person_id=person_id,
           is_group=False, reachable=True, since=db.now)  # fmt: skip
    return person_id, conversation_id


async def planned(store: Store, **values: object) -> Event:
    async with store.writing() as db:
        person_id, _conversation_id = somebody(db)
        fields = {"municipality": "montana", "kind": "open-day", "title_bg": "Ден", "place": "Тук",
                  "starts_at": sofia(2036, 12, 1, 18), **values}  # fmt: skip
        event = await events.event(db, events.plan(db, person_id, **fields))  # type: ignore[arg-type]
        assert event is not None
        return events.publish(db, event, person_id)


async def test_those_who_come_at_the_same_moment_get_no_more_places_than_there_are(store: Store) -> None:
    event = await planned(store, capacity=5)

    async def comes() -> Seat:
        async with store.writing() as db:
            person_id, conversation_id = somebody(db)
            held = await events.locked(db, event.id)
            assert held is not None
            return await seats.sign_up(db, held, person_id, conversation_id)

    taken = await asyncio.gather(*(comes() for _ in range(12)))
    assert sorted(seat.state for seat in taken) == ["going"] * 5 + ["waiting"] * 7
    assert sorted(seat.number for seat in taken) == list(range(1, 13))
    async with store.reading() as db:
        assert await seats.taken(db, event.id) == 5
        assert await db.value(select(func.count()).select_from(seat_moves)) == 12


async def test_two_processes_tell_everybody_once(store: Store, handbook: Handbook) -> None:
    async with store.writing() as db:
        for _ in range(230):
            person_id, _conversation_id = somebody(db)
            await follows.follow(db, person_id, "municipality", "montana")
    await planned(store)
    duties = [EventDuties(store, Library(handbook), TRANSLATORS, LINKS) for _ in range(2)]
    for _round in range(3):
        await asyncio.gather(*(duty.tell_news() for duty in duties))
    async with store.reading() as db:
        many = select(outgoing.c.conversation_id, func.count().label("many")).where(outgoing.c.lane == 3)
        told = await db.rows(many.group_by(outgoing.c.conversation_id))
        later = await db.value(select(func.count()).select_from(postponed))  # In the night these wait.
    assert len(told) + later == 230
    assert {row.many for row in told} <= {1}


async def test_two_processes_claim_a_reminder_once(store: Store) -> None:
    async with store.writing() as db:
        person_id, conversation_id = somebody(db)
        await reminders.remind(
            db, person_id=person_id, conversation_id=conversation_id, about="event:1:day", due_at=db.now
        )

    async def take() -> int:
        async with store.writing() as db:
            return len(await reminders.take_due(db))

    assert sorted(await asyncio.gather(*(take() for _ in range(4)))) == [0, 0, 0, 1]


STATES = [state for state in seats.MOVES if state]


async def test_a_place_moves_only_as_the_table_says(sqlite_store: Store) -> None:
    async with sqlite_store.reading() as db:  # Nothing of it is kept.
        for old, new in product(STATES, STATES):
            seat = Seat(1, 1, 1, 1, 1, "t", 1, None, old, None, db.now)
            if new in seats.MOVES[old]:
                assert seats._move(db, seat, new, None).state == new
            else:
                with pytest.raises(ValueError, match=f"{old} -> {new}"):
                    seats._move(db, seat, new, None)


async def test_the_first_answer_stays_and_the_last_stars_count(store: Store) -> None:
    event = await planned(store)
    async with store.writing() as db:
        person_id, conversation_id = somebody(db)
        question_id = event_voices.ask(db, event.id, person_id, conversation_id, "Кога?")
        assert await event_voices.answer(db, question_id, person_id, "Утре.")
        assert not await event_voices.answer(db, question_id, person_id, "Не.")
        await event_voices.rate(db, event.id, person_id, 2)
        await event_voices.rate(db, event.id, person_id, 5)
        assert await event_voices.say_more(db, event.id, person_id, "Добре.")
    async with store.reading() as db:
        opinion = await event_voices.opinion(db, event.id)
        assert (opinion.count, opinion.average, opinion.words) == (1, 5.0, ["Добре."])
        row = await event_voices.question(db, question_id)
        assert row is not None
        assert row.answer == "Утре."
