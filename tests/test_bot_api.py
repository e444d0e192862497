"""The Bot API server of our tests, and our HTTP carrier, against each other and a real `telegram.Bot`."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.telegram_request import AiohttpRequest, NotSent
from tests.bot_api import TOKEN, BotApi, Limit, Person, spec
from tests.bot_api.markup import parse_html
from tests.bot_api.refusals import Refused

STAFF = -1001234567890


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with bot_at(api.url) as bot:
        yield bot


@pytest.fixture
def ana(api: BotApi) -> Person:
    ana = api.person(5, "Ана")
    ana.start()
    return ana


def bot_at(url: str, **options: Any) -> Bot:
    request = AiohttpRequest(**options)
    return Bot(TOKEN, f"{url}/bot", f"{url}/file/bot", request=request, get_updates_request=request)


def keyboard(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )


async def updates_of(bot: Bot) -> list[Update]:
    """Fetch and confirm what waits."""
    updates = await bot.get_updates()
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1)
    return list(updates)


# Our carrier: what went wrong


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        ({"status": 403, "description": "Forbidden: bot was blocked by the user"}, Forbidden, "blocked"),
        ({"retry_after": 7}, RetryAfter, "Retry in 7"),
        ({"migrate_to": STAFF}, ChatMigrated, str(STAFF)),
        ({"status": 400, "description": "Bad Request: chat not found"}, BadRequest, "Chat not found"),
        ({"status": 401, "description": "Unauthorized"}, InvalidToken, "Unauthorized"),
        ({"status": 409, "description": "Conflict: twice"}, Conflict, "twice"),
        ({"status": 500}, NetworkError, "Internal Server Error"),
        ({"status": 599}, NetworkError, "Internal Server Error"),
    ],
)
async def test_telegrams_errors_are_told_apart(api, bot, ana, fault, error, text):
    api.fail_next("sendMessage", **fault)
    with pytest.raises(error, match=text) as caught:
        await bot.send_message(5, "x")
    assert not isinstance(caught.value, NotSent | TimedOut)
    assert ana.heard == []
    await bot.send_message(5, "after the fault")


async def test_a_late_answer_is_a_time_out_and_the_message_may_be_there(api, bot, ana):
    api.hang_next("sendMessage")
    with pytest.raises(TimedOut):
        await bot.send_message(5, "x", read_timeout=0.05)
    assert ana.texts == ["x"]


async def test_a_closed_connection_is_no_time_out_and_leaves_us_guessing(api, bot, ana):
    api.close_next("sendMessage")
    with pytest.raises(NetworkError) as caught:
        await bot.send_message(5, "x")
    assert type(caught.value) is NetworkError
    assert ana.texts == ["x"]


@pytest.mark.parametrize("status", [200, 502, 503])
async def test_a_page_from_something_in_between_is_a_network_error(api, bot, status):
    api.html_next("getWebhookInfo", status=status)
    with pytest.raises(NetworkError) as caught:
        await bot.get_webhook_info()
    assert type(caught.value) is NetworkError


async def test_a_refused_connection_means_that_nothing_was_sent():
    async with BotApi() as gone:
        url = gone.url
    bot = bot_at(url)
    await bot.request.initialize()
    with pytest.raises(NotSent, match=r"ClientConnectorError ECONNREFUSED at 127\.0\.0\.1"):
        await bot.send_message(5, "x")
    await bot.request.shutdown()


async def test_no_free_connection_means_that_nothing_was_sent(api, ana):
    async with bot_at(api.url, connection_limit=1, connect_timeout=1) as bot:
        api.hang_next("sendMessage")
        first = asyncio.create_task(bot.send_message(5, "first"))
        await ana.hears("first")
        with pytest.raises(NotSent) as caught:
            await bot.send_message(5, "second", pool_timeout=0.02, connect_timeout=0.02)
        assert TOKEN not in "".join(traceback.format_exception(caught.value, chain=True))
        api.release()
        with pytest.raises(NetworkError):
            await first
    assert ana.texts == ["first"]


async def test_a_server_that_takes_no_bytes_does_not_hold_us_for_ever():
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        await done.wait()
        writer.close()

    done = asyncio.Event()
    server = await asyncio.start_server(silent, "127.0.0.1", 0, limit=1)
    request = AiohttpRequest(read_timeout=0.05, pool_timeout=0.05, connect_timeout=0.05, media_write_timeout=0.01)
    bot = Bot(TOKEN, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/bot", request=request)
    await request.initialize()
    with pytest.raises(TimedOut):
        await bot.send_document(5, BytesIO(bytes(20 << 20)))
    await request.shutdown()
    done.set()
    server.close()


FAULTS: dict[str, Callable[[BotApi], None]] = {
    "hang": lambda api: api.hang_next(),
    "close": lambda api: api.close_next(),
    "html": lambda api: api.html_next(),
    "not json": lambda api: api.html_next(status=200),
    "answer": lambda api: api.fail_next(description=f"proxy: http://x/bot{TOKEN}/sendMessage failed"),
}
CALLS: dict[str, Callable[[Bot], Awaitable[Any]]] = {
    "post": lambda bot: bot.send_message(5, "x", read_timeout=0.05),
    "upload": lambda bot: bot.send_document(5, b"x", read_timeout=0.05, write_timeout=0.05),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", [*FAULTS, "refused"])
async def test_the_token_is_in_no_error_and_no_log_line(api, bot, ana, caplog, fault, call):
    caplog.set_level(logging.DEBUG)
    if fault == "refused":
        await api.stop()
    else:
        FAULTS[fault](api)
    with pytest.raises(TelegramError) as caught:
        await CALLS[call](bot)
    told = "".join(traceback.format_exception(caught.value, chain=True)) + repr(caught.value) + caplog.text
    assert TOKEN not in told
    assert TOKEN.split(":")[1] not in told
    assert caught.value.__cause__ is caught.value.__context__ is None or fault in ("html", "not json", "answer")


async def test_a_failed_download_does_not_tell_the_token(api, bot):
    with pytest.raises(TelegramError) as caught:
        await bot.request.retrieve(f"{api.url}/file/bot{TOKEN}/missing")
    assert TOKEN not in repr(caught.value)


# Our carrier: what goes through


async def test_it_may_be_closed_twice_and_used_again(api, ana):
    request = AiohttpRequest()
    bot = Bot(TOKEN, f"{api.url}/bot", request=request)
    with pytest.raises(NotSent):
        await bot.send_message(5, "too early")
    for words in ("first", "second"):
        await request.initialize()
        await request.initialize()
        await bot.send_message(5, words)
        await request.shutdown()
        await request.shutdown()
    with pytest.raises(NotSent):
        await bot.send_message(5, "too late")
    assert ana.texts == ["first", "second"]


@pytest.mark.parametrize("name", ["молба.pdf", 'кавички "тук".pdf', "letter.pdf"])
async def test_files_go_up_and_come_down_with_their_names(api, bot, ana, name):
    content = bytes(range(256)) * 8192  # 2 MiB
    sent = await bot.send_document(5, BytesIO(content), filename=name, caption="<b>Вх. №</b> 1", parse_mode="HTML")
    assert sent.document.file_name == name
    assert ana.heard[-1].text == "Вх. № 1"
    file = await bot.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == content


async def test_a_name_with_control_characters_breaks_nothing(bot, ana):
    sent = await bot.send_document(5, b"x", filename="a\r\nb\x00.txt")
    assert sent.document.file_name == "ab.txt"


async def test_an_album_mixes_new_and_known_files(api, bot, ana):
    known = (await bot.send_photo(5, b"photo")).photo[-1].file_id
    sent = await bot.send_media_group(5, [InputMediaPhoto(b"new", caption="Две"), InputMediaPhoto(known)])
    assert [api.files.contents[each.photo[-1].file_id] for each in sent] == [b"new", b"photo"]
    assert len({each.media_group_id for each in sent}) == 1


@pytest.mark.parametrize("text", ["123", "[1]", "true", "null", '{"a": 1}', "а" * 4096, "\u0000x", "👍🏽"])
async def test_text_arrives_as_it_is(bot, ana, text):
    await bot.send_message(5, text)
    assert ana.heard[-1].text == text


async def test_half_a_character_is_refused_by_telegram_and_not_by_us(bot, ana):
    with pytest.raises(BadRequest, match=r"(?i)utf-8"):
        await bot.send_message(5, "\ud83d")


async def test_a_proxy_named_by_the_environment_is_used_only_when_asked(api, ana, monkeypatch):
    monkeypatch.setenv("http_proxy", api.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with bot_at("http://telegram.invalid", trust_env=True) as bot:
        await bot.send_message(5, "through the proxy")
    async with bot_at(api.url, trust_env=True) as bot:
        await bot.send_message(5, "past the proxy")
    assert ana.texts == ["through the proxy", "past the proxy"]


async def test_a_long_poll_does_not_hold_up_sending(api, bot):
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await api.called("getUpdates")
    ana = api.person(6)
    ana.chat.started = True
    await bot.send_message(6, "meanwhile")
    assert not poll.done()
    ana.says("hello")
    assert (await poll)[0].message.text == "hello"


# The server: polling


async def test_updates_wait_until_an_offset_confirms_them(api, bot, ana):
    ana.says("one")
    ana.says("two")
    ids = [update.update_id for update in await bot.get_updates()]
    assert ids == list(range(ids[0], ids[0] + 3))
    assert [each.message.text for each in await bot.get_updates(limit=1)] == ["/start"]
    assert [each.message.text for each in await bot.get_updates(offset=ids[1])] == ["one", "two"]
    assert [each.message.text for each in await bot.get_updates(offset=-1)] == ["two"]
    assert await bot.get_updates(offset=ids[2] + 1) == ()
    await api.taken()


async def test_the_newer_poller_ends_the_older(api, bot):
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await api.called("getUpdates")
    second = asyncio.create_task(bot.get_updates(timeout=30))
    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        await first
    api.person(6).says("hello")
    assert len(await second) == 1


async def test_polling_and_webhook_exclude_each_other(api, bot, ana):
    await bot.set_webhook("https://bot.example/telegram")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert len(await bot.get_updates()) == 1


async def test_unwanted_kinds_of_updates_do_not_come(api, bot, ana):
    await bot.get_updates(allowed_updates=["message"])
    ana.blocks()
    ana.unblocks()
    ana.says("x")
    assert [update.message.text for update in await bot.get_updates()] == ["/start", "x"]


async def test_an_update_can_come_twice(api, bot, ana):
    first = await updates_of(bot)
    api.updates.repeat()
    assert await updates_of(bot) == first


# The server: webhook


class Hook:
    """A bot's own web server: remembers what came and answers as told."""

    def __init__(self) -> None:
        self.came: list[tuple[int, str]] = []
        self.secrets: set[str | None] = set()
        self.answers: list[web.Response] = []
        self.gate: asyncio.Event | None = None
        app = web.Application()
        app.router.add_post("/telegram", self.take)
        self.server = TestServer(app)

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.came.append((update["update_id"], update.get("message", {}).get("text", "press")))
        if self.gate is not None and update.get("message", {}).get("text") == "slow":
            await self.gate.wait()
        return self.answers.pop(0) if self.answers else web.Response()

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.came]


@pytest.fixture
async def hook(api: BotApi, bot: Bot) -> AsyncIterator[Hook]:
    hook = Hook()
    await hook.server.start_server()
    api.updates.behind_proxy["https://bot.example"] = str(hook.server.make_url("")).rstrip("/")
    await bot.set_webhook("https://bot.example/telegram", secret_token="s3cret")
    yield hook
    await hook.server.close()


async def test_the_webhook_gets_what_waited_and_what_comes_with_its_secret(api, hook, ana):
    ana.says("x")
    await api.taken()
    assert hook.texts == ["/start", "x"]
    assert hook.secrets == {"s3cret"}


async def test_a_refused_delivery_comes_again_before_the_next(api, hook, ana):
    hook.answers = [web.Response(status=500), web.Response(status=403), web.Response()]
    ana.says("x")
    await api.taken()
    assert hook.texts == ["/start", "/start", "/start", "x"]
    assert [status for _, status in api.updates.deliveries] == [500, 403, 200, 200]


async def test_one_chat_does_not_wait_for_another_but_for_itself(api, hook):
    hook.gate = asyncio.Event()
    ana, ivo = api.person(5), api.person(6)
    for words in ("slow", "after"):
        ana.says(words)
    ivo.says("quick")
    await api.bell.until(lambda: [each for each in api.updates.deliveries if len(hook.came) >= 2], 5)
    assert sorted(hook.texts) == ["quick", "slow"]
    hook.gate.set()
    await api.taken()
    assert hook.texts[-1] == "after"


async def test_the_webhook_may_answer_with_a_call(api, hook, ana):
    hook.answers = [web.json_response({"method": "sendMessage", "chat_id": 5, "text": "in the answer"})]
    await ana.hears("in the answer")
    await api.taken()


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("http://bot.example/telegram", {}),
        ("https://bot.example:8080/", {}),
        ("https://bot.example/", {"secret_token": "not so secret!"}),
        ("https://bot.example/", {"max_connections": 101}),
    ],
)
async def test_senseless_webhooks_are_refused(bot, url, options):
    with pytest.raises(BadRequest):
        await bot.set_webhook(url, **options)
    assert (await bot.get_webhook_info()).url == ""


# The server: people


def everything_a_person_does(ana: Person) -> None:
    first = ana.says("дупка")
    ana.says("/status 5", reply_to=first)
    ana.edits(first, "голяма дупка")
    ana.sends_photo(caption="тук")
    ana.sends_album(b"1", b"2", caption="две")
    ana.sends_document(b"%PDF", "молба.pdf")
    ana.sends_voice()
    ana.sends_video()
    ana.sends_sticker()
    ana.sends_location(42.8, 25.2)
    ana.sends_contact("+359881234567")
    ana.blocks()
    ana.unblocks()


def everything_in_a_group(api: BotApi, ana: Person) -> None:
    group = api.group(STAFF, "Екип", topics=True)
    group.adds_bot(ana)
    clerk = ana.at(group)
    topic = clerk.opens_topic("Случай 7")
    topic.says("/answer", reply_to=topic.says("да"))
    topic.closes_topic()
    topic.reopens_topic()
    group.removes_bot(ana)
    api.group(-77, "Малка").migrates_to(-1007777777777, ana)


async def test_updates_are_as_the_specification_and_the_library_expect(api, bot, ana):
    sent = await bot.send_message(5, "Избери", reply_markup=keyboard([("Да", "y")]))
    ana.presses("Да")
    await bot.delete_message(5, sent.message_id)
    ana.presses_data(ana.heard[-1], "y")
    everything_a_person_does(ana)
    everything_in_a_group(api, ana)
    described = spec.load()
    for update in api.updates.pending.values():
        assert described is None or described.value("Update", update) == []
    assert len(await bot.get_updates()) == len(api.updates.pending)


async def test_a_button_is_pressed_answered_and_too_old(api, bot, ana):
    await updates_of(bot)
    await bot.send_message(5, "Избери", reply_markup=keyboard([("Да", "yes"), ("Не", "no")], [("Още", "more")]))
    press = ana.presses("Не")
    query = (await updates_of(bot))[0].callback_query
    assert (query.data, query.message.text) == ("no", "Избери")
    await query.answer("Записано")
    assert await api.answered(press) == "Записано"
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await query.answer()
    with pytest.raises(AssertionError, match="no button"):
        ana.presses("Може би")


async def test_keys_of_a_reply_keyboard_are_typed_shared_and_taken_away(bot, ana):
    await updates_of(bot)
    keys = [
        ["Меню"],
        [KeyboardButton("Къде съм", request_location=True), KeyboardButton("Телефон", request_contact=True)],
    ]
    await bot.send_message(5, "Пиши", reply_markup=ReplyKeyboardMarkup(keys))
    for label in ("Меню", "Къде", "Телефон"):
        ana.presses(label)
    text, place, phone = (update.message for update in await updates_of(bot))
    assert text.text == "Меню"
    assert place.location is not None
    assert phone.contact.user_id == 5
    await bot.send_message(5, "Край", reply_markup=ReplyKeyboardRemove())
    with pytest.raises(AssertionError, match="sees no button"):
        ana.presses("Меню")


async def test_the_chat_shows_edits_and_deletions(api, bot, ana):
    first = await bot.send_message(5, "едно", reply_markup=keyboard([("Да", "y")]))
    second = await bot.send_message(5, "две")
    await first.edit_text("друго")
    await second.delete()
    assert api.chat(5).texts == ["/start", "друго"]
    assert api.chat(5).messages[-1].buttons == []
    assert ana.texts == ["едно", "две", "друго"]
    with pytest.raises(BadRequest, match="Message is not modified"):
        await first.edit_text("друго")
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await second.edit_text("късно")
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await second.delete()


async def test_hearing_waits_and_goes_on_from_there(bot, ana):
    hearing = asyncio.create_task(ana.hears("две"))
    for words in ("едно", "две", "едно"):
        await bot.send_message(5, words)
    assert (await hearing).text == "две"
    await ana.hears("едно")
    with pytest.raises(AssertionError, match="never heard 'едно'"):
        await ana.hears("едно", timeout=0.01)


async def test_whom_a_bot_cannot_write_to(api, bot, ana):
    api.person(6)
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(6, "x")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(7, "x")
    ana.blocks()
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(5, "x")
    ana.unblocks()
    await bot.send_message(5, "x")
    group = api.group(STAFF)
    group.removes_bot(ana)
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(STAFF, "x")


async def test_a_migrated_group_names_its_new_id(api, bot, ana):
    new = api.group(-77, "Малка").migrates_to(STAFF, ana)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(-77, "x")
    assert caught.value.new_chat_id == STAFF
    await bot.send_message(STAFF, "x")
    assert new.messages[-1].text == "x"


async def test_a_bot_that_is_no_administrator_hears_only_what_is_meant_for_it(api, bot, ana):
    await updates_of(bot)
    member = ana.at(api.group(-77, bot="member"))
    said = await bot.send_message(-77, "hello")
    member.says("among us")
    member.says("@gishe_bot hello")
    member.says("/status")
    member.says("thanks", reply_to=api.chat(-77).everything[said.message_id])
    heard = [update.message.text for update in await updates_of(bot)]
    assert heard == ["@gishe_bot hello", "/status", "thanks"]


async def test_the_life_of_a_topic(api, bot, ana):
    group = api.group(STAFF, topics=True)
    topic = await bot.create_forum_topic(STAFF, "Случай")
    thread = topic.message_thread_id
    clerk = ana.at(group, thread)
    await bot.send_message(STAFF, "нов случай", message_thread_id=thread)
    await bot.send_message(STAFF, "друго")
    assert [(await clerk.hears()).text, len(clerk.heard)] == ["нов случай", 1]
    await bot.edit_forum_topic(STAFF, thread, name="Случай 1")
    await bot.close_forum_topic(STAFF, thread)
    with pytest.raises(BadRequest, match=r"(?i)topic_not_modified"):
        await bot.close_forum_topic(STAFF, thread)
    group.chat.bot_rights = {"can_manage_topics": False}
    with pytest.raises(BadRequest, match=r"(?i)topic_closed"):
        await bot.send_message(STAFF, "x", message_thread_id=thread)
    group.chat.bot_rights = {}
    await bot.reopen_forum_topic(STAFF, thread)
    await bot.delete_forum_topic(STAFF, thread)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(STAFF, "x", message_thread_id=thread)


async def test_replies_pins_reactions_and_the_rest(api, bot, ana):
    said = api.chat(5).messages[0]
    sent = await bot.send_message(5, "x", reply_parameters=ReplyParameters(said.id))
    assert ana.heard[-1].replies_to == said.id
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(5, "x", reply_parameters=ReplyParameters(999))
    await bot.send_message(5, "x", reply_parameters=ReplyParameters(999, allow_sending_without_reply=True))
    await bot.set_message_reaction(5, said.id, "👍")
    with pytest.raises(BadRequest, match=r"(?i)reaction_invalid"):
        await bot.set_message_reaction(5, said.id, ReactionTypeEmoji("🦷"))
    await bot.pin_chat_message(5, sent.message_id)
    await bot.send_chat_action(5, "typing")
    await bot.send_location(5, 42.8, 25.2)
    assert (said.reactions, api.chat(5).pinned, api.chat(5).actions) == (["👍"], [sent.message_id], ["typing"])
    assert (await bot.get_chat(5)).first_name == "Ана"
    assert (await bot.get_chat_member(api.group(STAFF).id, bot.id)).status == "administrator"


async def test_settings_are_kept_for_each_scope_and_language(api, bot):
    scope = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([BotCommand("start", "Начало")], scope, "bg")
    assert (await bot.get_my_commands(scope, "bg"))[0].description == "Начало"
    assert await bot.get_my_commands(scope) == ()
    await bot.delete_my_commands(scope, "bg")
    assert await bot.get_my_commands(scope, "bg") == ()
    await bot.set_my_description("Гише", "bg")
    assert (await bot.get_my_description("bg")).description == "Гише"
    await bot.set_my_short_description("Г")
    await bot.set_my_name("Гише")
    await bot.set_chat_menu_button()
    for senseless in ([BotCommand("Start", "x")], [BotCommand("ok", "x")] * 101):
        with pytest.raises(BadRequest):
            await bot.set_my_commands(senseless)
    with pytest.raises(BadRequest):
        await bot.set_my_short_description("x" * 121)


# The server: limits, floods, faults


@pytest.mark.parametrize(
    ("text", "plain", "kinds"),
    [
        ("a < b".replace("<", "&lt;"), "a < b", []),
        ("<b>x <i>y</i></b>", "x y", ["bold", "italic"]),
        ('<a href="https://a.bg/?a=1&amp;b=2">x</a>', "x", ["text_link"]),
        ("AT&T &quot;&#1078;&#x436;", 'AT&T "жж', []),
        ("<blockquote expandable>x</blockquote>", "x", ["expandable_blockquote"]),
        ('<span class="tg-spoiler">x</span>', "x", ["spoiler"]),
        ("<B>x</B>", "x", ["bold"]),
    ],
)
def test_html_is_read_as_telegram_does(text, plain, kinds):
    assert (parse_html(text)[0], [entity["type"] for entity in parse_html(text)[1]]) == (plain, kinds)


def test_entities_are_counted_in_utf16():
    assert parse_html("👍<b>👍</b>")[1] == [{"type": "bold", "offset": 2, "length": 2}]


@pytest.mark.parametrize(
    "text", ["a < b", "<b>x", "x</b>", "<b><i>x</b></i>", "<p>x</p>", "<br>", "<span>x</span>", "<", "<b", "<>"]
)
def test_html_is_refused_as_telegram_does(text):
    with pytest.raises(Refused, match="can't parse entities"):
        parse_html(text)


@pytest.mark.parametrize(
    ("text", "options", "refusal"),
    [
        ("", {}, "text is empty"),
        ("<b> </b>", {"parse_mode": "HTML"}, "text is empty"),
        ("x" * 4097, {}, "too long"),
        ("👍" * 2049, {}, "too long"),
        ("<i>x", {"parse_mode": "HTML"}, "parse entities"),
        ("x", {"reply_markup": keyboard([("Да", "я" * 33)])}, "(?i)button_data_invalid"),
        ("x", {"reply_markup": keyboard([("", "y")])}, "non-empty"),
        ("x", {"reply_markup": keyboard([("Да", "y")] * 9)}, "(?i)too_long"),
        ("x", {"reply_markup": keyboard(*[[("Да", "y")]] * 101)}, "(?i)too_long"),
        ("x", {"reply_markup": InlineKeyboardMarkup([[InlineKeyboardButton("x")]])}, "unallowed"),
        ("x", {"reply_markup": InlineKeyboardMarkup([[InlineKeyboardButton("x", url="http://localhost")]])}, "(?i)url"),
    ],
)
async def test_limits_of_a_message(bot, ana, text, options, refusal):
    with pytest.raises(BadRequest, match=refusal):
        await bot.send_message(5, text, **options)
    assert ana.heard == []


async def test_the_limits_themselves_are_allowed(bot, ana):
    await bot.send_message(5, f"<b>{'x' * 4096}</b>", "HTML", reply_markup=keyboard(*[[("Да", "y" * 64)] * 8] * 12))
    await bot.send_photo(5, b"x", caption="x" * 1024)
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_photo(5, b"x", caption="x" * 1025)


async def test_an_album_has_two_to_ten_of_a_kind(bot, ana):
    photo, paper = InputMediaPhoto(b"x"), InputMediaDocument(b"x")
    for media in ([photo] * 11, [photo, paper]):
        with pytest.raises(BadRequest):
            await bot.send_media_group(5, media)


@pytest.mark.skipif(spec.load() is None, reason="the specification of the Bot API is not at hand")
async def test_calls_that_are_not_as_specified_are_refused_and_remembered(api, bot, ana):
    for options in ({"colour": "red"}, {"disable_notification": "perhaps"}, {"reply_markup": {"inline": []}}):
        with pytest.raises(BadRequest, match=r"(?i)not as specified"):
            await bot.send_message(5, "x", api_kwargs=options)
    assert len(api.problems) >= 3


async def test_wrong_tokens_and_methods(api):
    stranger = Bot("1:other", f"{api.url}/bot", request=(request := AiohttpRequest()))
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await request.shutdown()
    async with bot_at(api.url) as bot:
        with pytest.raises(TelegramError):
            await bot.do_api_request("dance")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_the_judge_of_floods_is_strict_and_can_be_taught(api, bot, ana):
    api.anyone, api.flood.on = True, True
    clock = api.flood.clock = Clock()
    await bot.send_message(5, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(5, "x")
    clock.now = 1.0
    await bot.send_message(5, "x")
    for chat in range(100, 129):
        await bot.send_message(chat, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(500, "x")
    assert api.flood.most(1.0) == 30
    api.flood.burst, api.flood.overall, clock.now = 3, Limit(1000, 1.0), 10.0
    for _ in range(3):
        await bot.send_message(5, "x")
    assert [chat for _, chat in api.flood.refused] == [5, 500]


async def test_twenty_a_minute_in_a_group(api, bot):
    api.group(STAFF)
    clock = api.flood.clock = Clock()
    api.flood.on = True
    for second in range(20):
        clock.now = second * 2.0
        await bot.send_message(STAFF, "x")
    clock.now = 40.0
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(STAFF, "x")
    assert int(caught.value._retry_after.total_seconds()) == 20


async def test_faults_can_be_counted_aimed_and_mended(api, bot, ana):
    api.person(6).start()
    api.fail_next("sendMessage", status=500, chat_id=6, times=2)
    api.fail_next("sendPhoto", status=500)
    api.fail_next("sendMessage", status=500, after_accepting=True, chat_id=5)
    with pytest.raises(NetworkError):
        await bot.send_message(5, "accepted all the same")
    assert ana.texts == ["accepted all the same"]
    for _ in range(2):
        with pytest.raises(NetworkError):
            await bot.send_message(6, "x")
    await bot.send_message(6, "x")
    api.mend()
    await bot.send_photo(5, b"x")


async def test_a_slow_server(api, bot, ana):
    api.delay = 0.05
    with pytest.raises(TimedOut):
        await bot.send_message(5, "x", read_timeout=0.01)
    assert api.sent() == [{"chat_id": 5, "text": "x"}]
