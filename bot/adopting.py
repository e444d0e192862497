"""Taking entries that our database has lost back from a public copy of the journal, so that it goes on as one."""

from bot.log_sources import Files, Tables
from storage import adopting, journal
from storage.audit import Audit
from storage.audit_findings import Report
from storage.database import Store
from storage.notes import Checkpoint
from storage.tiles import ENTRIES, WIDTH, Tile


class CannotAdopt(Exception):
    """The copy is not in order, or it is not the continuation of ours."""

    def __init__(self, report: Report) -> None:
        super().__init__(", ".join(report.codes()))
        self.report = report


async def adopt(store: Store, source: Files) -> int:
    """Append what the copy has beyond our own head, with its own seal; return how many entries that were."""
    ours = Checkpoint.read(await Tables(store).text("checkpoint"))
    report = await Audit(source, heads=[ours]).run()
    if set(report.codes()) == {"tail"}:
        return 0  # The copy is older than the backup.
    if not report.is_well:
        raise CannotAdopt(report)
    note = await source.text("checkpoint")
    size = Checkpoint.read(note).size
    entries: list[bytes] = []
    for number in range(ours.size // WIDTH, -(-size // WIDTH)):
        bundle = list(journal.unpack(await source.tile(Tile(ENTRIES, number, min(WIDTH, size - number * WIDTH)))))
        entries += bundle[max(0, ours.size - number * WIDTH) :]
    async with store.writing() as db:
        is_taken = await adopting.take_in(db, entries, note)
    return len(entries) if is_taken else 0
