"""Casework in the tables: numbers, the walk of a case, who is told, and what is refused."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest

from storage import casecitizen, casedesk, cases
from storage.caserecord import Actor, CaseTrouble, Missing, NotAllowed, Overtaken, Unlawful, WrongState
from storage.database import Session, Store
from storage.handbook import Handbook
from tests.casetown import Bureau, Day, author

MONDAY = date(2026, 11, 23)


@pytest.fixture
async def days() -> Day:
    return Day(MONDAY)


@pytest.fixture
async def db(database_url: str, days: Day) -> AsyncIterator[Session]:
    store = Store(database_url, now=days)
    async with store.writing() as db:
        yield db
    await store.close()


@pytest.fixture
async def bureau(db: Session, handbook: Handbook) -> Bureau:
    return Bureau(db, handbook)


@pytest.fixture
async def sqlite_bureau(sqlite_database_url: str, days: Day, handbook: Handbook) -> AsyncIterator[Bureau]:
    store = Store(sqlite_database_url, now=days)
    async with store.writing() as db:
        yield Bureau(db, handbook)
    await store.close()


async def test_the_walk_of_a_case(bureau: Bureau, days: Day) -> None:
    db, rules = bureau.db, bureau.rules
    ana = bureau.somebody("ana")
    filed = await bureau.files(ana)
    assert filed.case.number.startswith("MON-2026-000001-")
    assert filed.case.department == "roads"
    assert filed.case.first_due_on == filed.case.due_on == date(2027, 1, 25)
    assert [(t.to, t.department) for t in filed.tell] == [("department", "roads")]
    clerk = await bureau.employs(department="roads")
    taken = await casedesk.take(db, filed.case, clerk)
    assert (taken.after, [t.conversation_id for t in taken.tell]) == ("working", [ana.conversation_id])
    asked = await casedesk.ask_citizen(db, rules, taken.case, clerk, "Пред кой номер?")
    days.turn(db, date(2026, 11, 26))
    replied = await casecitizen.add_words(db, rules, asked.case, author(asked.case), "Пред номер 5.")
    assert (replied.action, replied.after, replied.case.waited_days) == ("reply", "working", 3)
    assert replied.case.due_on == date(2027, 1, 25)  # No law stops this clock.
    assert replied.case.target_on == date(2026, 12, 3)  # Our own target: three working days later.
    assert [(t.to, t.person_id) for t in replied.tell] == [("person", clerk.person_id)]
    answered = await casedesk.answer(db, rules, replied.case, clerk, "Запълнена е.")
    judged = await casecitizen.rate(db, answered.case, author(answered.case), "no", "Още е там.")
    assert "head" in [t.to for t in judged.tell]
    again = await casecitizen.reopen(db, rules, judged.case, author(judged.case), "Още е там.")
    assert (again.after, again.case.reopened, again.case.solved) == ("reopened", 1, None)
    assert again.case.due_on == date(2027, 1, 26)
    answered = await casedesk.answer(db, rules, again.case, clerk, "Сега е запълнена.")
    done = await casecitizen.rate(db, answered.case, author(answered.case), "yes")
    assert (done.after, done.case.first_due_on) == ("closed", date(2027, 1, 25))
    rows = await cases.history(db, done.case.id)
    assert [row.action for row in rows] == [
        "file", "take", "ask", "reply", "answer", "rate", "reopen", "answer", "rate"
    ]  # fmt: skip
    assert [row.before for row in rows[1:]] == [row.after for row in rows[:-1]]
    assert await bureau.now(done.case) == done.case


async def test_two_people_never_answer_the_same(sqlite_bureau: Bureau) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    case = (await bureau.files()).case
    one, other = await bureau.employs(), await bureau.employs()
    taken = await casedesk.take(db, case, one, seen=case.version)
    with pytest.raises(Overtaken) as trouble:
        await casedesk.take(db, taken.case, other)
    assert trouble.value.facts["assignee"] == one.person_id
    answered = await casedesk.answer(db, bureau.rules, taken.case, one, "Готово.")
    with pytest.raises(Overtaken) as late:
        await casedesk.note(db, taken.case, other, "Не знаех.")  # It was read before the other answered.
    assert late.value.case == answered.case
    with pytest.raises(Overtaken):
        await casedesk.correct_answer(
            db, answered.case, other, answered.history_id, "Друго", "Грешка", seen=taken.case.version
        )


async def test_what_needs_words_or_a_reason_asks_for_them(sqlite_bureau: Bureau, days: Day) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    case = (await bureau.files()).case
    head = await bureau.employs("head")
    for act in (
        casedesk.refuse(db, bureau.rules, case, head, " "),
        casedesk.answer(db, bureau.rules, case, head, ""),
        casedesk.forward(db, bureau.rules, case, head, "Пътна агенция", ""),
        casedesk.extend(db, bureau.rules, case, head, ""),
        casedesk.route(db, case, head, "ecology", ""),
        casedesk.register_incoming_number(db, case, head, "  "),
    ):
        with pytest.raises(Missing):
            await act
    with pytest.raises(WrongState):
        await casedesk.close(db, bureau.rules, case, head, "Няма нужда")  # The law wants it decided.
    days.turn(db, date(2027, 2, 1))
    with pytest.raises(Unlawful, match="extension-too-late"):
        await casedesk.extend(db, bureau.rules, case, head, "Дъжд")
    with pytest.raises(Missing, match="late-reason"):
        await casedesk.answer(db, bureau.rules, case, head, "Готово.")
    late = await casedesk.answer(db, bureau.rules, case, head, "Готово.", late_reason="weather")
    assert (late.case.late_reason, late.content["late"]) == ("weather", True)


async def test_an_anonymous_signal_has_no_procedure_and_a_code(sqlite_bureau: Bureau) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    ana, ben = bureau.somebody(), bureau.somebody()
    filed = await bureau.files(ana, is_anonymous=True)
    case = filed.case
    assert filed.code
    assert not filed.has_procedure
    assert (case.person_id, case.name, case.due_on, case.first_due_on) == (None, None, None, None)
    assert (await cases.history(db, case.id))[0].actor_id is None
    assert cases.author_of(case, ben.person_id, conversation_id=ben.conversation_id) is None
    assert cases.author_of(case, ben.person_id, code="2222-2222-2222") is None
    assert cases.author_of(case, ana.person_id, conversation_id=ana.conversation_id)
    proven = cases.author_of(case, ben.person_id, code=filed.code.lower().replace("-", " "))
    assert proven
    added = await casecitizen.add_words(db, bureau.rules, case, proven, "И на съседната улица.")
    other = (await bureau.files(ben, is_anonymous=True)).case
    with pytest.raises(NotAllowed):
        await casecitizen.withdraw(db, other, proven)  # The proof holds for one case.
    closed = await casedesk.close(db, bureau.rules, added.case, await bureau.employs(), "Предадено на екипа.")
    assert closed.after == "closed"


async def test_a_sensitive_answer_waits_for_a_second_person(sqlite_bureau: Bureau) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    case = (await bureau.files(category="corruption")).case
    assert (case.department, case.is_sensitive, case.is_public) == ("office", True, False)
    secretary, mayor = await bureau.employs("secretary"), await bureau.employs("mayor")
    draft = await casedesk.answer(db, bureau.rules, case, secretary, "Проверено е.")
    assert (draft.action, draft.after, [t.to for t in draft.tell]) == ("draft", "received", ["head"])
    with pytest.raises(Unlawful, match="own-answer"):
        await casedesk.approve(db, draft.case, secretary)
    back = await casedesk.send_back(db, draft.case, mayor, "По-подробно")
    assert back.tell[-1].person_id == secretary.person_id
    draft = await casedesk.answer(db, bureau.rules, back.case, secretary, "Проверено е на място.")
    sent = await casedesk.approve(db, draft.case, mayor)
    assert (sent.after, sent.content["text"]) == ("answered", "Проверено е на място.")
    assert [row.for_citizen for row in await cases.history(db, case.id)] == [True, False, False, False, True]


async def test_a_duplicate_brings_its_author_to_the_first_report(sqlite_bureau: Bureau) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    ben, eva = bureau.somebody(), bureau.somebody()
    first, second, third = [(await bureau.files(who)).case for who in (None, ben, eva)]
    clerk = await bureau.employs()
    await casedesk.mark_duplicate(db, third, clerk, second, "Същата дупка")
    second = await bureau.now(second)
    await casedesk.mark_duplicate(db, second, clerk, first, "Същата дупка")
    assert (await bureau.now(third)).parent_id == first.id
    with pytest.raises(CaseTrouble, match="no-such-parent"):
        await casedesk.mark_duplicate(db, await bureau.now(first), clerk, await bureau.now(third), "кръг")
    first = await bureau.now(first)
    assert first.followers == 2
    answered = await casedesk.answer(db, bureau.rules, first, clerk, "Запълнена е.")
    assert {t.conversation_id for t in answered.tell if t.to == "follower"} == {
        ben.conversation_id, eva.conversation_id
    }  # fmt: skip


async def test_of_two_who_take_at_the_same_moment_one_gets_it(database_url: str, days: Day, handbook: Handbook) -> None:
    store = Store(database_url, now=days)
    async with store.writing() as db:
        bureau = Bureau(db, handbook)
        case = (await bureau.files()).case
        clerks = [await bureau.employs() for _ in range(4)]

    async def takes(clerk: Actor) -> bool:
        async with store.writing() as db:
            found = await cases.get(db, case.id)
            assert found
            await asyncio.sleep(0)  # Let the others read it, too.
            try:
                await casedesk.take(db, found, clerk)
            except Overtaken:
                return False
            return True

    assert sorted(await asyncio.gather(*map(takes, clerks))) == [False, False, False, True]
    async with store.reading() as db:
        rows = await cases.history(db, case.id)
    assert [row.action for row in rows] == ["file", "take"]
    await store.close()


async def test_many_are_answered_at_once_and_what_is_not_possible_stops_none(sqlite_bureau: Bureau) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    clerk = await bureau.employs(department="roads")
    filed = [(await bureau.files()).case for _ in range(10)] + [(await bureau.files(category="waste")).case]
    withdrawn = await casecitizen.withdraw(db, filed[3], author(filed[3]))
    filed[3] = withdrawn.case
    done, troubles = await casedesk.for_many(
        db, filed, clerk, lambda case: casedesk.answer(db, bureau.rules, case, clerk, "Авария на водопровода.")
    )
    assert len(done) == 9
    assert [(type(trouble), trouble.case) for trouble in troubles] == [
        (WrongState, filed[3]), (NotAllowed, filed[10])
    ]  # fmt: skip
    assert {(await bureau.now(moved.case)).state for moved in done} == {"answered"}


async def test_who_called_follows_in_the_chat_with_the_code_that_was_read_out(sqlite_bureau: Bureau) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    clerk = await bureau.employs(department="ecology")  # Whoever sits at the counter writes down what is wanted.
    filing = cases.Filing(
        municipality="montana", kind="signal", category="pothole", text="Дупка пред входа", language="bg",
        name="Иван Петров", contact="0888 123 456", source="phone",
    )  # fmt: skip
    filed = await cases.open_case(db, bureau.rules, filing, "MON", clerk)
    assert (filed.case.filed_by, filed.case.source, filed.case.due_on) == (clerk.person_id, "phone", date(2027, 1, 25))
    assert filed.code
    ivan = bureau.somebody()
    assert cases.author_of(filed.case, ivan.person_id, conversation_id=ivan.conversation_id) is None
    me = cases.author_of(filed.case, code=filed.code)
    assert me
    linked = await casecitizen.link(db, filed.case, me, ivan.person_id, ivan.conversation_id)
    assert (linked.case.person_id, linked.case.conversation_id) == (ivan.person_id, ivan.conversation_id)
    roads = await bureau.employs(department="roads")
    taken = await casedesk.take(db, linked.case, roads)
    assert [tell.conversation_id for tell in taken.tell] == [ivan.conversation_id]
    stranger = await bureau.employs(municipality="belene")
    with pytest.raises(NotAllowed):
        await cases.open_case(db, bureau.rules, filing, "MON", stranger)


async def test_a_question_that_waits_for_its_asker(sqlite_bureau: Bureau, days: Day) -> None:
    """The law on public information starts its term anew when the asker says what they meant."""
    bureau, db = sqlite_bureau, sqlite_bureau.db
    clerk = await bureau.employs()
    case = (await bureau.files(kind="info-request", category=None)).case
    assert case.due_on == date(2026, 12, 7)
    asked = await casedesk.ask_citizen(db, bureau.rules, case, clerk, "Кои договори?")
    assert asked.content["clock"] == "restart"
    days.turn(db, date(2026, 12, 10))
    replied = await casecitizen.citizen_replied(db, bureau.rules, asked.case, author(asked.case), "За пътищата")
    assert (replied.case.due_on, replied.case.first_due_on) == (date(2026, 12, 29), date(2026, 12, 7))
    assert replied.case.steps[0]["what"] == "restart"


async def test_a_new_kind_brings_a_new_date_beside_the_first(sqlite_bureau: Bureau) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    case = (await bureau.files()).case
    clerk = await bureau.employs()
    moved = await casedesk.classify(db, bureau.rules, case, clerk, kind="question", reason="Пита, не сигнализира")
    assert (moved.case.due_on, moved.case.first_due_on) == (date(2026, 12, 2), date(2027, 1, 25))
    with pytest.raises(CaseTrouble, match="kind-not-accepted"):
        await casedesk.classify(db, bureau.rules, moved.case, clerk, kind="appeal", reason="Жалба е")


async def test_a_correction_shows_what_was_said_before(sqlite_bureau: Bureau) -> None:
    bureau, db = sqlite_bureau, sqlite_bureau.db
    clerk = await bureau.employs()
    answered = await casedesk.answer(db, bureau.rules, (await bureau.files()).case, clerk, "На 3 декември.")
    moved = await casedesk.correct_answer(
        db, answered.case, clerk, answered.history_id, "На 4 декември.", "Грешна дата"
    )
    assert (moved.content["earlier"], moved.content["text"]) == ("На 3 декември.", "На 4 декември.")
    assert [(tell.to, tell.what) for tell in moved.tell] == [("author", "correct")]
    with pytest.raises(CaseTrouble, match="nothing-to-correct"):
        await casedesk.correct_answer(db, moved.case, clerk, 1, "Друго", "Няма такъв")
