"""Our own journal: the command line says what holds, the daily check alarms, heads go outside."""

import asyncio
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select, text, update

from bot import command_line, own_journal
from bot.log_sources import Tables, save
from bot.publishing import Publisher
from bot.self_check import SelfCheck
from bot.settings import Settings, read
from storage import checks, log, people, publishing, receipts, roles
from storage.database import Store
from storage.handbook import Handbook
from storage.messages import Letter
from storage.models import incoming, openings, outgoing, publications
from storage.notes import Checkpoint, Signer
from storage.sealing import seal_all
from tests.town import TRANSLATORS, Town

SIGNER = Signer("gishe.example/log", bytes(range(32)))


async def talk(town: Town) -> None:
    """A few people ask, and everything is sealed."""
    for name in ("ana", "ben"):
        await town.citizen(name).says("Къде да платя данък сгради?")
        await town.citizen(name).sends_place()
        await town.citizen(name).sends_photo("Дупка на пътя 2.0")
    await seal_all(town.store, SIGNER)


async def test_what_the_database_holds_is_what_was_recorded(town: Town) -> None:
    await talk(town)
    async with town.store.writing() as db:
        ana = (await people.meet(db, "paper", ["ana"]))["ana"]
        assert ana.person
        receipts.make(db, "MON-2026-000001-K", "filed", {"text": "Дупка"}, municipality="montana", language="bg",
                      person_id=ana.person.id, due=date(2026, 12, 31))  # fmt: skip
    await seal_all(town.store, SIGNER)
    report = await own_journal.check_store(town.store, [])
    assert report.is_well, report.findings
    [counted] = [finding.values["count"] for finding in report.findings if finding.code == "openings"]
    async with town.store.reading() as db:
        rows = [await db.value(text(f"SELECT count(*) FROM {name}")) for name in ("incoming", "outgoing", "openings")]
    assert counted == sum(rows)


@pytest.mark.parametrize("change", ["text", "time", "person", "answer", "opening", "deleted"])
async def test_a_change_by_hand_is_found_and_named(sqlite_town: Town, change: str) -> None:
    town = sqlite_town
    await talk(town)
    async with town.store.writing() as db:
        row = await db.first(select(incoming).where(incoming.c.kind == "text").limit(1))
        assert row is not None
        this = update(incoming).where(incoming.c.id == row.id)
        match change:
            case "text":
                await db.execute(this.values(content={"text": "Нещо друго"}))
            case "time":
                await db.execute(this.values(said_at=row.said_at - timedelta(days=1)))
            case "person":
                other = await db.value(select(incoming.c.person_id).where(incoming.c.person_id != row.person_id))
                await db.execute(this.values(person_id=other))
            case "answer":
                await db.execute(update(outgoing).where(outgoing.c.answers_id == row.id).values(content={"text": ""}))
            case "opening":
                await db.execute(update(openings).values(content='{"person":"1"}'))
            case "deleted":
                await db.execute(outgoing.delete().where(outgoing.c.answers_id == row.id))
    if change == "opening":
        async with town.store.writing() as db:
            token = roles.invite(db, "monitor", "montana")
        await town.ana.opens(token)
        await seal_all(town.store, SIGNER)
        async with town.store.writing() as db:
            await db.execute(update(openings).values(content='{"person":"1"}'))
    report = await own_journal.check_store(town.store, [])
    assert report.codes() == ["opening-missing" if change == "deleted" else "opening"]


# --- The command line ---


class Office:
    """A database with a journal, and the command line beside it."""

    def __init__(self, folder: Path, settings: Settings, store: Store) -> None:
        self.folder, self.settings, self.store = folder, settings, store

    def gishe(self, *arguments: object) -> int:
        """Run the command line, in a loop of its own."""
        return command_line.main([str(argument) for argument in arguments])


@pytest.fixture
async def office(sqlite_town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    await talk(sqlite_town)
    store = sqlite_town.store
    given = {"DATABASE_URL": store.url.render_as_string(hide_password=False), "DATA_DIR": str(tmp_path / "data")}
    for name, value in (given | {"LANG": "en", "LC_ALL": "en"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    await save(Tables(store), tmp_path / "log")
    return Office(tmp_path, read(given), store)


async def run(office: Office, *arguments: object) -> int:
    return await asyncio.to_thread(office.gishe, *arguments)


async def test_verify_says_in_sentences_what_holds(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    log_folder, head = office.folder / "log", office.folder / "log" / "checkpoint"
    assert await run(office, "verify", "--log", log_folder, "--head", head, "--key", SIGNER.key) == 0
    out = capsys.readouterr().out
    assert out.endswith("The journal is in order.\n")
    assert "none is missing, changed or added" in out
    assert await run(office, "verify") == 0
    assert "word for word" in capsys.readouterr().out
    assert await run(office, "verify", "--log", log_folder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"]
    assert told["kinds"]["heard"] == 6


async def test_verify_says_in_bulgarian_what_is_wrong(
    office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "bg_BG.UTF-8")
    [bundle] = (office.folder / "log/tile/entries").rglob("*.p/*")
    bundle.write_bytes(bundle.read_bytes().replace(b'"kind":"heard"', b'"kind":"hears"', 1))
    assert await run(office, "verify", "--log", office.folder / "log") == 1
    out = capsys.readouterr().out
    assert re.search(r"✗ Запис \d+ \(hears, .*\) е променен, след като е бил записан\.", out)
    assert "Журналът НЕ е наред." in out


async def test_verify_keeps_a_copy_and_compares_with_it(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    copy = office.folder / "my copy"
    assert await run(office, "verify", "--log", office.folder / "log", "--copy", copy) == 0
    assert (copy / "checkpoint").exists()
    assert await run(office, "verify", "--log", office.folder / "log", "--copy", copy) == 0
    assert "It continues the seal" in capsys.readouterr().out
    assert await run(office, "verify", "--log", office.folder / "log", "--copy", office.folder) == 2


@pytest.mark.parametrize(
    "wrong",
    [["--log", "nowhere"], ["--head", "nowhere"], ["--head", "log/key", "--log", "log"], ["--key", "a+b+c"],
     ["--receipt", "nowhere"], ["--key", "nowhere"]],
)  # fmt: skip
async def test_wrong_usage_is_told_calmly(
    office: Office, capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:  # fmt: skip
    assert await run(office, "verify", *wrong) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1


async def test_an_address_that_does_not_answer_is_told(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(office, "verify", "--log", "http://127.0.0.1:9/log") == 1
    assert "http://127.0.0.1:9/log/checkpoint cannot be read" in capsys.readouterr().err


async def test_a_receipt_is_checked_offline(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    async with office.store.writing() as db:
        content = {"text": "Дупка на ул. „Трета“ 7", "files": ["ab" * 32]}
        token = receipts.make(db, "MON-2026-000001-K", "filed", content, municipality="montana", language="bg",
                              due=date(2026, 12, 31))  # fmt: skip
    file = office.folder / "receipt.json"

    async def write(**changes: Any) -> dict[str, Any]:
        async with office.store.reading() as db:
            made = await receipts.document(db, token)
        assert made is not None
        file.write_text(json.dumps(made | changes), "utf-8")
        return made

    await write()
    assert await run(office, "verify", "--receipt", file) == 1
    assert "not sealed yet" in capsys.readouterr().out
    await seal_all(office.store, SIGNER)
    made = await write()
    assert await run(office, "verify", "--receipt", file, "--key", SIGNER.key) == 0
    assert capsys.readouterr().out.endswith("The receipt is genuine.\n")
    await save(Tables(office.store), office.folder / "log")
    assert await run(office, "verify", "--receipt", file, "--log", office.folder / "log") == 0
    assert "It continues the seal" in capsys.readouterr().out
    opening = made["opening"]
    for change in (
        {"opening": opening | {"content": opening["content"].replace("7", "8")}},
        {"entry": made["entry"].replace("2026-12-31", "2027-12-31")},
        {"position": made["position"] - 1}, {"proof": made["proof"][1:]}, {"checkpoint": "x"}, {"keys": []},
        {"format": "other"}, {"opening": None},
        {"checkpoint": Signer(SIGNER.key.name, bytes(32)).note(made["checkpoint"].partition("\n\n")[0] + "\n")},
    ):  # fmt: skip
        await write(**change)
        assert await run(office, "verify", "--receipt", file) == 1, change
        assert capsys.readouterr().out.endswith("The receipt could NOT be confirmed.\n")


# --- The daily check ---


async def test_the_daily_check_alarms_the_administrators(office: Office, handbook: Handbook) -> None:
    posted: list[Letter] = []
    async with office.store.writing() as db:
        boss = people.welcome(db, "paper", "boss", "bg").person
        assert boss
        await db.flush()
        await roles.accept(db, roles.invite(db, "administrator"), boss.id)
    await seal_all(office.store, SIGNER)
    check = SelfCheck(office.store, office.settings, TRANSLATORS, posted.extend)
    await check.run()
    async with office.store.writing() as db:
        assert (await checks.last(db)).is_well  # type: ignore[union-attr]
        await db.execute(update(incoming).values(content={"text": "Нещо друго"}))
    await check.run()
    assert posted == []  # Once a day.
    assert not await check.check()
    assert [letter.address for letter in posted] == ["boss"]
    assert "Тревога" in posted[0].content["text"]
    assert "съдържанието му е променено" in posted[0].content["text"]
    later = office.store.now() + timedelta(hours=2)
    office.store.now = lambda: later
    await check.run()  # Sooner than in a day, and nobody is told the same again.
    assert len(posted) == 1
    await seal_all(office.store, SIGNER)
    assert (await own_journal.check_store(office.store, [])).facts["kinds"]["check"] == 3


# --- Heads go outside ---


class Partner:
    """Somebody outside with a server: what came, and what is answered."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.answers = [500, 200]

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(await request.text())
        return web.Response(status=self.answers.pop(0) if self.answers else 200)


async def test_heads_are_sent_outside_until_they_arrive(sqlite_store: Store, tmp_path: Path) -> None:
    partner = Partner()
    app = web.Application()
    app.router.add_post("/heads", partner.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = Settings(data_dir=tmp_path, telegram_token="1:x", journal_telegram="@gishe_log",
                        journal_webhook=f"http://127.0.0.1:{runner.addresses[0][1]}/heads")  # fmt: skip
    now = datetime(2026, 11, 27, 10, tzinfo=UTC)
    sqlite_store.now = lambda: now
    posted: list[Letter] = []
    publisher = Publisher(sqlite_store, settings, TRANSLATORS["bg"], posted.extend)
    await publisher.run()
    assert await states(sqlite_store) == {}  # Nothing is sealed yet.
    head = await seal_all(sqlite_store, SIGNER)
    assert head is not None
    await publisher.run()
    assert await states(sqlite_store) == {"telegram": "due", "webhook": "due"}
    assert [(letter.channel, letter.address) for letter in posted] == [("telegram", "@gishe_log")]
    assert head.note.text in json.dumps(posted[0].content, ensure_ascii=False).replace("\\n", "\n")
    async with sqlite_store.writing() as db:
        await db.execute(update(outgoing).values(state="sent"))
    now += timedelta(minutes=5)
    await publisher.run()
    await runner.cleanup()
    assert await states(sqlite_store) == {"telegram": "sent", "webhook": "sent"}
    assert [Checkpoint.read(note).size for note in partner.got] == [head.size, head.size]
    assert [kept.size for kept in own_journal.published(tmp_path)] == [head.size]
    await seal_all(sqlite_store, SIGNER)
    await publisher.run()
    assert len(own_journal.published(tmp_path)) == 1  # Only after a day.
    now += timedelta(days=1)
    await publisher.run()
    assert len(own_journal.published(tmp_path)) == 2
    assert (await own_journal.check_store(sqlite_store, own_journal.published(tmp_path))).is_well


async def states(store: Store) -> dict[str, str]:
    async with store.reading() as db:
        return {row.way: row.state for row in await db.rows(select(publications.c.way, publications.c.state))}


async def test_what_never_arrives_is_given_up_and_shown(store: Store) -> None:
    head = await seal_all(store, SIGNER)
    assert head is not None
    async with store.writing() as db:
        publishing.publish(db, head.size, [("mail", "partner@example.org")])
    for _ in range(publishing.ATTEMPTS):
        async with store.writing() as db:
            await db.execute(update(publications).values(due_at=db.now))
            [row] = await publishing.due(db)
            publishing.settle(db, row, "ConnectionRefusedError")
    async with store.reading() as db:
        [row] = await publishing.newest(db)
        assert (row.state, row.reason) == ("failed", "ConnectionRefusedError")


async def test_heads_that_nobody_holds_are_not_kept_for_ever(store: Store) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    store.now = lambda: now
    sizes = []
    for day in range(4):
        now = datetime(2026, 11, 1 + day, tzinfo=UTC)
        async with store.writing() as db:
            roles.invite(db, "monitor")
        head = await seal_all(store, SIGNER)
        assert head is not None
        sizes.append(head.size)
    now += timedelta(days=30)
    async with store.writing() as db:
        publishing.publish(db, sizes[1], [("mail", "partner@example.org")])
        await db.flush()
        assert await publishing.forget_unused_heads(db) == 2
    async with store.reading() as db:
        assert [bool(await log.head(db, size)) for size in sizes] == [False, True, False, True]
