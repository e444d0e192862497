"""Pages from their templates: plain HTML files with holes, everything escaped that comes from outside."""

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

from aiohttp import web

from bot.web.parts import LANGUAGE_COOKIE, Parts
from bot.web.session import DAYS
from locales import LANGUAGES

FOLDER = Path(__file__).parent / "pages"


@cache
def template(name: str) -> Template:
    return Template((FOLDER / f"{name}.html").read_text("utf-8"))


def fill(template_name: str, html: Mapping[str, str], /, **text: str) -> str:
    """Fill a template: `text` is escaped, `html` is ours and goes in as it is."""
    return template(template_name).substitute({hole: escape(value) for hole, value in text.items()} | dict(html))


def page(
    parts: Parts,
    request: web.Request,
    static: str,
    *,
    title: str,
    body: str,
    style: str,
    status: int = 200,
    description: str = "",
) -> web.Response:
    """A whole page in the reader's language."""
    speak = parts.speaker(request)
    _ = speak.gettext
    other = other_language(speak.language)
    html = fill(
        "base",
        {"body": body},
        language=speak.language,
        title=title,
        description=description
        or _("Technical services of your municipality: which papers, how long, how much and where."),
        static=static,
        style=style,
        name=_("Gishe"),
        skip=_("Skip to the content"),
        other=other,
        other_name=LANGUAGES[other],
        other_address=with_language(request, other),
    )
    response = web.Response(text=html, content_type="text/html", status=status, headers={"Cache-Control": "no-cache"})
    response.headers["Vary"] = "Accept-Language, Cookie"
    keep_language(parts, request, response)
    return response


def other_language(language: str) -> str:
    return next(code for code in LANGUAGES if code != language)


def with_language(request: web.Request, language: str) -> str:
    """The same page in another language."""
    return f"{request.path}?{urlencode({**request.query, 'language': language})}"


def keep_language(parts: Parts, request: web.Request, response: web.Response) -> None:
    """A language that was chosen stays chosen; the chat page's script changes the same cookie."""
    chosen = request.query.get("language", "")
    if chosen in parts.translators:
        response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=DAYS * 86_400, samesite="Lax", secure=parts.is_https)
