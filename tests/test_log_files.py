"""The journal as the program itself seals and serves it: the addresses, their caching, keys and witnesses."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot import journal_key
from bot.app import App
from bot.log_sources import Address, Folder, save
from bot.settings import read
from storage import checks, journal, publishing
from storage.audit import Audit
from storage.database import Store
from storage.notes import COSIGNATURE, Checkpoint, Signer

WITNESS = Signer("witness.example/w1", bytes(32), COSIGNATURE)
SETTINGS = {"PORT": "0", "LOG_LEVEL": "ERROR", "JOURNAL_WITNESSES": str(WITNESS.key)}


@pytest.fixture
async def app(sqlite_database_url: str, tmp_path: Path) -> AsyncIterator[App]:
    settings = read({**SETTINGS, "DATABASE_URL": sqlite_database_url, "DATA_DIR": str(tmp_path)})
    async with App(settings) as app:
        yield app


@pytest.fixture
async def http(app: App) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{app.port}") as http:
        yield http


async def records(store: Store, count: int) -> None:
    async with store.writing() as db:
        for number in range(count):
            journal.record(db, "export", {"what": f"{number}"})


async def text(http: aiohttp.ClientSession, path: str) -> str:
    async with http.get(path) as answer:
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return await answer.text()


async def test_it_is_served_as_the_specification_says(app: App, http: aiohttp.ClientSession) -> None:
    await records(app.store, 300)
    await app.sealer.seal()
    async with http.get("/log/checkpoint") as answer:
        assert answer.content_type == "text/plain"
        assert answer.charset == "utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=5"
        head = Checkpoint.read(await answer.text())
    assert head.size > 300
    for path in (
        "tile/0/000",
        f"tile/0/001.p/{head.size - 256}",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/0/000.p/7",
    ):
        async with http.get(f"/log/{path}") as answer:
            assert (answer.status, answer.content_type) == (200, "application/octet-stream")
            assert "immutable" in answer.headers["Cache-Control"]
    async with http.get("/log/tile/entries/000", headers={"Accept-Encoding": "identity"}) as answer:
        assert len(list(journal.unpack(await answer.read()))) == 256
    for path in ("tile/0/002", f"tile/0/001.p/{head.size - 255}", "tile/0/0", "tile/9/000", "checkpoint?size=999", "x"):
        async with http.get(f"/log/{path}") as answer:
            assert answer.status == 404


async def test_a_copy_taken_over_http_is_checked_and_grows(
    app: App, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    async with Address(f"http://127.0.0.1:{app.port}/log/") as address:
        for _ in range(2):
            await records(app.store, 200)
            await app.sealer.seal()
            head = await save(address, copy)
            for source in (address, Folder(copy)):
                report = await Audit(source, heads=[head]).run()
                assert report.is_well, report.findings
                assert report.size == head.size


async def test_a_witness_cosigns_and_strangers_do_not(app: App, http: aiohttp.ClientSession) -> None:
    note = await text(http, "/log/checkpoint")
    head = Checkpoint.read(note)
    stranger = Signer("stranger.example", bytes(32), COSIGNATURE)
    other = head.note.text.replace("\n", "\n1", 1)
    for body, status in (
        (note + stranger.line(head.note.text, 1), 403),
        ("nonsense", 400),
        (b"\xff\n\n\xff", 400),
        ("a" * 200_000, 413),
        (stranger.note(other), 404),
        (note + WITNESS.line(head.note.text, 1_800_000_000), 200),
    ):
        async with http.post("/log/cosignature", data=body) as answer:
            assert answer.status == status, body[:50]
    assert Checkpoint.read(await text(http, "/log/checkpoint")).note.signed_by([WITNESS.key])


async def test_another_key_takes_its_place_and_old_heads_stay_good(
    app: App, http: aiohttp.ClientSession, tmp_path: Path
) -> None:  # fmt: skip
    old = Checkpoint.read(await text(http, "/log/checkpoint"))
    async with app.store.writing() as db:
        fresh = await journal_key.rotate(db, app.settings)
    await app.sealer.seal()
    new = Checkpoint.read(await text(http, "/log/checkpoint"))
    assert new.note.signed_by([fresh])
    assert not old.note.signed_by([fresh])
    keys = [line for line in (await text(http, "/log/key")).splitlines() if not line.startswith("#")]
    assert keys[0] == str(fresh)
    assert len(keys) == 2
    async with Address(f"http://127.0.0.1:{app.port}/log") as address:
        for given in (old.note, new.note):
            report = await Audit(address, heads=[old, new]).run()
            assert report.is_well, (given, report.findings)
    assert (tmp_path / "journal-before-2.key").exists()
    assert not (tmp_path / "journal-next.key").exists()


async def test_the_program_records_its_start_and_end_and_seals_both(sqlite_database_url: str, tmp_path: Path) -> None:
    settings = read({**SETTINGS, "DATABASE_URL": sqlite_database_url, "DATA_DIR": str(tmp_path)})
    async with App(settings):
        pass
    async with App(settings) as app:
        copy = tmp_path / "copy"
        async with Address(f"http://127.0.0.1:{app.port}/log") as address:
            await save(address, copy)
        report = await Audit(Folder(copy)).run()
    assert report.is_well
    assert report.facts["kinds"] == {"key": 1, "start": 2, "stop": 1, "handbook": 1}


async def test_with_the_wrong_key_nothing_is_sealed_and_health_tells(
    sqlite_database_url: str, tmp_path: Path
) -> None:  # fmt: skip
    settings = read({**SETTINGS, "DATABASE_URL": sqlite_database_url, "DATA_DIR": str(tmp_path)})
    async with App(settings):
        pass
    (tmp_path / "journal.key").write_bytes(bytes(32))
    async with App(settings) as app:
        health = await app.health()
        assert health["journal"]["problem"] == "wrong key"
        assert not health["ok"]


async def test_the_page_tells_how_it_stands_without_addresses_of_partners(
    app: App, http: aiohttp.ClientSession
) -> None:  # fmt: skip
    note = await text(http, "/log/checkpoint")
    head = Checkpoint.read(note)
    async with app.store.writing() as db:
        publishing.publish(db, head.size, [("mail", "partner@example.org")])
        checks.note(db, True, head.size, [])
    async with http.post("/log/cosignature", data=note + WITNESS.line(head.note.text, 1_800_000_000)) as answer:
        assert answer.status == 200
    async with http.get("/log", headers={"Accept-Language": "bg"}) as answer:
        assert answer.status == 200
        page = await answer.text()
    for shown in ("Публичният журнал", "witness.example/w1", "пощенска кутия на партньорите: чака", "всичко е наред",
                  head.note.text.splitlines()[2], "gishe verify --log"):  # fmt: skip
        assert shown in page
    assert "partner@example.org" not in page
