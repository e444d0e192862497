"""Heads of the journal on their way outside: a row for each receiver, tried until it arrives or is given up."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, select

from storage import journal
from storage.audit_findings import N_
from storage.database import Session
from storage.ids import new_id
from storage.models import journal_heads, outgoing, publications

ATTEMPTS = 30  # With the pauses below: more than a day.
PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
KEEP = timedelta(days=7)  # Of heads that nobody holds; what is published or cosigned stays for ever.
STATES = {"due": N_("waiting"), "sent": N_("delivered"), "failed": N_("not delivered")}


def publish(db: Session, size: int, receivers: Collection[tuple[str, str]]) -> None:
    """Put a head on its way to each (way, address)."""
    for way, address in receivers:
        db.add(
            publications, id=new_id(), size=size, way=way, address=address, state="due", attempts=0, due_at=db.now,
            changed_at=db.now,
        )  # fmt: skip


async def due(db: Session) -> Sequence[Row[Any]]:
    """What is to be tried now, with the head itself, and what became of it in the outbox where it went that way."""
    return await db.rows(
        select(publications, journal_heads.c.note, journal_heads.c.cosignatures, outgoing.c.state.label("said_state"))
        .select_from(
            publications.join(journal_heads, journal_heads.c.size == publications.c.size)
            .outerjoin(outgoing, outgoing.c.id == publications.c.message_id)
        )
        .where(publications.c.state == "due", publications.c.due_at <= db.now)
        .order_by(publications.c.id)
    )  # fmt: skip


def handed_over(db: Session, row: Row[Any], message_id: int) -> None:
    """It is in the outbox now, which tries by itself; we look what became of it."""
    db.change(publications, row.id, message_id=message_id, due_at=db.now + PAUSE, changed_at=db.now)


def say_anew(db: Session, row: Row[Any]) -> None:
    """The outbox gave it up: the next attempt is another message."""
    db.change(publications, row.id, message_id=None)


def wait(db: Session, row: Row[Any]) -> None:
    db.change(publications, row.id, due_at=db.now + PAUSE)


def settle(db: Session, row: Row[Any], problem: str | None) -> None:
    """Record an attempt: arrived, to be tried again, or given up."""
    attempts = row.attempts + 1
    if problem is None:
        db.change(publications, row.id, state="sent", attempts=attempts, reason=None, changed_at=db.now)
        journal.record(db, "published", {"size": row.size, "way": row.way})
    elif attempts >= ATTEMPTS:
        db.change(publications, row.id, state="failed", attempts=attempts, reason=problem, changed_at=db.now)
    else:
        pause = min(PAUSE * 2 ** min(attempts, 10), LONGEST_PAUSE)
        db.change(publications, row.id, attempts=attempts, reason=problem, due_at=db.now + pause, changed_at=db.now)


async def newest(db: Session) -> Sequence[Row[Any]]:
    """The newest publication to each receiver."""
    last = select(func.max(publications.c.id)).group_by(publications.c.way, publications.c.address)
    return await db.rows(select(publications).where(publications.c.id.in_(last)).order_by(publications.c.id))


async def last_at(db: Session) -> Any:
    """When a head was last put on its way."""
    return await db.value(
        select(journal_heads.c.at)
        .select_from(journal_heads.join(publications, publications.c.size == journal_heads.c.size))
        .order_by(publications.c.id.desc())
        .limit(1)
    )


async def forget_unused_heads(db: Session) -> int:
    """Heads are made every minute; those that nobody outside holds are not kept for ever. The newest always stays."""
    newest_size = select(func.max(journal_heads.c.size)).scalar_subquery()
    result = await db.execute(
        journal_heads.delete()
        .where(journal_heads.c.at < db.now - KEEP, journal_heads.c.cosignatures == "")
        .where(journal_heads.c.size < newest_size)
        .where(journal_heads.c.size.not_in(select(publications.c.size)))
    )
    return result.rowcount
