"""Quantiles with their intervals, shares, small cells, and files that nothing acts in."""

import csv
import itertools
import json
import random
from datetime import UTC, datetime
from io import BytesIO, StringIO
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from storage.figures_numbers import ranks, share_interval
from storage.figures_privacy import SMALL, hidden
from storage.files_out import calm, csv_lines, json_lines, workbook


def _at_most(n: int, k: int, share: float) -> float:
    """P(B <= k), slowly and exactly."""
    return sum(comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(k + 1))


@given(st.integers(1, 300), st.sampled_from([0.5, 0.9]))
@settings(max_examples=120, deadline=None)
def test_ranks_are_the_tightest_that_keep_the_promise(n, share):
    found = ranks(n, share)
    assert 1 <= found.point <= n
    assert found.point - 1 < n * share + 1e-6 <= found.point + 1e-6
    if found.low is None:
        assert _at_most(n, 0, share) > 0.025
    else:
        assert _at_most(n, found.low - 1, share) <= 0.025 + 1e-12
        assert _at_most(n, found.low, share) > 0.025
    if found.high is None:
        assert 1 - _at_most(n, n - 1, share) > 0.025
    else:
        assert 1 - _at_most(n, found.high - 1, share) <= 0.025 + 1e-9
        assert 1 - _at_most(n, found.high - 2, share) > 0.025 - 1e-9


@pytest.mark.parametrize(("n", "low", "high"), [(5, None, None), (6, 1, 6), (10, 2, 9), (20, 6, 15), (100, 40, 61)])
def test_ranks_of_the_median_are_those_of_the_published_tables(n, low, high):
    assert (ranks(n, 0.5).low, ranks(n, 0.5).high) == (low, high)


def test_the_interval_of_a_median_holds_the_true_one_nineteen_times_in_twenty():
    dice, found = random.Random(7), ranks(25, 0.5)
    hits = 0
    for _ in range(2000):
        drawn = sorted(dice.lognormvariate(2, 1.3) for _ in range(25))
        hits += drawn[found.low - 1] <= 2.718281828**2 <= drawn[found.high - 1]
    assert 0.94 < hits / 2000 < 0.985


def test_ranks_of_a_million_take_no_time():
    found = ranks(1_000_000, 0.9)
    assert found.low < found.point == 900_000 < found.high
    assert found.high - found.low < 1300


def test_a_share_of_nothing_missed_is_not_certain():
    assert share_interval(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-3)
    assert share_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-3)
    assert share_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-3)  # Newcombe 1998


@given(st.dictionaries(st.sampled_from("abcdefghi"), st.integers(0, 40)))
def test_what_is_hidden_cannot_be_worked_out_from_the_total(counts):
    away = hidden(counts)
    assert all(key in away for key, count in counts.items() if 0 < count < SMALL)
    if not away or away == set(counts):
        return
    rest = sum(counts[key] for key in away)
    assert len(away) >= 2
    assert rest >= SMALL
    # What an onlooker knows: the sum of the hidden cells. Each may still be anything from nothing to all of it.
    for key in itertools.islice(away, 3):
        assert counts[key] < rest or any(counts[other] == 0 for other in away - {key})


def test_nothing_is_hidden_where_nothing_is_small():
    assert hidden({"a": 5, "b": 0, "c": 90}) == set()
    assert hidden({"a": 2, "b": 7, "c": 90, "d": 0}) == {"a", "b"}
    assert hidden({"a": 1, "b": 1, "c": 90}) == {"a", "b", "c"}


EVIL = ["=1+1", "+359", "-2", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1", "a\u202egpj.exe", "\u2067x\u2069", "a\x00b",
        '"quoted", text\r\nnext']  # fmt: skip


@pytest.mark.parametrize("text", EVIL)
def test_a_file_holds_nothing_that_acts(text):
    header, rows = ["words", "number"], [[text, -5]]
    (row,) = list(csv.reader(StringIO(b"".join(csv_lines(header, rows)).decode(), newline="")))[1:]
    sheet = load_workbook(BytesIO(workbook([("data", header, rows)])))["data"]
    document = json.loads(b"".join(json_lines(header, rows, {"licence": "x"})))
    for words in (row[0], sheet["A2"].value, document["rows"][0]["words"]):
        assert not words.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
        assert not set("\u202e\u2067\u2069\x00") & set(words)
    assert sheet["A2"].data_type == "s"
    assert (row[1], sheet["B2"].value, document["rows"][0]["number"]) == ("-5", -5, -5)  # Our own numbers are numbers.


def test_harmless_text_stays_as_it_is():
    assert calm("ул. „Цар Симеон“ № 5 – вход А") == "ул. „Цар Симеон“ № 5 – вход А"


def test_csv_is_that_of_rfc_4180():
    lines = list(
        csv_lines(["a", "b", "c"], [["x,y", 'say "z"', datetime(2026, 11, 1, 8, tzinfo=UTC)], [None, True, 2.5]])
    )
    assert b"".join(lines) == b'a,b,c\r\n"x,y","say ""z""",2026-11-01T08:00:00Z\r\n,true,2.5\r\n'
