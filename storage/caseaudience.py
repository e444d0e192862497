"""Whom a duty reaches among the staff: by role and scope now, with substitutes for those who are away."""

from collections.abc import Iterable
from datetime import date

from storage import absences, permissions, roles
from storage.caserecord import Case, Tell
from storage.database import Session
from storage.permissions import Where
from storage.roles import Role

# Where nobody holds a role, the next one hears of it: nothing is told to nobody.
LADDERS = {
    "department": ("staff", "head", "secretary", "mayor", "administrator"),
    "head": ("head", "secretary", "mayor", "administrator"),
    "secretary": ("secretary", "mayor", "administrator"),
    "mayor": ("mayor", "secretary", "administrator"),
}


async def people(db: Session, tell: Tell, case: Case | None, day: date) -> list[int]:
    """The persons of the staff to whom this goes, each once. Authors and followers have conversations instead."""
    if tell.to == "person":
        return [await _present(db, tell.person_id, day)] if tell.person_id is not None else []
    if tell.to not in LADDERS or tell.municipality is None:
        return []
    where = case.where if case else Where(tell.municipality, tell.department)
    held = await roles.holders(db, tell.municipality, LADDERS[tell.to])
    for role in LADDERS[tell.to]:
        found = [person for person, own in held.items() if _has(own, role, where)]
        if found:
            present = [await _present(db, person, day) for person in found]
            return list(dict.fromkeys(present))
    # Sensitive, and nobody may see it: those who give roles hear that somebody has to.
    return [person for person, own in held.items() if _has(own, "administrator", Where(tell.municipality))]


def _has(own: Iterable[Role], role: str, where: Where) -> bool:
    return any(one.role == role and permissions.holds(one, where) for one in own)


async def _present(db: Session, person_id: int, day: date) -> int:
    substitute = await absences.substitute_of(db, person_id, day)
    return person_id if substitute is None else substitute
