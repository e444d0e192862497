"""A small Telegram Bot API server for tests, with people to play and faults to order."""

from .chats import Chat, Message, Topic
from .flood import FloodJudge, Limit
from .people import Group, Person, Press, Voice
from .server import TOKEN, BotApi, Call

__all__ = [
    "TOKEN",
    "BotApi",
    "Call",
    "Chat",
    "FloodJudge",
    "Group",
    "Limit",
    "Message",
    "Person",
    "Press",
    "Topic",
    "Voice",
]
