"""Flood limits: the buckets, and where a request comes from."""

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from bot.web.flood import Buckets, Seats, client_address


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_let_through_and_then_a_steady_trickle():
    watch = Watch()
    buckets = Buckets(3, 0.5, clock=watch)
    assert [buckets.take("ana") for _ in range(3)] == [0, 0, 0]
    assert buckets.take("ana") == pytest.approx(2.0)
    assert buckets.take("boris") == 0
    watch.now += 2
    assert buckets.take("ana") == 0
    assert buckets.take("ana") > 0


def test_who_waits_as_long_as_told_is_let_through():
    watch = Watch()
    buckets = Buckets(2, 0.3, clock=watch)
    for _ in range(20):
        watch.now += buckets.take("ana") + 1e-6
        assert buckets.take("ana") == 0


def test_a_million_strangers_cost_no_more_memory_than_the_limit():
    buckets = Buckets(1, 1, clock=Watch(), most=100)
    for stranger in range(10_000):
        buckets.take(str(stranger))
    assert len(buckets) == 100


@given(st.lists(st.floats(0, 5), max_size=60), st.integers(1, 5), st.floats(0.1, 3))
def test_no_stretch_of_time_lets_more_through_than_burst_and_rate(pauses, burst, rate):
    watch = Watch()
    buckets = Buckets(burst, rate, clock=watch)
    passed = []
    for pause in pauses:
        watch.now += pause
        if not buckets.take("ana"):
            passed.append(watch.now)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            assert last - first + 1 <= burst + rate * (passed[last] - passed[first]) + 1e-6


def test_seats_are_given_back():
    seats = Seats(2)
    assert seats.enter("ana")
    assert seats.enter("ana")
    assert not seats.enter("ana")
    assert seats.enter("boris")
    seats.leave("ana")
    assert seats.enter("ana")
    for name in ("ana", "ana", "boris"):
        seats.leave(name)
    assert len(seats) == 0


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "9.9.9.9"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "1.2.3.4", "1.2.3.4"),
        (1, "", "9.9.9.9"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:1.2.3.4", "1.2.3.4"),
        (1, "nonsense" * 40, ("nonsense" * 40)[:64]),
    ],
)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(proxies, forwarded, address):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/", headers=headers).clone(remote="9.9.9.9")
    assert client_address(request, proxies) == address
