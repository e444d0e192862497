"""Whatever stands in an address, the answer is one that was meant: no address brings an error of ours about."""

import itertools
import re
from collections.abc import Iterator
from urllib.parse import quote
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web

from tests.webtown import WebTown

HOSTILE = (
    "0", "-1", "9" * 18, "9" * 19, "9" * 40, "9" * 5000, "f" * 16, "a" * 300, "٣", "²", "é", "\x00", "\ud7ff",
    "../../etc/passwd", "'; DROP TABLE cases;--", "<script>", "%", "1e400", "NaN", "0001-01-01", "9999-12-31",
    "0000-00", "9999-99", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-11-01T00:00:00-23:59",
)  # fmt: skip
GOOD = {
    "municipality": "montana", "slug": "montana", "number": "1", "language": "bg", "card": "x", "id": "1",
    "message": "1", "payload": "m_montana", "kind": "csv", "what": "cases", "month": "2026-11", "version": "1",
    "part": "json", "path": "0/000", "format": "json", "code": "pothole", "name": "chat.js", "token": "x",
}  # fmt: skip
ASKED = {
    "/open311/v2/requests.{format}": ("jurisdiction_id", "start_date", "end_date", "page", "page_size", "status",
                                      "service_code", "service_request_id", "updated_after"),
    "/announcements/{municipality}": ("before", "language"),
    "/data/{municipality}/{what}.{kind}": ("month", "from", "to", "year"),
    "/figures/{municipality}": ("month", "language"),
    "/calendar/{slug}.ics": ("kind", "language"),
    "/log/checkpoint": ("size",),
    "/chat": ("start", "language"),
    "/": ("language",),
}  # fmt: skip


def paths_of(router: web.UrlDispatcher) -> set[str]:
    return {route.resource.canonical for route in router.routes() if route.method == "GET" and route.resource}


def addresses(path: str) -> Iterator[str]:
    """Those of a path with one hostile thing in each, where all else is as it should be."""
    names = re.findall(r"{(\w+)}", path)
    good = {name: GOOD.get(name, "x") for name in names}
    for name, value in itertools.product(names, HOSTILE):
        yield path.format(**good | {name: quote(value, safe="")})
    for name, value in itertools.product(ASKED.get(path, ()), HOSTILE):
        more = "" if name == "jurisdiction_id" or "open311" not in path else "&jurisdiction_id=montana"
        yield f"{path.format(**good)}?{name}={quote(value, safe='')}{more}"


@pytest.mark.timeout(120)
async def test_no_address_brings_an_error_about(webtown: WebTown) -> None:
    paths = paths_of(webtown.runner.app.router)
    assert set(ASKED) <= paths
    for limit in (webtown.floods.files, webtown.floods.pictures, webtown.floods.sessions):
        limit.burst = 100_000
    broken, asked = set(), 0
    async with aiohttp.ClientSession() as http:
        for address in itertools.chain.from_iterable(addresses(path) for path in sorted(paths)):
            async with http.get(
                aiohttp.client.URL(webtown.url + address, encoded=True), allow_redirects=False
            ) as answer:
                await answer.read()
                asked += 1
                if answer.status >= 500 or answer.status == 429:
                    broken.add(f"{answer.status} {address[:90]}")
    assert asked > 500
    assert not broken


async def test_a_link_with_a_number_that_none_can_be(webtown: WebTown) -> None:
    ana = await webtown.visitor().connects()
    for number in ("9" * 19, "9" * 50, "0"):
        await ana.sends(t="open", key=str(uuid4()), payload=f"event_{number}")
        said = await ana.hears("message")
        assert "I do not find this event" in said["text"]
