"""What was attempted of that which must not be repeated: known after a kill, in doubt after a power cut."""

from pathlib import Path

import pytest

from bot import attempts
from bot.attempts import Attempts, Left


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "attempts"


def test_the_next_process_knows_what_was_under_way(file: Path) -> None:
    killed = Attempts(file)
    assert killed.left() is None
    killed.begin()
    for number in (1, 2, 3, 4):
        killed.begun(number)
    killed.sent(2, "77")
    killed.unsent(3)
    killed.sent(4, None)
    assert Attempts(file).left() == Left(frozenset({1}), {2: "77", 4: None})


def test_half_a_line_is_no_line(file: Path) -> None:
    killed = Attempts(file)
    killed.begin()
    killed.begun(1)
    with file.open("a") as torn:
        torn.write("s")
    assert Attempts(file).left() == Left(frozenset({1}), {})


def test_after_another_boot_nothing_is_known(file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    killed = Attempts(file)
    killed.begin()
    killed.begun(1)
    other = tmp_path / "boot_id"
    other.write_text("another boot")
    monkeypatch.setattr(attempts, "BOOT_ID", other)
    assert Attempts(file).left() is None


def test_it_stays_small_and_keeps_what_is_open(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MOST_BYTES", 500)
    running = Attempts(file)
    running.begin()
    running.begun(7)
    for number in range(100, 300):
        running.begun(number)
        running.sent(number, str(number))
        running.settled(number)
    assert file.stat().st_size < 1000
    left = Attempts(file).left()
    assert left is not None
    assert 7 in left.begun


def test_what_is_settled_may_be_forgotten_only_after_it_is_in_the_database(file: Path) -> None:
    killed = Attempts(file)
    killed.begin()
    killed.begun(1)
    killed.sent(1, "5")
    again = Attempts(file)
    assert again.left() == Left(frozenset(), {1: "5"})
    assert again.left() == Left(frozenset(), {1: "5"})  # A crash before `begin` loses nothing.
