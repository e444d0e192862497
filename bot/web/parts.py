"""What the pages and the chat are built from; handed over by the one who builds everything."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from aiohttp import web

from bot.channels.web import Hears, Web
from bot.figuring import Figuring
from bot.outbox import Outbox
from bot.secrets_file import secret
from bot.settings import Settings
from bot.web.flood import Floods, client_address
from bot.web.headers import same_origin
from bot.web.session import Sessions
from handlers.talk import Links
from locales import Translator
from storage.database import Store
from storage.handbook import Library
from storage.shelf import Shelf

LANGUAGE_COOKIE = "gishe_language"


@dataclass
class Parts:
    settings: Settings
    store: Store
    inbox: Hears
    library: Library
    channel: Web
    translators: Mapping[str, Translator]
    links: Links
    health: Callable[[], Awaitable[dict[str, Any]]]
    routes: Sequence[web.AbstractRouteDef] = ()
    outboxes: Mapping[str, Outbox] = field(default_factory=dict)
    floods: Floods = field(default_factory=Floods)

    @property
    def is_https(self) -> bool:
        return self.settings.public_url.startswith("https://")

    @cached_property
    def figuring(self) -> Figuring:
        return Figuring(self.store)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(secret(self.settings.data_dir, "web-session"), is_https=self.is_https)

    @property
    def shelf(self) -> Shelf:
        return self.store.shelf

    def address(self, request: web.Request) -> str:
        """Where a request comes from, as the flood limits count it."""
        return client_address(request, self.settings.trusted_proxies)

    def is_own(self, request: web.Request) -> bool:
        return same_origin(request, self.settings.public_url)

    def chosen_language(self, request: web.Request) -> str | None:
        """What the reader chose on one of our pages."""
        for chosen in (request.query.get("language"), request.cookies.get(LANGUAGE_COOKIE)):
            if chosen in self.translators:
                return chosen
        return None

    def language(self, request: web.Request) -> str:
        """What the reader chose, or what the browser asks for."""
        if chosen := self.chosen_language(request):
            return chosen
        for wish in request.headers.get("Accept-Language", "")[:200].split(","):
            code = wish.split(";")[0].strip()[:2].lower()
            if code in self.translators:
                return code
        return self.settings.default_language

    def speaker(self, request: web.Request) -> Translator:
        return self.translators[self.language(request)]
