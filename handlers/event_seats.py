"""Signing up for an event, waiting for a place, the ticket, giving a place back."""

from dataclasses import replace
from datetime import timedelta

from handlers import event_card, events, home, preferences
from handlers.event_calendar import calendar_file
from handlers.talk import Talk
from handlers.typed_counts import read_count
from handlers.words import NOTICE, Attachment, Option, Picture, Say, Text, b, fill, join
from storage import event_reminders, people, seats
from storage import events as store
from storage import preferences as wishes_of
from storage.events import Event
from storage.seats import AT_MOST, CAME, CARES, GOING, OFFERED, WAITING, Seat

ASK_MANY, ASK_NAME = "event.seats", "event.name"
MAX_NAME = 80
ENOUGH = timedelta(hours=2)  # Before the event, to be told of a place and still come.
TICKET = "ticket"


def plain_words(said: str, limit: int) -> str:
    """One line of what was typed, without what no name has."""
    return " ".join("".join(c for c in said if c.isprintable() or c.isspace()).split())[:limit]


# --- Signing up ---


async def join_chosen(talk: Talk, argument: str) -> None:
    """For how many? Then: on whose name?"""
    number, _colon, many = argument.partition(":")
    event = await _open_event(talk, number)
    if event is None:
        return None
    if many.isdecimal():
        return await _ask_name(talk, event, int(many))
    _ = talk._
    talk.expect(ASK_MANY, event=event.id)
    talk.say(
        join(b(event_card.title(talk, event)),
             _("For how many people, you included? Choose or write a number up to {most}.").format(most=AT_MOST),
             between="\n\n"),
        [_counts(event.id), [event_card.back(talk, event), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip
    return None


def _counts(event_id: int) -> list[Option]:
    return [Option(str(count), f"event-join:{event_id}:{count}") for count in range(1, 6)]


async def _open_event(talk: Talk, number: str) -> Event | None:
    """The event, if one can still sign up for it; it is held until the turn ends."""
    event = await events.find(talk, number)
    if event is None:
        return None
    _ = talk._
    if not event.is_open or event.ends <= talk.now:
        await events.show(talk, event, _("It is too late for that: this event is over or was cancelled."))
        return None
    if not event.takes_names:
        await events.show(talk, event, _("You need not sign up for this event: just come."))
        return None
    return await store.locked(talk.db, event.id)


async def take_many(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    event_id = (talk.conversation.draft or {}).get("event", 0)
    many = read_count(talk.heard.word.text)
    if many is None or not 0 < many <= AT_MOST:
        talk.say(
            talk._("Please write a number from 1 to {most}. For a larger group call the municipality.").format(
                most=AT_MOST
            ),
            [_counts(event_id), [Option("⬅️ " + talk._("Back to the event"), f"event:{event_id}"), home.to_menu(talk)]],
        )
        return None
    event = await _open_event(talk, str(event_id))
    return await _ask_name(talk, event, many) if event else None


async def _ask_name(talk: Talk, event: Event, many: int) -> None:
    _ = talk._
    if not 0 < many <= AT_MOST:
        return await home.stale_choice(talk)
    if event.capacity is not None and many > event.capacity:
        talk.say(
            _("There are {all} places in all. Please choose fewer.").format(all=event.capacity),
            [[event_card.back(talk, event), home.to_menu(talk)]],
        )
        return None
    talk.expect(ASK_NAME, event=event.id, many=many)
    talk.say(
        join(_("On which name? It stands only in the list at the door and is deleted a month after the event."),
             _("You can go on without a name: then your number is enough."), between="\n\n"),
        [[Option(_("Without a name"), f"event-nameless:{event.id}:{many}")],
         [event_card.back(talk, event), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip
    return None


async def take_name(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    draft = talk.conversation.draft or {}
    await _sign_up(
        talk, str(draft.get("event", 0)), int(draft.get("many", 1)), plain_words(talk.heard.word.text, MAX_NAME)
    )


async def nameless_chosen(talk: Talk, argument: str) -> None:
    number, _colon, many = argument.partition(":")
    await _sign_up(talk, number, int(many) if many.isdecimal() else 1, "")


async def _sign_up(talk: Talk, number: str, many: int, name: str) -> None:
    talk.expect(None)
    event = await _open_event(talk, number)
    if event is None or not 0 < many <= AT_MOST:
        return None
    known = await seats.of_person(talk.db, event.id, talk.person.id)
    if known and known.state in (*CARES, CAME):
        return await events.show(talk, event, talk._("You have signed up already."))
    seat = await seats.sign_up(talk.db, event, talk.person.id, talk.conversation.id, many, name or None)
    if seat.state == WAITING:
        return await _say_waiting(talk, event, seat)
    return await _say_going(talk, event, seat)


async def _say_waiting(talk: Talk, event: Event, seat: Seat) -> None:
    _ = talk._
    talk.say(
        join(_("All places are taken. You are on the waiting list for {places}.").format(
                places=event_card.places_count(talk, seat.seats)),
             _("When a place becomes free, I will write to you at once, and you will have time to confirm it."),
             between="\n\n"),
        [[Option("✖️ " + _("Leave the waiting list"), f"event-drop:{event.id}")],
         [event_card.back(talk, event), home.to_menu(talk)]],
    )  # fmt: skip


async def _say_going(talk: Talk, event: Event, seat: Seat) -> None:
    """The ticket at once: number, QR code, calendar file, and when there will be a reminder."""
    _ = talk._
    leads = await plan_reminders(talk, event, seat)
    talk.said.append(
        ticket(
            talk,
            event,
            seat,
            _("You are signed up."),
            preferences.before_events(talk, tuple(leads)),
            files=[calendar_file(talk, event)],
        )
    )


async def plan_reminders(talk: Talk, event: Event, seat: Seat) -> list[str]:
    """Put the reminders of this place where they belong; return those that will be told."""
    wishes = await wishes_of.of(talk.db, seat.person_id)
    leads = wishes.remind if seat.leads is None else seat.leads
    planned = await event_reminders.plan(
        talk.db, event, seat.person_id, seat.conversation_id, leads, wishes, talk.translator.timezone
    )
    return [lead for lead in leads if lead in planned]


# --- The ticket ---


def ticket(
    talk: Talk, event: Event, seat: Seat, first: str, last: str = "", files: list[Attachment] | None = None
) -> Say:
    _ = talk._
    title = event_card.title(talk, event)
    return Say(
        text=join(
            b("✅ " + first) if first else "",
            join(b(title), fill("🗓 {when}", when=event_card.when(talk, event)), event_card.where(talk, event),
                 between="\n"),
            fill(_("Your number is {number}, for {places}. Show the code or say the number at the door."),
                 number=b(str(seat.number)), places=event_card.places_count(talk, seat.seats)),
            last,
            between="\n\n",
        ),
        choices=[[Option("✖️ " + _("I cannot come"), f"event-drop:{event.id}"),
                  Option("⏰ " + _("Remind me"), f"event-remind:{event.id}")],
                 [event_card.back(talk, event), home.to_menu(talk)]],
        picture=Picture(kind="qr", value=f"{TICKET}_{seat.ticket}", name=f"ticket-{seat.number}.png",
                        alt=_("QR code of the ticket number {number}").format(number=seat.number)),
        files=files or (),
        about=f"event:{event.id}",
    )  # fmt: skip


async def ticket_chosen(talk: Talk, number: str) -> None:
    event = await events.find(talk, number)
    if event is None:
        return None
    seat = await seats.of_person(talk.db, event.id, talk.person.id)
    if seat is None or seat.state not in (GOING, CAME):
        return await events.show(talk, event, talk._("You have no place at this event."))
    talk.said.append(ticket(talk, event, seat, ""))
    return None


async def show_ticket(talk: Talk, token: str) -> bool:
    """A ticket's code was read by a phone: of its owner or of somebody to whom it says no more than which event it is.

    Whoever keeps the door is sent on to the check-in by the caller; False: there is no such ticket.
    """
    seat = await seats.by_ticket(talk.db, token)
    event = await store.event(talk.db, seat.event_id) if seat else None
    if seat is None or event is None:
        return False
    if seat.person_id == talk.person.id and seat.state == GOING:
        talk.said.append(ticket(talk, event, seat, ""))
    else:
        await events.show(talk, event)
    return True


# --- Giving it back ---


async def drop_chosen(talk: Talk, number: str) -> None:
    """Ask first: a place that was given back may be gone."""
    event, seat = await _own_place(talk, number)
    if event is None or seat is None:
        return
    _ = talk._
    fewer = [
        Option(_("Only {places}").format(places=event_card.places_count(talk, many)), f"event-fewer:{event.id}:{many}")
        for many in range(1, min(seat.seats, 5))
        if seat.state == GOING
    ]
    talk.say(
        join(b(event_card.title(talk, event)),
             _("Shall I give your {places} back? Somebody else may get them at once.").format(
                 places=event_card.places_count(talk, seat.seats)), between="\n\n"),
        [[Option("✔️ " + _("Yes, give back"), f"event-drop-yes:{event.id}")], fewer,
         [event_card.back(talk, event), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip


async def _own_place(talk: Talk, number: str) -> tuple[Event | None, Seat | None]:
    event = await events.find(talk, number)
    if event is None:
        return None, None
    held = await store.locked(talk.db, event.id)
    seat = await seats.of_person(talk.db, event.id, talk.person.id)
    if held is None or seat is None or seat.state not in CARES:
        await events.show(talk, event, talk._("You have no place at this event."))
        return None, None
    return held, seat


async def dropped_chosen(talk: Talk, number: str) -> None:
    event, seat = await _own_place(talk, number)
    if event is None or seat is None:
        return
    await give_back(talk, event, seat)
    _ = talk._
    talk.say(
        _("Your place was given back. Thank you for telling us: somebody else can come now."),
        [[Option("✍️ " + _("Sign up again"), f"event-join:{event.id}")],
         [event_card.back(talk, event), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip


async def give_back(talk: Talk, event: Event, seat: Seat) -> None:
    seats.cancel(talk.db, seat, talk.person.id)
    await event_reminders.forget(talk.db, event.id, seat.person_id)
    await offer_free_places(talk, event)


async def fewer_chosen(talk: Talk, argument: str) -> None:
    number, _colon, many = argument.partition(":")
    event, seat = await _own_place(talk, number)
    if event is None or seat is None:
        return None
    if seat.state != GOING or not many.isdecimal() or not 0 < int(many) < seat.seats:
        return await home.stale_choice(talk)
    fewer = seats.take_fewer(talk.db, seat, int(many), talk.person.id)
    await offer_free_places(talk, event)
    talk.said.append(ticket(talk, event, fewer, talk._("Your booking was changed.")))
    return None


# --- The waiting list ---


async def offer_free_places(talk: Talk, event: Event) -> None:
    """Move up who waits, and tell them until when their place is kept."""
    for seat in await seats.move_up(talk.db, event):
        other = await people.conversation(talk.db, seat.conversation_id)
        if other is None or other.person is None:
            continue
        told_at = await wishes_of.when_to_tell(talk.db, other.person.id, talk.translator.timezone)
        if told_at > talk.now and event.starts_at and event.starts_at - told_at > ENOUGH:
            seat = seats.wait_longer(talk.db, event, seat, told_at)
        else:  # Whoever waits for the morning would miss the event.
            told_at = talk.now
        talk.tell(other.id, replace(offer(talk.beside(other), event, seat), due_at=told_at))


def offer(talk: Talk, event: Event, seat: Seat) -> Say:
    _ = talk._
    return Say(
        text=join(event_card.own_place(talk, event, seat), event_card.brief(talk, event),
                  _("If you do not confirm, the place goes to the next person."), between="\n\n"),
        choices=[[Option("✅ " + _("Confirm my place"), f"event-confirm:{event.id}")],
                 [Option("✖️ " + _("I cannot come"), f"event-drop:{event.id}")],
                 [event_card.back(talk, event), home.to_menu(talk)]],
        about=f"event:{event.id}",
        lane=NOTICE,
        expires_at=seat.offered_until,
    )  # fmt: skip


async def confirm_chosen(talk: Talk, number: str) -> None:
    event = await _open_event(talk, number)
    if event is None:
        return None
    _ = talk._
    seat = await seats.of_person(talk.db, event.id, talk.person.id)
    if seat is None or seat.state != OFFERED or (seat.offered_until and seat.offered_until <= talk.now):
        told = _("You have signed up already.") if seat and seat.state == GOING else _(
            "This place is not kept for you any more. You can sign up again.")  # fmt: skip
        return await events.show(talk, event, told)
    return await _say_going(talk, event, seats.confirm(talk.db, seat))


# --- Reminders of one event ---


async def remind_chosen(talk: Talk, argument: str) -> None:
    """Which reminders for this event; whoever has no place is reminded as well."""
    number, _colon, lead = argument.partition(":")
    event = await events.find(talk, number)
    if event is None:
        return None
    if not event.is_open or event.starts_at is None or event.starts_at <= talk.now:
        return await events.show(talk, event, talk._("It is too late for a reminder."))
    seat = await seats.of_person(talk.db, event.id, talk.person.id)
    leads = await _leads(talk, event, seat)
    if lead:
        leads = () if lead == "none" else preferences.turned(leads, lead) if lead in preferences.LEADS else leads
        leads = await _keep_leads(talk, event, seat, leads)
    return _show_leads(talk, event, leads)


async def _leads(talk: Talk, event: Event, seat: Seat | None) -> tuple[str, ...]:
    if seat and seat.state in CARES:
        return seat.leads if seat.leads is not None else (await wishes_of.of(talk.db, talk.person.id)).remind
    return await event_reminders.waiting(talk.db, event.id, talk.person.id)


async def _keep_leads(talk: Talk, event: Event, seat: Seat | None, leads: tuple[str, ...]) -> tuple[str, ...]:
    """Return those for which there is still time."""
    if seat and seat.state in CARES:
        seats.keep_leads(talk.db, seat, leads)
    wishes = await wishes_of.of(talk.db, talk.person.id)
    planned = await event_reminders.plan(
        talk.db, event, talk.person.id, talk.conversation.id, leads, wishes, talk.translator.timezone
    )
    return tuple(lead for lead in leads if lead in planned)


def _show_leads(talk: Talk, event: Event, leads: tuple[str, ...]) -> None:
    _ = talk._
    none = [Option("🔕 " + _("No reminder"), f"event-remind:{event.id}:none")] if leads else []
    talk.say(
        join(b(event_card.title(talk, event)), preferences.before_events(talk, leads),
             _("Choose when I should remind you of this event."), between="\n\n"),
        [*preferences.lead_choices(talk, leads, f"event-remind:{event.id}"), none,
         [event_card.back(talk, event), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip


async def ics_chosen(talk: Talk, number: str) -> None:
    _ = talk._
    event = await events.find(talk, number)
    if event is None:
        return
    talk.said.append(
        Say(
            text=join(b(event_card.title(talk, event)),
                      _("Open this file and your phone puts the event into its calendar, with an alarm."),
                      between="\n\n"),
            choices=[[Option("🔗 " + _("In my calendar"), f"events-feed:{event.municipality or 'all'}")],
                     [event_card.back(talk, event), home.to_menu(talk)]],
            files=[calendar_file(talk, event)],
        )
    )  # fmt: skip
