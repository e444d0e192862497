"""Updates as Telegram sends them, and what is heard in them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.telegram_incoming import incoming, unread
from handlers.words import (
    Choice,
    Edited,
    File,
    Media,
    Migrated,
    Opened,
    Phone,
    Place,
    Reach,
    Text,
    Unknown,
    Word,
)

ANA = {"id": 7, "is_bot": False, "first_name": "Ана", "language_code": "bg"}
BOT = {"id": 42, "is_bot": True, "first_name": "Gishe", "username": "gishe_bot"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Ана"}
GROUP = {"id": -100, "type": "supergroup", "title": "Двор"}
DATE = 1_780_000_000


def message(**fields: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": DATE, "chat": PRIVATE, "from": ANA} | fields


def sent(**fields: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": message(**fields)}


def member(chat: dict[str, Any], status: str) -> dict[str, Any]:
    change = {"chat": chat, "from": ANA, "date": DATE, "new_chat_member": {"user": BOT, "status": status}}
    return {"update_id": 1, "my_chat_member": change}


def pressed(**fields: Any) -> dict[str, Any]:
    query = {"id": "9", "from": ANA, "message": message(**{"from": BOT}), "data": "ab-1"} | fields
    return {"update_id": 1, "callback_query": {name: value for name, value in query.items() if value is not None}}


HEARD: list[tuple[dict[str, Any], Word]] = [
    (sent(text="Скица?"), Text("Скица?")),
    (sent(text=""), Text("")),
    (sent(text="/help"), Text("/help")),
    (sent(text="/start"), Opened("")),
    (sent(text="/START@gishe_bot  card_building-permit "), Opened("card_building-permit")),
    (sent(photo=[{"file_id": "s"}, {"file_id": "l", "file_size": 9}], caption="ето"),
     Media((File("photo", "l", size=9, mime="image/jpeg"),), "ето")),
    (sent(photo=[{"file_id": "s"}], media_group_id="3"), Media((File("photo", "s", mime="image/jpeg"),), "", "3")),
    (sent(sticker={"file_id": "k", "file_size": 1}), Media((File("sticker", "k", size=1),))),
    (sent(video_note={"file_id": "n"}), Media((File("video", "n"),))),
    (sent(animation={"file_id": "a"}, document={"file_id": "d"}), Media((File("animation", "a"),))),
    (sent(document={"file_id": "d", "file_name": "а.pdf", "file_size": 3, "mime_type": "application/pdf"}),
     Media((File("document", "d", "а.pdf", 3, "application/pdf"),))),
    (sent(location={"latitude": 43.4, "longitude": 23}), Place(43.4, 23.0)),
    (sent(contact={"phone_number": "+359", "first_name": "А", "user_id": 7}), Phone("+359", True)),
    (sent(contact={"phone_number": "+359", "first_name": "Б"}), Phone("+359", False)),
    (sent(dice={"emoji": "🎲", "value": 1}), Unknown("message")),
    (sent(chat=GROUP, text="/help@Gishe_bot"), Text("/help@Gishe_bot")),
    (sent(chat=GROUP, migrate_to_chat_id=-200, **{"from": BOT}), Migrated("-200")),
    ({"update_id": 1, "edited_message": message(text="Скица на двор")}, Edited("5", "Скица на двор")),
    (pressed(), Choice("ab-1")),
    (member(PRIVATE, "kicked"), Reach(False)),
    (member(PRIVATE, "member"), Reach(True)),
]  # fmt: skip
NOT_HEARD = [
    sent(chat=GROUP, forum_topic_closed={}),
    sent(text="от друг бот", **{"from": BOT}),
    sent(chat={"id": -1, "type": "channel"}, text="пост"),
    sent(pinned_message=message(text="важно")),
    {"update_id": 1, "edited_message": message(location={"latitude": 1, "longitude": 1})},
    pressed(message=None),
    pressed(data=None),
    {"update_id": 1, "poll": {"id": "1"}},
]
BROKEN = [sent(text=None), sent(text=7), sent(chat=None), sent(date="вчера", text="x"), sent(photo=[{}])]


@pytest.mark.parametrize(("update", "word"), HEARD)
def test_what_is_heard(update: dict[str, Any], word: Word) -> None:
    heard = incoming(update, "gishe_bot")
    assert heard is not None
    assert heard.word == word
    assert (heard.channel, heard.key) == ("telegram", "1")


def test_who_where_and_when() -> None:
    heard = incoming(sent(chat=GROUP, text="/start"), "gishe_bot")
    assert heard is not None
    assert (heard.conversation, heard.sender, heard.is_group, heard.ref) == ("-100", "7", True, "5")
    assert heard.at == datetime.fromtimestamp(DATE, UTC)


@pytest.mark.parametrize("update", NOT_HEARD)
def test_what_concerns_nobody(update: dict[str, Any]) -> None:
    assert incoming(update, "gishe_bot") is None


@pytest.mark.parametrize("update", BROKEN)
def test_what_cannot_be_read_raises_and_is_not_taken_for_words(update: dict[str, Any]) -> None:
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        incoming(update, "gishe_bot")


def test_of_what_cannot_be_read_it_is_kept_that_somebody_spoke() -> None:
    heard = unread(sent(text=7))
    assert heard is not None
    assert (heard.conversation, heard.word) == ("7", Unknown("message"))
