"""The broadcaster: begins announcements when they are due, finds their recipients a window at a time, and tells their
author how far they are. It writes rows; the outboxes send them.

All of it happens between turns, in transactions of some milliseconds. How far it is stands in the database, so that a
killed process goes on where it was, and nobody is found twice.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row

from bot import announcement_files
from bot.announcing import announce
from bot.turns import tell
from handlers import announcement_sending
from handlers import announcement_words as words
from handlers.words import NOTICE, Option, Say, as_content, b, fill
from locales import Translator
from storage import announcements, audiences, broadcasts, journal, people, preferences
from storage.announcements import Announcement, Figures
from storage.audiences import Counted
from storage.broadcasts import Sheet
from storage.database import Session, Store
from storage.handbook import Library
from storage.messages import Letter

TICK_S = 1.0  # How soon what is due begins, when nobody tells.
WINDOW = 250  # People looked at in one go, for the same reason.
SOON_S = 0.2  # Between two looks while something is being sent.
AHEAD_S = 4  # Seconds' worth of messages that wait in the outbox: enough never to run dry, few to take back.
LEAST_AHEAD = 500
FIRST_TOLD = timedelta(seconds=3)
SELDOM = timedelta(seconds=30)
AMONG = 200  # Messages to others for each that tells the author how it goes: it takes a slot of theirs.

log = structlog.get_logger()
Post = Callable[[list[Letter]], None]


class Broadcaster:
    def __init__(
        self, store: Store, library: Library, translators: Mapping[str, Translator], post: Post,
        rates: Mapping[str, int], window: int = WINDOW,
    ) -> None:  # fmt: skip
        """`rates` are the channels that an outbox sends, with their messages a second; the others fetch theirs."""
        self.store, self.library, self.translators, self.post = store, library, translators, post
        self.rates, self.window = rates, window
        self.ahead = max(LEAST_AHEAD, AHEAD_S * max(rates.values(), default=1))
        self._told = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # --- Life ---

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="broadcaster")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        self._told.set()

    async def _run(self) -> None:
        while True:
            self._told.clear()
            pause = TICK_S
            try:
                if await self.step():
                    pause = SOON_S
            except Exception as error:
                log.exception("broadcast_failed", error=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._told.wait()

    async def step(self) -> bool:
        """Do what there is to do now; True while something is being sent."""
        async with self.store.reading() as db:
            active = await announcements.active(db)
        sending = False
        for one in active:
            if one.wants_count:
                await self._count(one)
            if one.wants_results:
                await self._hand_out_results(one)
            if one.state == "scheduled":
                await self._begin(one)
            if one.state == "sending":
                sending = True
                await self._carry_on(one)
        return sending

    # --- What its author waits for ---

    async def _count(self, one: Announcement) -> None:
        """Count in a town that is too large to be counted within a turn."""
        channels: dict[str, int] = {}
        after: int | None = 0
        while after is not None:
            async with self.store.reading() as db:
                found, after = await audiences.window(db, one.audience, one.scope, after, self.window)
            for row in found:
                channels[row.channel] = channels.get(row.channel, 0) + 1
        async with self.store.writing() as db:
            announcements.keep_count(db, one, Counted(channels))
            speak, to = await self._author(db, one)
            say = Say(
                text=fill("👥 " + speak.gettext("The people are counted: {people}."),
                          people=b(words.by_channel(speak, Counted(channels)))),
                choices=[[Option("📢 " + speak.gettext("Show it"), f"announce:open:{one.id:x}")]],
                lane=NOTICE, about=one.about,
            )  # fmt: skip
            letters = await self._tell(db, to, say)
        self.post(letters)

    async def _hand_out_results(self, one: Announcement) -> None:
        async with self.store.reading() as db:
            speak, to = await self._author(db, one)
        name, mime, content = await announcement_files.results(self.store, one, speak)
        async with self.store.writing() as db:
            announcements.want_results(db, one, None)
            db.news.discard(announcements.NEWS)
            file = announcement_files.attachment(db, name, mime, content)
            text = speak.gettext("What became of each message; people are numbered, not named.")
            letters = await self._tell(db, to, Say(text="📄 " + text, files=[file], lane=NOTICE, about=one.about))
        self.post(letters)

    async def _author(self, db: Session, one: Announcement) -> tuple[Translator, int]:
        place = await people.conversation(db, one.conversation_id)
        language = place.person.language if place and place.person else "bg"
        return self.translators[language], one.conversation_id

    async def _tell(self, db: Session, to: int, say: Say) -> list[Letter]:
        letters = await tell(db, to, say)
        await announce(self.store, db, letters)
        return letters

    # --- Sending ---

    async def _begin(self, one: Announcement) -> None:
        async with self.store.writing() as db:
            await announcements.start(db, one, announcement_sending.digests(one))

    async def _carry_on(self, one: Announcement) -> None:
        waits = await self._waiting(one)
        while not one.is_resolved and waits < self.ahead and one.state == "sending":
            added = await self._resolve(one)
            if added is None:
                return
            waits += added
            await asyncio.sleep(0)  # Turns go first.
        await self._report(one)

    async def _waiting(self, one: Announcement) -> int:
        async with self.store.reading() as db:
            return await broadcasts.waiting(db, one, list(self.rates))

    async def _resolve(self, one: Announcement) -> int | None:
        """Find the recipients of one window and write their messages; None when somebody else has moved it on."""
        async with self.store.reading() as db:
            if one.corrects_id:
                found, upto = await broadcasts.corrected(db, one.corrects_id, one.cursor, self.window)
            else:
                found, upto = await audiences.window(db, one.audience, one.scope, one.cursor, self.window)
            wishes = await preferences.of_many(db, [row.person_id for row in found]) if found else {}
        contents = self._contents(one)
        async with self.store.writing() as db:

            def sheet(row: Row[Any]) -> Sheet:
                return Sheet(*contents[row.language], self._when(one, wishes.get(row.person_id), db.now))

            letters = await broadcasts.resolve(db, one, found, upto, sheet)
            if letters is None:
                return None
            await announce(self.store, db, letters)
        self.post(letters)
        return sum(letter.channel in self.rates for letter in letters)

    def _contents(self, one: Announcement) -> dict[str, tuple[dict[str, Any], bytes]]:
        """What readers of each language get, and how the journal writes that."""
        now, contents = self.store.now(), {}
        for language, speak in self.translators.items():
            content = as_content(words.letter(one, speak, self.library.current, now))
            contents[language] = content, journal.words(content)
        return contents

    def _when(self, one: Announcement, wishes: preferences.Wishes | None, now: datetime) -> datetime:
        """At the end of somebody's quiet hours; what rewrites an older message makes no sound and need not wait."""
        if one.is_emergency or one.corrects_id:
            return now
        zone = next(iter(self.translators.values())).timezone
        return (wishes or preferences.DEFAULT).when_to_tell(now, zone)

    # --- How it goes ---

    async def _report(self, one: Announcement) -> None:
        """Tell the author now and then; at the end for good."""
        now = self.store.now()
        if not one.is_resolved and not self._is_time(one, now):
            return
        if one.is_resolved and not self._is_time(one, now) and await self._waiting(one):
            return
        async with self.store.reading() as db:
            figures = await announcements.figures(db, one.id)
            speak, to = await self._author(db, one)
        is_over = one.is_resolved and figures.is_over
        if not is_over and not self._is_time(one, now):
            return
        async with self.store.writing() as db:
            if is_over and not await announcements.move(db, one, "done", "done", figures=figures.as_json()):
                return
            letters = await self._tell_progress(db, one, speak, to, figures)
        self.post(letters)

    def _is_time(self, one: Announcement, now: datetime) -> bool:
        """Often at first, seldom later: every look counts all its messages, and the channel has better to do."""
        if one.told_at is None:
            return True
        going = now - (one.started_at or now)
        among = timedelta(seconds=AMONG / min(self.rates.values(), default=AMONG))
        return now - one.told_at >= min(max(FIRST_TOLD, among, going / 20), SELDOM)

    async def _tell_progress(
        self, db: Session, one: Announcement, speak: Translator, to: int, figures: Figures
    ) -> list[Letter]:  # fmt: skip
        """One message, rewritten as it goes on; the end is told anew, so that it is noticed."""
        is_over = one.state == "done"
        text = (words.report(one, speak, self.library.current, figures) if is_over
                else words.progress(one, speak, self.library.current, figures, db.now))  # fmt: skip
        say = Say(text=text, choices=words.control_choices(one, speak), lane=NOTICE, about=one.about)
        if not is_over and one.progress_id:
            say = replace(say, rewrites=one.progress_id)
        letters = await self._tell(db, to, say)
        if letters and not is_over:
            broadcasts.told(db, one, one.progress_id or letters[0].id)
        return letters
