"""What falls due in casework, claimed once: digests, warnings, escalation, notices to citizens, closing.

Everything that can wait for the morning comes at 8:30 by the clock on the wall, on working days of the municipality.
A claim is a row (`case_duties`) written with the transaction that puts the message into the outbox: two processes never
tell the same twice, and what a crash interrupts is told afterwards. After a standstill each duty is told once, and
what is too old to be of use (yesterday's digest) is not told at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, select, update

from storage import cases, workcalendar
from storage.casedigest import digests
from storage.caselists import clock_is_stopped
from storage.caserecord import THE_CLOCK, Case, Tell, from_row
from storage.caserules import Rules
from storage.cases import ZONE, today
from storage.claims import claim, is_claimed
from storage.database import Session
from storage.models import case_duties, outgoing
from storage.models import cases as table
from storage.recounting import recompute_once
from storage.walltime import local_day, moment
from storage.workcalendar import Calendar

MORNING, EVENING = time(8, 30), time(18)  # What nobody told by the evening waits for the next working morning.
MOST = 100  # Duties of one transaction; what is left follows at the next tick.
CLOSE_AFTER_DAYS = 14  # The author's window for reopening.
STILL_WAITING = timedelta(days=14)  # Without news, a citizen hears that the matter is not forgotten.
NUDGE_DAYS, SILENT_DAYS = 7, 30  # After these the citizen is asked again, and the clerk told that nothing came.
AGAIN_DAYS = 14  # After the date: the second notice, with the next steps of the citizen.
UNASSIGNED_DAYS = 2  # Working days until the head hears that nobody took a case.
FAILED_SINCE = timedelta(days=2)  # Failed messages are looked at this far back; older ones have long been.

c, d = table.c, case_duties.c


@dataclass(frozen=True, slots=True)
class Stage:
    """Something to tell of each case that fulfils a condition, once for each `mark`."""

    what: str
    to: tuple[str, ...]
    where: ColumnElement[bool]
    mark: ColumnElement[Any]
    trace: str | None = None  # The action under which it stands in the history.


def is_morning(now: datetime, calendar: Calendar) -> bool:
    """Whether the duties of a working day are to be told now: from 8:30 on the wall, until the evening."""
    day = local_day(now, ZONE)
    return calendar.is_working(day) and moment(day, MORNING, ZONE) <= now < moment(day, EVENING, ZONE)


async def any_due(db: Session, municipalities: Iterable[str]) -> bool:
    """A cheap look, before a transaction that writes is opened."""
    day = today(db)
    for municipality in municipalities:
        if is_morning(db.now, await workcalendar.of(db, municipality)) and not await is_claimed(
            db, "morning", municipality, day.isoformat()
        ):
            return True
    return bool(await db.rows(_to_close(day, 1)) or await db.rows(_failed(db.now, 1)))


async def take_due(db: Session, rules: Rules, municipalities: Iterable[str], many: int = MOST) -> list[Tell]:
    """Claim what is due and say who has to hear it. Call it in the transaction that puts the words into the outbox."""
    told = await _undelivered(db, many)
    for municipality in municipalities:
        if len(told) >= many:
            return told
        told += await _morning(db, rules, municipality, many - len(told))
    await close_settled(db, many)
    return told


async def _morning(db: Session, rules: Rules, municipality: str, many: int) -> list[Tell]:
    day, calendar = today(db), await workcalendar.of(db, municipality)
    if not is_morning(db.now, calendar) or await is_claimed(db, "morning", municipality, day.isoformat()):
        return []
    told = []
    if mark := await recompute_once(db, municipality, calendar):
        told += mark
    if await claim(db, "digest", municipality, day.isoformat()):
        told += await digests(db, rules, municipality, calendar)
    for stage in _stages(rules, day, calendar):
        if len(told) < many:
            told += await _tell_stage(db, municipality, stage, many - len(told))
    if len(told) < many:
        told += await _still_waiting(db, municipality, many - len(told))
    if len(told) < many:
        await claim(db, "morning", municipality, day.isoformat())
    return told


def _stages(rules: Rules, day: date, calendar: Calendar) -> list[Stage]:
    """The table of what is told in the morning, in its order."""
    runs = c.due_on.is_not(None) & ~clock_is_stopped(rules)
    due, since = cast(c.due_on, String), cast(c.waiting_since, String)
    waits = c.state == "waiting"
    first_told = exists().where(
        d.what == "overdue", d.about == cast(c.id, String), d.mark == due,
        d.at < cases.moment_of(day - timedelta(days=AGAIN_DAYS // 2)),
    )  # fmt: skip
    soon, last = calendar.add_working(day, 5), calendar.add_working(day, 1)
    return [
        Stage("late-mayor", ("mayor",), runs & (c.due_on <= calendar.back_working(day, 7)), due, "warn"),
        Stage("late-secretary", ("secretary",), runs & (c.due_on <= calendar.back_working(day, 3)), due, "warn"),
        Stage("late", ("handler", "head"), runs & (c.due_on < day), due, "warn"),
        Stage("overdue-again", ("author",), runs & first_told & (c.due_on < day - timedelta(days=AGAIN_DAYS)), due,
              "overdue"),
        Stage("overdue", ("author",), runs & (c.due_on < day), due, "overdue"),
        Stage("due-tomorrow", ("handler", "head"), runs & (c.due_on >= day) & (c.due_on <= last), due),
        Stage("due-soon", ("handler",), runs & (c.due_on > last) & (c.due_on <= soon), due),
        Stage("unassigned", ("head",), c.assignee.is_(None) & (c.reopened == 0)
              & (c.filed_at < cases.moment_of(calendar.back_working(day, UNASSIGNED_DAYS))), due),
        Stage("to-approve", ("head",), c.pending_answer.is_not(None), _text(day)),
        Stage("silent", ("handler",), waits & (c.waiting_since <= day - timedelta(days=SILENT_DAYS)), since),
        Stage("nudge", ("author",), waits & (c.waiting_since <= day - timedelta(days=NUDGE_DAYS)), since),
    ]  # fmt: skip


def _text(day: date) -> ColumnElement[Any]:
    return cast(day.isoformat(), String)


async def _tell_stage(db: Session, municipality: str, stage: Stage, many: int) -> list[Tell]:
    about = cast(c.id, String)
    mark = cases.or_empty(stage.mark)
    told_before = exists().where(d.what == stage.what, d.about == about, d.mark == mark)
    rows = await db.rows(
        select(table, mark.label("mark"))
        .where(c.municipality == municipality, c.decided_at.is_(None), stage.where, ~told_before)
        .order_by(c.id)
        .limit(many)
    )
    told: list[Tell] = []
    for row in rows:
        values = dict(row._mapping)
        marked = values.pop("mark")
        if await claim(db, stage.what, str(row.id), marked):
            told += await _tell(db, Case(**values), stage, marked)
    return told


async def _tell(db: Session, case: Case, stage: Stage, mark: str) -> list[Tell]:
    facts = {"due_on": case.due_on and case.due_on.isoformat(), "mark": mark, "department": case.department}
    if stage.trace:
        cases.append(db, case, THE_CLOCK, stage.trace, case.state, case.state, {"what": stage.what, **facts})
    told: list[Tell] = []
    for to in stage.to:
        if to == "author":
            found = await cases.audience(db, case, stage.what, facts)
            if found:
                db.change(table, case.id, news_at=db.now)
            told += found
        else:
            told.append(_to_staff(case, stage.what, facts, to))
    return told


def _to_staff(case: Case, what: str, facts: dict[str, Any], to: str = "handler") -> Tell:
    """`handler`: who has the case, or its department while nobody has."""
    person = case.assignee if to == "handler" else None
    to = ("person" if person else "department") if to == "handler" else to
    return Tell(to=to, what=what, case_id=case.id, person_id=person, municipality=case.municipality,
                department=case.department, facts=facts)  # fmt: skip


async def _still_waiting(db: Session, municipality: str, many: int) -> list[Tell]:
    """Citizens who heard nothing for long. What they were last told is the claim: it moves to now."""
    rows = await db.rows(
        select(table)
        .where(c.municipality == municipality, c.decided_at.is_(None), c.state != "waiting")
        .where(c.conversation_id.is_not(None), c.due_on.is_not(None), c.news_at < db.now - STILL_WAITING)
        .order_by(c.id)
        .limit(many)
    )
    told: list[Tell] = []
    for case in map(from_row, rows):
        claimed = await db.execute(
            update(table).where(c.id == case.id, c.news_at == case.news_at).values(news_at=db.now)
        )
        if claimed.rowcount:
            facts = {"due_on": case.due_on and case.due_on.isoformat(), "since": case.news_at.isoformat()}
            told += await cases.audience(db, case, "still-waiting", facts)
    return told


# --- At any hour ---


def _to_close(day: date, many: int) -> Any:
    before = cases.moment_of(day - timedelta(days=CLOSE_AFTER_DAYS))
    return (
        select(table)
        .where(c.decided_at.is_not(None), c.closed_at.is_(None), c.decided_at < before)
        .order_by(c.decided_at)
        .limit(many)
    )


async def close_settled(db: Session, many: int = MOST) -> int:
    """Close what was decided and not reopened within the window. Nobody is written to for this."""
    rows = await db.rows(_to_close(today(db), many).with_for_update(skip_locked=True))
    for case in map(from_row, rows):
        await cases.move(db, case, THE_CLOCK, "close", {"reason": "window-passed"})
    return len(rows)


def _failed(now: datetime, many: int) -> Any:
    """Messages about a case that did not arrive, of which nobody has been told."""
    o = outgoing.c
    claimed = exists().where(d.what == "undelivered", d.about == cast(o.id, String), d.mark == "")
    return (
        select(o.id, o.conversation_id, o.about, o.reason, o.state)
        .where(o.state.in_(["failed", "expired"]), o.about.is_not(None), o.about.like("case:%"))
        .where(o.changed_at > now - FAILED_SINCE, ~claimed)
        .order_by(o.id)
        .limit(many)
    )


async def _undelivered(db: Session, many: int) -> list[Tell]:
    """The staff sees on the case that its author was not reached, and hears it once."""
    told = []
    for row in await db.rows(_failed(db.now, many)):
        if not await claim(db, "undelivered", str(row.id), ""):
            continue
        number = row.about.partition(":")[2]
        case = await cases.locked(db, int(number)) if number.isdecimal() else None
        if case is None or case.conversation_id != row.conversation_id:
            continue
        content = {"message": f"{row.id:x}", "state": row.state, "reason": row.reason}
        await cases.move(db, case, THE_CLOCK, "undelivered", content, undelivered_at=db.now)
        told.append(_to_staff(case, "undelivered", content))
    return told
