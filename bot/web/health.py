"""/healthz for whoever restarts us, /metrics for whoever watches."""

import hmac
import ipaddress

import orjson
from aiohttp import web

from bot.web.parts import Parts


class Health:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/healthz", self.health), web.get("/metrics", self.metrics)]

    async def health(self, _request: web.Request) -> web.Response:
        seen = await self.parts.health()
        return web.Response(
            body=orjson.dumps(seen), status=200 if seen.get("ok") else 503, content_type="application/json"
        )

    async def metrics(self, request: web.Request) -> web.Response:
        if not self._may_read(request):
            raise web.HTTPForbidden
        from bot.web.metrics import CONTENT_TYPE, text  # Only where somebody watches.

        return web.Response(body=text(self.parts), headers={"Content-Type": CONTENT_TYPE})

    def _may_read(self, request: web.Request) -> bool:
        """With a token whoever has it; without, this machine itself. Behind a proxy everybody seems to be that."""
        if token := self.parts.settings.metrics_token:
            given = request.headers.get("Authorization", "")
            return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
        if {"X-Forwarded-For", "Forwarded", "X-Real-IP"} & set(request.headers):
            return False
        try:
            return ipaddress.ip_address(request.remote or "").is_loopback
        except ValueError:
            return False
