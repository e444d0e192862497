"""Events on a phone: the organizer's preview, the card, the ticket. GISHE_SHOTS=<folder> keeps them as pictures."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.web.flood import Buckets, Floods
from storage import roles
from tests.browser import Screen, Screens
from tests.planning import newest_event, sofia
from tests.town import Hours
from tests.webtown import WebTown

pytestmark = pytest.mark.browser
TEXT = ("Показваме стъпка по стъпка как да намерите услуга, да подадете сигнал и да проследите отговора. "
        "Донесете телефона си. Има и хора, които ще помогнат лично.")  # fmt: skip


async def _keep(screen: Screen, name: str) -> None:
    if folder := os.environ.get("GISHE_SHOTS"):
        await screen.page.wait_for_timeout(300)  # Until the last message has come to rest.
        await screen.page.screenshot(path=Path(folder) / f"{name}.png")


async def test_an_event_on_a_phone(screens: Screens, webtown: WebTown, hours: Hours) -> None:
    webtown.store.now = hours
    webtown.parts.floods = Floods(said=Buckets(1000, 100))
    async with webtown.store.writing() as db:
        token = roles.invite(db, "organizer", "montana")
    org = await screens((390, 1180), locale="bg-BG")
    await org.opens(f"/chat?start={token}")
    await org.asks("/organize")
    for words in ("Ново събитие", "Обучение за граждани"):
        await org.presses(words)
    for words in ("следващия вторник от 17:30 до 19", "Читалище „Разум“, зала 2"):
        await org.asks(words)
    for field, answer in (("Брой места", "30"), ("🇧🇬 Текст", TEXT)):
        await org.presses("Редактирайте")
        await org.presses(field)
        await org.asks(answer)
    await expect(org.answers.last).to_contain_text("Чернова: още никой не я вижда")
    await expect(org.answers.last).to_contain_text("30 свободни места от 30")
    await org.fits()
    await org.is_accessible()
    await _keep(org, "event-preview")
    await org.presses("Публикувайте")
    await org.presses("Да, публикувайте")
    await expect(org.answers.last).to_contain_text("Публикувано.")

    event = await newest_event(webtown.store)
    assert event.starts_at == sofia(2026, 11, 24, 17, 30)
    assert event.ends - event.starts_at == timedelta(minutes=90)
    ana = await screens(locale="bg-BG")
    await ana.opens(f"/chat?start=event_{event.id}")
    await expect(ana.answers.last).to_contain_text("30 свободни места от 30")
    await ana.fits()
    await _keep(ana, "event-card")
    await ana.presses("Запишете се")
    await ana.asks("2")
    await ana.asks("Ана Петрова")
    await expect(ana.answers.last).to_contain_text("Вашият номер е 1, за 2 места")
    await expect(ana.answers.last.locator("img").first).to_be_visible()
    await ana.fits()
    await ana.is_accessible()
    await _keep(ana, "event-ticket")
