"""The duty of telling people what they asked to be reminded of, and what waited for the end of their quiet hours."""

from collections.abc import Mapping

from bot.announcing import announce
from bot.turns import tell, tell_now
from handlers import recall
from handlers.talk import Links, Talk
from handlers.words import Heard, Opened
from locales import Translator
from storage import later, people, reminders
from storage.database import Session, Store
from storage.handbook import Handbook
from storage.messages import Letter


async def remind(store: Store, handbook: Handbook, translators: Mapping[str, Translator], links: Links) -> list[Letter]:
    """Claim what is due and say it, in one transaction: told once, also when two processes look at once."""
    letters: list[Letter] = []
    async with store.reading() as db:
        if not await reminders.any_due(db):
            return letters
    async with store.writing() as db:
        told: set[tuple[int, str]] = set()
        for row in await reminders.take_due(db):
            of = (row.conversation_id, ":".join(row.about.split(":")[:2]))
            if of in told:  # After a standstill two reminders of one event are due together: once is enough.
                await reminders.void(db, row.id)
                continue
            conversation = await people.conversation(db, row.conversation_id)
            if conversation is None or conversation.person is None:
                continue
            talk = turn_of_clock(db, conversation, conversation.person, handbook, translators, links)
            say = await recall.due(talk, row)
            if say:
                told.add(of)
                letters += await tell(db, conversation.id, say)
            else:
                await reminders.void(db, row.id)
        await announce(store, db, letters)
    return letters


async def tell_postponed(store: Store) -> list[Letter]:
    """Say what was put aside for this hour."""
    letters: list[Letter] = []
    async with store.reading() as db:
        if not await later.any_due(db):
            return letters
    async with store.writing() as db:
        for row in await later.take_due(db):
            to = await people.conversation(db, row.conversation_id)
            if to is not None:
                letters.append(tell_now(db, to, row.content, lane=row.lane, about=row.about, expires_at=row.expires_at))
        await announce(store, db, letters)
    return letters


def turn_of_clock(
    db: Session,
    conversation: people.Conversation,
    person: people.Person,
    handbook: Handbook,
    translators: Mapping[str, Translator],
    links: Links,
) -> Talk:
    """A turn that nobody began: the clock did."""
    heard = Heard(
        channel=conversation.channel,
        conversation=conversation.external,
        sender=conversation.external,
        key="clock",
        word=Opened(),
        at=db.now,
    )
    return Talk(heard, 0, person, conversation, handbook, db, translators, links)
