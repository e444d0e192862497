"""A handbook is taken in whole or not at all; what it changes is told before."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from storage.database import Store, sqlite_url
from storage.handbook import Library, delivered
from storage.handbook_changes import Change, changes
from storage.handbook_editions import Overtaken, edition, take_in
from storage.handbook_tidy import tidy
from storage.models import editions
from storage.upgrade import upgrade
from tests.handbook_samples import small


async def numbers(store: Store) -> list[int]:
    async with store.reading() as db:
        return [row.number for row in await db.rows(select(editions.c.number).order_by(editions.c.number))]


async def test_a_taken_in_handbook_is_the_next_edition_and_the_old_one_stays(store: Store) -> None:
    async with store.writing() as db:
        assert await take_in(db, small(), "Три карти", 1) == 2
    async with store.reading() as db:
        newest, first = await edition(db), await edition(db, 1)
    assert newest is not None
    assert first is not None
    assert (newest.number, newest.document, newest.note) == (2, small(), "Три карти")
    assert first.document == delivered()
    library = await Library.open(store)
    assert set(library.current.cards) == {"property-sketch", "building-permit", "tree-cutting-ornamental"}


async def test_an_edition_that_does_not_exist(store: Store) -> None:
    async with store.reading() as db:
        assert await edition(db, 9) is None


async def test_of_two_imports_at_once_one_is_taken_in(store: Store) -> None:
    async def editor(note: str) -> int:
        async with store.writing() as db:
            return await take_in(db, small(), note, 1)

    ended = await asyncio.gather(editor("Ана"), editor("Борис"), editor("Вера"), return_exceptions=True)
    assert [end for end in ended if not isinstance(end, Overtaken)] == [2]
    assert await numbers(store) == [1, 2]


async def test_a_turn_that_fails_leaves_the_edition_as_it_was(store: Store) -> None:
    async def fail() -> None:
        async with store.writing() as db:
            await take_in(db, small(), "", 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await numbers(store) == [1]


async def test_an_empty_database_stands_on_the_delivered_handbook(tmp_path: Path) -> None:
    store = Store(sqlite_url(tmp_path / "empty.db"))
    await upgrade(store)
    async with store.reading() as db:
        current = await edition(db)
    assert current is not None
    assert current.number == 0
    assert await numbers(store) == []
    async with store.writing() as db:
        assert await take_in(db, small(), "", 0) == 2
    assert await numbers(store) == [1, 2]
    await store.close()


# --- What changes ---


def changed(spoil: Any) -> list[Change]:
    document = small()
    spoil(document)
    return changes(small(), tidy(document))


def test_nothing_changes_where_nothing_changed() -> None:
    assert changed(lambda document: None) == []
    assert changed(lambda document: document["services"].reverse()) == []
    assert changed(lambda document: document["phrases"]["property-sketch"]["bg"].reverse()) == []
    assert changed(lambda document: document["services"][0].update(checked_by="", checked_on=None)) == []
    assert changed(lambda document: document["differences"].update(belene={"building-permit": {"fee": {}}})) == []


def test_fields_are_told_from_old_to_new() -> None:
    assert changed(lambda document: document["services"][0]["term_days"].update(ordinary=9)) == [
        Change("changed", "services", "property-sketch", "term_days.ordinary", 7, 9)
    ]
    (basis,) = changed(lambda document: document["services"][0].update(legal_basis=["ЗУТ"]))
    assert (basis.field, basis.new) == ("legal_basis", ["ЗУТ"])
    assert isinstance(basis.old, list)


def test_items_are_told_by_their_name() -> None:
    (settlement,) = changed(lambda document: document["municipalities"][0]["settlements"][3]["name"].update(bg="Ново"))
    assert settlement.field.startswith("settlements.")
    assert settlement.field.endswith(".name.bg")
    (kind,) = changed(lambda document: document["casework"]["kinds"][0]["name"].update(en="Report"))
    assert (kind.part, kind.field, kind.new) == ("casework", "kinds.signal.name.en", "Report")


def test_a_card_taken_away_or_added_is_told_as_a_whole() -> None:
    (gone,) = [change for change in changed(lambda document: document["services"].pop()) if change.part == "services"]
    assert (gone.kind, gone.name) == ("removed", "tree-cutting-ornamental")
    without = small()
    without["services"].pop()
    (come,) = changes(tidy(without), small())
    assert (come.kind, come.name, come.new["id"]) == ("added", "tree-cutting-ornamental", "tree-cutting-ornamental")


def test_phrases_are_counted() -> None:
    def spoil(document: Any) -> None:
        document["phrases"]["property-sketch"]["bg"][:1] = ["едно", "две"]
        document["phrases"]["building-permit"] = {"bg": ["строеж"]}
        document["intents"]["appeal"]["refusal"]["bg"].append("отказаха ми")
        document["synonyms"].pop()

    assert changed(spoil) == [
        Change("counted", "phrases", "property-sketch", old=1, new=2),
        Change("counted", "phrases", "building-permit", old=0, new=1),
        Change("counted", "intents", "appeal refusal", old=0, new=1),
        Change("counted", "synonyms", "", old=1, new=0),
    ]


def test_differences_are_told_by_municipality_and_card() -> None:
    def spoil(document: Any) -> None:
        sketch = document["differences"]["montana"]["property-sketch"]
        del sketch["validity"]
        sketch["fee"]["bg"] = "6 €"
        document["differences"]["belene"] = {"building-permit": {"appeal": None}}

    name = "montana property-sketch"
    assert sorted(changed(spoil), key=lambda change: change.field) == [
        Change("added", "differences", "belene building-permit", new={"appeal": None}),
        Change("changed", "differences", name, "fee.bg", "5 €", "6 €"),
        Change("changed", "differences", name, "validity", None, None),
    ]


def test_another_order_is_told_where_it_is_shown() -> None:
    assert [change.kind for change in changed(lambda document: document["municipalities"].reverse())] == ["moved"]
