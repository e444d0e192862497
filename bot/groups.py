"""Where something said in a group belongs: to us at all, and to which conversation there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.words import Choice, Heard, Media, Reach
from storage import messages, people, staffgroups
from storage.database import Session
from storage.people import Conversation, chat_of

Met = dict[tuple[str, str], Conversation]
Groups = dict[tuple[str, str], Any]  # The groups that work with us, by channel and the channel's name of the chat.


@dataclass(frozen=True, slots=True)
class Spoken:
    """The conversation in which something was said (None: that of its address), and what it answers."""

    conversation: Conversation | None = None
    replied: Any = None
    group: Any = None


async def find_groups(db: Session, heard: Sequence[Heard]) -> Groups:
    """Which of the groups spoken in work with us."""
    found: Groups = {}
    wanted = {(one.channel, chat_of(one.conversation)) for one in heard if one.is_group}
    for channel in {channel for channel, _chat in wanted}:
        rows = await staffgroups.by_chat(db, channel, {chat for known, chat in wanted if known == channel})
        found |= {(channel, chat): row for chat, row in rows.items()}
    return found


async def find_place(
    db: Session, heard: Heard, met: Met, offers: Mapping[int, Any], groups: Groups
) -> Spoken | None:  # fmt: skip
    """None for what a group says to itself: where it does not work with us, and where nobody turned to us.

    We are turned to by a command, a choice, an answer to a message of ours (or to an answer to it), and by whoever we
    have just asked for something.
    """
    chat = chat_of(heard.conversation)
    group = groups.get((heard.channel, chat))
    if group is None:
        return None if heard.is_overheard else Spoken()
    if isinstance(heard.word, Reach):
        return Spoken(group=group)
    traced, replied = await _traced(db, heard, chat, offers)
    conversation = traced or met.get((heard.channel, heard.conversation))
    is_of_album = traced is not None and not heard.reply_to
    if heard.is_overheard and not is_of_album and not _is_to_us(heard, conversation, replied, met):
        return None
    if conversation is not None:
        conversation = met.setdefault((heard.channel, conversation.external), conversation)
    return Spoken(conversation, replied, group)


async def _traced(
    db: Session, heard: Heard, chat: str, offers: Mapping[int, Any]
) -> tuple[Conversation | None, Any]:  # fmt: skip
    """The conversation to which a pressed choice or an answered message belongs."""
    place, replied = None, None
    if isinstance(heard.word, Choice):
        wanted = messages.read_token(heard.word.token)
        row = offers.get(wanted[0]) if wanted else None
        place = row and row.conversation_id
    elif heard.reply_to and (found := await staffgroups.answered(db, heard.channel, chat, heard.reply_to)):
        place, replied = found
    elif isinstance(heard.word, Media) and heard.word.album:
        place = await staffgroups.album(db, heard.channel, chat, heard.word.album)
    conversation = await people.conversation(db, place) if place else None
    if conversation is None or (conversation.channel, chat_of(conversation.external)) != (heard.channel, chat):
        return None, None
    return conversation, replied


def _is_to_us(heard: Heard, conversation: Conversation | None, replied: Any, met: Met) -> bool:
    if conversation is None:
        return False
    if replied is not None or (heard.reply_to and conversation.external != chat_of(conversation.external)):
        return True
    speaker = met.get((heard.channel, heard.sender))
    return bool(speaker and speaker.person and str(speaker.person.id) in (conversation.speakers or {}))
