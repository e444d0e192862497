"""Receipts: the page that checks itself in the browser, the PDF with its code, the text, and what forgery does."""

import json
from datetime import date
from functools import partial
from io import BytesIO

import aiohttp
import pypdf
import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import expect
from sqlalchemy import update

from storage import audit_receipt, receipts
from storage.database import Store
from storage.models import openings
from storage.notes import Signer
from storage.sealing import seal_all
from tests.browser import DESK, PHONE
from tests.webtown import WebTown

SIGNER = Signer("gishe.example/log", bytes(range(32)))
NUMBER = "MON-2026-000123-K"
CONTENT = {
    "text": "Уличната лампа пред „Трети март“ 7 не свети от една седмица.\nМоля, поправете я 😀 – № 2.0",
    "kind": "signal",
    "category": "street-lighting",
    "files": ["ab" * 32],
}


async def make(store: Store, step: str = "filed") -> str:
    async with store.writing() as db:
        return receipts.make(db, NUMBER, step, CONTENT, municipality="montana", language="bg", due=date(2026, 12, 31))


async def get(town: WebTown, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    async with aiohttp.ClientSession() as http, http.get(town.url + path, headers=headers) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def test_a_receipt_belongs_to_its_case_and_person(store: Store) -> None:
    filed = await make(store)
    decided = await make(store, "decided")
    async with store.reading() as db:
        assert [(row.token, row.step) for row in await receipts.of_case(db, NUMBER)] == [
            (filed, "filed"), (decided, "decided"),
        ]  # fmt: skip
        assert await receipts.of_case(db, NUMBER, person_id=1) == []
        assert await receipts.document(db, filed[::-1]) is None
    async with store.writing() as db:
        with pytest.raises(ValueError):
            receipts.make(db, NUMBER, "lost", {}, municipality="montana", language="bg")


async def test_a_receipt_grows_with_the_journal_and_outlives_its_contents(store: Store) -> None:
    token = await make(store)
    for _ in range(3):
        await seal_all(store, SIGNER)
        await make(store, "decided")
    async with store.reading() as db:
        document = await receipts.document(db, token)
    report = await audit_receipt.check(json.dumps(document), keys=[SIGNER.key])
    assert report.is_well, report.findings
    async with store.writing() as db:
        erased = update(openings).values(salt=None, content=None, erased_at=db.now, erased_why="request")
        await db.execute(erased)
    async with store.reading() as db:
        document = await receipts.document(db, token)
    report = await audit_receipt.check(json.dumps(document), keys=[SIGNER.key])
    assert report.is_well
    assert "erased" in report.codes("note")


async def test_the_page_says_what_the_journal_says(webtown: WebTown) -> None:
    token = await make(webtown.store)
    status, page, headers = await get(webtown, f"/receipt/{token}", **{"Accept-Language": "bg"})
    assert status == 200
    text = page.decode()
    assert "Заверката се прави" in text
    await seal_all(webtown.store, SIGNER)
    text = (await get(webtown, f"/receipt/{token}", **{"Accept-Language": "bg"}))[1].decode()
    text = " ".join(text.split())  # A date keeps its parts together by spaces of its own.
    for shown in (NUMBER, "Община Монтана", "31 декември 2026 г.", "Уличната лампа", "gishe.example/log"):
        assert shown in text
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "<script>" not in text
    for path in ("/receipt/x", f"/receipt/{token[::-1]}", f"/receipt/{token[::-1]}.pdf", f"/receipt/{token}.exe"):
        assert (await get(webtown, path))[0] == 404


async def test_the_text_and_the_document_check_out(webtown: WebTown) -> None:
    token = await make(webtown.store)
    await seal_all(webtown.store, SIGNER)
    _status, document, _headers = await get(webtown, f"/receipt/{token}.json")
    report = await audit_receipt.check(document.decode(), keys=[SIGNER.key])
    assert report.is_well
    text = (await get(webtown, f"/receipt/{token}.txt?language=en"))[1].decode()
    assert f"Number: {NUMBER}" in text
    assert "Answer promised by: 31 December 2026" in text
    assert f"{webtown.url}/receipt/{token}" in text


async def test_the_pdf_has_the_words_a_readable_code_and_the_document(webtown: WebTown) -> None:
    token = await make(webtown.store)
    await seal_all(webtown.store, SIGNER)
    _status, pdf, headers = await get(webtown, f"/receipt/{token}.pdf")
    assert headers["Content-Type"] == "application/pdf"
    read = pypdf.PdfReader(BytesIO(pdf))
    assert len(read.pages) == 1
    text = " ".join(read.pages[0].extract_text().split())
    for shown in ("Разписка за подаденото", NUMBER, "31 декември 2026 г.", "Уличната лампа пред „Трети март“ 7"):
        assert shown in text
    [attached] = read.attachments[f"{NUMBER}.json"]
    report = await audit_receipt.check(attached.decode(), keys=[SIGNER.key])
    assert report.is_well
    [code] = [zxingcpp.read_barcodes(Image.open(BytesIO(image.data))) for image in read.pages[0].images]
    assert code[0].text == f"{webtown.url}/receipt/{token}"


async def test_a_long_matter_runs_over_pages(webtown: WebTown) -> None:
    async with webtown.store.writing() as db:
        content = {"text": "дума " * 3_000 + "б" * 500}
        token = receipts.make(db, NUMBER, "decided", content, municipality="montana", language="en")
    await seal_all(webtown.store, SIGNER)
    _status, pdf, _headers = await get(webtown, f"/receipt/{token}.pdf")
    assert len(pypdf.PdfReader(BytesIO(pdf)).pages) >= 2


async def _answer(document, route):
    await route.fulfill(json=document)


@pytest.mark.browser
async def test_the_browser_checks_by_itself(webtown, screens):
    """Honest: genuine. Then each lie of the server is told."""
    token = await make(webtown.store)
    await seal_all(webtown.store, SIGNER)
    await make(webtown.store)
    await seal_all(webtown.store, SIGNER)
    ana = await screens(PHONE)
    verdict = ana.page.locator("#verdict")
    path = f"{webtown.url}/receipt/{token}"
    await ana.page.goto(path)
    await expect(verdict).to_have_text("The receipt is genuine.")
    assert await ana.page.locator("#checks .good").count() == 4
    await ana.fits()
    await ana.is_accessible()
    async with aiohttp.ClientSession() as http, http.get(f"{path}.json") as answer:
        honest = await answer.json()
    opening = honest["opening"]
    other = Signer(SIGNER.key.name, bytes(32))
    lies = {
        "The contents are NOT": {"opening": opening | {"content": opening["content"].replace("7", "8")}},
        "What is shown above is NOT": {"entry": honest["entry"].replace("2026-12-31", "2027-12-31")},
        "It does NOT stand": {"position": honest["position"] + 1},
        "is NOT signed": {"checkpoint": other.note(honest["checkpoint"].partition("\n\n")[0] + "\n"),
                          "keys": [str(other.key)]},
    }  # fmt: skip
    for told, lie in lies.items():
        lied = honest | lie
        await ana.page.route("**/receipt/*.json", partial(_answer, lied))
        await ana.page.goto(path)
        await expect(verdict).to_contain_text("The receipt could NOT be confirmed.")
        await expect(ana.page.locator("#checks .wrong").first).to_contain_text(told)
        await ana.page.unroute("**/receipt/*.json")
    await ana.page.goto(f"{webtown.url}/log")
    await ana.fits()
    await ana.is_accessible()
    desk = await screens(DESK, color_scheme="dark", locale="bg-BG")
    await desk.page.goto(path)
    await expect(desk.page.locator("#verdict")).to_have_text("Разписката е истинска.")
    await desk.fits()
    await desk.is_accessible()
