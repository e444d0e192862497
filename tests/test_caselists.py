"""The inbox, search, duplicates nearby, and prepared answers."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from storage import casecitizen, casedesk, caselists, offices, prepared
from storage.database import Store
from storage.handbook import Handbook
from tests.casetown import Bureau, Day, author

MONDAY = date(2026, 11, 23)


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


async def test_each_filter_holds_what_its_name_says(bureau: Bureau, days: Day) -> None:
    db, rules = bureau.db, bureau.rules
    clerk = await bureau.employs(department="roads")
    head = await bureau.employs("head")
    old = [(await bureau.files()).case for _ in range(2)]
    await bureau.files(category="waste")
    await bureau.files(municipality="belene")
    waiting = await casedesk.take(db, old[0], clerk)
    await casedesk.ask_citizen(db, rules, waiting.case, clerk, "Къде?")
    days.turn(db, date(2027, 1, 26))
    fresh = await casedesk.take(db, (await bureau.files()).case, clerk)
    numbered = await casedesk.register_incoming_number(db, fresh.case, clerk, "94-00-123")
    answered = await casedesk.answer(db, rules, (await bureau.files()).case, clerk, "Готово.")
    await casecitizen.rate(db, answered.case, author(answered.case), "no")
    people = [clerk.person_id or 0]
    seen = await caselists.counts(db, rules, clerk.roles, people, "montana")
    assert seen == {
        "mine": 2, "unassigned": 1, "due-soon": 0, "overdue": 2, "waiting": 1, "to-approve": 0, "not-solved": 1,
        "undelivered": 0, "unnumbered": 2, "open": 3,
    }  # fmt: skip
    for name, count in seen.items():
        page = await caselists.inbox(db, rules, clerk.roles, people, name, municipality="montana")
        assert (page.total, len(page.cases)) == (count, count), name
    page = await caselists.inbox(db, rules, head.roles, people, "open", municipality="montana", many=3)
    assert (page.total, len(page.cases), page.has_more) == (4, 3, True)
    rest = await caselists.inbox(db, rules, head.roles, people, "open", municipality="montana", offset=3, many=3)
    assert [case.id for case in rest.cases] == [numbered.case.id]  # What is due first comes first.
    load = await caselists.workload(db, rules, head.roles, "montana")
    assert {(row.department, row.assignee, row.open, row.overdue) for row in load} == {
        ("ecology", None, 1, 1), ("roads", None, 1, 1), ("roads", clerk.person_id, 2, 1)
    }  # fmt: skip


async def test_search_finds_numbers_and_words_within_ones_scope(bureau: Bureau) -> None:
    db, letters = bureau.db, bureau.letters.values()
    clerk = await bureau.employs(department="roads")
    hole = (await bureau.files()).case
    lamp = (await bureau.files(category="street-lighting", text="Не свети лампа на ул. Христо Ботев 3")).case
    await bureau.files(category="waste", text="Преливат кофи на ул. Христо Ботев")
    await casedesk.register_incoming_number(db, lamp, clerk, "94-00-77")

    async def found(typed: str) -> list[int]:
        return [case.id for case in (await caselists.search(db, clerk.roles, typed, letters)).cases]

    assert await found(hole.number.lower().replace("-", " ")) == [hole.id]
    assert await found("94-00-77") == [lamp.id]
    assert await found("дупката на Извора") == [hole.id]
    assert await found("дупки") == [hole.id]
    assert await found("hristo botev") == [lamp.id]  # Not the waste, which is another department's.
    assert await found("Иванова дупка") == [hole.id]
    assert await found("пожарогасител") == []
    other = await bureau.employs(municipality="belene")
    assert not (await caselists.search(db, other.roles, hole.number, letters)).cases
    edited = await casecitizen.edit_text(db, hole, author(hole), "Голям кратер на улицата")
    assert (await found("кратер"), await found("извора")) == ([edited.case.id], [])


async def test_my_matters_are_mine_and_the_anonymous_ones_of_this_chat(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    ana, ben = bureau.somebody(), bureau.somebody()
    named = (await bureau.files(ana)).case
    hidden = (await bureau.files(ana, is_anonymous=True)).case
    await bureau.files(ben)
    page = await caselists.mine(bureau.db, ana.person_id, [ana.conversation_id])
    assert [case.id for case in page.cases] == [hidden.id, named.id]
    assert [case.id for case in (await caselists.mine(bureau.db, ana.person_id)).cases] == [named.id]
    assert await casecitizen.follow(bureau.db, named, ben.person_id, ben.conversation_id, is_affected=True)
    assert not await casecitizen.follow(bureau.db, named, ben.person_id, ben.conversation_id, is_affected=True)
    assert [case.id for case in await caselists.followed(bureau.db, ben.person_id)] == [named.id]
    assert (await bureau.now(named)).followers == 1
    assert await casecitizen.unfollow(bureau.db, named, ben.person_id)
    assert (await bureau.now(named)).followers == 0


async def test_likely_duplicates_are_near_recent_and_of_the_same_kind(bureau: Bureau, days: Day) -> None:
    db = bureau.db
    lat, lon = 43.4085, 23.2257
    near = (await bureau.files(lat=lat + 0.0001, lon=lon)).case  # 11 metres.
    await bureau.files(lat=lat + 0.001, lon=lon)  # 111 metres: farther than a pothole reaches.
    await bureau.files(lat=lat, lon=lon, category="street-lighting")
    worded = (await bureau.files(text="Дупка пред номер 5 на Извора", settlement="48489")).case

    async def found(**where: object) -> list[tuple[int, int | None]]:
        given = {"municipality": "montana", "category": "pothole", "text": "Дупка на Извора, номер 5"} | where
        return [(one.case.id, one.metres) for one in await caselists.alike(db, bureau.rules, **given)]  # type: ignore[arg-type]

    assert await found(lat=lat, lon=lon) == [(near.id, 11)]
    assert await found(settlement="48489") == [(worded.id, None)]
    assert await found(settlement="48489", text="Съвсем друго нещо") == []
    assert await found(lat=lat, lon=lon, person_id=near.person_id) == []  # Their own is none.
    assert await found(lat=lat, lon=lon, category="corruption") == []
    days.turn(db, date(2027, 2, 1))
    assert await found(lat=lat, lon=lon) == []


async def test_routes_lead_to_departments_and_can_be_tried_first(sqlite_bureau: Bureau) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    await bureau.files()
    await bureau.files(settlement="03722")
    known = await offices.of(db, "montana")
    assert {row.id for row in known} == {"desk", "office", "technical", "roads", "ecology", "property", "civil"}
    assert not any(row.is_confirmed for row in known)
    assert await offices.preview_route(db, "montana", "pothole", "03722", "technical") == {"roads": 1}
    assert await offices.set_route(db, "montana", "pothole", "03722", "technical")
    assert not await offices.set_route(db, "montana", "pothole", None, "nowhere")
    assert (await bureau.files(settlement="03722")).case.department == "technical"
    assert (await bureau.files(settlement="48489")).case.department == "roads"
    assert (await bureau.files(category=None)).case.department == "desk"
    assert await offices.close_department(db, "montana", "technical", "roads")
    assert (await bureau.files(settlement="03722")).case.department == "roads"


async def test_prepared_answers_fit_the_case_and_name_what_is_missing(sqlite_bureau: Bureau) -> None:
    db = sqlite_bureau.db
    both = {"bg": "По {number}: {due}", "en": "On {number}: {due}"}
    title = {"bg": "Срок", "en": "Date"}
    prepared.add(db, title=title, text=both, municipality=None)
    exact = prepared.add(db, title=title, text=both, municipality="montana", category="pothole", state="planned")
    prepared.add(db, title=title, text=both, municipality="belene")
    found = await prepared.fitting(db, "montana", "roads", "pothole")
    assert found[0].id == exact
    assert len(found) == 2
    assert len(await prepared.fitting(db, "montana", "roads", "pothole", "answered")) == 1
    assert prepared.filled(both["bg"], {"number": "MON-1"}) == ("По MON-1: {due}", ["due"])
    with pytest.raises(ValueError, match="colour"):
        prepared.add(db, title=title, text={"bg": "{colour}", "en": ""}, municipality=None)
