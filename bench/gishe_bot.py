"""Gishe as it runs, put together from its parts: Telegram, inbox, turns, outbox and one database."""

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Hashable
from math import inf
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import structlog
from aiohttp import web

from bot.channels.telegram import Telegram
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.pace import Lanes, Pace
from bot.turns import Turns
from handlers.introduction import introduction
from handlers.talk import Links
from locales import LANGUAGES, Translator
from storage.database import Store
from storage.handbook import Library
from storage.messages import Letter
from storage.upgrade import upgrade

RATE = 1_000  # Messages a second, the most that Telegram ever allows (paid broadcast).


class NoLimit(Pace):
    """What the machine could do if Telegram set no limit."""

    def chat_ready_at(self, chat: Hashable, is_group: bool, lane: int) -> float:
        return -inf

    def open_at(self, lane: int) -> float:
        return -inf


class Box:
    """The inbox needs its outbox, which needs the channel, which needs the inbox."""

    outbox: Outbox

    def post(self, letters: list[Letter]) -> None:
        self.outbox.post(letters)


async def run(arguments: argparse.Namespace) -> None:
    store = Store(arguments.database)
    await upgrade(store)
    translators = {language: Translator(language, ZoneInfo("Europe/Sofia")) for language in LANGUAGES}
    turns = Turns(await Library.open(store), translators, Links("https://gishe.example", "bench_bot"))
    box = Box()
    inbox = Inbox(store, turns, box)
    telegram = Telegram(
        "42:" + "A" * 35, api_url=arguments.api, hear=inbox.hear, public_url=arguments.public, secret="bench-secret"
    )
    telegram.introduction = introduction(translators)
    lanes: Lanes[Letter] = Lanes(NoLimit(RATE) if arguments.no_limit else Pace(RATE), one_at_a_time=True)
    box.outbox = Outbox(store, telegram, lanes)
    parts = (inbox, telegram, box.outbox)
    runner = await listen(telegram, arguments.port) if arguments.public else None
    for part in parts:
        await part.start()
    gc.collect()
    gc.freeze()
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()
    for part in parts:
        await part.stop()
    if runner:
        await runner.cleanup()
    await store.close()


async def listen(telegram: Telegram, port: int) -> web.AppRunner:
    application = web.Application()
    application.add_routes([web.post("/telegram", telegram.webhook)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--api", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--public", default="", help="our address: with it a webhook, without it polling")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--no-limit", action="store_true")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
