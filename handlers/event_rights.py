"""Who may do what with an event: its organizers everything, the municipality's staff the door."""

from handlers import home
from handlers.event_card import municipality as municipality_of
from handlers.talk import Talk
from handlers.words import Option
from storage import events, roles
from storage.events import Event

ORGANIZERS = ("organizer", "administrator")
DOORKEEPERS = (*ORGANIZERS, *roles.CASEWORKERS)


async def municipalities(talk: Talk, wanted: tuple[str, ...] = ORGANIZERS) -> list[str | None]:
    """Where this person holds one of these roles; None stands for all four together."""
    held = [role for role in await roles.of(talk.db, talk.person.id) if role.role in wanted]
    if any(role.municipality is None for role in held):
        return [*talk.handbook.municipalities, None]
    return [slug for slug in talk.handbook.municipalities if any(role.municipality == slug for role in held)]


async def may(talk: Talk, event: Event, wanted: tuple[str, ...] = ORGANIZERS) -> bool:
    held = await municipalities(talk, wanted)
    if event.municipality is None and wanted == DOORKEEPERS:  # What is for all is received by the staff of each.
        return bool(held)
    return event.municipality in held


async def own_event(talk: Talk, number: str, wanted: tuple[str, ...] = ORGANIZERS) -> Event | None:
    """The event, if this person may work on it; else they are told why not."""
    found = await events.event(talk.db, int(number)) if number.isdecimal() else None
    if found is None:
        await home.stale_choice(talk)
        return None
    if await may(talk, found, wanted):
        return found
    _ = talk._
    talk.say(
        _("Only the organizers of {municipality} can do this. Please ask them, or ask the administrator for the role.")
        .format(municipality=municipality_of(talk, found)),
        [[Option("🗓 " + _("Events"), "events"), home.to_menu(talk)]],
    )  # fmt: skip
    return None
