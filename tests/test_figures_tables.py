"""Meetings, announcements, days of messages and the published tables, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.figuring import Figuring
from storage import daily, open311, opendata
from storage.database import Session, Store
from storage.figures import figures
from storage.figures_meetings import ALL
from storage.ids import EPOCH_MS, LOW_BITS, new_id
from storage.models import (
    announcements,
    answers,
    event_feedback,
    event_news,
    events,
    incoming,
    outgoing,
    people,
    seats,
    unanswered,
)
from storage.months import Month, midnight
from storage.opendata import Wanted
from tests.matters_made import Ending, Made, Maker, conversation

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
NOVEMBER = Month(2026, 11)


@pytest.fixture
async def quiet(store: Store) -> Store:
    store.now = lambda: NOW
    return store


def meeting(db: Session, state: str, day: int, municipality: str | None = "montana") -> int:
    event_id = new_id()
    db.add(
        events, id=event_id, municipality=municipality, kind="open-day", state=state, title_bg="Среща",
        starts_at=datetime(2026, 11, day, 15, tzinfo=UTC), takes_names=False, takes_questions=False, sequence=0,
        made_by=1, made_at=NOW, published_at=NOW, changed_at=NOW,
    )  # fmt: skip
    return event_id


def told(db: Session, event_id: int, many: int) -> None:
    db.add(event_news, id=new_id(), event_id=event_id, what="new", content={}, made_at=NOW, after=0, told=many)


async def test_meetings_and_announcements_are_counted_once_and_only_where_they_belong(quiet):
    async with quiet.writing() as db:
        for person in range(1, 9):
            db.add(people, id=person, language="bg", since=NOW)
        await db.flush()
        talk = conversation(db, 1)
        ours, shared, off = meeting(db, "held", 5), meeting(db, "published", 6, None), meeting(db, "cancelled", 7)
        later, other = meeting(db, "published", 25), meeting(db, "held", 5, "belene")
        await db.flush()
        for event_id in (ours, shared, off, later, other):
            told(db, event_id, 40)
        told(db, ours, 2)
        for person, state, places in ((1, "came", 2), (2, "came", 1), (3, "absent", 1), (4, "cancelled", 9)):
            db.add(seats, id=new_id(), event_id=ours, person_id=person, conversation_id=talk, number=person,
                   ticket=f"t{person}", seats=places, state=state, since=NOW)  # fmt: skip
            db.add(event_feedback, id=new_id(), event_id=ours, person_id=person, stars=4, at=NOW)
        for state, day, resolved, report in (
            ("done", 3, 100, {"sent": 90, "web": 5, "failed": 5}), ("sending", 19, 50, None), ("draft", 4, 0, None),
        ):  # fmt: skip
            at = datetime(2026, 11, day, tzinfo=UTC)
            db.add(
                announcements, id=new_id(), municipality="montana", is_emergency=False, author_id=1,
                conversation_id=talk, is_recall=False, state=state, texts={"bg": "Вода"}, files=[], choices=[],
                audience={}, wants_count=False, cursor=0, resolved=resolved, is_resolved=True, figures=report,
                is_public=True, made_at=at, started_at=None if state == "draft" else at,
            )  # fmt: skip
    async with quiet.reading() as db:
        found = await figures(db, "montana", NOVEMBER)
    assert found["events"] == {"held": 2, "signed_up": 4, "came": 3, "told": 82}
    assert found["broadcasts"] == {"sent": 2, "recipients": 150, "reached": 95}
    rows = [row async for row in opendata.read(quiet, ALL["events"], Wanted("montana"))]
    mine = next(dict(zip(ALL["events"].header, row, strict=True)) for row in rows if row[0] == f"{ours:x}")
    assert (mine["signed_up"], mine["came"], mine["told"], mine["voices"], mine["stars"]) == (
        None,
        None,
        42,
        None,
        None,
    )
    assert len([row async for row in opendata.read(quiet, ALL["broadcasts"], Wanted())]) == 2


async def test_every_table_is_read_whole_page_by_page(quiet, monkeypatch):
    monkeypatch.setattr(opendata, "PAGE", 3)
    async with quiet.writing() as db:
        maker = Maker()
        for hour in range(8):
            at = datetime(2026, 11, 2, 8 + hour, tzinfo=UTC)
            maker.case(db, Made(at, endings=(Ending(timedelta(days=1), solved="yes"),), is_public=hour != 3), NOW)
    for what in ALL.values():
        rows = [row async for row in opendata.read(quiet, what, Wanted("montana"))]
        assert len(rows) == await opendata.count(quiet, what, Wanted("montana"))
        assert all(len(row) == len(what.fields) for row in rows)
    numbers = [row[0] async for row in opendata.read(quiet, ALL["cases"], Wanted())]
    assert len(numbers) == len(set(numbers)) == 7
    query = open311.Query(municipality="montana", start=NOW - open311.SPAN, end=NOW, statuses=["closed"], page_size=4)
    async with quiet.reading() as db:
        assert len(await open311.requests(db, query)) == 4


async def test_a_day_is_counted_once_and_compared_with_what_is_there(quiet):
    day = date(2026, 11, 18)
    async with quiet.writing() as db:
        db.add(people, id=5, language="bg", municipality="montana", since=NOW)
        talk = conversation(db, 5)
        for number, (state, handler) in enumerate(
            [("handled", "questions.service"), ("handled", "questions.service"), ("handled", "cards.show"),
             ("failed", None), ("handled", None)]
        ):  # fmt: skip
            at = midnight(day) + timedelta(hours=number)
            key = (int(at.timestamp() * 1000) - EPOCH_MS) << LOW_BITS
            db.add(incoming, id=key, channel="paper", key=str(key), conversation_id=talk, person_id=5, kind="text",
                   content={}, state=state, handler=handler, said_at=at, heard_at=at)  # fmt: skip
            db.add(outgoing, id=key + 1, conversation_id=talk, channel="paper", lane=0, content={}, state="sent",
                   attempts=1, due_at=at, changed_at=at)  # fmt: skip
            if number == 0:
                db.add(answers, id=key + 2, incoming_id=key, person_id=5, intent="service", card="design-visa",
                       edition=1, confident=True, municipality="montana", language="bg", helped="yes",
                       at=at)  # fmt: skip
            if number == 1:
                db.add(unanswered, id=key + 3, incoming_id=key, person_id=5, question="–", intent="service",
                       reason="person", municipality="montana", language="bg", asked_at=at)  # fmt: skip
    figuring = Figuring(quiet)
    for _ in range(4):
        await figuring.count_days()
    async with quiet.reading() as db:
        counts = await daily.totals(db, day, day, "montana")
        everybody = await daily.totals(db, day, day)
        found = await figures(db, "montana", NOVEMBER)
    assert counts == {"heard": 5, "heard_questions": 2, "heard_dialogue": 1, "heard_failed": 1, "heard_other": 1,
                      "answers": 1, "answers_card": 1, "answers_rated": 1, "answers_helped": 1,
                      "unanswered": 1}  # fmt: skip
    assert (everybody["said.sent"], everybody["kept_answers"], everybody["kept_register"]) == (5, 1, 1)
    assert found["questions"]["asked"] == 1
    assert found["unanswered"]["open"] == 1
    assert [line["id"] for line in found["adds_up"] if line["difference"]] == []
    async with quiet.writing() as db:
        await db.execute(outgoing.delete())
        await db.execute(incoming.delete().where(incoming.c.handler == "cards.show"))
    async with quiet.reading() as db:
        wrong = {line["id"]: line["difference"] for line in (await figures(db, "montana", NOVEMBER))["adds_up"]}
    assert wrong["messages"] == -1  # A message that was counted is gone.
