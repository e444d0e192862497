"""Open311 GeoReport v2, the side that reads: services and published matters, as XML and JSON.

The specification: https://wiki.open311.org/GeoReport_v2. `jurisdiction_id` is a municipality, as in our addresses.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import orjson
from aiohttp import web

from bot.web.parts import Parts
from handlers.casephrases import state_in
from storage import open311, opendata
from storage.files_out import TURNING
from storage.months import SOFIA, YEARS
from storage.officetime import end_of_day

TYPES = {"json": "application/json", "xml": "text/xml"}
FORMAT = r"{format:json|xml}"
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?")
DIGITS = 9  # That are read of a number.
A_QUESTION = 0.1  # Of what a file of open data costs.
MOST_NUMBERS = 200  # In one question; an address is not longer.


class Refused(Exception):
    """The question cannot be answered: the status, and why in words."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Open311:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def routes(self) -> list[web.RouteDef]:
        root = "/open311/v2"
        return [
            web.get(f"/open311/discovery.{FORMAT}", self.discovery),
            web.get(f"{root}/services.{FORMAT}", self.services),
            web.get(rf"{root}/services/{{code:[^/]+?}}.{FORMAT}", self.definition),
            web.get(f"{root}/requests.{FORMAT}", self.requests),
            web.get(rf"{root}/requests/{{number:[^/]+?}}.{FORMAT}", self.one_request),
        ]

    # --- Services ---

    async def services(self, request: web.Request) -> web.Response:
        try:
            self._jurisdiction(request)
        except Refused as refused:
            return _refusal(request, refused)
        return _answer(request, ("services", "service"), self._services(self.parts.language(request)))

    def _services(self, language: str) -> list[dict[str, Any]]:
        """The topics whose matters are published; the sensitive ones are not."""
        _ = self.parts.translators[language].gettext
        known = [
            _service(report["id"], report["title"][language], report["competent"][language])
            for report in self.parts.library.current.reports.values()
            if not report["sensitive"]
        ]
        return [*known, _service(open311.NO_CATEGORY, _("Other matters"), "")]

    async def definition(self, request: web.Request) -> web.Response:
        """There are no further fields: nothing can be filed here, only read."""
        code = request.match_info["code"]
        try:
            self._jurisdiction(request)
            if code not in {service["service_code"] for service in self._services("en")}:
                raise Refused(404, f"There is no service with the service_code {code[:60]}.")
        except Refused as refused:
            return _refusal(request, refused)
        document: dict[str, Any] = {"service_code": code, "attributes": []}
        if request.match_info["format"] == "json":
            return _send(request, orjson.dumps(document))
        root = ElementTree.Element("service_definition")
        ElementTree.SubElement(root, "service_code").text = code
        ElementTree.SubElement(root, "attributes")
        return _send(request, _document(root))

    # --- Requests ---

    async def requests(self, request: web.Request) -> web.Response:
        try:
            query = self._query(request)
        except Refused as refused:
            return _refusal(request, refused)
        return await self._found(request, query)

    async def one_request(self, request: web.Request) -> web.Response:
        try:
            query = open311.Query(municipality=self._jurisdiction(request), numbers=[request.match_info["number"]])
        except Refused as refused:
            return _refusal(request, refused)
        return await self._found(request, query, must_be_there=True)

    async def _found(self, request: web.Request, query: open311.Query, *, must_be_there: bool = False) -> web.Response:
        if self.parts.floods.files.take(self.parts.address(request), A_QUESTION):
            return _refusal(request, Refused(429, "Too many questions at once. Please try again in a minute."))
        safe = await self.parts.figuring.safe_places()
        async with self.parts.store.reading() as db:
            rows = await open311.requests(db, query)
        if must_be_there and not rows:
            return _refusal(request, Refused(404, "There is no published request with this service_request_id."))
        language = self.parts.language(request)
        names = {service["service_code"]: service["service_name"] for service in self._services(language)}
        return _answer(
            request, ("service_requests", "request"), [self._request(r, safe, names, language) for r in rows]
        )

    def _request(self, row: Any, safe: opendata.Context, names: Mapping[str, str], language: str) -> dict[str, Any]:
        code = row.category or open311.NO_CATEGORY
        place = self.parts.library.current.municipalities[row.municipality]
        settlement, lat, lon = safe.place(row)
        known = {one["ekatte"]: one["name"][language] for one in place["settlements"]}
        where = [known[settlement]] if settlement in known else []
        return {
            "service_request_id": row.number,
            "status": "closed" if row.decided_at else "open",
            "status_notes": state_in(self.parts.translators[language].gettext, row.state),
            "service_name": names.get(code, code),
            "service_code": code,
            "description": None,  # Words of citizens are not published.
            "agency_responsible": place["full_name"][language],
            "service_notice": None,
            "requested_datetime": _moment(row.filed_at),
            "updated_datetime": _moment(row.decided_at or row.changed_at or row.filed_at),
            "expected_datetime": row.due_on and _moment(end_of_day(row.due_on) - timedelta(seconds=1)),
            "address": ", ".join([*where, place["full_name"][language]]),
            "address_id": settlement,
            "zipcode": None,
            "lat": lat,
            "long": lon,
            "media_url": None,
        }

    # --- What is asked ---

    def _jurisdiction(self, request: web.Request) -> str:
        slug = request.query.get("jurisdiction_id", "").strip()
        known = self.parts.library.current.municipalities
        if not slug:
            raise Refused(400, f"jurisdiction_id was not provided; it is one of {', '.join(known)}.")
        if slug not in known:
            raise Refused(404, f"The jurisdiction_id was not found; it is one of {', '.join(known)}.")
        return slug

    def _query(self, request: web.Request) -> open311.Query:
        municipality = self._jurisdiction(request)
        start, end = _span(request, self.parts.store.now())
        statuses = _listed(request, "status")
        if set(statuses) - {"open", "closed"}:
            raise Refused(400, "status must be open or closed.")
        return open311.Query(
            municipality=municipality,
            numbers=_listed(request, "service_request_id")[:MOST_NUMBERS],
            categories=_listed(request, "service_code"),
            statuses=statuses,
            start=start,
            end=end,
            page=_number(request, "page", 1, 1_000_000),
            page_size=_number(request, "page_size", open311.MOST, open311.MOST),
        )

    async def discovery(self, request: web.Request) -> web.Response:
        """Open311 Service Discovery: which versions there are, and where."""
        base = self.parts.links.public_url
        endpoint = {
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": f"{base}/open311/v2",
            "changeset": "2026-11-27T00:00:00Z",
            "type": "production",
            "formats": ["text/xml", "application/json"],
        }
        document: dict[str, Any] = {
            "changeset": endpoint["changeset"],
            "contact": f"{base}/",
            "key_service": "Reading needs no key.",
            "endpoints": [endpoint],
        }
        if request.match_info["format"] == "json":
            return _send(request, orjson.dumps(document))
        root = ElementTree.Element("discovery")
        for name in ("changeset", "contact", "key_service"):
            ElementTree.SubElement(root, name).text = document[name]
        one = ElementTree.SubElement(ElementTree.SubElement(root, "endpoints"), "endpoint")
        for name in ("specification", "url", "changeset", "type"):
            ElementTree.SubElement(one, name).text = str(endpoint[name])
        formats = ElementTree.SubElement(one, "formats")
        for name in endpoint["formats"]:
            ElementTree.SubElement(formats, "format").text = name
        return _send(request, _document(root))


def _service(code: str, name: str, about: str) -> dict[str, Any]:
    return {
        "service_code": code,
        "service_name": name,
        "description": about or None,
        "metadata": False,
        "type": "realtime",
        "keywords": None,
        "group": None,
    }


def _listed(request: web.Request, name: str) -> list[str]:
    """Values with commas between; an empty parameter is none."""
    return [value for raw in request.query.getall(name, []) for value in raw.split(",") if value]


def _number(request: web.Request, name: str, default: int, most: int) -> int:
    raw = request.query.get(name, "").strip()
    if not raw:
        return default
    number = int(raw[:DIGITS]) if raw.isascii() and raw.isdecimal() else 0
    if number < 1:
        raise Refused(400, f"{name} must be a whole number from 1.")
    return min(number, most)


def _span(request: web.Request, now: datetime) -> tuple[datetime, datetime]:
    start, end = _date(request, "start_date"), _date(request, "end_date")
    if start is None:
        end = end or now
        return end - open311.SPAN, end
    end = end or min(now, start + open311.SPAN)
    if end - start > open311.SPAN:
        raise Refused(400, "start_date and end_date may not span more than 90 days.")
    return start, end


def _date(request: web.Request, name: str) -> datetime | None:
    raw = request.query.get(name, "").strip().replace(" ", "+")  # A plus sign that nobody encoded comes as a space.
    if not raw:
        return None
    try:
        if not MOMENT.fullmatch(raw):
            raise ValueError
        at = datetime.fromisoformat(raw)
        if at.year not in YEARS:
            raise ValueError
    except ValueError:
        raise Refused(400, f"{name} must be a date and time with a zone, for example 2026-11-01T00:00:00Z.") from None
    return at.replace(tzinfo=SOFIA).astimezone(UTC) if at.tzinfo is None else at.astimezone(UTC)


def _moment(at: datetime) -> str:
    """W3C date and time with its zone, that of the place."""
    return at.astimezone(SOFIA).isoformat(timespec="seconds")


# --- What is answered ---


def _answer(request: web.Request, names: tuple[str, str], found: Sequence[Mapping[str, Any]]) -> web.Response:
    if request.match_info["format"] == "json":
        return _send(request, orjson.dumps(list(found)))
    root = ElementTree.Element(names[0])
    for one in found:
        item = ElementTree.SubElement(root, names[1])
        for name, value in one.items():
            ElementTree.SubElement(item, name).text = _text(value)
    return _send(request, _document(root))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else TURNING.sub("", str(value))


def _refusal(request: web.Request, refused: Refused) -> web.Response:
    problem = {"code": refused.status, "description": refused.why}
    response = _answer(request, ("errors", "error"), [problem])
    response.set_status(refused.status)
    return response


def _document(root: ElementTree.Element) -> bytes:
    packed: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return packed


def _send(request: web.Request, body: bytes) -> web.Response:
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60", "Vary": "Accept-Language"}
    return web.Response(body=body, content_type=TYPES[request.match_info["format"]], charset="utf-8", headers=headers)
