"""Claims: who tells what, once. A row of `case_duties` belongs to the first transaction that writes it."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Session
from storage.models import case_duties

d = case_duties.c
CLAIM = {
    "sqlite": sqlite.insert(case_duties).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(case_duties).on_conflict_do_nothing(),
}


async def claim(db: Session, what: str, about: str, mark: str) -> bool:
    """True for the one who may tell this. Another process waits here until the first has committed."""
    statement = CLAIM[db.connection.dialect.name]
    done = await db.execute(statement, {"what": what, "about": about, "mark": mark, "at": db.now})
    return bool(done.rowcount)


async def is_claimed(db: Session, what: str, about: str, mark: str) -> bool:
    return await db.value(select(d.at).where(d.what == what, d.about == about, d.mark == mark)) is not None


async def forget(db: Session, what: str, about: str, *, but: str) -> None:
    """Give up the claims of this but for one mark: what held before may be claimed again."""
    await db.execute(case_duties.delete().where(d.what == what, d.about == about, d.mark != but))
