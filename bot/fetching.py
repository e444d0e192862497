"""The duty of fetching the files that people sent into a matter: from their channel onto the shelf, in the background.

A channel only names a file; the bytes stay with it until they are fetched. What is wanted is a row, so that no crash
and no outage loses one. The original is kept as it came, private, under its SHA-256; of pictures there is a copy that
may be shown.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog
from sqlalchemy import Row

from bot import images
from bot.announcing import announce
from bot.reminding import turn_of_clock
from bot.turns import tell
from handlers import files as words
from handlers import grouptopics
from handlers.talk import Links
from locales import Translator
from storage import files, media, people
from storage.database import Session, Store
from storage.handbook import Library
from storage.media import Kept
from storage.messages import Letter
from storage.people import Conversation
from storage.shelf import Full, Shelf, Stored, TooLarge, WrongKind

AT_ONCE = 4

log = structlog.get_logger()
Told = Callable[[Session, Conversation, Row[Any]], Awaitable[list[Letter]]]


def teller(library: Library, translators: Mapping[str, Translator], links: Links) -> Told:
    """Who sent a file hears what could not be taken; a case that has one more is shown anew in its group."""

    async def told(db: Session, to: Conversation, row: Row[Any]) -> list[Letter]:
        if to.person is None:
            return []
        talk = turn_of_clock(db, to, to.person, library.current, translators, links)
        if say := words.outcome(talk, row):
            talk.tell(to.id, say)
        await grouptopics.refresh(talk)
        return [letter for one in talk.told for letter in await tell(db, one.to, one.say, one.number)]

    return told


class Unavailable(Exception):
    """The channel will never give us this file."""


class NotNow(Exception):
    """The channel is busy or out of reach."""


class Source(Protocol):
    """A channel that has files for us."""

    async def fetch(self, ref: str, name: str, shelf: Shelf) -> Stored: ...


class Uploaded:
    """The web chat: its files are on the shelf since they were uploaded."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def fetch(self, ref: str, name: str, shelf: Shelf) -> Stored:
        async with self.store.reading() as db:
            row = await files.one(db, int(ref))
        if row is None or not shelf.path(row.digest).exists():
            raise Unavailable("no such upload")
        return Stored(row.digest, row.mime, row.size)


class Fetching:
    """Fetches what is wanted. `told` words what became of a file, for its sender or for whoever works on the matter."""

    def __init__(self, store: Store, sources: Mapping[str, Source], told: Told) -> None:
        self.store, self.sources, self.told = store, sources, told

    async def fetch(self) -> list[Letter]:
        """Fetch all that is due now; returns what there is to say about it."""
        letters: list[Letter] = []
        while rows := await self._claim():
            for some in await asyncio.gather(*(self._fetch_one(row) for row in rows)):
                letters += some
        return letters

    async def _claim(self) -> Sequence[Row[Any]]:
        async with self.store.reading() as db:
            if not await media.any_wanted(db):
                return []
        async with self.store.writing() as db:
            return await media.take_wanted(db, AT_ONCE)

    async def _fetch_one(self, row: Row[Any]) -> list[Letter]:
        source = self.sources.get(row.channel)
        try:
            if source is None:
                raise NotNow("that channel is not running")
            found = await self._look_at(await source.fetch(row.ref, row.name, self.store.shelf))
        except TooLarge:
            return await self._give_up(row, "refused", "large")
        except WrongKind:
            return await self._give_up(row, "refused", "kind")
        except images.Bomb:
            return await self._give_up(row, "refused", "pixels")
        except Unavailable as error:
            return await self._give_up(row, "lost", str(error) or "unavailable")
        except Exception as error:
            return await self._later(row, error)
        async with self.store.writing() as db:
            await media.keep(db, row.id, found)
            return await self._tell(db, row)

    async def _look_at(self, stored: Stored) -> Kept:
        original = Kept(stored.digest, stored.mime, stored.size)
        if stored.mime not in images.MIMES:
            return original
        try:
            made = await images.copies(self.store.shelf.path(stored.digest))
        except images.Unreadable:  # It is kept for those who work on the matter, and shown to nobody else.
            log.warning("picture_unreadable", digest=stored.digest)
            return original
        return Kept(
            stored.digest, stored.mime, stored.size, made.shown, made.thumb, made.width, made.height
        )  # fmt: skip

    async def _give_up(self, row: Row[Any], state: str, reason: str) -> list[Letter]:
        log.warning("file_not_taken", channel=row.channel, media=row.id, state=state, reason=reason)
        async with self.store.writing() as db:
            media.give_up(db, row.id, state, reason)
            return await self._tell(db, row)

    async def _later(self, row: Row[Any], error: Exception) -> list[Letter]:
        name = "disk full" if isinstance(error, Full) else type(error).__name__
        log.error("file_not_fetched", channel=row.channel, media=row.id, error=name, attempt=row.attempts)
        async with self.store.writing() as db:
            if media.try_later(db, row, name):
                return []
            return await self._tell(db, row)

    async def _tell(self, db: Session, row: Row[Any]) -> list[Letter]:
        conversation = await people.conversation(db, row.conversation_id)
        (now,) = await media.some(db, [row.id])
        letters = await self.told(db, conversation, now) if conversation else []
        await announce(self.store, db, letters)
        return letters
