"""The public archive of announcements, and an announcement as it arrives in the web chat."""

import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import aiohttp

from bot.broadcasting import Broadcaster
from handlers import announcement_sending
from storage import announcements, audiences
from storage.audiences import Audience
from tests.webtown import WebTown

TEXT = "Утре *няма вода* <script>. Вижте [сайта](https://montana.bg)."
WORDS = "Утре няма вода <script>. Вижте сайта."


async def _author(town: WebTown) -> tuple[int, int]:
    """Somebody of the town, known by their conversation."""
    visitor = town.visitor()
    line = await visitor.connects()
    await line.greets("m_montana")
    await line.hangs_up()
    async with town.store.reading() as db:
        found, _upto = await audiences.window(db, Audience(("montana",)), "ordinary", 0)
    return found[-1].person_id, found[-1].conversation_id


async def _announced(town: WebTown, text: str = TEXT, **more: object) -> announcements.Announcement:
    person, place = await _author(town)
    async with town.store.writing() as db:
        one = announcements.begin(
            db, author_id=person, conversation_id=place, municipality="montana", **more,  # type: ignore[arg-type]
        )  # fmt: skip
        announcements.change(db, one, texts={"bg": text})
        await announcements.start(db, one, announcement_sending.digests(one))
    return one


def _broadcaster(town: WebTown) -> Broadcaster:
    return Broadcaster(town.store, town.library, town.translators, town.post, {})


async def test_archive_shows_the_text_and_its_digest_which_anybody_can_check(webtown: WebTown) -> None:
    one = await _announced(webtown, is_emergency=True)
    await _broadcaster(webtown).step()
    reader = webtown.visitor()
    shown = await reader.opens("/announcements/montana", **{"Accept-Language": "bg"})
    assert "<strong>няма вода</strong> &lt;script&gt;" in shown
    assert '<a href="https://montana.bg" rel="noopener noreferrer">сайта</a>' in shown
    assert "Спешно съобщение" in shown
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{webtown.url}/announcements/montana/{one.id:x}.bg.txt") as response:
            body = await response.read()
        for wrong in (f"belene/{one.id:x}.bg", f"montana/{one.id:x}.en", "montana/1.bg"):
            async with http.get(f"{webtown.url}/announcements/{wrong}.txt") as response:
                assert response.status == 404
    assert body.decode() == WORDS
    assert hashlib.sha256(body).hexdigest() in shown
    assert "Announcements" in await reader.opens("/announcements/montana?language=en")


async def test_corrections_stand_with_what_they_correct(webtown: WebTown) -> None:
    one = await _announced(webtown)
    async with webtown.store.writing() as db:
        child = announcements.begin(
            db, author_id=one.author_id, conversation_id=one.conversation_id, municipality="montana", corrects=one
        )
        announcements.change(db, child, texts={"bg": "Водата дойде."})
        await announcements.start(db, child, announcement_sending.digests(child))
    shown = await webtown.visitor().opens("/announcements/montana", **{"Accept-Language": "bg"})
    assert shown.index("Водата дойде.") < shown.index("няма вода")
    assert "поправено" in shown
    assert shown.count("<article") == 1


async def test_drafts_circles_and_other_places_are_not_shown(webtown: WebTown) -> None:
    person, place = await _author(webtown)
    async with webtown.store.writing() as db:
        draft = announcements.begin(db, author_id=person, conversation_id=place, municipality="montana")
        announcements.change(db, draft, texts={"bg": "Чернова"})
        inner = announcements.begin(db, author_id=person, conversation_id=place, municipality="montana")
        announcements.change(db, inner, texts={"bg": "Само за служители"}, audience=Audience(roles=("staff",)))
        await announcements.start(db, inner, {})
    shown = await webtown.visitor().opens("/announcements/montana", **{"Accept-Language": "bg"})
    assert "Още няма съобщения." in shown
    assert "Само за служители" not in shown
    async with aiohttp.ClientSession() as http, http.get(f"{webtown.url}/announcements/nowhere") as response:
        assert response.status == 404


async def test_it_arrives_on_an_open_page_is_corrected_there_and_waits_for_a_closed_one(webtown: WebTown) -> None:
    anna, boris = webtown.visitor(), webtown.visitor()
    page = await anna.connects()
    await page.greets("m_montana")
    away = await boris.connects()
    await away.greets("m_montana")
    await away.hangs_up()
    one = await _announced(webtown)
    await _broadcaster(webtown).step()
    frame = await page.hears("message")
    assert {"b": "няма вода"} in frame["text"]
    back = await boris.connects(seen="0")
    assert any({"b": "няма вода"} in message["text"] for message in back.welcome["messages"])

    async with webtown.store.writing() as db:
        child = announcements.begin(
            db, author_id=one.author_id, conversation_id=one.conversation_id, municipality="montana", corrects=one
        )
        announcements.change(db, child, texts={"bg": "Водата дойде."})
        await announcements.start(db, child, announcement_sending.digests(child))
    await _broadcaster(webtown).step()
    rewritten = await page.hears("message")
    assert rewritten["replaces"] == frame["id"]
    assert "Водата дойде." in rewritten["text"]

    choice = rewritten["choices"][-1][0]
    assert choice["label"].startswith("🔕")
    await page.sends(t="press", key=str(uuid4()), token=choice["token"], at=datetime.now(UTC).isoformat())
    answer = await page.hears("message")
    assert "no more announcements" in str(answer["text"]).lower() or "повече съобщения" in str(answer["text"])
