"""How many people somebody means."""

import pytest

from handlers.typed_counts import read_count


@pytest.mark.parametrize(
    ("said", "count"),
    [("3", 3), (" 2 ", 2), ("2ма", 2), ("двама", 2), ("Ще бъдем трима", 3), ("само аз", 1), ("сам съм", 1),
     ("dvama dushi", 2), ("just me", 1), ("four of us", 4), ("3 (three)", 3), ("12", 12), ("0", 0),
     ("-1", -1), ("9" * 5000, 999_999_999)],
)  # fmt: skip
def test_one_number_is_read(said: str, count: int) -> None:
    assert read_count(said) == count


@pytest.mark.parametrize("said", ["", "много", "2 или 3", "двама или трима", "?", "²", "един път двама"])
def test_none_or_several_are_asked_again(said: str) -> None:
    assert read_count(said) is None
