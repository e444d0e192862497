"""A turn: a message is matched with its person and dialogue, handled, and everything about it is written together."""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.groups import Groups, Met, Spoken, find_groups, find_place
from handlers import reception
from handlers.rules import Rules
from handlers.talk import Links, Talk
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
    Receipt,
    Say,
    Text,
    Unknown,
    as_content,
)
from locales import DEFAULT_LANGUAGE, Translator
from storage import later, messages, people
from storage.database import Session, Store
from storage.handbook import Library
from storage.messages import Letter
from storage.people import Conversation, Person

ALBUM_PAUSE_S = 1.0  # Telegram sends the parts of an album one by one, without an end mark.
MAX_KEPT_CHARS = 20_000  # Of one text; the longest that any channel lets through is 7,000.


@dataclass(slots=True)
class Turn:
    heard: Heard
    is_repeat: bool = False
    letters: list[Letter] = field(default_factory=list)


class Turns:
    """Takes turns within a transaction that somebody else began and will commit."""

    def __init__(
        self,
        library: Library,
        translators: Mapping[str, Translator],
        links: Links,
        default_language: str = DEFAULT_LANGUAGE,
        album_pause: float = ALBUM_PAUSE_S,
        rules: Rules | None = None,
    ) -> None:
        self.rules = rules or Rules()
        self.library = library
        self.translators = translators
        self.links = links
        self.default_language = default_language
        self.album_pause = album_pause

    async def take(self, db: Session, heard: Sequence[Heard], apology: Exception | None = None) -> list[Turn]:
        """Take the turns of these messages in order. With `apology` the one message is only recorded as failed."""
        known = await self._known(db, heard)
        met = await self._meet(db, heard)
        offers = await self._offers(db, heard)  # All reading at once, before anything waits to be written.
        groups = await find_groups(db, heard)
        turns = []
        for one in heard:
            turn = Turn(one, is_repeat=(one.channel, one.key) in known)
            if not turn.is_repeat:
                await self._take_one(db, turn, met, offers, groups, apology)
                known.add((one.channel, one.key))
            turns.append(turn)
        return turns

    async def _known(self, db: Session, heard: Sequence[Heard]) -> set[tuple[str, str]]:
        known: set[tuple[str, str]] = set()
        for channel, keys in _by_channel((one.channel, one.key) for one in heard):
            known.update((channel, key) for key in await messages.known_keys(db, channel, keys))
        return known

    async def _meet(self, db: Session, heard: Sequence[Heard]) -> Met:
        names = {(one.channel, one.conversation) for one in heard}
        names |= {(one.channel, one.sender) for one in heard if one.is_group}
        met: Met = {}
        for channel, externals in _by_channel(names):
            for external, conversation in (await people.meet(db, channel, externals)).items():
                met[channel, external] = conversation
        return met

    async def _offers(self, db: Session, heard: Sequence[Heard]) -> Mapping[int, Any]:
        """Our messages whose choices were pressed."""
        tokens = (messages.read_token(one.word.token) for one in heard if isinstance(one.word, Choice))
        return await messages.said(db, {token[0] for token in tokens if token})

    async def _take_one(
        self, db: Session, turn: Turn, met: Met, offers: Mapping[int, Any], groups: Groups, apology: Exception | None
    ) -> None:
        heard = turn.heard
        if isinstance(heard.word, Migrated):
            return await self._move(db, heard, heard.word.conversation, met)
        spoken = await find_place(db, heard, met, offers, groups) if heard.is_group else Spoken()
        if spoken is None:
            return  # A group's own talk is nobody else's business.
        conversation = spoken.conversation or self._conversation(db, heard, met)
        person = conversation.person or self._speaker(db, heard, met).person
        assert person is not None
        if heard.is_group:
            people.as_spoken_by(conversation, person.id)
        match heard.word:
            case Receipt(message, state, reason):
                await messages.receipt(db, conversation.id, message, state, reason)
                return
            case Media(album=str()) if is_part(heard):
                messages.heard(db, state="waiting", **_row(heard, conversation, person))
                return
            case Media(album=str() as album):
                gathered = await self._gather(db, heard, conversation, album)
                if gathered is None:
                    return
                turn.heard, heard_id = gathered
            case _:
                heard_id = messages.heard(db, state="handled", **_row(heard, conversation, person))
        if isinstance(heard.word, Reach):
            conversation.reachable, conversation.is_changed = heard.word.can_receive, True
            people.keep(db, conversation)
            if not heard.is_group:
                return
            await people.set_group_reachable(db, heard.channel, heard.conversation, heard.word.can_receive)
            if not heard.word.can_receive:
                return
        talk = Talk(turn.heard, heard_id, person, conversation, self.library.current, db, self.translators, self.links,
                    offers, rules=self.rules, replied=spoken.replied, group=spoken.group)  # fmt: skip
        await self._talk(talk, apology)
        self._write(talk, turn)
        for told in talk.told:
            turn.letters += await tell(db, told.to, told.say, told.number)

    async def _talk(self, talk: Talk, apology: Exception | None) -> None:
        if not talk.conversation.reachable:
            talk.conversation.reachable = talk.conversation.is_changed = True  # Who writes to us can be written to.
        if apology is None:
            await reception.hear(talk)
            return
        reception.apologise(talk)
        error = "".join(traceback.format_exception(apology, limit=-8))
        messages.mark_failed(talk.db, talk.heard_id, error.replace("\0", ""))  # PostgreSQL has no such character.

    async def _move(self, db: Session, heard: Heard, name: str, met: Met) -> None:
        """A group has another name now. It is a notice of the channel and nobody's words, so it is not logged."""
        await people.move_conversation(db, heard.channel, heard.conversation, name)
        moved = met.pop((heard.channel, heard.conversation), None)
        if moved:
            moved.external = name
            met.setdefault((heard.channel, name), moved)

    def _conversation(self, db: Session, heard: Heard, met: Met) -> Conversation:
        name = (heard.channel, heard.conversation)
        if name not in met:
            if heard.is_group:
                met[name] = people.enter_group(db, heard.channel, heard.conversation)
            else:
                met[name] = people.welcome(db, heard.channel, heard.conversation, self._language(heard))
        return met[name]

    def _speaker(self, db: Session, heard: Heard, met: Met) -> Conversation:
        """Who speaks in a group is the person of the private conversation, even if there was none yet."""
        name = (heard.channel, heard.sender)
        if name not in met:
            met[name] = people.welcome(db, heard.channel, heard.sender, self._language(heard))
            met[name].reachable, met[name].is_changed = False, True
            people.keep(db, met[name])
        return met[name]

    def _language(self, heard: Heard) -> str:
        hint = (heard.language or "")[:2].lower()
        return hint if hint in self.translators else self.default_language

    def _write(self, talk: Talk, turn: Turn) -> None:
        db, conversation = talk.db, talk.conversation
        for say in talk.said:
            turn.letters.append(_say(db, talk, say))
        if talk.handler:
            messages.handled_by(db, talk.heard_id, talk.handler)
        people.keep(db, conversation)
        if conversation.person is None and talk.person.is_changed:
            people.keep_person(db, talk.person)

    async def _gather(
        self, db: Session, heard: Heard, conversation: Conversation, album: str
    ) -> tuple[Heard, int] | None:
        """Put the stored parts of an album together; None when an earlier turn did."""
        parts = await messages.take_waiting(db, conversation.id, album)
        if not parts:
            return None
        files = tuple(File(**file) for part in parts for file in part.content["files"])
        caption = "\n".join(part.content["caption"] for part in parts if part.content.get("caption"))
        whole = Media(files, caption, album)
        return (
            Heard(
                channel=heard.channel,
                conversation=heard.conversation,
                sender=heard.sender,
                key=heard.key,
                word=whole,
                at=parts[-1].said_at,
                is_group=heard.is_group,
                is_overheard=heard.is_overheard,
                reply_to=parts[0].content.get("reply_to"),
                ref=parts[0].content.get("ref"),
            ),
            parts[-1].id,
        )

    async def unfinished_albums(self, store: Store) -> list[Heard]:
        async with store.reading() as db:
            found = await messages.waiting_albums(db)
        return [
            Heard(channel=channel, conversation=external, sender=sender, key=f"album:{album}:",
                  word=Media((), album=album), at=at, is_group=external != sender)
            for channel, external, sender, album, at in found
        ]  # fmt: skip


def is_part(heard: Heard) -> bool:
    """Whether this is one file of an album; the message that stands for the whole has none."""
    return isinstance(heard.word, Media) and heard.word.album is not None and bool(heard.word.files)


def whole_album(part: Heard) -> Heard:
    """The message that stands for all parts of an album that have come."""
    assert isinstance(part.word, Media)
    album = part.word.album
    return replace(part, key=f"album:{album}:{part.key}", word=Media((), album=album), ref=None)


def without_words(heard: Heard) -> Heard:
    """What can still be kept of a message whose content the database does not take."""
    return replace(heard, word=Unknown(type(heard.word).__name__.lower()), ref=None, language=None)


async def tell(db: Session, conversation_id: int, say: Say, number: int | None = None) -> list[Letter]:
    """Write to a conversation from outside of it; a person's choices offered last are then these.

    What is due later is no letter yet: it is put aside, and the clock tells it at its hour.
    """
    to = await people.conversation(db, conversation_id)
    if to is None:
        return []
    content = as_content(say)
    if say.due_at and say.due_at > db.now:
        later.put_aside(db, to.id, content, lane=say.lane, about=say.about, due_at=say.due_at,
                        expires_at=say.expires_at)  # fmt: skip
        return []
    return [
        tell_now(db, to, content, lane=say.lane, about=say.about, expires_at=say.expires_at, rewrites=say.rewrites,
                 number=number)
    ]  # fmt: skip


def tell_now(
    db: Session, to: Conversation, content: dict[str, Any], *, lane: int, about: str | None,
    expires_at: datetime | None = None, rewrites: int | None = None, number: int | None = None,
) -> Letter:  # fmt: skip
    """`rewrites` is an older message of ours: what the channel calls it is found out when this one is sent."""
    message_id = messages.say(
        db, to.id, content, channel=to.channel, lane=lane, about=about, expires_at=expires_at, replaces=rewrites,
        message_id=number,
    )  # fmt: skip
    if rows := content.get("choices"):
        _offer(to, [[option["label"], option.get("do", "")] for row in rows for option in row])
        people.keep(db, to)
    letter = _letter(message_id, to, lane, content)
    letter.expires_at, letter.replaces_id = expires_at, rewrites
    return letter


def _by_channel(names: Any) -> list[tuple[str, list[str]]]:
    channels: dict[str, list[str]] = {}
    for channel, name in names:
        channels.setdefault(channel, []).append(name)
    return list(channels.items())


def _row(heard: Heard, conversation: Conversation, person: Person) -> dict[str, Any]:
    kind, content = _content(heard)
    if heard.is_group:  # By which an answer to it is traced to what it is about.
        content |= {"ref": heard.ref, "reply_to": heard.reply_to}
    return {
        "channel": heard.channel,
        "key": heard.key,
        "conversation_id": conversation.id,
        "person_id": person.id,
        "municipality": person.municipality,
        "kind": kind,
        "content": content,
        "said_at": heard.at,
    }


def _content(heard: Heard) -> tuple[str, dict[str, Any]]:
    """What is stored of a message: its kind and its words."""
    match heard.word:
        case Text(text):
            return "text", {"text": text[:MAX_KEPT_CHARS]} | ({"ref": heard.ref} if heard.ref else {})
        case Opened(payload):
            return "opened", {"payload": payload}
        case Choice(chosen):
            return "choice", {"token": chosen}
        case Media(files, caption, album):
            return "media", {"files": [_file(file) for file in files], "caption": caption, "album": album}
        case Place(lat, lon):
            return "place", {"lat": lat, "lon": lon}
        case Phone(number, own):
            return "phone", {"number": number, "own": own}
        case Edited(ref, text):
            return "edited", {"ref": ref, "text": text[:MAX_KEPT_CHARS]}
        case Migrated(name):
            return "migrated", {"to": name}
        case Reach(can_receive):
            return "reach", {"can_receive": can_receive}
        case Unknown(kind):
            return "unknown", {"kind": kind}
        case Receipt():
            raise AssertionError("A receipt is not a message.")


def _file(file: File) -> dict[str, Any]:
    return {"kind": file.kind, "ref": file.ref, "name": file.name, "size": file.size, "mime": file.mime}


def _say(db: Session, talk: Talk, say: Say) -> Letter:
    pressed = talk.pressed if say.replaces else None
    content = as_content(say)
    message_id = messages.say(
        db,
        talk.conversation.id,
        content,
        channel=talk.conversation.channel,
        lane=say.lane,
        answers_id=talk.heard_id,
        replaces=pressed.message_id if pressed else None,
        about=say.about,
    )
    if say.choices:
        _offer(talk.conversation, [[option.label, option.do] for row in say.choices for option in row])
    letter = _letter(message_id, talk.conversation, say.lane, content)
    if pressed:
        # Whoever presses at once is quicker than our note of what the channel called that message.
        letter.replaces, letter.replaces_id = pressed.external or talk.heard.ref, pressed.message_id
    return letter


def _offer(conversation: Conversation, menu: list[list[str]]) -> None:
    """Remember the choices, so that each can also be typed."""
    conversation.menu = menu
    conversation.is_changed = True


def _letter(message_id: int, to: Conversation, lane: int, content: dict[str, Any]) -> Letter:
    return Letter(
        id=message_id,
        conversation_id=to.id,
        channel=to.channel,
        address=to.external,
        is_group=to.is_group,
        lane=lane,
        content=content,
        reachable=to.reachable,
    )
