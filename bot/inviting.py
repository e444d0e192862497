"""The links by which an invitation is opened, for every channel in use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram_request import AiohttpRequest
from bot.settings import Settings

PATIENCE_S = 10  # For Telegram to tell the bot's name; without it the invitation is typed.


async def invite_links(settings: Settings, token: str) -> dict[str, str]:
    """Return channel -> address. Where the bot's name is not to be had: what to send to the bot."""
    links = {"web": f"{settings.base_url}/chat?start={token}"}
    if settings.telegram_token:
        name = await _telegram_name(settings)
        links["telegram"] = f"https://t.me/{name}?start={token}" if name else f"/start {token}"
    return links


async def _telegram_name(settings: Settings) -> str:
    try:
        async with asyncio.timeout(PATIENCE_S), brief_bot(settings) as bot:
            return (await bot.get_me()).username or ""
    except (TelegramError, TimeoutError):
        return ""


@asynccontextmanager
async def brief_bot(settings: Settings) -> AsyncIterator[Bot]:
    """A bot for a few calls of the command line."""
    request = AiohttpRequest(connection_limit=1)
    await request.initialize()
    try:
        yield Bot(settings.telegram_token, base_url=f"{settings.telegram_api_url.rstrip('/')}/bot", request=request)
    finally:
        await request.shutdown()
