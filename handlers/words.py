"""The shared words: what any channel can hear and say. An adapter translates them; handlers know nothing else."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from string import Formatter
from typing import Any, Literal

# --- Light markup: a small tree that every adapter renders in its own way. ---

Part = str | dict[str, Any]
Markup = str | list[Part]


def b(text: Markup) -> Part:
    return {"b": text}


def i(text: Markup) -> Part:
    return {"i": text}


def code(text: str) -> Part:
    return {"code": text}


def link(text: str, url: str) -> Part:
    return {"a": text, "url": url}


def join(*parts: Markup | Part, between: str = "") -> list[Part]:
    """Put pieces of text after each other; empty ones are passed over."""
    joined: list[Part] = []
    for part in parts:
        if not part:
            continue
        if joined and between:
            joined.append(between)
        joined.extend(part if isinstance(part, list) else [part])
    return joined


def fill(sentence: str, **values: Markup | Part) -> list[Part]:
    """Like `str.format`, for values that carry markup: `fill(_("Number {number}"), number=b("7"))`."""
    filled: list[Part] = []
    for before, name, _spec, _conversion in Formatter().parse(sentence):
        if before:
            filled.append(before)
        if name:
            value = values[name]
            filled.extend(value if isinstance(value, list) else [value])
    return filled


def plain(text: Markup | Part) -> str:
    """The words alone."""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(plain(part) for part in text)
    return plain(next(value for key, value in text.items() if key != "url"))


# --- In ---


@dataclass(frozen=True, slots=True)
class Opened:
    """The person opened the conversation; `payload` is what a deep link carried."""

    payload: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A pressed choice: the token that `Option` became on its way out."""

    token: str


@dataclass(frozen=True, slots=True)
class File:
    """Something sent: `ref` is how the channel finds it again (a Telegram file_id, a stored file's number)."""

    kind: Literal["photo", "video", "voice", "audio", "document", "sticker", "animation"]
    ref: str
    name: str = ""
    size: int | None = None
    mime: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    files: tuple[File, ...]
    caption: str = ""
    album: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Phone:
    number: str
    own: bool


@dataclass(frozen=True, slots=True)
class Edited:
    """A message was rewritten. `ref` is the channel's own number of it."""

    ref: str
    text: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether we may write to this address from now on (blocked, unblocked, removed from a group)."""

    can_receive: bool


@dataclass(frozen=True, slots=True)
class Migrated:
    """The conversation goes on under another name (a group became a supergroup)."""

    conversation: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message of ours, told later by the channel."""

    message: int
    state: Literal["delivered", "seen", "failed"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A kind of message that we cannot read (yet): the person is told so, nothing is lost."""

    kind: str


Word = Opened | Text | Choice | Media | Place | Phone | Edited | Reach | Migrated | Receipt | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    channel: str
    conversation: str
    sender: str
    key: str
    word: Word
    at: datetime
    is_group: bool = False
    is_overheard: bool = False  # Said in a group and not to us: only the groups that work with us are listened to.
    reply_to: str | None = None  # The channel's own number of the message that this one answers.
    ref: str | None = None  # The channel's own number of the message, by which an edit names it.
    language: str | None = None  # A hint of the channel (the phone's language), for somebody new.


# --- Out ---

ANSWER, NOTICE, EMERGENCY, BROADCAST = 0, 1, 2, 3  # Lanes, the most urgent first.
TO_MANY = (EMERGENCY, BROADCAST)  # What goes to thousands, and must reach nobody twice.


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: pressing it performs `do` ("card:building-permit:documents"), or opens `url`."""

    label: str
    do: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture made when it is sent, from a recipe that fits into a row: no bytes in the message log."""

    kind: Literal["qr"]
    value: str
    name: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes out with a message; its bytes lie on the shelf under their digest (`Talk.attach`)."""

    kind: Literal["photo", "document"]
    digest: str
    name: str
    mime: str
    size: int
    alt: str = ""  # What a photo shows, for those who do not see it.


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic of a group that a message belongs in: made when there is none (any more), where the group has such."""

    name: str
    changes: tuple[Literal["name", "close", "reopen"], ...] = ()  # Wishes, carried out after the message.


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """`text` is the caption where there are files; what is too long for one follows as a message of its own."""

    text: Markup
    choices: Sequence[Sequence[Option]] = ()
    ask: Literal["", "place", "phone", "media"] = ""
    picture: Picture | None = None
    files: Sequence[Attachment] = ()
    place: Place | None = None
    replaces: bool = False  # A wish: rewrite the message whose choice was pressed instead of writing a new one.
    rewrites: int | None = None  # A wish: rewrite this older message of ours (its number) in its place.
    topic: Topic | None = None
    under: int | None = None  # The message of ours (its number) that this one stands under in a group without topics.
    reply_to: str | None = None  # The channel's number of the message that this one visibly answers.
    recalls: bool = False  # What is rewritten goes away with its files and choices, where the channel can.
    silent: bool = False
    about: str | None = None
    lane: int = ANSWER
    due_at: datetime | None = None  # Not before (None: now): quiet hours of who is told.
    expires_at: datetime | None = None  # Of no use any more from then on.


def as_content(say: Say) -> dict[str, Any]:
    """What is stored of a `Say`; empty fields take no room."""
    content: dict[str, Any] = {"text": say.text}
    if say.choices:
        content["choices"] = [
            [{"label": o.label, "do": o.do} if not o.url else {"label": o.label, "url": o.url} for o in row]
            for row in say.choices
        ]
    if say.picture:
        content["picture"] = {
            "kind": say.picture.kind,
            "value": say.picture.value,
            "name": say.picture.name,
            "alt": say.picture.alt,
        }
    if say.files:
        content["files"] = [asdict(file) for file in say.files]
    if say.topic:
        content["topic"] = asdict(say.topic)
    if say.under:
        content["under"] = str(say.under)  # As text: the numbers of JSON are too short.
    if say.reply_to:
        content["reply_to"] = say.reply_to
    if say.place:
        content["place"] = [say.place.lat, say.place.lon]
    if say.ask:
        content["ask"] = say.ask
    if say.silent:
        content["silent"] = True
    if say.recalls:
        content["recalls"] = True
    return content
