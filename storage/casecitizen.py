"""What a citizen does with a case: their own (reply, add, correct, withdraw, judge, reopen), or one they follow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select, update

from storage import cases, casewords, workcalendar
from storage.casemoves import ANSWERED
from storage.caserecord import Actor, Case, CaseTrouble, Missing, Moved, Tell, Unlawful, iso_day
from storage.caserules import Rules
from storage.cases import Paper, move, today
from storage.database import Session
from storage.ids import new_id
from storage.models import case_followers, case_ratings
from storage.models import cases as table
from storage.walltime import local_day

REOPEN_DAYS = 14  # After the decision, counted by the calendar; told with every answer.
MOST_WORDS = 10_000  # Characters of a judgement.
SOLVED = ("yes", "partly", "no")


async def citizen_replied(
    db: Session, rules: Rules, case: Case, actor: Actor, text: str, papers: Sequence[Paper] = ()
) -> Moved:  # fmt: skip
    """The author answers what was asked: the clock goes on, and the days they took are noted."""
    _needs(text, papers, case)
    day = today(db)
    since = case.waiting_since or day
    calendar = await workcalendar.of(db, case.municipality)
    waited = (day - since).days
    changes: dict[str, Any] = {"waiting_since": None, "waited_days": case.waited_days + waited}
    if case.target_on is not None:
        changes["target_on"] = calendar.add_working(case.target_on, calendar.working_between(since, day))
    effect = rules.kind(case.kind).waiting
    steps = _after_waiting(rules, case, effect, since, day)
    if case.due_on is not None and steps != case.steps:
        term = calendar.compute(steps)
        assert term is not None
        changes |= {"due_on": term.due, "basis": cases.basis(term)}
    content = {
        "text": text, "files": len(papers), "waited_days": waited, "clock": effect,
        "due_on": iso_day(changes.get("due_on", case.due_on)), "earlier_due_on": iso_day(case.due_on),
    }  # fmt: skip
    return await move(db, case, actor, "reply", content, papers=papers, **changes)


def _after_waiting(rules: Rules, case: Case, effect: str, since: date, day: date) -> list[dict[str, Any]]:
    """The steps of the term after the citizen replied: where the law stops the clock, they do not count those days."""
    if effect == "restart":
        return [{**step, "what": "restart"} for step in rules.kind(case.kind).term(day)]
    if effect == "pause" and day > since:
        pause = {"what": "pause", "days": (day - since).days, "unit": "calendar", "first": since.isoformat(),
                 "last": day.isoformat(), "edition": rules.edition}  # fmt: skip
        return [*case.steps, pause]
    return case.steps


async def add_words(
    db: Session, rules: Rules, case: Case, actor: Actor, text: str, papers: Sequence[Paper] = ()
) -> Moved:  # fmt: skip
    """Add words or photos later. While we wait for the author, that is their reply."""
    if case.state == "waiting":
        return await citizen_replied(db, rules, case, actor, text, papers)
    _needs(text, papers, case)
    return await move(db, case, actor, "add", {"text": text, "files": len(papers)}, papers=papers)


async def edit_text(db: Session, case: Case, actor: Actor, text: str) -> Moved:
    """Correct what was written. It is marked as edited, and the earlier text is kept in the history."""
    _needs(text, (), case)
    if text == case.text:
        raise CaseTrouble("nothing-changed", case)
    content = {"text": text, "earlier": case.text}
    moved = await move(db, case, actor, "edit", content, text=text, title=cases.title_of(text), is_edited=True)
    await casewords.reindex(db, moved.case)
    return moved


async def link(db: Session, case: Case, actor: Actor, person_id: int, conversation_id: int) -> Moved:
    """From now on its author hears of the case in this conversation: another channel, or the first after the counter.

    A named case becomes theirs; an anonymous one stays nobody's.
    """
    if case.conversation_id == conversation_id and (case.is_anonymous or case.person_id == person_id):
        raise CaseTrouble("nothing-changed", case)
    changes: dict[str, Any] = {"conversation_id": conversation_id, "undelivered_at": None}
    if not case.is_anonymous and case.person_id is None:
        changes["person_id"] = person_id
    moved = await move(db, case, actor, "link", {}, **changes)
    return replace(moved, tell=())


async def withdraw(db: Session, case: Case, actor: Actor, reason: str = "") -> Moved:
    """Take a case back. Nobody has to say why."""
    return await move(db, case, actor, "withdraw", {"reason": reason})


async def rate(
    db: Session, case: Case, actor: Actor, solved: str, words: str = "", words_id: int | None = None,
    papers: Sequence[Paper] = (),
) -> Moved:  # fmt: skip
    """Say whether it is solved. "Yes" closes the case; "partly" and "no" go to the head, and stay in the figures."""
    if solved not in SOLVED:
        raise Missing("solved", case)
    content = {"solved": solved, "words": words, "until": iso_day(reopen_until(case))}
    after = "closed" if solved == "yes" else None
    moved = await move(db, case, actor, "rate", content, after=after, papers=papers, solved=solved)
    db.add(case_ratings, id=new_id(), case_id=case.id, person_id=case.person_id, solved=solved, words=words or None,
           words_id=words_id, at=db.now)  # fmt: skip
    if solved == "yes":
        return moved
    tell = Tell(to="head", what="not-solved", case_id=case.id, municipality=case.municipality,
                department=case.department, facts=content)  # fmt: skip
    return replace(moved, tell=(*moved.tell, tell))


def reopen_until(case: Case) -> date | None:
    """The last day on which the author can reopen their case."""
    if case.decided_at is None:
        return None
    return local_day(case.decided_at, cases.ZONE) + timedelta(days=REOPEN_DAYS)


def may_reopen(case: Case, day: date) -> bool:
    until = reopen_until(case)
    return case.state in ANSWERED and until is not None and day <= until


async def reopen(db: Session, rules: Rules, case: Case, actor: Actor, reason: str) -> Moved:
    """The author is not content with the answer, within the window. The head hears of it."""
    from storage.casedesk import reopened  # The two call each other.

    if not may_reopen(case, today(db)):
        raise Unlawful("reopen-too-late" if case.state in ANSWERED else "nothing-to-reopen", case,
                       until=iso_day(reopen_until(case)))  # fmt: skip
    moved = await reopened(db, rules, case, actor, reason)
    tell = Tell(to="head", what="reopened", case_id=case.id, municipality=case.municipality,
                department=case.department, facts=moved.content)  # fmt: skip
    return replace(moved, tell=(*moved.tell, tell))


async def note_rating(db: Session, case: Case, words: str, words_id: int) -> None:
    """What somebody says after they judged belongs to the judgement as well."""
    newest = select(func.max(case_ratings.c.id)).where(case_ratings.c.case_id == case.id).scalar_subquery()
    await db.execute(
        update(case_ratings).where(case_ratings.c.id == newest).values(words=words[:MOST_WORDS], words_id=words_id)
    )


# --- Following ---


async def follow(
    db: Session, case: Case, person_id: int, conversation_id: int, *, is_affected: bool
) -> bool:  # fmt: skip
    """Follow somebody else's case ("me too" when `is_affected`); True when this is new. The author hears anyway."""
    if case.person_id == person_id or case.is_sensitive:
        return False
    row = await db.first(
        select(case_followers.c.until).where(
            case_followers.c.case_id == case.id, case_followers.c.person_id == person_id
        )
    )
    if row is None:
        db.add(case_followers, case_id=case.id, person_id=person_id, conversation_id=conversation_id,
               is_affected=is_affected, since=db.now)  # fmt: skip
    else:
        await db.execute(
            update(case_followers)
            .where(case_followers.c.case_id == case.id, case_followers.c.person_id == person_id)
            .values(until=None, conversation_id=conversation_id, is_affected=is_affected)
        )
    await _count_followers(db, case.id)
    return row is None or row.until is not None


async def unfollow(db: Session, case: Case, person_id: int) -> bool:
    result = await db.execute(
        update(case_followers)
        .where(case_followers.c.case_id == case.id, case_followers.c.person_id == person_id)
        .where(case_followers.c.until.is_(None))
        .values(until=db.now)
    )
    await _count_followers(db, case.id)
    return bool(result.rowcount)


async def _count_followers(db: Session, case_id: int) -> None:
    """Counted anew each time, and not a change of the case itself: its version stays."""
    db.touched.add(case_id)
    count = (
        select(func.count())
        .select_from(case_followers)
        .where(case_followers.c.case_id == case_id, case_followers.c.until.is_(None))
    )
    await db.execute(update(table).where(table.c.id == case_id).values(followers=count.scalar_subquery()))


def _needs(text: str, papers: Sequence[Paper], case: Case) -> None:
    if not text.strip() and not papers:
        raise Missing("text", case)
