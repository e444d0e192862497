"""The private key of the journal: from JOURNAL_KEY, or made and kept in DATA_DIR; and how another takes its place."""

import base64
import binascii
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bot.secrets_file import secret
from bot.settings import Settings
from storage import journal, log
from storage.database import Session
from storage.models import journal_keys
from storage.notes import Key, Signer
from storage.sealing import NEWEST_KEY, WrongKey

FILE, NEXT = "journal", "journal-next"


def read_seed(text: str) -> bytes:
    """The 32 bytes of JOURNAL_KEY; ValueError where it is something else."""
    try:
        seed = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("base64") from None
    if len(seed) != 32:
        raise ValueError("length")
    return seed


def _seeds(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """The keys that we have: the one in force, and one that was made for a change which a crash interrupted."""
    if settings.journal_key:
        yield "", read_seed(settings.journal_key)
        return
    yield FILE, secret(settings.data_dir, FILE)
    if (settings.data_dir / f"{NEXT}.key").exists():
        yield NEXT, secret(settings.data_dir, NEXT)


async def signer(db: Session, settings: Settings) -> Signer:
    """Whoever signs this journal's heads; raises WrongKey where we do not have that key."""
    row = await db.first(NEWEST_KEY)
    if row is None:
        _file, seed = next(_seeds(settings))
        return Signer(origin(settings, seed), seed)
    known = Key.read(row.vkey)
    for file, seed in _seeds(settings):
        found = Signer(known.name, seed)
        if found.key == known:
            if file == NEXT:
                _promote(settings.data_dir, row.number)
            return found
    raise WrongKey(row.vkey)


def origin(settings: Settings, seed: bytes) -> str:
    """What the journal is called. Without an address of its own it is named after its first key."""
    host = urlsplit(settings.public_url).netloc
    return f"{host}/log" if host else f"gishe-{Signer('-', seed).key.public[:4].hex()}/log"


async def rotate(db: Session, settings: Settings, new_seed: bytes | None = None) -> Key:
    """Put another key in force: the old one vouches for it in the journal, and signs no head from then on.

    Without `new_seed` the key is made here and kept in DATA_DIR. It lies there before the journal names it.
    """
    old = await signer(db, settings)
    if new_seed is None:
        (settings.data_dir / f"{NEXT}.key").unlink(missing_ok=True)
        new_seed = secret(settings.data_dir, NEXT)
    fresh = Signer(origin(settings, new_seed) if settings.public_url else old.key.name, new_seed)
    row = await db.first(NEWEST_KEY)
    if row is None:
        raise LookupError("The journal has not begun.")
    db.entries.append(journal.key_entry(db.now, fresh.key, old))
    db.add(journal_keys, number=row.number + 1, vkey=str(fresh.key), at=db.now)
    return fresh.key


def _promote(folder: Path, number: int) -> None:
    """The new key gets the name of the one in force; the old one is kept under a name that nothing reads."""
    current = folder / f"{FILE}.key"
    current.replace(folder / f"{FILE}-before-{number}.key")
    (folder / f"{NEXT}.key").replace(current)


async def keys_document(db: Session) -> str:
    """What /log/key tells: the key in force, then those before it, a line each."""
    keys = await log.keys(db)
    lines = ["# The key that signs the heads of this journal."]
    for number, key in enumerate(keys):
        if number == 1:
            lines.append('# Earlier keys. Each vouched for its successor in an entry of the kind "key".')
        lines.append(str(key))
    return "\n".join(lines) + "\n"


def new_seed_text() -> str:
    """A fresh value for JOURNAL_KEY."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
