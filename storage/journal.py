"""What is recorded for everybody's eyes: entries of the append-only journal, in the transaction of what they record.

An entry is public and for ever: what kind of thing happened when, in which municipality, to which case. What it was
about stands in it only as a commitment, the SHA-256 of a random salt and the content in canonical JSON. The opening,
salt and content, is kept apart and can be erased; the entry, and every proof, stay as they are.

Entries wait in table `journal_queue`; the sealer (`storage/sealing.py`) gives them their places in the tree.
"""

import base64
import hashlib
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from storage.canonical import canonical
from storage.database import Session
from storage.ids import new_id
from storage.models import openings
from storage.notes import Key, Signer

SALT_BYTES = 16  # Nobody tries 2^128 salts; more would only take room.
MAX_BYTES = 0xFFFF  # Of an entry: the entry bundles give its length in two bytes.
LARGEST = 2**53 - 1  # The whole numbers of JSON that every reader of it holds.
RESERVED = {"at", "commitment", "kind", "ref"}


def record(
    db: Session,
    kind: str,
    public: Mapping[str, Any] | None = None,
    private: Mapping[str, Any] | None = None,
    *,
    person_id: int | None = None,
    about: str | None = None,
) -> int | None:
    """Record that something happened, with this transaction.

    `public` is published for ever as it is: a number of a case, a state, a municipality, a date as text; never a
    name, an address, a word of a citizen. `private` is only committed to; it can be opened, and erased with all other
    data of `person_id`. Numbers of rows are too large for JSON's: in `public` give them as text, in `private` they
    become text. Returns the row of the opening.
    """
    if not db.is_journalled:
        return None
    entry: dict[str, Any] = {"at": moment(db.now), "kind": kind, **(public or {})}
    if RESERVED & set(public or ()):
        raise ValueError(f"Only the journal itself says {', '.join(sorted(RESERVED))}.")
    opening_id = None
    if private is not None:
        opening_id = new_id()
        content, salt = canonical(_fitting(private)), os.urandom(SALT_BYTES)
        entry |= {"commitment": commitment(salt, content), "ref": reference(opening_id)}
        db.add(
            openings, id=opening_id, kind=kind, about=about, person_id=person_id, salt=salt, content=content.decode(),
            at=db.now,
        )  # fmt: skip
        db.openings.append((len(db.entries), opening_id))
    packed = canonical(entry)
    if len(packed) > MAX_BYTES:
        raise ValueError(f"An entry of {len(packed)} bytes is too long: put what is long into `private`.")
    db.entries.append(packed)
    return opening_id


def _fitting(value: Any) -> Any:
    """Whole numbers that JavaScript cannot hold, as text."""
    if isinstance(value, Mapping):
        return {name: _fitting(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_fitting(one) for one in value]
    return str(value) if isinstance(value, int) and not -LARGEST <= value <= LARGEST else value


def moment(at: datetime) -> str:
    """To the second: enough for every deadline, and no help to whoever compares clocks."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def reference(row_id: int) -> str:
    """How an entry names the row that opens it: JSON's whole numbers are too short for ours."""
    return f"{row_id:x}"


def commitment(salt: bytes, content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(salt + content).digest()).decode()


def last_entry(db: Session) -> bytes:
    """The entry that was just recorded, as it will stand in the journal."""
    return db.entries[-1]


# --- Messages: the most frequent entries, so they are written by hand; a test holds that they are canonical. ---


def heard(
    db: Session, row_id: int, *, channel: str, kind: str, content: Any, person_id: int, said_at: datetime,
    municipality: str | None = None,
) -> bytes | None:  # fmt: skip
    """Record that somebody wrote to us; returns the salt, which is kept with the message."""
    if not db.is_journalled:
        return None
    salt = os.urandom(SALT_BYTES)
    seal = commitment(salt, heard_opening(row_id, kind, content, person_id, said_at))
    place = f'"municipality":"{municipality}",' if municipality else ""
    db.entries.append(
        f'{{"at":"{_stamp(db)}","channel":"{channel}","commitment":"{seal}","kind":"heard",{place}"ref":"{row_id:x}"}}'
        .encode()
    )  # fmt: skip
    return salt


def heard_opening(row_id: int, kind: str, content: Any, person_id: int, said_at: datetime) -> bytes:
    """What the entry of a message heard commits to, made again from the message's row."""
    head = f'{{"kind":"{kind}","person":"{person_id:x}","ref":"{row_id:x}","said_at":"{moment(said_at)}","words":'
    return head.encode() + words(content) + b"}"


def said(
    db: Session, row_id: int, *, channel: str, lane: int, content: Any, answers_id: int | None,
    written: bytes | None = None,
) -> bytes | None:  # fmt: skip
    """Record that we put a message into the outbox; returns the salt. `written` is what `words` made of the content."""
    if not db.is_journalled:
        return None
    salt = os.urandom(SALT_BYTES)
    seal = commitment(salt, said_opening(row_id, content, answers_id, written))
    db.entries.append(
        f'{{"at":"{_stamp(db)}","channel":"{channel}","commitment":"{seal}","kind":"said","lane":{lane},'
        f'"ref":"{row_id:x}"}}'.encode()
    )
    return salt


def said_opening(row_id: int, content: Any, answers_id: int | None, written: bytes | None = None) -> bytes:
    head = f'{{"answers":"{answers_id or 0:x}","ref":"{row_id:x}","words":'
    return head.encode() + (written or words(content)) + b"}"


def delivered(db: Session, row_id: int, state: str) -> None:
    """Record what became of a message of ours."""
    if db.is_journalled:
        db.entries.append(
            f'{{"at":"{_stamp(db)}","kind":"delivery","ref":"{row_id:x}","state":"{state}"}}'.encode()
        )  # fmt: skip


def words(content: Any) -> bytes:
    """A message in canonical JSON; one with numbers that JavaScript cannot hold is still better kept than refused."""
    try:
        return canonical(content)
    except TypeError:
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def _stamp(db: Session) -> str:
    """The time of this transaction, written once."""
    if db.stamp is None:
        db.stamp = moment(db.now)
    return db.stamp


def unpack(packed: bytes) -> Iterable[bytes]:
    """The entries of a bundle or of a row of the queue, one after the other."""
    place, end = 0, len(packed)
    while place < end:
        size = int.from_bytes(packed[place : place + 2], "big")
        entry = packed[place + 2 : place + 2 + size]
        if len(entry) != size or place + 2 > end:
            raise ValueError("The entries end in the middle of one.")
        yield entry
        place += 2 + size


def key_entry(now: datetime, key: Key, previous: Signer | None = None) -> bytes:
    """The first entry names the key that signs the heads; a new key is named, and vouched for, by the one before it."""
    entry: dict[str, Any] = {"at": moment(now), "key": str(key), "kind": "key"}
    if previous:
        entry["previous"] = str(previous.key)
        entry["endorsement"] = base64.b64encode(previous.sign(endorsed(key))).decode()
    return canonical(entry)


def endorsed(key: Key) -> bytes:
    """What the old key signs when a new one takes its place."""
    return f"gishe journal key\n{key}\n".encode()
