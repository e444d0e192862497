"""`gishe demo`: a month of sample data that says so wherever it is read, and only where somebody asked for it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import demo as command
from bot.command_line import main
from bot.figuring import fresh
from bot.settings import Settings
from bot.web.figures import sample_note
from handlers.figure_words import Words
from storage import caselists, demo, ids, journal
from storage.caserules import Rules
from storage.database import Store, sqlite_url
from storage.demo import MARK, SHORT
from storage.handbook import Handbook, Library
from storage.models import STATES as ALL_STATES
from storage.models import (
    announcements,
    case_history,
    cases,
    colleagues,
    events,
    incoming,
    journal_queue,
    people,
    seats,
    unanswered,
)
from storage.months import Month
from storage.upgrade import upgrade
from tests.casetown import Bureau
from tests.town import TRANSLATORS

WORDS = ("text", "reason", "words")  # Of a row of the history: what a person wrote.


@pytest.fixture
async def filled(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(command, "CASES", {"montana": 24, "belene": 14})
    book = (await Library.open(sqlite_store)).current
    await command.fill(sqlite_store, book, Settings())
    return sqlite_store


async def _rows(store: Store, table: Any) -> Any:
    async with store.reading() as db:
        return await db.rows(select(table))


async def test_every_state_and_every_mark(filled: Store) -> None:
    found = await _rows(filled, cases)
    assert {row.state for row in found} == set(ALL_STATES)
    assert any(row.pending_answer for row in found)
    assert all(row.source == "demo" and row.text.startswith(MARK) for row in found)
    assert all(row.title.startswith(f"{SHORT[row.language]}: ") and "ПРИМЕР" in row.name for row in found)
    for row in await _rows(filled, case_history):
        for name in WORDS:
            assert not row.content.get(name) or row.content[name].startswith(MARK), (row.action, row.content)
    for row in await _rows(filled, events):
        assert row.title_bg.startswith("ПРИМЕР: ")
        assert row.title_en.startswith("SAMPLE: ")
    assert all(text.startswith(MARK) for row in await _rows(filled, announcements) for text in row.texts.values())
    assert all("(ПРИМЕР)" in row.name for row in await _rows(filled, colleagues))
    assert all("(ПРИМЕР)" in row.question or "(SAMPLE)" in row.question for row in await _rows(filled, unanswered))


async def test_the_month_lies_in_the_past_in_order_and_its_figures_add_up(filled: Store) -> None:
    now = filled.now()
    for table, moment in ((cases, "filed_at"), (case_history, "at"), (incoming, "heard_at")):
        rows = await _rows(filled, table)
        moments = [getattr(row, moment) for row in sorted(rows, key=lambda row: row.id)]
        assert moments == sorted(moments)
        assert now - timedelta(days=demo.DAYS + 1) < moments[0] <= moments[-1] < now
    assert ids.new_id() > ids.first_at(now - timedelta(minutes=5))
    month = Month.of(now)
    for slug in ("montana", "belene"):
        for one in (month.previous, month):
            figures = await fresh(filled, slug, one)
            assert [line["difference"] for line in figures["adds_up"]] == [0] * len(figures["adds_up"])


async def test_meetings_questions_overdue_and_the_journal(filled: Store) -> None:
    states = {row.state for row in await _rows(filled, seats)}
    assert {"going", "waiting", "came"} <= states
    assert {row.state for row in await _rows(filled, events)} == {"held", "published"}
    open_ones = [row.closed_at is None for row in await _rows(filled, unanswered)]
    assert any(open_ones)
    now = filled.now()
    assert any(row.decided_at is None and row.due_on and row.due_on < now.date() for row in await _rows(filled, cases))
    entries = [entry for row in await _rows(filled, journal_queue) for entry in journal.unpack(bytes(row.entries))]
    assert sum(b'"kind":"case"' in entry for entry in entries) >= 38
    assert all(row.municipality for row in await _rows(filled, people) if row.since < now - timedelta(days=1))


async def test_the_same_seed_makes_the_same_month(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handbook: Handbook
) -> None:
    other = Store(sqlite_url(tmp_path / "other.db"), now=lambda: moment)
    async with filled.reading() as db:
        moment = db.now
    await upgrade(other)
    book = (await Library.open(other)).current
    await command.fill(other, book, Settings())

    def said(rows: Any) -> list[Any]:
        return [(row.number, row.title, row.state, row.category) for row in sorted(rows, key=lambda row: row.number)]

    assert said(await _rows(other, cases)) == said(await _rows(filled, cases))
    await other.close()


async def test_the_clerk_finds_a_desk_with_work(filled: Store, handbook: Handbook) -> None:
    async with filled.writing() as db:
        clerk = await Bureau(db, handbook).employs("head")
        counts = await caselists.counts(db, Rules(handbook), clerk.roles, [clerk.person_id or 0], "montana")
    assert counts["unassigned"]
    assert counts["waiting"]


def test_it_fills_once_and_prints_three_links(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _at_home(monkeypatch, tmp_path)
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    assert MARK in out
    assert "http://127.0.0.1:8080/chat/montana" in out
    assert out.count("?start=inv_") == 2
    assert main(["demo"]) == 1
    assert "here already" in capsys.readouterr().err


def test_real_matters_are_protected(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, handbook: Handbook
) -> None:
    _at_home(monkeypatch, tmp_path)
    assert main(["invite", "monitor"]) == 0  # The database is there now, and nothing was seeded.

    async def file_one() -> int:
        store = Store(sqlite_url(tmp_path / "gishe.db"))
        async with store.writing() as db:
            before = int(await db.value(select(func.count()).select_from(cases)))
            await Bureau(db, handbook).files()
        await store.close()
        return before

    assert asyncio.run(file_one()) == 0
    assert main(["demo"]) == 1
    assert "--yes-really" in capsys.readouterr().err
    assert main(["demo", "--yes-really"]) == 0


def _at_home(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.chdir(folder)
    for name in ("TELEGRAM_TOKEN", "PUBLIC_URL", "LC_ALL", "LC_MESSAGES", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("DATA_DIR", str(folder))
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    monkeypatch.setattr(command, "CASES", {"montana": 14})


def test_make_run_seeds_nothing() -> None:
    """The demo is reached from the command line alone: neither `make run` nor the program itself goes there."""
    root = Path(__file__).parent.parent
    assert "demo" not in (root / "Makefile").read_text("utf-8")
    app = (root / "bot" / "app.py").read_text("utf-8")
    assert "import demo" not in app
    assert "demo_lives" not in app


def test_the_public_figures_say_that_they_are_a_sample(handbook: Handbook) -> None:
    assert MARK in sample_note(Words(TRANSLATORS["bg"], handbook))
