"""Where the figures are seen: pages, open data and Open311, over a believable year of a small town."""

import asyncio
import csv
import json
import random
import re
import shutil
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from bot.figuring import Figuring
from storage.database import Store
from storage.figures_meetings import ALL
from storage.models import cases
from storage.months import Month
from tests import believable
from tests.browser import DESK, PHONE
from tests.webtown import WebTown

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
PAGE = "/figures/montana/2026-10"
W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


_drawn: list[Path] = []  # The year, drawn once.


@pytest.fixture
async def year(webtown: WebTown, tmp_path_factory: pytest.TempPathFactory) -> WebTown:
    """The town's web server, over a copy of that year."""
    store = webtown.store
    store.now = lambda: NOW
    file = Path(str(store.url.database))
    if not _drawn:
        await _draw(store)
        async with store.reader.connect() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        _drawn.append(tmp_path_factory.mktemp("year") / "year.db")
        shutil.copyfile(file, _drawn[0])
        return webtown
    await store.close()
    for old in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        old.unlink(missing_ok=True)
    shutil.copyfile(_drawn[0], file)
    return webtown


async def _draw(store: Store) -> None:
    dice = random.Random(11)
    async with store.writing() as db:
        await believable.live(db, believable.a_year(dice, NOW, 20), NOW)
        await believable.ask(db, believable.somebody(db), dice, Month(2026, 10), NOW, 60)
    figuring = Figuring(store)
    while await figuring.work_in():
        pass
    for _ in range(14):
        await figuring.count_days()


async def get(town: WebTown, path: str, status: int = 200, **headers: str) -> str:
    async with town.visitor().http.get(town.url + path, headers=headers) as response:
        assert response.status == status, path
        return await response.text()


async def test_a_month_stands_on_a_page_in_both_languages(year):
    english = await get(year, f"{PAGE}?language=en")
    assert "<h1>Montana Municipality</h1>" in english
    assert re.search(r"October 2026: \d+ matters fell due, and \d+ of them were decided in time\.", english)
    assert english.count('role="img"') == 6 == english.count("<figure>") == english.count("The numbers as a table")
    assert "they do not rank municipalities" in english
    assert "difference:" not in english
    assert english.count("<td>adds up</td>") == 6
    bulgarian = await get(year, f"{PAGE}?language=bg")
    assert "Община Монтана" in bulgarian
    assert 'style="' not in bulgarian + english  # The policy allows no styles inside the page.
    for label in ("At a glance", "adds up", "Closed, but solved?"):
        assert label in english
        assert label not in bulgarian


async def test_a_month_without_anything_says_so_and_one_that_is_none_is_not_there(webtown):
    webtown.store.now = lambda: NOW
    text = await get(webtown, "/figures/belene?language=en")
    assert "no matters yet" in text
    assert "Nothing was filed or asked yet" in text
    assert "The month is still running" in text
    for path in (
        "/figures/atlantis",
        "/figures/montana/2026-12",
        "/figures/montana/2026-13",
        "/figures/montana/2019-01",
    ):
        await get(webtown, path, 404, Accept="text/html")


async def test_the_first_page_leads_to_the_figures_of_each(webtown):
    text = await get(webtown, "/")
    for slug in webtown.library.current.municipalities:
        assert f'href="/figures/{slug}"' in text
    assert 'href="/data/"' in text


async def test_what_does_not_add_up_is_an_alarm_on_the_page_and_in_the_log(year):
    async with year.store.writing() as db:
        lost = await db.value(select(func.max(cases.c.id)))
        await db.execute(update(cases).where(cases.c.id == lost).values(municipality="belene"))
    figuring = Figuring(year.store)
    found = {(one.line, one.count) for one in await figuring.reconcile(["montana"])}
    assert {("matters", 1), ("numbers", 1)} <= found
    assert await figuring.reconcile(["montana"]) == []  # Told once …
    assert figuring.differences  # … but still wrong.
    assert "difference: 1" in await get(year, f"{PAGE}?language=en")


async def test_open_data_are_the_same_in_every_format_and_give_nobody_away(year):
    text = await get(year, "/data/montana/cases.csv?from=2026-10-01&to=2026-10-31")
    header, *rows = csv.reader(StringIO(text, newline=""))
    assert header == ALL["cases"].header
    async with year.store.reading() as db:
        filed = select(func.count()).where(
            cases.c.filed_at >= Month(2026, 10).starts, cases.c.filed_at < Month(2026, 10).ends
        )
        public = filed.where(cases.c.is_public, ~cases.c.is_sensitive)
        assert len(rows) == await db.value(public) < await db.value(filed)
    document = json.loads(await get(year, "/data/montana/cases.json?from=2026-10-01&to=2026-10-31"))
    assert document["licence"].endswith("/by/4.0/")
    assert [row["number"] for row in document["rows"]] == [row[0] for row in rows]
    assert not {"corruption"} & {row["category"] for row in document["rows"]}
    assert not {"title", "text", "name", "contact", "place"} & set(header)
    async with year.visitor().http.get(f"{year.url}/data/montana/cases.xlsx?from=2026-10-01&to=2026-10-31") as response:
        sheet = load_workbook(BytesIO(await response.read()))["cases"]
    assert [cell.value for cell in sheet["A"]][1:] == [row[0] for row in rows]
    everything = json.loads(await get(year, "/data/cases.json"))["rows"]
    seen: dict[tuple[str, str], int] = {}
    for row in everything:
        if row["settlement"]:
            seen[row["category"], row["settlement"]] = seen.get((row["category"], row["settlement"]), 0) + 1
            assert row["lat"] == round(row["lat"], 3)
        else:
            assert row["lat"] is row["long"] is None
    assert min(seen.values()) >= 5  # A rare combination would point at somebody …
    assert any(row["settlement"] is None for row in everything)  # … so some places are left out.


async def test_every_table_has_its_dictionary_and_catalogue_entry(year):
    dictionary = json.loads(await get(year, "/data/dictionary.json"))
    columns = {table["id"]: [column["name"] for column in table["columns"]] for table in dictionary["tables"]}
    for table in columns:
        header = (await get(year, f"/data/montana/{table}.csv")).partition("\r\n")[0].split(",")
        assert header == columns[table]
    texts = [one["meaning"] for table in dictionary["tables"] for one in table["columns"]]
    assert all(text["bg"] != text["en"] for text in [*texts, *(one["formula"] for one in dictionary["figures"])])
    entry = json.loads(await get(year, "/data/catalog.jsonld"))
    assert {one["dct:identifier"].removeprefix("gishe-") for one in entry["dcat:dataset"]} == set(columns)
    index = await get(year, "/data/?language=en")
    assert all(f'href="/data/{table}.csv"' in index for table in columns)
    page = await get(year, f"{PAGE}?language=bg")
    assert all(one["formula"]["bg"] in page for one in dictionary["figures"])  # The same words everywhere.
    for path, status in (("/data/montana/secrets.csv", 404), ("/data/cases.csv?from=yesterday", 400)):
        await get(year, path, status)


async def test_the_figures_are_data_too(year):
    document = json.loads(await get(year, f"{PAGE}.json"))
    rows = list(csv.DictReader(StringIO(await get(year, "/data/montana/figures.csv"), newline="")))
    mine = {(row["figure"], row["part"]): row for row in rows if row["month"] == "2026-10"}
    assert int(mine["filed", "all"]["value"]) == document["filed"]
    assert mine["decision", "wall.median"]["value"] == str(document["clocks"]["decision"]["wall"]["median"])
    assert len({row["month"] for row in rows}) == 12


# --- Open311 ---

FIELDS = ["service_request_id", "status", "status_notes", "service_name", "service_code", "description",
          "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
          "address", "address_id", "zipcode", "lat", "long", "media_url"]  # fmt: skip


async def test_open311_answers_as_the_specification_says(year):
    root = f"{year.url}/open311/v2"
    async with year.visitor().http.get(f"{root}/requests.xml?jurisdiction_id=montana") as response:
        assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
        body = await response.read()
    assert body.lower().startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    xml = ElementTree.fromstring(body)
    found = json.loads(await get(year, "/open311/v2/requests.json?jurisdiction_id=montana"))
    assert xml.tag == "service_requests"
    assert {child.tag for child in xml} == {"request"}
    assert len(xml) == len(found) > 50
    for element, one in zip(xml, found, strict=True):
        assert [child.tag for child in element] == list(one) == FIELDS
        assert element.findtext("service_request_id") == one["service_request_id"]
        assert one["status"] in ("open", "closed")
        assert one["status_notes"]
        assert W3C.fullmatch(one["requested_datetime"])
        assert W3C.fullmatch(one["expected_datetime"])
        assert one["description"] is None
    assert [one["requested_datetime"] for one in found] == sorted(
        (one["requested_datetime"] for one in found), reverse=True
    )
    services = json.loads(await get(year, "/open311/v2/services.json?jurisdiction_id=montana"))
    codes = {one["service_code"] for one in services}
    assert {one["service_code"] for one in found} <= codes
    assert "corruption" not in codes
    assert all(one["metadata"] is False and one["type"] == "realtime" for one in services)
    definition = json.loads(await get(year, "/open311/v2/services/pothole.json?jurisdiction_id=montana"))
    assert definition == {"service_code": "pothole", "attributes": []}


async def test_open311_filters_pages_and_refuses_in_its_own_form(year):
    async def ask(query: str, status: int = 200) -> list[dict]:
        return json.loads(await get(year, f"/open311/v2/requests.json?{query}", status))

    here = "jurisdiction_id=montana"
    everything = await ask(here)
    some_open, closed = await ask(f"{here}&status=open"), await ask(f"{here}&status=closed")
    assert len(some_open) + len(closed) == len(everything)
    assert len(await ask(f"{here}&status=open,closed&service_code=")) == len(everything)
    assert {one["service_code"] for one in await ask(f"{here}&service_code=pothole,waste")} == {"pothole", "waste"}
    pages = [await ask(f"{here}&page={page}&page_size=20") for page in (1, 2, 99)]
    assert pages[0] + pages[1] == everything[:40]
    assert pages[2] == []
    october = await ask(f"{here}&start_date=2026-10-01T00:00:00%2B03:00&end_date=2026-10-31T23:59:59%2B02:00")
    assert october
    assert {one["requested_datetime"][:7] for one in october} == {"2026-10"}
    numbers = [one["service_request_id"] for one in everything[:2]]
    picked = await ask(f"{here}&service_request_id={','.join(numbers)}&status=closed")
    assert {one["service_request_id"] for one in picked} == set(numbers)
    one = json.loads(await get(year, f"/open311/v2/requests/{numbers[0]}.json?{here}"))
    assert [one[0]["service_request_id"]] == numbers[:1]
    for query, status, word in (
        ("", 400, "jurisdiction_id"), ("jurisdiction_id=atlantis", 404, "jurisdiction_id"),
        (f"{here}&status=lost", 400, "status"), (f"{here}&start_date=monday", 400, "start_date"),
        (f"{here}&start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z", 400, "90 days"),
        (f"{here}&page=0", 400, "page"),
    ):  # fmt: skip
        problem = await ask(query, status)
        assert (problem[0]["code"], word in problem[0]["description"]) == (status, True)
    xml = ElementTree.fromstring(await get(year, "/open311/v2/requests.xml", 400))
    assert (xml.tag, xml.findtext("error/code")) == ("errors", "400")
    async with year.store.reading() as db:
        hidden = await db.value(select(cases.c.number).where(~cases.c.is_public).limit(1))
    await get(year, f"/open311/v2/requests/{hidden}.json?{here}", 404)


async def test_an_existing_client_of_open311_reads_it(year):
    georeport = pytest.importorskip("georeport", reason="pip install georeport")

    def ask(form: str) -> list[str]:
        client = georeport.GeoReport(f"{year.url}/open311/v2", jurisdiction="montana", output_format=form)
        assert len(client.get_service_list()) > 10
        assert client.get_service_definition("pothole")["service_code"] == "pothole"
        found = client.get_service_requests(status="closed", start_date="2026-10-01T00:00:00Z")
        assert client.get_service_request(found[0]["service_request_id"])["status"] == "closed"
        return [one["service_request_id"] for one in found]

    assert await asyncio.to_thread(ask, "json") == await asyncio.to_thread(ask, "xml") != []


# --- In a browser ---


@pytest.mark.browser
async def test_the_pages_fit_are_accessible_and_ask_nobody_else(year, screens):
    for size, scheme, paths in ((PHONE, "light", (PAGE, "/data/")), (DESK, "dark", (PAGE,))):
        ana = await screens(size, color_scheme=scheme)
        for path in paths:
            await ana.page.goto(year.url + path)
            await ana.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
            await ana.fits()
            await ana.is_accessible()
        assert ana.hosts == {year.url.removeprefix("http://")}
