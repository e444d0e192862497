"""What became of each message of an announcement, as a file: people are numbered within it, not named."""

import asyncio
from itertools import count
from typing import Any

from handlers.words import Attachment
from locales import Translator
from storage import announcements, files_out
from storage.announcements import Announcement
from storage.database import Session, Store

HEADER = ("recipient", "channel", "language", "outcome", "state", "reason", "attempts", "at")
PAGE = 2_000


async def results(store: Store, one: Announcement, speak: Translator) -> tuple[str, str, bytes]:
    """Name, kind and bytes of the file."""
    rows, after = [], 0
    numbers = count(1)
    while True:
        async with store.reading() as db:
            page = await announcements.results(db, one.id, after, PAGE)
        if not page:
            break
        after = page[-1].person_id
        rows += [(next(numbers), row.channel, row.language, row.outcome, row.state, row.reason or "", row.attempts,
                  row.changed_at) for row in page]  # fmt: skip
    form = one.wants_results if one.wants_results in files_out.WRITERS else "csv"
    assert form is not None
    content = await asyncio.to_thread(_written, form, rows)
    return f"announcement-{one.id:x}.{form}", files_out.MIMES[form], content


def _written(form: str, rows: list[tuple[Any, ...]]) -> bytes:
    return b"".join(files_out.WRITERS[form](HEADER, rows, {}))


def attachment(db: Session, name: str, mime: str, content: bytes) -> Attachment:
    return Attachment(kind="document", digest=db.keep(content), name=name, mime=mime, size=len(content))
