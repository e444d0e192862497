"""The web chat's cookie, its key, and what the pages carry."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.secrets_file import secret


def test_a_secret_is_made_once_and_only_its_user_reads_it(tmp_path):
    key = secret(tmp_path, "web-session")
    assert len(key) == 32
    assert secret(tmp_path, "web-session") == key
    assert stat.S_IMODE((tmp_path / "web-session.key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["web-session.key"]


def test_two_who_need_a_secret_at_once_get_the_same(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret(tmp_path, "web-session"), range(32)))
    assert len(keys) == 1


def test_a_damaged_secret_is_named(tmp_path):
    (tmp_path / "web-session.key").write_bytes(b"short")
    with pytest.raises(ValueError, match="damaged"):
        secret(tmp_path, "web-session")


async def test_a_visitor_gets_a_cookie_and_keeps_it(webtown):
    ana = webtown.visitor()
    async with ana.http.get(f"{webtown.url}/chat") as response:
        cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=34560000" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie  # On a plain address browsers would drop it.
    first = ana.cookie
    await ana.opens()
    assert ana.cookie == first


async def test_over_https_the_cookie_never_travels_in_the_open(secure_webtown):
    async with secure_webtown.visitor().http.get(f"{secure_webtown.url}/chat") as response:
        assert "Secure" in response.headers["Set-Cookie"]
        assert response.headers["Strict-Transport-Security"]


async def test_in_a_frame_of_another_site_there_is_a_cookie_of_its_own(secure_webtown):
    async with secure_webtown.visitor().http.get(f"{secure_webtown.url}/chat/montana?embed=1") as response:
        cookie = response.headers["Set-Cookie"]
        assert "frame-ancestors *" in response.headers["Content-Security-Policy"]
    assert cookie.startswith("gishe_embedded=")
    assert "SameSite=None" in cookie
    assert "Partitioned" in cookie
    assert "Secure" in cookie


@pytest.mark.parametrize("cookie", ["", "x", "Ab1" * 900, "Qokk2aW3kyx8uZaftm0fxQ.forged", "..", "й"])
async def test_a_forged_cookie_begins_a_fresh_session_calmly(webtown, cookie):
    ana, eve = webtown.visitor(), webtown.visitor()
    await ana.opens()
    async with eve.http.get(f"{webtown.url}/chat", headers={"Cookie": f"gishe={cookie}"}) as response:
        assert response.status == 200
        assert response.headers["Set-Cookie"].startswith("gishe=")
    eve.wears(ana.cookie[:-2] + "AA")
    await eve.opens()
    assert eve.cookie.split(".")[0] != ana.cookie.split(".")[0]


async def test_no_page_allows_inline_scripts_or_foreign_files(webtown):
    ana = webtown.visitor()
    for path in ("/", "/chat", "/chat/montana", "/no-such-page", "/qr/card_x.svg", "/healthz"):
        async with ana.http.get(webtown.url + path, headers={"Accept": "text/html"}) as response:
            policy = response.headers["Content-Security-Policy"]
            text = await response.text()
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'self'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"]
        assert "aiohttp" not in response.headers["Server"]
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|https?://(?!127)[^\"]+\.(js|css)", text)


async def test_the_page_has_a_language(webtown):
    ana = webtown.visitor()
    assert '<html lang="bg">' in await ana.opens("/chat")
    assert '<html lang="en">' in await ana.opens("/chat", **{"Accept-Language": "en-GB,en;q=0.9,bg;q=0.8"})
    assert '<html lang="bg">' in await ana.opens("/chat", **{"Accept-Language": "fr,de"})
    assert '<html lang="en">' in await ana.opens("/?language=en")
    assert '<html lang="en">' in await ana.opens("/")  # It stays chosen.
    assert '<html lang="bg">' in await ana.opens("/chat?language=bg")
    assert '<html lang="bg">' in await ana.opens("/?language=xx")
