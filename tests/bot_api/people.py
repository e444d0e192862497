"""People and groups, as a test plays them: each deed becomes an update for the bot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .chats import JSON, Chat, Message, Topic
from .params import words

if TYPE_CHECKING:
    from .server import BotApi

PIXEL = b"\x89PNG\r\n\x1a\n" + b"\0" * 16


class Press:
    """A pressed button: `answer` is what popped up on the screen, None until the bot has answered."""

    def __init__(self, query_id: str, data: str) -> None:
        self.query_id, self.data = query_id, data
        self.answer: JSON | None = None


class Voice:
    """Somebody in a chat (and topic): what they do there and what they hear the bot say."""

    def __init__(self, api: BotApi, user: JSON, chat: Chat, topic: int | None = None) -> None:
        self.api, self.user, self.chat, self.topic = api, user, chat, topic
        self._cursor = 0

    # Hearing

    @property
    def heard(self) -> list[Message]:
        """All that the bot said here, in order; an edit is said anew."""
        return [each for each in self.chat.said if self.topic is None or each.topic == self.topic]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.heard]

    async def hears(self, part: str = "", timeout: float = 5.0) -> Message:
        """Wait for a message of the bot with this text, later than the one returned before."""

        def look() -> tuple[int, Message] | None:
            later = enumerate(self.heard[self._cursor :], self._cursor)
            return next(((at, message) for at, message in later if part in message.text), None)

        found = await self.api.bell.until(look, timeout)
        assert found is not None, f"{self!r} never heard {part!r}, but {self.texts[self._cursor :]}"
        self._cursor = found[0] + 1
        return found[1]

    def forgets(self) -> None:
        """Listen only to what comes from now on."""
        self._cursor = len(self.heard)

    def __repr__(self) -> str:
        return f"<{self.user['first_name']} in {self.chat.id}>"

    # Speaking

    def says(self, text: str, *, reply_to: Message | None = None) -> Message:
        command = re.match(r"/\w+(?:@\w+)?", text)
        entities = [{"type": "bot_command", "offset": 0, "length": command.end()}] if command else None
        return self._sends(text=text, entities=entities, reply_to=reply_to)

    def edits(self, message: Message, text: str) -> Message:
        message.data |= {"caption" if "caption" in message.data else "text": text, "edit_date": self.api.date()}
        self.api.updates.put("edited_message", message.data)
        return message

    def sends_photo(self, content: bytes = PIXEL, caption: str | None = None, **more: Any) -> Message:
        file = self.api.files.keep("photo.png", "image/png", content)
        return self._sends(photo=self.api.files.photo(file), caption=caption, **more)

    def sends_document(
        self, content: bytes, name: str, mime: str = "application/pdf", caption: str | None = None, **more: Any
    ) -> Message:
        file = self.api.files.keep(name, mime, content)
        return self._sends(document=self.api.files.document(file), caption=caption, **more)

    def sends_voice(self, content: bytes = b"OggS", seconds: int = 3, **more: Any) -> Message:
        file = self.api.files.keep("voice.ogg", "audio/ogg", content)
        return self._sends(voice=self.api.files.document(file, named=False) | {"duration": seconds}, **more)

    def sends_video(self, content: bytes = b"mp4", seconds: int = 3, caption: str | None = None) -> Message:
        file = self.api.files.keep("video.mp4", "video/mp4", content)
        shape = {"width": 640, "height": 480, "duration": seconds}
        return self._sends(video=self.api.files.document(file) | shape, caption=caption)

    def sends_album(self, *photos: bytes, caption: str | None = None) -> list[Message]:
        """Send photos as one album: messages of their own that share a group id, the words on the first."""
        album = self.api.next_id("album")
        captions = [caption, *[None] * len(photos)]
        return [
            self.sends_photo(content, captions[at], media_group_id=album) for at, content in enumerate(photos)
        ]  # fmt: skip

    def sends_location(self, latitude: float, longitude: float) -> Message:
        return self._sends(location={"latitude": latitude, "longitude": longitude})

    def sends_contact(self, phone: str, *, own: bool = True) -> Message:
        owner = {"user_id": self.user["id"]} if own else {}
        return self._sends(contact={"phone_number": phone, "first_name": self.user["first_name"], **owner})

    def sends_sticker(self, emoji: str = "👍") -> Message:
        file = self.api.files.keep("sticker.webp", "image/webp", b"RIFF")
        shape = {"width": 512, "height": 512, "type": "regular", "is_animated": False, "is_video": False}
        plain = {key: file[key] for key in ("file_id", "file_unique_id", "file_size")}
        return self._sends(sticker=plain | shape | {"emoji": emoji})

    def _sends(self, *, reply_to: Message | None = None, **content: Any) -> Message:
        self.chat.started = True
        if self.topic is not None:
            content |= {"message_thread_id": self.topic, "is_topic_message": True}
        if reply_to is not None:
            content["reply_to_message"] = reply_to.data
        message = self.chat.add(self.user, self.api.date(), by_bot=False, **content)
        if self._reaches_bot(message):
            self.api.updates.put("message", message.data)
        return message

    def _reaches_bot(self, message: Message) -> bool:
        """Privacy mode: a bot that is no administrator hears only what is meant for it."""
        if self.chat.bot_status in ("kicked", "left"):
            return False
        if not self.chat.is_group or self.chat.bot_status == "administrator" or not self.api.privacy:
            return True
        replied = message.data.get("reply_to_message", {}).get("from", {})
        called = f"@{self.api.me['username']}" in message.text
        return message.text.startswith("/") or replied.get("id") == self.api.me["id"] or called

    # Pressing

    def presses(self, what: str | Message, label: str | None = None) -> Press | Message:
        """Press a button by its label (on the newest message that has it), or on a given message (the first)."""
        message = self._with_button(what) if isinstance(what, str) else what
        wanted = what if isinstance(what, str) else label
        button = message.button(wanted) if wanted is not None else message.keyboard[0][0]
        if "inline_keyboard" not in message.reply_markup:
            return self._presses_reply_key(button)
        assert "callback_data" in button, f"{button} opens something, the bot is not told"
        return self.presses_data(message, button["callback_data"])

    def presses_data(self, message: Message, data: str) -> Press:
        """Press a button that may be there no longer, as an old phone can."""
        press = Press(self.api.next_id("query"), data)
        self.api.presses[press.query_id] = press
        query = {"id": press.query_id, "from": self.user, "chat_instance": str(self.chat.id), "data": data}
        self.api.updates.put("callback_query", query | {"message": self._seen(message)})
        return press

    def _seen(self, message: Message) -> JSON:
        current = self.chat.everything[message.id]
        if current.deleted:
            return {"chat": self.chat.json(), "message_id": message.id, "date": 0}
        return current.data

    def _with_button(self, label: str) -> Message:
        inline = [each for each in self.chat.messages if "inline_keyboard" in each.reply_markup]
        keys = [self.chat.reply_keyboard] if self.chat.reply_keyboard else []
        candidates = [*keys, *inline]
        for fits in (label.__eq__, lambda text: label in text):
            for message in reversed(candidates):
                if any(fits(text) for text in message.buttons):
                    return message
        raise AssertionError(f"{self!r} sees no button {label!r}, but {[each.buttons for each in candidates]}")

    def _presses_reply_key(self, button: JSON) -> Message:
        if button.get("request_contact"):
            return self.sends_contact(self.user.get("phone", "+359881234567"))
        if button.get("request_location"):
            return self.sends_location(42.8194, 25.2310)
        return self.says(button["text"])

    def reacts(self, message: Message, emoji: str) -> None:
        """React to a message; the bot hears of it only as an administrator who asked for it."""
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        old = [{"type": "emoji", "emoji": each} for each in message.reactions]
        change = {"user": self.user, "date": self.api.date(), "old_reaction": old, "new_reaction": new}
        place = {"chat": self.chat.json(), "message_id": message.id}
        if self.api.updates.allowed and self.chat.bot_status == "administrator":
            self.api.updates.put("message_reaction", place | change)

    # Topics

    def opens_topic(self, name: str) -> Voice:
        notice = self._sends(forum_topic_created={"name": name, "icon_color": 7322096})
        self.chat.topics[notice.id] = Topic(notice.id, name)
        notice.data |= {"message_thread_id": notice.id, "is_topic_message": True}
        return Voice(self.api, self.user, self.chat, notice.id)

    def closes_topic(self) -> None:
        self.chat.topic(self.topic).closed = True
        self._sends(forum_topic_closed={})

    def reopens_topic(self) -> None:
        self.chat.topic(self.topic).closed = False
        self._sends(forum_topic_reopened={})

    def deletes_topic(self) -> None:
        """Bots are not told."""
        del self.chat.topics[self.chat.topic(self.topic).id]


class Person(Voice):
    """A person in their private chat with the bot."""

    def start(self, payload: str = "") -> Message:
        return self.says(f"/start {payload}".strip())

    def at(self, group: Group, topic: int | None = None) -> Voice:
        return group.member(self, topic)

    def blocks(self) -> None:
        self._reach("member", "kicked")

    def unblocks(self) -> None:
        self._reach("kicked", "member")

    def _reach(self, old: str, new: str) -> None:
        self.chat.bot_status = new
        self.api.updates.put("my_chat_member", membership(self.api, self.chat, self.user, old, new))


class Group:
    """A group: its members speak through `member`; what happens to the bot in it happens here."""

    def __init__(self, api: BotApi, chat: Chat) -> None:
        self.api, self.chat = api, chat

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def messages(self) -> list[Message]:
        return self.chat.messages

    def member(self, person: Person, topic: int | None = None) -> Voice:
        return Voice(self.api, person.user, self.chat, topic)

    def adds_bot(self, by: Person, *, admin: bool = True, **rights: bool) -> None:
        old, self.chat.bot_status = self.chat.bot_status, "administrator" if admin else "member"
        self.chat.bot_rights = rights
        self.api.updates.put("my_chat_member", membership(self.api, self.chat, by.user, old, self.chat.bot_status))
        self._notice(by, new_chat_members=[self.api.me])

    def removes_bot(self, by: Person) -> None:
        old, self.chat.bot_status = self.chat.bot_status, "kicked"
        self.api.updates.put("my_chat_member", membership(self.api, self.chat, by.user, old, "kicked"))

    def migrates_to(self, new_id: int, by: Person | None = None) -> Group:
        """Become a supergroup with another id, as happens when a group grows or changes a setting."""
        user = (
            by.user
            if by
            else {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
        )
        new = self.api.group(new_id, self.chat.title, topics=self.chat.is_forum, bot=self.chat.bot_status)
        self.chat.migrated_to = new_id
        for chat, note in ((self.chat, {"migrate_to_chat_id": new_id}), (new.chat, {"migrate_from_chat_id": self.id})):
            self.api.updates.put("message", chat.add(user, self.api.date(), by_bot=False, **note).data)
        return new

    def deletes_topic(self, topic: int | None) -> None:
        """Somebody deletes it with all that is in it; bots are not told."""
        del self.chat.topics[topic or 0]
        for message in self.chat.everything.values():
            message.deleted = message.deleted or message.topic == topic

    def _notice(self, by: Person, **content: Any) -> None:
        self.api.updates.put("message", self.chat.add(by.user, self.api.date(), by_bot=False, **content).data)


def membership(api: BotApi, chat: Chat, by: JSON, old: str, new: str) -> JSON:
    return {
        "chat": chat.json(),
        "from": by,
        "date": api.date(),
        "old_chat_member": member_json(api, chat, old),
        "new_chat_member": member_json(api, chat, new),
    }


ADMIN_RIGHTS = words(
    "can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members can_promote_members"
    " can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories can_pin_messages"
    " can_manage_topics"
)


def member_json(api: BotApi, chat: Chat, status: str) -> JSON:
    member: JSON = {"user": api.me, "status": status}
    if status == "kicked":
        member["until_date"] = 0
    if status == "administrator":
        rights = dict.fromkeys(ADMIN_RIGHTS, True) | {"can_be_edited": False, "is_anonymous": False}
        member |= rights | chat.bot_rights
    return member
