"""Checklists: which papers for a card somebody already has."""

from sqlalchemy import bindparam, delete, select

from storage.database import Session
from storage.models import ticks

OF_CARD = select(ticks.c.item).where(ticks.c.person_id == bindparam("person_id"), ticks.c.card == bindparam("card"))
BY_PERSON = select(ticks.c.card, ticks.c.item).where(ticks.c.person_id == bindparam("person_id")).order_by(ticks.c.at)


async def ticked(db: Session, person_id: int, card: str) -> set[str]:
    return {row.item for row in await db.rows(OF_CARD, person_id=person_id, card=card)}


async def tick(db: Session, person_id: int, card: str, item: str) -> bool:
    """Turn a tick over; return whether it is there now."""
    found = await db.execute(
        delete(ticks).where(ticks.c.person_id == person_id, ticks.c.card == card, ticks.c.item == item)
    )
    if found.rowcount:
        return False
    await db.execute(ticks.insert().values(person_id=person_id, card=card, item=item, at=db.now))
    return True


async def clear(db: Session, person_id: int, card: str) -> None:
    await db.execute(delete(ticks).where(ticks.c.person_id == person_id, ticks.c.card == card))


async def begun(db: Session, person_id: int) -> dict[str, set[str]]:
    """The cards of which somebody ticked something, the oldest first, with what is ticked."""
    cards: dict[str, set[str]] = {}
    for row in await db.rows(BY_PERSON, person_id=person_id):
        cards.setdefault(row.card, set()).add(row.item)
    return cards
