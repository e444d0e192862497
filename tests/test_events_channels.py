"""The walk of an event once more where people really are: in Telegram over HTTP, and in the web chat."""

from collections.abc import AsyncIterator, Iterable
from io import BytesIO
from uuid import uuid4

import pytest
from ical.calendar_stream import IcsCalendarStream
from PIL import Image

from bot.fetching import Fetching
from bot.web.flood import Buckets, Floods
from storage import roles, seats
from storage.handbook import Handbook, Library
from tests.bot_api import BotApi, Person
from tests.desk import Desk
from tests.planning import LINKS, duties, newest_event, sofia
from tests.town import Hours
from tests.webtown import Line, WebTown


@pytest.fixture
async def dated_desk(sqlite_database_url: str, handbook: Handbook, api: BotApi, hours: Hours) -> AsyncIterator[Desk]:
    desk = Desk(sqlite_database_url, handbook, api)
    desk.store.now = hours
    async with desk:
        yield desk


async def _tick(desk: Desk, handbook: Handbook) -> None:
    desk.post(await duties(desk.store, Library(handbook), LINKS))
    await desk.is_idle()


async def _does(person: Person, *deeds: tuple[str, str]) -> None:
    """Each deed: what to press (with a leading ›) or to say, and what is then heard."""
    for deed, heard in deeds:
        if deed.startswith("›"):
            person.presses(deed[1:])
        else:
            person.says(deed)
        await person.hears(heard)


async def test_an_event_in_telegram(dated_desk: Desk, api: BotApi, handbook: Handbook, hours: Hours) -> None:
    desk = dated_desk
    org, ana, ben = api.person(5, "Оги"), api.person(6, "Ана"), api.person(7, "Ben", "en")
    async with desk.store.writing() as db:
        token = roles.invite(db, "organizer", "montana")
    org.start(token)
    await org.hears("Добре дошли")
    await _does(
        org,
        ("/organize", "Още нищо не е планирано"),
        ("›Ново събитие", "Какъв вид е събитието?"),
        ("›Обучение за граждани", "Кога започва?"),
        ("следващия вторник от 10 до 12", "Къде е?"),
        ("Читалище „Разум“ <зала & 2>", "Чернова"),
        ("›Редактирайте", "Какво да се промени?"),
        ("›Брой места", "Колко места има?"),
        ("1", "1 свободно място от 1"),
    )
    org.presses("Публикувайте")
    await org.hears("Да публикувам ли сега?")
    org.presses("Да, публикувайте")
    await org.hears("Публикувано.")
    event = await newest_event(desk.store)
    assert event.place == "Читалище „Разум“ <зала & 2>"

    # Ana gets the place: the QR code as a picture, the calendar file as a document.
    ana.start(f"event_{event.id}")
    await ana.hears("1 свободно място от 1")
    await _does(ana, ("›Запишете се", "За колко души"), ("1", "На чие име?"), ("Ана", "Записани сте."))
    await desk.is_idle()
    assert len(api.sent("sendPhoto")) == 1
    document = next(m for m in ana.chat.said if "document" in m.data)
    calendar = IcsCalendarStream.calendar_from_ics(api.files.contents[document.data["document"]["file_id"]].decode())
    assert calendar.events[0].uid == f"event-{event.id}@gishe.example"

    ben.start(f"event_{event.id}")
    await ben.hears("All places are taken")
    await _does(ben, ("›Sign up", "For how many people"), ("›1", "On which name?"),
                ("›Without a name", "You are on the waiting list"))  # fmt: skip
    await _does(ana, ("›Не мога да дойда", "Да върна ли"), ("›Да, върнете", "Мястото Ви е върнато"))
    await ben.hears("A place is free for you")
    await _does(ben, ("›Confirm my place", "You are signed up."))

    # The hour changes, reminders, the door, the stars.
    org.forgets()
    await _does(
        org,
        ("/organize", "Вашите събития"),
        ("›24.11 10:00", "Обучение за граждани"),
        ("›Редактирайте", "Какво да се промени?"),
        ("›Ден и час", "Кога започва?"),
        ("24.11 в 15", "Още не е публикувано"),
        ("›Публикувайте промените", "Да публикувам ли сега?"),
        ("›Да, публикувайте", "Публикувано."),
    )
    await _tick(desk, handbook)
    changed = await ben.hears("Changed: ")
    assert "15:00 (was: Tuesday, 24 November 2026, 10:00)" in changed.text
    hours.now = sofia(2026, 11, 23, 15)
    await _tick(desk, handbook)
    await ben.hears("Reminder")
    assert not any("Напомняне\n" in text for text in ana.texts)
    hours.now = sofia(2026, 11, 24, 14, 55)
    async with desk.store.reading() as db:
        (seat,) = await seats.of_event(db, event.id, ["going"])
    org.start(f"ticket_{seat.ticket}")
    await org.hears("✅ № 2")
    hours.now = sofia(2026, 11, 24, 17, 1)
    await _tick(desk, handbook)
    await org.hears("Събитието приключи")
    await ben.hears("How was it?")
    await _does(ben, ("›⭐⭐⭐⭐⭐", "Thank you!"), ("Very clear.", "without your name"))
    org.start(f"event_{event.id}")
    await org.hears("Това събитие се състоя.")
    await _does(org, ("›Управление", "Обучение"), ("›Отчет за събитието", "Дошли: 1"))
    assert "1, средно 5 от 5 звезди" in org.texts[-1]
    await desk.is_idle()
    assert all(press.answer is not None for press in api.presses.values())


async def test_a_picture_from_telegram_is_shown_to_everybody_without_what_the_camera_wrote(
    dated_desk: Desk, api: BotApi, handbook: Handbook
) -> None:
    desk = dated_desk
    org, ana = api.person(5, "Оги"), api.person(6, "Ана")
    async with desk.store.writing() as db:
        token = roles.invite(db, "organizer", "montana")
    ana.start("m_montana")
    await ana.hears("Община Монтана")
    await _does(ana, ("/notices", "Какво Ви пиша"), ("›Следете: Община Монтана", "Вече следите"))
    org.start(token)
    await org.hears("Добре дошли")
    await _does(org, ("/organize", "планирано"), ("›Ново събитие", "вид"),
                ("›Ден на отворените врати", "Кога започва?"),
                ("утре от 10 до 12", "Къде е?"), ("Общината", "Чернова"), ("›Редактирайте", "промени?"),
                ("›Снимка", "изпратете една снимка"))  # fmt: skip
    org.sends_photo(_photo())
    await org.hears("Запазено.")

    async def nobody(*_args: object) -> list[object]:
        return []

    await Fetching(desk.store, {"telegram": desk.telegram.files}, nobody).fetch()  # type: ignore[arg-type]
    org.presses("Публикувайте")
    await org.hears("Ще бъде известен 1 човек")
    org.presses("Да, публикувайте")
    await org.hears("Публикувано.")
    await _tick(desk, handbook)
    told = await ana.hears("Ново събитие")
    shown = api.files.contents[told.data["photo"][-1]["file_id"]]
    with Image.open(BytesIO(shown)) as image:
        assert image.size == (64, 48)
        assert not image.getexif()


def _photo() -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    exif[271] = "Camera"
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


# --- The web chat ---


async def _press(line: Line, frame: dict, words: str) -> dict:
    choice = next(choice for row in frame["choices"] for choice in row if words in choice["label"])
    await line.sends(t="press", key=str(uuid4()), token=choice["token"])
    answer = await line.hears("message")
    await line.hears("kept")
    return answer


def _words(frame: dict) -> str:
    def plain(part: object) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, list):
            return "".join(map(plain, part))
        assert isinstance(part, dict)
        return "".join(plain(value) for key, value in part.items() if key != "url")

    return plain(frame["text"])


async def _walk(line: Line, frame: dict, deeds: Iterable[tuple[str, str]]) -> dict:
    for deed, heard in deeds:
        frame = await (_press(line, frame, deed[1:]) if deed.startswith("›") else line.asks(deed))
        assert heard in _words(frame), _words(frame)
    return frame


async def test_an_event_in_the_web_chat(webtown: WebTown, handbook: Handbook, hours: Hours) -> None:
    webtown.store.now = hours
    webtown.parts.floods = Floods(said=Buckets(1000, 100))  # They talk faster than people type.
    async with webtown.store.writing() as db:
        token = roles.invite(db, "organizer", "montana")
    org = await webtown.visitor().connects()
    welcome = await org.greets(token)
    page = await _walk(org, welcome, [
        ("/organize", "Nothing is planned yet"), ("›New event", "What kind"),
        ("›Citizen training", "When does it begin?"),
        ("next Tuesday from 10 to 12", "Where is it?"), ("Library", "Draft: nobody sees it yet"),
        ("›Edit", "What shall be changed?"), ("›Number of places", "How many places"), ("1", "1 free place of 1"),
        ("›Publish", "0 people will be told"), ("›Yes, publish", "Published."),
    ])  # fmt: skip
    event = await newest_event(webtown.store)
    ana, ben = await webtown.visitor().connects(), await webtown.visitor().connects()
    ticket = await _walk(ana, await ana.greets(f"event_{event.id}"), [
        ("›Sign up", "For how many"), ("1", "On which name?"), ("Ana", "You are signed up."),
    ])  # fmt: skip
    assert ticket["picture"]
    assert len(ticket["files"]) == 1
    await _walk(ben, await ben.greets(f"event_{event.id}"), [
        ("›Sign up", "For how many"), ("1", "On which name?"), ("›Without a name", "waiting list"),
    ])  # fmt: skip
    await _walk(ana, ticket, [("›I cannot come", "give your 1 place back"), ("›Yes, give back", "was given back")])
    offer = await ben.hears("message")
    await _walk(ben, offer, [("›Confirm my place", "You are signed up.")])
    await _walk(org, page, [
        ("›Edit", "changed?"), ("›Place and map", "Where is it?"), ("Town hall", "Not published yet"),
        ("›Publish the changes", "1 person will be told"), ("›Yes, publish", "Published."),
    ])  # fmt: skip
    webtown.post(await duties(webtown.store, webtown.library))
    assert "Place: Town hall (was: Library)" in _words(await ben.hears("message"))
    hours.now = sofia(2026, 11, 24, 8)
    webtown.post(await duties(webtown.store, webtown.library))
    assert "Reminder" in _words(await ben.hears("message"))
    hours.now = sofia(2026, 11, 24, 9, 55)
    await _walk(org, page, [("/organize", "Your events"), ("›24.11 10:00", "Town hall"),
                            ("›At the door", "1 were expected"), ("2", "✅ № 2"), ("›Finish", "Montana")])  # fmt: skip
    hours.now = sofia(2026, 11, 24, 12, 1)
    webtown.post(await duties(webtown.store, webtown.library))
    assert "The event is over" in _words(await org.hears("message"))
    asked = await ben.hears("message")
    await _walk(ben, asked, [("4", "Thank you!"), ("Good.", "without your name")])
    await _walk(org, page, [("/organize", "Your events"), ("›Past and cancelled", "Past"), ("›24.11", "taken place"),
                            ("›Figures of the event", "on average 4 of 5 stars")])  # fmt: skip
