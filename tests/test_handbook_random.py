"""Whatever is done to a handbook, it is either accepted and usable, or reported; nothing crashes."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.handbook import Handbook
from storage.handbook_changes import changes
from storage.handbook_check import check
from storage.handbook_editions import Edition
from storage.handbook_files import as_workbook, problems, read_json
from storage.handbook_reading import read_workbook
from storage.handbook_tidy import tidy
from tests.handbook_samples import small

TODAY = date(2026, 11, 24)
WORDS = ("", "bg", "en", "property-sketch", "montana", "=1", "7", "\u202e", "signal", "2026-01-01", "high", " ", "a,b")
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5_000), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(WORDS), st.text(max_size=8),
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda below: st.one_of(
        st.lists(below, max_size=3), st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), below, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """The small handbook with a few things replaced, taken away, doubled or added anywhere."""
    document: Any = small()
    for _ in range(draw(st.integers(1, 3))):
        _mutate(draw, document)
    return document


def _mutate(draw: st.DrawFn, document: Any) -> None:
    while True:
        keys = list(document) if isinstance(document, dict) else list(range(len(document)))
        if not keys:
            return
        key = draw(st.sampled_from(keys))
        below = document[key]
        if not isinstance(below, dict | list) or not draw(st.integers(0, 9)):
            break
        document = below
    match draw(st.sampled_from(("replace", "delete", "add"))):
        case "replace":
            document[key] = draw(values)
        case "delete":
            del document[key]
        case "add" if isinstance(document, dict):
            document[draw(st.text(max_size=6) | st.sampled_from(WORDS))] = draw(values)
        case "add":
            document.insert(key, draw(values | st.just(below)))


def use(document: Any) -> None:
    """What the program does with an edition, as far as it is for all cards."""
    orjson.dumps(document)
    handbook = Handbook(2, datetime(2026, 11, 1, tzinfo=UTC), document)
    handbook.engine.understand("искам скица")
    for municipality in (None, *handbook.municipalities):
        for name in handbook.cards:
            card = handbook.card(name, municipality)
            assert card is not None
            for language in ("bg", "en"):
                assert card.title(language)
                assert card.documents(language)
                assert card.term["note"][language]


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_a_mutated_handbook_is_accepted_and_usable_or_reported(document: Any) -> None:
    tidied = tidy(document)
    found = check(tidied, today=TODAY)
    assert all(str(problem) for problem in found)
    if found:
        return
    use(tidied)
    changes(small(), tidied)
    read = read_workbook(as_workbook(Edition(2, tidied)))
    read.document = tidy(read.document)
    assert problems(read) == []
    assert changes(tidied, read.document) == []


@settings(max_examples=200, deadline=None)
@given(values)
def test_any_json_is_reported(document: Any) -> None:
    read = read_json(orjson.dumps(document))
    read.document = tidy(read.document)
    assert problems(read)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_reported(content: bytes) -> None:
    for read in (read_json(content), read_workbook(content)):
        assert problems(read)
