"""A conversation as both sides see it, message by message: what the web chat shows and resumes from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, bindparam, or_, select, update

from storage import journal
from storage.database import Session
from storage.ids import LOW_BITS
from storage.models import conversations, incoming, outgoing, people

WAITING = ("due", "claimed")
UNDELIVERED = ("due", "claimed", "sent", "unknown")
BEFORE = {"sent": WAITING, "delivered": UNDELIVERED, "seen": (*UNDELIVERED, "delivered")}
LATE = timedelta(days=1)  # Numbers sort by time; two processes' commits may come in another order, by seconds.

OURS = select(outgoing.c.id, outgoing.c.content, outgoing.c.state, outgoing.c.replaces, outgoing.c.due_at).where(
    outgoing.c.conversation_id == bindparam("conversation_id"),
    or_(outgoing.c.state.not_in(WAITING), outgoing.c.due_at <= bindparam("now")),  # The future is not told.
    or_(outgoing.c.state.not_in(WAITING), outgoing.c.expires_at.is_(None), outgoing.c.expires_at > bindparam("now")),
)
THEIRS = select(incoming.c.id, incoming.c.key, incoming.c.kind, incoming.c.content, incoming.c.said_at).where(
    incoming.c.conversation_id == bindparam("conversation_id")
)
KEPT = (
    select(incoming.c.id, incoming.c.conversation_id, people.c.language, people.c.municipality)
    .select_from(incoming.join(people, people.c.id == incoming.c.person_id))
    .where(incoming.c.channel == bindparam("channel"), incoming.c.key == bindparam("key"))
)
OWN_CONTENT = select(outgoing.c.content).where(
    outgoing.c.id == bindparam("message_id"), outgoing.c.conversation_id == bindparam("conversation_id")
)
WHOSE = (
    select(conversations.c.id, people.c.language, people.c.municipality)
    .select_from(conversations.outerjoin(people))
    .where(conversations.c.channel == bindparam("channel"), conversations.c.external == bindparam("external"))
)
STATES = select(outgoing.c.id, outgoing.c.conversation_id, outgoing.c.state).where(
    outgoing.c.id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Said:
    """A message of ours."""

    id: int
    content: dict[str, Any]
    state: str
    replaces: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """A message of theirs."""

    id: int
    key: str
    kind: str
    content: dict[str, Any]
    at: datetime


Message = Said | Written


def _merged(ours: Iterable[Row[Any]], theirs: Iterable[Row[Any]]) -> list[Message]:
    both: list[Message] = [Said(r.id, r.content, r.state, r.replaces, r.due_at) for r in ours]
    both += [Written(r.id, r.key, r.kind, r.content, r.said_at) for r in theirs]
    return sorted(both, key=lambda message: message.id)


async def history(db: Session, conversation_id: int, before: int, many: int) -> list[Message]:
    """Return the last `many` messages of both sides older than `before`, oldest first."""

    def last(those: Select[Any], number: Any) -> Select[Any]:
        return those.where(number < before).order_by(number.desc()).limit(many)

    ours = await db.rows(last(OURS, outgoing.c.id), conversation_id=conversation_id, now=db.now)
    theirs = await db.rows(last(THEIRS, incoming.c.id), conversation_id=conversation_id)
    return _merged(ours, theirs)[-many:]


async def since(db: Session, conversation_id: int, after: int, many: int) -> list[Message]:
    """Return what both sides said after `after`, oldest first, and what of ours before it has not been delivered.

    More than `many` come back where there is more than that: then the last page of the history says it better.
    """
    early = after - (int(LATE.total_seconds() * 1000) << LOW_BITS)
    late = OURS.where(outgoing.c.id > early, outgoing.c.id <= after, outgoing.c.state.in_(UNDELIVERED))
    ours = OURS.where(outgoing.c.id > after).order_by(outgoing.c.id).limit(many + 1)
    theirs = THEIRS.where(incoming.c.id > after).order_by(incoming.c.id).limit(many + 1)
    names = {"conversation_id": conversation_id}
    said = [*await db.rows(late, now=db.now, **names), *await db.rows(ours, now=db.now, **names)]
    return _merged(said, await db.rows(theirs, **names))


async def kept(db: Session, channel: str, key: str) -> Row[Any] | None:
    """The row of a message of theirs, with what its person prefers now."""
    return await db.first(KEPT, channel=channel, key=key)


async def whose(db: Session, channel: str, external: str) -> Row[Any] | None:
    """The conversation of that name and what its person prefers, without holding up a turn there."""
    return await db.first(WHOSE, channel=channel, external=external)


async def file_of(db: Session, conversation_id: int, message_id: int, number: int) -> dict[str, Any] | None:
    """A file that we sent with a message, if it was said in this very conversation."""
    content = await db.value(OWN_CONTENT, message_id=message_id, conversation_id=conversation_id)
    files = (content or {}).get("files", [])
    return files[number] if number < len(files) else None


async def receipts(db: Session, told: Sequence[tuple[int, int, str]]) -> None:
    """Take many receipts (conversation, message, state) at once; none turns a state back."""
    found = await db.rows(STATES, ids=list({row for _conversation, row, _became in told}))
    states = {(row.conversation_id, row.id): row.state for row in found}
    for state, before in BEFORE.items():
        rows = []
        for place in {(conversation, row) for conversation, row, became in told if became == state}:
            if states.get(place) in before:
                states[place] = state
                rows.append({"row_id": place[1], "of": place[0]})
                journal.delivered(db, place[1], state)
        if rows:
            await db.execute(
                update(outgoing)
                .where(outgoing.c.id == bindparam("row_id"), outgoing.c.conversation_id == bindparam("of"))
                .where(or_(*(outgoing.c.state == early for early in before)))  # IN does not go with many rows at once.
                .values(state=state, changed_at=db.now),
                rows,
            )
