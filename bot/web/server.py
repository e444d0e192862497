"""The HTTP server: puts the pages, the chat, the hooks and the watchers' addresses together."""

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.web.announcements import Announcements
from bot.web.calendar import Calendars
from bot.web.chat import Chat
from bot.web.data import Data
from bot.web.figures import FiguresPage
from bot.web.headers import Headers
from bot.web.health import Health
from bot.web.home import Home
from bot.web.log_files import LogFiles
from bot.web.log_page import LogPage
from bot.web.open311 import Open311
from bot.web.parts import Parts
from bot.web.qr import Codes
from bot.web.receipts import Receipts
from bot.web.static_files import StaticFiles
from bot.web.uploads import Uploads

__all__ = ["Parts", "application"]

log = structlog.get_logger()


def application(parts: Parts) -> web.Application:
    static = StaticFiles()
    home = Home(parts, static)
    app = web.Application(middlewares=[_friendly(home)], client_max_size=1 << 20)
    for some in (
        Health(parts), static, Codes(parts), Calendars(parts), home, Uploads(parts), Chat(parts, static, home),
        LogFiles(parts), LogPage(parts, static), Receipts(parts, static),
        Data(parts, static, home), FiguresPage(parts, static, home),
        Open311(parts), Announcements(parts, static),
    ):  # fmt: skip
        app.add_routes(some.routes())
    app.add_routes(parts.routes)
    app.on_response_prepare.append(Headers(parts.settings.public_url).add)

    async def close_pages(_app: web.Application) -> None:
        await parts.channel.close_pages()

    app.on_shutdown.append(close_pages)
    return app


def _friendly(home: Home) -> Middleware:
    @web.middleware
    async def friendly(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Whoever reads pages gets a page when something is missing or broken; programs get the bare status."""
        try:
            return await handler(request)
        except web.HTTPNotFound:
            if _reads_pages(request):
                return home.nothing_here(request)
            raise
        except web.HTTPException:
            raise
        except Exception as error:
            where = request.match_info.route.resource
            log.exception("page_failed", path=where.canonical if where else "?", error=type(error).__name__)
            if _reads_pages(request):
                return home.went_wrong(request)
            return web.Response(status=500)

    return friendly


def _reads_pages(request: web.Request) -> bool:
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", "")
