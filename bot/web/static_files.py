"""The page's own scripts, styles and pictures: read once, served under an address that changes with their content."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=300"  # A page of before the last update asks under its old address.
TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json"}


@dataclass(frozen=True)
class Asset:
    content: bytes
    packed: bytes
    mime: str
    etag: str


def _read(file: Path) -> Asset:
    content = file.read_bytes()
    mime = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Asset(content, gzip.compress(content, mtime=0), mime, hashlib.sha256(content).hexdigest()[:16])


class StaticFiles:
    def __init__(self, folder: Path = FOLDER) -> None:
        self.assets = {file.name: _read(file) for file in sorted(folder.iterdir()) if file.is_file()}
        joined = "".join(f"{name}{asset.etag}" for name, asset in self.assets.items())
        self.version = hashlib.sha256(joined.encode()).hexdigest()[:12]

    @property
    def base(self) -> str:
        """Where the pages find them; the scripts find each other beside themselves."""
        return f"/static/{self.version}"

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/static/{version}/{name}", self.give), web.get("/favicon.ico", self.icon)]

    async def give(self, request: web.Request) -> web.Response:
        asset = self.assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        is_current = request.match_info["version"] == self.version
        return self.answer(request, asset, FOREVER if is_current else SHORTLY)

    async def icon(self, request: web.Request) -> web.Response:
        return self.answer(request, self.assets["icon.svg"], SHORTLY)

    def answer(self, request: web.Request, asset: Asset, cache: str) -> web.Response:
        headers = {"Cache-Control": cache, "ETag": f'"{asset.etag}"', "Vary": "Accept-Encoding"}
        if any(tag.value == asset.etag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        body = asset.content
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"], body = "gzip", asset.packed
        return web.Response(body=body, headers=headers, content_type=asset.mime, charset=_charset(asset.mime))


def _charset(mime: str) -> str | None:
    return "utf-8" if mime.startswith("text/") else None
