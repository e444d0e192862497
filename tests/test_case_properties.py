"""Whatever people and the clock do to a case, in whatever order: what must hold, holds."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from storage import casecitizen, caseclock, casedesk, cases, recounting, workcalendar
from storage.casemoves import LATE_REASONS, MOVES, OPEN
from storage.caserecord import Actor, Case, CaseTrouble
from storage.cases import today
from storage.database import Store
from storage.handbook import Handbook
from storage.models import STATES
from storage.workcalendar import Calendar
from tests.casetown import Bureau, Day

FREE = {"bg": "Почивен ден", "en": "Day off"}


class Undone(Exception):
    """Ends a transaction that leaves nothing behind."""


class Walk:
    """One case, everybody who may touch it, and what was told of it."""

    def __init__(self, bureau: Bureau, case: Case, other: Case, people: dict[str, Actor]) -> None:
        self.bureau, self.case, self.other, self.people = bureau, case, other, people
        self.db, self.rules = bureau.db, bureau.rules
        self.first_due = case.first_due_on
        self.answers: list[str] = []

    @property
    def author(self) -> Actor:
        found = cases.author_of(self.case, self.case.person_id, conversation_id=self.case.conversation_id)
        assert found
        return found

    async def refresh(self) -> None:
        self.case = await self.bureau.now(self.case)


async def _answer(walk: Walk, who: str, late: str | None) -> None:
    text = f"Отговор {len(walk.answers)}"
    moved = await casedesk.answer(walk.db, walk.rules, walk.case, walk.people[who], text, late_reason=late)
    if moved.action == "answer":
        walk.answers.append(text)


async def _approve(walk: Walk, late: str | None) -> None:
    moved = await casedesk.approve(walk.db, walk.case, walk.people["mayor"], late_reason=late)
    walk.answers.append(moved.content["text"])


async def _local_day(walk: Walk) -> None:
    due = walk.case.due_on or today(walk.db)
    await workcalendar.set_day(walk.db, "montana", due, is_working=False, name=FREE, by=None)
    await recounting.recompute(walk.db, "montana")


def acts(walk: Walk, who: str, late: str | None) -> dict[str, Callable[[], Awaitable[Any]]]:
    db, rules, case, staff = walk.db, walk.rules, walk.case, walk.people[who]
    return {
        "take": lambda: casedesk.take(db, case, staff),
        "release": lambda: casedesk.release(db, case, staff),
        "assign": lambda: casedesk.assign(db, case, staff, walk.people["clerk"].person_id or 0),
        "route": lambda: casedesk.route(db, case, staff, "ecology", "Тяхно е"),
        "register": lambda: casedesk.register_incoming_number(db, case, staff, "94-00-1"),
        "classify": lambda: casedesk.classify(db, rules, case, staff, kind="question", reason="Въпрос е"),
        "classify-back": lambda: casedesk.classify(db, rules, case, staff, kind="signal", reason="Сигнал е"),
        "info": lambda: casedesk.classify(db, rules, case, staff, kind="info-request", reason="По ЗДОИ е"),
        "ask": lambda: casedesk.ask_citizen(db, rules, case, staff, "Къде?"),
        "plan": lambda: casedesk.plan(db, case, staff, "През пролетта", today(db)),
        "extend": lambda: casedesk.extend(db, rules, case, staff, "Дъжд"),
        "forward": lambda: casedesk.forward(db, rules, case, staff, "АПИ", "Републикански път", late_reason=late),
        "answer": lambda: _answer(walk, who, late),
        "approve": lambda: _approve(walk, late),
        "refuse": lambda: casedesk.refuse(db, rules, case, staff, "Няма основание", late_reason=late),
        "close": lambda: casedesk.close(db, rules, case, staff, "Приключено"),
        "duplicate": lambda: casedesk.mark_duplicate(db, case, staff, walk.other, "Същото"),
        "reopen": lambda: casedesk.reopen(db, rules, case, staff, "Отново"),
        "note": lambda: casedesk.note(db, case, staff, "Бележка"),
        "add": lambda: casecitizen.add_words(db, rules, case, walk.author, "Още нещо"),
        "edit": lambda: casecitizen.edit_text(db, case, walk.author, f"Нов текст {case.version}"),
        "withdraw": lambda: casecitizen.withdraw(db, case, walk.author),
        "yes": lambda: casecitizen.rate(db, case, walk.author, "yes"),
        "no": lambda: casecitizen.rate(db, case, walk.author, "no", "Не е"),
        "again": lambda: casecitizen.reopen(db, rules, case, walk.author, "Не е решено"),
        "local-day": lambda: _local_day(walk),
        "clock": lambda: caseclock.take_due(db, rules, ["montana"]),
    }


NAMES = (
    "take", "release", "assign", "route", "register", "classify", "classify-back", "info", "ask", "plan", "extend",
    "forward", "answer", "approve", "refuse", "close", "reopen", "duplicate", "note", "add", "edit", "withdraw", "yes",
    "no", "again", "local-day", "clock",
)  # fmt: skip
WHO = ("clerk", "head", "mayor", "stranger")
steps = some.lists(
    some.tuples(
        some.sampled_from(NAMES), some.sampled_from(WHO), some.sampled_from([None, *LATE_REASONS[:2]]),
        some.integers(0, 20),
    ),
    min_size=4, max_size=20,
)  # fmt: skip
filings = some.fixed_dictionaries(
    {
        "kind": some.sampled_from(["signal", "proposal", "question", "info-request", "praise"]),
        "category": some.sampled_from(["pothole", "corruption", None]),
        "is_anonymous": some.booleans(),
    }
)
first_days = some.sampled_from(
    [date(2026, 10, 24), date(2026, 12, 31), date(2027, 3, 27), date(2027, 10, 30), date(2027, 12, 31)]
)  # Before Christmas, month ends, both clock changes, a leap year.


async def _holds(walk: Walk) -> None:
    """What must be true of a case at any time."""
    case, rows = walk.case, await cases.history(walk.db, walk.case.id)
    assert case.state in STATES
    assert [row.before for row in rows[1:]] == [row.after for row in rows[:-1]]
    assert rows[-1].after == case.state
    assert all(row.before in MOVES[row.action].before for row in rows[1:])
    assert case.first_due_on == walk.first_due
    assert (case.decided_at is None) is (case.state in OPEN)
    assert (case.closed_at is not None) is (case.state == "closed")
    assert case.person_id is None or not case.is_anonymous
    assert [row.content["text"] for row in rows if row.action == "answer"] == walk.answers
    told = [row.content["due_on"] for row in rows if "due_on" in row.content and row.action not in ("warn", "overdue")]
    assert told[-1] == (case.due_on and case.due_on.isoformat())  # The history alone tells the date.
    if case.due_on is not None:
        calendar = await workcalendar.of(walk.db, "montana")
        term = Calendar.compute(calendar, case.steps)
        assert term
        if case.due_on >= today(walk.db):
            assert calendar.is_working(case.due_on)
            assert term.due == case.due_on or not case.is_open


async def _walk(
    store: Store, book: Handbook, day: Day, start: date, filing: dict[str, Any], plan: list[Any],
    seen: set[str],
) -> None:  # fmt: skip
    day.now = Day.noon(start)
    async with store.writing() as db:
        bureau = Bureau(db, book)
        case = (await bureau.files(**filing)).case
        people = {
            "clerk": await bureau.employs(), "head": await bureau.employs("head"),
            "mayor": await bureau.employs("mayor"), "stranger": await bureau.employs("mayor", "belene"),
        }  # fmt: skip
        walk = Walk(bureau, case, (await bureau.files()).case, people)
        for name, who, late, passed in plan:
            day.turn(db, today(db) + timedelta(days=passed))
            before = walk.case
            try:
                await acts(walk, who, late)[name]()
            except CaseTrouble:
                await walk.refresh()
                assert walk.case == before, name  # What is refused changes nothing.
            await walk.refresh()
            await _holds(walk)
            seen.add(walk.case.state)
        raise Undone


def test_no_order_of_acts_breaks_a_case(sqlite_database_url: str, handbook: Handbook) -> None:
    day, seen = Day(date(2026, 11, 23)), set[str]()
    with asyncio.Runner() as runner:
        store = Store(sqlite_database_url, now=day)

        @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        @given(first_days, filings, steps)
        def walks(start: date, filing: dict[str, Any], plan: list[Any]) -> None:
            with pytest.raises(Undone):
                runner.run(_walk(store, handbook, day, start, filing, plan, seen))

        walks()
        assert seen >= set(STATES)  # They do get everywhere.
        runner.run(store.close())
