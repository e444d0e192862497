"""The duty of sealing the journal, and the entries by which the program says that it began and ended."""

import asyncio
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import structlog

from bot import journal_key
from bot.settings import Settings
from storage import checks, journal
from storage import log as log_storage
from storage.database import Session, Store
from storage.notes import Checkpoint, Signer
from storage.sealing import WrongKey, seal_all, waiting_seconds

SEAL_S = 20  # The journal promises to be a minute behind at most.
SLOW_S = 120  # A queue that waits longer than this is an alarm.
STOP_S = 20.0  # For the last sealing when the program ends.

log = structlog.get_logger()


class Sealer:
    """Seals what the clock finds in the queue, and knows whether that works."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.head: Checkpoint | None = None
        self.problem = ""
        self._signer: Signer | None = None
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        async with self.store.writing() as db:
            journal.record(db, "start", {"version": program_version()})
        await self.seal()

    async def stop(self) -> None:
        """Say that we end, and leave nothing unsealed."""
        try:
            async with asyncio.timeout(STOP_S):
                async with self.store.writing() as db:
                    journal.record(db, "stop")
                await self.seal()
        except Exception as error:
            log.error("last_sealing_failed", error=type(error).__name__)

    async def seal(self) -> None:
        """The duty; what goes wrong is told in the log, by /healthz, and tried again."""
        async with self._lock:
            try:
                await self._seal()
                self.problem = ""
            except WrongKey:
                self.problem = "wrong key"
                log.error("journal_key_is_not_the_one", hint="put back DATA_DIR/journal.key or JOURNAL_KEY")
            except Exception as error:
                self.problem = type(error).__name__
                log.error("sealing_failed", error=type(error).__name__)

    async def _seal(self) -> None:
        for is_last in (False, True):
            if self._signer is None:
                async with self.store.reading() as db:
                    self._signer = await journal_key.signer(db, self.settings)
            try:
                self.head = await seal_all(self.store, self._signer) or self.head
            except WrongKey:  # Another key has come into force since.
                self._signer = None
                if is_last:
                    raise
            else:
                return


async def log_health(db: Session, problem: str) -> dict[str, Any]:
    """What /healthz tells of the journal: how far it is sealed, and what the last check of the whole found."""
    head = await log_storage.head(db)
    behind = await waiting_seconds(db)
    check = await checks.last(db)
    seen: dict[str, Any] = {
        "ok": not problem and behind < SLOW_S and (check is None or check.is_well),
        "size": head.size if head else 0,
        "unsealed_seconds": round(behind, 1),
        "last_head": head.at.isoformat() if head else None,
        "last_check": {"ok": check.is_well, "at": check.at.isoformat()} if check else None,
    }
    return seen | ({"problem": problem} if problem else {})


def program_version() -> str:
    try:
        return version("gishe")
    except PackageNotFoundError:
        return Path(__file__).parent.parent.name
