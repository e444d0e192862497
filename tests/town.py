"""A town on paper: citizens who write, and what they hear, through the real inbox and the real tables."""

import itertools
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.inbox import Inbox
from bot.turns import Turns
from handlers.talk import Links
from handlers.words import Choice, Edited, File, Heard, Media, Opened, Phone, Place, Reach, Text, Unknown, Word, plain
from locales import LANGUAGES, Translator
from storage import messages
from storage.database import Store
from storage.handbook import Handbook, Library
from storage.messages import Letter
from storage.models import outgoing

NARROW = re.compile("[\u00a0\u202f]")  # Dates have spaces that do not break; nobody sees that.
SOFIA = ZoneInfo("Europe/Sofia")
TRANSLATORS = {language: Translator(language, SOFIA) for language in LANGUAGES}


class Hours:
    """A clock that the test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)


def office_hours() -> Callable[[], datetime]:
    """A clock that goes as ours does, from ten on a Wednesday: no test hangs on the hour at which it is run."""
    behind = datetime.now(UTC) - datetime(2026, 11, 18, 10, 0, tzinfo=SOFIA)
    return lambda: datetime.now(UTC) - behind


class Message:
    """A message as a person sees it."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        self.text = plain(letter.content["text"])
        self.choices = [option["label"] for row in letter.content.get("choices", ()) for option in row]

    def __contains__(self, words: str) -> bool:
        return words in NARROW.sub(" ", self.text)

    def __repr__(self) -> str:
        return f"{self.text}\n{self.choices}"

    def token(self, label: str) -> str:
        """The token of the one choice whose label contains these words."""
        found = [place for place, known in enumerate(self.choices) if label in known]
        assert len(found) == 1, f"{label!r} is {len(found)} times among {self.choices}"
        return messages.token(self.letter.id, found[0])


class Citizen:
    """Somebody with one address. What they do returns what they hear in answer (the last message)."""

    def __init__(self, town: "Town", name: str, channel: str = "paper", language: str = "bg") -> None:
        self.town = town
        self.name = name
        self.channel = channel
        self.language = language
        self.heard: list[Message] = []

    async def sends(self, word: Word, key: str | None = None, **more: Any) -> Message:
        before = len(self.heard)
        await self.town.inbox.hear(self.says_later(word, key, **more))
        return self.heard[-1] if len(self.heard) > before else Message(_nothing())

    def says_later(self, word: Word, key: str | None = None, **more: Any) -> Heard:
        """The message as the inbox would get it."""
        return Heard(
            channel=self.channel,
            conversation=more.pop("conversation", self.name),
            sender=self.name,
            key=key or f"{self.name}-{next(self.town.numbers)}",
            word=word,
            at=self.town.store.now(),
            language=self.language,
            **more,
        )

    async def says(self, text: str, **more: Any) -> Message:
        return await self.sends(Text(text), **more)

    async def opens(self, payload: str = "") -> Message:
        return await self.sends(Opened(payload))

    async def presses(self, label: str, message: Message | None = None) -> Message:
        """Press the choice with these words, of the newest message that offers it."""
        shown = message or next(m for m in reversed(self.heard) if any(label in choice for choice in m.choices))
        return await self.sends(Choice(shown.token(label)))

    async def edits(self, ref: str, text: str) -> Message:
        return await self.sends(Edited(ref, text))

    async def sends_photo(self, caption: str = "", album: str | None = None) -> Message:
        return await self.sends(Media((File("photo", "ref"),), caption, album))

    async def sends_place(self) -> Message:
        return await self.sends(Place(43.4, 23.2))

    async def sends_phone(self) -> Message:
        return await self.sends(Phone("+359888123456", True))

    async def sends_something_new(self) -> Message:
        return await self.sends(Unknown("message"))

    async def blocks(self) -> None:
        await self.sends(Reach(False))

    @property
    def last(self) -> Message:
        return self.heard[-1]


def _nothing() -> Letter:
    return Letter(0, 0, "paper", "", False, 0, {"text": ""})


async def broken_choice(citizen: Citizen) -> Choice:
    """A choice that its handler cannot read."""
    menu = await citizen.opens("m_montana")
    async with citizen.town.store.writing() as db:
        content = menu.letter.content | {"choices": [[{"label": "x", "do": "person:x"}]]}
        db.change(outgoing, menu.letter.id, content=content)
    return Choice(messages.token(menu.letter.id, 0))


class Town:
    """The inbox on a real database, and a sender that hands letters to citizens instead of a channel."""

    def __init__(self, store: Store, handbook: Handbook, album_pause: float = 0.01) -> None:
        self.store = store
        self.library = Library(handbook)
        self.numbers = itertools.count(1)
        self.citizens: dict[tuple[str, str], Citizen] = {}
        links = Links("https://gishe.example", "gishe_bot")
        self.turns = Turns(self.library, TRANSLATORS, links, album_pause=album_pause)
        self.inbox = Inbox(store, self.turns, self)

    async def __aenter__(self) -> "Town":
        await self.inbox.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.inbox.stop()

    def citizen(self, name: str, channel: str = "paper", language: str = "bg") -> Citizen:
        return self.citizens.setdefault((channel, name), Citizen(self, name, channel, language))

    @property
    def ana(self) -> Citizen:
        return self.citizen("ana")

    @property
    def ben(self) -> Citizen:
        return self.citizen("ben", language="en")

    def post(self, letters: Iterable[Letter]) -> None:
        for letter in letters:
            self.citizen(letter.address, letter.channel).heard.append(Message(letter))
