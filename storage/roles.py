"""Roles, and the one-time invitations by which they are given."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from storage import journal
from storage.database import Session
from storage.ids import new_id
from storage.models import invitations, roles

ROLES = ("administrator", "staff", "organizer", "monitor")
DAYS = 14  # An invitation that nobody takes up is a risk; two weeks cover a holiday.
PREFIX = "inv_"


@dataclass(frozen=True, slots=True)
class Role:
    role: str
    municipality: str | None  # None: in all of them.
    department: str | None = None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(
    db: Session, role: str, municipality: str | None = None, department: str | None = None, days: int = DAYS
) -> str:
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
        made_at=db.now,
        expires_at=db.now + timedelta(days=days),
    )
    journal.record(db, "invitation", {"role": role, "municipality": municipality, "department": department})
    return token


async def accept(db: Session, token: str, person_id: int) -> Role | None:
    """Use an invitation up; None when it is unknown, used or too old."""
    taken = (
        await db.execute(
            update(invitations)
            .where(invitations.c.digest == _digest(token), invitations.c.used_at.is_(None))
            .where(invitations.c.expires_at > db.now)
            .values(used_at=db.now, used_by=person_id)
            .returning(invitations.c.role, invitations.c.municipality, invitations.c.department)
        )
    ).first()
    if taken is None:
        return None
    given = Role(taken.role, taken.municipality, taken.department)
    if given not in await of(db, person_id):
        db.add(
            roles,
            id=new_id(),
            person_id=person_id,
            role=given.role,
            municipality=given.municipality,
            department=given.department,
            since=db.now,
        )
        journal.record(
            db, "role-given", {"role": given.role, "municipality": given.municipality, "department": given.department},
            {"person": journal.reference(person_id)}, person_id=person_id,
        )  # fmt: skip
    return given


async def of(db: Session, person_id: int) -> list[Role]:
    """The roles somebody holds now."""
    rows = await db.rows(
        select(roles.c.role, roles.c.municipality, roles.c.department)
        .where(roles.c.person_id == person_id, roles.c.until.is_(None))
        .order_by(roles.c.id)
    )
    return [Role(row.role, row.municipality, row.department) for row in rows]


async def nobody_was_invited(db: Session) -> bool:
    return await db.value(select(invitations.c.digest).limit(1)) is None
