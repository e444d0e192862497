"""The peers of the broadcast: python-telegram-bot with its AIORateLimiter, or a bare gather; they store nothing.

    broadcast_ptb.py URL limiter|gather RATE RECIPIENTS

/broadcast starts it; every other text is echoed.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, Application, ContextTypes, MessageHandler, filters

CROWD = 1_000_000_000
WORKERS = 64
TEXT = "Утре от 9 до 15 часа няма вода по улица Иглика. Извиняваме се за неудобството."


async def hear(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message
    if update.message.text == "/broadcast":
        context.application.create_task(broadcast(context.application))
        return
    await update.message.reply_text(update.message.text or "")


async def broadcast(application: Any) -> None:
    rate, chats = int(sys.argv[3]), iter(range(CROWD, CROWD + int(sys.argv[4])))
    send = application.bot.send_message
    if sys.argv[2] == "limiter":  # Some workers: a gather of everything would drown the connection pool.
        await asyncio.gather(*(work(send, chats) for _ in range(WORKERS)))
    while some := list(islice(chats, rate)):  # A second's worth at once, then the rest of the second is waited for.
        rest = asyncio.create_task(asyncio.sleep(1.0))
        await asyncio.gather(*(send(chat, TEXT) for chat in some), return_exceptions=True)
        await rest


async def work(send: Any, chats: Iterator[int]) -> None:
    for chat in chats:
        with suppress(TelegramError):
            await send(chat, TEXT)


def main() -> None:
    builder = Application.builder().token("42:" + "A" * 35).base_url(sys.argv[1] + "/bot").concurrent_updates(64)
    builder = builder.pool_timeout(60)  # With its own second most of what waits for a connection would be lost.
    if sys.argv[2] == "limiter":
        builder = builder.rate_limiter(AIORateLimiter(overall_max_rate=int(sys.argv[3])))
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, hear))
    application.run_polling()


if __name__ == "__main__":
    main()
