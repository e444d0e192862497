"""A report on a phone, in the web chat: summary and receipt. GISHE_SHOTS=<folder> keeps them as pictures."""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from bot.web.flood import Buckets, Floods
from storage.models import case_files, cases, media
from tests.browser import Screen, Screens
from tests.test_files_in import photo
from tests.webtown import WebTown

pytestmark = pytest.mark.browser


async def _keep(screen: Screen, name: str) -> None:
    if folder := os.environ.get("GISHE_SHOTS"):
        await screen.page.wait_for_timeout(300)  # Until the last message has come to rest.
        await screen.page.screenshot(path=Path(folder) / f"{name}.png")


async def test_a_hole_in_the_road_from_a_phone(screens: Screens, webtown: WebTown, tmp_path: Path) -> None:
    webtown.parts.floods = Floods(said=Buckets(1000, 100))
    ana = await screens((390, 1180), locale="bg-BG")
    await ana.opens("/chat?start=report_pothole_montana")
    await ana.asks("Голяма дупка на пътя, колите я заобикалят по тротоара.")
    picture = tmp_path / "hole.jpg"
    picture.write_bytes(photo())
    before = await ana.answers.count()
    await ana.page.set_input_files("#files", picture)
    await ana.page.locator("#send").click()
    await expect(ana.answers).to_have_count(before + 1)
    await expect(ana.answers.last).to_contain_text("Добавих файла Ви")
    await ana.presses("Продължете")
    await ana.asks("Монтана, ул. „Извора“ 5, до пекарната")
    await ana.presses("С моето име")
    await ana.asks("Ана Петрова")
    summary = await ana.asks("0888 123 456")
    await expect(summary).to_contain_text("Още нищо не е изпратено")
    await ana.fits()
    await ana.is_accessible()
    await _keep(ana, "matter-summary")

    await ana.presses("Изпратете на общината")
    await expect(ana.answers.last).to_contain_text("Номер в системата: MON-")
    await expect(ana.answers.last).to_contain_text("Общината трябва да отговори до")
    await ana.fits()
    await _keep(ana, "matter-receipt")
    (case,) = await webtown.rows(select(cases))
    assert case.place == "Монтана, ул. „Извора“ 5, до пекарната"
    assert [row.about for row in await webtown.rows(select(media.c.about))] == [f"case:{case.id}"]
    assert await webtown.rows(select(case_files.c.id)) == []  # It is fetched by the clock, and shown then.
    await ana.presses("Отворете MON")
    await expect(ana.answers.last).to_contain_text("предстои регистриране")
    await _keep(ana, "matter-card")
