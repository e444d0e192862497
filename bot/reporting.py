"""The duty of sending figures to those who asked for them: drawn beside the turns, sent once."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.announcing import announce
from bot.figuring import Figuring
from bot.pictures import svg_png
from bot.reminding import turn_of_clock
from bot.turns import tell
from handlers import reports
from handlers.charts import picture
from handlers.figure_charts import for_chat
from handlers.figure_words import Words
from handlers.talk import Links, Talk
from locales import Translator
from storage import figure_rows, monitoring, people, preferences, roles, wishes_for_reports
from storage.database import Session, Store
from storage.files_out import MIMES, csv_lines, workbook
from storage.handbook import Library
from storage.messages import Letter
from storage.months import SOFIA

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A report as bytes: the picture, and the numbers in two formats."""

    name: str
    title: str
    png: bytes
    xlsx: bytes
    csv: bytes


def draw(words: Words, figures: dict[str, Any]) -> Drawn:
    """Takes about a second: in a thread of its own."""
    title = words.municipality(figures["municipality"])
    svg = picture(title, words.headline(figures), for_chat(words, figures), words.note("interval"))
    rows = figure_rows.rows(figures)
    header = figure_rows.FIGURES.header
    return Drawn(
        name=f"gishe-{figures['municipality']}-{figures['month']}",
        title=title,
        png=svg_png(svg, 2.5),
        xlsx=workbook([(figures["month"], header, rows)]),
        csv=b"".join(csv_lines(header, rows)),
    )


@dataclass
class Reporting:
    store: Store
    library: Library
    translators: Mapping[str, Translator]
    links: Links
    figuring: Figuring

    async def run(self) -> list[Letter]:
        async with self.store.reading() as db:
            if not await wishes_for_reports.any_due(db):
                return []
            rows = await wishes_for_reports.due(db)
        letters: list[Letter] = []
        for row in rows:
            letters += await self._send(row)
        return letters

    async def _send(self, row: Any) -> list[Letter]:
        async with self.store.reading() as db:
            to = await people.conversation(db, row.conversation_id)
            may = await self._may(db, row)
        if to is None or to.person is None or not may:
            return await self._drop(row)
        month = wishes_for_reports.wanted_month(row, self.store.now())
        figures = await self.figuring.month(row.municipality, month)
        words = Words(self.translators[to.person.language], self.library.current)
        drawn = await asyncio.to_thread(draw, words, figures)
        async with self.store.writing() as db:
            if not await wishes_for_reports.claim(db, row):
                return []
            talk = turn_of_clock(db, to, to.person, self.library.current, self.translators, self.links)
            letters = await tell(db, to.id, await self._say(talk, row, figures, drawn))
            monitoring.looked(db, row.person_id, "report", row.municipality)
            await announce(self.store, db, letters)
        return letters

    async def _say(self, talk: Talk, row: Any, figures: dict[str, Any], drawn: Drawn) -> Any:
        alt = Words(talk.translator, talk.handbook).headline(figures)
        files = [
            talk.attach(f"{drawn.name}.png", "image/png", drawn.png, alt),
            talk.attach(f"{drawn.name}.xlsx", MIMES["xlsx"], drawn.xlsx),
            talk.attach(f"{drawn.name}.csv", MIMES["csv"], drawn.csv),
        ]
        say = reports.sent(talk, figures, files)
        if row.every == "once":
            return say
        return reports.later(say, await preferences.when_to_tell(talk.db, row.person_id, SOFIA))

    async def _may(self, db: Session, row: Any) -> bool:
        """A role may have been taken since."""
        held = await roles.of(db, row.person_id)
        return any(r.role in reports.MAY and r.municipality in (None, row.municipality) for r in held)

    async def _drop(self, row: Any) -> list[Letter]:
        async with self.store.writing() as db:
            if await wishes_for_reports.claim(db, row) and row.every != "once":
                await wishes_for_reports.stop(db, row.person_id, row.municipality)
        log.info("report_dropped", person_id=row.person_id)
        return []
