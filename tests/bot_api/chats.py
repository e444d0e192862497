"""Chats as people see them: messages with their edits and deletions, keyboards, topics."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from .bell import Bell
from .refusals import bad

JSON = dict[str, Any]


class Message:
    """A message in a chat; `versions` are what it said before each edit."""

    def __init__(self, data: JSON, *, by_bot: bool) -> None:
        self.data, self.by_bot = data, by_bot
        self.deleted = False
        self.reactions: list[str] = []
        self.reply_markup: JSON = {}  # also the kinds that Telegram does not repeat in its answer

    def __repr__(self) -> str:
        return f"<Message {self.id} in {self.chat_id}: {self.text!r} {self.buttons}>"

    @property
    def id(self) -> int:
        return int(self.data["message_id"])

    @property
    def chat_id(self) -> int:
        return int(self.data["chat"]["id"])

    @property
    def topic(self) -> int | None:
        return self.data.get("message_thread_id")

    @property
    def text(self) -> str:
        return self.data.get("text") or self.data.get("caption") or ""

    @property
    def buttons(self) -> list[str]:
        """The labels of the inline keyboard, or of the reply keyboard that came with the message."""
        return [button["text"] for row in self.keyboard for button in row]

    @property
    def keyboard(self) -> list[list[JSON]]:
        rows = self.reply_markup.get("inline_keyboard") or self.reply_markup.get("keyboard") or []
        return [[{"text": button} if isinstance(button, str) else button for button in row] for row in rows]

    @property
    def replies_to(self) -> int | None:
        replied = self.data.get("reply_to_message")
        return replied["message_id"] if replied else None

    def button(self, label: str) -> JSON:
        found = [button for row in self.keyboard for button in row if label in button["text"]]
        exact = [button for button in found if button["text"] == label]
        assert found, f"no button {label!r} on {self!r}"
        return (exact or found)[0]

    def snapshot(self) -> Message:
        copy = Message(deepcopy(self.data), by_bot=self.by_bot)
        copy.reply_markup = self.reply_markup
        return copy


@dataclass
class Topic:
    id: int
    name: str
    closed: bool = False


@dataclass
class Chat:
    id: int
    kind: str  # private, group, supergroup
    bell: Bell
    title: str = ""
    first_name: str = ""
    is_forum: bool = False
    bot_status: str = "member"  # kicked: blocked in a private chat, thrown out of a group
    bot_rights: dict[str, bool] = field(default_factory=dict)
    migrated_to: int | None = None
    started: bool = False  # a bot may not write to people first
    last_message_id: int = 0
    everything: dict[int, Message] = field(default_factory=dict)
    said: list[Message] = field(default_factory=list)  # by the bot, one entry for each message and each edit
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    reply_keyboard: Message | None = None
    actions: list[str] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        return self.kind != "private"

    @property
    def messages(self) -> list[Message]:
        """What a person sees on scrolling up."""
        return [message for message in self.everything.values() if not message.deleted]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages]

    def json(self) -> JSON:
        if not self.is_group:
            return {"id": self.id, "type": self.kind, "first_name": self.first_name}
        forum = {"is_forum": True} if self.is_forum else {}
        return {"id": self.id, "type": self.kind, "title": self.title, **forum}

    def add(self, sender: JSON, date: int, *, by_bot: bool, **content: Any) -> Message:
        self.last_message_id += 1
        data = {"message_id": self.last_message_id, "from": sender, "chat": self.json(), "date": date}
        message = Message(data | {name: value for name, value in content.items() if value is not None}, by_bot=by_bot)
        self.everything[message.id] = message
        self.bell.ring()
        return message

    def say(self, message: Message) -> None:
        """Let people hear a message of the bot, new or edited."""
        self.said.append(message.snapshot())
        self.bell.ring()

    def find(self, message_id: Any, refusal: str) -> Message:
        message = self.everything.get(message_id)
        if message is None or message.deleted:
            bad(refusal)
        return message

    def topic(self, topic_id: Any) -> Topic:
        if not self.is_forum:
            bad("the chat is not a forum")
        if topic_id not in self.topics:
            bad("message thread not found")
        return self.topics[topic_id]

    async def shows(self, part: str, timeout: float = 5.0) -> Message:
        """Wait until the chat, as it stands, shows a message of the bot with this text."""

        def look() -> Message | None:
            seen = (message for message in reversed(self.messages) if message.by_bot and part in message.text)
            return next(seen, None)

        found = await self.bell.until(look, timeout)
        assert found is not None, f"chat {self.id} never showed {part!r}, but {self.texts}"
        return found

    async def hides(self, message: Message, timeout: float = 5.0) -> None:
        """Wait until a message has been deleted."""
        gone = await self.bell.until(lambda: self.everything[message.id].deleted, timeout)
        assert gone, f"{message!r} is still there"
