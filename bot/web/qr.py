"""QR codes of deep links, for messages with a picture and for notices at the counter."""

import asyncio
from functools import lru_cache

from aiohttp import web

from bot.pictures import qr_png, qr_svg
from bot.web.frames import PAYLOAD
from bot.web.parts import Parts

KINDS = {"png": (qr_png, "image/png"), "svg": (qr_svg, "image/svg+xml")}


@lru_cache(512)
def _draw(kind: str, address: str) -> bytes:
    return KINDS[kind][0](address)


class Codes:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [web.get(r"/qr/{payload:[A-Za-z0-9_-]{1,64}}.{kind:png|svg}", self.code)]

    async def code(self, request: web.Request) -> web.Response:
        payload, kind = request.match_info["payload"], request.match_info["kind"]
        if not PAYLOAD.fullmatch(payload):
            raise web.HTTPNotFound
        if self.parts.floods.pictures.take(self.parts.address(request)):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "5"})
        body = await asyncio.to_thread(_draw, kind, self.parts.links.deep(payload, "web"))
        return web.Response(body=body, content_type=KINDS[kind][1], headers={"Cache-Control": "public, max-age=86400"})
