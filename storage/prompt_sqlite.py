"""An aiosqlite connection that does on the loop's own thread what does not wait.

A hop to the driver's thread and back costs more than most statements, and each takes three or four. Within a write
transaction only its end waits (for the disk), and its beginning where another process writes just then; these keep to
the thread. Reports and exports, whose statements may be long, read through plain connections.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import aiosqlite

AT_ONCE = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
BEGIN = "BEGIN IMMEDIATE"
BUSY_MS = 10_000  # Longer than the longest transaction of another process on the same file.
CHUNK = 64  # Rows that aiosqlite fetches at a time when it iterates.


class Connection(aiosqlite.Connection):
    """One whose thread is ended once.

    What stands behind the end of the thread is never done. Where closing is cancelled, as when the program stops in the
    middle of a statement, SQLAlchemy and aiosqlite both ask for the end, and the second would wait for it for ever.
    """

    _ending: "tuple[asyncio.Future[Any] | None] | None" = None

    def stop(self) -> "asyncio.Future[Any] | None":
        if self._ending is None:
            self._ending = (super().stop(),)
        return self._ending[0]


class PromptConnection(Connection):
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


Kind = TypeVar("Kind", bound=Connection)


def prompt(database: str, **options: Any) -> PromptConnection:
    return _made(PromptConnection, database, options)


def plain(database: str, **options: Any) -> Connection:
    return _made(Connection, database, options)


def _made(kind: type[Kind], database: str, options: Mapping[str, Any]) -> Kind:
    """Make a connection the way `aiosqlite.connect` does."""
    connection = kind(lambda: sqlite3.connect(database, **options), CHUNK)
    connection._thread.daemon = True  # As SQLAlchemy wants it: an exit must not hang on it.
    return connection
