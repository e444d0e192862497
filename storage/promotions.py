"""Good answers of the staff on their way into the handbook: proposed by one, taken in by another as a new edition.

The answer becomes what a card of that municipality says "from practice"; the question, without personal numbers,
becomes one of the phrasings by which the card is found.
"""

import copy
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, select, update

from storage import handbook_editions
from storage.database import Session
from storage.handbook_check import check
from storage.ids import new_id
from storage.models import answers, promotions

MOST_CHARS = 1_200  # Of what a card says from practice: it still fits a phone.
MOST_QUESTION = 300
ASKED_WITHIN = timedelta(days=180)  # Whoever asked longer ago has had their answer, or given up.
MOST_TOLD = 200


class NotFitting(Exception):
    """The handbook's own checks refuse the text; the first problem is the argument."""


def propose(
    db: Session, *, case_id: int, municipality: str, card: str, question: str, answer: dict[str, str], by: int
) -> int:  # fmt: skip
    row_id = new_id()
    db.add(
        promotions, id=row_id, case_id=case_id, municipality=municipality, card=card,
        question=question[:MOST_QUESTION], answer=answer, state="proposed", proposed_by=by, proposed_at=db.now,
    )  # fmt: skip
    return row_id


async def waiting(db: Session, municipality: str) -> Sequence[Row[Any]]:
    return await db.rows(
        select(promotions)
        .where(promotions.c.municipality == municipality, promotions.c.state == "proposed")
        .order_by(promotions.c.id)
    )


async def get(db: Session, row_id: int) -> Row[Any] | None:
    return await db.first(select(promotions).where(promotions.c.id == row_id))


async def decline(db: Session, row_id: int, by: int) -> bool:
    return await _decide(db, row_id, by, "declined", None)


async def _decide(db: Session, row_id: int, by: int, state: str, edition: int | None) -> bool:
    result = await db.execute(
        update(promotions)
        .where(promotions.c.id == row_id, promotions.c.state == "proposed")
        .values(state=state, decided_by=by, decided_at=db.now, edition=edition)
    )
    return bool(result.rowcount)


async def take_in(db: Session, row: Row[Any], by: int, note: str) -> int | None:
    """Make it part of the handbook; returns the number of the new edition, None where somebody decided meanwhile."""
    current = await handbook_editions.edition(db)
    assert current is not None
    document = with_practice(current.document, row)
    if problems := check(document, today=db.now.date()):
        raise NotFitting(str(problems[0]))
    number = await handbook_editions.take_in(db, document, note, current.number)
    return number if await _decide(db, row.id, by, "taken", number) else None


def with_practice(document: dict[str, Any], row: Any) -> dict[str, Any]:
    """A copy of an edition in which the card says this, too."""
    document = copy.deepcopy(document)
    own = document.setdefault("differences", {}).setdefault(row.municipality, {}).setdefault(row.card, {})
    before = own.get("practice") or {}
    own["practice"] = {
        language: "\n\n".join(part for part in (before.get(language), row.answer[language]) if part)
        for language in ("bg", "en")
    }
    bank = document.setdefault("phrases", {}).setdefault(row.card, {})
    is_cyrillic = any("а" <= letter <= "я" for letter in row.question.lower())
    phrasings = bank.setdefault("bg" if is_cyrillic else "en", [])
    if row.question not in phrasings:
        phrasings.append(row.question)
    return document


async def begin_telling(db: Session, row_id: int) -> bool:
    """Note that earlier askers are told now; False when they were before."""
    result = await db.execute(
        update(promotions).where(promotions.c.id == row_id, promotions.c.told_at.is_(None)).values(told_at=db.now)
    )
    return bool(result.rowcount)


async def earlier_askers(db: Session, card: str, municipality: str) -> list[int]:
    """Who asked about this card lately, there: their answer has changed. The latest first."""
    rows = await db.rows(
        select(answers.c.person_id, func.max(answers.c.at).label("at"))
        .where(answers.c.card == card, answers.c.municipality == municipality, answers.c.at > db.now - ASKED_WITHIN)
        .group_by(answers.c.person_id)
        .order_by(func.max(answers.c.at).desc())
        .limit(MOST_TOLD)
    )
    return [row.person_id for row in rows]
