"""The program that `test_crash` kills: everything that the settings in its environment ask for."""

import asyncio
from collections.abc import Mapping

from bot import logs
from bot.app import App
from bot.ending import until_told
from bot.settings import read


def run(environment: Mapping[str, str]) -> None:
    asyncio.run(_run(environment))


async def _run(environment: Mapping[str, str]) -> None:
    settings = read(environment)
    logs.configure(settings.log_level, settings.log_format)
    with until_told():
        async with App(settings) as app:
            await app.run()
