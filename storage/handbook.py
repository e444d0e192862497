"""The handbook "От А до Я": the edition in force, its cards, and the town's other reference data."""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from storage import journal
from storage.database import Session, Store
from storage.models import editions
from storage.search import Engine
from storage.workshop import built

CONTENT = Path(__file__).parent / "content"
FIRST_NOTE = "The first edition, as delivered with the program."
ALPHABETS = {"bg": "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЮЯ", "en": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
Local = Mapping[str, str]  # The same text in each language: {"bg": …, "en": …}.


@dataclass(frozen=True, slots=True)
class Document:
    """One line of a card's checklist. Its key is made of its words, so that a tick outlives a new edition."""

    key: str
    text: str


class Card:
    """A service as one municipality offers it: the common card with that municipality's differences laid over."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.id: str = data["id"]

    def text(self, field: str, language: str) -> str:
        """The words of a field in a language, empty where the card has none."""
        value = self.data.get(field)
        return value.get(language) or "" if isinstance(value, Mapping) else ""

    def title(self, language: str) -> str:
        return self.text("title", language)

    def documents(self, language: str) -> list[Document]:
        """The papers to bring. The key is that of the Bulgarian text, whatever the language of the reader."""
        texts = self.data["documents"]
        return [
            Document(hashlib.sha256(bg.encode()).hexdigest()[:16], shown)
            for bg, shown in zip(texts["bg"], texts[language], strict=True)
        ]

    @property
    def term(self) -> Mapping[str, Any]:
        return self.data["term_days"]  # type: ignore[no-any-return]

    @property
    def confidence(self) -> str:
        return self.data["confidence"]  # type: ignore[no-any-return]

    @cached_property
    def letters(self) -> dict[str, str]:
        """The letter under which the card stands, by language."""
        return {language: _first_letter(self.title(language), language) for language in ALPHABETS}


def _first_letter(title: str, language: str) -> str:
    match = re.search(f"[{ALPHABETS[language]}]", title.upper())
    return match.group() if match else "#"


class Handbook:
    """One edition: a numbered, dated whole that never changes."""

    def __init__(self, number: int, since: datetime, document: Mapping[str, Any], engine: Engine | None = None) -> None:
        self.number = number
        self.since = since
        self.differences: Mapping[str, Any] = document.get("differences", {})
        self.cards: dict[str, Card] = {data["id"]: Card(data) for data in document["services"]}
        self.categories: dict[str, Mapping[str, Any]] = {c["id"]: c for c in document["categories"]}
        self.municipalities: dict[str, Mapping[str, Any]] = {m["slug"]: m for m in document["municipalities"]}
        self.reports: dict[str, Mapping[str, Any]] = {r["id"]: r for r in document["complaint_categories"]}
        self.casework: Mapping[str, Any] = document["casework"]
        self.engine = engine or Engine(document)
        self._local: dict[tuple[str, str], Card] = {}

    def __getstate__(self) -> dict[str, Any]:
        """For another process that only reads in it: ten megabytes of engine stay here."""
        return {**vars(self), "engine": None}

    def card(self, card_id: str, municipality: str | None = None) -> Card | None:
        """Return the card as that municipality offers it, or None where no card has this id."""
        common = self.cards.get(card_id)
        differences = self.differences.get(municipality or "", {}).get(card_id)
        if common is None or not differences:
            return common
        key = (municipality or "", card_id)
        if key not in self._local:
            self._local[key] = Card(lay_over(common.data, differences))
        return self._local[key]

    def in_category(self, category: str, language: str) -> list[Card]:
        return self._sorted((c for c in self.cards.values() if c.data["category"] == category), language)

    def under(self, letter: str, language: str) -> list[Card]:
        return self._sorted((c for c in self.cards.values() if c.letters[language] == letter), language)

    def letters(self, language: str) -> list[str]:
        """The letters that have cards, in the order of the alphabet."""
        used = {card.letters[language] for card in self.cards.values()}
        return [letter for letter in ALPHABETS[language] if letter in used]

    @staticmethod
    def _sorted(cards: Any, language: str) -> list[Card]:
        return sorted(cards, key=lambda card: card.title(language).casefold())


def lay_over(common: Mapping[str, Any], differences: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `common` in which what `differences` names is replaced, field by field down the tree."""
    merged = dict(common)
    for name, value in differences.items():
        below = merged.get(name)
        is_tree = isinstance(below, Mapping) and isinstance(value, Mapping)
        merged[name] = lay_over(below, value) if is_tree else value  # type: ignore[arg-type]
    return merged


def delivered() -> dict[str, Any]:
    """The handbook as delivered with the program, put together from the files of `content/`."""

    def read(name: str) -> Any:
        return orjson.loads((CONTENT / name).read_bytes())

    casework = read("casework.json")
    phrases: dict[str, Any] = {}
    for file in sorted((CONTENT / "phrases").glob("*.json")):
        if file.stem == "intents":
            continue
        prefix = "report:" if file.stem == "reports" else ""
        phrases |= {prefix + name: bank for name, bank in orjson.loads(file.read_bytes()).items()}
    return {
        "services": read("services.json"),
        "categories": read("categories.json"),
        "municipalities": read("municipalities.json"),
        "complaint_categories": casework.pop("complaint_categories"),
        "casework": casework,
        "phrases": phrases,
        "intents": read("phrases/intents.json"),
        "synonyms": read("synonyms.json") if (CONTENT / "synonyms.json").exists() else [],
        "differences": {},
    }


async def publish(db: Session, document: Mapping[str, Any], note: str, number: int | None = None) -> int:
    """Store a document as the next edition, or as that `number` if nobody else has taken it; return the number."""
    if number is None:
        number = (await db.value(select(func.max(editions.c.number))) or 0) + 1
    content = orjson.dumps(document)
    db.add(
        editions,
        number=number,
        digest=hashlib.sha256(content).hexdigest(),
        note=note,
        content=content.decode(),
        since=db.now,
    )
    journal.record(db, "handbook", {"edition": number, "digest": hashlib.sha256(content).hexdigest()})
    await db.flush()
    return number


async def newest(db: Session) -> Handbook | None:
    row = await db.first(
        select(editions.c.number, editions.c.since, editions.c.content).order_by(editions.c.number.desc()).limit(1)
    )
    if row is None:
        return None
    engine = await built(row.content)
    return Handbook(row.number, row.since, orjson.loads(row.content), engine)


class Library:
    """Holds the edition in force; a newer one takes its place between two turns."""

    def __init__(self, current: Handbook) -> None:
        self.current = current

    @classmethod
    async def open(cls, store: Store) -> "Library":
        """Open the newest edition; an empty database first takes in the delivered one."""
        with suppress(IntegrityError):  # Another process that starts at the same moment has taken it in.
            async with store.writing() as db:
                if await db.value(select(func.max(editions.c.number))) is None:
                    await publish(db, await asyncio.to_thread(delivered), FIRST_NOTE)
        async with store.reading() as db:
            current = await newest(db)
        assert current is not None
        return cls(current)

    async def refresh(self, store: Store) -> bool:
        """Take up an edition that was published elsewhere; True if there was one."""
        async with store.reading() as db:
            number = await db.value(select(func.max(editions.c.number)))
            if number is None or number == self.current.number:
                return False
            found = await newest(db)
        if found is not None:
            self.current = found
        return True
