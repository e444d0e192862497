"""Files of an event: its picture, its programme, what is sent to those who came."""

from collections.abc import Sequence

from handlers import event_card, events, home
from handlers.talk import AS_PHOTO, Talk
from handlers.words import Attachment, Option, Say, b
from storage import media
from storage.events import Event


async def attachments(talk: Talk, numbers: Sequence[int | None], alt: str) -> list[Attachment]:
    """Those that are here already, ready to go out; a photo without what the camera wrote into it."""
    found = []
    for row in await media.some(talk.db, [number for number in numbers if number]):
        if row.state != "kept":
            continue
        is_photo = row.shown_digest is not None
        mime = "image/jpeg" if is_photo else row.mime
        found.append(
            Attachment(
                kind="photo" if is_photo and mime in AS_PHOTO else "document",
                digest=row.shown_digest or row.digest,
                name=row.name or ("photo.jpg" if is_photo else "file"),
                mime=mime,
                size=row.shown_size or row.size,
                alt=alt,
            )
        )
    return found


async def picture(talk: Talk, event: Event) -> list[Attachment]:
    return await attachments(talk, [event.picture], event_card.title(talk, event))


async def agenda_chosen(talk: Talk, number: str) -> None:
    event = await events.find(talk, number)
    if event is None:
        return None
    files = await attachments(talk, [event.agenda], event_card.title(talk, event))
    if not files:
        return await events.show(talk, event, talk._("The programme is not here yet. Please try again in a minute."))
    back = [event_card.back(talk, event), home.to_menu(talk)]
    talk.said.append(Say(text=[b("📄 " + talk._("Programme"))], choices=[back], files=files))
    return None


def remove(label: str, event: Event, name: str) -> Option:
    return Option("🗑 " + label, f"event-set:{event.id}:{name}:")
