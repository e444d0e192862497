"""What was heard and what was said: the log of messages, which is also the outbox."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from storage import ids, journal
from storage.database import Session
from storage.ids import new_id
from storage.models import conversations, incoming, outgoing

WAITING = ("due", "claimed")
FINAL = ("sent", "delivered", "seen", "failed", "expired", "unknown")

KNOWN_KEYS = select(incoming.c.key).where(
    incoming.c.channel == bindparam("channel"), incoming.c.key.in_(bindparam("keys", expanding=True))
)
replaced = outgoing.alias("replaced")
LETTERS = (
    select(
        outgoing.c.id,
        outgoing.c.conversation_id,
        outgoing.c.lane,
        outgoing.c.content,
        outgoing.c.state,
        outgoing.c.attempts,
        outgoing.c.due_at,
        outgoing.c.expires_at,
        outgoing.c.replaces,
        conversations.c.channel,
        conversations.c.external,
        conversations.c.is_group,
        conversations.c.reachable,
        replaced.c.external.label("replaces_external"),
    )
    .select_from(outgoing.join(conversations).outerjoin(replaced, replaced.c.id == outgoing.c.replaces))
    .order_by(outgoing.c.lane, outgoing.c.id)
)
DUE = (
    LETTERS.where(outgoing.c.state.in_(WAITING))
    .where(outgoing.c.lane == bindparam("lane"), outgoing.c.id > bindparam("after"))
    .where(outgoing.c.channel == bindparam("channel"))
    .where(outgoing.c.due_at <= bindparam("now"))
    .limit(bindparam("many"))
)
OLDEST = select(func.min(outgoing.c.due_at)).where(
    outgoing.c.state.in_(WAITING),
    outgoing.c.channel.in_(bindparam("channels", expanding=True)),
    outgoing.c.due_at <= bindparam("now"),
)
SAID_TO = (
    LETTERS.with_only_columns(outgoing.c.id, outgoing.c.content, outgoing.c.state, outgoing.c.replaces,
                              outgoing.c.due_at, outgoing.c.external.label("own_external"), maintain_column_froms=True)
    .where(outgoing.c.conversation_id == bindparam("conversation_id"))
    .order_by(None)
)  # fmt: skip
SAID = select(outgoing.c.id, outgoing.c.conversation_id, outgoing.c.content, outgoing.c.external).where(
    outgoing.c.id.in_(bindparam("ids", expanding=True))
)

EXTERNAL = select(outgoing.c.external).where(outgoing.c.id == bindparam("message_id"))

NAMES_AT_ONCE = 500

TOKEN = re.compile(r"([0-9a-f]{1,16})-([0-9]{1,3})")


def token(message_id: int, place: int) -> str:
    """What a choice is called on its way through a channel: which message of ours, which of its choices."""
    return f"{message_id:x}-{place}"


def read_token(text: str) -> tuple[int, int] | None:
    """Return (message, place) or None where it cannot be a token of ours."""
    found = TOKEN.fullmatch(text)
    message_id = ids.read(found[1], 16) if found else None
    return (message_id, int(found[2])) if found and message_id else None


@dataclass(slots=True)
class Letter:
    """A message of ours on its way: one row of the outbox with the address it goes to."""

    id: int
    conversation_id: int
    channel: str
    address: str
    is_group: bool
    lane: int
    content: dict[str, Any]
    replaces: str | None = None  # The channel's number of the message that this one rewrites.
    replaces_id: int | None = None
    attempts: int = 0
    state: str = "due"
    reachable: bool = True
    expires_at: datetime | None = None
    pieces_sent: int = 0  # Of a text that the channel takes only in pieces.
    sent_as: str | None = None  # The channel's number of the piece that has the choices.
    under: str | None = None  # Of the message that this one stands under, in a group without topics.
    repeats: int = 0  # After nobody knew whether it had arrived.

    @property
    def chat(self) -> str:
        """Where it goes, as the pace counts it: the topics of a group are one chat."""
        return self.address.partition("/")[0] if self.is_group else self.address


def letter(row: Row[Any]) -> Letter:
    return Letter(
        row.id,
        row.conversation_id,
        row.channel,
        row.external,
        row.is_group,
        row.lane,
        row.content,
        row.replaces_external,
        row.replaces,
        row.attempts,
        row.state,
        row.reachable,
        row.expires_at,
    )


async def known_keys(db: Session, channel: str, keys: Collection[str]) -> set[str]:
    """Those of `keys` that were heard before."""
    return {row.key for row in await db.rows(KNOWN_KEYS, channel=channel, keys=list(keys))}


def heard(db: Session, *, municipality: str | None = None, **row: Any) -> int:
    """Log what was heard, and journal it; the number sorts by time."""
    row_id: int = row.setdefault("id", new_id())
    salt = journal.heard(
        db, row_id, channel=row["channel"], kind=row["kind"], content=row["content"], person_id=row["person_id"],
        said_at=row["said_at"], municipality=municipality,
    )  # fmt: skip
    db.add(incoming, heard_at=db.now, salt=salt, **row)
    return row_id


def handled_by(db: Session, heard_id: int, handler: str) -> None:
    db.change(incoming, heard_id, handler=handler)


def mark_failed(db: Session, heard_id: int, error: str) -> None:
    """The turn failed and was taken back; what was heard stays, with what went wrong."""
    db.change(incoming, heard_id, state="failed", error=error)


WAITING_PARTS = (
    select(incoming.c.id, incoming.c.content, incoming.c.said_at)
    .where(incoming.c.state == "waiting", incoming.c.conversation_id == bindparam("conversation_id"))
    .order_by(incoming.c.id)
)


async def take_waiting(db: Session, conversation_id: int, album: str) -> list[Row[Any]]:
    """Return the stored parts of an album, in order, and mark them handled: only one turn gets them."""
    found = await db.rows(WAITING_PARTS, conversation_id=conversation_id)
    parts = [part for part in found if part.content.get("album") == album]
    for part in parts:
        db.change(incoming, part.id, state="handled")
    return parts


async def waiting_albums(db: Session) -> list[tuple[str, str, str, str, datetime]]:
    """Return (channel, conversation, sender, album, time) of albums that wait for their turn."""
    own = conversations.alias("own")  # Whoever speaks in a group has a private conversation, too.
    is_own = (own.c.person_id == incoming.c.person_id) & (own.c.channel == incoming.c.channel)
    found = await db.rows(
        select(
            incoming.c.content,
            incoming.c.said_at,
            conversations.c.channel,
            conversations.c.external,
            own.c.external.label("sender"),
        )
        .select_from(incoming.join(conversations).join(own, is_own))
        .where(incoming.c.state == "waiting")
        .order_by(incoming.c.id)
    )
    albums = {(row.channel, row.external, row.sender, row.content["album"]): row.said_at for row in found}
    return [(*names, at) for names, at in albums.items()]


def say(
    db: Session,
    conversation_id: int,
    content: dict[str, Any],
    *,
    channel: str,
    lane: int,
    answers_id: int | None = None,
    replaces: int | None = None,
    about: str | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    message_id: int | None = None,
    words: bytes | None = None,
) -> int:
    """Put a message into the outbox; it goes out after the transaction is committed.

    `words` are the content as the journal writes it, where many get the same.
    """
    message_id = message_id or new_id()
    db.add(
        outgoing,
        id=message_id,
        conversation_id=conversation_id,
        answers_id=answers_id,
        channel=channel,
        lane=lane,
        content=content,
        about=about,
        replaces=replaces,
        state="due",
        attempts=0,
        due_at=due_at or db.now,
        expires_at=expires_at,
        changed_at=db.now,
        salt=journal.said(
            db, message_id, channel=channel, lane=lane, content=content, answers_id=answers_id, written=words
        ),
    )
    return message_id


async def due(db: Session, channel: str, lane: int, after: int, many: int) -> list[Letter]:
    """Return up to `many` waiting messages of one lane of a channel, those behind `after` in order."""
    rows = await db.rows(DUE, channel=channel, lane=lane, after=after, many=many, now=db.now)
    return [letter(row) for row in rows]


async def claim(db: Session, ids: Sequence[int]) -> None:
    """Note before the attempt that it is made: what a crash leaves claimed may or may not have arrived."""
    await db.execute(
        update(outgoing).where(outgoing.c.id == bindparam("row_id")).values(state="claimed"),
        [{"row_id": message_id} for message_id in ids],
    )


async def give_up_claimed(db: Session, channel: str, lane: int) -> int:
    """What was claimed when the last process ended may have arrived: it is not sent again. Returns how many."""
    given_up = await db.rows(
        update(outgoing)
        .where(outgoing.c.state == "claimed", outgoing.c.channel == channel, outgoing.c.lane == lane)
        .values(state="unknown", reason="The program ended while it was being sent.", changed_at=db.now)
        .returning(outgoing.c.id)
    )
    for row in given_up:
        journal.delivered(db, row.id, "unknown")
    return len(given_up)


async def were_sent(db: Session, names: Mapping[int, str | None]) -> None:
    """These had been sent when the last process ended, before it could note so."""
    for start in range(0, len(names), NAMES_AT_ONCE):
        some = list(names)[start : start + NAMES_AT_ONCE]
        rows = await db.rows(select(outgoing.c.id).where(outgoing.c.id.in_(some), outgoing.c.state.in_(WAITING)))
        for row in rows:
            settle(db, row.id, "sent", attempts=1, external=names[row.id])


async def oldest_due(db: Session, channels: Collection[str]) -> datetime | None:
    """Since when the longest waiting message of these channels is due."""
    oldest = await db.value(OLDEST, channels=list(channels), now=db.now)
    return oldest  # type: ignore[no-any-return]


async def readdress(db: Session, old_id: int, new_id: int) -> None:
    """What waits to be sent to one conversation goes to another."""
    await db.execute(
        update(outgoing)
        .where(outgoing.c.conversation_id == old_id, outgoing.c.state.in_(WAITING))
        .values(conversation_id=new_id)
    )


def settle(
    db: Session,
    message_id: int,
    state: str,
    *,
    attempts: int,
    reason: str | None = None,
    external: str | None = None,
    due_at: datetime | None = None,
) -> None:
    """Record what became of an attempt."""
    values: dict[str, Any] = {"state": state, "reason": reason, "attempts": attempts, "changed_at": db.now}
    if external is not None:
        values["external"] = external
    if due_at is not None:
        values["due_at"] = due_at
    if state in FINAL:
        journal.delivered(db, message_id, state)
    db.change(outgoing, message_id, **values)


async def external_of(db: Session, message_id: int) -> str | None:
    """What the channel calls a message of ours, once it is sent."""
    external = await db.value(EXTERNAL, message_id=message_id)
    return external  # type: ignore[no-any-return]


def called(db: Session, message_id: int, external: str) -> None:
    """A message of ours that was gone has been written anew: from now on it is called so."""
    db.change(outgoing, message_id, external=external)


async def receipt(db: Session, conversation_id: int, message_id: int, state: str, reason: str = "") -> bool:
    """The channel tells what became of a message of this conversation; a receipt never turns the state back."""
    before = {"delivered": ("due", "claimed", "sent", "unknown"), "seen": ("due", "claimed", "sent", "unknown",
              "delivered"), "failed": ("sent",)}[state]  # fmt: skip
    result = await db.execute(
        update(outgoing)
        .where(outgoing.c.id == message_id, outgoing.c.conversation_id == conversation_id)
        .where(outgoing.c.state.in_(before))
        .values(state=state, reason=reason or None, changed_at=db.now)
    )
    if result.rowcount:
        journal.delivered(db, message_id, state)
    return bool(result.rowcount)


async def said(db: Session, ids: Collection[int]) -> dict[int, Row[Any]]:
    """Messages of ours by number. Whose they are is said there: the number alone opens nothing of somebody else's."""
    return {row.id: row for row in await db.rows(SAID, ids=list(ids))} if ids else {}


TEXT_OF = select(incoming.c.content).where(
    incoming.c.id == bindparam("heard_id"), incoming.c.person_id == bindparam("person_id")
)


async def text_of(db: Session, heard_id: int, person_id: int) -> str | None:
    """What this person wrote in a message of theirs."""
    content = await db.value(TEXT_OF, heard_id=heard_id, person_id=person_id)
    return content and (content.get("text") or content.get("caption") or None)


RECENT = (
    select(incoming.c.content)
    .where(incoming.c.conversation_id == bindparam("conversation_id"))
    .where(incoming.c.kind.in_(["text", "edited"]))
    .order_by(incoming.c.id.desc())
    .limit(30)
    .offset(1)  # Behind the one that is being heard now.
)


async def said_before(db: Session, conversation_id: int, ref: str, text: str) -> bool:
    """Whether the newest version that we know of the message `ref` has these very words."""
    for row in await db.rows(RECENT, conversation_id=conversation_id):
        if row.content.get("ref") == ref:
            return bool(row.content["text"] == text)
    return False


async def newest(db: Session) -> int:
    """The largest row number in use, so that numbers go on above it."""
    heard_last = await db.value(select(func.max(incoming.c.id)))
    said_last = await db.value(select(func.max(outgoing.c.id)))
    return max(heard_last or 0, said_last or 0)
