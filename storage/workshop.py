"""The workshop: the search engine of an edition is built in a process of its own.

Building takes some seconds and several times the memory that the engine keeps. Done here, it would make every answer
wait meanwhile, and the memory would stay with us.
"""

import asyncio
import pickle
import sys

import orjson
import structlog

from storage.apart import run_apart
from storage.search import Engine

log = structlog.get_logger()


async def built(content: str) -> Engine:
    """Return the engine of an edition, given as JSON."""
    try:
        return pickle.loads(await run_apart(__name__, content.encode()))  # type: ignore[no-any-return]  # noqa: S301 – our own program made it
    except (OSError, EOFError, pickle.UnpicklingError) as error:  # No room for another process: slower, but here.
        log.warning("engine_built_here", error=type(error).__name__)
        return await asyncio.to_thread(lambda: Engine(orjson.loads(content)))


def main() -> None:
    engine = Engine(orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(pickle.dumps(engine, pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    main()
