"""Files that people sent into a matter: wanted until fetched, then kept (original, copy to show, thumbnail)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from storage.database import Session
from storage.ids import new_id
from storage.models import case_files, media

LEASE = timedelta(minutes=5)  # Longer than any download; a process that died leaves it to the next after that.
PAUSES_S = (2, 5, 10, 30, 60, 300, 1800)  # After failures.
PATIENCE = timedelta(days=2)  # Then what a channel does not give us is lost.

DUE = (
    select(media)
    .where(media.c.state == "wanted", media.c.due_at <= bindparam("now"))
    .order_by(media.c.due_at, media.c.id)
    .limit(bindparam("many"))
)
ABOUT = select(media).where(media.c.about == bindparam("about"), media.c.state != "discarded").order_by(media.c.id)
BY_ID = select(media).where(media.c.id.in_(bindparam("ids", expanding=True))).order_by(media.c.id)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a fetched file is; the copy and the thumbnail are there for pictures only."""

    digest: str
    mime: str
    size: int
    shown: bytes | None = None
    thumb: bytes | None = None
    width: int | None = None
    height: int | None = None


def want(
    db: Session, conversation_id: int, channel: str, *, ref: str, kind: str, about: str, name: str = ""
) -> int:  # fmt: skip
    """Have a file fetched that was sent in this conversation; returns its number.

    `about` is `draft:…` while something is being filed, then `case:` with the case's row number (`cases.about`), or
    `case-inside:` with it for what only the staff sees.
    """
    media_id = new_id()
    db.add(
        media,
        id=media_id,
        conversation_id=conversation_id,
        channel=channel,
        ref=ref,
        about=about,
        kind=kind,
        name=name[:255],
        state="wanted",
        attempts=0,
        due_at=db.now,
        at=db.now,
        changed_at=db.now,
    )
    return media_id


async def any_wanted(db: Session) -> bool:
    return await db.first(DUE, now=db.now, many=1) is not None


async def take_wanted(db: Session, many: int) -> Sequence[Row[Any]]:
    """Claim files to fetch: each goes to one caller, and to another when that one does not report in time."""
    claimed = []
    for row in await db.rows(DUE, now=db.now, many=many):
        done = await db.execute(
            update(media)
            .where(media.c.id == row.id, media.c.state == "wanted", media.c.due_at == row.due_at)
            .values(due_at=db.now + LEASE, attempts=row.attempts + 1)
        )
        if done.rowcount:
            claimed.append(row)
    return claimed


async def keep(db: Session, media_id: int, found: Kept) -> None:
    """It was fetched and is on the shelf; its copies come to lie there, too, and its case has one file more."""
    db.change(
        media,
        media_id,
        state="kept",
        reason=None,
        digest=found.digest,
        mime=found.mime,
        size=found.size,
        shown_digest=found.shown and db.keep(found.shown),
        shown_size=found.shown and len(found.shown),
        thumb_digest=found.thumb and db.keep(found.thumb),
        width=found.width,
        height=found.height,
        changed_at=db.now,
    )
    for row in await some(db, [media_id]):
        _show_in_case(db, row)


def _show_in_case(db: Session, row: Row[Any]) -> None:
    kind, _colon, case_id = row.about.partition(":")
    if kind not in ("case", "case-inside") or row.state != "kept":
        return
    db.touched.add(int(case_id))
    db.add(
        case_files,
        id=new_id(),  # Above what was shown of the case before: it is news.
        case_id=int(case_id),
        kind=row.kind,
        name=row.name,
        mime=row.mime,
        size=row.size,
        digest=row.digest,
        public_digest=row.shown_digest,
        thumbnail_digest=row.thumb_digest,
        for_citizen=kind == "case",
        at=row.at,
    )


def give_up(db: Session, media_id: int, state: str, reason: str) -> None:
    """It is "refused" for what it is, or "lost" because its channel does not give it to us."""
    db.change(media, media_id, state=state, reason=reason[:64], changed_at=db.now)


def try_later(db: Session, row: Row[Any], reason: str) -> bool:
    """The channel is out of reach: again after a pause. False when that went on for too long, and it is lost."""
    if db.now - row.at > PATIENCE:
        give_up(db, row.id, "lost", reason)
        return False
    pause = timedelta(seconds=PAUSES_S[min(row.attempts, len(PAUSES_S) - 1)])
    db.change(media, row.id, due_at=db.now + pause, reason=reason[:64])
    return True


async def about(db: Session, what: str) -> Sequence[Row[Any]]:
    """The files of a matter, in the order in which they came, whatever became of them."""
    return await db.rows(ABOUT, about=what)


async def some(db: Session, ids: Collection[int]) -> Sequence[Row[Any]]:
    return await db.rows(BY_ID, ids=list(ids)) if ids else []


async def belong_to(db: Session, before: str, after: str) -> None:
    """What was sent with a draft belongs to the case that came of it: `after` is new."""
    await db.execute(update(media).where(media.c.about == before).values(about=after))
    for row in await about(db, after):
        _show_in_case(db, row)


async def discard(db: Session, ids: Collection[int]) -> None:
    """The sender took these back before the matter was filed."""
    for media_id in ids:
        db.change(media, media_id, state="discarded", changed_at=db.now)
