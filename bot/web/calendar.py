"""The calendar feeds: all events of a municipality, and one event, for calendars that follow an address."""

import hashlib
from datetime import timedelta

from aiohttp import web

from bot.web.parts import Parts
from handlers.event_calendar import as_ical
from storage import events, ids
from storage.events import CANCELLED, DRAFT, Event

ALL = "all"
PAST, AHEAD = timedelta(days=90), timedelta(days=730)  # What calendars show; older entries stay where they are.
FRESH_S = 300  # Calendars ask every few hours; a change is there after five minutes at the latest.


class Calendars:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(r"/calendar/event-{number:\d{1,19}}.ics", self.event),
            web.get(r"/calendar/{slug:[a-z]+}.ics", self.feed),
        ]

    async def feed(self, request: web.Request) -> web.Response:
        slug = request.match_info["slug"]
        place = self.parts.library.current.municipalities.get(slug)
        if place is None and slug != ALL:
            raise web.HTTPNotFound
        speak = self.parts.speaker(request)
        name = place["full_name"][speak.language] if place else speak.gettext("All four municipalities")
        async with self.parts.store.reading() as db:
            found = await events.between(
                db, db.now - PAST, db.now + AHEAD, None if slug == ALL else slug, request.query.get("kind") or None
            )
        return self._answer(request, found, f"{slug}.ics", f"{name} · {speak.gettext('Events')}")

    async def event(self, request: web.Request) -> web.Response:
        number = ids.read(request.match_info["number"])
        async with self.parts.store.reading() as db:
            event = await events.event(db, number) if number else None
        if event is None or event.state == DRAFT:
            raise web.HTTPNotFound
        return self._answer(request, [event], f"event-{event.id}.ics", is_cancel=event.state == CANCELLED)

    def _answer(
        self, request: web.Request, found: list[Event], file: str, name: str = "", *, is_cancel: bool = False
    ) -> web.Response:
        body = as_ical(found, self.parts.speaker(request), self.parts.links, name=name, is_cancel=is_cancel)
        mark = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": mark, "Cache-Control": f"public, max-age={FRESH_S}", "Vary": "Accept-Language, Cookie"}
        if request.headers.get("If-None-Match") == mark:
            return web.Response(status=304, headers=headers)
        headers["Content-Disposition"] = f'inline; filename="{file}"'
        return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=headers)
