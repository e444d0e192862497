"""What Telegram, the network, the database and strangers can do to us, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from bot.turns import tell
from handlers.words import Option, Say
from storage.handbook import Handbook
from tests.bot_api import BotApi, Person
from tests.desk import SECRET, Desk, eventually


@pytest.fixture
def ana(api: BotApi) -> Person:
    return api.person(5, "Ана")


@pytest.fixture
async def polling(sqlite_database_url: str, handbook: Handbook, api: BotApi) -> AsyncIterator[Desk]:
    """For faults of sending, which do not depend on how updates come. It waits a moment only for answers."""
    async with Desk(sqlite_database_url, handbook, api, read_timeout=0.1) as desk:
        yield desk


@pytest.fixture
async def webhook(sqlite_database_url: str, handbook: Handbook, api: BotApi) -> AsyncIterator[Desk]:
    async with Desk(sqlite_database_url, handbook, api, webhook=True) as desk:
        await eventually(_status(desk), lambda status: status == "ok")
        yield desk


def _status(desk: Desk) -> Callable[[], Any]:
    async def look() -> str:
        return desk.telegram.status

    return look


async def _row(desk: Desk) -> Any:
    (row,) = await desk.rows("SELECT state, attempts, reason FROM outgoing")
    return row


# --- Sending ---


async def test_retry_after_is_obeyed_to_the_second(polling: Desk, api: BotApi, ana: Person) -> None:
    api.fail_next("sendMessage", retry_after=1)
    ana.says("/help")
    await api.called("sendMessage")
    refused = asyncio.get_running_loop().time()
    await ana.hears("Какво мога")
    assert asyncio.get_running_loop().time() - refused >= 1.0 - 0.05  # The answer is on its way for a moment.
    await polling.settles("sent")
    assert (await _row(polling)).attempts == 1


async def test_one_refused_chat_does_not_silence_the_others(polling: Desk, api: BotApi, ana: Person) -> None:
    api.fail_next("sendMessage", retry_after=3600, chat_id=5)
    ana.says("/help")
    await api.called("sendMessage")
    boris = api.person(6, "Борис")
    boris.says("/help")
    await boris.hears("Какво мога")
    assert ana.texts == []


async def test_a_second_refused_chat_means_the_whole_bot(polling: Desk, api: BotApi, ana: Person) -> None:
    people = [ana, api.person(6), api.person(7)]
    for count, person in enumerate(people[:2], 1):
        api.fail_next("sendMessage", retry_after=3600, chat_id=person.chat.id)
        person.says("/help")
        await api.called("sendMessage", count)
    await eventually(polling.said, lambda found: found == ["due", "due"])
    people[2].says("/help")
    await api.taken()
    await eventually(polling.said, lambda found: len(found) == 3)
    assert polling.lanes.pop(asyncio.get_running_loop().time()) is None
    assert len(api.sent()) == 2


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_failure_of_telegrams_own_is_tried_again(polling: Desk, api: BotApi, ana: Person, status: int) -> None:
    api.fail_next("sendMessage", status=status, description="Internal Server Error: restart")
    ana.says("/help")
    await ana.hears("Какво мога")
    await polling.settles("sent")
    assert (await _row(polling)).attempts == 2
    assert len(ana.texts) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 502, 503])
async def test_a_page_of_something_in_between_says_nothing_about_the_person(
    polling: Desk, api: BotApi, ana: Person, status: int
) -> None:
    api.html_next("sendMessage", status=status)
    ana.says("/help")
    await ana.hears("Какво мога")
    await polling.settles("sent")
    assert (await _row(polling)).attempts == 1  # It was not the letter's fault.


@pytest.mark.parametrize("fault", ["hang_next", "close_next"])
async def test_an_answer_is_repeated_once_when_nobody_knows(
    polling: Desk, api: BotApi, ana: Person, fault: str
) -> None:
    getattr(api, fault)("sendMessage", after_accepting=False)
    ana.says("/help")
    await ana.hears("Какво мога")
    await polling.settles("sent")
    assert (await _row(polling)).attempts == 2


async def test_an_answer_that_stays_unsure_is_recorded_so(polling: Desk, api: BotApi, ana: Person) -> None:
    api.hang_next("sendMessage", times=2)
    ana.says("/help")
    await polling.settles("unknown")
    assert len(ana.texts) == 2  # Both arrived; this is the only case in which anything may.
    assert (await _row(polling)).attempts == 2


async def test_what_cannot_leave_us_waits_until_it_can(polling: Desk, api: BotApi, ana: Person) -> None:
    ana.says("/help")
    await ana.hears("Какво мога")
    await polling.settles("sent")
    port = int(api.url.rsplit(":", 1)[1])
    ana.says("/help")
    await eventually(polling.said, lambda found: len(found) == 2)
    await ana.hears("Какво мога")
    await api.stop()
    async with polling.store.writing() as db:
        conversation = (await polling.rows("SELECT id FROM conversations"))[0].id
        letters = await tell(db, conversation, Say(text="after the storm"))
    polling.post(letters)
    await eventually(lambda: _reason(polling), lambda found: "ECONNREFUSED" in (found or ""))
    await api.start(port)
    await ana.hears("after the storm")
    await polling.settles("sent", "sent", "sent")


async def _reason(desk: Desk) -> str | None:
    return str((await desk.rows("SELECT reason FROM outgoing ORDER BY id DESC LIMIT 1"))[0].reason)


async def test_a_message_that_telegram_will_never_take_is_an_alarm(polling: Desk, api: BotApi, ana: Person) -> None:
    api.fail_next("sendMessage", status=400, description="Bad Request: BUTTON_URL_INVALID")
    ana.says("/help")
    await polling.settles("failed")
    assert "URL_INVALID" in (await _row(polling)).reason.upper()
    ana.says("/help")
    await ana.hears("Какво мога")


async def test_without_its_markup_a_message_still_says_its_words(polling: Desk, api: BotApi, ana: Person) -> None:
    api.fail_next("sendMessage", status=400, description="Bad Request: can't parse entities: unexpected end tag")
    ana.says("/help")
    message = await ana.hears("Какво мога")
    assert "entities" not in message.data
    assert message.buttons
    await polling.settles("sent")


@pytest.mark.parametrize(("refusal", "messages"), [("message is not modified", 2), ("message to edit not found", 3)])
async def test_a_menu_that_cannot_be_rewritten(
    polling: Desk, api: BotApi, ana: Person, refusal: str, messages: int
) -> None:
    ana.start("m_montana")
    await ana.hears("Община Монтана")
    api.fail_next("editMessageText", status=400, description=f"Bad Request: {refusal}")
    ana.presses("Помощ")
    await polling.settles("sent", "sent")
    assert len(ana.chat.messages) == messages


async def test_a_long_text_comes_in_pieces_each_at_the_pace(
    sqlite_database_url: str, handbook: Handbook, api: BotApi, ana: Person
) -> None:
    words = "\n\n".join(f"{number}. " + "ж" * 1000 for number in range(9))
    began = api.flood.clock()
    async with Desk(sqlite_database_url, handbook, api, rate=30, per_chat=4.0) as desk:
        ana.says("/help")
        await ana.hears("Какво мога")
        async with desk.store.writing() as db:
            conversation = (await desk.rows("SELECT id FROM conversations"))[0].id
            letters = await tell(db, conversation, Say(text=words, choices=[[Option("Меню", "menu")]]))
        desk.post(letters)
        await desk.settles("sent", "sent")
    assert "".join(text.replace("\n", "") for text in ana.texts[1:]) == words.replace("\n", "")
    assert [bool(message.buttons) for message in ana.heard[1:]] == [False, False, True]
    assert api.flood.accepted[-1][0] - began >= 3 / 4  # Three messages came before the last.


# --- Receiving ---


async def test_a_conflict_and_its_end(sqlite_database_url: str, handbook: Handbook, api: BotApi, ana: Person) -> None:
    api.fail_next("getUpdates", status=409, description="Conflict: terminated by other getUpdates request", times=3)
    async with Desk(sqlite_database_url, handbook, api) as desk:
        await eventually(_status(desk), lambda status: "Another program polls" in status)
        ana.says("/help")
        await ana.hears("Какво мога")
        await eventually(_status(desk), lambda status: status == "ok")


async def test_a_wrong_token_leaves_the_bot_alive(sqlite_database_url: str, handbook: Handbook, api: BotApi) -> None:
    async with Desk(sqlite_database_url, handbook, api, token="424242:wrong") as desk:
        await eventually(_status(desk), lambda status: "token was refused" in status)
        assert "wrong" not in desk.telegram.status


async def test_telegram_out_of_reach_is_said_and_overcome(polling: Desk, api: BotApi, ana: Person) -> None:
    port = int(api.url.rsplit(":", 1)[1])
    await api.stop()
    await eventually(_status(polling), lambda status: "out of reach" in status)
    await api.start(port)
    ana.says("/help")
    await ana.hears("Какво мога")


async def test_a_repeated_delivery_changes_nothing(desk: Desk, api: BotApi, ana: Person) -> None:
    ana.says("/help")
    await ana.hears("Какво мога")
    await api.taken()
    api.updates.repeat()
    await desk.is_idle()
    assert await desk.heard() == [("text", "handled")]
    assert len(ana.texts) == 1


async def test_changing_between_polling_and_webhook_loses_nothing(
    sqlite_database_url: str, handbook: Handbook, api: BotApi, ana: Person
) -> None:
    spoken = 0
    for webhook in (False, True, False, True):
        for _ in range(5):  # These wait while the bot is away.
            spoken += 1
            ana.says(f"/help {spoken}")
        async with Desk(sqlite_database_url, handbook, api, webhook=webhook) as desk:
            await desk.is_idle()
            assert await _texts(desk) == [f"/help {number}" for number in range(1, spoken + 1)]


async def _texts(desk: Desk) -> list[str]:
    return [json.loads(row.content)["text"] for row in await desk.rows("SELECT content FROM incoming ORDER BY id")]


NEWER: dict[str, dict[str, Any]] = {
    "a kind of update": {"star_gift_auction": {"id": "1"}},
    "a kind of chat": {"message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "metaverse"}}},
    "nothing": {},
    "nonsense": {"message": {}},
    "a number": {"message": 7},
    "missing fields": {"message": {"message_id": 1, "chat": {"id": 5}}},
    "a press without a message": {"callback_query": {"id": "1", "from": {"id": 5, "is_bot": False, "first_name": "A"},
                                                     "chat_instance": "1"}},
}  # fmt: skip


@pytest.mark.parametrize("what", NEWER)
async def test_what_we_do_not_know_is_acknowledged(webhook: Desk, what: str) -> None:
    assert await _deliver(webhook, {"update_id": 1, **NEWER[what]}) == 200
    assert await webhook.heard() == []


@pytest.mark.parametrize(
    "content",
    [
        {"hologram": {"file_id": "x"}},
        {"photo": [{"size_of_a_newer_kind": 1}]},
    ],
)
async def test_a_message_of_a_newer_kind_is_kept_and_answered(
    webhook: Desk, ana: Person, content: dict[str, Any]
) -> None:
    ana.chat.started = True
    head = {"message_id": 1, "date": 1, "chat": ana.chat.json(), "from": ana.user}
    assert await _deliver(webhook, {"update_id": 1, "message": head | content}) == 200
    await ana.hears("с думи")
    assert await webhook.heard() == [("unknown", "handled")]


async def _deliver(desk: Desk, update: Any, secret: str = SECRET, **more: Any) -> int:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    async with aiohttp.ClientSession() as session, session.post(desk.url, data=body, headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", "тайна", "\udcff"])
async def test_who_does_not_know_the_secret_is_turned_away(webhook: Desk, ana: Person, secret: str) -> None:
    head = {"message_id": 1, "date": 1, "chat": ana.chat.json(), "from": ana.user, "text": "/help"}
    if secret == "\udcff":  # No text at all.
        assert await _raw_status(webhook, b"\xff\xfe") == 403
    else:
        assert await _deliver(webhook, {"update_id": 1, "message": head}, secret) == 403
    assert await webhook.heard() == []


async def _raw_status(desk: Desk, secret: bytes) -> int:
    host, _slash, path = desk.url.removeprefix("http://").partition("/")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    lines = [f"POST /{path} HTTP/1.1", f"Host: {host}", "Content-Length: 2", "Connection: close"]
    head = "\r\n".join(lines).encode() + b"\r\nX-Telegram-Bot-Api-Secret-Token: " + secret
    writer.write(head + b"\r\n\r\n{}")
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b"null", b'{"update_id": "x"}', b"{}", b"\xff\xfe", b"[" * 9999]
)
async def test_what_is_no_update_is_refused(webhook: Desk, body: bytes) -> None:
    assert await _deliver(webhook, body) == 400


async def test_a_body_of_two_megabytes_is_refused(webhook: Desk) -> None:
    assert await _deliver(webhook, {"update_id": 1, "filler": "x" * (2 << 20)}) == 413


# --- The database ---


async def test_a_full_disk_is_not_acknowledged_and_answered_once_later(desk: Desk, api: BotApi, ana: Person) -> None:
    async def not_kept() -> int:
        return desk.inbox.counts.not_kept

    spoken = [f"/help {number} " + "ж" * 4000 for number in range(4)]
    ana.says(spoken[0])
    await ana.hears()
    await desk.is_idle()
    await _limit_pages(desk, 1)  # No page more than there are.
    for words in spoken[1:]:
        ana.says(words)
    await eventually(not_kept, lambda count: count > 2)
    assert len(api.updates.pending) == 3
    await _limit_pages(desk, 1_000_000)
    await desk.is_idle()
    assert await _texts(desk) == spoken
    assert len(ana.texts) == 4


async def _limit_pages(desk: Desk, pages: int) -> None:
    """A real SQLITE_FULL: the one connection that writes may not let the file grow."""
    async with desk.store.writing() as db:
        await db.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
