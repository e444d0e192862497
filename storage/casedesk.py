"""What the staff does with a case. Each verb checks, writes, appends to the history, and says who has to be told."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import update

from storage import absences, cases, offices, permissions, roles, workcalendar
from storage.casemoves import DECISIONS, FRESH, LATE_REASONS, STAFF
from storage.caserecord import (
    Actor,
    Case,
    CaseTrouble,
    Missing,
    Moved,
    NotAllowed,
    Overtaken,
    Tell,
    Unlawful,
    WrongState,
    iso_day,
)
from storage.caserules import Rules
from storage.cases import Paper, move, today
from storage.database import Session
from storage.models import cases as table
from storage.walltime import local_day

MOST_AT_ONCE = 50  # A bulk act is one turn, and everybody is told of each of its cases.


# --- Whose it is ---


async def register_incoming_number(
    db: Session, case: Case, actor: Actor, number: str, seen: int | None = None
) -> Moved:
    """Note the number of the municipality's own register (вх. №)."""
    number = " ".join(number.split())
    if not number:
        raise Missing("incoming-number", case)
    content = {"incoming_number": number, "earlier": case.incoming_number}
    return await move(db, case, actor, "register", content, seen=seen, incoming_number=number[:64])


async def take(db: Session, case: Case, actor: Actor, seen: int | None = None) -> Moved:
    """Take a case over. Somebody who has it already keeps it: two people never answer the same."""
    if case.assignee is not None and case.assignee != actor.person_id:
        raise Overtaken("taken", case, assignee=case.assignee)
    if case.assignee == actor.person_id and case.state not in FRESH:
        raise CaseTrouble("already-yours", case)
    return await move(db, case, actor, "take", {"to": _ref(actor.person_id)}, seen=seen, assignee=actor.person_id)


async def release(db: Session, case: Case, actor: Actor) -> Moved:
    if case.assignee != actor.person_id:
        raise NotAllowed("release", case)
    return await move(db, case, actor, "release", {"from": _ref(case.assignee)}, assignee=None)


async def assign(db: Session, case: Case, actor: Actor, person_id: int, seen: int | None = None) -> Moved:
    """Give a case to somebody who may handle it; while they are absent it goes to their substitute."""
    day = today(db)
    substitute = await absences.substitute_of(db, person_id, day)
    chosen = substitute if substitute is not None else person_id
    if not permissions.may(await roles.of(db, chosen), "take", case.where):
        raise CaseTrouble("not-a-caseworker", case, person_id=chosen)
    content = {"to": _ref(chosen), "from": _ref(case.assignee), "instead_of": _ref(person_id if substitute else None)}
    moved = await move(db, case, actor, "assign", content, seen=seen, assignee=chosen)
    tell = Tell(to="person", what="assigned", case_id=case.id, person_id=chosen, facts=content)
    return replace(moved, tell=(*moved.tell, tell))


async def route(db: Session, case: Case, actor: Actor, department: str, reason: str, seen: int | None = None) -> Moved:
    """Pass a case to another department of the same municipality; nobody has it there yet."""
    if not any(row.id == department for row in await offices.of(db, case.municipality)):
        raise CaseTrouble("no-such-department", case, department=department)
    if department == case.department:
        raise CaseTrouble("already-there", case, department=department)
    content = {"to": department, "from": case.department, "reason": reason}
    moved = await move(db, case, actor, "route", content, seen=seen, department=department, assignee=None)
    return replace(moved, tell=(*moved.tell, cases.department(moved.case, "routed", content)))


async def classify(
    db: Session, rules: Rules, case: Case, actor: Actor, *, reason: str, kind: str | None = None,
    category: str | None = None, priority: str | None = None, seen: int | None = None,
) -> Moved:  # fmt: skip
    """Correct kind, category or priority. A new kind brings a new term; the date first told is kept beside it."""
    new_kind = rules.kind(kind or case.kind)
    new_category = rules.category(category or case.category)
    if not new_kind.is_accepted:
        raise CaseTrouble("kind-not-accepted", case, kind=new_kind.id)
    calendar = await workcalendar.of(db, case.municipality)
    filed = local_day(case.filed_at, cases.ZONE)
    changes: dict[str, Any] = {
        "kind": new_kind.id, "category": category or case.category, "priority": priority or case.priority,
        "is_sensitive": bool(new_category and new_category.is_sensitive),
        "target_on": rules.target(priority or case.priority, filed, calendar),
    }  # fmt: skip
    has_procedure = not case.is_anonymous or new_kind.may_be_anonymous
    if new_kind.id != case.kind:
        term = calendar.compute(new_kind.term(filed)) if has_procedure else None
        changes |= {"due_on": term and term.due, "basis": term and cases.basis(term),
                    "forward_by": new_kind.by("forward", filed, calendar) if term else None}  # fmt: skip
    content = {
        "reason": reason, "from": {"kind": case.kind, "category": case.category, "priority": case.priority},
        "to": {name: changes[name] for name in ("kind", "category", "priority")},
        "due_on": iso_day(changes.get("due_on", case.due_on)), "earlier_due_on": iso_day(case.due_on),
    }  # fmt: skip
    return await move(db, case, actor, "classify", content, seen=seen, **changes)


# --- On the way ---


async def ask_citizen(
    db: Session, rules: Rules, case: Case, actor: Actor, text: str, seen: int | None = None
) -> Moved:  # fmt: skip
    """Ask the author something. Our own target waits for the reply; the law's term only where the law says so."""
    _needs(text, case)
    effect = rules.kind(case.kind).waiting
    content = {"text": text, "clock": effect, "due_on": iso_day(case.due_on)}
    return await move(db, case, actor, "ask", content, seen=seen, waiting_since=today(db))


async def plan(
    db: Session, case: Case, actor: Actor, text: str, on: date | None = None, seen: int | None = None
) -> Moved:  # fmt: skip
    """Say what will be done, and when; the term goes on."""
    _needs(text, case)
    if on is not None and on < today(db):
        raise CaseTrouble("date-in-the-past", case, day=on.isoformat())
    return await move(db, case, actor, "plan", {"text": text, "on": iso_day(on)}, seen=seen, planned_on=on)


async def extend(
    db: Session, rules: Rules, case: Case, actor: Actor, reason: str, *, months: int | None = None,
    days: int | None = None, seen: int | None = None,
) -> Moved:  # fmt: skip
    """Extend the term once, by no more than the law allows, before it has ended. The citizen is told why."""
    kind = rules.kind(case.kind)
    if case.due_on is None or not kind.may_extend:
        raise Unlawful("no-extension", case, rule=kind.data["extension"]["by"])
    if case.due_on < today(db):
        raise Unlawful("extension-too-late", case, due_on=case.due_on.isoformat())
    step = kind.extension(case.steps, months, days)
    if step is None:
        raise Unlawful("extension-too-long" if not case.extensions else "extended-already", case,
                       rule=kind.data["extension"]["by"])  # fmt: skip
    calendar = await workcalendar.of(db, case.municipality)
    term = calendar.compute([*case.steps, {**step, "on": today(db).isoformat()}])
    assert term is not None
    content = {
        "reason": reason,
        "due_on": iso_day(term.due),
        "earlier_due_on": iso_day(case.due_on),
        "basis": term.facts,
    }
    return await move(db, case, actor, "extend", content, seen=seen, due_on=term.due, basis=cases.basis(term),
                      extensions=case.extensions + 1)  # fmt: skip


async def forward(
    db: Session, rules: Rules, case: Case, actor: Actor, to: str, reason: str, *, late_reason: str | None = None,
    seen: int | None = None,
) -> Moved:  # fmt: skip
    """Send a case to the body that is competent for it. After the law's days it still goes, with why it is late."""
    if not to.strip():
        raise Missing("addressee", case)
    is_late = case.forward_by is not None and case.forward_by < today(db)
    if is_late and late_reason not in LATE_REASONS:
        raise Missing("late-reason", case, forward_by=iso_day(case.forward_by))
    content = {
        "to": to, "reason": reason, "forward_by": iso_day(case.forward_by), "late": is_late, "late_reason": late_reason,
        "statutory": bool(rules.kind(case.kind).data["forward"]["statutory"]),
    }  # fmt: skip
    more: dict[str, Any] = {"late_reason": late_reason} if is_late else {}
    return await move(db, case, actor, "forward", content, seen=seen, **more)


# --- The end ---


async def answer(
    db: Session, rules: Rules, case: Case, actor: Actor, text: str, *, language: str | None = None,
    original: str | None = None, prepared_id: int | None = None, late_reason: str | None = None,
    papers: Sequence[Paper] = (), seen: int | None = None,
) -> Moved:  # fmt: skip
    """Answer the citizen. Where the category wants a second person, it first waits for them (`approve`).

    `text` is in the citizen's `language`; `original` is what the clerk wrote, if that was another.
    """
    _needs(text, case)
    late = _late(db, case, late_reason)
    content = {"text": text, "language": language or case.language, "original": original,
               "prepared": _ref(prepared_id), **late}  # fmt: skip
    category = rules.category(case.category)
    if category is not None and category.needs_approval:
        pending = {**content, "by": _ref(actor.person_id), "at": db.now.isoformat()}
        moved = await move(db, case, actor, "draft", pending, seen=seen, papers=papers, pending_answer=pending)
        tell = Tell(to="head", what="to-approve", case_id=case.id, municipality=case.municipality,
                    department=case.department, facts=pending)  # fmt: skip
        return replace(moved, tell=(*moved.tell, tell))
    return await _answered(db, case, actor, content, seen=seen, papers=papers)


async def _answered(db: Session, case: Case, actor: Actor, content: dict[str, Any], **more: Any) -> Moved:
    if content.get("late_reason"):
        more["late_reason"] = content["late_reason"]
    first: dict[str, Any] = {} if case.answered_at else {"answered_at": db.now}
    return await move(db, case, actor, "answer", content, **first, pending_answer=None, **more)


async def approve(
    db: Session, case: Case, actor: Actor, seen: int | None = None, late_reason: str | None = None
) -> Moved:  # fmt: skip
    """A second person lets an answer go out."""
    pending = case.pending_answer
    if pending is None:
        raise WrongState("approve", case)
    if not permissions.may(actor.roles, "approve", case.where):
        raise NotAllowed("approve", case)
    if pending["by"] == _ref(actor.person_id):
        raise Unlawful("own-answer", case)
    content = {**pending, "approved_by": _ref(actor.person_id)}
    if not pending.get("late"):  # It may have become late while it waited.
        content |= _late(db, case, late_reason)
    return await _answered(db, case, actor, content, seen=seen)


async def send_back(db: Session, case: Case, actor: Actor, reason: str, seen: int | None = None) -> Moved:
    """A second person wants the answer otherwise."""
    pending = case.pending_answer
    if pending is None:
        raise WrongState("send-back", case)
    moved = await move(db, case, actor, "send-back", {"reason": reason, "draft": pending}, seen=seen,
                       pending_answer=None)  # fmt: skip
    writer = int(pending["by"], 16)
    tell = Tell(to="person", what="sent-back", case_id=case.id, person_id=writer, facts={"reason": reason})
    return replace(moved, tell=(*moved.tell, tell))


async def correct_answer(
    db: Session, case: Case, actor: Actor, corrects: int, text: str, reason: str, seen: int | None = None
) -> Moved:  # fmt: skip
    """Say something sent before otherwise. What was sent stays in the history, and everybody sees that it changed."""
    _needs(text, case)
    earlier = next((row for row in await cases.history(db, case.id) if row.id == corrects), None)
    if earlier is None or earlier.action not in (*DECISIONS, "correct"):
        raise CaseTrouble("nothing-to-correct", case)
    content = {"text": text, "reason": reason, "corrects": _ref(corrects), "earlier": earlier.content.get("text")}
    return await move(db, case, actor, "correct", content, seen=seen)


async def refuse(
    db: Session, rules: Rules, case: Case, actor: Actor, reason: str, *, language: str | None = None,
    late_reason: str | None = None, papers: Sequence[Paper] = (), seen: int | None = None,
) -> Moved:  # fmt: skip
    """Refuse, with reasons; the citizen is told them, and whether it can be appealed."""
    kind = rules.kind(case.kind)
    content = {
        "reason": reason, "text": reason, "language": language or case.language, "appealable": kind.is_appealable,
        "appeal": kind.data["appeal"]["rule"], **_late(db, case, late_reason),
    }  # fmt: skip
    more: dict[str, Any] = {"late_reason": late_reason} if content["late"] else {}
    first: dict[str, Any] = {} if case.answered_at else {"answered_at": db.now}
    return await move(db, case, actor, "refuse", content, seen=seen, papers=papers, **first, **more)


def _late(db: Session, case: Case, late_reason: str | None) -> dict[str, Any]:
    """Whoever decides after the date says why; that becomes a figure."""
    is_late = case.due_on is not None and case.due_on < today(db)
    if is_late and late_reason not in LATE_REASONS:
        raise Missing("late-reason", case, due_on=iso_day(case.due_on))
    return {"late": is_late, "late_reason": late_reason if is_late else None}


async def mark_duplicate(
    db: Session, case: Case, actor: Actor, parent: Case, reason: str, seen: int | None = None
) -> Moved:  # fmt: skip
    """The same thing was reported before: its author follows that case from now on, and so do its own duplicates."""
    while parent.parent_id is not None and parent.state == "duplicate":
        above = await cases.get(db, parent.parent_id)
        assert above is not None
        parent = above
    if parent.id == case.id or parent.municipality != case.municipality:
        raise CaseTrouble("no-such-parent", case)
    if not permissions.may(actor.roles, "see", parent.where):
        raise NotAllowed("duplicate", case)
    content = {"of": parent.number, "reason": reason, "parent_state": parent.state}
    moved = await move(db, case, actor, "duplicate", content, seen=seen, parent_id=parent.id)
    await db.execute(update(table).where(table.c.parent_id == case.id).values(parent_id=parent.id))
    await _follow_instead(db, case, parent)
    return moved


async def _follow_instead(db: Session, case: Case, parent: Case) -> None:
    from storage import casecitizen  # The two call each other.

    if case.person_id is not None and case.conversation_id is not None:
        await casecitizen.follow(db, parent, case.person_id, case.conversation_id, is_affected=True)
    for row in await cases.followers(db, case.id):
        await casecitizen.follow(db, parent, row.person_id, row.conversation_id, is_affected=row.is_affected)


async def close(
    db: Session, rules: Rules, case: Case, actor: Actor, reason: str, *, late_reason: str | None = None,
    seen: int | None = None,
) -> Moved:  # fmt: skip
    """Close a case. One that the law wants decided is answered or refused first."""
    kind = rules.kind(case.kind)
    has_procedure = kind.has_term and (not case.is_anonymous or kind.may_be_anonymous)
    if case.is_open and has_procedure and not case.answered_at:
        raise WrongState("answer-first", case)
    content = {"reason": reason, "late_reason": late_reason}
    more: dict[str, Any] = {"late_reason": late_reason} if late_reason in LATE_REASONS else {}
    return await move(db, case, actor, "close", content, seen=seen, **more)


async def reopen(
    db: Session, rules: Rules, case: Case, actor: Actor, reason: str, seen: int | None = None
) -> Moved:  # fmt: skip
    """Take a case up again, at any time; the author's own way has a window (`casecitizen.reopen`)."""
    return await reopened(db, rules, case, actor, reason, seen)


async def reopened(
    db: Session, rules: Rules, case: Case, actor: Actor, reason: str, seen: int | None = None
) -> Moved:  # fmt: skip
    """The term and our target run anew from today; the date first told stays what it was."""
    day, kind = today(db), rules.kind(case.kind)
    calendar = await workcalendar.of(db, case.municipality)
    has_procedure = not case.is_anonymous or kind.may_be_anonymous
    steps = [{**step, "what": "reopened"} for step in kind.term(day)] if has_procedure else []
    term = calendar.compute(steps)
    content = {"reason": reason, "due_on": iso_day(term.due if term else None), "earlier_due_on": iso_day(case.due_on),
               "basis": term and term.facts, "time": case.reopened + 1}  # fmt: skip
    return await move(
        db, case, actor, "reopen", content, seen=seen, reopened=case.reopened + 1, solved=None, extensions=0,
        parent_id=None, due_on=term and term.due, basis=term and cases.basis(term),
        target_on=rules.target(case.priority, day, calendar), late_reason=None,
    )  # fmt: skip


async def note(db: Session, case: Case, actor: Actor, text: str, papers: Sequence[Paper] = ()) -> Moved:
    """Write something down for the staff. The citizen never sees it."""
    _needs(text, case)
    moved = await move(db, case, actor, "note", {"text": text})
    cases.add_papers(db, case, papers, moved.history_id, for_citizen=False)
    return moved


async def dealt_with_undelivered(db: Session, case: Case, actor: Actor, how: str) -> Moved:
    """Somebody reached the author in another way, or nobody can."""
    return await move(db, case, actor, "delivered", {"text": how}, undelivered_at=None)


# --- Many at once ---


async def for_many(
    db: Session, chosen: Iterable[Case], actor: Actor, act: Any
) -> tuple[list[Moved], list[CaseTrouble]]:  # fmt: skip
    """Do the same to many cases: `await act(case)` for each. What is not possible for one stops none of the others."""
    if actor.kind != STAFF:
        raise NotAllowed("bulk")
    done: list[Moved] = []
    troubles: list[CaseTrouble] = []
    for case in list(chosen)[:MOST_AT_ONCE]:
        try:
            if not permissions.may(actor.roles, "bulk", case.where):
                raise NotAllowed("bulk", case)
            done.append(await act(case))
        except CaseTrouble as trouble:
            troubles.append(trouble)
    return done, troubles


def _needs(text: str, case: Case) -> None:
    if not text.strip():
        raise Missing("text", case)


def _ref(person_id: int | None) -> str | None:
    """Row numbers are too large for JSON's numbers."""
    return None if person_id is None else f"{person_id:x}"
