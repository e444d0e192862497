"""Questions: every answer given, whether it helped, and the register of those that no card answers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update

from storage.database import Session
from storage.ids import new_id
from storage.models import answers, unanswered


def answered(
    db: Session,
    *,
    incoming_id: int,
    person_id: int,
    intent: str,
    card: str | None,
    edition: int,
    confident: bool,
    municipality: str | None,
    language: str,
) -> int:
    """Record an answer given: which card of which edition. Returns its number, for the rating."""
    answer_id = new_id()
    db.add(
        answers,
        id=answer_id,
        incoming_id=incoming_id,
        person_id=person_id,
        intent=intent,
        card=card,
        edition=edition,
        confident=confident,
        municipality=municipality,
        language=language,
        at=db.now,
    )
    return answer_id


async def rate(db: Session, answer_id: int, person_id: int, helped: str) -> int | None:
    """Keep whether an answer helped its asker; return the message it answered, or None if it is not theirs."""
    result = await db.execute(
        update(answers)
        .where(answers.c.id == answer_id, answers.c.person_id == person_id)
        .values(helped=helped)
        .returning(answers.c.incoming_id)
    )
    return result.scalar()


async def register(
    db: Session,
    *,
    incoming_id: int,
    person_id: int,
    question: str,
    intent: str,
    reason: str,
    municipality: str | None,
    language: str,
) -> None:
    """Keep a question that no card answers for the editors, once. `question` comes with personal data masked.

    A later, stronger reason replaces an earlier one: who asks for a person is not content with nothing found.
    """
    known = await db.value(select(unanswered.c.id).where(unanswered.c.incoming_id == incoming_id))
    if known is not None:
        db.change(unanswered, known, reason=reason)
        return
    db.add(
        unanswered,
        id=new_id(),
        incoming_id=incoming_id,
        person_id=person_id,
        question=question,
        intent=intent,
        reason=reason,
        municipality=municipality,
        language=language,
        asked_at=db.now,
    )


async def open_questions(
    db: Session, municipality: str | None, after: int = 0, many: int = 10
) -> tuple[Sequence[Row[Any]], int]:
    """The oldest unanswered questions (of one municipality, or of all) behind `after`, and how many there are."""
    where: list[ColumnElement[bool]] = [unanswered.c.closed_at.is_(None)]
    if municipality:
        where.append((unanswered.c.municipality == municipality) | unanswered.c.municipality.is_(None))
    count = await db.value(select(func.count()).select_from(unanswered).where(*where))
    rows = await db.rows(
        select(unanswered).where(*where, unanswered.c.id > after).order_by(unanswered.c.id).limit(many)
    )
    return rows, count


async def close(db: Session, question_id: int, municipality: str | None) -> bool:
    """An editor has dealt with it; True when it was open and within the editor's municipality."""
    statement = update(unanswered).where(unanswered.c.id == question_id, unanswered.c.closed_at.is_(None))
    if municipality:
        statement = statement.where((unanswered.c.municipality == municipality) | unanswered.c.municipality.is_(None))
    return bool((await db.execute(statement.values(closed_at=db.now))).rowcount)
