"""The signed monthly report of each municipality: made on the first working day, published once, never changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

import orjson
import structlog

from bot import journal_key
from bot.figuring import Figuring
from bot.settings import Settings
from handlers.figure_words import Words
from locales import Translator
from storage import catalogue, demo, log, reports, workcalendar
from storage.apart import call_apart
from storage.canonical import canonical
from storage.database import Store
from storage.handbook import Library
from storage.months import SOFIA, Month
from storage.notes import Signer

MONTHLY_S = 60.0  # Between looks; what is due is one row that is not there yet.
NOT_BEFORE = time(8, 0)
LANGUAGE = "bg"  # Of the page: the language of the administration. The figures themselves have none.

events = structlog.get_logger()


@dataclass
class Monthly:
    store: Store
    settings: Settings
    library: Library
    translators: Mapping[str, Translator]
    figuring: Figuring

    async def run(self) -> None:
        for slug in self.library.current.municipalities:
            month = await self._due(slug)
            if month is not None:
                version = await self.publish(slug, month)
                events.info("monthly_report", municipality=slug, month=month.name, version=version)

    async def _due(self, slug: str) -> Month | None:
        """The month that ended, once its first working day has come and if nothing is published of it."""
        local = self.store.now().astimezone(SOFIA)
        month = Month.of(self.store.now()).previous
        async with self.store.reading() as db:
            calendar = await workcalendar.of(db, slug)
            first = calendar.next_working(month.next.first_day)
            is_time = local.date() > first or (local.date() == first and local.time() >= NOT_BEFORE)
            if not is_time or await reports.exists(db, slug, month.name):
                return None
            if not await reports.is_about_something(db, month) or await demo.is_here(db, slug):
                return None  # Nobody signs made-up figures.
        return month

    async def publish(self, slug: str, month: Month, reason: str | None = None) -> int:
        """Make, sign and publish a report; with a reason a correction of the one before it."""
        figures = await self.figuring.month(slug, month)
        async with self.store.reading() as db:
            signer = await journal_key.signer(db, self.settings)
            head = await log.head(db)
            earlier = [row for row in await reports.published(db, slug) if row.month == month.name]
        version = len(earlier) + 1
        document = self._document(figures, version, reason, head)
        packed = canonical(document)
        words = Words(self.translators[LANGUAGE], self.library.current)
        digest = hashlib.sha256(packed).hexdigest()
        # With fpdf2, thirty megabytes; needed once a month.
        pdf: bytes = await call_apart("bot.monthly_pdf", "make", words, document, digest, signer.key)
        note = signed_note(signer, slug, month.name, version, digest, pdf)
        digests = {"json": digest, "pdf": hashlib.sha256(pdf).hexdigest()}
        async with self.store.writing() as db:
            return await reports.publish(
                db, slug, month.name, document=packed, pdf=pdf, note=note, digests=digests, reason=reason
            )

    def _document(self, figures: dict[str, Any], version: int, reason: str | None, head: Any) -> dict[str, Any]:
        """Everything that is signed, without fractions that two programs would write differently."""
        found: dict[str, Any] = {
            "schema": "gishe-monthly-report/1",
            "version": version,
            "figures": as_text(figures),
            "licence": catalogue.LICENCE,
        }
        if reason:
            found["correction"] = reason
        if head is not None:
            found["journal"] = log.full_note(head)
        return found


def as_text(value: Any) -> Any:
    """Fractions as text: canonical JSON has only whole numbers that everybody writes alike."""
    match value:
        case dict():
            return {name: as_text(one) for name, one in value.items()}
        case list():
            return [as_text(one) for one in value]
        case float():
            return f"{value:.4f}"
        case _:
            return value


def signed_note(signer: Signer, slug: str, month: str, version: int, digest: str, pdf: bytes) -> str:
    """A note in the form of the journal's own heads, so that the same programs check it."""
    return signer.note(
        f"{signer.key.name} report\n{slug} {month} {version}\njson sha256 {digest}\n"
        f"pdf sha256 {hashlib.sha256(pdf).hexdigest()}\n"
    )


def read(document: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(document)
    return found
