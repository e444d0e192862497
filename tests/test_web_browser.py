"""The web chat in a real browser: every size, by keyboard, with bad connections, in both languages."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import expect
from sqlalchemy import func, select

from bot.web.flood import Buckets, Floods
from storage import messages
from storage.models import conversations, files, incoming, outgoing
from tests.browser import DESK, NARROW, PHONE
from tests.databases import letters

pytestmark = pytest.mark.browser
TEXTS = select(incoming.c.content).where(incoming.c.kind == "text").order_by(incoming.c.id)
PLACES = {"latitude": 43.4085, "longitude": 23.2257}
DOT = bytes.fromhex(  # A picture of one pixel that browsers really show.
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f6"
    "45400000000049454e44ae426082"
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, PHONE, DESK], ids=["320", "390", "1280"])
async def test_every_state_fits_and_is_accessible(webtown, screens, size, scheme):
    ana = await screens(size, color_scheme=scheme)
    await ana.opens("/chat/montana")
    await ana.is_accessible()
    await ana.asks("/services")
    await ana.page.locator(".choice").first.click()
    await ana.fits()
    await ana.is_accessible()
    await ana.page.set_input_files("#files", {"name": "photo.png", "mimeType": "image/png", "buffer": DOT})
    await ana.is_accessible()
    await ana.fits()
    await ana.is_offline(True)
    await ana.says("Not yet")
    await expect(ana.own.last).to_have_attribute("data-state", "waiting")
    await expect(ana.page.locator("#banner")).not_to_be_empty()
    await ana.is_accessible()
    await ana.fits()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, DESK], ids=["320", "1280"])
async def test_the_public_pages_fit_and_are_accessible(webtown, screens, size, scheme):
    ana = await screens(size, color_scheme=scheme)
    for path in ("/", "/chat/atlantis"):
        await ana.page.goto(webtown.url + path)
        await ana.fits()
        await ana.is_accessible()
    ana.complaints.clear()  # The browser notes the 404.


@pytest.mark.parametrize("size", [(640, 400), (320, 256)], ids=["200%", "400%"])
async def test_a_zoomed_page_scrolls_in_one_direction_only(webtown, screens, size):
    """A window of 1280 x 800 zoomed to 200 %, and of 1280 x 1024 zoomed to 400 %."""
    ana = await screens(size, is_mobile=False, has_touch=False)
    await ana.opens("/chat/montana")
    await ana.asks("/help")
    await ana.fits()
    await ana.page.locator(".choice").last.scroll_into_view_if_needed()
    await expect(ana.page.locator("#send")).to_be_in_viewport()
    await ana.is_accessible()


async def test_type_of_twice_the_size_fits(webtown, screens):
    ana = await screens(PHONE)
    await ana.opens("/chat/montana")
    await ana.page.evaluate("document.documentElement.style.fontSize = '200%'")
    await ana.asks("/menu")
    await ana.fits()
    await expect(ana.page.locator("#send")).to_be_in_viewport()


async def test_everything_is_done_by_keyboard(webtown, screens):
    ana = await screens(DESK)
    await ana.opens("/chat/montana")
    keys = ana.page.keyboard
    await expect(ana.text).to_be_focused()  # With a keyboard one types at once.
    await keys.type("/services")
    await keys.press("Enter")
    await expect(ana.answers).to_have_count(2)
    await expect(ana.text).to_be_focused()
    await expect(ana.text).to_have_value("")

    while not await ana.page.locator(".skip").evaluate("(link) => link === document.activeElement"):
        await keys.press("Shift+Tab")
    await expect(ana.page.locator(".skip")).to_be_in_viewport()
    names = []
    for _ in range(40):
        await keys.press("Tab")
        names.append(await ana.page.evaluate("document.activeElement.id || document.activeElement.className"))
        outline = await ana.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", names[-1]
        if names[-1] == "send":
            break
    assert names[0] == "language"
    assert [name for name in names if name != "choice"] == ["language", "log", "attach", "place", "text", "send"]

    choice = ana.answers.last.locator(".choice").first
    await choice.focus()
    await keys.press("Enter")
    await expect(ana.answers).to_have_count(2)  # Rewritten in its place …
    await expect(ana.answers.last.locator("article")).to_be_focused()  # … where the reader still is.


async def test_shift_enter_begins_a_line_and_phones_have_their_button(webtown, screens):
    ana = await screens(DESK)
    await ana.opens()
    await ana.text.press_sequentially("one")
    await ana.text.press("Shift+Enter")
    await ana.text.press_sequentially("two")
    await expect(ana.text).to_have_value("one\ntwo")
    boris = await screens(PHONE)
    await boris.opens()
    await boris.text.press_sequentially("one")
    await boris.text.press("Enter")
    await expect(boris.text).to_have_value("one\n")


async def test_a_tick_leaves_the_finger_where_it_is(webtown, screens, handbook):
    ana = await screens(DESK)
    card = next(iter(handbook.cards))
    await ana.opens(f"/chat?start=card_{card}")
    await ana.choice("Checklist").click()
    box = ana.page.locator(".choice").first
    await expect(box).to_contain_text("⬜")
    await box.focus()
    await ana.page.keyboard.press("Enter")
    await expect(box).to_contain_text("☑")
    await expect(box).to_be_focused()
    await ana.page.keyboard.press("Enter")
    await expect(box).to_contain_text("⬜")


async def test_readers_hear_what_is_new_and_not_what_is_old(webtown, screens):
    ana = await screens()
    await ana.opens()
    log = ana.page.get_by_role("log", name="Conversation")
    await expect(log).to_have_attribute("aria-live", "polite")
    answer = await ana.asks("/help")
    assert (await answer.locator(".bubble").inner_text()).startswith("Gishe")
    assert (await ana.own.last.locator(".bubble").inner_text()).startswith("You")
    await ana.page.reload()
    await expect(ana.answers).to_have_count(2)
    await expect(log).to_have_attribute("aria-live", "polite")


async def test_what_is_written_without_a_connection_is_sent_once_after_a_restart(webtown, screens):
    ana = await screens()
    await ana.opens()
    await ana.is_offline(True)
    await webtown.stop()
    for text in ("/help", "/menu", "/services"):
        await ana.says(text)
    await expect(ana.own).to_have_count(3)
    await expect(ana.own.last).to_have_attribute("data-state", "waiting")
    await expect(ana.page.locator("#banner")).to_contain_text("No connection")
    await webtown.start()
    await ana.is_offline(False)
    await expect(ana.page.locator('.mine[data-state="kept"]')).to_have_count(3)
    await expect(ana.page.locator("#banner")).to_be_empty()
    await expect(ana.answers).to_have_count(4)
    said = [row.content["text"] for row in await webtown.rows(TEXTS)]
    assert said == ["/help", "/menu", "/services"]


async def test_what_is_written_without_a_connection_outlives_the_page(webtown, screens):
    ana = await screens()
    await ana.opens()
    await ana.is_offline(True)
    await ana.says("/help")
    await ana.page.set_input_files("#files", {"name": "dot.png", "mimeType": "image/png", "buffer": DOT})
    await ana.says("A hole in the road")
    await expect(ana.own).to_have_count(2)
    context = ana.page.context
    await ana.page.close()
    await context.set_offline(False)
    again = await screens.another(context)
    await again.opens()
    await expect(again.page.locator('.mine[data-state="kept"]')).to_have_count(2)
    assert [row.content["text"] for row in await webtown.rows(TEXTS)] == ["/help"]
    (media,) = await webtown.rows(select(incoming.c.content).where(incoming.c.kind == "media"))
    assert media.content["caption"] == "A hole in the road"


async def test_a_server_that_restarts_while_somebody_writes_loses_and_doubles_nothing(webtown, screens):
    ana = await screens()
    await ana.opens()

    async def restarts() -> None:
        for _ in range(2):
            await webtown.stop()
            await webtown.start()

    restarting = asyncio.create_task(restarts())
    for number in range(6):
        await ana.says(f"/help {number}")
    await restarting
    await expect(ana.page.locator('.mine[data-state="kept"]')).to_have_count(6)
    assert [row.content["text"] for row in await webtown.rows(TEXTS)] == [f"/help {number}" for number in range(6)]
    await expect(ana.answers).to_have_count(7)
    await ana.page.reload()
    await expect(ana.answers).to_have_count(7)
    await expect(ana.own).to_have_count(6)


async def test_a_message_is_shown_at_once_and_then_confirmed(webtown, screens):
    go_on = asyncio.Event()
    inbox = webtown.inbox

    class Slow:
        async def hear(self, heard):
            await go_on.wait()
            await inbox.hear(heard)

    ana = await screens()
    await ana.opens()
    webtown.parts.inbox = Slow()
    await ana.says("/help")
    await expect(ana.own.last).to_have_attribute("data-state", "sending")
    await expect(ana.page.locator("#typing")).to_be_visible()
    go_on.set()
    await expect(ana.own.last).to_have_attribute("data-state", "kept")
    await expect(ana.page.locator("#typing")).to_be_hidden()


async def test_receipts_tell_what_was_seen(webtown, screens):
    ana = await screens()
    await ana.opens()
    await ana.asks("/help")
    while True:
        states = [row.state for row in await webtown.rows(select(outgoing.c.state))]
        if states == ["seen", "seen"]:
            break
        await asyncio.sleep(0.02)


async def test_a_long_conversation_loads_its_history_while_one_scrolls(webtown, screens):
    webtown.parts.floods = Floods(said=Buckets(1000, 100))
    ana = await screens()
    await ana.opens()
    place = (await webtown.rows(select(conversations.c.external)))[0].external
    line = await webtown.visitor().connects()
    await _fill(webtown, place, 130)
    await line.hangs_up()
    await ana.page.reload()
    await expect(ana.page.get_by_text("Old message 129", exact=True)).to_be_visible()
    log = ana.page.locator("#log")
    assert await ana.answers.count() < 130
    while not await ana.page.locator("#beginning").is_visible():
        count = await ana.answers.count()
        await log.evaluate("(node) => { node.scrollTop = 0; }")
        await expect(ana.answers).not_to_have_count(count)
        top = await log.evaluate("(node) => node.scrollTop")
        assert top > 0  # Older ones stand above, and the reader's place is where it was.
    await expect(ana.answers).to_have_count(131)
    order = await ana.page.locator(".ours .text").all_inner_texts()
    assert order[1:] == [f"Old message {number}" for number in range(130)]


async def test_who_reads_above_is_not_torn_away(webtown, screens):
    ana = await screens()
    await ana.opens()
    for _ in range(3):
        await ana.asks("/help")
    log = ana.page.locator("#log")
    await log.evaluate("(node) => { node.scrollTop = 0; }")
    await expect(ana.page.locator("#down")).to_be_hidden()
    other = await screens.another(ana.page.context)
    await other.opens()
    await other.asks("/menu")
    await expect(ana.page.locator("#down")).to_be_visible()
    assert await log.evaluate("(node) => node.scrollTop") == 0
    await ana.is_accessible()
    await ana.page.locator("#down").click()
    await expect(ana.page.locator("#down")).to_be_hidden()
    await expect(ana.answers.last).to_be_in_viewport()


async def test_who_presses_a_choice_above_sees_what_it_leads_to(webtown, screens):
    ana = await screens()
    await ana.opens("/chat/montana")
    await ana.asks("what do I need for a building permit for a house")
    await ana.asks("/help")
    await ana.asks("/language")
    log = ana.page.locator("#log")
    await log.evaluate("(node) => { node.scrollTop = 0; }")
    before = await ana.answers.count()
    await ana.page.locator(".choice", has_text="This helped").first.click()
    await expect(ana.answers).to_have_count(before + 1)
    await expect(ana.answers.last).to_be_in_viewport()
    await expect(ana.page.locator("#down")).to_be_hidden()


async def test_two_tabs_show_the_same(webtown, screens):
    one = await screens()
    await one.opens()
    other = await screens.another(one.page.context)
    await other.opens()
    await one.asks("/help")
    await expect(other.own).to_have_count(1)
    await expect(other.answers).to_have_count(2)
    await other.asks("/menu")
    await expect(one.own).to_have_count(2)
    await expect(one.answers).to_have_count(3)
    assert await one.page.locator(".text").all_inner_texts() == await other.page.locator(".text").all_inner_texts()


async def test_photos_and_files_are_sent(webtown, screens):
    ana = await screens()
    await ana.opens()
    await ana.page.set_input_files(
        "#files",
        [{"name": "dot.png", "mimeType": "image/png", "buffer": DOT},
         {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n"}],
    )  # fmt: skip
    await expect(ana.page.locator("#attached li")).to_have_count(2)
    await ana.page.get_by_role("button", name="Remove letter.pdf").click()
    await expect(ana.page.locator("#attached li")).to_have_count(1)
    await ana.says("A hole in the road")
    await expect(ana.answers).to_have_count(3)  # The greeting, that it is kept, and the answer to its words.
    await expect(ana.own.last.get_by_role("img", name="Photo dot.png")).to_be_visible()
    assert [row.name for row in await webtown.rows(select(files.c.name))] == ["dot.png"]
    await ana.page.reload()
    picture = ana.own.last.get_by_role("img", name="Photo dot.png")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 1


async def test_files_of_ours_are_seen_or_saved(webtown, screens):
    ana = await screens()
    await ana.opens("/chat/montana")
    await expect(ana.answers).to_have_count(1)
    async with webtown.store.writing() as db:
        place = await db.value(select(conversations.c.id))
        poster = {"kind": "photo", "digest": db.keep(DOT), "name": "poster.png", "mime": "image/png", "size": len(DOT),
                  "alt": "The square on the open day"}  # fmt: skip
        ticket = {"kind": "document", "digest": db.keep(b"BEGIN:VCALENDAR"), "name": "day.ics",
                  "mime": "text/calendar", "size": 15, "alt": ""}  # fmt: skip
        said = messages.say(db, place, {"text": "Open day", "files": [poster, ticket]}, channel="web", lane=1)
    async with webtown.store.reading() as db:
        webtown.post(await letters(db, [said]))
    picture = ana.answers.last.get_by_role("img", name="The square on the open day")
    assert await picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 1
    async with ana.page.expect_download() as download:
        await ana.answers.last.get_by_role("link", name="day.ics").click()
    assert (await download.value).suggested_filename == "day.ics"
    await ana.is_accessible()
    await ana.fits()


async def test_a_file_that_we_do_not_take_says_why_and_the_next_message_goes(webtown, screens):
    ana = await screens()
    await ana.opens()
    await ana.page.set_input_files("#files", {"name": "a.exe", "mimeType": "", "buffer": b"MZ\x90\0" + b"\0" * 60})
    await ana.says("")
    await expect(ana.own.last.locator(".failure")).to_contain_text("a.exe is of a kind that we do not take")
    await ana.is_accessible()
    await ana.asks("/help")
    await ana.page.get_by_role("button", name="Remove this message").click()
    await expect(ana.page.locator(".failure")).to_have_count(0)
    ana.complaints.clear()  # The browser notes the 415.


async def test_a_file_that_is_too_large_is_not_even_sent(webtown, screens, tmp_path: Path):
    large = tmp_path / "film.mp4"
    with large.open("wb") as file:
        file.truncate((20 << 20) + 1)
    ana = await screens()
    await ana.opens()
    await ana.page.set_input_files("#files", large)
    await expect(ana.page.locator("#notice")).to_contain_text("film.mp4 is larger than 20 MB")
    await expect(ana.page.locator("#attached li")).to_have_count(0)


async def test_a_location_is_sent_only_after_it_was_shown(webtown, screens):
    ana = await screens(geolocation=PLACES, permissions=["geolocation"])
    await ana.opens()
    await ana.page.get_by_role("button", name="Add my location").click()
    await expect(ana.page.locator("#attached li")).to_contain_text("My location")
    assert not await webtown.rows(select(incoming.c.id).where(incoming.c.kind == "place"))
    await ana.says("")
    await expect(ana.own.last).to_have_attribute("data-state", "kept")
    await expect(ana.own.last).to_contain_text("Location 43.40850, 23.22570")
    (row,) = await webtown.rows(select(incoming.c.content).where(incoming.c.kind == "place"))
    assert row.content == {"lat": 43.4085, "lon": 23.2257}


async def test_a_location_that_is_not_allowed_says_what_to_do(webtown, screens):
    ana = await screens(permissions=[])
    await ana.opens()
    await ana.page.get_by_role("button", name="Add my location").click()
    await expect(ana.page.locator("#notice")).to_contain_text("write the address instead")


async def test_the_language_is_switched_on_the_page_and_in_the_conversation(webtown, screens):
    ana = await screens()
    await ana.opens("/chat/montana")
    await expect(ana.page.locator("#where")).to_have_text("Montana Municipality")
    await ana.page.locator("#language").click()
    await expect(ana.page.locator("html")).to_have_attribute("lang", "bg")
    await expect(ana.page.locator("#where")).to_have_text("Община Монтана")
    await expect(ana.answers.last).to_contain_text("Община Монтана")
    await ana.is_accessible()
    await ana.page.reload()
    await expect(ana.page.locator("html")).to_have_attribute("lang", "bg")
    await ana.page.locator("#language").click()
    await expect(ana.page.locator("html")).to_have_attribute("lang", "en")


async def test_a_link_opens_its_service_once(webtown, screens, handbook):
    card = next(iter(handbook.cards.values()))
    ana = await screens()
    await ana.opens(f"/chat?start=card_{card.id}")
    await expect(ana.answers.last).to_contain_text(card.title("en"))
    await expect(ana.page).to_have_url(f"{webtown.url}/chat")
    await ana.page.reload()
    await expect(ana.answers).to_have_count(1)
    await ana.choice("QR").click()
    code = ana.answers.last.locator("img.code")
    await expect(code).to_be_visible()
    assert await code.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    await ana.is_accessible()


async def test_a_choice_is_typed_by_its_number(webtown, screens):
    ana = await screens()
    await ana.opens()
    shown = ana.page.locator(".latest .number")
    await expect(shown.first).to_have_text("1.")
    await ana.asks("2")
    await expect(ana.page.locator("#where")).to_have_text("Montana Municipality")
    await expect(ana.page.locator(".latest")).to_have_count(1)


async def test_who_types_too_fast_waits_and_nothing_is_lost(webtown, screens):
    webtown.parts.floods = Floods(said=Buckets(2, 2))
    ana = await screens()
    await ana.opens()
    for number in range(5):
        await ana.says(f"/help {number}")
    await expect(ana.page.locator('.mine[data-state="kept"]')).to_have_count(5)
    assert [row.content["text"] for row in await webtown.rows(TEXTS)] == [f"/help {number}" for number in range(5)]


async def test_a_lost_cookie_begins_again_calmly(webtown, screens):
    ana = await screens()
    await ana.opens()
    await ana.page.context.clear_cookies()
    await webtown.channel.close_pages()
    while (await webtown.rows(select(func.count()).select_from(conversations)))[0][0] < 2:
        await asyncio.sleep(0.02)
    await ana.asks("/help")


async def test_without_scripts_there_is_a_word(webtown, browser):
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{webtown.url}/chat?language=en")
    await expect(page.locator(".no-script")).to_contain_text("JavaScript")
    await context.close()


async def test_nothing_is_asked_of_anybody_else(webtown, screens):
    ana = await screens()
    await ana.page.goto(webtown.url)
    await ana.opens("/chat/montana")
    await ana.asks("/help")
    assert ana.hosts == {webtown.url.removeprefix("http://")}


@pytest.mark.parametrize("size", [NARROW, DESK], ids=["320", "1280"])
async def test_one_script_tag_puts_the_chat_into_a_municipalitys_site(webtown, screens, size):
    ana = await screens(size)
    site = await _municipal_site(webtown)
    page = ana.page
    await page.goto(f"http://127.0.0.1:{site.addresses[0][1]}/")
    button = page.get_by_role("button", name="Ask the municipality")
    await button.focus()
    await ana.is_accessible()
    await page.keyboard.press("Enter")
    chat = page.frame_locator("iframe")
    await expect(chat.locator(".ours").first).to_be_visible()
    await expect(chat.locator("#where")).to_have_text("Montana Municipality")
    await chat.locator("#text").fill("/help")
    await chat.locator("#send").click()
    await expect(chat.locator(".ours")).to_have_count(2)
    await ana.is_accessible()
    await chat.locator("#text").press("Escape")
    await expect(page.locator("iframe")).to_be_hidden()
    await expect(button).to_be_focused()
    await page.keyboard.press("Enter")
    await chat.get_by_role("button", name="Close the chat").click()
    await expect(button).to_be_focused()
    assert await page.evaluate("Object.keys(window).filter((name) => /gishe/i.test(name))") == []
    await site.cleanup()


async def _municipal_site(webtown) -> web.AppRunner:
    """Somebody else's page with a strict policy of its own."""

    async def page(_request: web.Request) -> web.Response:
        html = (
            '<!DOCTYPE html><html lang="en"><title>Montana</title><link rel="icon" href="data:,">'
            f'<main><h1>Montana</h1></main><script src="{webtown.url}/widget.js" data-municipality="montana" async>'
            "</script>"
        )
        policy = f"default-src 'none'; img-src data:; script-src {webtown.url}; frame-src {webtown.url}"
        return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": policy})

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


async def _fill(webtown, external: str, many: int) -> None:
    async with webtown.store.writing() as db:
        place = await db.value(select(conversations.c.id).where(conversations.c.external == external))
        for number in range(many):
            messages.say(db, place, {"text": f"Old message {number}"}, channel="web", lane=1)
