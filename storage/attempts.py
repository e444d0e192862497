"""How often something was tried in a conversation lately, counted in the log of what was heard."""

from datetime import timedelta

from sqlalchemy import func, select

from storage import ids
from storage.database import Session
from storage.models import incoming

HOUR = timedelta(hours=1)


async def count(db: Session, conversation_id: int, handler: str, within: timedelta = HOUR) -> int:
    """The turns of the last hour that ended in this handler."""
    since = ids.first_at(db.now - within)  # Our own clock: a browser says what it likes of its.
    found: int = await db.value(
        select(func.count())
        .select_from(incoming)
        .where(incoming.c.conversation_id == conversation_id, incoming.c.handler == handler)
        .where(incoming.c.id > since)
    )
    return found
