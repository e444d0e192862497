"""The daily check of our own journal, in a process of its own, and the alarm when it fails."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

import orjson
import structlog

from bot.announcing import announce
from bot.settings import Settings
from bot.turns import tell
from handlers.words import NOTICE, Say
from locales import Translator
from storage import checks, journal, log, people, roles
from storage.apart import environment
from storage.database import Store
from storage.messages import Letter

LOOK_S = 600  # Between looks whether a day has passed.
EVERY = timedelta(days=1)
AFTER_ALARM = timedelta(hours=1)  # So that /healthz is well again soon after somebody put it right.
TOLD = 5  # Findings in the alarm; the rest is in the log and in `gishe verify`.

logger = structlog.get_logger()


class SelfCheck:
    def __init__(
        self, store: Store, settings: Settings, translators: Mapping[str, Translator],
        post: Callable[[list[Letter]], None],
    ) -> None:  # fmt: skip
        self.store, self.settings, self.translators, self.post = store, settings, translators, post

    async def run(self) -> None:
        """The duty: once a day."""
        async with self.store.reading() as db:
            last = await checks.last(db)
            head = await log.head(db)
        pause = EVERY if last is None or last.is_well else AFTER_ALARM
        if head is not None and (last is None or self.store.now() - last.at >= pause):
            await self.check()

    async def check(self) -> bool:
        """Check now, record what was found, and tell the administrators once when something is wrong."""
        outcome = await _verify(self.settings)
        wrong = [finding for finding in outcome["findings"] if finding["level"] == "bad"]
        letters: list[Letter] = []
        async with self.store.writing() as db:
            before = await checks.last(db)
            checks.note(db, outcome["ok"], outcome["size"], outcome["findings"])
            codes = sorted({finding["code"] for finding in wrong})
            journal.record(db, "check", {"ok": outcome["ok"], "size": outcome["size"], "found": codes})
            if wrong:
                logger.error("journal_not_in_order", found=codes)
                is_news = before is None or before.is_well
                for person_id in await roles.administrators(db) if is_news else ():
                    letters += await self._alarm(db, person_id, wrong)
                await announce(self.store, db, letters)
        self.post(letters)
        return bool(outcome["ok"])

    async def _alarm(self, db: Any, person_id: int, wrong: list[dict[str, Any]]) -> list[Letter]:
        for conversation in await people.conversations_of(db, person_id):
            if not conversation.reachable or conversation.person is None:
                continue
            _ = self.translators[conversation.person.language].gettext
            sentence = _("Alarm: the daily check of the journal found something wrong. Stop changes by hand, keep the "
                         "last backup, and run `gishe verify`. What was found:")  # fmt: skip
            found = "\n".join(f"• {finding['words']}" for finding in wrong[:TOLD])
            return await tell(db, conversation.id, Say(text=f"{sentence}\n\n{found}", lane=NOTICE))
        return []


async def _verify(settings: Settings) -> dict[str, Any]:
    """`gishe verify --json` of our own journal; a process that cannot do it is a finding, too."""
    given = {field.name.upper(): str(getattr(settings, field.name)) for field in fields(settings)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "verify", "--json", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**environment(), **given, "LC_ALL": settings.default_language},
    )  # fmt: skip
    try:
        out, _errors = await process.communicate()
        return orjson.loads(out)  # type: ignore[no-any-return]
    except orjson.JSONDecodeError:
        words = f"gishe verify: {process.returncode}"
        return {"ok": False, "size": 0, "findings": [{"level": "bad", "code": "not-checked", "words": words}]}
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
