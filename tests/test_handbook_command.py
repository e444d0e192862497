"""`gishe handbook …` as an editor types it."""

import argparse
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.handbook_command import DONE, NOT_DONE, WRONG_USAGE, add_parser, run
from locales import Translator
from storage.database import Store
from storage.handbook import delivered
from storage.handbook_editions import edition, take_in
from tests.handbook_samples import small

ENGLISH = Translator("en", ZoneInfo("Europe/Sofia"))
Spoil = Callable[[dict[str, Any]], Any]


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())


async def gishe(store: Store, *words: str) -> int:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(), ENGLISH.gettext)
    return await run(parser.parse_args(["handbook", *words]), store, ENGLISH)


def write(spoil: Spoil = lambda document: None) -> None:
    document = delivered()
    spoil(document)
    Path("a.json").write_text(json.dumps(document), encoding="utf-8")


def dearer(document: dict[str, Any]) -> None:
    document["services"][0]["term_days"]["ordinary"] = 9


def broken(document: dict[str, Any]) -> None:
    for card in document["services"]:
        card["confidence"] = "sure"


async def in_force(store: Store) -> int:
    async with store.reading() as db:
        current = await edition(db)
    assert current is not None
    return current.number


@pytest.mark.parametrize("file", ["a.json", "a.xlsx"])
async def test_export_then_import_changes_nothing(store: Store, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert await gishe(store, "export", file) == DONE
    assert await gishe(store, "check", file) == DONE
    assert await gishe(store, "import", file) == DONE
    assert await in_force(store) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"Edition 1 is in {file}.",
        "The file is in order.",
        "Nothing changes: edition 1 says the same.",
        "Nothing changes: edition 1 says the same.",
    ]


async def test_check_without_a_file_looks_at_the_edition_in_force(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await gishe(store, "check") == DONE
    assert capsys.readouterr().out == "Edition 1 is in order.\n"


async def test_check_shows_what_would_change_and_writes_nothing(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    write(dearer)
    assert await gishe(store, "check", "a.json") == DONE
    assert capsys.readouterr().out.splitlines() == [
        "The file is in order.",
        "What changes against edition 1:",
        "~ services property-sketch, term_days.ordinary: 7 → 9",
    ]
    assert await in_force(store) == 1


async def test_import_takes_the_file_in_as_a_new_edition(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    write(dearer)
    assert await gishe(store, "import", "a.json", "--note", "Нов срок") == DONE
    assert capsys.readouterr().out.splitlines()[-1] == "Edition 2 is in force."
    async with store.reading() as db:
        current = await edition(db)
    assert current is not None
    assert (current.number, current.note) == (2, "Нов срок")
    assert await gishe(store, "export", "old.json", "--edition", "1") == DONE
    assert json.loads(Path("old.json").read_text())["services"][0]["term_days"]["ordinary"] == 7


async def test_import_refuses_wholly_and_names_everything(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    write(broken)
    assert await gishe(store, "import", "a.json", "--yes") == NOT_DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "119 things are wrong:"
    assert lines[1] == "- services[0] property-sketch, confidence: “sure” is not one of: high, low, medium."
    assert lines[51:] == ["… and 69 more", "Nothing was taken in."]
    assert await in_force(store) == 1


async def test_the_card_that_goes_is_pointed_out(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    def spoil(document: dict[str, Any]) -> None:
        gone = document["services"].pop(0)["id"]
        document["phrases"].pop(gone, None)
        for card in document["services"]:
            card["related"] = [name for name in card["related"] if name != gone]

    write(spoil)
    assert await gishe(store, "check", "a.json") == DONE
    out = capsys.readouterr().out
    assert "− services property-sketch “Issuing a sketch of a property”" in out
    assert "Links and QR codes of a card that is taken away lead nowhere from then on." in out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "status", "number"), [("y\n", DONE, 2), ("Да\n", DONE, 2), ("n\n", NOT_DONE, 1),
                                                          ("\n", NOT_DONE, 1), ("", NOT_DONE, 1)])  # fmt: skip
async def test_on_a_terminal_it_asks_first(
    store: Store, answer: str, status: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(dearer)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert await gishe(store, "import", "a.json") == status
    assert await in_force(store) == number


async def test_with_yes_it_does_not_ask(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write(dearer)
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert await gishe(store, "import", "a.json", "--yes") == DONE
    assert await in_force(store) == 2


async def test_a_file_made_from_an_older_edition_is_warned_of(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    await gishe(store, "export", "a.xlsx")
    async with store.writing() as db:
        await take_in(db, small(), "", 1)
    capsys.readouterr()
    assert await gishe(store, "check", "a.xlsx") == DONE
    assert "Careful: this file was made from edition 1, and edition 2 is in force." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "spoil", "status"),
    [
        (["check"], dearer, DONE),
        (["check", "a.json"], dearer, DONE),
        (["check", "a.json"], broken, NOT_DONE),
        (["import", "a.json"], dearer, DONE),
        (["import", "a.json"], broken, NOT_DONE),
        (["import", "missing.json"], dearer, NOT_DONE),
        (["export", "b.json"], dearer, DONE),
        (["export", "b.json", "--edition", "9"], dearer, NOT_DONE),
        (["export", "no/folder/b.json"], dearer, NOT_DONE),
        (["export", "b.csv"], dearer, WRONG_USAGE),
    ],
)
async def test_json_is_one_document(
    store: Store, words: list[str], spoil: Spoil, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    write(spoil)
    assert await gishe(store, *words, "--json") == status
    told = json.loads(capsys.readouterr().out)
    assert told["done"] is (status == DONE)
    if spoil is broken:
        assert len(told["problems"]) == 119
        assert told["problems"][0] == {
            "where": "services[0] property-sketch",
            "row": None,
            "field": "confidence",
            "message": "“sure” is not one of: high, low, medium.",
        }


@pytest.mark.parametrize("words", [["import"], ["export"], ["look"], [], ["export", "a.json", "--edition", "x"]])
async def test_wrong_usage_is_told_with_status_two(store: Store, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        await gishe(store, *words)
    assert ended.value.code == WRONG_USAGE


async def test_an_export_over_an_existing_file_replaces_it_whole(store: Store, tmp_path: Path) -> None:
    Path("a.json").write_text("old" * 1_000_000)
    assert await gishe(store, "export", "a.json") == DONE
    assert json.loads(Path("a.json").read_text())["about"]["edition"] == 1
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []
