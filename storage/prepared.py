"""Prepared answers: texts bound to a category and to the state they lead to, with fields filled in from the case."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select, update

from storage.database import Session
from storage.ids import new_id
from storage.models import prepared_answers

# What may stand in braces; the dialogue gives each as text in the citizen's language.
FIELDS = ("number", "name", "title", "place", "due", "department", "municipality", "filed", "incoming_number")
FIELD = re.compile(r"\{(\w+)\}")
LEADS_TO = ("answered", "refused", "planned", "waiting", "forwarded")

_p = prepared_answers.c
BY_ID = select(prepared_answers).where(_p.id == bindparam("prepared_id"), _p.until.is_(None))


async def fitting(
    db: Session, municipality: str, department: str | None, category: str | None, state: str | None = None
) -> Sequence[Row[Any]]:
    """Those that fit a case, the most exact and most used first; `state` narrows to where they lead."""
    statement = (
        select(prepared_answers)
        .where(_p.until.is_(None), or_(_p.municipality == municipality, _p.municipality.is_(None)))
        .where(or_(_p.department.is_(None), _p.department == department))
        .where(or_(_p.category.is_(None), _p.category == category))
        .order_by(_p.category.is_(None), _p.department.is_(None), _p.uses.desc(), _p.id)
    )
    if state is not None:
        statement = statement.where(or_(_p.state.is_(None), _p.state == state))
    return await db.rows(statement)


async def get(db: Session, prepared_id: int) -> Row[Any] | None:
    return await db.first(BY_ID, prepared_id=prepared_id)


def unknown_fields(text: Mapping[str, str]) -> list[str]:
    """The names in braces that nothing can be filled into."""
    names = {name for words in text.values() for name in FIELD.findall(words)}
    return sorted(names - set(FIELDS))


def filled(words: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with its fields filled in, and the fields for which there was nothing: those the clerk completes."""
    missing = [name for name in FIELD.findall(words) if not values.get(name)]
    text = FIELD.sub(lambda match: values.get(match[1]) or match[0], words)
    return text, list(dict.fromkeys(missing))


def add(
    db: Session, *, title: Mapping[str, str], text: Mapping[str, str], municipality: str | None,
    department: str | None = None, category: str | None = None, state: str | None = None, by: int | None = None,
) -> int:  # fmt: skip
    if wrong := unknown_fields(text):
        raise ValueError(f"Nothing can be filled into {', '.join(wrong)}.")
    if state is not None and state not in LEADS_TO:
        raise ValueError(state)
    row_id = new_id()
    db.add(
        prepared_answers, id=row_id, municipality=municipality, department=department, category=category, state=state,
        title=dict(title), text=dict(text), uses=0, made_by=by, since=db.now,
    )  # fmt: skip
    return row_id


async def end(db: Session, prepared_id: int) -> bool:
    result = await db.execute(
        update(prepared_answers).where(_p.id == prepared_id, _p.until.is_(None)).values(until=db.now)
    )
    return bool(result.rowcount)


async def used(db: Session, prepared_id: int) -> None:
    await db.execute(update(prepared_answers).where(_p.id == prepared_id).values(uses=func.coalesce(_p.uses, 0) + 1))
