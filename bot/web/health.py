"""/healthz for whoever restarts us, /metrics for whoever watches."""

import hmac
import ipaddress
from collections.abc import Iterator

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.inbox import Inbox
from bot.web.parts import Parts


class Figures(Collector):
    """Reads what the parts count anyway, at the moment somebody asks."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def collect(self) -> Iterator[Metric]:
        inbox = self.parts.inbox
        if isinstance(inbox, Inbox):
            counts = inbox.counts
            yield CounterMetricFamily("gishe_turns", "Messages answered.", value=counts.turns)
            yield CounterMetricFamily("gishe_repeats", "Messages that came again.", value=counts.repeats)
            yield CounterMetricFamily("gishe_turn_failures", "Turns that ended in an apology.", value=counts.failures)
            yield CounterMetricFamily("gishe_not_kept", "Messages that could not be stored.", value=counts.not_kept)
            yield GaugeMetricFamily("gishe_inbox_waiting", "Messages waiting for their turn.", value=inbox.waiting)
            heard = CounterMetricFamily("gishe_heard", "Messages heard.", labels=["channel"])
            for channel, count in counts.by_channel.items():
                heard.add_metric([channel], count)
            yield heard
        yield GaugeMetricFamily("gishe_web_pages", "Pages of the web chat open.", value=self.parts.channel.open_pages)
        yield from self._outboxes()

    def _outboxes(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("gishe_outbox_waiting", "Messages waiting to be sent.", labels=["channel"])
        results = CounterMetricFamily("gishe_sends", "Attempts to send.", labels=["channel", "result"])
        for channel, outbox in self.parts.outboxes.items():
            waiting.add_metric([channel], outbox.waiting)
            for result, count in outbox.counts.results.items():
                results.add_metric([channel, result], count)
        yield waiting
        yield results


class Health:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.registry = CollectorRegistry()
        self.registry.register(Figures(parts))

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
        text = generate_latest(self.registry)
        return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

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
