"""Telegram's words and ours: tables, no network."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
)

from bot.channels.telegram_errors import outcome
from bot.channels.telegram_incoming import incoming, unread
from bot.channels.telegram_outgoing import MAX_TEXT, as_html, keyboard, length, pieces
from bot.channels.telegram_request import NotSent
from bot.results import Gone, Later, Moved, Perhaps, Refused, Result
from handlers.words import (
    ANSWER,
    BROADCAST,
    Choice,
    Edited,
    File,
    Markup,
    Media,
    Migrated,
    Opened,
    Phone,
    Place,
    Reach,
    Text,
    Unknown,
    Word,
    plain,
)
from storage import messages
from storage.messages import Letter
from tests.bot_api.markup import parse_html

ANA = {"id": 5, "is_bot": False, "first_name": "Ана", "language_code": "bg"}
PRIVATE = {"id": 5, "type": "private"}
GROUP = {"id": -7, "type": "supergroup", "title": "Съседи"}
FILE = {"file_id": "F", "file_unique_id": "U", "file_size": 9}
PAGE = "Bad Gateway (502). Parsing the server response b'<html>' failed"


def message(chat: dict[str, Any] = PRIVATE, sender: dict[str, Any] = ANA, **content: Any) -> dict[str, Any]:
    return {"message_id": 3, "date": 1_700_000_000, "chat": chat, "from": sender, **content}


def read(**update: Any) -> Word | None:
    heard = incoming({"update_id": 1, **update}, "gishe_bot")
    return heard.word if heard else None


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({"text": "здравей"}, Text("здравей")),
        ({"text": "/start"}, Opened("")),
        ({"text": "/start m_montana"}, Opened("m_montana")),
        ({"text": "/START@gishe_bot  card_x "}, Opened("card_x")),
        ({"text": "/start\nm_montana"}, Opened("m_montana")),
        ({"text": "/started"}, Text("/started")),
        ({"text": "/help"}, Text("/help")),
        ({"text": "   "}, Text("   ")),
        ({"location": {"latitude": 43.4, "longitude": 23.2}}, Place(43.4, 23.2)),
        ({"contact": {"phone_number": "+3598", "first_name": "А", "user_id": 5}}, Phone("+3598", True)),
        ({"contact": {"phone_number": "+3598", "first_name": "А", "user_id": 6}}, Phone("+3598", False)),
        ({"contact": {"phone_number": "+3598", "first_name": "А"}}, Phone("+3598", False)),
        (
            {"photo": [{**FILE, "width": 1, "height": 1}, {**FILE, "file_id": "L", "width": 9, "height": 9}]},
            Media((File("photo", "L", size=9, mime="image/jpeg"),)),
        ),
        (
            {"document": {**FILE, "file_name": "a.pdf", "mime_type": "application/pdf"}, "caption": "виж",
             "media_group_id": "A"},
            Media((File("document", "F", "a.pdf", 9, "application/pdf"),), "виж", "A"),
        ),
        ({"voice": {**FILE, "duration": 2}}, Media((File("voice", "F", size=9),))),
        ({"video_note": {**FILE, "duration": 2, "length": 2}}, Media((File("video", "F", size=9),))),
        (
            {"sticker": {**FILE, "width": 1, "height": 1, "type": "regular", "is_animated": False, "is_video": False}},
            Media((File("sticker", "F", size=9),)),
        ),
        ({"dice": {"emoji": "🎲", "value": 3}}, Unknown("message")),
        ({"new_chat_title": "x"}, None),
        ({"pinned_message": message(text="x")}, None),
    ],
)  # fmt: skip
def test_what_a_message_says(content: dict[str, Any], word: Word | None) -> None:
    assert read(message=message(**content)) == word


@pytest.mark.parametrize(
    ("update", "word"),
    [
        ({"edited_message": message(text="друго")}, Edited("3", "друго")),
        ({"edited_message": message(location={"latitude": 1, "longitude": 2})}, None),
        ({"callback_query": {"id": "1", "from": ANA, "chat_instance": "1", "data": "1f-2",
                             "message": message(text="x")}}, Choice("1f-2")),
        ({"callback_query": {"id": "1", "from": ANA, "chat_instance": "1", "data": "1f-2",
                             "message": {"message_id": 3, "date": 0, "chat": PRIVATE}}}, Choice("1f-2")),
        ({"callback_query": {"id": "1", "from": ANA, "chat_instance": "1", "game_short_name": "x",
                             "message": message(text="x")}}, None),
        ({"message": message(GROUP, migrate_to_chat_id=-9)}, Migrated("-9")),
        ({"message": message(GROUP, ANA | {"is_bot": True}, migrate_to_chat_id=-9)}, Migrated("-9")),
        ({"message": message(sender=ANA | {"is_bot": True}, text="x")}, None),
        ({"message": message(GROUP, text="/help@gishe_bot")}, Text("/help@gishe_bot")),
        ({"message": message(GROUP, forum_topic_closed={})}, None),
        ({"channel_post": message(PRIVATE, text="x")}, None),
    ],
)  # fmt: skip
def test_what_an_update_says(update: dict[str, Any], word: Word | None) -> None:
    assert read(**update) == word


@pytest.mark.parametrize(("status", "reaches"), [("kicked", False), ("left", False), ("member", True)])
def test_who_blocks_and_who_comes_back(status: str, reaches: bool) -> None:
    member = {"user": {"id": 1, "is_bot": True, "first_name": "Gishe"}, "status": status, "until_date": 0}
    change = {"chat": PRIVATE, "from": ANA, "date": 1, "old_chat_member": member, "new_chat_member": member}
    assert read(my_chat_member=change) == Reach(reaches)
    heard = incoming({"update_id": 1, "my_chat_member": change | {"chat": GROUP}}, "gishe_bot")
    assert heard is not None
    assert (heard.word, heard.is_overheard) == (Reach(reaches), True)


@pytest.mark.parametrize(
    ("content", "is_overheard"),
    [
        ({"text": "/help"}, False),
        ({"text": "/group@gishe_bot"}, False),
        ({"text": "/help@other_bot"}, True),
        ({"text": "да"}, True),
        ({"document": FILE, "caption": "/help"}, True),
    ],
)
def test_what_is_said_to_us_in_a_group_and_what_is_overheard(content: dict[str, Any], is_overheard: bool) -> None:
    heard = incoming({"update_id": 1, "message": message(GROUP, **content)}, "gishe_bot")
    assert heard is not None
    assert heard.is_overheard == is_overheard


@pytest.mark.parametrize(
    ("content", "conversation", "reply_to"),
    [
        ({}, "-7", None),
        ({"message_thread_id": 9}, "-7", None),  # A thread of replies in a group without topics.
        ({"message_thread_id": 9, "is_topic_message": True}, "-7/9", None),
        ({"message_thread_id": 9, "is_topic_message": True, "reply_to_message": {"message_id": 9,
          "forum_topic_created": {"name": "x"}}}, "-7/9", None),
        ({"reply_to_message": {"message_id": 8}}, "-7", "8"),
    ],
)  # fmt: skip
def test_in_which_topic_and_in_answer_to_what(content: dict[str, Any], conversation: str, reply_to: str | None) -> None:
    heard = incoming({"update_id": 1, "message": message(GROUP, text="да", **content)}, "gishe_bot")
    assert heard is not None
    assert (heard.conversation, heard.reply_to) == (conversation, reply_to)


def test_who_and_where() -> None:
    heard = incoming({"update_id": 17, "message": message(GROUP, text="/help")}, "gishe_bot")
    assert heard is not None
    assert (heard.conversation, heard.sender, heard.key, heard.ref) == ("-7", "5", "17", "3")
    assert (heard.is_group, heard.language, heard.at.tzinfo is not None) == (True, "bg", True)


@pytest.mark.parametrize(
    ("data", "is_kept"),
    [
        ({"message": {"chat": PRIVATE, "from": ANA}}, True),
        ({"message": {"chat": GROUP, "from": ANA}}, False),
        ({"message": {"chat": PRIVATE}}, False),
        ({"message": {"chat": PRIVATE, "from": ANA | {"is_bot": True}}}, False),
        ({"message": {"chat": {"id": "x", "type": "private"}, "from": ANA}}, False),
        ({"message": None}, False),
        ({"callback_query": {}}, False),
    ],
)
def test_what_is_left_of_an_update_that_cannot_be_read(data: dict[str, Any], is_kept: bool) -> None:
    heard = unread({"update_id": 1, **data})
    assert (heard is not None) == is_kept
    assert heard is None or (heard.word, heard.sender) == (Unknown("message"), "5")


# --- Out ---


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("1 < 2 & \"3\"", "1 &lt; 2 &amp; \"3\""),
        ([{"b": "a<b"}, " ", {"i": [{"code": "x"}]}], "<b>a&lt;b</b> <i><code>x</code></i>"),
        ({"a": "x & y", "url": 'http://h/?a=1&b="2"'}, '<a href="http://h/?a=1&amp;b=&quot;2&quot;">x &amp; y</a>'),
    ],
)  # fmt: skip
def test_markup_as_html(text: Markup, html: str) -> None:
    assert as_html(text) == html


MARKUP = st.recursive(
    st.text(max_size=30), lambda inner: st.fixed_dictionaries({"b": inner}) | st.fixed_dictionaries({"i": inner}),
    max_leaves=3,
)  # fmt: skip
LONG = st.lists(MARKUP | st.text(alphabet="аб \n🙂<&", min_size=1, max_size=200), min_size=1, max_size=20)


@given(LONG)
def test_whatever_is_said_is_read_as_it_was_meant(text: list[Any]) -> None:
    assert parse_html(as_html(text))[0] == plain(text)


@given(LONG, st.integers(10, 200))
def test_pieces_fit_and_nothing_is_lost(text: list[Any], limit: int) -> None:
    cut = pieces(text, limit)
    assert all(length(piece) <= limit for piece in cut)
    assert "".join(plain(cut).split()) == "".join(plain(text).split())


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("а\n\nб", ["а\n\nб"]),
        ("а" * 8 + "\n\n" + "б" * 8, ["а" * 8 + "\n\n", "б" * 8]),
        ("а" * 8 + "\n" + "б" * 8, ["а" * 8 + "\n", "б" * 8]),
        ("дума " * 3, ["дума дума ", "дума "]),
        ("а" * 25, ["а" * 12, "а" * 12, "а"]),
        ("🙂" * 7, ["🙂" * 6, "🙂"]),
        ([{"b": "глава"}, "\n\n", "абзац"], ["глава\n\nабзац"]),
        ([{"b": "глава"}, "\n\n", "по-дълъг"], ["глава\n\n", "по-дълъг"]),
        ([{"b": "а" * 20}], ["а" * 12, "а" * 8]),
    ],
)
def test_where_a_long_text_is_cut(text: Markup, cut: list[str]) -> None:
    assert [plain(piece) for piece in pieces(text, 12)] == cut


def test_a_hundred_thousand_characters_are_cut() -> None:
    text = ("Дълъг текст. " * 40 + "\n\n") * 192
    cut = pieces(text)
    assert "".join(map(plain, cut)) == text
    assert len(cut) <= len(text) // MAX_TEXT * 1.25


def letter(**more: Any) -> Letter:
    return Letter(255, 1, "telegram", "5", False, more.pop("lane", ANSWER), {"text": "x", **more})


def test_buttons_name_their_message_and_place() -> None:
    rows = [[{"label": "А", "do": "a"}, {"label": "Б", "url": "https://b"}], [], [{"label": "В", "do": "c"}]]
    assert keyboard(letter(choices=rows)) == {
        "inline_keyboard": [
            [{"text": "А", "callback_data": "ff-0"}, {"text": "Б", "url": "https://b"}],
            [{"text": "В", "callback_data": "ff-2"}],
        ]
    }
    assert keyboard(letter()) is None


@given(st.integers(1, 2**63 - 1), st.integers(0, 99))
def test_a_token_is_short_and_reads_as_what_it_was(message_id: int, place: int) -> None:
    token = messages.token(message_id, place)
    assert len(token.encode()) <= 64
    assert messages.read_token(token) == (message_id, place)


@pytest.mark.parametrize("text", ["", "-", "1-", "-1", "1--1", "0-1", "1-1-1", "1-1000", "g-1", "١-1", " 1-1", "1_0-1",
                                  "f" * 17 + "-1", "8000000000000000-1", "1-1\n"])  # fmt: skip
def test_what_is_no_token(text: str) -> None:
    assert messages.read_token(text) is None


# --- Errors ---


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), Gone),
        (Forbidden("Forbidden: user is deactivated"), Gone),
        (BadRequest("Chat not found"), Gone),
        (BadRequest("not enough rights to send text messages to the chat"), Gone),
        (BadRequest("Message text is empty"), Refused),
        (Conflict("x"), Refused),
        (ChatMigrated(-9), Moved),
        (TimedOut(), Perhaps),
        (NetworkError("ServerDisconnectedError at host"), Perhaps),
        (NetworkError("The answer is not JSON"), Perhaps),
        (NetworkError("Gateway Timeout (504). Parsing the server response b'' failed"), Perhaps),
    ],
)
def test_what_an_error_means(error: TelegramError, result: type[Result]) -> None:
    assert isinstance(outcome(error, letter(), 3.0), result)


@pytest.mark.parametrize(
    ("error", "whole_bot", "counts"),
    [
        (NotSent("ECONNREFUSED"), True, False),
        (NetworkError(PAGE), True, False),
        (Forbidden(PAGE.replace("Bad Gateway (502)", "Forbidden (403)")), True, False),
        (InvalidToken("Unauthorized"), True, False),
        (NetworkError("Internal Server Error: restart"), False, True),
    ],
)
def test_what_is_worth_another_attempt(error: TelegramError, whole_bot: bool, counts: bool) -> None:
    result = outcome(error, letter(), 3.0)
    assert isinstance(result, Later)
    assert (result.whole_bot, result.counts) == (whole_bot, counts)


def test_a_broadcast_that_may_have_arrived_is_not_tried_again() -> None:
    assert isinstance(outcome(NetworkError(PAGE), letter(lane=BROADCAST), 3.0), Perhaps)
    assert isinstance(outcome(NotSent("ECONNREFUSED"), letter(lane=BROADCAST), 3.0), Later)
