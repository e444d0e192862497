"""What people say about an event: questions before it, which are answered afterwards, and what they thought of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select, update

from storage.database import Session
from storage.ids import new_id
from storage.models import event_feedback, event_questions

MAX_QUESTIONS = 10  # Of one person before one event.


def ask(db: Session, event_id: int, person_id: int, conversation_id: int, question: str) -> int:
    question_id = new_id()
    db.add(event_questions, id=question_id, event_id=event_id, person_id=person_id, conversation_id=conversation_id,
           question=question, asked_at=db.now)  # fmt: skip
    return question_id


async def asked_by(db: Session, event_id: int, person_id: int) -> int:
    return int(
        await db.value(
            select(func.count())
            .select_from(event_questions)
            .where(event_questions.c.event_id == event_id, event_questions.c.person_id == person_id)
        )
    )


async def questions(db: Session, event_id: int, *, open_only: bool = False) -> Sequence[Row[Any]]:
    query = select(event_questions).where(event_questions.c.event_id == event_id)
    if open_only:
        query = query.where(event_questions.c.answered_at.is_(None))
    return await db.rows(query.order_by(event_questions.c.id))


async def question(db: Session, question_id: int) -> Row[Any] | None:
    return await db.first(select(event_questions).where(event_questions.c.id == question_id))


async def answer(db: Session, question_id: int, person_id: int, text: str) -> bool:
    """Keep the answer; the first one stays."""
    result = await db.execute(
        update(event_questions)
        .where(event_questions.c.id == question_id, event_questions.c.answered_at.is_(None))
        .values(answer=text, answered_at=db.now, answered_by=person_id)
    )
    return bool(result.rowcount)


async def rate(db: Session, event_id: int, person_id: int, stars: int) -> None:
    """Keep how somebody liked it; a second rating replaces the first."""
    mine = (event_feedback.c.event_id == event_id, event_feedback.c.person_id == person_id)
    known = await db.execute(update(event_feedback).where(*mine).values(stars=stars, at=db.now))
    if not known.rowcount:
        db.add(event_feedback, id=new_id(), event_id=event_id, person_id=person_id, stars=stars, at=db.now)


async def say_more(db: Session, event_id: int, person_id: int, words: str) -> bool:
    mine = (event_feedback.c.event_id == event_id, event_feedback.c.person_id == person_id)
    return bool((await db.execute(update(event_feedback).where(*mine).values(words=words))).rowcount)


@dataclass(frozen=True, slots=True)
class Opinion:
    count: int
    average: float | None
    words: list[str]


async def opinion(db: Session, event_id: int) -> Opinion:
    rows = await db.rows(
        select(event_feedback.c.stars, event_feedback.c.words)
        .where(event_feedback.c.event_id == event_id)
        .order_by(event_feedback.c.id)
    )
    average = sum(row.stars for row in rows) / len(rows) if rows else None
    return Opinion(len(rows), average, [row.words for row in rows if row.words])
