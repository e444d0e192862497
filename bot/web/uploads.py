"""Photos and files on their way in and out: streamed, limited, checked, and only for the session that sent them."""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import structlog
from aiohttp import web

from bot.web.frames import number_of
from bot.web.parts import Parts
from bot.web.session import Session
from storage import dialogue, files
from storage.database import utc_now
from storage.kinds import EXTENSIONS
from storage.shelf import BLOCK, MAX_BYTES, Full, Stored, TooLarge, WrongKind

MAX_NAME = 120
SHOWN_INLINE = ("image/jpeg", "image/png", "image/webp", "image/gif")
SANDBOX = "default-src 'none'; sandbox"

log = structlog.get_logger()


class Uploads:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/chat/files", self.take),
            web.get("/chat/files/{id}", self.give),
            web.get(r"/chat/sent/{message:[0-9]{1,19}}/{number:[0-9]{1,2}}", self.give_ours),
        ]

    async def take(self, request: web.Request) -> web.StreamResponse:
        """POST /chat/files?name=…, the bytes as the body. Nothing is read before it is known to be welcome."""
        session = self.parts.sessions.read(request)
        if not self.parts.is_own(request):
            return self._refuse(request, 403, "foreign")
        if session is None:
            return self._refuse(request, 401, "session")
        if (request.content_length or 0) > MAX_BYTES:
            return self._refuse(request, 413, "large")
        if wait := self.parts.floods.upload(session.id, self.parts.address(request)):
            return self._refuse(request, 429, "flood", {"Retry-After": str(int(wait) + 1)})
        conversation_id = await self._conversation(session)
        if conversation_id is None:
            return self._refuse(request, 409, "early", {"Retry-After": "2"})
        return await self._store(request, conversation_id)

    async def _store(self, request: web.Request, conversation_id: int) -> web.StreamResponse:
        name = clean_name(request.query.get("name", ""))
        try:
            stored = await self.parts.shelf.put(_body(request), name)
        except TooLarge:
            return self._refuse(request, 413, "large")
        except WrongKind:
            return self._refuse(request, 415, "kind")
        except Full:
            log.error("disk_full", folder=str(self.parts.shelf.folder))
            return self._refuse(request, 507, "full")
        return await self._note(conversation_id, stored, with_suffix(name, stored.mime))

    async def _note(self, conversation_id: int, stored: Stored, name: str) -> web.Response:
        async with self.parts.store.writing() as db:
            file_id = files.receive(
                db, conversation_id, digest=stored.digest, name=name, mime=stored.mime, size=stored.size
            )
        return web.json_response({"id": str(file_id), "name": name, "mime": stored.mime, "size": stored.size})

    def _refuse(
        self, request: web.Request, status: int, why: str, headers: dict[str, str] | None = None
    ) -> web.Response:
        """Refuse without reading the rest: the connection is closed, which ends the sending."""
        response = web.json_response({"why": why}, status=status, headers=headers)
        if request.can_read_body:
            response.force_close()
        return response

    async def _conversation(self, session: Session) -> int | None:
        async with self.parts.store.reading() as db:
            mine = await dialogue.whose(db, self.parts.channel.name, session.id)
        return mine and int(mine.id)

    async def give(self, request: web.Request) -> web.StreamResponse:
        """GET /chat/files/<id>: to whoever sent it and to nobody else."""
        session = self.parts.sessions.read(request)
        conversation_id = session and await self._conversation(session)
        file_id = number_of(request.match_info["id"])
        if not conversation_id or not file_id:
            raise web.HTTPNotFound
        async with self.parts.store.reading() as db:
            row = (await files.received(db, conversation_id, [file_id])).get(file_id)
        if row is None:
            raise web.HTTPNotFound
        return self._file(row.digest, row.name, row.mime)

    async def give_ours(self, request: web.Request) -> web.StreamResponse:
        """GET /chat/sent/<message>/<number>: a file that we sent, to whom we sent it and to nobody else."""
        session = self.parts.sessions.read(request)
        conversation_id = session and await self._conversation(session)
        message_id = number_of(request.match_info["message"])
        if not conversation_id or not message_id:
            raise web.HTTPNotFound
        async with self.parts.store.reading() as db:
            file = await dialogue.file_of(db, conversation_id, message_id, int(request.match_info["number"]))
        if file is None:
            raise web.HTTPNotFound
        return self._file(file["digest"], file["name"], file["mime"])

    def _file(self, digest: str, name: str, mime: str) -> web.StreamResponse:
        """As something that is looked at and not run."""
        if not self.parts.shelf.path(digest).exists():
            raise web.HTTPNotFound
        shown = "inline" if mime in SHOWN_INLINE else "attachment"
        return web.FileResponse(
            self.parts.shelf.path(digest),
            headers={
                "Content-Type": mime,
                "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(name)}",
                "Content-Security-Policy": SANDBOX,
                "Cross-Origin-Resource-Policy": "same-origin",
                "Cache-Control": "private, max-age=86400, immutable",
            },
        )


async def _body(request: web.Request) -> AsyncIterator[bytes]:
    async for chunk in request.content.iter_chunked(BLOCK // 16):
        yield chunk


def clean_name(name: str) -> str:
    """The bare name of a file, as it can be shown and saved anywhere."""
    bare = re.split(r"[/\\]", name)[-1]
    bare = "".join(c for c in bare if c.isprintable() and c not in '<>:"|?*').strip(" .")
    stem, dot, suffix = bare.rpartition(".")
    return f"{stem[: MAX_NAME - 10]}{dot}{suffix[:9]}" if dot else bare[:MAX_NAME]


def with_suffix(name: str, mime: str) -> str:
    """A name that ends as its content demands: "cat.exe" that is a picture becomes "cat.exe.jpg"."""
    wanted = EXTENSIONS[mime]
    same = {".jpg": (".jpg", ".jpeg", ".jfif"), ".heic": (".heic", ".heif"), ".ogg": (".ogg", ".oga", ".opus")}
    if name.lower().endswith(same.get(wanted, (wanted,))):
        return name
    return f"{name or utc_now().strftime('%Y-%m-%d')}{wanted}"
