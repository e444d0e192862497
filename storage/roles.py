"""Roles, and the one-time invitations by which they are given."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from storage import journal
from storage.database import Session
from storage.ids import new_id
from storage.models import invitations, roles

ROLES = ("administrator", "mayor", "secretary", "head", "staff", "organizer", "monitor", "emergency")
CASEWORKERS = ("mayor", "secretary", "head", "staff")  # Who handles cases; a clerk is "staff".
FIRST = ("administrator", "staff", "organizer", "monitor")  # Invited at the first start; the others by them.
ADMINISTRATOR, ORGANIZER = "administrator", "organizer"
EMERGENCY = "emergency"  # The right to send emergency notices; it goes with no other role.
DAYS = 14  # An invitation that nobody takes up is a risk; two weeks cover a holiday.
PREFIX = "inv_"


@dataclass(frozen=True, slots=True)
class Role:
    role: str
    municipality: str | None  # None: in all of them.
    department: str | None = None
    category: str | None = None  # Only matters of this category.


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(
    db: Session, role: str, municipality: str | None = None, department: str | None = None, days: int = DAYS,
    category: str | None = None,
) -> str:  # fmt: skip
    """Return a token that gives `role` to the first who opens the chat with it within `days`."""
    if role not in ROLES:
        raise ValueError(role)
    token = PREFIX + secrets.token_urlsafe(24)  # 192 bits; fits Telegram's 64 characters of A-Z a-z 0-9 _ -
    db.add(
        invitations,
        digest=_digest(token),
        role=role,
        municipality=municipality,
        department=department,
        category=category,
        made_at=db.now,
        expires_at=db.now + timedelta(days=days),
    )
    journal.record(
        db, "invitation",
        {"role": role, "municipality": municipality, "department": department, "category": category},
    )  # fmt: skip
    return token


async def accept(db: Session, token: str, person_id: int) -> Role | None:
    """Use an invitation up; None when it is unknown, used or too old."""
    taken = (
        await db.execute(
            update(invitations)
            .where(invitations.c.digest == _digest(token), invitations.c.used_at.is_(None))
            .where(invitations.c.expires_at > db.now)
            .values(used_at=db.now, used_by=person_id)
            .returning(invitations.c.role, invitations.c.municipality, invitations.c.department, invitations.c.category)
        )
    ).first()
    if taken is None:
        return None
    given = Role(taken.role, taken.municipality, taken.department, taken.category)
    if given not in await of(db, person_id):
        db.add(
            roles,
            id=new_id(),
            person_id=person_id,
            role=given.role,
            municipality=given.municipality,
            department=given.department,
            category=given.category,
            since=db.now,
        )
        journal.record(
            db, "role-given", _public(given), {"person": journal.reference(person_id)}, person_id=person_id,
        )  # fmt: skip
    return given


async def of(db: Session, person_id: int) -> list[Role]:
    """The roles somebody holds now."""
    rows = await db.rows(
        select(roles.c.role, roles.c.municipality, roles.c.department, roles.c.category)
        .where(roles.c.person_id == person_id, roles.c.until.is_(None))
        .order_by(roles.c.id)
    )
    return [Role(row.role, row.municipality, row.department, row.category) for row in rows]


async def take_away(db: Session, person_id: int, role: Role) -> bool:
    """End a role at once; True when it was held."""
    same = [roles.c[name].is_not_distinct_from(value) for name, value in _public(role).items()]
    result = await db.execute(
        update(roles).where(roles.c.person_id == person_id, roles.c.until.is_(None), *same).values(until=db.now)
    )
    if result.rowcount:
        journal.record(db, "role-ended", _public(role), {"person": journal.reference(person_id)}, person_id=person_id)
    return bool(result.rowcount)


async def holders(db: Session, municipality: str, roles_wanted: Collection[str] = CASEWORKERS) -> dict[int, list[Role]]:
    """Who holds which of these roles in a municipality now (or in all)."""
    rows = await db.rows(
        select(roles.c.person_id, roles.c.role, roles.c.municipality, roles.c.department, roles.c.category)
        .where(roles.c.until.is_(None), roles.c.role.in_(roles_wanted))
        .where((roles.c.municipality == municipality) | roles.c.municipality.is_(None))
        .order_by(roles.c.id)
    )
    held: dict[int, list[Role]] = {}
    for row in rows:
        held.setdefault(row.person_id, []).append(Role(row.role, row.municipality, row.department, row.category))
    return held


async def administrators(db: Session) -> list[int]:
    """Everybody who administers the program, in one municipality or in all."""
    held = roles.c.role == "administrator"
    rows = await db.rows(select(roles.c.person_id).where(held, roles.c.until.is_(None)).distinct())
    return [row.person_id for row in rows]


def _public(role: Role) -> dict[str, str | None]:
    return {
        "role": role.role, "municipality": role.municipality, "department": role.department, "category": role.category
    }  # fmt: skip


async def nobody_was_invited(db: Session) -> bool:
    return await db.value(select(invitations.c.digest).limit(1)) is None
