"""/data/: the open data, their columns, licence and catalogue entry; and the files, read page by page."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

import orjson
from aiohttp import web

from bot.table_files import lines
from bot.web.figure_parts import table
from bot.web.home import Home
from bot.web.parts import Parts
from bot.web.render import fill, page
from bot.web.static_files import StaticFiles
from handlers.figure_words import Words
from storage import catalogue, figure_rows, opendata, reports
from storage.figures_meetings import ALL
from storage.files_out import MIMES, Row, csv_lines, json_lines, workbook
from storage.months import YEARS, Month, midnight
from storage.opendata import Published, Wanted

KINDS = "{kind:csv|json|xlsx}"
MOST_IN_WORKBOOK = 100_000  # A workbook is made in memory; what is larger comes as CSV or JSON.


class Data:
    def __init__(self, parts: Parts, static: StaticFiles, home: Home) -> None:
        self.parts = parts
        self.static = static
        self.home = home

    def routes(self) -> list[web.RouteDef]:
        report = r"report-{version:\d{1,4}}.{part:pdf|json|note}"
        return [
            web.get("/data", self.moved),
            web.get("/data/", self.index),
            web.get("/data/dictionary.json", self.dictionary),
            web.get("/data/catalog.jsonld", self.catalogue),
            web.get(rf"/data/{{what:[a-z]+}}.{KINDS}", self.give),
            web.get(rf"/data/{{municipality}}/{{what:[a-z]+}}.{KINDS}", self.give),
            web.get(r"/figures/{municipality}/{month:\d{4}-\d\d}.json", self.figures),
            web.get(rf"/figures/{{municipality}}/{{month:\d{{4}}-\d\d}}/{report}", self.report),
        ]

    async def moved(self, _request: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently("/data/")

    # --- What there is ---

    async def index(self, request: web.Request) -> web.Response:
        words = Words(self.parts.speaker(request), self.parts.library.current)
        _ = words._
        tables = "".join(self._about(words, one) for one in (*ALL.values(), figure_rows.FIGURES))
        api = "".join(
            f'<li><a href="{address}">{escape(label)}</a></li>'
            for address, label in (
                ("/open311/discovery.json", _("Open311 GeoReport v2 (services and published matters)")),
                ("/data/catalog.jsonld", _("Catalogue entry (DCAT-AP, JSON-LD)")),
                ("/data/dictionary.json", _("Data dictionary as JSON, in both languages")),
            )
        )
        body = fill(
            "data", {"tables": tables, "api": api},
            heading=_("Open data"),
            lead=_("What the figures are counted from, row by row: for your own calculations, programs and stories."),
            privacy=_("No names, no addresses, no words of citizens. Places are rounded, and left out where they could "
                      "point at somebody; private and sensitive matters are left out whole."),
            api_heading=_("For programs"),
            api_about=_("Add ?from=2026-11-01&to=2026-11-30 to any file for some days only."),
            licence=words.note("licence"),
            schema=_("Schema: {schema}. A column is only ever added at the end; any other change gets a new number.")
            .format(schema=opendata.SCHEMA),
        )  # fmt: skip
        return page(self.parts, request, self.static.base, title=_("Open data of Gishe"), body=body, style="figures")

    def _about(self, words: Words, one: Any) -> str:
        _ = words._
        title = escape(_(one.title))
        links = "".join(
            f'<li><a href="/data/{one.id}.{kind}" aria-label="{title} {kind.upper()}">{kind.upper()}</a></li>'
            for kind in MIMES
        )
        rows = [(field.name, field.kind, _(field.meaning)) for field in one.fields]
        summary = escape(_("Columns"))
        columns = table(_(one.title), (_("Column"), _("Type"), _("Meaning")), rows)
        return (
            f'<section id="{one.id}"><h2>{title}</h2><p>{escape(_(one.about))}</p><ul class="inline">{links}</ul>'
            f"<details><summary>{summary}</summary>{columns}</details></section>"
        )

    async def dictionary(self, _request: web.Request) -> web.Response:
        speakers = {language: speak.gettext for language, speak in self.parts.translators.items()}
        return _json(catalogue.dictionary(speakers), "application/json")

    async def catalogue(self, _request: web.Request) -> web.Response:
        names = {slug: place["full_name"] for slug, place in self.parts.library.current.municipalities.items()}
        speakers = {language: speak.gettext for language, speak in self.parts.translators.items()}
        entry = catalogue.dcat(self.parts.links.public_url, names, speakers, self.parts.store.now())
        return _json(entry, "application/ld+json")

    # --- Files ---

    async def give(self, request: web.Request) -> web.StreamResponse:
        """GET /data/[municipality/]cases.csv?from=…&to=…"""
        what, kind = request.match_info["what"], request.match_info["kind"]
        slug = request.match_info.get("municipality")
        if slug and slug not in self.parts.library.current.municipalities:
            raise web.HTTPNotFound
        if self.parts.floods.files.take(self.parts.address(request)):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "10"})
        wanted = Wanted(slug, _day(request, "from"), _day(request, "to", behind=True))
        name = "-".join(filter(None, ["gishe", slug, what]))
        if what == figure_rows.FIGURES.id:
            return await self._figure_rows(request, kind, name, slug)
        if what not in ALL:
            raise web.HTTPNotFound
        if kind == "xlsx":
            return await self._workbook(ALL[what], wanted, name)
        return await self._stream(request, ALL[what], wanted, kind, name)

    async def _stream(
        self, request: web.Request, what: Published, wanted: Wanted, kind: str, name: str
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers=_headers(kind, name))
        response.enable_compression()
        await response.prepare(request)
        async for chunk in lines(self.parts.store, what, wanted, kind):
            await response.write(chunk)
        await response.write_eof()
        return response

    async def _workbook(self, what: Published, wanted: Wanted, name: str) -> web.Response:
        if await opendata.count(self.parts.store, what, wanted) > MOST_IN_WORKBOOK:
            raise web.HTTPRequestEntityTooLarge(MOST_IN_WORKBOOK, 0, text="Too many rows: take CSV, or fewer days.")
        rows = [row async for row in opendata.read(self.parts.store, what, wanted)]
        body = await _thread(workbook, [(what.id, what.header, rows)])
        return web.Response(body=body, headers=_headers("xlsx", name))

    async def _figure_rows(self, request: web.Request, kind: str, name: str, slug: str | None) -> web.Response:
        """The figures of the last months, a row each."""
        rows: list[Row] = []
        for one in [slug] if slug else self.parts.library.current.municipalities:
            for month in Month.of(self.parts.store.now()).back(figure_rows.MONTHS):
                rows += figure_rows.rows(await self.parts.figuring.month(one, month))
        header = figure_rows.FIGURES.header
        if kind == "xlsx":
            body = await _thread(workbook, [("figures", header, rows)])
        else:
            body = b"".join(_written(kind, header, rows))
        return web.Response(body=body, headers=_headers(kind, name))

    # --- Figures and reports ---

    async def figures(self, request: web.Request) -> web.Response:
        slug, month = request.match_info["municipality"], Month.named(request.match_info["month"])
        now = Month.of(self.parts.store.now())
        if slug not in self.parts.library.current.municipalities or month is None or month > now:
            raise web.HTTPNotFound
        return _json(await self.parts.figuring.month(slug, month), "application/json")

    async def report(self, request: web.Request) -> web.Response:
        """A signed monthly report, byte for byte as it was signed."""
        m = request.match_info
        async with self.parts.store.reading() as db:
            found = await reports.report(db, m["municipality"], m["month"], int(m["version"]))
        if found is None:
            raise web.HTTPNotFound
        body, mime = {
            "pdf": (found.pdf, "application/pdf"),
            "json": (found.document, "application/json"),
            "note": (found.note.encode(), "text/plain"),
        }[m["part"]]
        name = f"gishe-{m['municipality']}-{m['month']}-{m['version']}.{m['part']}"
        headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "public, max-age=86400"}
        return web.Response(body=body, content_type=mime, headers=headers)


def _written(kind: str, header: Sequence[str], rows: Sequence[Row]) -> Iterable[bytes]:
    return csv_lines(header, rows) if kind == "csv" else json_lines(header, rows, {"schema": opendata.SCHEMA})


def _headers(kind: str, name: str) -> dict[str, str]:
    charset = "; charset=utf-8" if kind == "csv" else ""
    return {
        "Content-Type": MIMES[kind] + charset,
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=300",
    }


def _day(request: web.Request, name: str, *, behind: bool = False) -> datetime | None:
    """A day of Sofia from the address; with `behind` the moment after it."""
    raw = request.query.get(name, "")
    if not raw:
        return None
    try:
        day = date.fromisoformat(raw)
        if day.year not in YEARS:
            raise ValueError
    except ValueError:
        raise web.HTTPBadRequest(text=f"{name} must be a day, for example 2026-11-30.") from None
    return midnight(day + timedelta(days=1) if behind else day)


def _json(document: Any, mime: str) -> web.Response:
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60"}
    return web.Response(body=orjson.dumps(document, option=orjson.OPT_INDENT_2), content_type=mime, headers=headers)


async def _thread(make: Any, *arguments: Any) -> bytes:
    body: bytes = await asyncio.to_thread(make, *arguments)
    return body
