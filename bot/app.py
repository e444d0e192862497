"""The only place that builds things: takes the settings, puts the parts together, starts and stops them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import structlog
from aiohttp import web

from bot import memory, reminding
from bot.announcing import LETTERS_TOPIC, NEWS_MARK
from bot.attempts import Attempts
from bot.broadcasting import Broadcaster
from bot.case_duties import CASES_S, CaseDuties
from bot.channels.telegram import Telegram
from bot.channels.web import Web
from bot.clock import TICK_S, Clock
from bot.event_duties import EventDuties
from bot.fetching import Fetching, Source, Uploaded, teller
from bot.figure_alarm import alarm
from bot.figuring import FIGURES_S, RECONCILE_S, Figuring
from bot.groupcards import GroupCards
from bot.inbox import Inbox
from bot.monthly import MONTHLY_S, Monthly
from bot.outbox import Outbox, deliver
from bot.pace import Lanes, Pace
from bot.publishing import PUBLISH_S, Publisher
from bot.reporting import Reporting
from bot.sealing import SEAL_S, Sealer, log_health
from bot.secrets_file import secret
from bot.self_check import LOOK_S, SelfCheck
from bot.settings import Settings
from bot.turns import Turns
from bot.web.server import Parts, application
from handlers.introduction import introduction
from handlers.talk import Links
from locales import LANGUAGES, Translator
from storage import announcements, ids, messages
from storage.database import Store
from storage.handbook import Library
from storage.messages import Letter
from storage.upgrade import upgrade

FILES_S = 2  # A clerk who opens a case at once already sees its photos.
EDITION_S = 30  # How soon an edition taken in by another process is in force here.

log = structlog.get_logger()
ROLES = ("web", "send", "clock")


def translators(settings: Settings) -> dict[str, Translator]:
    return {language: Translator(language, settings.zone) for language in LANGUAGES}


class App:
    """Everything that runs in one process. `only` leaves the rest to other processes on the same database."""

    def __init__(self, settings: Settings, only: str | None = None) -> None:
        self.settings = settings
        self.does = {only} if only else set(ROLES)
        self.store = Store(settings.database_url, files=settings.data_dir / "files")
        self.translators = translators(settings)
        self.figuring = Figuring(self.store)
        self.links = Links(settings.base_url)
        self.telegram: Telegram | None = None
        self.outboxes: dict[str, Outbox] = {}
        self.sealer = Sealer(self.store, settings)
        speak = self.translators[settings.default_language]
        self.publisher = Publisher(self.store, settings, speak, self.post)
        self.self_check = SelfCheck(self.store, settings, self.translators, self.post)
        self.broadcaster: Broadcaster | None = None
        self.port = settings.port
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "App":
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        memory.be_frugal()
        self._stack.push_async_callback(self.store.close)
        await upgrade(self.store)
        self.library = await Library.open(self.store)
        async with self.store.reading() as db:
            ids.never_below(await messages.newest(db))
        turns = Turns(self.library, self.translators, self.links, self.settings.default_language,
                      rules=self.settings.rules)  # fmt: skip
        self.inbox = Inbox(self.store, turns, self, self._hear_news)
        self.web = Web(self.store, self.inbox)
        self._build_telegram()
        self._post = deliver({"web": self.web.post} | {name: box.post for name, box in self.outboxes.items()})
        await self._start_parts()

    def post(self, letters: list[Letter]) -> None:
        """What the inbox hands over after a commit."""
        self._post(letters)

    def _build_telegram(self) -> None:
        settings = self.settings
        if not settings.telegram_token:
            return
        made = secret(settings.data_dir, "telegram-webhook").hex()
        self.telegram = Telegram(
            settings.telegram_token,
            api_url=settings.telegram_api_url,
            hear=self.inbox.hear,
            public_url=settings.public_url,
            secret=settings.telegram_webhook_secret or made,
            shelf=self.store.shelf,
        )
        self.telegram.introduction = introduction(self.translators)
        self.telegram.default_language = settings.default_language
        self.telegram.on_introduced = self._telegram_is_known
        if "send" in self.does:
            lanes: Lanes[Letter] = Lanes(Pace(settings.telegram_rate), one_at_a_time=True)
            attempts = Attempts(settings.data_dir / "attempts-telegram")
            self.outboxes["telegram"] = Outbox(self.store, self.telegram, lanes, attempts=attempts)

    def _telegram_is_known(self, username: str) -> None:
        self.links.telegram_name = username

    async def _start_parts(self) -> None:
        if "clock" in self.does:
            await self._begin(self.sealer)  # First, so that it ends last and seals what the others still say.
        await self._begin(self.inbox)
        await self.inbox.recover()
        await self._begin(self.web)
        if self.telegram:
            self.telegram.takes_updates = "web" in self.does
            await self._begin(self.telegram)
        for name, outbox in self.outboxes.items():
            await self._begin_when_ours(name, outbox)
        if "send" in self.does:
            await self._begin_when_ours("broadcasts", self._build_broadcaster())
        if "clock" in self.does:
            await self._begin(Clock(self._duties()))
        if not self.store.is_sqlite:
            await self._listen()
        if "web" in self.does:
            await self._serve()

    async def _begin(self, part: Any) -> None:
        await part.start()
        self._stack.push_async_callback(part.stop)

    async def _begin_when_ours(self, name: str, outbox: Outbox | Broadcaster) -> None:
        """Each channel account is sent by the one process that holds its lock; another waits to take over."""

        async def take_over() -> None:
            async with self.store.only_one(f"send {name} {self.settings.telegram_token}"):
                log.info("sending", channel=name)
                await outbox.start()
                try:
                    await asyncio.Event().wait()
                finally:
                    await outbox.stop()

        if self.store.is_sqlite:
            return await self._begin(outbox)
        task = asyncio.create_task(take_over(), name=f"send-{name}")

        async def stop() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._stack.push_async_callback(stop)
        return None

    def _duties(self) -> dict[str, tuple[float, Callable[[], Awaitable[None]]]]:
        async def remind() -> None:
            self.post(await reminding.remind(self.store, self.library.current, self.translators, self.links))

        async def tell_postponed() -> None:
            self.post(await reminding.tell_postponed(self.store))

        monthly = Monthly(self.store, self.settings, self.library, self.translators, self.figuring)
        reporting = Reporting(self.store, self.library, self.translators, self.links, self.figuring)
        case_duties = CaseDuties(self.store, self.library, self.translators, self.links)

        async def look_after_cases() -> None:
            self.post(await case_duties.run())

        event_duties = EventDuties(self.store, self.library, self.translators, self.links)

        async def look_after_events() -> None:
            self.post(await event_duties.run())

        async def take_up_edition() -> None:
            if await self.library.refresh(self.store):
                log.info("edition_in_force", number=self.library.current.number)

        async def report() -> None:
            self.post(await reporting.run())

        async def reconcile() -> None:
            found = await self.figuring.reconcile(list(self.library.current.municipalities))
            self.post(await alarm(self.store, self.translators, found))

        group_cards = GroupCards(self.store, self.library, self.translators, self.links)

        async def show_in_groups() -> None:
            self.post(await group_cards.run())

        async def fetch() -> None:
            self.post(await self._fetching().fetch())

        return {
            "files": (FILES_S, fetch),
            "group-cards": (TICK_S, show_in_groups),
            "reminders": (TICK_S, remind),
            "postponed": (TICK_S, tell_postponed),
            "events": (TICK_S, look_after_events),
            "cases": (CASES_S, look_after_cases),
            "edition": (EDITION_S, take_up_edition),
            "sealing": (SEAL_S, self.sealer.seal),
            "publishing": (PUBLISH_S, self.publisher.run),
            "self-check": (LOOK_S, self.self_check.run),
            "figures": (FIGURES_S, self.figuring.refresh),
            "reconciliation": (RECONCILE_S, reconcile),
            "reports": (TICK_S, report),
            "monthly": (MONTHLY_S, monthly.run),
        }

    def _fetching(self) -> Fetching:
        """Fetches what people sent into a matter, wherever it lies, and tells them what could not be taken."""
        sources: dict[str, Source] = {"web": Uploaded(self.store)}
        if self.telegram:
            sources["telegram"] = self.telegram.files

        told = teller(self.library, self.translators, self.links)
        return Fetching(self.store, sources, told)

    async def _listen(self) -> None:
        """Other processes tell to whom they said something."""
        stop = await self.store.listen(LETTERS_TOPIC, self._told)
        self._stack.push_async_callback(stop)

    def _build_broadcaster(self) -> Broadcaster:
        rates = {name: box.lanes.pace.rate for name, box in self.outboxes.items()}
        self.broadcaster = Broadcaster(self.store, self.library, self.translators, self.post, rates)
        return self.broadcaster

    def _hear_news(self, topics: set[str]) -> None:
        """Something was begun, paused or unsubscribed from: whoever sends has to look again."""
        if announcements.NEWS in topics:
            for outbox in self.outboxes.values():
                outbox.recheck()
            if self.broadcaster:
                self.broadcaster.wake()

    def _told(self, payload: str) -> None:
        if payload.startswith(NEWS_MARK):
            return self._hear_news({payload.removeprefix(NEWS_MARK)})
        channel, _colon, numbers = payload.partition(":")
        if channel == "web":
            self.web.wake([int(number) for number in numbers.split(",")])
        elif channel in self.outboxes:
            self.outboxes[channel].wake()

    async def _serve(self) -> None:
        routes = [web.post("/telegram", self.telegram.webhook)] if self.telegram else []
        parts = Parts(
            settings=self.settings, store=self.store, inbox=self.inbox, library=self.library, channel=self.web,
            translators=self.translators, links=self.links, routes=routes, health=self.health,
            outboxes=self.outboxes,
        )  # fmt: skip
        runner = web.AppRunner(application(parts), access_log=None, shutdown_timeout=5)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, self.settings.host, self.settings.port)
        await site.start()
        self.port = runner.addresses[0][1]
        if not self.settings.public_url:
            self.links.public_url = f"http://{self.settings.host}:{self.port}"

    async def health(self) -> dict[str, Any]:
        """What /healthz tells; "ok" is whether somebody has to look."""
        seen: dict[str, Any] = {"ok": True, "waiting": self.inbox.waiting, "edition": self.library.current.number}
        try:
            async with asyncio.timeout(5):
                async with self.store.reading() as db:
                    oldest = await messages.oldest_due(db, list(self.outboxes))
                    age = (db.now - oldest).total_seconds() if oldest else 0.0
                    journal = await log_health(db, self.sealer.problem)
            seen |= {"database": "ok", "oldest_unsent_seconds": round(age, 1), "journal": journal}
            seen["ok"] = journal["ok"] and not self.figuring.differences
            seen["figures"] = [
                f"{one.municipality}/{one.month}/{one.line}: {one.count:+}" for one in sorted(self.figuring.differences)
            ]
        except Exception as error:
            seen |= {"ok": False, "database": type(error).__name__}
        seen["channels"] = {"web": "ok"} | ({"telegram": self.telegram.status} if self.telegram else {})
        return seen

    async def run(self) -> None:
        """Until it is cancelled."""
        memory.settle()
        await asyncio.Event().wait()
