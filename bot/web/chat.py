"""The chat's page, its words, its WebSocket, and the script that puts it into a municipality's own site."""

from contextlib import ExitStack
from typing import Any

import orjson
from aiohttp import web

from bot.web.frames import PAYLOAD
from bot.web.headers import policy
from bot.web.home import Home
from bot.web.parts import Parts
from bot.web.render import fill, keep_language, other_language
from bot.web.session import Session, is_embedded
from bot.web.socket import NO_SESSION, TOO_MANY, Socket
from bot.web.static_files import StaticFiles
from bot.web.words import document, words
from locales import LANGUAGES
from storage.kinds import ACCEPT
from storage.shelf import MAX_BYTES

MAX_FRAME = 64 << 10
HEARTBEAT_S = 30.0  # A page that is gone without a word is noticed after one and a half of these.


class Chat:
    def __init__(self, parts: Parts, static: StaticFiles, home: Home) -> None:
        self.parts = parts
        self.static = static
        self.home = home

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/chat/ws", self.socket),
            web.get("/chat/words.json", self.words),
            web.get("/chat", self.page),
            web.get("/chat/{municipality}", self.page),
            web.get("/widget.js", self.widget),
        ]

    # --- The page ---

    async def page(self, request: web.Request) -> web.Response:
        slug = request.match_info.get("municipality", "")
        if slug and slug not in self.parts.library.current.municipalities:
            return self.home.nothing_here(request)
        session = self.parts.sessions.read(request)
        if session is None:
            if self.parts.floods.sessions.take(self.parts.address(request)):
                return self.home.too_fast(request)
            session = self.parts.sessions.begin()
        response = web.Response(
            text=self._html(request, session, slug), content_type="text/html", headers={"Cache-Control": "no-store"}
        )
        if is_embedded(request):
            response.headers["Content-Security-Policy"] = policy(request, "*")
        self.parts.sessions.write(request, response, session)
        keep_language(self.parts, request, response)
        return response

    def _html(self, request: web.Request, session: Session, slug: str) -> str:
        speak = self.parts.speaker(request)
        other = other_language(speak.language)
        said = words(speak)
        return fill(
            "chat",
            {},
            language=speak.language,
            static=self.static.base,
            facts=orjson.dumps(self._facts(request, session, slug)).decode(),
            where=self.parts.library.current.municipalities[slug]["full_name"][speak.language] if slug else "",
            accept=ACCEPT,
            other=other,
            other_name=LANGUAGES[other],
            label_language=said["language"].format(language=LANGUAGES[other]),
            label_attach=said["attach"].format(size=MAX_BYTES >> 20),
            no_script=speak.gettext("This chat needs JavaScript. Please switch it on, or write to your municipality."),
            mode="embedded" if is_embedded(request) else "whole",
            **{f"say_{name}": text for name, text in said.items()},
        )

    def _facts(self, request: web.Request, session: Session, slug: str) -> dict[str, Any]:
        """What the page's script starts from; no inline script is allowed to tell it."""
        start, chosen = request.query.get("start", ""), request.query.get("language")
        return {
            "session": session.digest,
            "embedded": is_embedded(request),
            "municipality": slug or None,
            "start": start if PAYLOAD.fullmatch(start) else "",
            "chosen": chosen if chosen in LANGUAGES else None,
            "largest": MAX_BYTES,
            "languages": LANGUAGES,
            **document(self.parts.speaker(request), self.parts.library.current),
        }

    async def words(self, request: web.Request) -> web.Response:
        """GET /chat/words.json?language=…: the page in another language, without loading it anew."""
        body = orjson.dumps(document(self.parts.speaker(request), self.parts.library.current))
        return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "no-cache"})

    async def widget(self, request: web.Request) -> web.Response:
        return self.static.answer(request, self.static.assets["widget.js"], "public, max-age=3600")

    # --- The WebSocket ---

    async def socket(self, request: web.Request) -> web.StreamResponse:
        if not self.parts.is_own(request):
            return web.Response(status=403)
        session = self.parts.sessions.read(request)
        ws = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=MAX_FRAME, compress=False)
        await ws.prepare(request)
        if session is None:  # The page fetches itself again, and a cookie with it.
            await ws.close(code=NO_SESSION)
            return ws
        await self._seated(ws, session, self.parts.address(request))
        return ws

    async def _seated(self, ws: web.WebSocketResponse, session: Session, address: str) -> None:
        """Let the page in, if this session and this address have not too many open."""
        floods = self.parts.floods
        with ExitStack() as taken:
            for seats, key in ((floods.sockets, session.id), (floods.sockets_by_address, address)):
                if not seats.enter(key):
                    await ws.close(code=TOO_MANY)
                    return
                taken.callback(seats.leave, key)
            await Socket(self.parts, ws, session.id, session.digest, address).live()
