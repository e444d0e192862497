"""The journal under /log/: checkpoint and tiles as C2SP tlog-tiles serves them, keys, and the door for witnesses."""

import gzip

from aiohttp import web

from bot.journal_key import keys_document
from bot.web.parts import Parts
from storage import log, tiles
from storage.notes import Key, Unreadable
from storage.tiles import ENTRIES

FOREVER = "public, max-age=31536000, immutable"
SECONDS = "public, max-age=5"  # The specification's "a few seconds".
AN_HOUR = "public, max-age=3600"
MAX_NOTE_BYTES = 100_000
OPEN = {"Access-Control-Allow-Origin": "*"}  # Anybody's page may check the journal.
TEXT = "text/plain"


class LogFiles:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/log/checkpoint", self.checkpoint),
            web.get("/log/key", self.key),
            web.get("/log/tile/{path:.+}", self.tile),
            web.post("/log/cosignature", self.cosign),
        ]

    async def checkpoint(self, request: web.Request) -> web.Response:
        """The newest head; `?size=N`: an earlier one, as long as it is kept."""
        wanted = request.query.get("size")
        if wanted is not None and not (wanted.isdecimal() and len(wanted) < 19):
            raise web.HTTPNotFound
        async with self.parts.store.reading() as db:
            row = await log.head(db, int(wanted) if wanted else None)
        if row is None:
            raise web.HTTPNotFound
        return web.Response(
            text=log.full_note(row), content_type=TEXT, charset="utf-8", headers={"Cache-Control": SECONDS, **OPEN}
        )

    async def key(self, _request: web.Request) -> web.Response:
        async with self.parts.store.reading() as db:
            document = await keys_document(db)
        return web.Response(
            text=document, content_type=TEXT, charset="utf-8", headers={"Cache-Control": AN_HOUR, **OPEN}
        )

    async def tile(self, request: web.Request) -> web.Response:
        tile = tiles.read_path(request.match_info["path"])
        if tile is None:
            raise web.HTTPNotFound
        async with self.parts.store.reading() as db:
            data = await log.tile(db, tile)
        if data is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": FOREVER, **OPEN}
        if tile.level == ENTRIES:  # Hashes do not get smaller.
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("Accept-Encoding", ""):
                headers["Content-Encoding"], data = "gzip", gzip.compress(data, 6, mtime=0)
        return web.Response(body=data, content_type="application/octet-stream", headers=headers)

    async def cosign(self, request: web.Request) -> web.Response:
        """POST /log/cosignature: a head of ours with the lines of witnesses whom we know under it."""
        if self.parts.floods.notes.take(self.parts.address(request)):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "5"})
        body = await request.content.read(MAX_NOTE_BYTES + 1)
        if len(body) > MAX_NOTE_BYTES:
            raise web.HTTPRequestEntityTooLarge(MAX_NOTE_BYTES, len(body))
        witnesses = [Key.read(vkey) for vkey in self.parts.settings.journal_witnesses.split()]
        try:
            async with self.parts.store.writing() as db:
                fresh = await log.cosign(db, body.decode(), witnesses)
        except (Unreadable, UnicodeDecodeError):
            raise web.HTTPBadRequest(text="This is no checkpoint with signatures.\n") from None
        except LookupError:
            raise web.HTTPNotFound(text="We have not signed this checkpoint.\n") from None
        if not fresh:
            raise web.HTTPForbidden(text="No new signature of a witness that we know.\n")
        return web.Response(text=f"{fresh}\n")
