"""Groups of the staff in the tables, on both databases: what a message there is about, and what a group takes along."""

from typing import Any

from storage import casedesk, cases, messages, offices, people, roles, staffgroups
from storage.caserecord import staff
from storage.database import Session, Store
from storage.handbook import Handbook
from storage.ids import new_id
from storage.models import conversations
from storage.people import Conversation
from tests.casetown import Bureau

CHAT = "-1001"
NEIGHBOUR = "-10010"  # Its number begins like the other's.


async def group(db: Session, chat: str, bureau: Bureau) -> Conversation:
    room = people.enter_group(db, "telegram", chat)
    await offices.set_group(db, "montana", None, room.id, chat, bureau.somebody().person_id)
    return room


async def topic(db: Session, room: Conversation, case_id: int, ref: str) -> Conversation:
    """A case's topic, whose card the channel calls `ref`."""
    place = people.open_topic(db, room)
    card = messages.say(db, place.id, {"text": "card"}, channel="telegram", lane=1)
    (row,) = [row for row in await offices.groups(db, "montana") if row.conversation_id == room.id]
    staffgroups.open_topic(db, case_id, row.id, place.id, card)
    messages.settle(db, card, "sent", attempts=1, external=ref)
    return place


def hears(db: Session, place: Conversation, who: int, ref: str, reply_to: str | None, **more: Any) -> None:
    content = {"text": "x", "ref": ref, "reply_to": reply_to, **more.pop("content", {})}
    messages.heard(
        db, channel="telegram", key=f"{place.id}-{ref}", conversation_id=place.id, person_id=who, kind="text",
        content=content, state=more.pop("state", "handled"), said_at=db.now, **more,
    )  # fmt: skip


async def test_an_answer_is_traced_through_answers_to_the_card(store: Store, handbook: Handbook) -> None:
    async with store.writing() as db:
        bureau = Bureau(db, handbook)
        case, who = (await bureau.files()).case, bureau.somebody().person_id
        room = await group(db, CHAT, bureau)
        place = await topic(db, room, case.id, "7")
        hears(db, place, who, "8", "7")
        hears(db, place, who, "9", "8")
        for ref in ("7", "8", "9"):
            found = await staffgroups.answered(db, "telegram", CHAT, ref)
            assert found
            assert (found[0], found[1] and found[1].content) == (place.id, {"text": "card"})
        hears(db, place, who, "11", None)
        assert await staffgroups.answered(db, "telegram", CHAT, "11") == (place.id, None)
        assert await staffgroups.answered(db, "telegram", CHAT, "12") is None
        assert await staffgroups.answered(db, "telegram", NEIGHBOUR, "7") is None
        hears(db, place, who, "13", "7", state="waiting", content={"album": "a"})
        assert await staffgroups.album(db, "telegram", CHAT, "a") == place.id
        assert await staffgroups.album(db, "telegram", CHAT, "b") is None


async def test_a_group_takes_its_topics_along_and_no_others(store: Store, handbook: Handbook) -> None:
    async with store.writing() as db:
        bureau = Bureau(db, handbook)
        case = (await bureau.files()).case
        room = await group(db, CHAT, bureau)
        place = await topic(db, room, case.id, "7")
        other = people.open_topic(db, people.enter_group(db, "telegram", NEIGHBOUR))
        await people.set_group_reachable(db, "telegram", CHAT, False)
        await people.move_conversation(db, "telegram", CHAT, "-1009")
        rows = {row.id: row for row in await db.rows(conversations.select())}
        assert (rows[room.id].external, rows[room.id].reachable) == ("-1009", False)
        assert (rows[place.id].external, rows[place.id].reachable) == (f"-1009/new{place.id}", False)
        assert (rows[other.id].external, rows[other.id].reachable) == (f"{NEIGHBOUR}/new{other.id}", True)
        assert set(await staffgroups.by_chat(db, "telegram", ["-1009", CHAT])) == {"-1009"}


async def test_each_speaker_in_a_group_is_in_the_middle_of_something_else(store: Store) -> None:
    async with store.writing() as db:
        room = people.enter_group(db, "telegram", CHAT)
        for who, step in ((1, "a"), (2, "b")):
            people.as_spoken_by(room, who)
            room.step, room.draft, room.is_changed = step, {"of": who}, True
            people.keep(db, room)
        again = await people.conversation(db, room.id)
        assert again
        for who, step in ((1, "a"), (2, "b"), (3, None)):
            people.as_spoken_by(again, who)
            assert (again.step, again.draft) == (step, {"of": who} if step else None)


async def test_a_card_knows_what_it_does_not_show_yet(store: Store, handbook: Handbook) -> None:
    async with store.writing() as db:
        bureau = Bureau(db, handbook)
        before = new_id()
        case = (await bureau.files()).case
        assert (await staffgroups.changed_since(db, before))[0] == [case.id]
        room = await group(db, CHAT, bureau)
        await topic(db, room, case.id, "7")
        (row,) = await staffgroups.topics_of(db, case.id)
        until = await staffgroups.shown_until(db, row)
        assert [h.action for h in await cases.history(db, case.id) if h.id > until] == []
        clerk = await bureau.employs()
        assert clerk.person_id
        await casedesk.take(db, case, staff(clerk.person_id, await roles.of(db, clerk.person_id)))
        assert [h.action for h in await cases.history(db, case.id) if h.id > until] == ["take"]
        messages.settle(db, row.card_id, "failed", attempts=1)
        assert not await staffgroups.is_sent(db, row)
        assert row.home == room.id
