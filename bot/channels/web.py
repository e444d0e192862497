"""The web channel: hands messages to the open pages and keeps what became of them; the others wait in the database."""

import asyncio
from typing import Protocol

import structlog

from bot.web import frames
from bot.web.frames import Frame
from handlers.words import Heard
from storage import dialogue
from storage.database import Store
from storage.messages import Letter

CHANNEL = "web"
SETTLE_S = 0.05  # Receipts wait this long for company: one commit for all.
SENT_S = 2.0  # A page confirms sooner than this; only then "sent" is worth a write of its own.
AGAIN_S = 1.0  # After a failed write.

log = structlog.get_logger()


class Hears(Protocol):
    async def hear(self, heard: Heard) -> None: ...


class Page(Protocol):
    """An open page: a tab of a browser, connected at this moment."""

    session: str
    conversation_id: int | None

    def push(self, frame: Frame) -> None: ...

    def resume(self) -> None: ...

    async def close(self) -> None: ...


class Web:
    """Who is connected here. A page that was not gets its messages when it says hello again."""

    name = CHANNEL

    def __init__(self, store: Store, inbox: Hears) -> None:
        self.store = store
        self.inbox = inbox
        self._pages: dict[str, set[Page]] = {}
        self._handed: dict[int, tuple[int, float]] = {}  # message -> (conversation, when it is time to note "sent")
        self._told: dict[int, tuple[int, str]] = {}  # message -> (conversation, what its page says became of it)
        self._work = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    # --- Life ---

    async def start(self) -> None:
        self._writer = asyncio.create_task(self._write_receipts(), name="web-receipts")

    async def stop(self) -> None:
        await self.close_pages()
        if self._writer:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
            self._writer = None
        await self._write(everything=True)

    async def close_pages(self) -> None:
        """The pages come again by themselves, to us or to another process."""
        pages = [page for together in self._pages.values() for page in together]
        await asyncio.gather(*(page.close() for page in pages), return_exceptions=True)

    def enter(self, page: Page) -> None:
        self._pages.setdefault(page.session, set()).add(page)

    def leave(self, page: Page) -> None:
        together = self._pages.get(page.session, set())
        together.discard(page)
        if not together:
            self._pages.pop(page.session, None)

    @property
    def open_pages(self) -> int:
        return sum(len(together) for together in self._pages.values())

    # --- Out ---

    def post(self, letters: list[Letter]) -> None:
        """Push what was just committed to the pages that are open; for the others the rows stay due."""
        late = asyncio.get_running_loop().time() + SENT_S
        for letter in letters:
            if letter.address in self._pages:
                self.show(letter.address, frames.of_letter(letter, self.store.now()))
                self._handed[letter.id] = (letter.conversation_id, late)
        self._work.set()

    def wake(self, conversation_ids: list[int]) -> None:
        """Another process said something there: the pages read what is new to them."""
        wanted = set(conversation_ids)
        for together in self._pages.values():
            for page in together:
                if page.conversation_id in wanted:
                    page.resume()

    def show(self, session: str, frame: Frame, besides: Page | None = None) -> None:
        """Push a frame to every page of a session, `besides` excepted."""
        for page in self._pages.get(session, ()):
            if page is not besides:
                page.push(frame)

    # --- What became of it ---

    def handed(self, conversation_id: int, message_ids: list[int]) -> None:
        """These went to a page that came back."""
        late = asyncio.get_running_loop().time() + SENT_S
        self._handed |= dict.fromkeys(message_ids, (conversation_id, late))
        self._work.set()

    def receive(self, conversation_id: int, message_ids: list[int], state: str) -> None:
        """A page tells that it has, or that somebody has seen, these messages."""
        for message_id in message_ids:
            known = self._told.get(message_id)
            if not known or known[1] != "seen":
                self._told[message_id] = (conversation_id, state)
        self._work.set()

    async def _write_receipts(self) -> None:
        while True:
            try:
                async with asyncio.timeout(SENT_S if self._handed else None):
                    await self._work.wait()
            except TimeoutError:
                pass
            await asyncio.sleep(SETTLE_S)
            self._work.clear()
            try:
                await self._write()
            except Exception as error:  # The pages will be told again, and tell again, when the database is back.
                log.error("receipts_not_written", error=type(error).__name__)
                await asyncio.sleep(AGAIN_S)

    async def _write(self, everything: bool = False) -> None:
        told, self._told = self._told, {}
        for message_id in told:
            self._handed.pop(message_id, None)
        now = asyncio.get_running_loop().time()
        ripe = {n: place for n, (place, late) in self._handed.items() if everything or late <= now}
        receipts = [(place, n, state) for n, (place, state) in told.items()]
        receipts += [(place, n, "sent") for n, place in ripe.items()]
        if not receipts:
            return
        try:
            async with self.store.writing() as db:
                await dialogue.receipts(db, receipts)
        except BaseException:
            self._told = told | self._told
            raise
        for message_id in ripe:
            self._handed.pop(message_id, None)
