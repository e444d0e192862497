"""What is to be said at a later hour: put aside as a row, claimed once when it is due, void when it became untrue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from storage.database import Session
from storage.ids import new_id
from storage.models import postponed

DUE = (
    select(postponed)
    .where(postponed.c.done_at.is_(None), postponed.c.due_at <= bindparam("now"))
    .order_by(postponed.c.due_at, postponed.c.id)
    .limit(bindparam("many"))
)


def put_aside(
    db: Session,
    conversation_id: int,
    content: dict[str, Any],
    *,
    lane: int,
    about: str | None,
    due_at: datetime,
    expires_at: datetime | None = None,
) -> None:
    db.add(
        postponed,
        id=new_id(),
        conversation_id=conversation_id,
        lane=lane,
        content=content,
        about=about,
        due_at=due_at,
        expires_at=expires_at,
    )


async def any_due(db: Session) -> bool:
    return await db.first(DUE, now=db.now, many=1) is not None


async def take_due(db: Session, many: int = 100) -> Sequence[Row[Any]]:
    """Claim what is due: each row goes to one caller only. What has expired is dropped, with a record."""
    useful = []
    for row in await db.rows(DUE, now=db.now, many=many):
        has_expired = row.expires_at is not None and row.expires_at <= db.now
        claimed = await db.execute(
            update(postponed)
            .where(postponed.c.id == row.id, postponed.c.done_at.is_(None))
            .values(done_at=db.now, outcome="expired" if has_expired else "said")
        )
        if claimed.rowcount and not has_expired:
            useful.append(row)
    return useful


async def void(db: Session, about: str) -> int:
    """What waits to be said about this is not true any more; return how many."""
    result = await db.execute(
        update(postponed)
        .where(postponed.c.about == about, postponed.c.done_at.is_(None))
        .values(done_at=db.now, outcome="void")
    )
    return result.rowcount
