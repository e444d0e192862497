"""How much somebody files."""

from datetime import datetime

from sqlalchemy import func, or_, select

from storage.caserecord import Case, from_row
from storage.database import Session
from storage.models import cases


async def count_since(db: Session, person_id: int, conversation_id: int, since: datetime) -> int:
    """The matters of a person, and those filed in this conversation without a name, since a moment."""
    mine = or_(cases.c.person_id == person_id, cases.c.conversation_id == conversation_id)
    found: int = await db.value(select(func.count()).select_from(cases).where(mine, cases.c.filed_at > since))
    return found


async def of_question(db: Session, question_id: int) -> Case | None:
    """The case that a question became."""
    row = await db.first(select(cases).where(cases.c.question_id == question_id).order_by(cases.c.id).limit(1))
    return from_row(row) if row else None


async def last_named(db: Session, person_id: int) -> Case | None:
    """The newest case that somebody filed with a name."""
    row = await db.first(
        select(cases)
        .where(cases.c.person_id == person_id, cases.c.name.is_not(None))
        .order_by(cases.c.id.desc())
        .limit(1)
    )
    return from_row(row) if row else None
