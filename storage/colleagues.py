"""How the people of the staff are called among themselves. Citizens see the institution, not the person."""

from collections.abc import Collection

from sqlalchemy import bindparam, select, update

from storage.database import Session
from storage.models import colleagues

MOST_CHARS = 80
NAMES = select(colleagues.c.person_id, colleagues.c.name).where(
    colleagues.c.person_id.in_(bindparam("people", expanding=True))
)


async def names(db: Session, people: Collection[int]) -> dict[int, str]:
    """Of those who have said how they are called."""
    if not people:
        return {}
    return {row.person_id: row.name for row in await db.rows(NAMES, people=list(people))}


async def name_of(db: Session, person_id: int) -> str | None:
    return (await names(db, [person_id])).get(person_id)


async def call(db: Session, person_id: int, name: str) -> None:
    """From now on somebody is called so; `name` is one line of words and not empty."""
    plain = " ".join(name.split())[:MOST_CHARS]
    if not plain:
        raise ValueError("A name is needed.")
    known = await db.execute(
        update(colleagues).where(colleagues.c.person_id == person_id).values(name=plain, since=db.now)
    )
    if not known.rowcount:
        db.add(colleagues, person_id=person_id, name=plain, since=db.now)
