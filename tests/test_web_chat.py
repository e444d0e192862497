"""The web chat's conversation over its WebSocket: kept, once, in order, resumed, in every tab."""

import asyncio
from uuid import uuid4

import aiohttp
import pytest
from sqlalchemy import func, select

from bot.inbox import NotKept
from bot.web.flood import Buckets, Floods, Seats
from handlers.words import Heard
from storage import messages, people
from storage.models import conversations, incoming, outgoing

STATES = select(outgoing.c.id, outgoing.c.state).order_by(outgoing.c.id)
TEXTS = select(incoming.c.content, incoming.c.key).where(incoming.c.kind == "text").order_by(incoming.c.id)


async def until(condition):
    """Wait until an awaitable says yes; the test's own time limit ends the waiting."""
    while not await condition():
        await asyncio.sleep(0.01)


async def test_a_question_is_answered_and_confirmed(webtown):
    ana = await webtown.visitor().connects()
    assert ana.welcome["fresh"]
    greeting = await ana.greets()
    assert greeting["choices"][0][0]["n"] == 1
    key = await ana.says("/help")
    answer = await ana.hears("message")
    kept = await ana.hears("kept")
    assert kept["key"] == key
    assert int(greeting["id"]) < int(kept["id"]) < int(answer["id"])
    assert kept["language"] == "en"


async def test_a_choice_is_pressed_and_its_message_rewritten(webtown):
    ana = await webtown.visitor().connects()
    await ana.greets()
    menu = await ana.asks("/menu")
    language = next(c for row in menu["choices"] for c in row if "Language" in c["label"])
    await ana.sends(t="press", key=str(uuid4()), token=language["token"])
    rewritten = await ana.hears("message")
    assert rewritten["replaces"] == menu["id"]
    bulgarian = next(c for row in rewritten["choices"] for c in row if c["label"] == "Български")
    await ana.sends(t="press", key=str(uuid4()), token=bulgarian["token"])
    assert (await ana.hears("kept"))["language"] == "en"
    assert (await ana.hears("kept"))["language"] == "bg"


async def test_a_municipality_is_chosen_by_its_address(webtown):
    ana = await webtown.visitor().connects()
    await ana.sends(t="open", key=str(uuid4()), payload="m_montana")
    assert (await ana.hears("kept"))["municipality"] == "montana"


async def test_the_same_key_is_taken_once_and_confirmed_every_time(webtown):
    ana = await webtown.visitor().connects()
    await ana.greets()
    key = await ana.says("/help")
    first = await ana.hears("kept")
    await ana.says("/help", key)
    assert await ana.hears("kept") == first
    assert [row.key.split(":")[1] for row in await webtown.rows(TEXTS)] == [key]


async def test_a_key_of_somebody_else_does_no_harm(webtown):
    ana, eve = await webtown.visitor().connects(), await webtown.visitor().connects()
    key = await ana.says("/help")
    await ana.hears("kept")
    await eve.says("/menu", key)
    await eve.hears("kept")
    assert [row.content["text"] for row in await webtown.rows(TEXTS)] == ["/help", "/menu"]


async def test_what_was_said_while_the_page_was_away_comes_when_it_is_back(webtown):
    visitor = webtown.visitor()
    ana = await visitor.connects()
    greeting = await ana.greets()
    await ana.sends(t="got", ids=[greeting["id"]])
    await until(lambda: _state_is(webtown, greeting["id"], "delivered"))
    await ana.hangs_up()
    await until(lambda: _nobody_is_connected(webtown))
    said = await _tell_everybody(webtown, "News")
    ana = await visitor.connects(seen=greeting["id"])
    assert [frame["text"] for frame in ana.welcome["messages"] if not frame.get("mine")] == ["News"]
    await ana.sends(t="got", ids=[said])
    await until(lambda: _state_is(webtown, said, "delivered"))
    ana = await visitor.connects(seen=said)
    assert ana.welcome["messages"] == []


async def test_messages_wait_through_a_restart_of_the_server(webtown):
    visitor = webtown.visitor()
    ana = await visitor.connects()
    greeting = await ana.greets()
    key = await ana.says("/help")
    await ana.hears("kept")
    await webtown.stop()
    await webtown.start()
    ana = await visitor.connects(seen=greeting["id"])
    again, mine, answer = ana.welcome["messages"]
    assert again["id"] == greeting["id"]  # Never confirmed: the page passes over what it has.
    assert (mine["mine"], mine["key"], mine["text"]) == (True, key, "/help")
    assert "state" not in answer  # The page never confirmed it.


async def test_pages_are_asked_to_come_back_when_the_server_stops(webtown):
    ana = await webtown.visitor().connects()
    closing = asyncio.create_task(webtown.runner.cleanup())
    assert await ana.is_closed_with() == 1012
    await closing


async def test_both_tabs_of_a_session_see_everything_once(webtown):
    visitor = webtown.visitor()
    one, other = await visitor.connects(), await visitor.connects()
    await one.greets()
    await other.hears("message")
    key = await one.says("/help")
    assert (await one.hears("message"))["text"] == (await other.hears("message"))["text"]
    mine = await other.hears("message")
    assert (mine["mine"], mine["text"], mine["key"]) == (True, "/help", key)


async def test_what_is_pushed_while_a_page_says_hello_is_not_lost(webtown):
    visitor = webtown.visitor()
    ana = await visitor.connects()
    greeting = await ana.greets()
    line = await visitor.dials()
    await until(lambda: _pages_are(webtown, 2))
    said = await _tell_everybody(webtown, "Meanwhile")
    await line.sends(t="hello", language="en", seen=greeting["id"])
    welcome = await line.hears("welcome")
    assert said in [frame["id"] for frame in welcome["messages"]]


async def test_a_receipt_turns_no_state_back(webtown):
    ana = await webtown.visitor().connects()
    said = (await ana.greets())["id"]
    await ana.sends(t="saw", ids=[said])
    await until(lambda: _state_is(webtown, said, "seen"))
    await ana.sends(t="got", ids=[said])
    await ana.asks("/help")
    await webtown.channel._write()
    assert await _state_is(webtown, said, "seen")


async def test_a_page_that_never_confirms_was_at_least_sent_to(webtown):
    ana = await webtown.visitor().connects()
    said = (await ana.greets())["id"]
    await webtown.channel._write(everything=True)
    assert await _state_is(webtown, said, "sent")


async def test_nobody_confirms_somebody_elses_messages(webtown):
    ana, eve = await webtown.visitor().connects(), await webtown.visitor().connects()
    said = (await ana.greets())["id"]
    await eve.greets()
    await eve.sends(t="saw", ids=[said])
    await eve.asks("/help")
    await webtown.channel._write()
    assert not await _state_is(webtown, said, "seen")


async def test_the_history_comes_in_pages_back_to_the_beginning(webtown):
    visitor = webtown.visitor()
    webtown.floods.said.burst = webtown.floods.said_by_address.burst = 1000
    ana = await visitor.connects()
    await ana.greets()
    for number in range(30):
        await ana.asks(f"/help {number}")
    ana = await visitor.connects()
    pages = [ana.welcome]
    assert len(ana.welcome["messages"]) == 40
    while pages[-1]["more"]:
        await ana.sends(t="older", before=pages[-1]["first"])
        pages.append(await ana.hears("history"))
    ids = [int(frame["id"]) for page in reversed(pages) for frame in page["messages"]]
    assert ids == sorted(set(ids))
    assert len(ids) == 61


async def test_of_a_rewritten_message_only_the_last_version_comes_back(webtown):
    visitor = webtown.visitor()
    ana = await visitor.connects()
    await ana.greets()
    menu = await ana.asks("/menu")
    first, after = menu["id"], await ana.asks("/help")
    for _ in range(3):
        pressed = menu["choices"][-1][0]["token"]
        await ana.sends(t="press", key=str(uuid4()), token=pressed)
        menu = await ana.hears("message")
        await ana.hears("kept")
    ana = await visitor.connects()
    shown = [frame for frame in ana.welcome["messages"] if not frame.get("mine")]
    assert [frame["id"] for frame in shown][-2:] == [menu["id"], after["id"]]
    assert shown[-2]["place_of"] == first
    assert first in shown[-2]["covers"]


async def test_another_process_wakes_the_pages_here(webtown):
    ana = await webtown.visitor().connects()
    await ana.greets()
    async with webtown.store.writing() as db:
        place = await db.value(select(conversations.c.id))
        said = messages.say(db, place, {"text": "From elsewhere"}, channel="web", lane=1)
    webtown.channel.wake([place])
    assert (await ana.hears("message"))["id"] == str(said)


# --- What is refused ---


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": ""}],
)
async def test_a_page_of_another_site_cannot_connect(webtown, headers):
    visitor = webtown.visitor()
    await visitor.opens()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await visitor.dials(**headers)
    assert refused.value.status == 403


async def test_the_public_address_is_our_own_too(secure_webtown):
    visitor = secure_webtown.visitor()
    await visitor.dials(Origin="https://gishe.example.bg")


async def test_without_a_session_the_page_is_told_to_fetch_one(webtown):
    line = await webtown.visitor().dials()
    assert await line.is_closed_with() == 4401


MALFORMED = ["", "x", "[]", "7", "null", '"say"', "{}", '{"t":7}', '{"t":"say"}', '{"t":"say","key":"1","text":"a"}',
             '{"t":"press","key":"K","token":7}', '{"t":"place","key":"K","lat":91,"lon":0}',
             '{"t":"place","key":"K","lat":true,"lon":0}', '{"t":"place","key":"K","lat":NaN,"lon":0}',
             '{"t":"open","key":"K","payload":"a b"}', '{"t":"files","key":"K","files":[]}',
             '{"t":"files","key":"K","files":"1"}', '{"t":"say","key":"K","text":["a"]}', '{"t":"say","key":["K"]}',
             '{"t":"say","key":"K","text":"\\ud800"}', "{" * 10_000]  # fmt: skip


@pytest.mark.parametrize("data", MALFORMED)
async def test_a_malformed_frame_is_refused_and_the_page_goes_on(webtown, data):
    ana = await webtown.visitor().connects()
    await ana.greets()
    await ana.ws.send_str(data.replace('"K"', f'"{uuid4()}"'))
    assert (await ana.hears("refused"))["why"] == "malformed"
    await ana.asks("/help")


@pytest.mark.parametrize(("text", "why"), [("a" * 4001, "long"), ("", "empty"), (" \n ", "empty"), ("\0", "empty")])
async def test_a_text_that_cannot_be_taken_is_refused_with_its_reason(webtown, text, why):
    ana = await webtown.visitor().connects()
    await ana.greets()
    key = await ana.says(text)
    refused = await ana.hears("refused")
    assert (refused["key"], refused["why"]) == (key, why)


async def test_odd_receipts_and_wishes_are_passed_over(webtown):
    ana = await webtown.visitor().connects()
    await ana.greets()
    for ids in (None, 7, ["x", "-1", "9" * 30, None, {}, "0"], ["1"] * 5000):
        await ana.sends(t="got", ids=ids)
    await ana.sends(t="older", before="x")
    assert (await ana.hears("history"))["messages"] == []


async def test_a_frame_that_is_too_large_ends_the_connection(webtown):
    ana = await webtown.visitor().connects()
    await ana.ws.send_str("x" * (70 << 10))
    assert await ana.is_closed_with() == 1009


async def test_who_writes_too_fast_is_told_when_to_go_on(webtown):
    webtown.parts.floods = Floods(said=Buckets(3, 0.5))
    ana = await webtown.visitor().connects()
    keys = [await ana.says("/help") for _ in range(4)]
    refused = await ana.hears("refused")
    assert (refused["key"], refused["why"]) == (keys[3], "flood")
    assert 0 < refused["seconds"] <= 2.1


async def test_a_storm_of_frames_ends_the_connection(webtown):
    ana = await webtown.visitor().connects()
    for _ in range(200):
        await ana.sends(t="ping")
    assert await ana.is_closed_with() == 4429


async def test_open_pages_are_counted(webtown):
    webtown.parts.floods = Floods(sockets=Seats(2))
    visitor = webtown.visitor()
    first = await visitor.connects()
    await visitor.connects()
    third = await visitor.dials()
    assert await third.is_closed_with() == 4429
    await first.hangs_up()
    await until(lambda: _pages_are(webtown, 1))
    await visitor.connects()


async def test_new_sessions_of_one_address_are_limited(webtown):
    webtown.parts.floods = Floods(sessions=Buckets(2, 0.001))
    statuses = []
    for _ in range(3):
        async with webtown.visitor().http.get(f"{webtown.url}/chat") as response:
            statuses.append(response.status)
    assert statuses == [200, 200, 429]


async def test_what_the_database_could_not_keep_is_not_confirmed(webtown):
    class Stumbling:
        async def hear(self, heard: Heard) -> None:
            raise NotKept("disk full")

    webtown.parts.inbox = Stumbling()
    ana = await webtown.visitor().connects()
    key = await ana.says("/help")
    later = await ana.hears("later")
    assert later["key"] == key
    assert later["seconds"] > 0


async def test_a_slow_turn_shows_the_typing_sign_in_every_tab(webtown):
    go_on = asyncio.Event()
    inbox = webtown.inbox

    class Slow:
        async def hear(self, heard: Heard) -> None:
            await go_on.wait()
            await inbox.hear(heard)

    webtown.parts.inbox = Slow()
    visitor = webtown.visitor()
    one, other = await visitor.connects(), await visitor.connects()
    await one.says("/help")
    await one.hears("typing")
    await other.hears("typing")
    go_on.set()
    await one.hears("kept")


async def test_a_wrong_clock_of_the_browser_is_not_believed(webtown):
    ana = await webtown.visitor().connects()
    for at in (
        "2099-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "yesterday",
        None,
        "2026-11-24T10:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ):
        await ana.sends(t="say", key=str(uuid4()), text="/help", at=at)
        await ana.hears("kept")
    rows = await webtown.rows(select(incoming.c.said_at, incoming.c.heard_at))
    assert all(abs((row.heard_at - row.said_at).total_seconds()) < 60 for row in rows)


async def test_no_conversation_begins_by_only_looking(webtown):
    await webtown.visitor().connects()
    assert await webtown.rows(select(func.count()).select_from(conversations)) == [(0,)]


async def _tell_everybody(webtown, text: str) -> str:
    """A notice to whoever has a conversation; returns its number."""
    async with webtown.store.writing() as db:
        place = await db.value(select(conversations.c.id))
        to = await people.conversation(db, place)
        said = messages.say(db, place, {"text": text}, channel="web", lane=1)
    webtown.post([messages.Letter(said, place, "web", to.external, False, 1, {"text": text})])
    return str(said)


async def _state_is(webtown, said: str, state: str) -> bool:
    return (int(said), state) in [tuple(row) for row in await webtown.rows(STATES)]


async def _nobody_is_connected(webtown) -> bool:
    return webtown.channel.open_pages == 0


async def _pages_are(webtown, count: int) -> bool:
    return webtown.channel.open_pages == count
