"""What the citizens of the benchmarks do: questions, presses and commands as on a usual day at the counter."""

import json
import random
import time
from collections import deque
from pathlib import Path
from typing import Any

from storage.search import personal_data

QUESTIONS = Path(__file__).parent / "questions-dev.jsonl"
MIX = {"question": 60, "press": 25, "command": 15}  # Per cent.
MIX_IN_WORDS = "60 % questions (the texts of questions-dev.jsonl), 25 % presses of a choice offered last, 15 % commands"
COMMANDS = ("/start", "/menu", "/services", "/letters", "/help", "/municipality")
PICTURE = "📱"  # The choice that sends a QR code: an upload is another benchmark's matter.
FIRST_CHAT = 100_000_000


def questions() -> list[str]:
    """Questions with personal numbers get a warning beside the answer; here every update has exactly one answer."""
    lines = QUESTIONS.read_text("utf-8").splitlines()
    texts = [json.loads(line)["q"] for line in lines if line.strip()]
    return [text for text in texts if not personal_data(text)]


class Citizens:
    """Makes updates, one person after the other, so that nobody writes faster than a person may be answered."""

    def __init__(self, people: int, chance: random.Random, *, only_text: bool = False, apart: int = 1) -> None:
        self.people = people
        self.first, self.apart = FIRST_CHAT, apart  # The number of the first, and how far neighbours are apart.
        self.chance = chance
        self.kinds, self.shares = list(MIX), list(MIX.values())
        self.only_text = only_text
        self.questions = questions()
        self.offered: dict[int, tuple[int, list[str], Any]] = {}  # By chat: the newest menu and its choices.
        self.starts: deque[int] = deque()
        self.count = 0

    def everybody_starts(self) -> None:
        """The next updates are everybody's first: so all are known and have a menu before anything is measured."""
        self.starts.extend(range(self.people))

    def shown(self, chat: int, message_id: int, markup: Any) -> None:
        """Remember the choices of a message of the bot."""
        if not markup or self.only_text:
            return
        markup = json.loads(markup) if isinstance(markup, str) else markup
        choices = [button["callback_data"] for row in markup["inline_keyboard"] for button in row
                   if "callback_data" in button and PICTURE not in button["text"]]  # fmt: skip
        if choices:
            self.offered[chat] = (message_id, choices, markup)

    def next_update(self) -> tuple[int, dict[str, Any]]:
        self.count += 1
        if self.starts:
            chat = self.first + self.starts.popleft() * self.apart
            return chat, self.message(chat, "/start")
        chat = self.first + self.count % self.people * self.apart
        kind = self.chance.choices(self.kinds, self.shares)[0]
        if kind == "press" and chat in self.offered:
            return chat, self._press(chat)
        texts = COMMANDS if kind == "command" else self.questions
        return chat, self.message(chat, self.chance.choice(texts))

    def message(self, chat: int, text: str) -> dict[str, Any]:
        message = _letter(chat, self.count, text) | {"from": _user(chat)}
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        return {"update_id": self.count, "message": message}

    def _press(self, chat: int) -> dict[str, Any]:
        message_id, choices, markup = self.offered[chat]
        return {
            "update_id": self.count,
            "callback_query": {
                "id": str(self.count),
                "from": _user(chat),
                "chat_instance": "1",
                "message": _letter(chat, message_id, "…") | {"from": BOT, "reply_markup": markup},
                "data": self.chance.choice(choices),
            },
        }


BOT = {"id": 42, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}


def _user(chat: int) -> dict[str, Any]:
    return {"id": chat, "is_bot": False, "first_name": "Ана", "username": f"ana{chat}", "language_code": "bg"}


def _letter(chat: int, message_id: int, text: str) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "date": int(time.time()),
        "chat": {"id": chat, "type": "private", "first_name": "Ана", "username": f"ana{chat}"},
        "text": text,
    }
