"""Receipts: what a citizen holds in hand of a step of their case, with the proof that it stands in the journal."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Row, select

from storage import journal, log
from storage.database import Session
from storage.ids import new_id
from storage.models import openings, receipts
from storage.notes import Checkpoint

FORMAT = "gishe-receipt/1"
STEPS = ("filed", "decided")


def make(
    db: Session,
    number: str,
    step: str,
    content: Mapping[str, Any],
    *,
    municipality: str,
    language: str,
    person_id: int | None = None,
    due: date | None = None,
    state: str | None = None,
) -> str:
    """Make the receipt of a step ("filed" or "decided") of a case, with this transaction; return its token.

    `content` is what was filed or decided, word for word, with the SHA-256 of each file (`files`). Whoever has the
    token sees it under /receipt/<token>; the journal shows only the number, the step and the date promised.
    """
    if step not in STEPS:
        raise ValueError(step)
    public = {"case": number, "municipality": municipality, "step": step, "state": state, "due": due and str(due)}
    shown = {name: value for name, value in public.items() if value is not None}
    is_journalled = db.is_journalled
    db.is_journalled = True  # A receipt without its entry would prove nothing.
    try:
        opening_id = journal.record(db, "receipt", shown, content, person_id=person_id, about=number)
    finally:
        db.is_journalled = is_journalled
    token = secrets.token_urlsafe(24)  # 192 bits: nobody finds one by trying.
    db.add(
        receipts, id=new_id(), token=token, number=number, step=step, opening_id=opening_id, person_id=person_id,
        language=language, entry=journal.last_entry(db).decode(), at=db.now,
    )  # fmt: skip
    return token


def path(token: str) -> str:
    """Where a receipt is shown; `.json`, `.pdf` and `.txt` behind it give it as a file."""
    return f"/receipt/{token}"


async def of_case(db: Session, number: str, person_id: int | None = None) -> Sequence[Row[Any]]:
    """The receipts of a case, oldest first (token, step, at); with `person_id` only those of that person."""
    query = select(receipts.c.token, receipts.c.step, receipts.c.at).where(receipts.c.number == number)
    if person_id is not None:
        query = query.where(receipts.c.person_id == person_id)
    return await db.rows(query.order_by(receipts.c.id))


async def find(db: Session, token: str) -> Row[Any] | None:
    """A receipt with its opening."""
    return await db.first(
        select(receipts, openings.c.position, openings.c.salt, openings.c.content, openings.c.erased_at,
               openings.c.erased_why)
        .select_from(receipts.join(openings, openings.c.id == receipts.c.opening_id))
        .where(receipts.c.token == token)
    )  # fmt: skip


async def document(db: Session, token: str, log_address: str = "") -> dict[str, Any] | None:
    """The whole receipt as a document that can be checked without us. Until it is sealed it has no proof yet."""
    row = await find(db, token)
    if row is None:
        return None
    made: dict[str, Any] = {
        "format": FORMAT,
        "entry": row.entry,
        "opening": _opening(row),
        "log": log_address,
        "language": row.language,
    }
    head = await log.head(db)
    if row.position is None or head is None:
        return made
    note = log.full_note(head)
    size = Checkpoint.read(note).size
    proof = await log.inclusion(db, row.position, size)
    return made | {
        "position": row.position,
        "proof": [base64.b64encode(step).decode() for step in proof],
        "checkpoint": note,
        "keys": [str(key) for key in await log.keys(db)],
    }


def _opening(row: Row[Any]) -> dict[str, Any]:
    if row.erased_at is not None:
        return {"erased_at": journal.moment(row.erased_at), "reason": row.erased_why}
    return {"salt": base64.b64encode(row.salt).decode(), "content": row.content}


def facts(entry: str) -> dict[str, Any]:
    """What an entry says."""
    says = orjson.loads(entry)
    return says if isinstance(says, dict) else {}
