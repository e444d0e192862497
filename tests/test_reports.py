"""Figures in the chat, and the signed monthly report."""

import csv
import hashlib
import json
import random
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import func, select, text, update

from bot import journal_key
from bot.figuring import Figuring
from bot.monthly import Monthly
from bot.reporting import Reporting
from bot.settings import read
from storage import reports, roles
from storage.database import Store
from storage.models import cases, journal_queue, monthly_reports, report_wishes
from storage.models import roles as held
from storage.months import Month
from storage.notes import Note
from tests import believable
from tests.town import TRANSLATORS, Town

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # Where the database makes no difference.


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def clock(store: Store) -> Clock:
    store.now = clock = Clock()
    return clock


async def live(store: Store, a_month: int = 12) -> Figuring:
    async with store.writing() as db:
        await believable.live(db, believable.a_year(random.Random(5), NOW, a_month), NOW)
    figuring = Figuring(store)
    while await figuring.work_in():
        pass
    return figuring


async def given(town: Town, role: str, municipality: str | None) -> str:
    async with town.store.writing() as db:
        return roles.invite(db, role, municipality)


def reporting(town: Town, figuring: Figuring) -> Reporting:
    return Reporting(town.store, town.library, TRANSLATORS, town.turns.links, figuring)


@once
async def test_a_monitor_gets_the_picture_the_sentence_and_the_numbers(town, clock):
    figuring = await live(town.store)
    mo = town.citizen("mo", language="en")
    assert "I do not know this command" in await mo.says("/report")
    assert "/report" in await mo.opens(await given(town, "monitor", "montana"))
    assert "Figures of Montana Municipality" in await mo.says("/report")
    assert "I am drawing the figures" in await mo.presses("October 2026")
    duty = reporting(town, figuring)
    town.post(await duty.run())
    assert await duty.run() == []  # Sent once.
    assert "October 2026" in mo.last
    assert "fell due" in mo.last
    assert "Everything adds up." in mo.last
    png, xlsx, table = mo.last.letter.content["files"]
    picture = Image.open(BytesIO(await town.store.shelf.read(png["digest"])))
    assert picture.width > 800
    assert len(picture.convert("RGB").resize((40, 120)).getcolors(9999) or []) > 20  # Something is drawn.
    assert "fell due" in png["alt"]
    sheet = load_workbook(BytesIO(await town.store.shelf.read(xlsx["digest"])))["2026-10"]
    rows = list(csv.DictReader(StringIO((await town.store.shelf.read(table["digest"])).decode(), newline="")))
    assert sheet.max_row == len(rows) + 1
    assert "Whose figures" not in mo.last


async def test_figures_come_every_week_until_they_are_not_wanted(town, clock):
    figuring = await live(town.store, 2)
    mo, duty = town.citizen("mo", language="en"), None
    await mo.opens(await given(town, "monitor", None))
    assert "Whose figures" in await mo.says("/report")
    await mo.presses("Montana")
    assert "The first comes on 30 November 2026, Monday, at 08:30." in await mo.presses("Every week")
    duty = reporting(town, figuring)
    assert await duty.run() == []
    clock.now = datetime(2026, 11, 30, 6, 31, tzinfo=UTC)
    town.post(await duty.run())
    assert "November 2026" in mo.last
    assert await duty.run() == []
    clock.now += timedelta(days=7)
    assert len(await duty.run()) == 1
    await mo.says("/report")
    await mo.presses("Montana")
    assert "I send them no more" in await mo.presses("Send no more")
    clock.now += timedelta(days=14)
    assert await duty.run() == []


@once
async def test_who_lost_the_role_gets_nothing(town, clock):
    figuring = await live(town.store, 2)
    mo = town.citizen("mo", language="en")
    await mo.opens(await given(town, "monitor", "montana"))
    await mo.says("/report")
    await mo.presses("Every month")
    async with town.store.writing() as db:
        await db.execute(update(held).values(until=NOW))
    clock.now = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert await reporting(town, figuring).run() == []
    async with town.store.reading() as db:
        assert await db.value(select(func.count()).where(report_wishes.c.done_at.is_(None))) == 0


@once
async def test_a_monitor_sees_what_was_done_but_nobodys_words_and_each_look_is_recorded(town, clock):
    await live(town.store, 3)
    async with town.store.writing() as db:
        await db.execute(update(cases).values(name="Иван Иванов", text="Тайна", title="Тайна", contact="0888"))
    mo = town.citizen("mo", language="en")
    await mo.opens(await given(town, "monitor", "montana"))
    await mo.says("/report")
    listed = await mo.presses("Single matters")
    number = next(label for label in listed.choices if label.startswith("MON-"))
    one = await mo.presses(number)
    assert number in one
    assert "submitted (citizen)" in one
    for message in mo.heard:
        assert "Иван" not in message
        assert "Тайна" not in message
    assert "MON-" in await mo.presses("Single matters")
    await mo.presses("Next")
    async with town.store.reading() as db:
        packed = b"".join([row.entries for row in await db.rows(select(journal_queue.c.entries))])
    assert packed.count(b'"kind":"look"') == 4
    assert number.encode() in packed
    eve = town.citizen("eve", language="en")
    await eve.opens(await given(town, "monitor", "belene"))
    await eve.says("/report")
    assert "There are no more published matters." in await eve.presses("Single matters")


# --- The monthly report ---


@pytest.fixture
async def monthly(town: Town, clock: Clock, tmp_path: Path) -> Monthly:
    settings = read({"DATA_DIR": str(tmp_path), "PUBLIC_URL": "https://gishe.example.bg"})
    town.library.current.municipalities = {"montana": town.library.current.municipalities["montana"]}
    return Monthly(town.store, settings, town.library, TRANSLATORS, await live(town.store))


@pytest.fixture(autouse=True)
def same_handbook(handbook):
    before = handbook.municipalities
    yield
    handbook.municipalities = before


async def test_a_signed_report_is_published_on_the_first_working_day_and_stays(town, clock, monthly):
    clock.now = datetime(2026, 12, 1, 5, 59, tzinfo=UTC)  # A Tuesday, two minutes to eight.
    await monthly.run()
    async with town.store.reading() as db:
        assert [row.month for row in await reports.published(db, "montana")] == []
    clock.now = datetime(2026, 12, 1, 6, 1, tzinfo=UTC)
    await monthly.run()
    await monthly.run()
    async with town.store.reading() as db:
        assert [row.month for row in await reports.published(db, "montana")] == ["2026-11"]
        first = await reports.report(db, "montana", "2026-11", 1)
        signer = await journal_key.signer(db, monthly.settings)
        packed = b"".join([row.entries for row in await db.rows(select(journal_queue.c.entries))])
    note = Note.read(first.note)
    assert note.signed_by([signer.key]) == signer.key
    digest = hashlib.sha256(first.document).hexdigest()
    for one in (digest, hashlib.sha256(first.pdf).hexdigest()):
        assert one in note.text
        assert one.encode() in packed  # The journal names both.
    document = json.loads(first.document)
    assert (document["figures"]["month"], document["figures"]["is_complete"]) == ("2026-11", True)
    pages = PdfReader(BytesIO(first.pdf)).pages
    shown = "\n".join(page.extract_text() for page in pages)
    assert "Община Монтана, ноември 2026" in shown
    assert digest in shown.replace("\n", "")
    assert sum(len(page.images) for page in pages) == 6
    with pytest.raises(ValueError, match="reason"):
        async with town.store.writing() as db:
            await reports.publish(db, "montana", "2026-11", document=b"", pdf=b"", note="", digests={})
    assert await monthly.publish("montana", Month(2026, 11), "A case was counted twice.") == 2
    async with town.store.reading() as db:
        assert (await reports.report(db, "montana", "2026-11", 1)).document == first.document
        assert [row.reason for row in await reports.published(db, "montana")] == [None, "A case was counted twice."]
        assert await db.value(select(func.count()).select_from(monthly_reports)) == 2


@once
async def test_after_a_free_day_the_first_working_day_is_later(town, clock, monthly):
    clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)  # New Year, a Friday.
    await monthly.run()
    clock.now = datetime(2027, 1, 3, 9, tzinfo=UTC)
    await monthly.run()
    async with town.store.reading() as db:
        assert await db.value(text("SELECT count(*) FROM monthly_reports")) == 0
    clock.now = datetime(2027, 1, 4, 9, tzinfo=UTC)
    await monthly.run()
    async with town.store.reading() as db:
        assert [row.month for row in await reports.published(db, "montana")] == ["2026-12"]


@once
async def test_there_is_no_report_of_a_time_before_there_was_anything(town, clock, tmp_path):
    settings = read({"DATA_DIR": str(tmp_path), "PUBLIC_URL": "https://gishe.example.bg"})
    await Monthly(town.store, settings, town.library, TRANSLATORS, Figuring(town.store)).run()
    async with town.store.reading() as db:
        assert await db.value(select(func.count()).select_from(monthly_reports)) == 0
