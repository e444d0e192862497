"""The outbox: what was said is sent in order and once, and what became of it is written."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, event, text

from bot import outbox
from bot.outbox import Outbox, deliver
from bot.pace import Lanes, Pace
from bot.results import Gone, Later, Moved, Perhaps, Refused, Result, Sent
from handlers.words import ANSWER, BROADCAST, EMERGENCY, NOTICE, plain
from storage import messages, people
from storage.database import Store
from storage.messages import Letter
from tests.databases import letters
from tests.desk import eventually

Plan = Callable[[Letter], Awaitable[Result]]


class Paper:
    """A channel on paper: what is written on it, and what becomes of it as the test plans."""

    name = "paper"

    def __init__(self, *planned: Result) -> None:
        self.planned = list(planned)
        self.written: list[tuple[str, str]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, letter: Letter) -> Result:
        self.written.append((letter.address, plain(letter.content["text"])))
        await self.open.wait()
        return self.planned.pop(0) if self.planned else Sent(f"n{len(self.written)}")


class Post:
    """The outbox over paper, and the shortcuts that a test needs."""

    def __init__(self, store: Store, paper: Paper, **options: Any) -> None:
        self.store, self.paper = store, paper
        quick = {"settle_s": 0.005, "repeat_s": 0.01, "sweep_s": 0.1}
        self.box = Outbox(store, paper, Lanes(Pace(1000, per_chat=1000), one_at_a_time=True), **quick | options)

    async def put(self, *texts: str, to: str = "ana", lane: int = ANSWER, **more: Any) -> list[Letter]:
        """Commit messages, and return the letters that the inbox would hand over."""
        async with self.store.writing() as db:
            known = await people.meet(db, "paper", [to])
            place = known.get(to) or people.welcome(db, "paper", to, "bg")
            ids = [
                messages.say(db, place.id, {"text": words}, channel=place.channel, lane=lane, **more) for words in texts
            ]
            return await letters(db, ids)

    async def rows(self) -> Sequence[Row[Any]]:
        async with self.store.reading() as db:
            return await db.rows(text("SELECT state, attempts, reason, external FROM outgoing ORDER BY id"))

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def comes_to(self, *states: str) -> None:
        await eventually(self.states, lambda found: found == list(states))

    @property
    def words(self) -> list[str]:
        return [words for _to, words in self.paper.written]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.box.start()
        try:
            yield
        finally:
            await self.box.stop()


# --- What becomes of a message ---


@pytest.mark.parametrize(
    ("planned", "state", "attempts", "sends"),
    [
        ([Sent("77")], "sent", 1, 1),
        ([Later(0.0, "busy"), Sent("77")], "sent", 2, 2),
        ([Later(0.0, "slow down", counts=False), Sent("77")], "sent", 1, 2),
        ([Later(0.0, "busy", whole_bot=True), Sent("77")], "sent", 2, 2),
        ([Later(0.0, "busy")] * 20, "failed", outbox.ATTEMPTS, outbox.ATTEMPTS),
        ([Gone("blocked")], "failed", 1, 1),
        ([Refused("too long")], "failed", 1, 1),
        ([Perhaps("timed out"), Sent("77")], "sent", 2, 2),
        ([Perhaps("timed out"), Perhaps("timed out")], "unknown", 2, 2),
        ([Later(0.0, "busy"), Perhaps("timed out"), Sent("77")], "sent", 3, 3),
    ],
)
async def test_each_result_is_recorded(
    store: Store, planned: list[Result], state: str, attempts: int, sends: int
) -> None:
    post = Post(store, Paper(*planned))
    async with post.running():
        post.box.post(await post.put("x"))
        await post.comes_to(state)
    (row,) = await post.rows()
    assert (row.attempts, len(post.words)) == (attempts, sends)
    assert row.external == ("77" if state == "sent" else None)
    assert (row.reason is None) == (state == "sent")


async def test_an_adapter_that_breaks_stops_nobody_else(store: Store) -> None:
    class Torn(Paper):
        async def send(self, letter: Letter) -> Result:
            if letter.content["text"] == "bad":
                raise RuntimeError("torn")
            return await super().send(letter)

    post = Post(store, Torn())
    async with post.running():
        post.box.post(await post.put("bad", "good"))
        await post.comes_to("failed", "sent")


async def test_who_is_gone_is_not_written_to_again(store: Store) -> None:
    post = Post(store, Paper(Gone("blocked")))
    async with post.running():
        post.box.post(await post.put("x"))
        await post.comes_to("failed")
        post.box.post(await post.put("y"))
        await post.comes_to("failed", "failed")
    assert post.words == ["x"]


async def test_what_is_too_old_expires_unsent(store: Store) -> None:
    post = Post(store, Paper())
    async with post.running():
        post.box.post(await post.put("x", expires_at=store.now() - timedelta(seconds=1)))
        await post.comes_to("expired")
    assert post.words == []


class Moving(Paper):
    async def send(self, letter: Letter) -> Result:
        return Moved("new") if letter.address == "old" else await super().send(letter)


async def test_a_move_is_followed_by_all_that_waits(store: Store) -> None:
    post = Post(store, Moving())
    async with post.running():
        post.box.post(await post.put("x", "y", to="old"))
        await post.comes_to("sent", "sent")
    assert post.paper.written == [("new", "x"), ("new", "y")]
    async with store.reading() as db:
        assert [row.external for row in await db.rows(text("SELECT external FROM conversations"))] == ["new"]


async def test_a_move_to_a_place_we_know_already(store: Store) -> None:
    post = Post(store, Moving())
    await post.put("there", to="new", due_at=store.now() + timedelta(days=1))
    async with post.running():
        post.box.post(await post.put("x", to="old"))
        await post.comes_to("due", "sent")
    assert post.paper.written == [("new", "x")]


# --- Order and lanes ---


async def test_messages_of_a_chat_go_one_after_the_other(store: Store) -> None:
    post = Post(store, Paper(Later(0.01, "busy")))
    async with post.running():
        post.box.post(await post.put("1", "2", "3"))
        await post.comes_to("sent", "sent", "sent")
    assert post.words == ["1", "1", "2", "3"]


async def test_a_slow_chat_does_not_hold_up_the_others(store: Store) -> None:
    post = Post(store, Paper(Later(3600, "slow down")))
    async with post.running():
        post.box.post(await post.put("slow"))
        await eventually(_value(lambda: len(post.words)), lambda count: count == 1)
        post.box.post(await post.put("quick", to="ben"))
        await post.comes_to("due", "sent")


async def test_answers_go_before_notices_and_notices_before_broadcasts(store: Store) -> None:
    post = Post(store, Paper())
    for lane, to in ((BROADCAST, "ana"), (EMERGENCY, "deni"), (NOTICE, "ben"), (ANSWER, "cveta")):
        await post.put(str(lane), to=to, lane=lane)
    async with post.running():
        await post.comes_to("sent", "sent", "sent", "sent")
    assert post.words == [str(ANSWER), str(NOTICE), str(EMERGENCY), str(BROADCAST)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_emergency_overtakes_a_broadcast_under_way(store: Store) -> None:
    post = Post(store, Paper())
    post.box.lanes.pace = Pace(1)
    async with store.writing() as db:
        for number in range(700):  # More than is held in memory for a broadcast.
            to = people.welcome(db, "paper", f"c{number}", "bg")
            messages.say(db, to.id, {"text": "broadcast"}, channel="paper", lane=BROADCAST)
    async with post.running():
        await eventually(_value(lambda: len(post.words)), lambda count: count == 1)
        (flood,) = await post.put("flood", to="ben", lane=EMERGENCY)
        post.box.post([flood])
        await eventually(_value(lambda: len(post.words)), lambda count: count == 2)
    assert post.words == ["broadcast", "flood"]


async def test_what_waited_from_before_the_start_goes_first(store: Store) -> None:
    post = Post(store, Paper())
    await post.put("old 1", "old 2")
    newer = await post.put("new")
    post.box.post(newer)  # Handed over before the database was looked at.
    async with post.running():
        await post.comes_to("sent", "sent", "sent")
    assert post.words == ["old 1", "old 2", "new"]


async def test_an_outbox_that_is_not_running_keeps_nothing_to_send_later(store: Store) -> None:
    """Another process sends meanwhile; whoever takes over later reads what is still due."""
    post = Post(store, Paper())
    letters = await post.put("x")
    post.box.post(letters)
    async with store.writing() as db:
        messages.settle(db, letters[0].id, "sent", attempts=1)
    later = await post.put("y")
    async with post.running():
        await post.comes_to("sent", "sent")
    assert post.words == ["y"]
    assert later


async def test_more_than_fits_into_memory_waits_in_the_database(store: Store) -> None:
    post = Post(store, Paper(), in_memory=4)
    async with post.running():
        for number in range(10):
            post.box.post(await post.put(str(number)))
        await post.comes_to(*["sent"] * 10)
    assert post.words == [str(number) for number in range(10)]


# --- What nobody told us about ---


async def test_what_another_process_said_is_found(store: Store) -> None:
    post = Post(store, Paper())
    async with post.running():
        await post.put("x")
        post.box.wake()
        await post.comes_to("sent")


async def test_what_is_not_due_yet_waits(store: Store) -> None:
    post = Post(store, Paper())
    await post.put("x", due_at=store.now() + timedelta(hours=1))
    async with post.running():
        post.box.wake()
        post.box.post(await post.put("y", to="ben"))
        await post.comes_to("due", "sent")
    assert post.words == ["y"]


async def test_sweeping_while_sending_doubles_nothing(store: Store) -> None:
    post = Post(store, Paper())
    async with post.running():
        for number in range(100):
            post.box.post(await post.put(f"{number}", to=f"c{number % 7}"))
            post.box.wake()
        await post.comes_to(*["sent"] * 100)
    assert sorted(post.words, key=int) == [str(number) for number in range(100)]


async def test_a_broadcast_that_a_crash_cut_through_is_not_repeated(store: Store) -> None:
    post = Post(store, Paper())
    (claimed,) = await post.put("perhaps there", lane=BROADCAST)
    (answer,) = await post.put("answer", to="ben")
    async with store.writing() as db:
        await messages.claim(db, [claimed.id, answer.id])
    async with post.running():
        await post.comes_to("unknown", "sent")
    assert post.words == ["answer"]


async def test_a_broadcast_is_claimed_before_it_is_sent(store: Store) -> None:
    post = Post(store, Paper())
    post.paper.open.clear()
    await post.put("x", lane=BROADCAST)
    async with post.running():
        await post.comes_to("claimed")
        post.paper.open.set()
        await post.comes_to("sent")


async def test_an_unsure_broadcast_is_not_repeated(store: Store) -> None:
    post = Post(store, Paper(Perhaps("timed out")))
    await post.put("x", lane=BROADCAST)
    async with post.running():
        await post.comes_to("unknown")
    assert post.words == ["x"]


# --- Writing down and stopping ---


async def test_results_are_written_when_the_database_is_back(store: Store) -> None:
    is_broken = asyncio.Event()

    @event.listens_for(store.writer.sync_engine, "before_cursor_execute", retval=True)
    def refuse(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> tuple[str, Any]:
        if is_broken.is_set() and statement.startswith("UPDATE outgoing"):
            return "SELECT no_such_column FROM outgoing", ()
        return statement, parameters

    post = Post(store, Paper(Later(0.0, "busy")), sweep_s=0.01)
    async with post.running():
        letters = await post.put("x")
        is_broken.set()
        post.box.post(letters)
        await eventually(_value(lambda: len(post.words)), lambda count: count == 2)
        assert await post.states() == ["due"]
        is_broken.clear()
        await post.comes_to("sent")
    assert post.words == ["x", "x"]


def _value(look: Callable[[], int]) -> Callable[[], Awaitable[int]]:
    async def value() -> int:
        return look()

    return value


async def test_a_stop_waits_for_what_is_under_way_and_writes_it_down(store: Store) -> None:
    post = Post(store, Paper())
    post.paper.open.clear()
    async with post.running():
        post.box.post(await post.put("x", "y"))
        await eventually(_value(lambda: len(post.words)), lambda count: count == 1)
        stopping = asyncio.create_task(post.box.stop())
        await asyncio.sleep(0)
        post.paper.open.set()
        await stopping
    assert await post.states() == ["sent", "due"]


def test_letters_go_to_their_channel_and_the_others_wait() -> None:
    got: list[Letter] = []
    letters = [Letter(n, 1, name, "a", False, ANSWER, {"text": ""}) for n, name in enumerate(("paper", "web", "paper"))]
    deliver({"paper": got.extend})(letters)
    assert [letter.id for letter in got] == [0, 2]
