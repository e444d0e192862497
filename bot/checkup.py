"""`gishe check`: settings, database, catalogues, handbook, channels; what is wrong and what to do."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import InvalidToken, TelegramError

from bot.inviting import brief_bot
from bot.settings import Settings
from locales import LANGUAGES, Translator, load
from storage.database import Store
from storage.handbook import Library
from storage.upgrade import upgrade

PATIENCE_S = 15


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    is_well: bool
    words: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


Answer = tuple[bool, str]


async def examine(settings: Settings, speak: Translator) -> list[Finding]:
    """Look at everything; one thing that is broken hides no other."""
    _ = speak.gettext
    looks: list[tuple[str, Callable[[Settings, Translator], Awaitable[Answer]]]] = [
        (_("settings"), _settings),
        (_("database and handbook"), _database),
        (_("catalogues"), _catalogues),
        (_("data folder"), _folder),
        ("Telegram", _telegram),
    ]
    findings = []
    for what, look in looks:
        try:
            async with asyncio.timeout(PATIENCE_S):
                is_well, words = await look(settings, speak)
        except TimeoutError:
            is_well, words = False, _("no answer in {seconds} seconds").format(seconds=PATIENCE_S)
        findings.append(Finding(what, is_well, words))
    return findings


async def _settings(settings: Settings, speak: Translator) -> Answer:
    return True, speak.gettext("all in order")  # Wrong ones have stopped the program before.


async def _database(settings: Settings, speak: Translator) -> Answer:
    _ = speak.gettext
    try:
        store = Store(settings.database_url)
        try:
            await upgrade(store)
            handbook = (await Library.open(store)).current
        finally:
            await store.close()
    except (SQLAlchemyError, OSError) as error:
        return False, _("it cannot be opened ({error}): look at DATABASE_URL and DATA_DIR.").format(
            error=type(error).__name__
        )
    return True, _("edition {number} of {date}, {count} services").format(
        number=handbook.number, date=speak.date(handbook.since), count=len(handbook.cards)
    )


async def _catalogues(settings: Settings, speak: Translator) -> Answer:
    _ = speak.gettext
    sizes = {language: len(load(language)._catalog) for language in LANGUAGES}
    if len(set(sizes.values())) == 1:
        return True, _("{count} sentences in each language").format(count=next(iter(sizes.values())))
    return False, _("the languages do not have the same sentences: run `make catalogues` and translate.")


async def _folder(settings: Settings, speak: Translator) -> Answer:
    _ = speak.gettext
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / ".probe"
        probe.write_bytes(b"gishe")
        probe.unlink()
    except OSError as error:
        return False, _("nothing can be written to {folder} ({error}): look at DATA_DIR.").format(
            folder=settings.data_dir, error=error.strerror
        )
    return True, str(settings.data_dir)


async def _telegram(settings: Settings, speak: Translator) -> Answer:
    _ = speak.gettext
    if not settings.telegram_token:
        return True, _("not in use (TELEGRAM_TOKEN is empty)")
    try:
        async with brief_bot(settings) as bot:
            me = await bot.get_me()
            hook = await bot.get_webhook_info()
    except InvalidToken:
        return False, _("the token was refused: copy it again from @BotFather.")
    except TelegramError as error:
        return False, _("it is out of reach ({error}).").format(error=type(error).__name__)
    way = _("by webhook") if hook.url else _("by polling")
    return True, f"@{me.username}, {way}"
