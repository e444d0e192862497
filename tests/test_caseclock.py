"""What the clock tells of cases: on the right morning, to the right people, once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from storage import absences, caseaudience, caseclock, casedesk, cases, messages, questions, recounting, workcalendar
from storage.caserecord import Case, Tell
from storage.database import Store
from storage.handbook import Handbook
from storage.models import outgoing
from tests.casetown import Bureau, Day, author, says

MONDAY = date(2026, 11, 23)
MONTANA = ("montana",)


@pytest.fixture
def days() -> Day:
    return Day(MONDAY)


@pytest.fixture
async def bureau(database_url: str, days: Day, handbook: Handbook) -> AsyncIterator[Bureau]:
    store = Store(database_url, now=days)
    async with store.writing() as db:
        yield Bureau(db, handbook)
    await store.close()


@pytest.fixture
async def sqlite_bureau(sqlite_database_url: str, days: Day, handbook: Handbook) -> AsyncIterator[Bureau]:
    store = Store(sqlite_database_url, now=days)
    async with store.writing() as db:
        yield Bureau(db, handbook)
    await store.close()


async def tells(bureau: Bureau, many: int = 100) -> list[Tell]:
    return await caseclock.take_due(bureau.db, bureau.rules, MONTANA, many)


def of(found: list[Tell], case: Case) -> list[tuple[str, str]]:
    return [says(tell) for tell in found if tell.case_id == case.id]


async def test_a_case_that_nobody_decides_climbs_the_ladder(bureau: Bureau, days: Day) -> None:
    clerk = await bureau.employs(department="roads")
    case = (await bureau.files()).case
    case = (await casedesk.take(bureau.db, case, clerk)).case
    heard: dict[date, list[tuple[str, str]]] = {}
    day = MONDAY
    while day < date(2027, 2, 20):
        days.turn(bureau.db, day)
        if found := of(await tells(bureau), case):
            heard[day] = found
        assert not of(await tells(bureau), case)  # Nothing twice.
        day += timedelta(days=1)
    due = date(2027, 1, 25)
    assert case.first_due_on == due
    assert heard == {
        date(2026, 12, 8): [("author", "still-waiting")],
        date(2026, 12, 23): [("author", "still-waiting")],
        date(2027, 1, 7): [("author", "still-waiting")],
        date(2027, 1, 18): [("person", "due-soon")],
        date(2027, 1, 22): [("person", "due-tomorrow"), ("head", "due-tomorrow"), ("author", "still-waiting")],
        date(2027, 1, 26): [("person", "late"), ("head", "late"), ("author", "overdue")],
        date(2027, 1, 28): [("secretary", "late-secretary")],
        date(2027, 2, 3): [("mayor", "late-mayor")],
        date(2027, 2, 9): [("author", "overdue-again")],
    }
    rows = await cases.history(bureau.db, case.id)
    assert [(row.action, row.for_citizen) for row in rows[2:]] == [
        ("warn", False), ("overdue", True), ("warn", False), ("warn", False), ("overdue", True)
    ]  # fmt: skip


async def test_an_extended_date_is_warned_of_anew(sqlite_bureau: Bureau, days: Day) -> None:
    bureau = sqlite_bureau
    head = await bureau.employs("head")
    case = (await casedesk.take(bureau.db, (await bureau.files()).case, head)).case
    days.turn(bureau.db, date(2027, 1, 22))
    assert ("person", "due-tomorrow") in of(await tells(bureau), case)
    extended = await casedesk.extend(bureau.db, bureau.rules, await bureau.now(case), head, "Чака се асфалт")
    assert extended.case.due_on == date(2027, 2, 23)  # Counted from Saturday the 23rd of January.
    days.turn(bureau.db, date(2027, 1, 29))
    assert ("author", "overdue") not in of(await tells(bureau), case)
    days.turn(bureau.db, date(2027, 2, 22))
    assert ("person", "due-tomorrow") in of(await tells(bureau), case)


@pytest.mark.parametrize(
    ("at", "is_told"),
    [
        (datetime(2027, 3, 29, 5, 29, tzinfo=UTC), False),  # 8:29 on the first Monday of summer time.
        (datetime(2027, 3, 29, 5, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 26, 6, 29, tzinfo=UTC), False),  # The first Monday of winter time.
        (datetime(2026, 10, 26, 6, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 26, 16, 0, tzinfo=UTC), False),  # In the evening it is no morning digest any more.
        (datetime(2026, 12, 28, 7, 0, tzinfo=UTC), False),  # A moved holiday.
        (datetime(2026, 11, 28, 7, 0, tzinfo=UTC), False),  # A Saturday.
    ],
)
async def test_the_morning_comes_at_half_past_eight_on_working_days(at: datetime, is_told: bool) -> None:
    assert caseclock.is_morning(at, workcalendar.Calendar()) is is_told


async def test_the_digest_counts_what_a_department_has(sqlite_bureau: Bureau, days: Day) -> None:
    bureau = sqlite_bureau
    for _ in range(3):
        last = (await bureau.files()).case
    await bureau.files(category="corruption")
    clerk = await bureau.employs()
    await casedesk.take(bureau.db, last, clerk)
    days.turn(bureau.db, date(2027, 1, 26))
    found = [tell for tell in await tells(bureau) if tell.what == "digest"]
    assert [tell.department for tell in found] == ["roads"]
    assert (found[0].facts["counts"]["overdue"], found[0].facts["counts"]["unassigned"]) == (3, 2)
    assert len(found[0].facts["overdue"]) == 3


async def test_duties_beyond_one_transaction_follow_in_the_next(sqlite_bureau: Bureau, days: Day) -> None:
    bureau = sqlite_bureau
    filed = [(await bureau.files()).case for _ in range(12)]
    days.turn(bureau.db, date(2027, 1, 26))
    heard: list[int | None] = []
    while found := await tells(bureau, many=5):
        heard += [tell.case_id for tell in found if tell.what == "overdue"]
    assert sorted(heard) == sorted(case.id for case in filed)
    assert not await caseclock.any_due(bureau.db, MONTANA)


async def test_what_was_settled_is_closed_after_the_window(sqlite_bureau: Bureau, days: Day) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    clerk = await bureau.employs()
    case = (await casedesk.answer(db, bureau.rules, (await bureau.files()).case, clerk, "Готово.")).case
    days.turn(db, MONDAY + timedelta(days=14))
    await tells(bureau)
    assert (await bureau.now(case)).state == "answered"
    days.turn(db, MONDAY + timedelta(days=15))
    assert await caseclock.any_due(db, MONTANA)
    assert not of(await tells(bureau), case)
    assert (await bureau.now(case)).state == "closed"


async def test_what_could_not_be_delivered_is_shown_on_the_case_once(sqlite_bureau: Bureau, days: Day) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    case = (await bureau.files()).case
    assert case.conversation_id
    message = messages.say(
        db, conversation_id=case.conversation_id, channel="paper", lane=1, content={"text": "x"},
        about=cases.about(case),
    )  # fmt: skip
    db.change(outgoing, message, state="failed", reason="blocked")
    assert of(await tells(bureau), case)[0] == ("department", "undelivered")
    assert "undelivered" not in [what for _, what in of(await tells(bureau), case)]
    case = await bureau.now(case)
    assert case.undelivered_at
    done = await casedesk.dealt_with_undelivered(db, case, await bureau.employs(), "Обадихме се по телефона.")
    assert done.case.undelivered_at is None


async def test_a_changed_calendar_moves_running_dates_with_a_trace(sqlite_bureau: Bureau, days: Day) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    case = (await bureau.files()).case
    elsewhere = (await bureau.files(municipality="belene")).case
    due = date(2027, 1, 25)
    await workcalendar.set_day(
        db, "montana", due, is_working=False, name={"bg": "Празник на града", "en": "Day of the town"}, by=None
    )
    moved = await recounting.recompute(db, "montana")
    assert [(m.case.id, m.case.due_on, m.case.first_due_on) for m in moved] == [(case.id, date(2027, 1, 26), due)]
    assert moved[0].content["basis"]["moved"][-1]["why"] == "local"
    assert {says(tell) for tell in moved[0].tell} == {("author", "recompute")}
    assert (await bureau.now(elsewhere)).due_on == due
    assert await recounting.recompute(db, "montana") == []
    await workcalendar.remove_day(db, "montana", due)
    days.turn(db, date(2026, 11, 24))
    assert ("author", "recompute") in of(await tells(bureau), case)  # The clock notices by itself.
    assert (await bureau.now(case)).due_on == due


async def test_duties_reach_whoever_is_there(sqlite_bureau: Bureau, days: Day) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    clerk = await bureau.employs(department="roads")
    other = await bureau.employs(department="roads")
    head = await bureau.employs("head", department="roads")
    await bureau.employs("head", department="ecology")
    secretary = await bureau.employs("secretary")
    case = (await bureau.files()).case

    async def people(to: str, person: int | None = None) -> list[int]:
        tell = Tell(to=to, what="x", municipality="montana", department="roads", person_id=person)
        return await caseaudience.people(db, tell, case, cases.today(db))

    assert await people("department") == [clerk.person_id, other.person_id]
    assert await people("head") == [head.person_id]
    assert await people("mayor") == [secretary.person_id]  # Where there is no mayor.
    assert await people("person", clerk.person_id) == [clerk.person_id]
    await absences.set_absence(db, clerk.person_id, MONDAY, MONDAY, other.person_id)
    assert await people("person", clerk.person_id) == [other.person_id]
    assert await people("department") == [other.person_id]
    taken = await casedesk.assign(db, case, head, clerk.person_id)
    assert taken.case.assignee == other.person_id
    await absences.set_absence(db, other.person_id, MONDAY, MONDAY, clerk.person_id)  # Both away: nobody stands in.
    assert await people("person", clerk.person_id) == [clerk.person_id]


async def test_a_silent_author_is_asked_again(sqlite_bureau: Bureau, days: Day) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    clerk = await bureau.employs()
    case = (await casedesk.take(db, (await bureau.files()).case, clerk)).case
    case = (await casedesk.ask_citizen(db, bureau.rules, case, clerk, "Къде?")).case
    heard = []
    for passed in range(40):
        days.turn(db, MONDAY + timedelta(days=passed))
        heard += [(passed, *one) for one in of(await tells(bureau), case)]
    assert heard == [(7, "author", "nudge"), (30, "person", "silent")]
    assert author(case)


async def test_questions_nobody_answered_stand_in_the_digest_of_the_desk(sqlite_bureau: Bureau, days: Day) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    asker = bureau.somebody()
    heard = messages.heard(
        db, channel="paper", key="q1", conversation_id=asker.conversation_id, person_id=asker.person_id, kind="text",
        content={"text": "Кога е събота?"}, state="handled", handler="ask", said_at=db.now,
    )  # fmt: skip
    await questions.register(
        db, incoming_id=heard, person_id=asker.person_id, question="Кога е събота?", intent="service",
        reason="nothing", municipality="montana", language="bg",
    )  # fmt: skip
    await bureau.files()
    found = {tell.department: tell.facts["questions"] for tell in await tells(bureau) if tell.what == "digest"}
    assert found == {"roads": 0, "desk": 1}


async def test_a_sensitive_case_that_nobody_may_see_is_not_told_to_nobody(sqlite_bureau: Bureau, days: Day) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    await bureau.employs()
    administrator = await bureau.employs("administrator", None)
    case = (await bureau.files(category="corruption")).case
    tell = Tell(to="department", what="filed", municipality="montana", department="office")
    assert await caseaudience.people(db, tell, case, MONDAY) == [administrator.person_id]
    secretary = await bureau.employs("secretary")
    assert await caseaudience.people(db, tell, case, MONDAY) == [secretary.person_id]


async def test_two_clocks_tell_nothing_twice(database_url: str, days: Day, handbook: Handbook) -> None:
    store = Store(database_url, now=days)
    async with store.writing() as db:
        bureau = Bureau(db, handbook)
        filed = [(await bureau.files()).case.id for _ in range(8)]
        decided = [
            (await casedesk.answer(db, bureau.rules, (await bureau.files()).case, await bureau.employs(), "Да")).case.id
            for _ in range(3)
        ]
    days.now = Day.noon(date(2027, 1, 26))

    async def tick() -> list[int | None]:
        async with store.writing() as db:
            found = await caseclock.take_due(db, bureau.rules, MONTANA)
        return [tell.case_id for tell in found if tell.what == "overdue"]

    heard = [one for part in await asyncio.gather(*(tick() for _ in range(4))) for one in part]
    assert sorted(heard, key=str) == sorted(filed, key=str)
    async with store.reading() as db:
        for case_id in decided:
            assert [row.action for row in await cases.history(db, case_id)] == ["file", "answer", "close"]
    await store.close()
