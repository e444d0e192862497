"""Announcements: written, counted, approved by a second person, sent, paused, corrected; and what became of each."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, case, func, or_, select, update

from storage import journal
from storage.audiences import EMERGENCY_SCOPE, ORDINARY, Audience, Counted
from storage.database import Session
from storage.ids import new_id
from storage.models import (
    announcement_history,
    announcement_recipients,
    announcements,
    conversations,
    outgoing,
    people,
    roles,
)

# What may follow what; what an organizer may still change is a draft.
MOVES = {
    "draft": {"asked", "scheduled", "sending", "discarded"},
    "asked": {"draft", "scheduled", "sending", "discarded"},
    "scheduled": {"draft", "sending", "discarded"},
    "sending": {"paused", "stopped", "done"},
    "paused": {"sending", "stopped"},
}
UNDER_WAY = ("sending", "paused")
STARTED = (*UNDER_WAY, "stopped", "done")
NEWS = "announcements"  # Told to whoever sends, once the transaction is committed.
FRESH = timedelta(minutes=10)  # How long a number of people that was counted may be shown.
PREFIX = "announcement:"
EMERGENCY_LANE, BROADCAST_LANE = 2, 3  # As in the shared words.

_FIELDS = [column for column in announcements.c]  # noqa: C416 – as arguments of a select
BY_ID = select(*_FIELDS).where(announcements.c.id == bindparam("announcement_id"))


@dataclass(slots=True, kw_only=True)
class Announcement:
    id: int
    municipality: str | None
    is_emergency: bool
    author_id: int
    conversation_id: int
    audience: Audience
    is_public: bool
    made_at: datetime
    approver_id: int | None = None
    corrects_id: int | None = None
    is_recall: bool = False
    state: str = "draft"
    texts: dict[str, str] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    counted: Counted | None = None
    counted_at: datetime | None = None
    wants_count: bool = False
    wants_results: str | None = None
    due_at: datetime | None = None
    cursor: int = 0
    resolved: int = 0
    is_resolved: bool = False
    progress_id: int | None = None
    told_at: datetime | None = None
    figures: dict[str, int] | None = None
    digests: dict[str, str] = field(default_factory=dict)
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def about(self) -> str:
        """How the messages that carry it are marked."""
        return f"{PREFIX}{self.id:x}"

    @property
    def lane(self) -> int:
        return EMERGENCY_LANE if self.is_emergency else BROADCAST_LANE

    @property
    def scope(self) -> str:
        return EMERGENCY_SCOPE if self.is_emergency else ORDINARY

    def text(self, language: str) -> tuple[str, str]:
        """The text for a reader of this language, and the language it is in: one may be missing."""
        if language in self.texts:
            return self.texts[language], language
        return next(((text, other) for other, text in self.texts.items()), ("", language))

    def counted_lately(self, now: datetime) -> Counted | None:
        is_fresh = self.counted_at is not None and now - self.counted_at < FRESH
        return self.counted if is_fresh else None


def _from_row(row: Row[Any]) -> Announcement:
    values = dict(row._mapping)
    values["audience"] = Audience.of(values["audience"])
    values["counted"] = Counted(values["counted"]) if values["counted_at"] is not None else None
    values["digests"] = values["digests"] or {}
    return Announcement(**values)


# --- Writing ---


def begin(
    db: Session, *, author_id: int, conversation_id: int, municipality: str | None, is_emergency: bool = False,
    corrects: Announcement | None = None, is_recall: bool = False,
) -> Announcement:  # fmt: skip
    """A new draft; or one that corrects, or recalls, an announcement that was sent."""
    audience = corrects.audience if corrects else Audience((municipality,) if municipality else ())
    made = Announcement(
        id=new_id(), municipality=municipality, is_emergency=is_emergency, author_id=author_id,
        conversation_id=conversation_id, corrects_id=corrects.id if corrects else None, is_recall=is_recall,
        choices=corrects.choices if corrects and not is_recall else [], audience=audience,
        is_public=corrects.is_public if corrects else audience.is_public, made_at=db.now,
    )  # fmt: skip
    row = {name: getattr(made, name) for name in announcements.c.keys()}  # noqa: SIM118 – no dict
    db.add(announcements, **(row | {"audience": made.audience.as_json(), "counted": None}))
    note(db, made.id, "written", author_id)
    return made


async def get(db: Session, announcement_id: int) -> Announcement | None:
    row = await db.first(BY_ID, announcement_id=announcement_id)
    return row and _from_row(row)


def change(db: Session, one: Announcement, **values: Any) -> None:
    """Change a draft. What somebody was asked to approve is no longer that: it has to be asked for again."""
    for name, value in values.items():
        setattr(one, name, value)
    if "audience" in values:
        one.is_public = one.audience.is_public
        one.counted = one.counted_at = None
        values |= {"audience": one.audience.as_json(), "counted": None, "counted_at": None, "is_public": one.is_public}
    db.change(announcements, one.id, **values)


def keep_count(db: Session, one: Announcement, counted: Counted) -> None:
    one.counted, one.counted_at, one.wants_count = counted, db.now, False
    db.change(announcements, one.id, counted=counted.channels, counted_at=db.now, wants_count=False)


def count_later(db: Session, one: Announcement) -> None:
    """Have it counted outside of the turn, for others wait while a turn lasts."""
    one.wants_count = True
    db.change(announcements, one.id, wants_count=True)
    db.news.add(NEWS)


def want_results(db: Session, one: Announcement, form: str | None) -> None:
    """Somebody asks for the file of results; None: it has been made."""
    one.wants_results = form
    db.change(announcements, one.id, wants_results=form)
    db.news.add(NEWS)


def note(db: Session, announcement_id: int, what: str, person_id: int | None = None, words: str | None = None) -> None:
    db.add(
        announcement_history, id=new_id(), announcement_id=announcement_id, person_id=person_id, what=what,
        note=words, at=db.now,
    )  # fmt: skip


async def move(
    db: Session, one: Announcement, state: str, what: str, person_id: int | None = None, words: str | None = None,
    **values: Any,
) -> bool:  # fmt: skip
    """Take it to another state; False when that is not possible (any more): somebody else was quicker."""
    if state not in MOVES.get(one.state, ()):
        return False
    if state in ("stopped", "done"):
        values["ended_at"] = db.now
    moved = await db.execute(
        update(announcements)
        .where(announcements.c.id == one.id, announcements.c.state == one.state)
        .values(state=state, **values)
    )
    if not moved.rowcount:
        return False
    for name, value in values.items():
        setattr(one, name, value)
    one.state = state
    note(db, one.id, what, person_id, words)
    db.news.add(NEWS)
    return True


async def start(db: Session, one: Announcement, digests: Mapping[str, str], person_id: int | None = None) -> bool:
    """Begin to send. From now on it stands in the archive, with the digests of its texts, and in the journal."""
    what = "recalled" if one.is_recall else "corrected" if one.corrects_id else "started"
    started = await move(db, one, "sending", what, person_id, digests=dict(digests), started_at=db.now)
    if started:
        journal.record(
            db, "announcement",
            {"announcement": f"{one.id:x}", "what": what, "municipality": one.municipality,
             "emergency": one.is_emergency, "digests": dict(digests)}
            | ({"corrects": f"{one.corrects_id:x}"} if one.corrects_id else {}),
            {"author": journal.reference(one.author_id), "approver": journal.reference(one.approver_id or 0)},
            person_id=one.author_id, about=one.about,
        )  # fmt: skip
    return started


async def stop(db: Session, one: Announcement, person_id: int) -> bool:
    """End it; `broadcasts.end` sees to what has not gone out yet."""
    stopped = await move(db, one, "stopped", "stopped", person_id)
    if stopped:
        public = {"announcement": f"{one.id:x}", "what": "stopped", "municipality": one.municipality}
        journal.record(db, "announcement", public)
    return stopped


def digest(text: str) -> str:
    """SHA-256 of a text as it was sent, without its markup."""
    return hashlib.sha256(text.encode()).hexdigest()


# --- Looking ---


async def of(db: Session, municipalities: Collection[str] | None, many: int, before: int = 2**62) -> list[Announcement]:
    """The newest announcements of these municipalities (None: of all), without what was discarded."""
    wanted: list[ColumnElement[bool]] = [announcements.c.state != "discarded", announcements.c.id < before]
    if municipalities is not None:
        wanted.append(announcements.c.municipality.in_(municipalities))
    rows = await db.rows(select(*_FIELDS).where(*wanted).order_by(announcements.c.id.desc()).limit(many))
    return [_from_row(row) for row in rows]


async def active(db: Session) -> list[Announcement]:
    """What is being sent or has to be begun, emergencies first; and what somebody waits for besides."""
    rows = await db.rows(
        select(*_FIELDS)
        .where(
            or_(
                announcements.c.state == "sending",
                (announcements.c.state == "scheduled") & (announcements.c.due_at <= db.now),
                announcements.c.wants_count,
                announcements.c.wants_results.is_not(None),
            )
        )
        .order_by(announcements.c.is_emergency.desc(), announcements.c.id)
    )
    return [_from_row(row) for row in rows]


async def archive(db: Session, municipality: str, many: int, before: int = 2**62) -> list[Announcement]:
    """What was said to the town, the newest first; corrections stand with what they correct."""
    rows = await db.rows(
        select(*_FIELDS)
        .where(
            or_(announcements.c.municipality == municipality, announcements.c.municipality.is_(None)),
            announcements.c.state.in_(STARTED),
            announcements.c.corrects_id.is_(None),
            announcements.c.is_public,
            announcements.c.id < before,
        )
        .order_by(announcements.c.id.desc())
        .limit(many)
    )
    return [_from_row(row) for row in rows]


async def corrections(db: Session, ids: Collection[int]) -> dict[int, list[Announcement]]:
    """The corrections and recalls that were sent of these announcements, by the announcement."""
    rows = await db.rows(
        select(*_FIELDS)
        .where(announcements.c.corrects_id.in_(ids), announcements.c.state.in_(STARTED))
        .order_by(announcements.c.id)
    )
    found: dict[int, list[Announcement]] = {}
    for row in rows:
        found.setdefault(row.corrects_id, []).append(_from_row(row))
    return found


async def history(db: Session, announcement_id: int) -> Sequence[Row[Any]]:
    return await db.rows(
        select(announcement_history)
        .where(announcement_history.c.announcement_id == announcement_id)
        .order_by(announcement_history.c.id)
    )


async def who_may_approve(db: Session, one: Announcement) -> Sequence[Row[Any]]:
    """(person, conversation) of the others who may: organizers and administrators of the same place."""
    last = select(conversations.c.id).where(
        conversations.c.person_id == roles.c.person_id, conversations.c.reachable, ~conversations.c.is_group
    ).order_by(conversations.c.id.desc()).limit(1).correlate(roles).scalar_subquery()  # fmt: skip
    place: list[ColumnElement[bool]] = [roles.c.municipality.is_(None)]
    if one.municipality:
        place.append(roles.c.municipality == one.municipality)
    rows = await db.rows(
        select(roles.c.person_id, people.c.language, last.label("conversation_id"))
        .select_from(roles.join(people, people.c.id == roles.c.person_id))
        .where(roles.c.role.in_(["organizer", "administrator"]), roles.c.until.is_(None), or_(*place))
        .where(roles.c.person_id != one.author_id)
        .distinct()
    )
    return [row for row in rows if row.conversation_id]


# --- What became of it ---


@dataclass(frozen=True, slots=True)
class Figures:
    """How far it is. `left` are still to be sent, `quiet` wait for the morning, `web` for their page to be opened."""

    sent: int = 0
    blocked: int = 0
    failed: int = 0
    unknown: int = 0
    unsubscribed: int = 0
    dropped: int = 0
    left: int = 0
    quiet: int = 0
    web: int = 0

    @property
    def all(self) -> int:
        return (
            self.sent + self.blocked + self.failed + self.unknown + self.unsubscribed + self.dropped
            + self.left + self.quiet + self.web
        )  # fmt: skip

    def as_json(self) -> dict[str, int]:
        return {name: many for name, many in asdict(self).items() if many}

    @property
    def is_over(self) -> bool:
        return self.left == 0 and self.quiet == 0


GONE = "gone: "  # How the reason begins when somebody blocked us or is no more.
OUTCOME = case(
    (outgoing.c.state.in_(["sent", "delivered", "seen"]), "sent"),
    (outgoing.c.state == "unknown", "unknown"),
    ((outgoing.c.state == "failed") & outgoing.c.reason.like(f"{GONE}%"), "blocked"),
    (outgoing.c.state == "failed", "failed"),
    ((outgoing.c.state == "expired") & (outgoing.c.reason == "unsubscribed"), "unsubscribed"),
    (outgoing.c.state == "expired", "dropped"),
    (outgoing.c.due_at > bindparam("now"), "quiet"),
    (outgoing.c.channel == "web", "web"),
    else_="left",
)
CARRIED = announcement_recipients.join(outgoing, outgoing.c.id == announcement_recipients.c.message_id)
FIGURES = (
    select(OUTCOME.label("outcome"), func.count().label("many"))
    .select_from(CARRIED)
    .where(announcement_recipients.c.announcement_id == bindparam("announcement_id"))
    .group_by("outcome")
)
RESULTS = (
    select(announcement_recipients.c.person_id, announcement_recipients.c.language, outgoing.c.channel,
           outgoing.c.reason, outgoing.c.attempts, outgoing.c.changed_at, OUTCOME.label("outcome"), outgoing.c.state)
    .select_from(CARRIED)
    .where(announcement_recipients.c.announcement_id == bindparam("announcement_id"))
    .where(announcement_recipients.c.person_id > bindparam("after"))
    .order_by(announcement_recipients.c.person_id)
    .limit(bindparam("many"))
)  # fmt: skip


async def figures(db: Session, announcement_id: int) -> Figures:
    rows = await db.rows(FIGURES, announcement_id=announcement_id, now=db.now)
    return Figures(**{row.outcome: row.many for row in rows})


REACHED = (
    select(outgoing.c.channel, func.count().label("many"))
    .select_from(CARRIED)
    .where(announcement_recipients.c.announcement_id == bindparam("announcement_id"))
    .where(OUTCOME.in_(["sent", "unknown", "web"]))
    .group_by(outgoing.c.channel)
)


async def reached(db: Session, announcement_id: int) -> Counted:
    """Those who have got an announcement, by channel: who hears of its correction."""
    rows = await db.rows(REACHED, announcement_id=announcement_id, now=db.now)
    return Counted({row.channel: row.many for row in rows})


async def results(db: Session, announcement_id: int, after: int = 0, many: int = 1000) -> Sequence[Row[Any]]:
    """What became of each message, a page of recipients at a time."""
    return await db.rows(RESULTS, announcement_id=announcement_id, after=after, many=many, now=db.now)
