"""The session of a browser: a random name in a signed cookie, which is also the name of its conversation."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from aiohttp import web
from itsdangerous import BadSignature, Signer

COOKIE = "gishe"
EMBEDDED = "gishe_embedded"  # In an iframe on another site: a jar of its own, kept apart by the browser.
DAYS = 400  # The longest that browsers keep a cookie; each visit begins the count anew.
NAME = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 random bits.


@dataclass(frozen=True)
class Session:
    id: str
    is_new: bool = False

    @property
    def digest(self) -> str:
        """What the page may know of it: enough to tell sessions apart, useless for getting in."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:16]


def is_embedded(request: web.Request) -> bool:
    return request.query.get("embed") == "1"


class Sessions:
    def __init__(self, key: bytes, *, is_https: bool) -> None:
        self._signer = Signer(key, salt="web chat session", digest_method=hashlib.sha256)
        self.is_https = is_https

    def read(self, request: web.Request) -> Session | None:
        """The session of this browser; None for a cookie that is missing, forged or damaged."""
        raw = request.cookies.get(EMBEDDED if is_embedded(request) else COOKIE, "")
        try:
            name = self._signer.unsign(raw).decode("ascii")
        except (BadSignature, UnicodeError):
            return None
        return Session(name) if NAME.fullmatch(name) else None

    def begin(self) -> Session:
        return Session(secrets.token_urlsafe(16), is_new=True)

    def write(self, request: web.Request, response: web.StreamResponse, session: Session) -> None:
        """Hand the cookie out, or prolong it.

        A chat in an iframe on a municipality's site needs a cookie that goes to a third-party frame. SameSite=None
        would also let other sites send it along with requests of theirs; `Partitioned` confines it to the site whose
        page holds our frame, and every request that does something is refused unless our own page made it
        (`same_origin`), so a foreign page gains nothing by it.
        """
        third_party = is_embedded(request) and self.is_https
        parts = [
            f"{EMBEDDED if is_embedded(request) else COOKIE}={self._signer.sign(session.id).decode()}",
            f"Max-Age={DAYS * 86_400}",
            "Path=/",
            "HttpOnly",
            "SameSite=None" if third_party else "SameSite=Lax",
        ]
        parts += ["Secure"] * self.is_https + ["Partitioned"] * third_party
        response.headers.add("Set-Cookie", "; ".join(parts))  # By hand: Python knows `Partitioned` only from 3.14 on.
