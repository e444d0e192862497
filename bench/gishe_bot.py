"""Gishe as it runs: the whole program on an address, a Bot API and a database of the benchmark's."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Hashable
from math import inf
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import structlog

from bot.app import App
from bot.pace import Pace
from bot.settings import Settings

RATE = 1_000  # Messages a second, the most that Telegram ever allows (paid broadcast).


class NoLimit(Pace):
    """What the machine could do if Telegram set no limit."""

    def chat_ready_at(self, chat: Hashable, is_group: bool, lane: int) -> float:
        return -inf

    def open_at(self, lane: int) -> float:
        return -inf


async def run(arguments: argparse.Namespace, folder: str) -> None:
    settings = Settings(
        telegram_token="42:" + "A" * 35 if arguments.api else "",
        telegram_api_url=arguments.api,
        telegram_rate=arguments.rate,
        public_url=arguments.public,
        port=arguments.port,
        data_dir=Path(folder),
        database_url=arguments.database,
    )
    app = App(settings)
    app.store.is_journalled = not arguments.no_journal
    async with app:
        if arguments.no_limit:
            app.outboxes["telegram"].lanes.pace = NoLimit(arguments.rate)
        if arguments.api:
            await app.run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("--api", default="", help="the stub's address; without it only the database is made ready")
    parser.add_argument("--public", default="", help="our address: with it a webhook, without it polling")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--no-limit", action="store_true")
    parser.add_argument("--rate", type=int, default=RATE, help="messages a second to Telegram")
    parser.add_argument("--no-journal", action="store_true", help="record nothing in the journal")
    parser.add_argument("--data", default="", help="the data folder; without it a temporary one")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with tempfile.TemporaryDirectory() as folder:
        arguments = parser.parse_args()
        asyncio.run(run(arguments, arguments.data or folder))


if __name__ == "__main__":
    main()
