"""The words for people: complete in both languages, the same placeholders, and how the markup is put together."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import locales
from handlers.words import b, fill, join, link, plain
from locales import LANGUAGES
from tests.town import TRANSLATORS

ROOT = Path(__file__).parent.parent
PLACEHOLDER = re.compile(r"\{\w*\}")
CYRILLIC = re.compile("[а-яА-Я]")


def _catalogue(language: str) -> Catalog:
    with (ROOT / "locales" / language / "LC_MESSAGES" / "gishe.po").open("rb") as file:
        return read_po(file, locale=language)


def _strings(value: str | tuple[str, ...] | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _in_code(tmp_path: Path) -> set[str]:
    template = tmp_path / "gishe.pot"
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", "-k", "n:1,2", "-k", "N_",
         "-o", str(template), "."],
        cwd=ROOT, check=True,
    )  # fmt: skip
    with template.open("rb") as file:
        return {str(message.id) for message in read_po(file) if message.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_code_is_in_the_catalogue(language: str, tmp_path: Path) -> None:
    known = {str(message.id) for message in _catalogue(language) if message.id}
    assert _in_code(tmp_path) == known


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_with_its_placeholders(language: str) -> None:
    for message in _catalogue(language):
        if not message.id:
            continue
        ids, strings = _strings(message.id), _strings(message.string)
        assert all(strings), message.id
        assert not message.fuzzy, message.id
        wanted = set(PLACEHOLDER.findall(" ".join(ids)))
        assert set(PLACEHOLDER.findall(" ".join(strings))) == wanted, message.id


def test_bulgarian_is_bulgarian() -> None:
    untranslated = [
        message.id
        for message in _catalogue("bg")
        if message.id
        and not CYRILLIC.search(" ".join(_strings(message.string)))
        and re.search("[a-z]{3}", PLACEHOLDER.sub("", " ".join(_strings(message.id))))
    ]
    assert untranslated == []


def test_a_sentence_that_ends_in_a_date_has_one_dot() -> None:
    """A Bulgarian date ends in "г." already."""
    doubled = [message.id for message in _catalogue("bg") if "{date}." in " ".join(_strings(message.string))]
    assert doubled == []


def test_times_and_dates_are_spoken_in_sofia() -> None:
    moment = datetime(2027, 3, 28, 11, 30, tzinfo=UTC)  # The day on which the clocks go forward.
    assert TRANSLATORS["bg"].time(moment) == "14:30 ч."
    assert TRANSLATORS["bg"].date(moment).replace("\u202f", " ") == "28 март 2027 г."
    assert TRANSLATORS["en"].date(moment) == "28 March 2027"
    assert TRANSLATORS["bg"].weekday(moment) == "неделя"
    assert TRANSLATORS["bg"].time(datetime(2026, 12, 28, 11, 30, tzinfo=UTC)) == "13:30 ч."


def test_numbers_are_written_as_readers_write_them() -> None:
    assert TRANSLATORS["bg"].number(12500).replace("\xa0", " ") == "12 500"
    assert TRANSLATORS["en"].number(12500) == "12,500"


def test_markup_is_filled_into_sentences() -> None:
    text = fill("Your number is {number}.", number=b("7"))
    assert text == ["Your number is ", {"b": "7"}, "."]
    assert plain(text) == "Your number is 7."


def test_joining_passes_over_what_is_empty() -> None:
    assert join("one", "", b("two"), [], between="\n") == ["one", "\n", {"b": "two"}]


def test_plain_words_of_a_link_are_not_its_address() -> None:
    assert plain([link("here", "https://gishe.example")]) == "here"


def test_a_compiled_catalogue_is_kept_for_whoever_runs_us(tmp_path: Path) -> None:
    source = tmp_path / "gishe.po"
    source.write_bytes((ROOT / "locales/bg/LC_MESSAGES/gishe.po").read_bytes())
    compiled = locales._compiled(source, "bg")
    (kept,) = (tmp_path / "__pycache__").iterdir()
    assert kept.read_bytes() == compiled == locales._compiled(source, "bg")
    assert kept.stat().st_mode & 0o777 == 0o644
