"""At the door: tickets read as QR codes or by their number, the list of guests, and the list as a file."""

from handlers import event_card, home
from handlers.event_rights import DOORKEEPERS, may, own_event
from handlers.event_seats import plain_words
from handlers.talk import Talk
from handlers.words import Option, Part, Say, Text, b, join
from storage import events, seats
from storage.events import CANCELLED, DRAFT, Event
from storage.seats import ABSENT, CAME, CARES, GOING, WAITING, Seat
from storage.spreadsheets import as_csv, as_xlsx

NUMBER = "event.door"
SHOWN = 60  # Guests in one message; the file has them all.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def _door_event(talk: Talk, number: str) -> Event | None:
    event = await own_event(talk, number, DOORKEEPERS)
    if event and event.state in (DRAFT, CANCELLED):
        await home.stale_choice(talk)
        return None
    return event


async def door_chosen(talk: Talk, number: str) -> None:
    if event := await _door_event(talk, number):
        await _show_door(talk, event)


async def _show_door(
    talk: Talk, event: Event, *first: str | Part | list[Part], choices: tuple[Option, ...] = ()
) -> None:
    """Stay at the door: the next number is expected at once."""
    _ = talk._
    talk.expect(NUMBER, event=event.id)
    seen = await seats.attendance(talk.db, event.id)
    came = talk.n("{count} person has come, {all} were expected.", "{count} people have come, {all} were expected.",
                  seen.came or 0).format(count=seen.came or 0, all=seen.going)  # fmt: skip
    talk.say(
        join(*first, b("🚪 " + event_card.title(talk, event)), came,
             _("Write the number of a ticket, or read its QR code with the telephone's camera."), between="\n\n"),
        [list(choices), [Option("👥 " + _("List"), f"event-guests:{event.id}"),
                         Option("✔️ " + _("Finish"), f"event-closed:{event.id}")]],
    )  # fmt: skip


async def closed_chosen(talk: Talk, number: str) -> None:
    """Go away from the door; numbers are questions again."""
    talk.expect(None)
    event = await _door_event(talk, number)
    if event:
        await home.show_menu(talk)


async def take_number(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    event = await _door_event(talk, str((talk.conversation.draft or {}).get("event", 0)))
    if event is None:
        return None
    said = plain_words(talk.heard.word.text, 20).lstrip("#№ ")
    _ = talk._
    if not (said.isascii() and said.isdecimal()):
        return await _show_door(talk, event, _("Please write only the number, for example 17."))
    seat = await seats.by_number(talk.db, event.id, int(said[:9]))
    if seat is None:
        return await _show_door(talk, event, _("There is no ticket with the number {number}.").format(number=said))
    return await admit(talk, event, seat)


async def read_code(talk: Talk, token: str) -> bool:
    """A ticket's QR code was opened by a phone. True if its owner keeps this door and the guest was let in."""
    seat = await seats.by_ticket(talk.db, token)
    event = await events.event(talk.db, seat.event_id) if seat else None
    if seat is None or event is None or event.state in (DRAFT, CANCELLED) or not await may(talk, event, DOORKEEPERS):
        return False
    if seat.person_id == talk.person.id and talk.conversation.step != NUMBER:
        return False  # An organizer looks at their own ticket.
    await admit(talk, event, seat)
    return True


async def admit(talk: Talk, event: Event, seat: Seat) -> None:
    """Let a guest in, once; say why not where something is wrong."""
    _ = talk._
    who = guest(talk, seat)
    undo = Option("↩️ " + _("Take back"), f"seat-out:{seat.id}")
    let_in = Option("✔️ " + _("Let in all the same"), f"seat-in:{seat.id}")
    if seat.state == CAME:
        at = talk.translator.time(seat.came_at) if seat.came_at else ""
        told = _("⚠️ {who}: let in already, at {time}.").format(who=who, time=at)
        return await _show_door(talk, event, told, choices=(undo,))
    if seat.state == WAITING:
        told = _("⚠️ {who}: on the waiting list, without a place.").format(who=who)
        return await _show_door(talk, event, told, choices=(let_in,))
    if seat.state not in (*CARES, ABSENT):
        return await _show_door(talk, event, _("⚠️ {who}: this place was given back.").format(who=who))
    seats.check_in(talk.db, seat, talk.person.id)
    return await _show_door(talk, event, [b("✅ " + who)], choices=(undo,))


def guest(talk: Talk, seat: Seat) -> str:
    return f"№ {seat.number} · {seat.name or '–'} · {event_card.places_count(talk, seat.seats)}"


async def _seat(talk: Talk, number: str) -> tuple[Event, Seat] | None:
    seat = await seats.by_id(talk.db, int(number)) if number.isdecimal() else None
    event = await _door_event(talk, str(seat.event_id)) if seat else None
    if seat is None:
        await home.stale_choice(talk)
    return (event, seat) if event and seat else None


async def in_chosen(talk: Talk, number: str) -> None:
    """Somebody from the waiting list, and there is room."""
    found = await _seat(talk, number)
    if found is None:
        return None
    event, seat = found
    if seat.state != WAITING:
        return await admit(talk, event, seat)
    seats.check_in(talk.db, seat, talk.person.id)
    return await _show_door(talk, event, [b("✅ " + guest(talk, seat))])


async def out_chosen(talk: Talk, number: str) -> None:
    found = await _seat(talk, number)
    if found is None:
        return None
    event, seat = found
    if seat.state != CAME:
        return await _show_door(talk, event)
    seats.undo_check_in(talk.db, seat, talk.person.id)
    return await _show_door(talk, event, talk._("Taken back: {who}.").format(who=guest(talk, seat)))


# --- The list ---


MARKS = {GOING: "⬜", CAME: "✅", WAITING: "⏳", "offered": "🎉", ABSENT: "❌"}


async def guests_chosen(talk: Talk, number: str) -> None:
    _ = talk._
    event = await _door_event(talk, number)
    if event is None:
        return
    found = [seat for seat in await seats.of_event(talk.db, event.id) if seat.state in MARKS]
    lines = [f"{MARKS[seat.state]} {guest(talk, seat)}" for seat in sorted(found, key=lambda seat: seat.number)]
    more = len(lines) - SHOWN
    if more > 0:
        lines = [*lines[:SHOWN], talk.n("… and {count} more", "… and {count} more", more).format(count=more)]
    talk.say(
        join(b("👥 " + event_card.title(talk, event)), "\n".join(lines) or _("Nobody has signed up yet."),
             _("✅ came, ⬜ expected, ⏳ waiting, 🎉 offered a place, ❌ absent") if lines else "", between="\n\n"),
        [[Option("📥 XLSX", f"event-export:{event.id}:xlsx"), Option("📥 CSV", f"event-export:{event.id}:csv")] if lines
         else [], [Option("🚪 " + _("At the door"), f"event-door:{event.id}"), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip


async def export_chosen(talk: Talk, argument: str) -> None:
    """The whole list as a file, for the door and for the report."""
    number, _colon, form = argument.partition(":")
    event = await _door_event(talk, number)
    if event is None:
        return
    _ = talk._
    states = {GOING: _("expected"), CAME: _("came"), WAITING: _("waiting"), "offered": _("offered a place"),
              ABSENT: _("absent"), "cancelled": _("given back"), "lapsed": _("lapsed")}  # fmt: skip
    head = [_("Number"), _("Name"), _("Places"), _("State"), _("Signed up"), _("Came at")]
    zone = talk.translator.timezone
    rows = [
        [seat.number, seat.name, seat.seats, states[seat.state], f"{seat.since.astimezone(zone):%Y-%m-%d %H:%M}",
         f"{seat.came_at.astimezone(zone):%Y-%m-%d %H:%M}" if seat.came_at else None]
        for seat in sorted(await seats.of_event(talk.db, event.id), key=lambda seat: seat.number)
    ]  # fmt: skip
    is_csv = form == "csv"
    data = as_csv(head, rows) if is_csv else as_xlsx(_("List"), head, rows)
    name = f"event-{event.id}.{'csv' if is_csv else 'xlsx'}"
    talk.said.append(
        Say(
            text=_("The list contains names. Please keep it safe and delete it when it is no longer needed."),
            choices=[[Option("👥 " + _("List"), f"event-guests:{event.id}"), home.to_menu(talk)]],
            files=[talk.attach(name, "text/csv" if is_csv else XLSX, data)],
        )
    )
