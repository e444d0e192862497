"""Whether what our database holds is still what the journal commits to: texts, times and authors, row by row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from storage import journal
from storage.audit_findings import BAD, GOOD, N_, NOTE, Entry, Report
from storage.database import Session, Store
from storage.models import incoming, openings, outgoing

HEARD = select(
    incoming.c.id, incoming.c.kind, incoming.c.content, incoming.c.person_id, incoming.c.said_at, incoming.c.salt
).where(incoming.c.id.in_(bindparam("ids", expanding=True)))
SAID = select(outgoing.c.id, outgoing.c.content, outgoing.c.answers_id, outgoing.c.salt).where(
    outgoing.c.id.in_(bindparam("ids", expanding=True))
)
OPENED = select(
    openings.c.id, openings.c.salt, openings.c.content, openings.c.erased_at, openings.c.erased_why
).where(openings.c.id.in_(bindparam("ids", expanding=True)))  # fmt: skip
WAITING_TOMBSTONES = select(openings.c.content).where(openings.c.kind == "erasure", openings.c.position.is_(None))
MOST = 20

Opened = tuple[bytes | None, bytes]  # Salt and content; no salt: erased.


class OwnOpenings:
    """Compares the entries of the journal with the rows that open them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.matching = self.erased = self.wrong = 0
        self._bare: dict[str, Entry] = {}  # Entries whose contents are erased, until a tombstone names them.
        self._gone: dict[str, Entry] = {}  # Entries whose row is not there, the same.
        self._named: set[str] | None = None  # What tombstones name.
        self.last_erased: tuple[datetime, str] | None = None

    async def check(self, entries: Sequence[tuple[int, Mapping[str, Any]]], report: Report) -> None:
        wanted: dict[str, dict[int, tuple[int, Mapping[str, Any]]]] = {"heard": {}, "said": {}, "other": {}}
        for position, says in entries:
            if "commitment" in says:
                kind = says["kind"] if says["kind"] in wanted else "other"
                wanted[kind][_number(says.get("ref"))] = (position, says)
        async with self.store.reading() as db:
            if self._named is None:
                self._named = await _waiting_tombstones(db)
            found = {**await _heard(db, wanted["heard"]), **await _said(db, wanted["said"])}
            found |= await self._others(db, wanted["other"])
        for rows in wanted.values():
            for row_id, (position, says) in rows.items():
                self._compare(Entry(position, says), found.get(row_id), report)

    @property
    def named(self) -> set[str]:
        return self._named if self._named is not None else set()

    async def _others(self, db: Session, ids: Iterable[int]) -> dict[int, Opened]:
        found: dict[int, Opened] = {}
        for row in await db.rows(OPENED, ids=list(ids)):
            found[row.id] = (row.salt, (row.content or "").encode())
            if row.erased_at and (self.last_erased is None or row.erased_at > self.last_erased[0]):
                self.last_erased = (row.erased_at, row.erased_why or "?")
        return found

    def _compare(self, entry: Entry, opened: Opened | None, report: Report) -> None:
        assert entry.says is not None
        if opened is None:
            self._gone[str(entry.says.get("ref"))] = entry
            return
        if opened[0] is None:
            self.erased += 1
            self._bare[str(entry.says.get("ref"))] = entry
            return
        if journal.commitment(opened[0], opened[1]) == entry.says["commitment"]:
            self.matching += 1
            if entry.says["kind"] == "erasure":
                self.named.update(orjson.loads(opened[1]).get("refs", ()))
            return
        text = N_("{entry}: its contents were changed in the database after they were recorded.")
        self._wrong(report, "opening", text, entry)

    def _wrong(self, report: Report, code: str, text: str, entry: Entry) -> None:
        self.wrong += 1
        if self.wrong <= MOST:
            report.add(BAD, code, text, entry=entry)

    def conclude(self, report: Report) -> None:
        text = N_("{entry}: its contents were erased from the database, but no entry says so.")
        for entry in [entry for ref, entry in self._bare.items() if ref not in self.named]:
            self._wrong(report, "no-tombstone", text, entry)
        text = N_("{entry}: its contents were deleted from the database, without a tombstone.")
        lost = [entry for ref, entry in self._gone.items() if ref not in self.named]
        for entry in lost:
            self._wrong(report, "opening-missing", text, entry)
        self.erased += len(self._gone) - len(lost)
        if self.wrong > MOST:
            text = N_("Entries whose contents were changed or deleted in the database: {count}.")
            report.add(BAD, "openings", text, count=self.wrong)
        if not self.wrong:
            text = N_("Contents in the database that are word for word those that were recorded: {count}.")
            report.add(GOOD, "openings", text, count=self.matching)
        if self.erased:
            text = N_("Contents that were erased, leaving a tombstone: {count}.")
            report.add(NOTE, "openings-erased", text, count=self.erased)


async def _waiting_tombstones(db: Session) -> set[str]:
    """What is named by tombstones that are recorded and not sealed yet; the sealed ones are among the entries."""
    rows = await db.rows(WAITING_TOMBSTONES)
    return {ref for row in rows if row.content for ref in orjson.loads(row.content).get("refs", ())}


async def _heard(db: Session, ids: Iterable[int]) -> dict[int, Opened]:
    return {
        row.id: (row.salt, journal.heard_opening(row.id, row.kind, row.content, row.person_id, row.said_at))
        for row in await db.rows(HEARD, ids=list(ids))
    }


async def _said(db: Session, ids: Iterable[int]) -> dict[int, Opened]:
    return {
        row.id: (row.salt, journal.said_opening(row.id, row.content, row.answers_id))
        for row in await db.rows(SAID, ids=list(ids))
    }


def _number(reference: Any) -> int:
    try:
        return int(reference, 16)
    except (TypeError, ValueError):
        return 0
