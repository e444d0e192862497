"""Events for citizens: the list and the month, by municipality and kind, and one event with what can be done."""

import calendar
from datetime import date, datetime, time, timedelta

from handlers import event_card, event_rights, home
from handlers.talk import Talk
from handlers.words import Option, Place, Say, b, code, fill, join
from storage import events, follows, ids, seats
from storage.event_kinds import kinds
from storage.events import Event
from storage.follows import EVENT, KIND, MUNICIPALITY, Follow
from storage.seats import CARES, GOING, OFFERED, WAITING, Seat
from storage.walltime import moment

PAGE = 6
ALL = "all"


def _scope(talk: Talk, argument: str) -> tuple[str, str, str]:
    """ "municipality:kind:rest" of a choice; without one, the person's municipality and every kind."""
    parts = [*argument.split(":"), "", "", ""][:3]
    if parts[0] not in talk.handbook.municipalities:
        parts[0] = ALL if parts[0] == ALL or not talk.person.municipality else talk.person.municipality
    if parts[1] not in kinds():
        parts[1] = ""
    return parts[0], parts[1], parts[2]


def _where(slug: str) -> str | None:
    return None if slug == ALL else slug


async def show_events(talk: Talk) -> None:
    await _list(talk, "")


async def events_chosen(talk: Talk, argument: str) -> None:
    await _list(talk, argument)


async def _list(talk: Talk, argument: str) -> None:
    _ = talk._
    slug, kind, skip = _scope(talk, argument)
    start = int(skip) if skip.isdecimal() else 0
    found = await events.coming(talk.db, _where(slug), kind, start, PAGE + 1)
    rows = [[Option(event_card.line(talk, one), f"event:{one.id}")] for one in found[:PAGE]]
    pages = []
    if start:
        pages.append(Option("◀️ " + _("Back"), f"events:{slug}:{kind}:{max(0, start - PAGE)}"))
    if len(found) > PAGE:
        pages.append(Option(_("Next") + " ▶️", f"events:{slug}:{kind}:{start + PAGE}"))
    nothing = _("No events are planned at the moment. Follow the municipality and I will write to you when there are.")
    talk.say(
        join(b("🗓 " + _("Events") + f" · {_title(talk, slug, kind)}"),
             _("Choose one to see more.") if found else nothing, between="\n\n"),
        [*rows, pages, *await _ways(talk, slug, kind), [home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip


def _title(talk: Talk, slug: str, kind: str) -> str:
    place = talk.handbook.municipalities.get(slug)
    words = place["name"][talk.language] if place else talk._("All four municipalities")
    return f"{words} · {kinds()[kind].brief(talk.language)}" if kind else words


async def _ways(talk: Talk, slug: str, kind: str) -> list[list[Option]]:
    """On from a list: the month, other kinds and municipalities, own places, the calendar, following."""
    _ = talk._
    other = (
        Option("🏛️ " + _("All four municipalities"), f"events:{ALL}:{kind}")
        if slug != ALL
        else Option("🏛️ " + _("Municipality"), "events-where")
    )
    rows = [
        [Option("📅 " + _("Month"), f"events-month:{slug}:{kind}"), Option("🏷 " + _("Kind"), f"events-kinds:{slug}")],
        [other, Option("🎟 " + _("My events"), "events-mine")],
        [Option("🔗 " + _("In my calendar"), f"events-feed:{slug}")],
    ]
    followed = await follows.of(talk.db, talk.person.id)
    what, target = (KIND, kind) if kind else (MUNICIPALITY, slug)
    if target != ALL and Follow(what, target) not in followed:
        rows[-1].append(Option("🔔 " + _("Follow"), f"follow:{what}:{target}"))
    return rows


async def kinds_chosen(talk: Talk, slug: str) -> None:
    _ = talk._
    rows = [
        [Option(f"{kind.emoji} {kind.brief(talk.language)}", f"events:{slug}:{kind.id}")] for kind in kinds().values()
    ]
    talk.say(
        _("Which kind of events would you like to see?"),
        [*rows, [Option(_("All kinds"), f"events:{slug}"), home.to_menu(talk)]],
        replaces=True,
    )


async def where_chosen(talk: Talk, _argument: str) -> None:
    options = [
        Option(place["name"][talk.language], f"events:{slug}") for slug, place in talk.handbook.municipalities.items()
    ]
    talk.say(
        talk._("Which municipality is it about? Please choose."),
        [options[:2], options[2:], [Option(talk._("All of them"), f"events:{ALL}"), home.to_menu(talk)]],
        replaces=True,
    )


# --- The month ---


async def month_chosen(talk: Talk, argument: str) -> None:
    """A leaf of the calendar; the days on which something happens can be chosen."""
    _ = talk._
    slug, kind, wanted = _scope(talk, argument)
    zone = talk.translator.timezone
    first = _month(wanted, talk.now.astimezone(zone).date())
    after = (first + timedelta(days=31)).replace(day=1)
    start, end = (moment(day, time(0), zone) for day in (first, after))
    found = await events.between(talk.db, start, end, _where(slug), kind)
    by_day: dict[int, list[Event]] = {}
    for one in found:
        assert one.starts_at is not None
        by_day.setdefault(one.starts_at.astimezone(zone).day, []).append(one)
    days = [
        Option(f"{day:02d}.{first:%m} ({len(those)})", f"events-day:{slug}:{kind}:{first.replace(day=day)}")
        for day, those in sorted(by_day.items())
    ]
    before = (first - timedelta(days=1)).replace(day=1)
    talk.say(
        join(b(f"📅 {month_name(talk, first)} · {_title(talk, slug, kind)}"), code(_leaf(talk, first, set(by_day))),
             _("Days in brackets have events: choose one.") if found else _("No events in this month."),
             between="\n\n"),
        [*(days[at : at + 4] for at in range(0, len(days), 4)),
         [Option(f"◀️ {month_name(talk, before)}", f"events-month:{slug}:{kind}:{before:%Y-%m}"),
          Option(f"{month_name(talk, after)} ▶️", f"events-month:{slug}:{kind}:{after:%Y-%m}")],
         [Option("🗓 " + _("List"), f"events:{slug}:{kind}"), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip


def _month(wanted: str, today: date) -> date:
    try:
        return datetime.strptime(wanted, "%Y-%m").date()  # noqa: DTZ007 – a month has no time zone
    except ValueError:
        return today.replace(day=1)


def month_name(talk: Talk, day: date) -> str:
    names = talk.translator.locale.months["stand-alone"]["wide"]
    return f"{str(names[day.month]).capitalize()} {day.year}"


def _leaf(talk: Talk, first: date, marked: set[int]) -> str:
    names = talk.translator.locale.days["stand-alone"]["short"]
    lines = [" ".join(f"{str(names[day])[:2]:>4}" for day in range(7))]
    for week in calendar.Calendar().monthdayscalendar(first.year, first.month):
        cells = (f"[{day}]" if day in marked else f"{day} " if day else "" for day in week)
        lines.append(" ".join(f"{cell:>4}" for cell in cells).rstrip())
    return "\n".join(lines)


async def day_chosen(talk: Talk, argument: str) -> None:
    slug, kind, wanted = _scope(talk, argument)
    try:
        day = date.fromisoformat(wanted)
    except ValueError:
        return await home.stale_choice(talk)
    zone = talk.translator.timezone
    start, end = (moment(one, time(0), zone) for one in (day, day + timedelta(days=1)))
    found = await events.between(talk.db, start, end, _where(slug), kind)
    talk.say(
        join(b(f"🗓 {talk.translator.weekday(day)}, {talk.translator.date(day)}"),
             talk._("Choose one to see more.") if found else talk._("No events on this day."), between="\n\n"),
        [*([Option(event_card.line(talk, one), f"event:{one.id}")] for one in found),
         [Option("📅 " + talk._("Month"), f"events-month:{slug}:{kind}:{day:%Y-%m}"), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip
    return None


async def mine_chosen(talk: Talk, _argument: str) -> None:
    """What somebody signed up for and is still to come."""
    _ = talk._
    rows = []
    for seat in await seats.mine(talk.db, talk.person.id):
        event = await events.event(talk.db, seat.event_id)
        if event and event.is_open and event.ends > talk.now:
            mark = {GOING: "✅", WAITING: "⏳", OFFERED: "🎉"}[seat.state]
            rows.append([Option(f"{mark} {event_card.line(talk, event)}", f"event:{event.id}")])
    talk.say(
        join(b("🎟 " + _("My events")), "" if rows else _("You have not signed up for anything that is still to come."),
             between="\n\n"),
        [*rows, [Option("🗓 " + _("Events"), "events"), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip


# --- One event ---


async def find(talk: Talk, number: str) -> Event | None:
    """A public event, by the number in a choice or a link; else what to do instead is said."""
    known = ids.read(number)
    found = await events.event(talk.db, known) if known else None
    if found is None or found.state == events.DRAFT:
        _ = talk._
        talk.say(
            _("I do not find this event. Perhaps the link was copied only in part. Here are the events to come."),
            [[Option("🗓 " + _("Events"), "events"), home.to_menu(talk)]],
        )
        return None
    return found


async def event_chosen(talk: Talk, number: str) -> None:
    if event := await find(talk, number):
        await show(talk, event, replaces=True)


async def show(talk: Talk, event: Event, first: str = "", *, replaces: bool = False) -> None:
    seat = await seats.of_person(talk.db, event.id, talk.person.id)
    left = await seats.free(talk.db, event)
    is_followed = Follow(EVENT, str(event.id)) in await follows.of(talk.db, talk.person.id)
    choices = _choices(talk, event, seat, is_followed)
    if await event_rights.may(talk, event):
        choices.append([Option("🛠 " + talk._("Manage"), f"plan:{event.id}")])
    talk.say(
        join(first, event_card.card(talk, event, left, seat), between="\n\n"),
        [*choices, [Option("🗓 " + talk._("Events"), "events"), home.to_menu(talk)]],
        replaces=replaces,
        about=f"event:{event.id}",
    )


def _choices(talk: Talk, event: Event, seat: Seat | None, is_followed: bool) -> list[list[Option]]:
    _ = talk._
    number = event.id
    if not event.is_open or event.ends <= talk.now:
        return []
    cares = seat is not None and seat.state in CARES
    rows: list[list[Option]] = []
    if seat and seat.state == OFFERED:
        rows.append([Option("✅ " + _("Confirm my place"), f"event-confirm:{number}")])
    if event.takes_names and not cares:
        rows.append([Option("✍️ " + _("Sign up"), f"event-join:{number}")])
    if seat and cares:
        first = [Option("🎫 " + _("Ticket"), f"event-ticket:{number}")] if seat.state == GOING else []
        rows.append([*first, Option("✖️ " + _("I cannot come"), f"event-drop:{number}")])
    again = [Option("⏰ " + _("Remind me"), f"event-remind:{number}"),
             Option("📅 " + _("Calendar file"), f"event-ics:{number}")]  # fmt: skip
    rows.append(again)
    more = []
    if event.takes_questions and event.starts_at and event.starts_at > talk.now:
        more.append(Option("❓ " + _("Ask beforehand"), f"event-ask:{number}"))
    if not cares:
        follow = ("🔕 " + _("Stop following"), "off") if is_followed else ("🔔 " + _("Tell me of changes"), "on")
        more.append(Option(follow[0], f"event-follow:{number}:{follow[1]}"))
    if event.lat is not None:
        more.append(Option("🗺 " + _("Map"), f"event-map:{number}"))
    if event.agenda:
        more.append(Option("📄 " + _("Programme"), f"event-agenda:{number}"))
    return [*rows, more]


async def follow_chosen(talk: Talk, argument: str) -> None:
    number, _colon, on = argument.partition(":")
    event = await find(talk, number)
    if event is None:
        return None
    if on == "on":
        await follows.follow(talk.db, talk.person.id, EVENT, str(event.id))
        told = talk._("I will write to you when something changes.")
    else:
        await follows.unfollow(talk.db, talk.person.id, EVENT, str(event.id))
        told = talk._("I will not write to you about this event any more.")
    return await show(talk, event, told, replaces=True)


async def map_chosen(talk: Talk, number: str) -> None:
    event = await find(talk, number)
    if event is None or event.lat is None or event.lon is None:
        return
    url = f"https://www.openstreetmap.org/?mlat={event.lat:.6f}&mlon={event.lon:.6f}#map=17/{event.lat:.6f}/{event.lon:.6f}"
    talk.said.append(
        Say(
            text=fill("📍 {place}", place=event.place or event_card.title(talk, event)),
            choices=[
                [Option("🗺 " + talk._("Open the map"), url=url)],
                [event_card.back(talk, event), home.to_menu(talk)],
            ],
            place=Place(event.lat, event.lon),
        )
    )
