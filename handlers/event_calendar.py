"""Events as calendar files (RFC 5545): with time zone, alarms and link, found again by a calendar when they change."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from handlers import events, home
from handlers.talk import Links, Talk
from handlers.words import Attachment, Option, b, code, join, link
from locales import Translator
from storage.event_kinds import kinds
from storage.events import CANCELLED, Event

if TYPE_CHECKING:  # Some megabytes, in memory only where a calendar file is made.
    from icalendar import Alarm
    from icalendar import Event as Entry

MIME = "text/calendar"
ALARMS = (timedelta(days=-1), timedelta(hours=-2))
REFRESH = timedelta(hours=1)  # How often a calendar may ask for the feed again.


def calendar_file(talk: Talk, event: Event) -> Attachment:
    """The file of one event, to send along. A cancelled one takes itself out of the calendar."""
    data = as_ical([event], talk.translator, talk.links, is_cancel=event.state == CANCELLED)
    assert event.starts_at is not None
    day = event.starts_at.astimezone(talk.translator.timezone)
    return talk.attach(f"event-{day:%Y-%m-%d}.ics", MIME, data)


def as_ical(
    found: Iterable[Event], speak: Translator, links: Links, *, name: str = "", is_cancel: bool = False
) -> bytes:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Gishe//Municipal events//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "CANCEL" if is_cancel else "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("x-wr-timezone", str(speak.timezone))
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    for event in found:
        if event.starts_at is not None:
            calendar.add_component(_entry(event, speak, links))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def uid(event: Event, links: Links) -> str:
    """The same as long as the event lives, whatever happens to it."""
    return f"event-{event.id}@{urlsplit(links.public_url).hostname or 'gishe'}"


def _entry(event: Event, speak: Translator, links: Links) -> "Entry":
    from icalendar import Event as Entry
    from icalendar import vText, vUri

    _ = speak.gettext
    assert event.starts_at is not None
    entry = Entry()
    url = f"{links.public_url}/chat?start=event_{event.id}"
    title = event.text("title", speak.language)[0] or kinds()[event.kind].brief(speak.language)
    text = event.text("text", speak.language)[0]
    entry.add("uid", uid(event, links))
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", event.changed_at)
    entry.add("last-modified", event.changed_at)
    entry.add("created", event.made_at)
    entry.add("dtstart", event.starts_at.astimezone(speak.timezone))
    entry.add("dtend", event.ends.astimezone(speak.timezone))
    entry.add("summary", title)
    entry.add("status", "CANCELLED" if event.state == CANCELLED else "CONFIRMED")
    why = _("Cancelled: {reason}").format(reason=event.reason or "–") if event.state == CANCELLED else ""
    entry.add("description", "\n\n".join(part for part in (why, text, event.online, url) if part))
    entry["url"] = vUri(url)
    if event.place:
        entry["location"] = vText(event.place)
    if event.lat is not None and event.lon is not None:
        entry.add("geo", (event.lat, event.lon))
    if event.state != CANCELLED:
        for before in ALARMS:
            entry.add_component(_alarm(title, before))
    return entry


def _alarm(title: str, before: timedelta) -> "Alarm":
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", before)
    return alarm


async def feed_chosen(talk: Talk, slug: str) -> None:
    """How to have all events of a municipality in one's own calendar, always up to date."""
    _ = talk._
    wanted = slug if slug in talk.handbook.municipalities else events.ALL
    address = f"{talk.links.public_url}/calendar/{wanted}.ics?language={talk.language}"
    talk.say(
        join(
            b("🔗 " + _("All events in your calendar")),
            _("Your calendar can follow this address. New events and changes then appear there by themselves:"),
            link(address, address),
            _("Google Calendar (in a browser): Other calendars, +, From URL.\n"
              "iPhone: Calendar, Calendars, Add Calendar, Add Subscription Calendar.\n"
              "Outlook: Add calendar, Subscribe from web.\n"
              "Thunderbird: New Calendar, On the Network."),
            join(_("On a computer or an iPhone this address does it by itself:"),
                 code(address.replace("https://", "webcal://").replace("http://", "webcal://")), between="\n"),
            between="\n\n",
        ),
        [[Option("🗓 " + _("Events"), f"events:{wanted}"), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip
