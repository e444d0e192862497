"""Telegram's updates in the shared words: plain functions that need no network."""

from datetime import UTC, datetime
from typing import Any

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, Update, User

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
GROUPS = (Chat.GROUP, Chat.SUPERGROUP)
GROUP_COMMANDS = ("/start", "/help", "/menu")
SERVICE = ("new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
           "group_chat_created", "supergroup_chat_created", "channel_chat_created", "pinned_message",
           "message_auto_delete_timer_changed", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
           "forum_topic_reopened", "write_access_allowed", "migrate_from_chat_id", "video_chat_scheduled",
           "video_chat_started", "video_chat_ended", "video_chat_participants_invited", "boost_added",
           "chat_background_set")  # fmt: skip


def incoming(update: Update, bot_name: str) -> Heard | None:
    """Return what a person said to us, or None for what concerns nobody (a service message, a group's own talk)."""
    if update.callback_query:
        return _pressed(update, update.callback_query)
    if update.my_chat_member:
        return _reach(update, update.my_chat_member)
    if message := update.message or update.edited_message:
        return _message(update, message, bot_name, is_edit=update.edited_message is not None)
    return None


def _heard(update: Update, chat: Chat, user: User, word: Word, at: datetime, **more: Any) -> Heard:
    return Heard(
        channel=CHANNEL,
        conversation=str(chat.id),
        sender=str(user.id),
        key=str(update.update_id),
        word=word,
        at=at,
        is_group=chat.type in GROUPS,
        language=user.language_code,
        **more,
    )


def _pressed(update: Update, query: CallbackQuery) -> Heard | None:
    if query.message is None or query.data is None:
        return None
    return _heard(update, query.message.chat, query.from_user, Choice(query.data), datetime.now(UTC))


def _reach(update: Update, change: ChatMemberUpdated) -> Heard | None:
    """Blocked or unblocked. In a group it only tells of our rights there."""
    if change.chat.type != Chat.PRIVATE:
        return None
    can_receive = change.new_chat_member.status not in ("kicked", "left")
    return _heard(update, change.chat, change.from_user, Reach(can_receive), change.date)


def _message(update: Update, message: Message, bot_name: str, *, is_edit: bool) -> Heard | None:
    if message.from_user is None or message.chat.type == Chat.CHANNEL or message.from_user.is_bot:
        return None
    if message.migrate_to_chat_id:
        return _heard(update, message.chat, message.from_user, Migrated(str(message.migrate_to_chat_id)), message.date)
    if message.chat.type in GROUPS and not _is_to_us(message, bot_name):
        return None
    word: Word | None
    if is_edit:
        word = Edited(str(message.message_id), message.text) if message.text else None
    else:
        word = _word(message)
    if word is None:
        return None
    return _heard(update, message.chat, message.from_user, word, message.date, ref=str(message.message_id))


def _is_to_us(message: Message, bot_name: str) -> bool:
    """In a group we answer a few commands only, and only those that name nobody else."""
    command, _at, name = (message.text or "").split(" ")[0].partition("@")
    return command in GROUP_COMMANDS and name.lower() in ("", bot_name.lower())


def _word(message: Message) -> Word | None:
    if message.text is not None:
        command, _space, payload = message.text.partition(" ")
        return Opened(payload.strip()) if command.split("@")[0] == "/start" else Text(message.text)
    if file := _file(message):
        return Media((file,), message.caption or "", message.media_group_id)
    if message.location:
        return Place(message.location.latitude, message.location.longitude)
    if message.contact:
        assert message.from_user is not None
        return Phone(message.contact.phone_number, message.contact.user_id == message.from_user.id)
    if any(getattr(message, kind, None) for kind in SERVICE):
        return None
    return Unknown("message")


def _file(message: Message) -> File | None:
    if message.photo:
        largest = message.photo[-1]
        return File("photo", largest.file_id, size=largest.file_size, mime="image/jpeg")
    if message.sticker:
        return File("sticker", message.sticker.file_id, size=message.sticker.file_size)
    for kind, sent in (
        ("video", message.video or message.video_note),
        ("voice", message.voice),
        ("audio", message.audio),
        ("animation", message.animation),
        ("document", message.document),
    ):
        if sent:
            name, mime = getattr(sent, "file_name", None) or "", getattr(sent, "mime_type", None) or ""
            return File(kind, sent.file_id, name, sent.file_size, mime)  # type: ignore[arg-type]
    return None
