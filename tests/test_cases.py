"""Casework in the tables: numbers, the walk of a case, who is told, and what is refused."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from storage import casecitizen, casedesk, cases
from storage.caserecord import CaseTrouble, Missing, NotAllowed, Overtaken, Unlawful, WrongState
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
