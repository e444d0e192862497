"""The duty of handing the journal's heads to people outside, so that a rewritten journal is noticed by others."""

import asyncio
import smtplib
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
import structlog
from sqlalchemy import Row

from bot import own_journal
from bot.announcing import announce
from bot.settings import Settings
from bot.turns import tell
from handlers.words import NOTICE, Say, code, fill
from locales import Translator
from storage import log as log_storage
from storage import people, publishing
from storage.database import Session, Store
from storage.messages import Letter
from storage.notes import Checkpoint

PUBLISH_S = 60
PATIENCE_S = 30
SENT = ("sent", "delivered", "seen")
LOST = ("failed", "expired", "unknown")

log = structlog.get_logger()


class Publisher:
    def __init__(
        self, store: Store, settings: Settings, speak: Translator, post: Callable[[list[Letter]], None]
    ) -> None:
        self.store, self.settings, self.speak, self.post = store, settings, speak, post

    @property
    def receivers(self) -> list[tuple[str, str]]:
        known = {
            "telegram": self.settings.journal_telegram,
            "webhook": self.settings.journal_webhook,
            "mail": self.settings.journal_mail,
        }
        return [(way, address) for way, address in known.items() if address]

    async def run(self) -> None:
        """The duty: begin a publication when it is time, and carry on with those that have not arrived."""
        await self._begin()
        async with self.store.reading() as db:
            rows = await publishing.due(db)
        for row in rows:
            if row.way == "telegram":
                await self._by_telegram(row)
            else:
                await self._carry(row)

    async def _begin(self) -> None:
        async with self.store.reading() as db:
            head = await log_storage.head(db)
            last = await publishing.last_at(db) if self.receivers else None
        if head is None or not self._is_time(last):
            return
        async with self.store.writing() as db:
            publishing.publish(db, head.size, self.receivers)
            await publishing.forget_unused_heads(db)
        own_journal.keep(self.settings.data_dir, log_storage.full_note(head), self.store.now())

    def _is_time(self, last: Any) -> bool:
        """Whether the last one, here or by another process, is long enough ago."""
        now, pause = self.store.now(), timedelta(hours=self.settings.journal_publish_hours)
        kept = own_journal.last_kept(self.settings.data_dir)
        return all(at is None or now - at >= pause for at in (last, kept))

    # --- Through the bot's own outbox ---

    async def _by_telegram(self, row: Row[Any]) -> None:
        letters: list[Letter] = []
        async with self.store.writing() as db:
            if row.message_id is None:
                place = await self._channel(db, row.address)
                letters = await tell(db, place, Say(text=self._words(row), lane=NOTICE))
                publishing.handed_over(db, row, letters[0].id)
                await announce(self.store, db, letters)
            elif row.said_state in SENT:
                publishing.settle(db, row, None)
            elif row.said_state in LOST:
                publishing.settle(db, row, row.said_state)
                publishing.say_anew(db, row)
            else:
                publishing.wait(db, row)
        self.post(letters)

    async def _channel(self, db: Session, address: str) -> int:
        known = (await people.meet(db, "telegram", [address])).get(address)
        if known is None:
            known = people.enter_group(db, "telegram", address)
        elif not known.reachable:
            known.reachable = known.is_changed = True
            people.keep(db, known)
        return known.id

    def _words(self, row: Row[Any]) -> Any:
        sentence = self.speak.gettext("Seal of the journal over {size} entries. Keep it: with it anybody can prove "
                                      "later whether something was changed.\n\n{note}")  # fmt: skip
        return fill(sentence, size=self.speak.number(row.size), note=code(row.note + row.cosignatures))

    # --- By ourselves ---

    async def _carry(self, row: Row[Any]) -> None:
        problem: str | None = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                await (self._by_webhook(row) if row.way == "webhook" else self._by_mail(row))
        except (aiohttp.ClientError, OSError, smtplib.SMTPException, TimeoutError) as error:
            problem = type(error).__name__ + (
                f" {error.status}" if isinstance(error, aiohttp.ClientResponseError) else ""
            )
            log.warning("head_not_delivered", way=row.way, error=problem)
        async with self.store.writing() as db:
            publishing.settle(db, row, problem)

    async def _by_webhook(self, row: Row[Any]) -> None:
        async with aiohttp.ClientSession() as http:
            note = (row.note + row.cosignatures).encode()
            async with http.post(
                row.address, data=note, headers={"Content-Type": "text/plain; charset=utf-8"}
            ) as answer:
                answer.raise_for_status()

    async def _by_mail(self, row: Row[Any]) -> None:
        message = EmailMessage()
        message["From"], message["To"] = self.settings.mail_from, row.address
        size = Checkpoint.read(row.note).size
        message["Subject"] = self.speak.gettext("Seal of the journal over {size} entries").format(size=size)
        message.set_content(row.note + row.cosignatures, cte="base64")
        await asyncio.to_thread(send_mail, self.settings.mail_server, message)


def send_mail(server: str, message: EmailMessage) -> None:
    """Hand a message to the mail server; STARTTLS wherever the server is not this machine."""
    url = urlsplit(server)
    assert url.hostname
    is_local = url.hostname in ("127.0.0.1", "localhost", "::1")
    if url.scheme == "smtps":
        post: smtplib.SMTP = smtplib.SMTP_SSL(url.hostname, url.port or 465, timeout=PATIENCE_S)
    else:
        post = smtplib.SMTP(url.hostname, url.port or 587, timeout=PATIENCE_S)
    with post:
        if url.scheme == "smtp" and not is_local:
            post.starttls()
        if url.username:
            post.login(unquote(url.username), unquote(url.password or ""))
        post.send_message(message)
