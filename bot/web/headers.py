"""What every answer of the server carries, and who may ask it to do something."""

import re
from urllib.parse import urlsplit

from aiohttp import web

HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
HSTS = "max-age=31536000"
OWN_PAGES = ("same-origin", "none")  # Sec-Fetch-Site: our own page, or typed by the person.


def policy(request: web.Request, frame_ancestors: str = "'self'") -> str:
    """Only our own files, nothing inline. Safari's 'self' did not always mean the WebSocket, so it is named."""
    socket = f" ws://{request.host} wss://{request.host}" if HOST.fullmatch(request.host or "") else ""
    return (
        "default-src 'self'; img-src 'self' data: blob:; script-src 'self'; style-src 'self'; "
        f"connect-src 'self'{socket}; object-src 'none'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {frame_ancestors}"
    )


class Headers:
    """Adds the security headers to whatever is answered; a page that set its own keeps it."""

    def __init__(self, public_url: str) -> None:
        self.is_https = public_url.startswith("https://")

    async def add(self, request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy(request))
        headers["Server"] = "gishe"  # Which library of which version is nobody's business.
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        if self.is_https:
            headers.setdefault("Strict-Transport-Security", HSTS)


def same_origin(request: web.Request, public_url: str) -> bool:
    """Whether our own page makes this request. Browsers always tell where a post or a WebSocket comes from."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in OWN_PAGES:
        return False
    origin = urlsplit(request.headers.get("Origin", ""))
    ours = {request.host, urlsplit(public_url).netloc} - {""}
    return origin.scheme in ("http", "https") and origin.netloc in ours
