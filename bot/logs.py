"""Log lines: a stable event with fields. No words of citizens, names, tokens or secrets ever come here."""

import logging
import sys
from contextlib import suppress

import orjson
import structlog


class Lines:
    """Writes to whatever is standard error now. A line that cannot be written is lost, and nothing else with it:
    a turn, or the bot, must not end because a disk is full or nobody reads the pipe any more."""

    def msg(self, line: str | bytes) -> None:
        with suppress(OSError, ValueError):  # A closed stream raises the second.
            print(line if isinstance(line, str) else line.decode(), file=sys.stderr, flush=True)

    debug = info = warning = error = critical = exception = msg


def configure(level: str, form: str) -> None:
    number = logging.getLevelNamesMapping()[level]
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for noisy in ("aiohttp.access", "httpx", "apscheduler", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    shared: list[structlog.types.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: structlog.types.Processor = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    if form == "json":
        last = structlog.processors.JSONRenderer(serializer=orjson.dumps)
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_names: Lines(),
        cache_logger_on_first_use=True,
    )
