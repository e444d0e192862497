"""Files on their way out: kept before the commit, uploaded once, shown to whom they were said."""

import hashlib
from contextlib import suppress

import pytest
from sqlalchemy import select
from telegram.error import BadRequest, NetworkError

from bot.channels.telegram_errors import outcome
from bot.channels.telegram_outgoing import MAX_PHOTO, steps
from bot.results import Gone, Refused
from bot.turns import tell
from handlers.talk import Talk
from handlers.words import EMERGENCY, NOTICE, Attachment, Option, Say, as_content
from storage import people
from storage.database import Store
from storage.models import conversations
from tests.bot_api import BotApi, Person
from tests.desk import Desk
from tests.test_telegram_words import letter

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 30
TICKET = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
LONG = "дълго обяснение " * 100


def attached(db, content: bytes, name: str, mime: str, alt: str = "") -> Attachment:
    return Talk.attach(type("Turn", (), {"db": db})(), name, mime, content, alt)  # type: ignore[arg-type]


def file(kind: str, number: int, size: int = 10) -> Attachment:
    return Attachment(kind=kind, digest=f"{number}", name=f"{number}", mime="", size=size)  # type: ignore[arg-type]


# --- As steps ---


@pytest.mark.parametrize(
    ("say", "plan"),
    [
        (Say(text="a"), ["a"]),
        (Say(text="a", files=[file("photo", 1)]), ["1|a"]),
        (Say(text="a", files=[file("photo", 1)], choices=[[Option("x", "y")]]), ["1|a"]),
        (Say(text="a", files=[file("photo", 1), file("photo", 2)]), ["1,2|a"]),
        (Say(text="a", files=[file("photo", 1), file("photo", 2)], choices=[[Option("x", "y")]]), ["1,2|", "a"]),
        (Say(text="a", files=[file("document", 1), file("photo", 2)]), ["2|", "1|a"]),
        (Say(text="a", files=[file("photo", n) for n in range(12)]), ["0,1,2,3,4,5,6,7,8,9|", "10,11|a"]),
        (Say(text=LONG, files=[file("photo", 1)]), ["1|", LONG]),
    ],
)
def test_a_message_with_files_becomes_steps(say: Say, plan: list[str]) -> None:
    shown = [
        ",".join(one["digest"] for one in step.files) + f"|{step.text}" if step.files else step.text
        for step in steps(as_content(say))
    ]
    assert shown == plan


def test_a_picture_too_large_for_one_goes_as_a_document() -> None:
    (step,) = steps(as_content(Say(text="", files=[file("photo", 1, MAX_PHOTO + 1)])))
    assert step.files[0]["kind"] == "document"


def test_what_is_too_large_altogether_is_our_fault_and_no_maybe() -> None:
    assert isinstance(outcome(NetworkError("Request Entity Too Large (413)"), letter(), 1.0), Refused)
    assert isinstance(outcome(BadRequest("chat not found"), letter(), 1.0), Gone)


# --- On the shelf ---


async def test_bytes_are_on_the_shelf_when_the_turn_is_committed(store: Store) -> None:
    async with store.writing() as db:
        ticket = attached(db, TICKET, "ticket.ics", "text/calendar")
    assert (ticket.kind, ticket.size) == ("document", len(TICKET))
    assert store.shelf.path(hashlib.sha256(TICKET).hexdigest()).read_bytes() == TICKET


async def test_a_turn_that_fails_leaves_no_bytes(store: Store) -> None:
    with suppress(RuntimeError):
        async with store.writing() as db:
            attached(db, TICKET, "ticket.ics", "text/calendar")
            raise RuntimeError
    assert not store.shelf.path(hashlib.sha256(TICKET).hexdigest()).exists()


# --- On Telegram ---


async def told(desk: Desk, who: Person, say: Say) -> None:
    async with desk.store.writing() as db:
        known = await people.meet(db, "telegram", [str(who.user["id"])])
        letters = await tell(db, known[str(who.user["id"])].id, say)
    desk.post(letters)


@pytest.fixture
async def town(desk: Desk, api: BotApi) -> list[Person]:
    citizens = [api.person(number, f"Citizen {number}") for number in (1, 2, 3, 4)]
    for citizen in citizens:
        citizen.start("m_montana")
        await citizen.hears("Монтана")
    await desk.is_idle()
    api.calls.clear()
    return citizens


@pytest.mark.parametrize("desk", ["polling"], indirect=True)
async def test_one_picture_for_thousands_is_uploaded_once(desk: Desk, api: BotApi, town: list[Person]) -> None:
    async with desk.store.writing() as db:
        poster = attached(db, PICTURE, "poster.png", "image/png", "A poster")
    api.delay = 0.05  # So that all ask for it before the first has it.
    for citizen in town:
        await told(desk, citizen, Say(text="Ден на отворените врати", files=[poster], lane=EMERGENCY))
    shown = [await citizen.hears("отворените") for citizen in town]
    assert api.files.contents[shown[0].data["photo"][-1]["file_id"]] == PICTURE
    named = [call["photo"] for call in api.sent("sendPhoto")]
    assert sorted(name.startswith("attach://") for name in named) == [False, False, False, True]


@pytest.mark.parametrize("desk", ["polling"], indirect=True)
async def test_a_name_that_telegram_forgot_is_uploaded_again(desk: Desk, api: BotApi, town: list[Person]) -> None:
    async with desk.store.writing() as db:
        ticket = attached(db, TICKET, "билет.ics", "text/calendar")
    await told(desk, town[0], Say(text="Билет", files=[ticket]))
    first = await town[0].hears("Билет")
    assert first.data["document"]["file_name"] == "билет.ics"
    api.fail_next("sendDocument", status=400, description="Bad Request: wrong file identifier/HTTP URL specified")
    await told(desk, town[1], Say(text="Билет", files=[ticket], choices=[[Option("Меню", "menu")]]))
    assert (await town[1].hears("Билет")).buttons == ["Меню"]
    assert [call["document"][:9] for call in api.sent("sendDocument")] == ["attach://", "AgACAgQAA", "attach://"]


@pytest.mark.parametrize("desk", ["polling"], indirect=True)
async def test_albums_carry_their_words_and_choices_behind_them(desk: Desk, api: BotApi, town: list[Person]) -> None:
    async with desk.store.writing() as db:
        photos = [attached(db, PICTURE + bytes([n]), f"{n}.png", "image/png") for n in range(3)]
    await told(desk, town[0], Say(text="Три снимки", files=photos))
    album = await town[0].hears("Три снимки")
    assert len({each.data["media_group_id"] for each in town[0].heard if "photo" in each.data}) == 1
    assert album.data["caption"] == "Три снимки"
    await told(desk, town[1], Say(text="Кое е?", files=photos, choices=[[Option("Меню", "menu")]]))
    assert (await town[1].hears("Кое е?")).buttons == ["Меню"]
    assert [call["media"][0]["media"][:9] for call in api.sent("sendMediaGroup")] == ["attach://", "AgACAgQAA"]


@pytest.mark.parametrize("desk", ["polling"], indirect=True)
async def test_what_telegram_takes_for_no_photo_goes_as_a_document(desk: Desk, api: BotApi, town: list[Person]) -> None:
    async with desk.store.writing() as db:
        plan = attached(db, PICTURE, "plan.png", "image/png")
    api.fail_next("sendPhoto", status=400, description="Bad Request: PHOTO_INVALID_DIMENSIONS")
    await told(desk, town[0], Say(text="План", files=[plan]))
    assert (await town[0].hears("План")).data["document"]["file_name"] == "plan.png"
    await told(desk, town[1], Say(text="План", files=[plan]))
    await town[1].hears("План")
    assert len(api.sent("sendPhoto")) == 1


@pytest.mark.parametrize("desk", ["polling"], indirect=True)
async def test_a_file_that_is_lost_leaves_its_words(desk: Desk, api: BotApi, town: list[Person]) -> None:
    await told(desk, town[0], Say(text="Протокол", files=[file("document", 7)]))
    assert (await town[0].hears("Протокол")).data["text"] == "Протокол"


@pytest.mark.parametrize("desk", ["polling"], indirect=True)
async def test_an_older_message_is_rewritten_also_when_it_was_deleted(
    desk: Desk, api: BotApi, town: list[Person]
) -> None:
    ana = town[0]
    async with desk.store.writing() as db:
        place = (await people.meet(db, "telegram", ["1"]))["1"].id
        (card,) = await tell(db, place, Say(text="Карта 1", lane=NOTICE))
        soon = await tell(db, place, Say(text="Карта 2", lane=NOTICE, rewrites=card.id))
    desk.post([card, *soon])  # The second before anybody knows what the first is called.
    first, second = await ana.hears("Карта 1"), await ana.hears("Карта 2")
    assert first.id == second.id
    first.deleted = True
    ana.chat.everything[first.id].deleted = True
    await told(desk, ana, Say(text="Карта 3", lane=NOTICE, rewrites=card.id))
    anew = await ana.hears("Карта 3")
    assert anew.id != first.id
    await told(desk, ana, Say(text="Карта 4", lane=NOTICE, rewrites=card.id))
    assert (await ana.hears("Карта 4")).id == anew.id
    await desk.is_idle()


# --- On the web ---


async def place_of_first(webtown) -> int:
    return int((await webtown.rows(select(conversations.c.id).order_by(conversations.c.id)))[0].id)


async def test_a_file_is_shown_to_whom_it_was_said_and_to_nobody_else(webtown) -> None:
    visitor, eve = webtown.visitor(), webtown.visitor()
    ana = await visitor.connects()
    await ana.greets()
    await (await eve.connects()).greets()
    async with webtown.store.writing() as db:
        ticket = attached(db, TICKET, "билет.ics", "text/calendar")
        poster = attached(db, PICTURE, "poster.png", "image/png", "A poster")
        letters = await tell(db, await place_of_first(webtown), Say(text="Билет", files=[poster, ticket]))
    webtown.post(letters)
    frame = await ana.hears("message")
    assert [(one["name"], one["alt"]) for one in frame["files"]] == [("poster.png", "A poster"), ("билет.ics", "")]
    for one, content, how in zip(frame["files"], (PICTURE, TICKET), ("inline", "attachment"), strict=True):
        async with visitor.http.get(webtown.url + one["src"]) as response:
            assert (response.status, await response.read()) == (200, content)
            assert response.headers["Content-Disposition"].startswith(how)
            assert response.headers["Content-Type"] == one["mime"]
        async with eve.http.get(webtown.url + one["src"]) as response:
            assert response.status == 404
    again = await visitor.connects()
    assert again.welcome["messages"][-1]["files"] == frame["files"]
    async with visitor.http.get(f"{webtown.url}/chat/sent/{frame['id']}/7") as response:
        assert response.status == 404
