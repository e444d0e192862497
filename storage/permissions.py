"""Who may do what: one table of roles and actions, and the scope in which a role holds.

A role holds in its municipality (or in all), and where it names a department or a category, only there. What is
sensitive is seen by the secretary and the mayor, and by whoever holds a role for that very category; never by the
department concerned.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_

from storage.models import cases
from storage.roles import Role

CLERK, HEAD, SECRETARY, MAYOR = "staff", "head", "secretary", "mayor"
ADMINISTRATOR, ORGANIZER, MONITOR = "administrator", "organizer", "monitor"

_DESK = frozenset({CLERK, HEAD, SECRETARY, MAYOR})
_HEADS = frozenset({HEAD, SECRETARY, MAYOR})
_TOP = frozenset({SECRETARY, MAYOR})
_KEEPERS = frozenset({SECRETARY, MAYOR, ADMINISTRATOR})

RIGHTS: dict[str, frozenset[str]] = {
    # Of a case
    "see": _DESK | {ADMINISTRATOR},  # Number, dates, state, words; who wrote them is another right.
    "see-author": _DESK,
    "file": _DESK,
    "register": _DESK,
    "take": _DESK,
    "release": _DESK,
    "assign": _HEADS | {ADMINISTRATOR},
    "route": _DESK | {ADMINISTRATOR},
    "classify": _DESK,
    "ask": _DESK,
    "reply": _DESK,
    "add": _DESK,
    "plan": _DESK,
    "extend": _HEADS,  # The law gives it to a higher body than who handles the case.
    "forward": _DESK,
    "draft": _DESK,
    "approve": _HEADS,
    "send-back": _HEADS,
    "answer": _DESK,
    "refuse": _DESK,
    "correct": _DESK,
    "duplicate": _DESK,
    "close": _DESK,
    "note": _DESK | {ADMINISTRATOR},
    "delivered": _DESK,
    "reopen": _HEADS,
    "bulk": _DESK,
    # Of a department or a municipality
    "workload": _HEADS | {ADMINISTRATOR},
    "absence": _HEADS | {ADMINISTRATOR},  # Of others; everybody sets their own.
    "prepared": _HEADS | {ADMINISTRATOR},
    "departments": _KEEPERS,
    "routes": _KEEPERS,
    "calendar": _KEEPERS,
    "groups": _HEADS | {ADMINISTRATOR},
    "invite": _KEEPERS,
    "figures": _DESK | {ADMINISTRATOR, MONITOR},
    "recompute": _KEEPERS,
}
# Who may invite to which role: nobody gives more than they hold.
INVITES = {
    ADMINISTRATOR: frozenset({ADMINISTRATOR, MAYOR, SECRETARY, HEAD, CLERK, ORGANIZER, MONITOR}),
    MAYOR: frozenset({SECRETARY, HEAD, CLERK, ORGANIZER}),
    SECRETARY: frozenset({HEAD, CLERK, ORGANIZER}),
}


@dataclass(frozen=True, slots=True)
class Where:
    """What an action touches. A case has all of these."""

    municipality: str | None
    department: str | None = None
    category: str | None = None
    is_sensitive: bool = False


def may(roles: Iterable[Role], action: str, where: Where) -> bool:
    """Whether somebody with these roles may do this there. An action nobody knows is refused."""
    wanted = RIGHTS.get(action, frozenset())
    return any(role.role in wanted and holds(role, where) for role in roles)


def holds(role: Role, where: Where) -> bool:
    if role.municipality is not None and role.municipality != where.municipality:
        return False
    if role.department is not None and role.department != where.department:
        return False
    if role.category is not None and role.category != where.category:
        return False
    return not where.is_sensitive or role.role in _TOP or role.category is not None


def may_invite(roles: Iterable[Role], role: Role) -> bool:
    """Whether somebody may give this role: one below theirs, within their own scope."""
    where = Where(role.municipality, role.department, role.category)
    return any(role.role in INVITES.get(own.role, ()) and _covers(own, where) for own in roles)


def _covers(own: Role, where: Where) -> bool:
    pairs = ((own.municipality, where.municipality), (own.department, where.department), (own.category, where.category))
    return all(mine is None or mine == theirs for mine, theirs in pairs)


def within(roles: Iterable[Role], action: str = "see") -> ColumnElement[bool]:
    """The same as a condition on table `cases`, for lists."""
    wanted = RIGHTS.get(action, frozenset())
    return or_(false(), *(_condition(role) for role in roles if role.role in wanted))


def _condition(role: Role) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    for name in ("municipality", "department", "category"):
        if (value := getattr(role, name)) is not None:
            parts.append(cases.c[name] == value)
    if role.role not in _TOP and role.category is None:
        parts.append(cases.c.is_sensitive.is_(False))
    return and_(cases.c.id.is_not(None), *parts)
