"""Every role, every action, in one's own and in another municipality, department and category."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from storage import casedesk, cases, permissions, roles
from storage.casemoves import MOVES, STAFF
from storage.caserecord import Actor, NotAllowed, WrongState, staff
from storage.database import Store
from storage.handbook import Handbook
from storage.models import STATES
from storage.models import cases as table
from storage.permissions import RIGHTS, Where, may
from storage.roles import Role
from tests.casetown import Bureau, Day

ROLES = ("staff", "head", "secretary", "mayor", "administrator", "organizer", "monitor")
# Who may do what where they belong: a letter of `shsmaom` for each role that may, a dot for each that may not.
TABLE = {
    "see": "shsma..", "see-author": "shsm...", "file": "shsm...", "register": "shsm...", "take": "shsm...",
    "release": "shsm...", "assign": ".hsma..", "route": "shsma..", "classify": "shsm...", "ask": "shsm...",
    "reply": "shsm...", "add": "shsm...", "plan": "shsm...", "extend": ".hsm...", "forward": "shsm...",
    "draft": "shsm...", "approve": ".hsm...", "send-back": ".hsm...", "answer": "shsm...", "refuse": "shsm...",
    "correct": "shsm...", "duplicate": "shsm...", "close": "shsm...", "note": "shsma..",
    "delivered": "shsm...", "reopen": ".hsm...", "bulk": "shsm...", "workload": ".hsma..", "absence": ".hsma..",
    "prepared": ".hsma..", "departments": "..sma..", "routes": "..sma..", "calendar": "..sma..", "groups": ".hsma..",
    "invite": "..sma..", "figures": "shsma.m", "recompute": "..sma..",
}  # fmt: skip
HERE = Where("montana", "roads", "pothole")
SENSITIVE = Where("montana", "office", "corruption", is_sensitive=True)


def test_the_table_knows_every_action() -> None:
    assert set(TABLE) == set(RIGHTS)
    by_staff = {action for action, move in MOVES.items() if STAFF in move.by}
    assert by_staff <= set(RIGHTS)


@pytest.mark.parametrize("action", sorted(TABLE))
def test_every_role_in_its_own_and_in_other_scopes(action: str) -> None:
    for role, letter in zip(ROLES, TABLE[action], strict=True):
        allowed = letter != "."
        assert may([Role(role, "montana")], action, HERE) is allowed, role
        assert may([Role(role, None)], action, HERE) is allowed, role
        assert may([Role(role, "montana", "roads")], action, HERE) is allowed, role
        assert may([Role(role, "montana", "roads", "pothole")], action, HERE) is allowed, role
        assert not may([Role(role, "belene")], action, HERE), role
        assert not may([Role(role, "montana", "ecology")], action, HERE), role
        assert not may([Role(role, "montana", None, "waste")], action, HERE), role
        assert may([Role(role, "montana")], action, SENSITIVE) is (allowed and role in ("secretary", "mayor")), role
        assert may([Role(role, "montana", None, "corruption")], action, SENSITIVE) is allowed, role
        assert not may([], action, HERE)
    assert not may([Role("mayor", None)], "no-such-action", HERE)


INVITED = {
    "administrator": set(ROLES), "mayor": {"secretary", "head", "staff", "organizer"},
    "secretary": {"head", "staff", "organizer"},
}  # fmt: skip


@pytest.mark.parametrize(("own", "given"), list(itertools.product(ROLES, ROLES)))
def test_nobody_invites_above_themselves_or_elsewhere(own: str, given: str) -> None:
    allowed = given in INVITED.get(own, ())
    assert permissions.may_invite([Role(own, "montana")], Role(given, "montana", "roads")) is allowed
    assert not permissions.may_invite([Role(own, "montana")], Role(given, "belene"))
    assert not permissions.may_invite([Role(own, "montana")], Role(given, None))
    assert not permissions.may_invite([Role(own, "montana", "roads")], Role(given, "montana"))


@pytest.fixture
async def bureau(sqlite_database_url: str, handbook: Handbook) -> AsyncIterator[Bureau]:
    store = Store(sqlite_database_url, now=Day(date(2026, 11, 23)))
    async with store.writing() as db:
        yield Bureau(db, handbook)
    await store.close()


async def test_lists_hold_exactly_what_one_may_see(bureau: Bureau) -> None:
    filed = [
        (await bureau.files(municipality=municipality, category=category)).case
        for municipality in ("montana", "belene")
        for category in ("pothole", "waste", "corruption", None)
    ]
    for role, municipality, department, category in itertools.product(
        ROLES, ("montana", None), ("roads", None), ("waste", "corruption", None)
    ):
        held = [Role(role, municipality, department, category)]
        rows = await bureau.db.rows(select(table.c.id).where(permissions.within(held)))
        assert {row.id for row in rows} == {case.id for case in filed if may(held, "see", case.where)}, held
    assert not await bureau.db.rows(select(table.c.id).where(permissions.within([])))


async def test_no_move_works_for_whoever_may_not(bureau: Bureau) -> None:
    """Every move that staff makes, for every role: what the table does not allow is refused, before anything else."""
    case = (await bureau.files()).case
    words = {"reason": "Причина", "text": "Текст"}
    for action, move in MOVES.items():
        if not move.before:
            continue
        there = replace(case, state=move.before[0])
        for role in ROLES:
            for where in ("montana", "belene"):
                actor = staff(1, [Role(role, where)])
                allowed = STAFF in move.by and may(actor.roles, action, case.where)
                try:
                    cases.check(there, actor, action, words)
                except NotAllowed:
                    assert not allowed, (action, role, where)
                else:
                    assert allowed, (action, role, where)
        stranger = Actor("author", 1)
        with pytest.raises(NotAllowed):
            cases.check(there, stranger, action, words)


async def test_who_lost_the_role_can_do_nothing(bureau: Bureau) -> None:
    case = (await bureau.files()).case
    clerk = await bureau.employs()
    taken = await casedesk.take(bureau.db, case, clerk)
    assert clerk.person_id
    assert await roles.take_away(bureau.db, clerk.person_id, Role("staff", "montana"))
    assert not await roles.take_away(bureau.db, clerk.person_id, Role("staff", "montana"))
    former = staff(clerk.person_id, await roles.of(bureau.db, clerk.person_id))
    with pytest.raises(NotAllowed):
        await casedesk.answer(bureau.db, bureau.rules, taken.case, former, "Готово.")


async def test_moves_out_of_place_are_refused(bureau: Bureau) -> None:
    case = (await bureau.files()).case
    mayor = await bureau.employs("mayor")
    for action, move in MOVES.items():
        if STAFF not in move.by or not move.before:
            continue
        for state in STATES:
            there = replace(case, state=state)
            if state in move.before:
                cases.check(there, mayor, action, {"reason": "x"})
            else:
                with pytest.raises(WrongState):
                    cases.check(there, mayor, action, {"reason": "x"})
