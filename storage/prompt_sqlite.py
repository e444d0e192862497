"""An aiosqlite connection that does on the loop's own thread what does not wait.

A hop to the driver's thread and back costs more than most statements, and each takes three or four. Within a write
transaction only its end waits (for the disk), and its beginning where another process writes just then; these keep to
the thread. Reports and exports, whose statements may be long, read through plain connections.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite

AT_ONCE = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
BEGIN = "BEGIN IMMEDIATE"
BUSY_MS = 10_000  # Longer than the longest transaction of another process on the same file.
CHUNK = 64  # Rows that aiosqlite fetches at a time when it iterates.


class PromptConnection(aiosqlite.Connection):
    @property
    def own(self) -> sqlite3.Connection:
        """The driver's connection itself, for statements within a transaction."""
        return self._conn

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._connection and self._is_prompt(fn, args):
            return fn(*args, **kwargs)
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def begin_now(self) -> bool:
        """Begin to write if nobody else does just then; else whoever asks has to wait in the thread."""
        self._conn.execute("PRAGMA busy_timeout = 0")
        try:
            self._conn.execute(BEGIN)
        except sqlite3.OperationalError:  # Locked; anything else will be heard of in the thread.
            return False
        finally:
            self._conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        return True

    def _is_prompt(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        match fn.__name__:
            case "execute" | "executemany":
                return self._conn.in_transaction and args[0].startswith(AT_ONCE)
            case "rollback":  # SQLAlchemy asks for one whenever a connection comes back to it.
                return not self._conn.in_transaction
            case "close":
                return isinstance(getattr(fn, "__self__", None), sqlite3.Cursor)
            case name:
                return name in ("cursor", "fetchall")


def prompt(database: str, **options: Any) -> PromptConnection:
    """Make a connection the way `aiosqlite.connect` does."""
    connection = PromptConnection(lambda: sqlite3.connect(database, **options), CHUNK)
    connection._thread.daemon = True  # As SQLAlchemy wants it: an exit must not hang on it.
    return connection
