"""Calendar files and feeds, read back by another implementation of RFC 5545."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from ical.calendar_stream import CalendarStream, IcsCalendarStream
from ical.event import EventStatus

from handlers.event_calendar import as_ical, uid
from storage import events
from storage.events import Event
from storage.models import conversations, people
from tests.planning import LINKS, invited, person_of, published, sofia, tick
from tests.town import SOFIA, TRANSLATORS, Hours, Town
from tests.webtown import WebTown

EVENT = Event(
    id=123, municipality="montana", kind="round-table", state="published", title_bg="Кръгла маса; за „срокове“, и пр.",
    title_en="Round table", text_bg="Ред едно\nРед две, със запетая; и точка" + " дълъг" * 40,
    starts_at=sofia(2027, 3, 28, 10), ends_at=sofia(2027, 3, 28, 12),
    place="Читалище „Разум“, ул. „Граф Игнатиев“ 3", lat=43.4125, lon=23.225,
    online="https://meet.example/abc", made_at=sofia(2026, 11, 20), changed_at=sofia(2026, 11, 20),
)  # fmt: skip


def read(data: bytes):
    stream = CalendarStream.from_ics(data.decode())
    (calendar,) = stream.calendars
    return calendar


def ical(*found: Event, language: str = "bg", **more) -> bytes:
    return as_ical(found, TRANSLATORS[language], LINKS, **more)


def test_everything_comes_back() -> None:
    calendar = read(ical(EVENT))
    (entry,) = calendar.events
    assert (entry.summary, entry.location) == (EVENT.title_bg, EVENT.place)
    assert entry.dtstart == EVENT.starts_at
    assert entry.dtend == EVENT.ends_at
    assert entry.dtstart.tzname() == "EEST"
    assert EVENT.text_bg in entry.description
    assert "https://meet.example/abc" in entry.description
    assert str(entry.url) == "https://gishe.example/chat?start=event_123"
    assert (entry.uid, entry.sequence, entry.status) == ("event-123@gishe.example", 0, EventStatus.CONFIRMED)
    assert (entry.geo.lat, entry.geo.lng) == (43.4125, 23.225)
    assert sorted(alarm.trigger for alarm in entry.alarm) == [timedelta(days=-1), timedelta(hours=-2)]
    assert {alarm.action for alarm in entry.alarm} == {"DISPLAY"}
    assert calendar.timezones[0].tz_id == "Europe/Sofia"


def test_the_reader_gets_their_language_or_the_other() -> None:
    assert read(ical(EVENT, language="en")).events[0].summary == "Round table"
    assert read(ical(replace(EVENT, title_en=None), language="en")).events[0].summary == EVENT.title_bg


def test_the_form_that_every_calendar_reads() -> None:
    data = ical(EVENT)
    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    for once in (b"VERSION:2.0", b"PRODID:", b"METHOD:PUBLISH", b"BEGIN:VTIMEZONE", b"DTSTAMP:20261119T220000Z"):
        assert data.count(once) == 1
    assert b"DTSTART;TZID=Europe/Sofia:20270328T100000" in data
    assert b"BEGIN:DAYLIGHT" in data
    assert b"BEGIN:STANDARD" in data


@pytest.mark.parametrize(
    ("starts", "hours"),
    [
        (sofia(2027, 3, 28, 2), 2),  # Over the hour that is left out: two in truth, three on the wall.
        (sofia(2027, 10, 31, 2), 3),
        (sofia(2026, 12, 31, 23), 4),
        (sofia(2028, 2, 29, 10), 1),
    ],
)
def test_hours_are_right_across_both_clock_changes(starts: datetime, hours: int) -> None:
    begins = starts.astimezone(UTC)
    (entry,) = read(ical(replace(EVENT, starts_at=begins, ends_at=begins + timedelta(hours=hours)))).events
    assert entry.dtstart.astimezone(UTC) == begins
    assert entry.dtend.astimezone(UTC) - entry.dtstart.astimezone(UTC) == timedelta(hours=hours)


def test_a_cancelled_event_takes_itself_out() -> None:
    data = ical(replace(EVENT, state="cancelled", reason="Буря", sequence=3), is_cancel=True)
    (entry,) = read(data).events
    assert b"METHOD:CANCEL" in data
    assert (entry.status, entry.sequence, entry.uid) == (EventStatus.CANCELLED, 3, uid(EVENT, LINKS))
    assert not entry.alarm
    assert "Отменено: Буря" in entry.description


async def test_the_file_follows_the_event(sqlite_dated_town: Town, hours: Hours) -> None:
    """Signed up, moved, cancelled: the same UID with a higher number each time."""
    town = sqlite_dated_town
    org = await invited(town, "org")
    event = await published(town, org, sofia(2026, 12, 1, 18))
    await town.ana.opens(f"event_{event.id}")
    await town.ana.presses("Запишете се")
    await town.ana.says("1")
    await town.ana.presses("Без име")
    person_id = await person_of(town.store, org)
    async with town.store.writing() as db:
        fresh = events.publish_changes(db, events.edit(db, event, starts_at=sofia(2026, 12, 2, 18)), person_id)
    await tick(town)
    async with town.store.writing() as db:
        events.cancel(db, fresh, person_id, "Буря")
    await tick(town)
    entries = []
    for message in town.ana.heard:
        for file in message.letter.content.get("files", ()):
            data = await town.store.shelf.read(file["digest"])
            assert data is not None
            entries.append(read(data).events[0])
    assert len({entry.uid for entry in entries}) == 1
    assert [entry.sequence for entry in entries] == [0, 1, 2]
    assert [entry.dtstart for entry in entries] == [
        sofia(2026, 12, 1, 18),
        sofia(2026, 12, 2, 18),
        sofia(2026, 12, 2, 18),
    ]
    assert entries[-1].status is EventStatus.CANCELLED


# --- The feed ---


async def _plan(webtown: WebTown, **more: object) -> Event:
    from storage.ids import new_id

    async with webtown.store.writing() as db:
        person_id = new_id()
        db.add(people, id=person_id, language="bg", since=db.now)
        db.add(conversations, id=new_id(), channel="web", external=f"x{person_id}", person_id=person_id, is_group=False,
               reachable=True, since=db.now)  # fmt: skip
        values = {"municipality": "montana", "kind": "open-day", "title_bg": "Ден на отворените врати",
                  "place": "Общината", "starts_at": db.now + timedelta(days=3), **more}  # fmt: skip
        event_id = events.plan(db, person_id, **values)  # type: ignore[arg-type]
        event = await events.event(db, event_id)
        assert event is not None
        events.publish(db, event, person_id)
        return event


async def _get(webtown: WebTown, path: str, **headers: str) -> tuple[int, bytes, Mapping[str, str]]:
    async with aiohttp.ClientSession() as http, http.get(webtown.url + path, headers=headers) as response:
        return response.status, await response.read(), response.headers


async def test_a_calendar_subscribes_by_address(webtown: WebTown) -> None:
    own = await _plan(webtown)
    everywhere = await _plan(webtown, municipality=None, title_bg="Конференция")
    await _plan(webtown, municipality="belene")
    status, data, headers = await _get(webtown, "/calendar/montana.ics?language=bg")
    assert status == 200
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = IcsCalendarStream.calendar_from_ics(data.decode())
    assert {entry.uid.split("@")[0] for entry in calendar.events} == {f"event-{own.id}", f"event-{everywhere.id}"}
    assert "X-WR-CALNAME:Община Монтана · Събития" in re.sub("\r\n ", "", data.decode())
    assert (await _get(webtown, "/calendar/montana.ics?language=bg", **{"If-None-Match": headers["ETag"]}))[0] == 304
    async with webtown.store.writing() as db:
        events.cancel(db, (await events.event(db, own.id)) or own, own.made_by, "Буря")
    status, data, _headers = await _get(
        webtown, "/calendar/montana.ics?language=bg", **{"If-None-Match": headers["ETag"]}
    )
    assert status == 200
    statuses = {entry.uid.split("@")[0]: entry.status for entry in read(data).events}
    assert statuses[f"event-{own.id}"] is EventStatus.CANCELLED
    assert len(read((await _get(webtown, "/calendar/all.ics"))[1]).events) == 3


async def test_the_feed_of_one_kind_and_of_one_event(webtown: WebTown) -> None:
    event = await _plan(webtown)
    await _plan(webtown, kind="round-table")
    assert len(read((await _get(webtown, "/calendar/montana.ics?kind=round-table"))[1]).events) == 1
    assert (
        read((await _get(webtown, f"/calendar/event-{event.id}.ics"))[1]).events[0].summary == "Ден на отворените врати"
    )


async def test_an_empty_feed_is_a_calendar(webtown: WebTown) -> None:
    status, data, _headers = await _get(webtown, "/calendar/belene.ics")
    assert (status, len(read(data).events)) == (200, 0)


@pytest.mark.parametrize(
    "path", ["/calendar/nowhere.ics", "/calendar/event-7.ics", "/calendar/montana", "/calendar/..%2f.ics"]
)
async def test_what_is_no_feed(webtown: WebTown, path: str) -> None:
    assert (await _get(webtown, path))[0] == 404


def test_all_zones_of_the_file_are_ours() -> None:
    assert read(ical(EVENT)).events[0].dtstart.astimezone(SOFIA).utcoffset() == timedelta(hours=3)
