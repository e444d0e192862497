"""Who wants no more announcements: a row for each kind somebody has unsubscribed from."""

from dataclasses import dataclass

from sqlalchemy import select

from storage.announcements import NEWS
from storage.audiences import EMERGENCY_SCOPE, ORDINARY
from storage.database import Session
from storage.models import unsubscribed


@dataclass(slots=True)
class Subscription:
    ordinary: bool = True
    emergency: bool = True


async def of(db: Session, person_id: int) -> Subscription:
    rows = await db.rows(select(unsubscribed.c.scope).where(unsubscribed.c.person_id == person_id))
    left = {row.scope for row in rows}
    return Subscription(ORDINARY not in left, EMERGENCY_SCOPE not in left)


async def unsubscribe(db: Session, person_id: int, scope: str) -> None:
    """From this moment on nothing of that kind goes out to them, also of what is being sent just now."""
    known = await db.value(
        select(unsubscribed.c.scope).where(unsubscribed.c.person_id == person_id, unsubscribed.c.scope == scope)
    )
    if known is None:
        db.add(unsubscribed, person_id=person_id, scope=scope, since=db.now)
    db.news.add(NEWS)


async def subscribe(db: Session, person_id: int, scope: str) -> None:
    await db.execute(unsubscribed.delete().where(unsubscribed.c.person_id == person_id, unsubscribed.c.scope == scope))
