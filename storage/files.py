"""Received files: a row for each, its bytes on the disk under their SHA-256."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, bindparam, select

from storage.database import Session
from storage.ids import new_id
from storage.models import files

OWN = select(files).where(
    files.c.conversation_id == bindparam("conversation_id"), files.c.id.in_(bindparam("ids", expanding=True))
)


def receive(db: Session, conversation_id: int, *, digest: str, name: str, mime: str, size: int) -> int:
    """Note a file whose bytes are safely stored; returns its number."""
    file_id = new_id()
    db.add(
        files, id=file_id, conversation_id=conversation_id, digest=digest, name=name, mime=mime, size=size, at=db.now
    )
    return file_id


async def received(db: Session, conversation_id: int, ids: Collection[int]) -> dict[int, Row[Any]]:
    """Those of these files that came in this very conversation, by number."""
    rows = await db.rows(OWN, conversation_id=conversation_id, ids=list(ids))
    return {row.id: row for row in rows}


async def one(db: Session, file_id: int) -> Row[Any] | None:
    """An upload by its number, for whoever was told of it by its sender."""
    return await db.first(select(files).where(files.c.id == file_id))
