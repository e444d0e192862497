"""An event as a reader sees it: what, when, where, how many places, in their language or marked as in the other."""

from handlers.talk import Talk
from handlers.words import Markup, Option, Part, b, fill, i, join, link
from storage.event_kinds import kinds
from storage.events import CANCELLED, CHANGED, DRAFT, HELD, Event
from storage.seats import CAME, GOING, OFFERED, WAITING, Seat

LABEL_CHARS = 60


def title(talk: Talk, event: Event) -> str:
    """In the reader's language, else in the other."""
    return event.text("title", talk.language)[0] or kinds()[event.kind].brief(talk.language)


def short_title(talk: Talk, event: Event) -> str:
    text = title(talk, event)
    return text if len(text) <= LABEL_CHARS else text[:LABEL_CHARS].rsplit(" ", 1)[0] + " …"


def _marked(talk: Talk, text: str, is_own: bool) -> Markup:
    """Words of the other language say so."""
    if is_own or not text:
        return text
    other = talk._("in English only") if talk.language == "bg" else talk._("in Bulgarian only")
    return join(text, i(f"({other})"), between=" ")


def when(talk: Talk, event: Event) -> str:
    """Weekday, date and hours; both days where it goes over midnight."""
    speak = talk.translator
    if event.starts_at is None:
        return talk._("not set yet")
    words = talk._("{weekday}, {date}, {time}")
    start = words.format(
        weekday=speak.weekday(event.starts_at), date=speak.date(event.starts_at), time=speak.time(event.starts_at)
    )
    if event.ends_at is None:
        return start
    zone = speak.timezone
    if event.ends_at.astimezone(zone).date() == event.starts_at.astimezone(zone).date():
        return f"{start} – {speak.time(event.ends_at)}"
    end = words.format(
        weekday=speak.weekday(event.ends_at), date=speak.date(event.ends_at), time=speak.time(event.ends_at)
    )
    return f"{start} – {end}"


def where(talk: Talk, event: Event) -> Markup:
    place = join("📍 ", event.place) if event.place else ""
    online = join("🌐 ", link(event.online, event.online)) if event.online else ""
    return join(place, online, between="\n")


def municipality(talk: Talk, event: Event) -> str:
    known = talk.handbook.municipalities.get(event.municipality or "")
    return known["full_name"][talk.language] if known else talk._("All four municipalities")


def description(talk: Talk, event: Event) -> Markup:
    """The organizer's words; until there are any, those of the template, as far as they can be filled in."""
    text, is_own = event.text("text", talk.language)
    if text:
        return _marked(talk, text, is_own)
    if event.starts_at is None or not event.place:
        return ""
    speak = talk.translator
    known = {"municipality": municipality(talk, event), "date": speak.date(event.starts_at),
             "time": speak.time(event.starts_at), "place": event.place}  # fmt: skip
    return kinds()[event.kind].description(talk.language, known)


def _banner(talk: Talk, event: Event) -> Markup:
    _ = talk._
    if event.state == CANCELLED:
        return [b("❌ " + _("Cancelled: {reason}").format(reason=event.reason or "–"))]
    if event.state == CHANGED:
        return [b("✏️ " + _("Changed since it was first announced"))]
    if event.state == HELD:
        return [b("✔️ " + _("This event has taken place."))]
    return [b("📝 " + _("Draft: nobody sees it yet"))] if event.state == DRAFT else ""


def places(talk: Talk, event: Event, left: int | None) -> str:
    _ = talk._
    if not event.takes_names:
        return _("No sign-up is needed: everybody is welcome.")
    if event.capacity is None:
        return _("Sign up, so that we know how many will come. There is room for everybody.")
    if not left:
        return _("All places are taken. You can join the waiting list.")
    words = talk.n("{count} free place of {all}", "{count} free places of {all}", left)
    return words.format(count=left, all=event.capacity)


def own_place(talk: Talk, event: Event, seat: Seat | None) -> Markup:
    """What the reader has to do with it."""
    _ = talk._
    if seat is None:
        return ""
    many = places_count(talk, seat.seats)
    if seat.state == GOING:
        return [b("✅ " + _("You are signed up: {places}, number {number}.").format(places=many, number=seat.number))]
    if seat.state == WAITING:
        return [b("⏳ " + _("You are on the waiting list for {places}.").format(places=many))]
    if seat.state == OFFERED and seat.offered_until:
        until = talk.translator
        at = _("{weekday}, {date}, {time}").format(
            weekday=until.weekday(seat.offered_until), date=until.date(seat.offered_until),
            time=until.time(seat.offered_until))  # fmt: skip
        return [
            b("🎉 " + _("A place is free for you ({places}). Confirm it by {until}.").format(places=many, until=at))
        ]
    return [b("✅ " + _("You were there."))] if seat.state == CAME else ""


def places_count(talk: Talk, count: int) -> str:
    return talk.n("{count} place", "{count} places", count).format(count=count)


def card(talk: Talk, event: Event, left: int | None = None, seat: Seat | None = None) -> list[Part]:
    """The whole, short enough for a phone."""
    kind = kinds()[event.kind]
    text, is_own = event.text("title", talk.language)
    is_coming = event.state not in (CANCELLED, HELD)
    return join(
        _banner(talk, event),
        join(f"{kind.emoji} {_heading(talk, event, text)}",
             join(b(text or kind.brief(talk.language)), _marked_only(talk, text, is_own), between=" "), between="\n"),
        join(fill("🗓 {when}", when=b(when(talk, event))), where(talk, event), between="\n"),
        description(talk, event),
        places(talk, event, left) if is_coming else "",
        own_place(talk, event, seat),
        between="\n\n",
    )  # fmt: skip


def _heading(talk: Talk, event: Event, title: str) -> str:
    """The kind is said once: sample titles begin with it."""
    brief = kinds()[event.kind].brief(talk.language)
    place = municipality(talk, event)
    return place if brief in title else f"{brief} · {place}"


def _marked_only(talk: Talk, text: str, is_own: bool) -> Markup:
    if is_own or not text:
        return ""
    other = talk._("in English only") if talk.language == "bg" else talk._("in Bulgarian only")
    return [i(f"({other})")]


def brief(talk: Talk, event: Event) -> list[Part]:
    """What, when and where: all that a notice has to say by itself."""
    return join(b(title(talk, event)), fill("🗓 {when}", when=when(talk, event)), where(talk, event), between="\n")


def line(talk: Talk, event: Event) -> str:
    """One event in a list, as a choice."""
    if event.starts_at is None:
        return f"{kinds()[event.kind].emoji} {short_title(talk, event)}"
    local = event.starts_at.astimezone(talk.translator.timezone)
    mark = "❌ " if event.state == CANCELLED else ""
    return f"{mark}{local:%d.%m %H:%M} {kinds()[event.kind].emoji} {short_title(talk, event)}"


def back(talk: Talk, event: Event) -> Option:
    return Option("⬅️ " + talk._("Back to the event"), f"event:{event.id}")
