"""Cases: filing one, finding one, and the one way in which anything about a case changes (`move`)."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, bindparam, func, select, update

from storage import casenumbers, casewords, journal, offices, permissions, workcalendar
from storage.casemoves import AUTHOR, DECIDED, MOVES, STAFF, leads_to
from storage.caserecord import (
    Actor,
    Case,
    CaseTrouble,
    Missing,
    Moved,
    NotAllowed,
    Overtaken,
    Tell,
    WrongState,
    iso_day,
)
from storage.caserecord import from_row as case_from_row
from storage.caserules import Category, Kind, Rules
from storage.database import Session
from storage.ids import new_id
from storage.models import case_files, case_followers, case_history, cases
from storage.walltime import local_day, moment
from storage.workcalendar import Calendar, Term

ZONE = ZoneInfo("Europe/Sofia")  # Of every municipality of the handbook; the law counts days on this wall.
TITLE_CHARS = 80
SENTENCE_END = re.compile(r"(?<=\w{4})[.!?] ")  # Not behind "ул.", "бл." or "St."
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # None that look alike.
CODE_LENGTH = 12  # 59 bits: nobody tries them all through a chat.

BY_ID = select(cases).where(cases.c.id == bindparam("case_id"))
BY_NUMBER = select(cases).where(cases.c.number == bindparam("number"))
HISTORY = select(case_history).where(case_history.c.case_id == bindparam("case_id")).order_by(case_history.c.id)
FILES = select(case_files).where(case_files.c.case_id == bindparam("case_id")).order_by(case_files.c.id)
FOLLOWERS = select(case_followers).where(
    case_followers.c.case_id == bindparam("case_id"), case_followers.c.until.is_(None)
).order_by(case_followers.c.since)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A file of a case: the original by its digest, and the copies that others see."""

    kind: str
    name: str
    mime: str
    size: int
    digest: str
    public_digest: str | None = None
    thumbnail_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What a citizen (or somebody of the staff for them) files."""

    municipality: str
    kind: str
    text: str
    language: str
    category: str | None = None
    priority: str | None = None
    title: str | None = None
    person_id: int | None = None
    conversation_id: int | None = None
    is_anonymous: bool = False
    name: str | None = None
    contact: str | None = None
    source: str = "chat"
    lat: float | None = None
    lon: float | None = None
    place: str | None = None
    settlement: str | None = None
    question_id: int | None = None
    papers: Sequence[Paper] = ()
    is_public: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed(Moved):
    """A case just filed. `code` is told to its author once, and known to nobody else."""

    code: str
    term: Term | None  # None: the law sets none, or an anonymous case gets no procedure.
    has_procedure: bool


def today(db: Session) -> date:
    return local_day(db.now, ZONE)


def moment_of(day: date) -> datetime:
    """The moment at which a day begins on the wall."""
    return moment(day, time(), ZONE)


def about(case: Case) -> str:
    """How messages and files say that they belong to this case."""
    return f"case:{case.id}"


def or_empty(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(column, "")


async def open_case(db: Session, rules: Rules, filing: Filing, letters: str, actor: Actor) -> Filed:
    """File a case: a number, a department, a date with its reason, and the first row of its history.

    `actor` is `Actor("author", person_id)`, or somebody of the staff who writes it down for a citizen.
    """
    kind, category = rules.kind(filing.kind), rules.category(filing.category)
    _check_filing(kind, filing, actor)
    day = today(db)
    calendar = await workcalendar.of(db, filing.municipality)
    has_procedure = not filing.is_anonymous or kind.may_be_anonymous
    term = calendar.compute(kind.term(day)) if has_procedure else None
    number = await casenumbers.take(db, filing.municipality, letters, day.year)
    code = _new_code()
    case = Case(
        **_what(filing, category), **_when(db, rules, kind, calendar, day, term),
        id=new_id(), number=str(number), year=number.year, running=number.running, version=1, edition=rules.edition,
        priority=filing.priority or (category.priority if category else "normal"),
        filed_by=actor.person_id if actor.kind == STAFF else None,
        code_digest=_code_digest(str(number), code),
        department=await offices.department_for(db, filing.municipality, filing.category, filing.settlement),
        target_on=_target(rules, filing, category, calendar, day),
    )  # fmt: skip
    db.add(cases, **{name: getattr(case, name) for name in cases.c.keys()})  # noqa: SIM118 – columns, not a mapping
    casewords.index(db, case)
    content = _filed_content(case, term, filing)
    shown = Actor(AUTHOR) if filing.is_anonymous and actor.kind == AUTHOR else actor
    history_id = append(db, case, shown, "file", None, "received", content)
    add_papers(db, case, filing.papers, history_id)
    tell = (Tell(to="department", what="filed", case_id=case.id, municipality=case.municipality,
                 department=case.department),)  # fmt: skip
    return Filed(
        case=case, action="file", before=None, after="received", history_id=history_id, content=content, tell=tell,
        code=code, term=term, has_procedure=has_procedure,
    )  # fmt: skip


def _check_filing(kind: Kind, filing: Filing, actor: Actor) -> None:
    if not kind.is_accepted:
        raise CaseTrouble("kind-not-accepted", kind=kind.id)
    if not filing.text.strip() and not filing.papers:
        raise Missing("text")
    if actor.kind == STAFF:
        where = permissions.Where(filing.municipality)
        held = [replace(role, department=None, category=None) for role in actor.roles]  # Anybody at the counter files.
        if not permissions.may(held, "file", where):
            raise NotAllowed("file")


def _what(filing: Filing, category: Category | None) -> dict[str, Any]:
    named = not filing.is_anonymous
    return {
        "municipality": filing.municipality, "kind": filing.kind, "category": filing.category,
        "is_sensitive": bool(category and category.is_sensitive),
        "title": (filing.title or title_of(filing.text))[:200], "text": filing.text, "language": filing.language,
        "is_edited": False, "person_id": filing.person_id if named else None, "conversation_id": filing.conversation_id,
        "is_anonymous": filing.is_anonymous, "name": filing.name if named else None,
        "contact": filing.contact if named else None, "source": filing.source, "question_id": filing.question_id,
        "lat": filing.lat, "lon": filing.lon, "place": filing.place, "settlement": filing.settlement,
        "is_public": filing.is_public and not (category and category.is_sensitive),
    }  # fmt: skip


def _when(
    db: Session, rules: Rules, kind: Kind, calendar: Calendar, day: date, term: Term | None
) -> dict[str, Any]:  # fmt: skip
    return {
        "state": "received", "assignee": None, "incoming_number": None, "parent_id": None, "pending_answer": None,
        "filed_at": db.now, "first_due_on": term and term.due, "due_on": term and term.due,
        "basis": term and basis(term), "forward_by": kind.by("forward", day, calendar) if term else None,
        "acknowledge_by": kind.by("acknowledge", day, calendar), "planned_on": None, "acknowledged_at": None,
        "answered_at": None, "decided_at": None, "closed_at": None, "waiting_since": None, "waited_days": 0,
        "extensions": 0, "reopened": 0, "late_reason": None, "solved": None, "followers": 0, "undelivered_at": None,
        "news_at": db.now,
    }  # fmt: skip


def _target(
    rules: Rules, filing: Filing, category: Category | None, calendar: Calendar, day: date
) -> date | None:  # fmt: skip
    return rules.target(filing.priority or (category.priority if category else "normal"), day, calendar)


def basis(term: Term) -> dict[str, Any]:
    """What is kept with the case: enough to compute the date again, and to explain it."""
    return term.facts


def _filed_content(case: Case, term: Term | None, filing: Filing) -> dict[str, Any]:
    return {
        "text": case.text, "kind": case.kind, "anonymous": case.is_anonymous, "category": case.category,
        "department": case.department,
        "due_on": iso_day(case.due_on), "basis": term and term.facts, "source": case.source, "place": case.place,
        "files": len(filing.papers),
    }  # fmt: skip


def title_of(text: str) -> str:
    """The first sentence, or as much of it as fits a line."""
    plain = SENTENCE_END.split(" ".join(text.split()), maxsplit=1)[0]
    if len(plain) <= TITLE_CHARS:
        return plain.rstrip(".")
    return plain[:TITLE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


# --- The secret code, by which an author is known where nobody knows them ---


def _new_code() -> str:
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    return "-".join(letters[place : place + 4] for place in range(0, CODE_LENGTH, 4))


def _code_digest(number: str, code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(f"{number}:{plain}".encode()).hexdigest()


def is_code(case: Case, code: str) -> bool:
    """Whether somebody who knows this code is the author of the case."""
    latin = code.upper().translate(str.maketrans("АВЕКМНРСТУХ", "ABEKMHPCTYX"))
    return case.code_digest is not None and secrets.compare_digest(case.code_digest, _code_digest(case.number, latin))


def author_of(
    case: Case, person_id: int | None = None, *, conversation_id: int | None = None, code: str = ""
) -> Actor | None:  # fmt: skip
    """Who speaks, as the author of the case, where they are; None where they are not, or have not proven it.

    Whoever knows the code is the author, wherever they speak. The author of an anonymous case is also whoever speaks in
    the conversation it was filed in; whose person that is, nobody keeps.
    """
    if case.person_id is not None and case.person_id == person_id:
        return Actor(AUTHOR, person_id)
    same_place = case.person_id is None and conversation_id is not None and case.conversation_id == conversation_id
    return Actor(AUTHOR, None, proof=case.id) if same_place or (code and is_code(case, code)) else None


# --- Reading ---


async def get(db: Session, case_id: int) -> Case | None:
    row = await db.first(BY_ID, case_id=case_id)
    return row and case_from_row(row)


async def locked(db: Session, case_id: int) -> Case | None:
    """The same, and nobody else changes it before this transaction ends."""
    row = await db.first(BY_ID.with_for_update(), case_id=case_id)
    return row and case_from_row(row)


async def by_number(db: Session, number: str) -> Case | None:
    """By the number as it is written; `casenumbers.recognise` makes that of what was typed."""
    row = await db.first(BY_NUMBER, number=number)
    return row and case_from_row(row)


async def history(db: Session, case_id: int, *, for_citizen: bool = False) -> Sequence[Row[Any]]:
    """What happened to a case, in order; for the citizen without what stays inside."""
    rows = await db.rows(HISTORY, case_id=case_id)
    return [row for row in rows if row.for_citizen] if for_citizen else rows


async def papers(db: Session, case_id: int) -> Sequence[Row[Any]]:
    return await db.rows(FILES, case_id=case_id)


async def followers(db: Session, case_id: int) -> Sequence[Row[Any]]:
    return await db.rows(FOLLOWERS, case_id=case_id)


# --- Changing ---


async def move(
    db: Session,
    case: Case,
    actor: Actor,
    action: str,
    content: Mapping[str, Any] | None = None,
    *,
    seen: int | None = None,
    after: str | None = None,
    papers: Iterable[Paper] = (),
    **changes: Any,
) -> Moved:
    """Do one move: check it, write it if nobody was faster, append it to the history. Every change goes this way.

    `seen` is the version of the case that was shown to whoever acts; without it the one just read counts.
    """
    content = dict(content or {})
    if seen is not None and seen != case.version:
        raise Overtaken(action, case, seen=seen)
    check(case, actor, action, content)
    before, after = case.state, after or leads_to(action, case.state)
    changes = {**_marks(db, case, action, actor, after), **changes, "state": after, "version": case.version + 1}
    changed = replace(case, **changes)
    await _write(db, case, changed, action)
    history_id = append(db, changed, actor, action, before, after, content)
    add_papers(db, changed, papers, history_id)
    tell = await _news(db, changed, action, content, actor, before)
    return Moved(
        case=changed, action=action, before=before, after=after, history_id=history_id, content=content, tell=tell
    )


def check(case: Case, actor: Actor, action: str, content: Mapping[str, Any]) -> None:
    """Whether this actor may make this move now; raises what is in the way."""
    rule = MOVES[action]
    if actor.kind not in rule.by:
        raise NotAllowed(action, case)
    if actor.kind == STAFF and not permissions.may(actor.roles, action, case.where):
        raise NotAllowed(action, case)
    if (
        actor.kind == AUTHOR
        and actor.proof != case.id
        and (actor.person_id is None or actor.person_id != case.person_id)
    ):
        raise NotAllowed(action, case)
    if case.state not in rule.before:
        raise WrongState(action, case)
    if rule.needs_reason and not str(content.get("reason") or "").strip():
        raise Missing("reason", case)


def _marks(db: Session, case: Case, action: str, actor: Actor, after: str) -> dict[str, Any]:
    """What follows from the change of state alone."""
    marks: dict[str, Any] = {}
    if after in DECIDED and case.decided_at is None:
        marks |= {"decided_at": db.now, "pending_answer": None, "waiting_since": None}
    if after not in DECIDED and case.decided_at is not None:
        marks |= {"decided_at": None, "closed_at": None}
    if after == "closed" and case.closed_at is None:
        marks["closed_at"] = db.now
    if actor.kind == STAFF and case.acknowledged_at is None and MOVES[action].is_news:
        marks["acknowledged_at"] = db.now
    if MOVES[action].is_news:
        marks["news_at"] = db.now
    return marks


async def _write(db: Session, case: Case, changed: Case, action: str) -> None:
    names = [name for name in cases.c.keys() if getattr(case, name) != getattr(changed, name)]  # noqa: SIM118
    result = await db.execute(
        update(cases)
        .where(cases.c.id == case.id, cases.c.version == case.version)
        .values({name: getattr(changed, name) for name in names})
    )
    if not result.rowcount:
        raise Overtaken(action, await get(db, case.id), seen=case.version)


def append(
    db: Session, case: Case, actor: Actor, action: str, before: str | None, after: str, content: Mapping[str, Any]
) -> int:
    history_id = new_id()
    is_for_citizen = MOVES[action].for_citizen and not content.get("internal", False)
    db.add(
        case_history, id=history_id, case_id=case.id, actor=actor.kind, actor_id=actor.person_id, action=action,
        before=before, after=after, for_citizen=is_for_citizen, content=dict(content), at=db.now,
    )  # fmt: skip
    db.touched.add(case.id)
    journal.record(
        db, "case",
        {"case": case.number, "municipality": case.municipality, "action": action, "state": after,
         "due": iso_day(case.due_on), "actor": actor.kind},
        {"history": journal.reference(history_id), "content": dict(content)},
        person_id=case.person_id, about=case.number,
    )  # fmt: skip
    return history_id


def add_papers(db: Session, case: Case, papers: Iterable[Paper], history_id: int, *, for_citizen: bool = True) -> None:
    for paper in papers:
        db.add(
            case_files, id=new_id(), case_id=case.id, history_id=history_id, for_citizen=for_citizen, at=db.now,
            **{name: getattr(paper, name) for name in Paper.__dataclass_fields__},
        )  # fmt: skip


async def _news(
    db: Session, case: Case, action: str, content: Mapping[str, Any], actor: Actor, before: str | None
) -> tuple[Tell, ...]:
    """Who hears of this: the author of what the staff did, the followers, and the staff of what the author did."""
    facts = {"content": content, "before": before, "after": case.state}
    if actor.kind != AUTHOR:
        return await audience(db, case, action, facts) if MOVES[action].is_news else ()
    if case.assignee is not None:
        return (Tell(to="person", what=action, case_id=case.id, person_id=case.assignee, facts=facts),)
    return (department(case, action, facts),)


def department(case: Case, what: str, facts: Mapping[str, Any]) -> Tell:
    return Tell(to="department", what=what, case_id=case.id, municipality=case.municipality,
                department=case.department, facts=facts)  # fmt: skip


async def audience(db: Session, case: Case, what: str, facts: Mapping[str, Any]) -> tuple[Tell, ...]:
    """The author, where we can write to them, and who follows the case."""
    told = []
    if case.conversation_id is not None:
        told.append(Tell(to="author", what=what, case_id=case.id, person_id=case.person_id,
                         conversation_id=case.conversation_id, facts=facts))  # fmt: skip
    if case.followers:
        told += [
            Tell(to="follower", what=what, case_id=case.id, person_id=row.person_id,
                 conversation_id=row.conversation_id, facts=facts)
            for row in await followers(db, case.id)
        ]  # fmt: skip
    return tuple(told)
