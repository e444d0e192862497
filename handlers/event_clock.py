"""What the clock says about events: reminders, a place that nobody confirmed, an event that is over."""

from typing import Any

from handlers import event_card, home
from handlers.event_seats import TICKET
from handlers.event_voices import report
from handlers.talk import Talk
from handlers.words import NOTICE, Option, Picture, Say, b, fill, join
from storage import events, seats
from storage.events import Event
from storage.seats import CARES, GOING, Seat


async def remind(talk: Talk, row: Any) -> Say | None:
    """The reminder of an event, with all one has to know; None when the event moved, or the place was given back."""
    event = await events.event(talk.db, int(row.about.split(":")[1]))
    if event is None or not event.is_open or event.starts_at != row.for_at:
        return None
    seat = await seats.of_person(talk.db, event.id, talk.person.id)
    if seat and seat.state not in CARES:
        return None
    _ = talk._
    going = seat is not None and seat.state == GOING
    number = fill(_("Your number at the door: {number}."), number=b(str(seat.number))) if seat and going else ""
    ways = [Option("✖️ " + _("I cannot come"), f"event-drop:{event.id}")] if seat else []
    return Say(
        text=join("⏰ " + _("Reminder"), event_card.brief(talk, event), number, between="\n\n"),
        choices=[ways, [Option("🗓 " + _("To the event"), f"event:{event.id}"), home.to_menu(talk)]],
        picture=_code(talk, seat) if seat and going else None,
        about=row.about,
        lane=NOTICE,
        expires_at=event.starts_at,
    )


def _code(talk: Talk, seat: Seat) -> Picture:
    return Picture(kind="qr", value=f"{TICKET}_{seat.ticket}", name=f"ticket-{seat.number}.png",
                   alt=talk._("QR code of the ticket number {number}").format(number=seat.number))  # fmt: skip


def lapsed(talk: Talk, event: Event) -> Say:
    _ = talk._
    return Say(
        text=join(
            _("Your place was not confirmed in time, so it is free again."), event_card.brief(talk, event),
            between="\n\n"),
        choices=[[Option("✍️ " + _("Sign up again"), f"event-join:{event.id}")],
                 [event_card.back(talk, event), home.to_menu(talk)]],
        about=f"event:{event.id}",
        lane=NOTICE,
    )  # fmt: skip


async def over(talk: Talk, event: Event) -> Say:
    """For the organizer: how it was, and what is still to be done."""
    _ = talk._
    return Say(
        text=join(b("✔️ " + _("The event is over. Here are its figures so far.")), await report(talk, event),
                  _("You can still check people in, answer questions, and send minutes and pictures."), between="\n\n"),
        choices=[[Option("📝 " + _("Minutes and pictures"), f"event-minutes:{event.id}")],
                 [Option("🛠 " + _("Manage"), f"plan:{event.id}"), home.to_menu(talk)]],
        about=f"event:{event.id}",
        lane=NOTICE,
    )  # fmt: skip
