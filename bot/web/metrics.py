"""What /metrics tells, in the text format of Prometheus; loaded when somebody asks for it."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.inbox import Inbox
from bot.web.parts import Parts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


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


def text(parts: Parts) -> bytes:
    registry = CollectorRegistry()
    registry.register(Figures(parts))
    return generate_latest(registry)
