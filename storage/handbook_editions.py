"""The stored editions of the handbook: the one in force, older ones, and the taking in of a new one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from storage.database import Session
from storage.handbook import FIRST_NOTE, delivered, publish
from storage.models import editions


class Overtaken(Exception):
    """Another edition was taken in since this one was compared. Compare again."""


@dataclass(frozen=True, slots=True)
class Edition:
    number: int  # 0: the one delivered with the program, while the database holds none.
    document: dict[str, Any]
    since: datetime | None = None
    note: str = ""


async def edition(db: Session, number: int | None = None) -> Edition | None:
    """The edition of that number, or the newest. An empty database stands on the delivered one."""
    wanted = select(editions).order_by(editions.c.number.desc()).limit(1)
    if number is not None:
        wanted = wanted.where(editions.c.number == number)
    row = await db.first(wanted)
    if row is not None:
        return Edition(row.number, orjson.loads(row.content), row.since, row.note)
    return Edition(0, delivered(), note=FIRST_NOTE) if number is None else None


async def take_in(db: Session, document: Mapping[str, Any], note: str, compared_with: int) -> int:
    """Store a checked document as the next edition, or raise Overtaken; return its number."""
    current = await edition(db)
    assert current is not None
    if current.number != compared_with:
        raise Overtaken
    try:
        if current.number == 0:
            await publish(db, current.document, FIRST_NOTE, 1)
        return await publish(db, document, note, max(current.number, 1) + 1)
    except IntegrityError as error:  # On PostgreSQL several may come this far; the number lets only one through.
        raise Overtaken from error
