"""The frames on their way: numbers of choices, rewritten messages as one, and rows on both databases."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web import frames
from storage import dialogue, messages, people
from storage.dialogue import Said, Written

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def said(number: int, replaces: int | None = None, **content: object) -> Said:
    return Said(number, {"text": str(number), **content}, "sent", replaces, NOW)


def test_choices_are_numbered_as_they_can_be_typed():
    rows = [[{"label": "A", "do": "a"}, {"label": "Site", "url": "https://x"}], [{"label": "B", "do": "b"}]]
    frame = frames.ours(said(255, choices=rows))
    assert frame["choices"] == [
        [{"label": "A", "token": "ff-0", "n": 1}, {"label": "Site", "url": "https://x"}],
        [{"label": "B", "token": "ff-2", "n": 2}],
    ]


def test_a_picture_is_an_address_with_its_description():
    frame = frames.ours(said(1, picture={"kind": "qr", "value": "card_x", "name": "x.png", "alt": "QR"}))
    assert frame["picture"] == {"src": "/qr/card_x.svg", "alt": "QR", "name": "x.png"}


def test_presses_and_openings_show_nothing():
    assert frames.theirs(Written(1, "d:k", "choice", {"token": "1-0"}, NOW)) is None
    assert frames.theirs(Written(1, "d:k", "opened", {"payload": ""}, NOW)) is None
    shown = frames.theirs(Written(1, "d:k", "text", {"text": "a"}, NOW))
    assert shown is not None
    assert shown["key"] == "k"


def test_a_rewritten_message_is_one_in_the_place_of_the_first():
    page = frames.page_of([said(1), said(2), said(3, 1), said(4), said(5, 3), said(6, 99)])
    assert [frame["id"] for frame in page] == ["5", "2", "4", "6"]
    assert page[0]["place_of"] == "1"
    assert page[0]["covers"] == ["1", "3"]
    assert "replaces" not in page[0]
    assert page[3]["replaces"] == "99"  # Before this page: whoever has it puts the new one there.


def test_a_chain_that_began_before_the_page_says_where():
    (frame,) = frames.page_of([said(5, 3), said(7, 5)])
    assert (frame["id"], frame["replaces"], frame["covers"]) == ("7", "3", ["5"])


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["t", "key", "text", "lat", "lon", "files", "token", "payload"]), x), max_leaves=9))  # fmt: skip
def test_no_frame_is_worse_than_refused(value):
    frame = value if isinstance(value, dict) else {"t": "say", "text": value, "key": value}
    for read in (frames.key_of, frames.word_of, frames.file_ids):
        with suppress(frames.Refused):
            read(frame)
    frames.moment_of(frame, NOW)
    frames.numbers_of(value)


@pytest.mark.parametrize(
    ("at", "believed"),
    [("2026-11-24T09:59:00Z", True), ("2026-11-24T11:59:00+02:00", True), ("2026-11-24T10:00:01Z", False),
     ("2026-10-01T00:00:00Z", False), ("2026-11-24T09:59:00", False), ("soon", False), (None, False)],
)  # fmt: skip
def test_the_browsers_clock_is_believed_within_reason(at, believed):
    assert (frames.moment_of({"at": at}, NOW) != NOW) == believed


# --- The rows behind them, on both databases ---


async def _conversation(store) -> int:
    async with store.writing() as db:
        return people.welcome(db, "web", "ana", "bg").id


async def _say(store, place: int, **row: object) -> int:
    async with store.writing() as db:
        return messages.say(db, place, {"text": "a"}, channel="web", lane=0, **row)  # type: ignore[arg-type]


async def test_history_and_news_hold_both_sides_in_order(store):
    place = await _conversation(store)
    first = await _say(store, place)
    async with store.writing() as db:
        ana = await people.conversation(db, place)
        heard = messages.heard(
            db, channel="web", key="d:k", conversation_id=place, person_id=ana.person.id, kind="text",
            content={"text": "b"}, state="handled", said_at=db.now,
        )  # fmt: skip
    last = await _say(store, place)
    async with store.reading() as db:
        assert [m.id for m in await dialogue.history(db, place, 2**63 - 1, 10)] == [first, heard, last]
        assert [m.id for m in await dialogue.history(db, place, last, 1)] == [heard]
        assert [m.id for m in await dialogue.since(db, place, heard, 10)] == [first, last]  # Both undelivered.
        kept = await dialogue.kept(db, "web", "d:k")
        assert (kept.id, kept.language) == (heard, "bg")
        assert (await dialogue.whose(db, "web", "ana")).id == place
        assert await dialogue.whose(db, "web", "boris") is None
    async with store.writing() as db:
        await dialogue.receipts(db, [(place, first, "seen"), (place, last, "delivered"), (place + 1, first, "sent")])
    async with store.writing() as db:
        await dialogue.receipts(db, [(place, first, "delivered"), (place, last, "sent")])
    async with store.reading() as db:
        states = {m.id: m.state for m in await dialogue.history(db, place, 2**63 - 1, 10) if isinstance(m, Said)}
        assert states == {first: "seen", last: "delivered"}
        assert [m.id for m in await dialogue.since(db, place, heard, 10)] == [last]


async def test_the_future_and_the_stale_are_not_told(store):
    place = await _conversation(store)
    now = store.now()
    await _say(store, place, due_at=now + timedelta(hours=1))
    await _say(store, place, expires_at=now - timedelta(seconds=1))
    async with store.reading() as db:
        assert await dialogue.history(db, place, 2**63 - 1, 10) == []
        assert await dialogue.since(db, place, 1, 10) == []
