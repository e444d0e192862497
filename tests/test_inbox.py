"""The inbox: what was heard is kept once, in order and whole, whatever goes wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Row, event, text

from bot import inbox
from bot.inbox import NotKept
from handlers.words import File, Heard, Media, Migrated, Reach, Receipt, Text, Word
from storage import messages
from storage.database import Store
from storage.handbook import Handbook
from tests.town import Citizen, Message, Town, broken_choice

PART = File("photo", "ref")


async def rows(town: Town, query: str) -> Sequence[Row[Any]]:
    async with town.store.reading() as db:
        return await db.rows(text(query))


async def heard(town: Town) -> list[tuple[str, str]]:
    return [(row.kind, row.state) for row in await rows(town, "SELECT kind, state FROM incoming ORDER BY id")]


async def hear(town: Town, *said: tuple[Citizen, Word]) -> list[BaseException | None]:
    """All at once, so that they queue."""
    together = [town.inbox.hear(citizen.says_later(word)) for citizen, word in said]
    return list(await asyncio.gather(*together, return_exceptions=True))


class Commits:
    """Counts the transactions in which something was written."""

    def __init__(self, store: Store) -> None:
        self.count = 0
        event.listen(store.writer.sync_engine, "commit", self._add)

    def _add(self, _connection: Any) -> None:
        self.count += 1


@asynccontextmanager
async def busy(town: Town) -> AsyncIterator[None]:
    """While this lasts no turn is taken, so that what comes queues."""
    gate = asyncio.Event()
    waiting = asyncio.create_task(_hold(town, gate))
    await asyncio.sleep(0)
    yield
    gate.set()
    await waiting


async def _hold(town: Town, gate: asyncio.Event) -> None:
    async with town.store.writing():
        await gate.wait()


# --- Once, in order, together ---


async def test_a_repeat_changes_nothing(town: Town) -> None:
    await town.ana.says("/help", key="7")
    await town.ana.says("/help", key="7")
    assert len(town.ana.heard) == 1
    assert await heard(town) == [("text", "handled")]
    assert (town.inbox.counts.turns, town.inbox.counts.repeats) == (1, 1)


async def test_a_repeat_within_one_batch_changes_nothing(town: Town) -> None:
    twice = town.ana.says_later(Text("/help"), key="7")
    await asyncio.gather(town.inbox.hear(twice), town.inbox.hear(twice))
    assert len(town.ana.heard) == 1


async def test_the_same_key_on_another_channel_is_another_message(town: Town) -> None:
    await town.ana.says("/help", key="7")
    cveta = town.citizen("cveta", channel="parchment")
    await cveta.says("/help", key="7")
    assert len(cveta.heard) == 1


async def test_the_order_of_a_conversation_is_kept(town: Town) -> None:
    said = [(citizen, Text(f"/help {number}")) for number in range(60) for citizen in (town.ana, town.ben)]
    assert set(await hear(town, *said)) == {None}
    for name in ("ana", "ben"):
        found = await rows(town, f"SELECT i.content FROM incoming i JOIN conversations c ON c.id = i.conversation_id"
                                 f" WHERE c.external = '{name}' ORDER BY i.id")  # fmt: skip
        told = [row.content if isinstance(row.content, dict) else json.loads(row.content) for row in found]
        assert [content["text"] for content in told] == [f"/help {number}" for number in range(60)]


async def test_turns_that_wait_share_a_commit(town: Town) -> None:
    await town.ana.opens()
    commits = Commits(town.store)
    await hear(town, *((town.citizen(f"c{number}"), Text("/help")) for number in range(40)))
    assert commits.count <= 3  # The first is taken alone, the others together.
    assert all(len(town.citizen(f"c{number}").heard) == 1 for number in range(40))


async def test_an_answer_goes_out_only_after_the_commit(town: Town) -> None:
    async with busy(town):
        turn = asyncio.create_task(town.ana.says("/help"))
        await asyncio.sleep(0)
        assert town.ana.heard == []
        assert not turn.done()
    await turn
    assert len(town.ana.heard) == 1


# --- Failures ---


async def test_a_failing_turn_is_recorded_and_apologised_for(town: Town) -> None:
    broken = await broken_choice(town.ana)
    answer = await town.ana.sends(broken)
    assert "Съжалявам" in answer
    assert (await heard(town))[-1] == ("choice", "failed")
    (row,) = await rows(town, "SELECT error FROM incoming WHERE state = 'failed'")
    assert "ValueError" in row.error


async def test_others_of_the_batch_keep_their_turns(town: Town) -> None:
    broken = await broken_choice(town.ana)
    others = [town.citizen(f"c{number}") for number in range(20)]
    said = [(citizen, Text("/help")) for citizen in others]
    assert set(await hear(town, *said[:10], (town.ana, broken), *said[10:])) == {None}
    assert [len(citizen.heard) for citizen in others] == [1] * 20
    assert "Съжалявам" in town.ana.last
    states = [state for _kind, state in await heard(town)]
    assert sorted(set(states)) == ["failed", "handled"]
    assert states.count("failed") == 1


class Trouble:
    """A database that refuses some statements, as a full disk or a lost connection makes it."""

    def __init__(self, store: Store, times: int, containing: str = "INSERT INTO incoming") -> None:
        self.times, self.containing = times, containing
        event.listen(store.writer.sync_engine, "before_cursor_execute", self._execute, retval=True)

    def _execute(
        self, _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> tuple[str, Any]:
        if self.containing not in statement or not self.times:
            return statement, parameters
        self.times -= 1
        return "SELECT no_such_column FROM incoming", ()  # What the driver then raises is a real error of its own.


async def test_a_stumble_of_the_database_is_overcome(town: Town) -> None:
    await town.ana.opens()
    Trouble(town.store, times=1)
    answer = await town.ana.says("/help")
    assert "Какво мога" in answer
    assert [state for _kind, state in await heard(town)] == ["handled", "handled"]


async def test_what_could_not_be_kept_is_not_acknowledged(town: Town) -> None:
    await town.ana.opens()
    trouble = Trouble(town.store, times=1000)
    with pytest.raises(NotKept):
        await town.ana.says("/help", key="7")
    trouble.times = 0
    await town.ana.says("/help", key="7")
    assert [kind for kind, _state in await heard(town)] == ["opened", "text"]
    assert len(town.ana.heard) == 2


async def test_what_stood_behind_it_does_not_overtake_it(town: Town) -> None:
    await town.ana.opens()
    Trouble(town.store, times=4)  # The batch, alone, again, the apology.
    said = [town.ana.says_later(Text(f"/help {number}"), key=str(number)) for number in range(3)]
    async with busy(town):
        results = asyncio.gather(*map(town.inbox.hear, said), town.inbox.hear(town.ben.says_later(Text("/help"))),
                                 return_exceptions=True)  # fmt: skip
        await asyncio.sleep(0)
    *hers, his = await results
    assert [type(result) for result in hers] == [NotKept] * 3
    assert his is None
    for one in said:  # The channel brings them again.
        await town.inbox.hear(one)
    keys = [row.key for row in await rows(town, "SELECT key FROM incoming WHERE kind = 'text' ORDER BY id")]
    assert [key for key in keys if key.isdigit()] == ["0", "1", "2"]


async def test_words_that_no_database_takes_are_given_up_and_nothing_else(town: Town) -> None:
    """Else the channel would bring them for ever, and behind them nothing."""
    await town.ana.opens()
    answer = await town.ana.says("half a character: \ud83d")
    assert "Съжалявам" in answer
    assert (await heard(town))[-1] == ("unknown", "failed")
    assert "Какво мога" in await town.ana.says("/help")


async def test_a_zero_character_is_answered(town: Town) -> None:
    await town.ana.opens("m_montana")
    await town.ana.says("qwfp\0gj")
    assert len(town.ana.heard) == 2
    assert "Какво мога" in await town.ana.says("/help")


class Deaf:
    """A sender that fails."""

    def post(self, _letters: Sequence[Any]) -> None:
        raise RuntimeError("the sender broke")


async def test_a_broken_sender_does_not_stop_the_inbox(store: Store, handbook: Handbook) -> None:
    async with Town(store, handbook) as town:
        town.inbox.outbox = Deaf()
        await town.ana.says("/help")
        await town.ana.says("/help")
        assert await heard(town) == [("text", "handled")] * 2


# --- The queue ---


async def test_a_full_queue_makes_the_channels_wait(town: Town) -> None:
    await town.ana.opens()
    async with busy(town):
        hearing = [
            asyncio.create_task(town.inbox.hear(town.ana.says_later(Text("/help")))) for _ in range(inbox.QUEUE + 99)
        ]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert town.inbox.waiting <= inbox.QUEUE
        for task in hearing[200:]:
            task.cancel()
    await asyncio.gather(*hearing[:200])
    assert len(town.ana.heard) > 200


async def test_a_stop_finishes_what_was_accepted(store: Store, handbook: Handbook) -> None:
    async with Town(store, handbook) as town:
        hearing = [asyncio.create_task(town.inbox.hear(town.ana.says_later(Text("/help")))) for _ in range(100)]
        await asyncio.sleep(0)
    await asyncio.gather(*hearing)
    assert len(town.ana.heard) == 100
    with pytest.raises(NotKept):
        await town.inbox.hear(town.ana.says_later(Text("/help")))


# --- Albums ---


def part(album: str = "A") -> Media:
    return Media((PART,), "", album)


async def listens(citizen: Citizen, count: int) -> Message:
    async with asyncio.timeout(10):
        while len(citizen.heard) < count:
            await asyncio.sleep(0.001)
    return citizen.last


async def test_the_parts_of_an_album_make_one_turn(town: Town) -> None:
    await hear(town, *[(town.ana, part())] * 3)
    assert "3 файла" in await listens(town.ana, 1)
    assert await heard(town) == [("media", "handled")] * 3


async def test_words_behind_an_album_in_the_same_batch_come_after_it(town: Town) -> None:
    await hear(town, (town.ana, part()), (town.ana, part()), (town.ana, Text("/help")), (town.ana, part("B")))
    await listens(town.ana, 3)
    assert ["2 файла" in town.ana.heard[0], "Какво мога" in town.ana.heard[1]] == [True, True]


async def test_a_late_part_of_an_album_is_not_left_behind(town: Town) -> None:
    await town.ana.sends(part())
    await listens(town.ana, 1)
    await town.ana.sends(part())
    await listens(town.ana, 2)
    assert await heard(town) == [("media", "handled")] * 2


async def test_an_album_whose_turn_fails_does_not_take_the_next_message_with_it(town: Town) -> None:
    await town.ana.opens()
    town.turns.album_pause = 60.0
    await hear(town, (town.ana, part()), (town.ana, part()))
    Trouble(town.store, times=3, containing="UPDATE incoming")
    await town.ana.says("/help")
    assert ["Съжалявам" in town.ana.heard[1], "Какво мога" in town.ana.heard[2]] == [True, True]


async def test_an_album_cut_through_by_a_crash_is_taken_up(store: Store, handbook: Handbook) -> None:
    async with Town(store, handbook, album_pause=60.0) as town:
        await hear(town, (town.ana, part()), (town.ana, part()))
    async with Town(store, handbook, album_pause=0.05) as again:
        await again.inbox.recover()
        await again.ana.sends(part(), key="the last")  # The channel brings what was not acknowledged.
        assert "3 файла" in await listens(again.ana, 1)
        assert {state for _kind, state in await heard(again)} == {"handled"}


# --- Words that are no talk ---


async def test_blocked_and_unblocked(town: Town) -> None:
    async def reachable() -> list[bool]:
        return [bool(row.reachable) for row in await rows(town, "SELECT reachable FROM conversations")]

    await town.ana.opens()
    await town.ana.sends(Reach(False))
    assert await reachable() == [False]
    await town.ana.sends(Reach(True))
    assert await reachable() == [True]
    await town.ana.sends(Reach(False))
    await town.ana.says("/help")  # Who writes can be written to.
    assert await reachable() == [True]
    assert len(town.ana.heard) == 2


@pytest.mark.parametrize(
    ("before", "told", "after"),
    [
        ("sent", "delivered", "delivered"), ("delivered", "seen", "seen"), ("seen", "delivered", "seen"),
        ("unknown", "delivered", "delivered"), ("sent", "failed", "failed"), ("seen", "failed", "seen"),
        ("failed", "seen", "failed"),
    ],
)  # fmt: skip
async def test_a_receipt_never_turns_the_state_back(town: Town, before: str, told: Any, after: str) -> None:
    said = await town.ana.opens()
    async with town.store.writing() as db:
        messages.settle(db, said.letter.id, before, attempts=1)
    await town.ana.sends(Receipt(said.letter.id, told, "why"))
    assert [row.state for row in await rows(town, "SELECT state FROM outgoing")] == [after]


async def test_a_receipt_for_somebody_elses_message_is_ignored(town: Town) -> None:
    said = await town.ana.opens()
    await town.ben.opens()
    await town.ben.sends(Receipt(said.letter.id, "seen"))
    assert {row.state for row in await rows(town, "SELECT state FROM outgoing")} == {"due"}


async def test_a_move_within_a_batch_keeps_the_conversation(town: Town) -> None:
    def in_group(word: Word, name: str) -> Heard:
        return town.ana.says_later(word, conversation=name, is_group=True)

    await asyncio.gather(
        *map(town.inbox.hear, (in_group(Text("/start"), "old"), in_group(Migrated("new"), "old"),
                               in_group(Text("/start"), "new"))),
    )  # fmt: skip
    assert [row.external for row in await rows(town, "SELECT external FROM conversations WHERE is_group")] == ["new"]
