"""The public pages, the addresses for watchers, QR codes, and files of the page itself."""

import pytest
from aiohttp import web

from bot.web.static_files import StaticFiles
from storage.handbook import Handbook

PAGE = {"Accept": "text/html"}


async def test_the_first_page_leads_to_the_chat_on_every_channel_and_to_each_municipality(webtown):
    webtown.links.telegram_name = "gishe_bot"
    text = await webtown.visitor().opens("/")
    assert 'href="/chat"' in text
    assert 'href="https://t.me/gishe_bot"' in text
    for slug, place in webtown.library.current.municipalities.items():
        assert f'href="/chat/{slug}"' in text
        assert place["full_name"]["bg"] in text
        for page in (f"/figures/{slug}", f"/announcements/{slug}"):
            assert f'href="{page}"' in text
            assert place["name"]["bg"] in await webtown.visitor().opens(page)


async def test_an_address_that_is_not_there_says_so_in_words(webtown):
    ana = webtown.visitor()
    for path in ("/chat/atlantis", "/figures", "/static/x/nothing.js", "/card/no-such-card", "/chat/files/1"):
        async with ana.http.get(webtown.url + path, headers=PAGE) as response:
            assert response.status == 404
            assert '<html lang="bg">' in await response.text()


async def test_a_mistake_of_ours_is_a_page_too_and_tells_no_details(webtown):
    async def fail(_request: web.Request) -> web.Response:
        raise RuntimeError("secret details")

    await webtown.runner.cleanup()
    webtown.parts.routes = [web.get("/fail", fail)]
    await webtown.serve()
    async with webtown.visitor().http.get(f"{webtown.url}/fail", headers=PAGE) as response:
        text = await response.text()
    assert response.status == 500
    assert "secret" not in text
    assert "<h1>" in text
    async with webtown.visitor().http.get(f"{webtown.url}/fail") as response:
        assert (response.status, await response.text()) == (500, "")


async def test_a_card_has_an_address(webtown, handbook: Handbook):
    card = next(iter(handbook.cards))
    async with webtown.visitor().http.get(f"{webtown.url}/card/{card}", allow_redirects=False) as response:
        assert response.status == 302
        assert response.headers["Location"] == f"/chat?start=card_{card}"


async def test_what_is_put_into_an_address_comes_back_escaped(webtown):
    text = await webtown.visitor().opens('/chat?start="><script>alert(1)</script>&language="><b>')
    assert "<script>alert" not in text
    assert "<b>" not in text
    text = await webtown.visitor().opens('/?x="><script>alert(1)</script>')
    assert "<script>alert" not in text


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
async def test_a_qr_code_is_drawn(webtown, kind, begins):
    async with webtown.visitor().http.get(f"{webtown.url}/qr/card_design-visa.{kind}") as response:
        assert response.status == 200
        assert (await response.read()).startswith(begins)


@pytest.mark.parametrize("payload", ["a b", "%3Cscript%3E", "x" * 65, "..%2F..", "й"])
async def test_a_qr_code_takes_only_what_a_link_may_carry(webtown, payload):
    async with webtown.visitor().http.get(f"{webtown.url}/qr/{payload}.png") as response:
        assert response.status == 404


async def test_health_is_for_programs(webtown):
    ana = webtown.visitor()
    async with ana.http.get(f"{webtown.url}/healthz") as response:
        assert (response.status, (await response.json())["ok"]) == (200, True)
    webtown.is_well = False
    async with ana.http.get(f"{webtown.url}/healthz") as response:
        assert response.status == 503


async def test_figures_are_for_this_machine_only(webtown):
    ana = webtown.visitor()
    async with ana.http.get(f"{webtown.url}/metrics") as response:
        assert response.status == 200
        assert "gishe_turns_total" in await response.text()
    # Behind a proxy on this machine everybody seems to come from here.
    async with ana.http.get(f"{webtown.url}/metrics", headers={"X-Forwarded-For": "127.0.0.1"}) as response:
        assert response.status == 403


async def test_with_a_token_figures_are_for_whoever_has_it(tmp_path, sqlite_database_url, handbook):
    from tests.webtown import WebTown

    town = WebTown(tmp_path, sqlite_database_url, handbook, METRICS_TOKEN="open-sesame")
    await town.start()
    ana = town.visitor()
    for token, status in (("open-sesame", 200), ("open", 403), ("", 403)):
        async with ana.http.get(f"{town.url}/metrics", headers={"Authorization": f"Bearer {token}"}) as response:
            assert response.status == status
    await town.close()


async def test_the_pages_own_files_are_kept_by_browsers_until_they_change(webtown):
    static, ana = StaticFiles(), webtown.visitor()
    async with ana.http.get(f"{webtown.url}{static.base}/chat.js") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert "immutable" in response.headers["Cache-Control"]
        tag = response.headers["ETag"]
        assert "import" in await response.text()  # Unpacked: it came gzipped.
    async with ana.http.get(f"{webtown.url}/static/old/chat.js", headers={"If-None-Match": tag}) as response:
        assert response.status == 304
        assert "immutable" not in response.headers["Cache-Control"]
    async with ana.http.get(f"{webtown.url}/widget.js") as response:
        assert response.headers["Content-Type"].startswith("text/javascript")


async def test_the_words_of_the_page_exist_in_both_languages(webtown):
    ana = webtown.visitor()
    async with ana.http.get(f"{webtown.url}/chat/words.json?language=en") as response:
        english = await response.json()
    async with ana.http.get(f"{webtown.url}/chat/words.json?language=bg") as response:
        bulgarian = await response.json()
    assert english["words"].keys() == bulgarian["words"].keys()
    assert english["places"]["montana"] == "Montana Municipality"
    assert bulgarian["places"]["montana"] == "Община Монтана"
