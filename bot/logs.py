"""Log lines: a stable event with fields. No words of citizens, names, tokens or secrets ever come here."""

import logging
import sys

import orjson
import structlog


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
    factory: object = structlog.PrintLoggerFactory(sys.stderr)
    if form == "json":
        last = structlog.processors.JSONRenderer(serializer=orjson.dumps)
        factory = structlog.BytesLoggerFactory(sys.stderr.buffer)
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=factory,  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
