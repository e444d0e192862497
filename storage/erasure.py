"""Erasing personal data: words and openings go, entries, proofs and counts stay, a tombstone is journalled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, or_, select, update

from storage import journal
from storage.database import Session
from storage.models import (
    case_files,
    case_history,
    case_ratings,
    case_words,
    cases,
    conversations,
    event_feedback,
    event_questions,
    files,
    incoming,
    media,
    openings,
    outgoing,
    postponed,
    reminders,
    seats,
    ticks,
    unanswered,
)

ERASED: dict[str, Any] = {"text": "", "erased": True}  # What stands in place of a message's words.
WAITING = ("due", "claimed")
NEEDING = (files.c.digest, media.c.digest, media.c.shown_digest, media.c.thumb_digest, case_files.c.digest,
           case_files.c.public_digest, case_files.c.thumbnail_digest)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, and the digests of files that nothing refers to any more."""

    entries: int
    cases: tuple[str, ...]
    kept_cases: tuple[str, ...]
    digests: tuple[str, ...]


async def erase(
    db: Session, person_id: int, reason: str, *, with_cases: bool = False, forget_address: bool = False
) -> Erased:  # fmt: skip
    """Erase what a person wrote and what we wrote to them in private; `reason` is published with the tombstone.

    Matters that are still open are evidence and stay; those that ended go `with_cases`. With `forget_address` nobody
    can write to them any more, and when they write they are somebody new.
    """
    if len(reason) > 64 or not reason.strip():
        raise ValueError("The reason is a few words: it is published.")
    ended, kept = await _cases(db, person_id, with_cases)
    own = await db.rows(
        select(conversations.c.id).where(conversations.c.person_id == person_id, conversations.c.is_group.is_(False))
    )
    places = [row.id for row in own]
    refs = await _erase_messages(db, person_id, places)
    refs += await _erase_openings(db, person_id, [row.number for row in ended], reason)
    await _erase_cases(db, [row.id for row in ended])
    await _erase_words_elsewhere(db, person_id, places)
    digests = await _erase_files(db, places)
    if forget_address:
        for place in places:
            db.change(conversations, place, external=f"erased-{place:x}", reachable=False)
    journal.record(db, "erasure", {"entries": len(refs), "reason": reason}, {"refs": refs})
    return Erased(len(refs), tuple(row.number for row in ended), tuple(row.number for row in kept), digests)


async def _cases(db: Session, person_id: int, with_cases: bool) -> tuple[list[Any], list[Any]]:
    rows = await db.rows(
        select(cases.c.id, cases.c.number, cases.c.decided_at)
        .where(cases.c.person_id == person_id)
        .order_by(cases.c.id)
    )
    ended = [row for row in rows if with_cases and row.decided_at is not None]
    return ended, [row for row in rows if row not in ended]


async def _erase_messages(db: Session, person_id: int, places: Sequence[int]) -> list[str]:
    refs: list[str] = []
    theirs = await db.rows(
        update(incoming)
        .where(incoming.c.person_id == person_id, incoming.c.salt.is_not(None))
        .values(kind="text", content=ERASED, salt=None, error=None)
        .returning(incoming.c.id)
    )
    refs += [journal.reference(row.id) for row in theirs]
    to_them = outgoing.c.conversation_id.in_(places)
    waiting = and_(to_them, outgoing.c.state.in_(WAITING))
    await db.execute(update(outgoing).where(waiting).values(state="expired", reason="erased", changed_at=db.now))
    ours = await db.rows(
        update(outgoing)
        .where(to_them, outgoing.c.salt.is_not(None))
        .values(content=ERASED, salt=None)
        .returning(outgoing.c.id)
    )
    return refs + [journal.reference(row.id) for row in ours]


async def _erase_openings(db: Session, person_id: int, numbers: Sequence[str], reason: str) -> list[str]:
    """Those of the person that are about no matter, or about one that is erased with them."""
    rows = await db.rows(
        update(openings)
        .where(openings.c.person_id == person_id, openings.c.erased_at.is_(None))
        .where(or_(openings.c.about.is_(None), openings.c.about.in_(numbers)))
        .values(salt=None, content=None, erased_at=db.now, erased_why=reason)
        .returning(openings.c.id)
    )
    return [journal.reference(row.id) for row in rows]


async def _erase_cases(db: Session, ids: Sequence[int]) -> None:
    """The words, names and places of matters; number, kind, dates and states stay for the figures."""
    if not ids:
        return
    nothing = dict.fromkeys(("name", "contact", "lat", "lon", "place", "pending_answer"))
    await db.execute(update(cases).where(cases.c.id.in_(ids)).values(text="", title="", code_digest=None, **nothing))
    await db.execute(update(case_history).where(case_history.c.case_id.in_(ids)).values(content={"erased": True}))
    await db.execute(update(case_ratings).where(case_ratings.c.case_id.in_(ids)).values(words=None))
    await db.execute(delete(case_words).where(case_words.c.case_id.in_(ids)))


async def _erase_words_elsewhere(db: Session, person_id: int, places: Sequence[int]) -> None:
    await db.execute(
        update(unanswered).where(unanswered.c.person_id == person_id).values(question="", details=None, details_id=None)
    )
    await db.execute(update(case_ratings).where(case_ratings.c.person_id == person_id).values(words=None))
    await db.execute(update(event_questions).where(event_questions.c.person_id == person_id).values(question=""))
    await db.execute(update(event_feedback).where(event_feedback.c.person_id == person_id).values(words=None))
    await db.execute(update(seats).where(seats.c.person_id == person_id).values(name=None))
    await db.execute(delete(ticks).where(ticks.c.person_id == person_id))
    await db.execute(delete(reminders).where(reminders.c.person_id == person_id))
    await db.execute(
        update(postponed)
        .where(postponed.c.conversation_id.in_(places), postponed.c.done_at.is_(None))
        .values(done_at=db.now, outcome="void")
    )
    await db.execute(update(postponed).where(postponed.c.conversation_id.in_(places)).values(content=ERASED))
    for place in places:
        db.change(conversations, place, step=None, draft=None, menu=None)


async def _erase_files(db: Session, places: Sequence[int]) -> tuple[str, ...]:
    """The rows of what was uploaded in their chats; their digests, where nothing else needs the same bytes."""
    gone = await db.rows(delete(files).where(files.c.conversation_id.in_(places)).returning(files.c.digest))
    digests = {row.digest for row in gone}
    for column in NEEDING if digests else ():
        digests -= {row[0] for row in await db.rows(select(column).where(column.in_(digests)))}
    return tuple(sorted(digests))
