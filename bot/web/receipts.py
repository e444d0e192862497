"""/receipt/<token>: a citizen's receipt, checked in the browser, and as JSON, PDF and text."""

from collections.abc import Mapping
from html import escape
from typing import Any

import orjson
from aiohttp import web

from bot.receipt_words import Words
from bot.web.parts import Parts
from bot.web.render import fill, page
from bot.web.static_files import StaticFiles
from locales import Translator
from storage import receipts
from storage.apart import call_apart

TOKEN = r"{token:[A-Za-z0-9_-]{32}}"  # noqa: S105 – the shape of one
PRIVATE = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",  # Whoever has the address sees the receipt.
}


class Receipts:
    def __init__(self, parts: Parts, static: StaticFiles) -> None:
        self.parts = parts
        self.static = static

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"/receipt/{TOKEN}", self.show),
            web.get(f"/receipt/{TOKEN}.json", self.as_json),
            web.get(f"/receipt/{TOKEN}.pdf", self.as_pdf),
            web.get(f"/receipt/{TOKEN}.txt", self.as_text),
        ]

    async def _find(self, request: web.Request) -> Mapping[str, Any]:
        if self.parts.floods.pictures.take(self.parts.address(request)):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "5"})
        async with self.parts.store.reading() as db:
            found = await receipts.document(db, request.match_info["token"], f"{self._base}/log")
        if found is None:
            raise web.HTTPNotFound
        return found

    @property
    def _base(self) -> str:
        return self.parts.links.public_url or self.parts.settings.base_url

    def _words(self, document: Mapping[str, Any], speak: Translator) -> Words:
        return Words(document, speak, self.parts.library.current)

    def _address(self, request: web.Request) -> str:
        return self._base + receipts.path(request.match_info["token"])

    async def show(self, request: web.Request) -> web.Response:
        document = await self._find(request)
        speak = self.parts.speaker(request)
        words = self._words(document, speak)
        _ = speak.gettext
        body = fill(
            "receipt",
            {"facts": _facts(words), "details": _details(words), "static": self.static.base},
            heading=words.heading,
            checks_heading=_("Is it genuine?"),
            noscript=_("Your browser runs no scripts here. Save the receipt as .json and run `gishe verify`."),
            says=orjson.dumps(_sentences(speak)).decode(),
            seal=words.seal,
            contents_heading=_("What was recorded"),
            contents=words.erased or words.text,
            how=words.how,
            files_heading=_("Keep it"),
            address=receipts.path(request.match_info["token"]),
            pdf=_("PDF to print"),
            json=_("JSON to check"),
            text=_("Text"),
        )
        title = f"{words.heading} {words.says['case']}"
        answer = page(self.parts, request, self.static.base, title=title, body=body, style="receipt")
        answer.headers.update(PRIVATE)
        return answer

    async def as_json(self, request: web.Request) -> web.Response:
        document = await self._find(request)
        body = orjson.dumps(document, option=orjson.OPT_INDENT_2)
        return web.Response(body=body, content_type="application/json", headers=PRIVATE)

    async def as_pdf(self, request: web.Request) -> web.Response:
        document = await self._find(request)
        words = self._words(document, self._own_language(document, request))
        # With fpdf2, thirty megabytes: not among what stays.
        body: bytes = await call_apart("bot.receipt_pdf", "make", words, self._address(request))
        headers = PRIVATE | {"Content-Disposition": f'inline; filename="{words.says["case"]}.pdf"'}
        return web.Response(body=body, content_type="application/pdf", headers=headers)

    async def as_text(self, request: web.Request) -> web.Response:
        document = await self._find(request)
        words = self._words(document, self._own_language(document, request))
        text = words.as_text(self._address(request))
        return web.Response(text=text, content_type="text/plain", charset="utf-8", headers=PRIVATE)

    def _own_language(self, document: Mapping[str, Any], request: web.Request) -> Translator:
        """That of the citizen when it was made, unless the reader has chosen another."""
        chosen = self.parts.chosen_language(request) or document["language"]
        return self.parts.translators.get(chosen) or self.parts.speaker(request)


def _facts(words: Words) -> str:
    return "\n".join(
        f'<dt>{escape(fact.name)}</dt><dd data-field="{escape(fact.field)}" data-value="{escape(fact.value)}">'
        f"{escape(fact.words)}</dd>"
        for fact in words.facts
    )


def _details(words: Words) -> str:
    return "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(told)}</dd>" for name, told in words.details)


def _sentences(speak: Translator) -> dict[str, str]:
    """What the page's script says."""
    _ = speak.gettext
    return {
        "checking": _("Checking in your browser …"),
        "contents": _("The contents are word for word those that were recorded."),
        "contents_wrong": _("The contents are NOT those that were recorded."),
        "erased": _("The contents were erased; that they were filed can still be proved."),
        "facts": _("Number, time and date shown above are those of the journal."),
        "facts_wrong": _("What is shown above is NOT what the journal says."),
        "inclusion": _("It stands in the public journal, at its place."),
        "inclusion_wrong": _("It does NOT stand in the public journal."),
        "signature": _("The seal of the journal is signed with its key, {key}."),
        "signature_wrong": _("The seal of the journal is NOT signed with its key."),
        "signature_old": _("Your browser is too old to check the signature. Use `gishe verify` for that."),
        "insecure": _("The browser checks only over https. Use `gishe verify`, or open the page by https."),
        "waiting": _("The seal is being made; the page will look again in a minute."),
        "failed": _("The check could not be done. Please load the page again."),
        "genuine": _("The receipt is genuine."),
        "wrong": _("The receipt could NOT be confirmed. Keep it and ask in writing what happened."),
    }
