"""The clock's duties for events: news told in batches, places that nobody confirmed passed on, events that are over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.announcing import announce
from bot.reminding import turn_of_clock
from bot.turns import tell
from handlers import event_clock, event_news, event_seats
from handlers.talk import Links, Talk
from locales import Translator
from storage import event_audience, event_reminders, events, follows, later, people, preferences, seats
from storage.database import Session, Store
from storage.event_audience import addresses
from storage.events import Event
from storage.handbook import Library
from storage.messages import Letter
from storage.preferences import DEFAULT, Wishes
from storage.seats import CARES

BATCH = 100  # People told in one transaction: other turns wait for no more than that.
BATCHES = 5  # In one tick; the next is a few seconds away.


@dataclass
class EventDuties:
    store: Store
    library: Library
    translators: Mapping[str, Translator]
    links: Links

    async def run(self) -> list[Letter]:
        """All of it, at every tick; when nothing is to be done this only looks."""
        return [*await self.pass_on(), *await self.close(), *await self.tell_news()]

    async def _turn(self, db: Session, conversation_id: int) -> Talk | None:
        to = await people.conversation(db, conversation_id)
        if to is None or to.person is None:
            return None
        return turn_of_clock(db, to, to.person, self.library.current, self.translators, self.links)

    # --- News ---

    async def tell_news(self) -> list[Letter]:
        letters: list[Letter] = []
        for _batch in range(BATCHES):
            async with self.store.reading() as db:
                if not await events.any_news(db):
                    break
            async with self.store.writing() as db:
                letters += (told := await self._tell_batch(db))
                await announce(self.store, db, told)
        return letters

    async def _tell_batch(self, db: Session) -> list[Letter]:
        news = await events.next_news(db)
        event = await events.event(db, news.event_id) if news else None
        if news is None or event is None:
            return []
        if news.what == "cancelled" and not news.after:  # What waits for the morning is not true any more.
            await later.void(db, event_news.about(event))
        batch = await event_audience.batch(db, event, news.what, news.after, BATCH)
        where = await addresses(db, batch, event.id)
        wishes = await preferences.of_many(db, batch)
        letters = []
        for person_id in batch:
            if person_id in where:
                letters += await self._tell_one(db, event, news, where[person_id], wishes.get(person_id, DEFAULT))
        after = batch[-1] if batch else news.after
        await events.told_up_to(db, news.id, after, len(where), is_done=len(batch) < BATCH)
        return letters

    async def _tell_one(
        self, db: Session, event: Event, news: Any, conversation_id: int, wishes: Wishes
    ) -> list[Letter]:
        talk = await self._turn(db, conversation_id)
        if talk is None:
            return []
        if news.what == "changed" and "starts_at" in news.content["new"]:
            await self._move_reminders(talk, event, wishes)
        followed = await follows.of(db, talk.person.id) if news.what == "published" else []
        say = await event_news.word(talk, event, news.what, news.content, followed)
        if say is None:
            return []
        due_at = wishes.when_to_tell(db.now, talk.translator.timezone)
        return await tell(db, conversation_id, replace(say, due_at=due_at))

    async def _move_reminders(self, talk: Talk, event: Event, wishes: Wishes) -> None:
        """Reminders go with the event; those for its old hour are void."""
        seat = await seats.of_person(talk.db, event.id, talk.person.id)
        if seat and seat.state in CARES:
            await event_seats.plan_reminders(talk, event, seat)
            return
        leads = await event_reminders.waiting(talk.db, event.id, talk.person.id)
        if leads:
            zone = talk.translator.timezone
            await event_reminders.plan(talk.db, event, talk.person.id, talk.conversation.id, leads, wishes, zone)

    # --- The waiting list ---

    async def pass_on(self) -> list[Letter]:
        """Places that were offered and not confirmed go to the next."""
        letters: list[Letter] = []
        async with self.store.reading() as db:
            if not await seats.any_lapsed(db):
                return letters
        async with self.store.writing() as db:
            for seat in await seats.lapsed(db):
                event = await events.locked(db, seat.event_id)
                talk = await self._turn(db, seat.conversation_id)
                if event is None or talk is None:
                    continue
                letters += await tell(db, seat.conversation_id, event_clock.lapsed(talk, event))
                await event_seats.offer_free_places(talk, event)
                for told in talk.told:
                    letters += await tell(db, told.to, told.say, told.number)
            await announce(self.store, db, letters)
        return letters

    # --- Afterwards ---

    async def close(self) -> list[Letter]:
        """What is over is held: places are settled, people asked how it was, the organizer gets the figures."""
        letters: list[Letter] = []
        async with self.store.reading() as db:
            if not await events.over(db) and not await seats.old_names(db):
                return letters
        async with self.store.writing() as db:
            for event in await events.over(db):
                letters += await self._close_one(db, event)
            await seats.forget_names(db, await seats.old_names(db))
            await announce(self.store, db, letters)
        return letters

    async def _close_one(self, db: Session, event: Event) -> list[Letter]:
        held = events.hold(db, event)
        await seats.close(db, held)
        await event_reminders.forget(db, held.id)
        events.tell(db, held.id, "feedback")
        where = await addresses(db, [held.made_by])
        talk = await self._turn(db, where[held.made_by]) if where else None
        if talk is None:
            return []
        zone = talk.translator.timezone
        due_at = await preferences.when_to_tell(db, held.made_by, zone)
        return await tell(db, talk.conversation.id, replace(await event_clock.over(talk, held), due_at=due_at))
