"""What the tests of events have in common: an organizer, an event that is published, the clock's duties."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot import reminding
from bot.event_duties import EventDuties
from handlers.talk import Links
from storage import events, roles
from storage.database import Store
from storage.events import Event
from storage.handbook import Library
from storage.messages import Letter
from storage.models import conversations
from storage.models import events as table
from tests.town import SOFIA, TRANSLATORS, Citizen, Town

LINKS = Links("https://gishe.example", "gishe_bot")


def sofia(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=SOFIA, fold=fold)  # type: ignore[misc,arg-type]


async def invited(town: Town, name: str, role: str = "organizer", municipality: str | None = "montana",
                  language: str = "bg") -> Citizen:  # fmt: skip
    """Somebody who has taken up an invitation."""
    async with town.store.writing() as db:
        token = roles.invite(db, role, municipality)
    person = town.citizen(name, language=language)
    await person.opens(token)
    return person


async def tick(town: Town) -> None:
    """What the clock does every few seconds."""
    town.post(await duties(town.store, town.library))


async def duties(store: Store, library: Library, links: Links = LINKS) -> list[Letter]:
    letters = await EventDuties(store, library, TRANSLATORS, links).run()
    letters += await reminding.remind(store, library.current, TRANSLATORS, links)
    return letters + await reminding.tell_postponed(store)


async def newest_event(store: Store) -> Event:
    async with store.reading() as db:
        event_id = await db.value(select(table.c.id).order_by(table.c.id.desc()).limit(1))
        event = await events.event(db, event_id)
    assert event is not None
    return event


async def person_of(store: Store, citizen: Citizen) -> int:
    async with store.reading() as db:
        return int(await db.value(select(conversations.c.person_id).where(conversations.c.external == citizen.name)))


async def published(
    town: Town, by: Citizen, starts: datetime, ends: datetime | None = None, *, draft: bool = False, **more: Any
) -> Event:
    """An event of this organizer, without the dialogue."""
    person_id = await person_of(town.store, by)
    values = {"municipality": "montana", "kind": "citizen-training", "title_bg": "Обучение за граждани",
              "place": "Читалище „Разум“", **more}  # fmt: skip
    async with town.store.writing() as db:
        event_id = events.plan(db, person_id, starts_at=starts, ends_at=ends, **values)
        event = await events.event(db, event_id)
        assert event is not None
        if not draft:
            events.publish(db, event, person_id)
    return await newest_event(town.store)
