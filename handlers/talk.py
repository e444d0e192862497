"""One turn of a dialogue as a handler sees it: who speaks, what was heard, and what to say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from handlers.rules import Rules
from handlers.words import ANSWER, Attachment, Heard, Markup, Option, Picture, Say
from locales import Translator
from storage.database import Session
from storage.handbook import Handbook
from storage.ids import new_id
from storage.people import Conversation, Person

ASIDE = "aside"  # In a conversation's draft: what is kept whatever else is begun.
AS_PHOTO = ("image/jpeg", "image/png", "image/webp")  # What every channel shows as a picture.


@dataclass(slots=True)
class Links:
    """How a person reaches a place in the chat from outside, on the channels in use."""

    public_url: str = ""
    telegram_name: str = ""

    def deep(self, payload: str, channel: str = "") -> str:
        """The address that opens the chat with `payload`, on the asker's own channel where it has one."""
        if self.telegram_name and channel != "web":
            return f"https://t.me/{self.telegram_name}?start={payload}"
        return f"{self.public_url}/chat?start={payload}"


@dataclass(frozen=True, slots=True)
class Pressed:
    message_id: int
    external: str | None  # The channel's number of it.


@dataclass(frozen=True, slots=True)
class Told:
    """What goes to another conversation, or later than in answer."""

    to: int
    say: Say
    number: int


@dataclass(slots=True)
class Talk:
    heard: Heard
    heard_id: int
    person: Person
    conversation: Conversation
    handbook: Handbook
    db: Session
    translators: Mapping[str, Translator]
    links: Links
    offers: Mapping[int, Any] = field(default_factory=dict)  # Our messages whose choices were pressed, by number.
    rules: Rules = field(default_factory=Rules)
    pressed: Pressed | None = None  # The message of ours whose choice was pressed.
    replied: Any = None  # In a group, the message of ours that this one answers, also through answers of others.
    group: Any = None  # The registration of the group that this is said in, if it works with us.
    said: list[Say] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    handler: str = ""

    @property
    def now(self) -> datetime:
        return self.db.now

    @property
    def translator(self) -> Translator:
        return self.translators[self.person.language]

    @property
    def language(self) -> str:
        return self.person.language

    @property
    def _(self) -> Callable[[str], str]:
        return self.translator.gettext

    @property
    def n(self) -> Callable[[str, str, int], str]:
        return self.translator.ngettext

    def say(
        self,
        text: Markup,
        choices: Sequence[Sequence[Option]] = (),
        *,
        replaces: bool = False,
        picture: Picture | None = None,
        files: Sequence[Attachment] = (),
        about: str | None = None,
        ask: Any = "",
    ) -> None:
        """Answer here. `replaces` rewrites the menu that was just pressed, where the channel can."""
        self.said.append(
            Say(
                text=text,
                choices=choices,
                replaces=replaces and self.pressed is not None,
                picture=picture,
                files=files,
                about=about,
                ask=ask,
                lane=ANSWER,
            )
        )

    def tell(self, conversation_id: int, say: Say) -> int:
        """Write to somebody else, or later than in answer: `say.lane` names the lane.

        Returns the number of the message, by which it can be rewritten later (`Say.rewrites`) if it is told now.
        """
        number = new_id()
        self.told.append(Told(conversation_id, say, number))
        return number

    def attach(self, name: str, mime: str, data: bytes, alt: str = "") -> Attachment:
        """Put bytes on the shelf, to go out with a message; they are there before the turn is committed."""
        kind: Literal["photo", "document"] = "photo" if mime in AS_PHOTO else "document"
        return Attachment(kind=kind, digest=self.db.keep(data), name=name, mime=mime, size=len(data), alt=alt)

    def beside(self, other: Conversation) -> "Talk":
        """The same turn as the person of another conversation sees it: to word in their language what they are told."""
        assert other.person is not None
        return replace(self, person=other.person, conversation=other, said=[])

    def in_language(self, language: str) -> "Talk":
        """The same turn as a reader of another language sees it."""
        return replace(self, person=Person(self.person.id, language, self.person.municipality), said=[])

    def expect(self, step: str | None, **draft: Any) -> None:
        """What the next free text means; None: it is a question again. What was put aside stays."""
        self.conversation.step = step
        self._keep({**draft, ASIDE: self.aside})

    @property
    def aside(self) -> dict[str, Any]:
        """What this conversation keeps until it is taken away: a matter half written, a proof given."""
        return (self.conversation.draft or {}).get(ASIDE) or {}

    def put_aside(self, name: str, value: Any = None) -> None:
        """Keep something under a name, through other things that are begun, or (None) take it away."""
        kept = {key: kept for key, kept in self.aside.items() if key != name}
        self._keep({**(self.conversation.draft or {}), ASIDE: kept if value is None else {**kept, name: value}})

    def _keep(self, draft: dict[str, Any]) -> None:
        self.conversation.draft = {key: value for key, value in draft.items() if key != ASIDE or value} or None
        self.conversation.is_changed = True

    def speak(self, language: str) -> None:
        """Go on in another language, from this turn on."""
        self.person.language = language
        self.person.is_changed = True

    def live_in(self, municipality: str | None) -> None:
        self.person.municipality = municipality
        self.person.is_changed = True
