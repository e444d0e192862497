"""Telegram's updates in the shared words: plain functions that need no network.

They read the decoded JSON itself: python-telegram-bot's objects for an update take longer to build than a whole turn
takes to be stored. What does not look as the Bot API describes it raises, and becomes `unread`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from handlers.words import (
    Choice,
    Edited,
    File,
    Heard,
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

CHANNEL = "telegram"
WANTED = ["message", "edited_message", "callback_query", "my_chat_member"]
GROUPS = ("group", "supergroup")
GROUP_COMMANDS = ("/start", "/help", "/menu", "/group")
SERVICE = ("new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
           "group_chat_created", "supergroup_chat_created", "channel_chat_created", "pinned_message",
           "message_auto_delete_timer_changed", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
           "forum_topic_reopened", "write_access_allowed", "migrate_from_chat_id", "video_chat_scheduled",
           "video_chat_started", "video_chat_ended", "video_chat_participants_invited", "boost_added",
           "chat_background_set")  # fmt: skip
# An animation also comes as a document, for old clients: so the order matters.
FILES = {"sticker": "sticker", "video": "video", "video_note": "video", "voice": "voice", "audio": "audio",
         "animation": "animation", "document": "document"}  # fmt: skip
Fields = Mapping[str, Any]  # An object of the Bot API as it came.


def incoming(update: Fields, bot_name: str) -> Heard | None:
    """Return what a person said to us, or None for what concerns nobody (a service message, a group's own talk)."""
    if query := update.get("callback_query"):
        return _pressed(update, query)
    if change := update.get("my_chat_member"):
        return _reach(update, change)
    if message := update.get("message"):
        return _message(update, message, bot_name, is_edit=False)
    if message := update.get("edited_message"):
        return _message(update, message, bot_name, is_edit=True)
    return None


def _heard(
    update: Fields, chat: Fields, user: Fields, word: Word, at: datetime, *, topic: int | None = None, **more: Any
) -> Heard:
    name = str(int(chat["id"]))
    return Heard(
        channel=CHANNEL,
        conversation=f"{name}/{topic}" if topic else name,
        sender=str(int(user["id"])),
        key=str(update["update_id"]),
        word=word,
        at=at,
        is_group=chat["type"] in GROUPS,
        language=user.get("language_code"),
        **more,
    )


def _moment(of: Fields) -> datetime:
    return datetime.fromtimestamp(of["date"], UTC)


def _pressed(update: Fields, query: Fields) -> Heard | None:
    message = query.get("message")
    if message is None or "data" not in query:
        return None
    ref = str(int(message["message_id"]))
    word, topic = Choice(query["data"]), _topic(message)
    return _heard(update, message["chat"], query["from"], word, datetime.now(UTC), topic=topic, ref=ref)


def _reach(update: Fields, change: Fields) -> Heard | None:
    """Blocked or unblocked, removed from a group or added again."""
    kind = change["chat"]["type"]
    if kind not in ("private", *GROUPS):
        return None
    can_receive = change["new_chat_member"]["status"] not in ("kicked", "left")
    is_overheard = kind in GROUPS
    return _heard(
        update, change["chat"], change["from"], Reach(can_receive), _moment(change), is_overheard=is_overheard
    )  # fmt: skip


def _message(update: Fields, message: Fields, bot_name: str, *, is_edit: bool) -> Heard | None:
    chat, user = message["chat"], message.get("from")
    if user is None or chat["type"] == "channel":
        return None
    if new_name := message.get("migrate_to_chat_id"):  # Also in the name of an anonymous administrator, a bot's.
        return _heard(update, chat, user, Migrated(str(new_name)), _moment(message))
    if user["is_bot"]:
        return None
    ref = str(int(message["message_id"]))
    word = _edited(ref, message) if is_edit else _word(message)
    if word is None:
        return None
    is_overheard = chat["type"] in GROUPS and not _is_to_us(message, bot_name)
    return _heard(
        update, chat, user, word, _moment(message), ref=ref, topic=_topic(message), is_overheard=is_overheard,
        reply_to=_replied(message),
    )  # fmt: skip


def _topic(message: Fields) -> int | None:
    """Replies in a group without topics have a thread, too: that is none."""
    return int(message["message_thread_id"]) if message.get("is_topic_message") else None


def _replied(message: Fields) -> str | None:
    """What it answers; all that is said in a topic answers the note that opened it, which means nothing."""
    replied = message.get("reply_to_message")
    if not replied or "forum_topic_created" in replied:
        return None
    return str(int(replied["message_id"]))


def _edited(ref: str, message: Fields) -> Word | None:
    """Only words count: a live location moves by edits, too."""
    return Edited(ref, message["text"]) if message.get("text") else None


def unread(data: dict[str, Any]) -> Heard | None:
    """What is left of an update that we cannot read: that somebody said something to us, who and where."""
    message = data.get("message")
    try:
        chat, user = message["chat"], message["from"]  # type: ignore[index]
        if chat["type"] != "private" or user.get("is_bot"):
            return None
        return Heard(
            channel=CHANNEL,
            conversation=str(int(chat["id"])),
            sender=str(int(user["id"])),
            key=str(data["update_id"]),
            word=Unknown("message"),
            at=datetime.now(UTC),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _is_to_us(message: Fields, bot_name: str) -> bool:
    """In a group a few commands are meant for us, and only those that name nobody else."""
    command, _at, name = next(iter(message.get("text", "").split()), "").partition("@")
    return command.lower() in GROUP_COMMANDS and name.lower() in ("", bot_name.lower())


def _word(message: Fields) -> Word | None:
    if "text" in message:
        text = message["text"]
        command, *payload = text.split(maxsplit=1) or [""]
        is_start = command.split("@")[0].lower() == "/start"
        return Opened("".join(payload).strip()) if is_start else Text(text)
    if file := _file(message):
        return Media((file,), message.get("caption", ""), message.get("media_group_id"))
    if place := message.get("location"):
        return Place(float(place["latitude"]), float(place["longitude"]))
    if contact := message.get("contact"):
        return Phone(contact["phone_number"], contact.get("user_id") == message["from"]["id"])
    if any(kind in message for kind in SERVICE):
        return None
    return Unknown("message")


def _file(message: Fields) -> File | None:
    if sizes := message.get("photo"):
        return File("photo", sizes[-1]["file_id"], size=sizes[-1].get("file_size"), mime="image/jpeg")
    for field, kind in FILES.items():
        if sent := message.get(field):
            size, mime = sent.get("file_size"), sent.get("mime_type", "")
            return File(kind, sent["file_id"], sent.get("file_name", ""), size, mime)  # type: ignore[arg-type]
    return None
