"""`gishe ask`: what the bot would answer, by the same turn that a citizen's message takes."""

from datetime import UTC, datetime
from typing import Any

from bot.settings import Settings
from bot.turns import Turns
from handlers.talk import Links
from handlers.words import Heard, Opened, Text, plain
from locales import LANGUAGES, Translator
from storage.database import Store
from storage.handbook import Handbook, Library
from storage.models import editions
from storage.upgrade import upgrade

WHY_SHOWN = 3


class Asker:
    def __init__(self, handbook: Handbook, settings: Settings) -> None:
        self.handbook = handbook
        self.settings = settings

    def as_json(self, question: str) -> dict[str, Any]:
        """Return intent, results best first, and whether the first would be shown at once."""
        found = self.handbook.engine.understand(question)
        return {
            "q": question,
            "intent": found.intent,
            "results": [
                {"id": hit.id, "score": round(hit.score, 4), "why": list(hit.why[:WHY_SHOWN])} for hit in found.hits
            ],
            "confident": found.confident,
        }

    async def answer(self, question: str, municipality: str | None, language: str | None) -> str:
        """Return the messages that a citizen would read, in plain text. Nothing of it is kept."""
        store = Store("sqlite+aiosqlite://")
        try:
            await upgrade(store)
            async with store.writing() as db:
                return await self._converse(db, question, municipality, language)
        finally:
            await store.close()

    async def _converse(self, db: Any, question: str, municipality: str | None, language: str | None) -> str:
        await db.execute(editions.insert().values(number=self.handbook.number, digest="", note="", content="",
                                                  since=self.handbook.since))  # fmt: skip
        translators = {name: Translator(name, self.settings.zone) for name in LANGUAGES}
        turns = Turns(Library(self.handbook), translators, Links(self.settings.base_url))
        spoken = language or self.settings.default_language

        def heard(key: str, word: Any) -> Heard:
            return Heard(channel="terminal", conversation="me", sender="me", key=key, word=word, at=datetime.now(UTC),
                         language=spoken)  # fmt: skip

        await turns.take(db, [heard("open", Opened(f"m_{municipality}" if municipality else ""))])
        (turn,) = await turns.take(db, [heard("ask", Text(question))])
        return "\n\n".join(_as_text(letter.content) for letter in turn.letters)


def _as_text(content: dict[str, Any]) -> str:
    labels = [option["label"] for row in content.get("choices", ()) for option in row]
    return "\n".join([plain(content["text"]), "", *(f"{number}. {label}" for number, label in enumerate(labels, 1))])
