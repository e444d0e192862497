"""What the checks of the whole journal found, one row each."""

from typing import Any

from sqlalchemy import Row, select

from storage.database import Session
from storage.ids import new_id
from storage.models import journal_checks


def note(db: Session, is_well: bool, size: int, findings: list[dict[str, Any]]) -> None:
    db.add(journal_checks, id=new_id(), is_well=is_well, size=size, findings=findings, at=db.now)


async def last(db: Session) -> Row[Any] | None:
    return await db.first(select(journal_checks).order_by(journal_checks.c.id.desc()).limit(1))
