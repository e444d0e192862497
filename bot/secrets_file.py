"""Keys that the program makes for itself and keeps in DATA_DIR, readable by its own user only."""

import os
import secrets
from pathlib import Path

SHORTEST = 16  # Bytes; a shorter file was cut off or written by hand.


def secret(data_dir: Path, name: str, size: int = 32) -> bytes:
    """Return the key of that name; the first time, make it. Two processes that start together get the same."""
    file = data_dir / f"{name}.key"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        _make(file, size)
    key = file.read_bytes()
    if len(key) < SHORTEST:
        raise ValueError(f"{file} is damaged: put back the original, or delete it and a new one is made.")
    return key


def _make(file: Path, size: int) -> None:
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(secrets.token_bytes(size))
            out.flush()
            os.fsync(out.fileno())
        _publish(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)


def _publish(fresh: Path, file: Path) -> None:
    """Give the whole file its name at once; whoever comes second keeps what is there."""
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    except OSError:  # A file system without hard links: there the last one wins, before anybody has used a key.
        fresh.replace(file)
