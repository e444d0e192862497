"""The pace of sending: every limit kept in every window, people first, nobody forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count, pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pace import MARGIN, PATIENCE, Lane, Lanes, Pace

numbers = count()


@dataclass(frozen=True)
class Item:
    chat: int  # negative: a group
    lane: Lane = Lane.NOTICE
    number: int = field(default_factory=numbers.__next__)

    @property
    def is_group(self) -> bool:
        return self.chat < 0


@dataclass(frozen=True)
class Sent:
    at: float
    item: Item


Arrivals = list[tuple[float, Item]]


def on_time() -> float:
    return 0.0


def run(
    lanes: Lanes[Item],
    arrivals: Arrivals,
    *,
    start: float = 0.0,
    until: float = float("inf"),
    late: Callable[[], float] = on_time,
) -> list[Sent]:
    """Play the arrivals on a simulated clock, waking up `late` seconds after each wait; return what was sent when."""
    now, sent, coming = start, [], sorted(arrivals, key=lambda arrival: arrival[0])[::-1]
    while now <= until:
        while coming and coming[-1][0] <= now:
            lanes.push(coming.pop()[1])
        while (item := lanes.pop(now)) is not None:
            sent.append(Sent(now, item))
        wait = lanes.wait(now)
        assert wait is None or wait > 0, "what can go now must have gone"
        wakes = [at for at in (wait and now + wait, coming and coming[-1][0]) if at]
        if not wakes:
            break
        now = max(now, min(wakes)) + late()
    return sent


def assert_window(times: list[float], limit: int, seconds: float) -> None:
    for first, beyond in zip(times, times[limit:], strict=False):
        assert beyond - first >= seconds, f"more than {limit} in {seconds} s from {first}"


def assert_limits(sent: Iterable[Sent], rate: int = 30, burst: int = 1) -> None:
    """Check every sliding window as a strict server does, without our margin."""
    chats = defaultdict(list)
    for each in sent:
        chats[each.item.chat].append(each.at)
    assert_window([each.at for each in sent], rate, 1.0)
    for chat, times in chats.items():
        assert_window(times, burst, float(burst))
        if chat < 0:
            assert_window(times, 20, 60.0)


def broadcast(size: int, first: int = 1) -> Arrivals:
    return [(0.0, Item(first + chat, Lane.BROADCAST)) for chat in range(size)]


# The guard


def test_one_second_between_two_messages_to_a_chat():
    pace = Pace()
    pace.take(7, False, 100.0)
    assert pace.ready_at(7, False, 100.0) == pytest.approx(100 + 1 + MARGIN)
    assert pace.ready_at(8, False, 100.1) == 100.1
    assert pace.ready_at(7, False, 105.0) == 105.0


def test_a_group_hears_twenty_a_minute():
    pace = Pace()
    for second in range(20):
        pace.take(-7, True, second * 1.1)
    assert pace.ready_at(-7, True, 25.0, Lane.ANSWER) == pytest.approx(60 * (1 + MARGIN))


@pytest.mark.parametrize("rate", [1, 5, 30, 1000])
def test_the_rate_is_for_all_together(rate):
    pace = Pace(rate)
    for chat in range(rate):
        assert pace.ready_at(chat, False, 5.0, Lane.ANSWER) == 5.0
        pace.take(chat, False, 5.0, Lane.ANSWER)
    assert pace.ready_at(rate, False, 5.0, Lane.ANSWER) == pytest.approx(6 + MARGIN)


@pytest.mark.parametrize("rate", [0, -1, 1001])
def test_a_senseless_rate_is_refused(rate):
    with pytest.raises(ValueError, match="rate"):
        Pace(rate)


def test_in_a_busy_group_answers_find_room():
    pace = Pace()
    for second in range(15):  # Three quarters of what a group may hear in a minute.
        assert pace.ready_at(-7, True, second * 1.1) == pytest.approx(second * 1.1, abs=0.01)
        pace.take(-7, True, second * 1.1)
    assert pace.ready_at(-7, True, 20.0) == pytest.approx(60 * (1 + MARGIN))
    assert pace.ready_at(-7, True, 20.0, Lane.ANSWER) == 20.0


def test_answers_may_burst_only_when_asked_for():
    strict, tolerant = Pace(), Pace(answer_burst=3)
    for pace in (strict, tolerant):
        pace.take(1, False, 0.0, Lane.ANSWER)
    assert strict.ready_at(1, False, 0.0, Lane.ANSWER) > 1
    tolerant.take(1, False, 0.0, Lane.ANSWER)
    assert tolerant.ready_at(1, False, 0.0, Lane.ANSWER) == 0.0
    assert tolerant.ready_at(1, False, 0.0, Lane.NOTICE) > 1
    tolerant.take(1, False, 0.0, Lane.ANSWER)
    assert tolerant.ready_at(1, False, 0.0, Lane.ANSWER) > 3
    assert tolerant.ready_at(1, False, 2.0, Lane.NOTICE) > 3, "a burst is paid back before a notice follows"


def test_retry_after_for_a_chat_holds_that_chat_only():
    pace = Pace()
    pace.penalise(17, 1, 100.0)
    pace.penalise(3, 1, 100.0)
    assert pace.ready_at(1, False, 100.0, Lane.ANSWER) == 117.0
    assert pace.ready_at(2, False, 100.0, Lane.ANSWER) == 100.0


def test_retry_after_for_the_bot_holds_everything():
    pace = Pace()
    pace.penalise(9, None, 100.0)
    assert [pace.ready_at(chat, False, 100.0, lane) for chat in (1, 2) for lane in Lane] == [109.0] * 8


def test_memory_follows_the_rate_and_not_the_number_of_people():
    pace = Pace(1000)
    for moment in range(50_000):
        pace.take(moment, False, moment / 900)
        pace.take(-moment - 1, True, moment / 900)
        pace.penalise(1, moment, moment / 900)
    assert len(pace) < 65 * 1000  # a minute of groups, a second of people


# The lanes


def test_people_first():
    lanes = Lanes(Pace())
    late = [Item(1, Lane.BROADCAST), Item(4, Lane.EMERGENCY), Item(2, Lane.NOTICE), Item(3, Lane.ANSWER)]
    sent = run(lanes, [(0.0, item) for item in late])
    assert [each.item for each in sent] == late[::-1]


def test_a_later_answer_overtakes_within_a_chat():
    lanes, items = Lanes(Pace()), [Item(1, Lane.BROADCAST), Item(1, Lane.NOTICE), Item(1, Lane.NOTICE)]
    arrivals = [(0.0, item) for item in items] + [(0.5, answer := Item(1, Lane.ANSWER))]
    assert [each.item for each in run(lanes, arrivals)] == [items[1], answer, items[2], items[0]]


def test_first_come_first_served_among_chats():
    lanes, items = Lanes(Pace()), [Item(chat) for chat in (5, 3, 9, 1)]
    assert [each.item for each in run(lanes, [(0.0, item) for item in items])] == items


def test_nothing_waits_when_there_is_nothing():
    assert Lanes(Pace()).wait(0.0) is None
    assert Lanes(Pace()).pop(0.0) is None


def test_what_is_given_back_keeps_its_place():
    lanes, items = Lanes(Pace()), [Item(1), Item(1), Item(1)]
    for item in items:
        lanes.push(item)
    first = lanes.pop(0.0)
    lanes.again(first)
    assert len(lanes) == 3
    assert [each.item for each in run(lanes, [], start=1.0)] == items


def test_one_at_a_time_waits_for_the_outcome():
    lanes, items = Lanes(Pace(), one_at_a_time=True), [Item(1), Item(1), Item(2)]
    for item in items:
        lanes.push(item)
    assert lanes.pop(0.0) is items[0]
    assert [each.item for each in run(lanes, [], until=0.5)] == [items[2]]
    lanes.push(answer := Item(1, Lane.ANSWER))
    assert lanes.pop(9.0) is None
    assert lanes.wait(9.0) is None, "only the outcome can change that"
    lanes.done(1)
    assert lanes.pop(9.0) is answer
    lanes.done(1)
    assert [each.item for each in run(lanes, [], start=9.5)] == [items[1]]


def test_what_waits_for_somebody_who_is_gone_is_withdrawn():
    lanes, items = Lanes(Pace()), [Item(1), Item(1, Lane.BROADCAST), Item(2)]
    for item in items:
        lanes.push(item)
    assert lanes.withdraw(1) == items[:2]
    assert lanes.withdraw(1) == []
    lanes.push(later := Item(1))
    assert len(lanes) == 2
    assert {each.item for each in run(lanes, [])} == {items[2], later}


def test_retry_after_is_obeyed_to_the_second():
    lanes = Lanes(Pace())
    lanes.pace.penalise(5, 1, 0.0)
    sent = run(lanes, [(0.0, Item(1, Lane.ANSWER)), (0.0, Item(2, Lane.ANSWER))])
    assert [each.at for each in sent] == [0.0, pytest.approx(5.0, abs=1e-5)]
    lanes.pace.penalise(8, None, 10.0)
    assert [each.at for each in run(lanes, [(10.0, Item(3))], start=10.0)] == [pytest.approx(18.0, abs=1e-5)]


@pytest.mark.parametrize("late", [0.0, 0.001])
@pytest.mark.parametrize(("rate", "size"), [(30, 3000), (1000, 20_000)])
def test_a_broadcast_reaches_99_percent_of_the_rate_when_nobody_asks(rate, size, late):
    sent = run(Lanes(Pace(rate)), broadcast(size), late=lambda: late)
    assert_limits(sent, rate)
    assert len(sent) == size
    assert (size - rate) / (sent[-1].at - sent[rate - 1].at) >= 0.99 * rate  # without the head start


@pytest.mark.parametrize("rate", [30, 1000])
def test_an_answer_hardly_notices_a_broadcast(rate):
    asked = [(10 + second * 0.7, Item(10**6 + second, Lane.ANSWER)) for second in range(60)]
    sent = run(Lanes(Pace(rate)), broadcast(rate * 60) + asked, until=60)
    assert_limits(sent, rate)
    delays = delays_of_answers(sent, asked)
    assert delays[0] <= 1.1 / rate, "the first waits for the next slot"
    assert max(delays[1:]) == 0.0, "for the others a slot is kept free"


def test_many_answers_at_once_wait_less_than_a_second():
    """Twenty-nine at one instant; a thirtieth would be the 31st message of a window, which has to last its second."""
    asked = [(at, Item(10**6 + number, Lane.ANSWER)) for number, at in enumerate([10.013] * 29 + [30.013] * 29)]
    sent = run(Lanes(Pace()), broadcast(3000) + asked, until=50)
    assert_limits(sent)
    delays = delays_of_answers(sent, asked)
    assert len(delays) == 58
    assert max(delays) < 1.0


def delays_of_answers(sent: list[Sent], asked: Arrivals) -> list[float]:
    went = {each.item: each.at for each in sent}
    return [went[item] - at for at, item in asked if item in went]


def test_no_lane_starves():
    """Answers and notices beyond the rate for a minute: the others still move, and cost little."""
    random = Random(1)
    flood = [(random.uniform(0, 60), Item(chat, Lane.ANSWER)) for chat in range(60 * 40)]
    notices = [(random.uniform(0, 60), Item(10**5 + chat, Lane.NOTICE)) for chat in range(60 * 40)]
    sent = run(Lanes(Pace()), flood + notices + broadcast(100, 10**6), until=60)
    assert_limits(sent)
    for lane in (Lane.NOTICE, Lane.BROADCAST):
        times = [0.0, *(each.at for each in sent if each.item.lane == lane), 60.0]
        assert max(after - before for before, after in pairwise(times)) <= PATIENCE + 0.2
    overloaded = [each for each in sent if each.at > 10]
    assert sum(each.item.lane == Lane.ANSWER for each in overloaded) >= 0.98 * len(overloaded)


def test_a_starving_notice_still_waits_for_the_answer_to_the_same_chat():
    flood = [(0.0, Item(chat, Lane.ANSWER)) for chat in range(1000, 1300)]
    notice, answer = Item(1, Lane.NOTICE), Item(1, Lane.ANSWER)
    sent = run(Lanes(Pace()), [(0.0, notice), *flood, (1.0, answer)])
    assert [each.item for each in sent if each.item.chat == 1] == [answer, notice]


def test_two_hundred_thousand_may_wait():
    lanes = Lanes(Pace(1000))
    for _, item in broadcast(200_000):
        lanes.push(item)
    sent = run(lanes, [(3.0, answer := Item(5, Lane.ANSWER))], until=10)
    assert_limits(sent, 1000)
    assert next(each.at for each in sent if each.item is answer) < 3.01
    assert len(lanes) == 200_001 - len(sent)


# Properties

chats = st.integers(-3, 6).filter(bool) | st.integers(100, 400)
items = st.builds(Item, chats, st.sampled_from(list(Lane)))
arrivals = st.lists(st.tuples(st.floats(0, 12), items), max_size=120)
bursts = st.lists(st.tuples(st.sampled_from([0.0, 1.0, 1.009, 2.5]), items), max_size=120)


@settings(max_examples=150, deadline=None)
@given(arrivals | bursts, st.sampled_from([2, 10, 30]), st.sampled_from([1, 3]), st.integers(0, 2**32))
def test_every_limit_is_kept_and_nothing_is_lost_or_swapped(arrivals, rate, burst, seed):
    late = Random(seed)
    lanes = Lanes(Pace(rate, answer_burst=burst))
    sent = run(lanes, arrivals, late=lambda: late.choice([0.0, 0.0, 0.002, 0.3]))
    assert_limits(sent, rate, burst)
    assert sorted(each.item.number for each in sent) == sorted(item.number for _, item in arrivals)
    assert len(lanes) == 0
    for place in {(item.chat, item.lane) for _, item in arrivals}:
        expected = [item for _, item in sorted(arrivals, key=lambda each: each[0]) if (item.chat, item.lane) == place]
        assert [each.item for each in sent if (each.item.chat, each.item.lane) == place] == expected


@settings(max_examples=60, deadline=None)
@given(arrivals, st.floats(0, 12), st.integers(1, 40), st.integers(-3, 6).filter(bool) | st.none())
def test_retry_after_is_obeyed_whatever_waits(arrivals, at, seconds, chat):
    lanes = Lanes(Pace())
    before = run(lanes, [each for each in arrivals if each[0] <= at], until=at)
    lanes.pace.penalise(seconds, chat, at)
    after = run(lanes, [each for each in arrivals if each[0] > at], start=at)
    assert len(before) + len(after) == len(arrivals)
    assert all(each.at >= at + seconds for each in after if chat in (None, each.item.chat))
    assert_limits(before + after)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, 10**6)), max_size=150, unique_by=lambda each: each[1]))
def test_a_broadcast_adds_less_than_a_second_to_any_answer(asked):
    """Compare the same questions with and without a broadcast that never ends, in whatever bunches they come."""
    answers = [(at, Item(chat, Lane.ANSWER)) for at, chat in asked]
    alone = {each.item: each.at for each in run(Lanes(Pace()), answers)}
    crowded = run(Lanes(Pace()), answers + broadcast(1500, 10**7), until=60)
    assert_limits(crowded)
    for each in crowded:
        if each.item.lane == Lane.ANSWER:
            assert each.at - alone[each.item] < 1.0 + MARGIN


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_memory_is_bounded_whatever_comes(seed):
    random = Random(seed)
    lanes = Lanes(Pace())
    for second in range(0, 300, 3):
        run(lanes, [(float(second), Item(random.randint(-9, 10**9) or 1)) for _ in range(40)], until=second + 3)
        lanes.pace.penalise(1, random.random(), float(second))
    assert len(lanes.pace) < 120


@given(st.data())
def test_no_delay_on_the_way_puts_too_many_into_a_window_of_the_server(data: st.DataObject) -> None:
    """Each message reaches the server at any moment between its start and its landing."""
    rate = data.draw(st.integers(1, 6))
    lanes: Lanes[Item] = Lanes(Pace(rate), one_at_a_time=True)
    for number in range(data.draw(st.integers(rate, 30))):
        lanes.push(Item(number))
    now, under_way, arrivals = 0.0, [], []
    for _step in range(400):
        if (item := lanes.pop(now)) is not None:
            trip = data.draw(st.floats(0.0, 2.0))
            arrivals.append(now + trip * data.draw(st.floats(0.0, 1.0)))
            under_way.append((now + trip, item.chat))
            continue
        wait = lanes.wait(now)
        landing = min(under_way, default=None)
        if landing is None and wait is None:
            break
        if landing is not None and (wait is None or landing[0] <= now + wait):
            under_way.remove(landing)
            now = max(now, landing[0])
            lanes.done(landing[1], now)
        else:
            assert wait is not None
            now += wait
    assert not lanes
    arrivals.sort()
    assert all(later - earlier > 1.0 for earlier, later in zip(arrivals, arrivals[rate:], strict=False))
