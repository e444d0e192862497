"""Days and hours as people type them; what can mean two things is asked back, never guessed."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.typed_times import read_time
from tests.planning import sofia
from tests.town import SOFIA

NOW = sofia(2026, 11, 20, 10, 0)  # A Friday.


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("утре 14", sofia(2026, 11, 21, 14)),
        ("Утре в 14:30", sofia(2026, 11, 21, 14, 30)),
        ("днес 18", sofia(2026, 11, 20, 18)),
        ("вдругиден 10", sofia(2026, 11, 22, 10)),
        ("15.05 в 18:30", sofia(2027, 5, 15, 18, 30)),
        ("15.05.2027 г. в 18.30 ч.", sofia(2027, 5, 15, 18, 30)),
        ("15/05 18.30", sofia(2027, 5, 15, 18, 30)),
        ("15 май 18:30", sofia(2027, 5, 15, 18, 30)),
        ("15 май 2027 от 18 ч.", sofia(2027, 5, 15, 18)),
        ("на 5 декември от 9:30 ч.", sofia(2026, 12, 5, 9, 30)),
        ("понеделник, 23.11.2026 г., 10:00 ч.", sofia(2026, 11, 23, 10)),
        ("следващия вторник от 10", sofia(2026, 11, 24, 10)),
        ("sledvashtiq vtornik ot 10", sofia(2026, 11, 24, 10)),
        ("вторник 10", sofia(2026, 11, 24, 10)),
        ("вторник 10.30", sofia(2026, 11, 24, 10, 30)),
        ("утре 10.05", sofia(2026, 11, 21, 10, 5)),
        ("в петък в 18 ч.", sofia(2026, 11, 20, 18)),
        ("петък 9", sofia(2026, 11, 27, 9)),
        ("след 2 дни 10", sofia(2026, 11, 22, 10)),
        ("след седмица в 10:00", sofia(2026, 11, 27, 10)),
        ("след 2 часа", sofia(2026, 11, 20, 12)),
        ("utre 14", sofia(2026, 11, 21, 14)),
        ("утре следобед в 3", sofia(2026, 11, 21, 15)),
        ("довечера в 8", sofia(2026, 11, 20, 20)),
        ("утре на обяд", sofia(2026, 11, 21, 12)),
        ("tomorrow at 2pm", sofia(2026, 11, 21, 14)),
        ("tonight at 8", sofia(2026, 11, 20, 20)),
        ("next Tuesday 10", sofia(2026, 11, 24, 10)),
        ("May 15 18:30", sofia(2027, 5, 15, 18, 30)),
        ("15th of May at 6:30 pm", sofia(2027, 5, 15, 18, 30)),
        ("2027-05-15 18:30", sofia(2027, 5, 15, 18, 30)),
        ("събота 15.05 18:30", sofia(2027, 5, 15, 18, 30)),
        ("29.02 10:00", sofia(2028, 2, 29, 10)),  # The next one there is.
        ("31.12 23:30", sofia(2026, 12, 31, 23, 30)),
        ("1.1 в 10", sofia(2027, 1, 1, 10)),
        ("28.03.2027 10:00", sofia(2027, 3, 28, 10)),  # The clocks went forward that night.
        ("25.10.2027 10:00", sofia(2027, 10, 25, 10)),
    ],
)
def test_what_is_clear(said: str, at: datetime) -> None:
    typed = read_time(said, NOW, SOFIA)
    assert [start for start, _end in typed.spans] == [at.astimezone(UTC)], typed


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("утре от 14 до 16", sofia(2026, 11, 21, 14), sofia(2026, 11, 21, 16)),
        ("15.05 18:30-20:00", sofia(2027, 5, 15, 18, 30), sofia(2027, 5, 15, 20)),
        ("вторник 9 - 11:30", sofia(2026, 11, 24, 9), sofia(2026, 11, 24, 11, 30)),
        ("tomorrow from 10 to 12", sofia(2026, 11, 21, 10), sofia(2026, 11, 21, 12)),
        ("утре 14 до 4", sofia(2026, 11, 21, 14), sofia(2026, 11, 21, 16)),
        ("31.12 22:00-02:00", sofia(2026, 12, 31, 22), sofia(2027, 1, 1, 2)),
        ("27.03.2027 22:00 - 04:30", sofia(2027, 3, 27, 22), sofia(2027, 3, 28, 4, 30)),  # An hour shorter.
    ],
)
def test_from_when_to_when(said: str, start: datetime, end: datetime) -> None:
    assert read_time(said, NOW, SOFIA).spans == ((start.astimezone(UTC), end.astimezone(UTC)),)


@pytest.mark.parametrize(
    ("said", "why", "options"),
    [
        ("утре в 2", "half-day", [sofia(2026, 11, 21, 2), sofia(2026, 11, 21, 14)]),
        ("вторник 15.05 18:30", "weekday", [sofia(2026, 11, 24, 18, 30), sofia(2027, 5, 15, 18, 30)]),
        ("31.10.2027 03:30", "twice", [sofia(2027, 10, 31, 3, 30), sofia(2027, 10, 31, 3, 30, fold=1)]),
    ],
)
def test_what_can_mean_two_things_is_asked_back(said: str, why: str, options: list[datetime]) -> None:
    typed = read_time(said, NOW, SOFIA)
    assert typed.why == why
    assert [start for start, _end in typed.spans] == [option.astimezone(UTC) for option in options]


def test_next_friday_on_a_monday_is_asked_back_and_on_a_saturday_is_not() -> None:
    monday = read_time("следващия петък в 10", sofia(2026, 11, 16, 10), SOFIA)
    assert monday.why == "which-week"
    assert [start.astimezone(SOFIA).day for start, _end in monday.spans] == [20, 27]
    saturday = read_time("следващия петък в 10", sofia(2026, 11, 21, 10), SOFIA)
    assert [start.astimezone(SOFIA).day for start, _end in saturday.spans] == [27]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("", "nothing"),
        ("банани", "nothing"),
        ("през нощта", "nothing"),
        ("🎉🎉", "nothing"),
        ("15.05", "no-time"),
        ("следващата сряда", "no-time"),
        ("18:30", "no-day"),
        ("29.02.2027 10:00", "no-such-day"),
        ("31.06 10:00", "no-such-day"),
        ("31.12.9999 от 23 до 2", "no-such-day"),
        ("15.13.2027 10:00", "no-such-day"),
        ("утре 25", "no-such-time"),
        ("утре 14:75", "no-such-time"),
        ("28.03.2027 03:30", "no-such-time"),  # The hour that is left out.
        ("15.05.2020 10:00", "past"),
        ("днес 9", "past"),
    ],
)
def test_what_cannot_be_is_named(said: str, problem: str) -> None:
    typed = read_time(said, NOW, SOFIA)
    assert (typed.problem, typed.spans) == (problem, ())


def test_the_day_is_kept_while_the_hour_is_asked() -> None:
    typed = read_time("15 май", NOW, SOFIA)
    assert typed.day == date(2027, 5, 15)
    assert read_time("18:30", NOW, SOFIA, typed.day).spans[0][0] == sofia(2027, 5, 15, 18, 30).astimezone(UTC)


@pytest.mark.parametrize(
    ("said", "at", "rest"),
    [
        ("вторник 9: донесете скицата", sofia(2026, 11, 24, 9), "донесете скицата"),
        ("Вторник в 9 да занеса Документа", sofia(2026, 11, 24, 9), "да занеса Документа"),
        ("bring the document on Tuesday at 9", sofia(2026, 11, 24, 9), "bring the document"),
        ("след 2 дни 10 обадете се на 0888123456", sofia(2026, 11, 22, 10), "обадете се на 0888123456"),
    ],
)
def test_other_words_beside_the_time_are_the_note(said: str, at: datetime, rest: str) -> None:
    typed = read_time(said, NOW, SOFIA, with_words=True)
    assert (typed.spans[0][0], typed.rest) == (at.astimezone(UTC), rest)


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(said: str) -> None:
    typed = read_time(said, NOW, SOFIA, with_words=True)
    assert bool(typed.spans) != bool(typed.problem)
    assert all(start > NOW for start, _end in typed.spans)


PIECES = (
    "утре вторник следващия 15.05 31.12 29.02 10 10:30 25:99 до - от 14-16 май next tomorrow pm след 999 дни часа 0"
)
WORDS = st.sampled_from(PIECES.split())


@given(st.lists(WORDS, max_size=6))
def test_no_order_of_its_own_words_breaks_it(words: list[str]) -> None:
    typed = read_time(" ".join(words), NOW, SOFIA)
    assert bool(typed.spans) != bool(typed.problem)
    assert all(end is None or end > start for start, end in typed.spans)


@given(st.datetimes(datetime(2026, 11, 20, 11), datetime(2031, 1, 1)))  # noqa: DTZ001 – on the wall
def test_what_we_write_we_can_read(wall: datetime) -> None:
    typed = read_time(f"{wall:%d.%m.%Y %H:%M}", NOW, SOFIA)
    at = wall.replace(second=0, microsecond=0, tzinfo=SOFIA)
    exists = at.astimezone(UTC).astimezone(SOFIA).replace(tzinfo=None) == at.replace(tzinfo=None)
    if not exists:
        assert typed.problem == "no-such-time"
    else:
        assert at.astimezone(UTC) in [start for start, _end in typed.spans]
