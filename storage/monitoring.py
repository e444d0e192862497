"""What an outside monitor sees of single matters: what was done when, and no word that anybody wrote."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from storage import journal
from storage.database import Session
from storage.models import case_history, cases
from storage.opendata import PUBLIC

c, h = cases.c, case_history.c
SHOWN = (
    c.id, c.number, c.municipality, c.kind, c.category, c.state, c.source, c.department, c.filed_at, c.first_due_on,
    c.due_on, c.decided_at, c.late_reason, c.solved, c.extensions, c.reopened,
)  # fmt: skip


async def newest(db: Session, municipality: str, before: int | None, many: int) -> Sequence[Row[Any]]:
    """Published matters of a municipality, the newest first; sensitive and private ones are not shown."""
    where = [PUBLIC, c.municipality == municipality]
    if before:
        where.append(c.id < before)
    return await db.rows(select(*SHOWN).where(*where).order_by(c.id.desc()).limit(many))


async def matter(db: Session, case_id: int) -> Row[Any] | None:
    return await db.first(select(*SHOWN).where(PUBLIC, c.id == case_id))


async def steps(db: Session, case_id: int, many: int = 40) -> Sequence[Row[Any]]:
    """What was done, in order, without its words."""
    return await db.rows(
        select(h.at, h.actor, h.action, h.before, h.after).where(h.case_id == case_id).order_by(h.id).limit(many)
    )


def looked(db: Session, person_id: int, what: str, municipality: str, number: str | None = None) -> None:
    """Each look of a monitor or of staff at the figures' matters stands in the journal."""
    public = {"municipality": municipality, "what": what} | ({"case": number} if number else {})
    journal.record(db, "look", public, {"person": journal.reference(person_id)}, person_id=person_id, about=number)
