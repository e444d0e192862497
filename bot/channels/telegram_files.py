"""Files that people sent us on Telegram: asked for by getFile, then downloaded or, from a server of one's own, read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from telegram.error import BadRequest

from bot.channels.telegram_errors import says
from bot.channels.telegram_request import AiohttpRequest
from bot.fetching import Unavailable
from storage.shelf import Shelf, Stored, TooLarge

PUBLIC_SERVER = "https://api.telegram.org"
BLOCK = 1 << 16
TOO_BIG = ("file is too big",)

Call = Callable[..., Awaitable[Any]]


class TelegramFiles:
    def __init__(self, request: AiohttpRequest, call: Call, base_file_url: str) -> None:
        self.request, self.call = request, call
        self.base = base_file_url
        self.may_be_local = not base_file_url.startswith(PUBLIC_SERVER)

    async def fetch(self, ref: str, name: str, shelf: Shelf) -> Stored:
        try:
            found = await self.call("getFile", file_id=ref)
        except BadRequest as error:
            if says(error, TOO_BIG):
                raise TooLarge from error
            raise Unavailable(error.message) from error
        path = found.get("file_path") or ""
        if self.may_be_local and path.startswith("/"):  # A Bot API server with --local tells where it put it.
            return await shelf.put(_from_disk(Path(path)), name)
        return await shelf.put(self.request.stream(f"{self.base}/{path}"), name)


async def _from_disk(file: Path) -> AsyncIterator[bytes]:
    opened = await asyncio.to_thread(file.open, "rb")
    try:
        while block := await asyncio.to_thread(opened.read, BLOCK):
            yield block
    finally:
        await asyncio.to_thread(opened.close)
