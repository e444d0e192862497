"""Who follows what: a municipality, a kind of event, an event. Who hears of news is read from here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, update

from storage.database import Session
from storage.ids import new_id
from storage.models import follows

MUNICIPALITY, KIND, EVENT = "municipality", "kind", "event"
WHATS = (MUNICIPALITY, KIND, EVENT)

_OPEN = follows.c.until.is_(None)
OF = (
    select(follows.c.what, follows.c.target)
    .where(follows.c.person_id == bindparam("person_id"), _OPEN)
    .order_by(follows.c.id)
)
_FOLLOWERS = select(follows.c.person_id).where(
    follows.c.what == bindparam("what"), follows.c.target.in_(bindparam("targets", expanding=True)), _OPEN
)
FOLLOWERS = (
    _FOLLOWERS.where(follows.c.person_id > bindparam("after"))
    .distinct()
    .order_by(follows.c.person_id)
    .limit(bindparam("many"))
)
COUNT = select(func.count()).select_from(_FOLLOWERS.distinct().subquery())


@dataclass(frozen=True, slots=True)
class Follow:
    what: str
    target: str  # A municipality's name in addresses, the id of a kind, the number of an event.


async def follow(db: Session, person_id: int, what: str, target: str) -> bool:
    """Return whether this is new. Everybody has one open row for a thing; a second is refused by the table."""
    if what not in WHATS:
        raise ValueError(what)
    if Follow(what, target) in await of(db, person_id):
        return False
    db.add(follows, id=new_id(), person_id=person_id, what=what, target=target, since=db.now)
    return True


async def unfollow(db: Session, person_id: int, what: str, target: str) -> bool:
    result = await db.execute(
        update(follows)
        .where(follows.c.person_id == person_id, follows.c.what == what, follows.c.target == target, _OPEN)
        .values(until=db.now)
    )
    return bool(result.rowcount)


async def unfollow_all(db: Session, person_id: int) -> int:
    result = await db.execute(update(follows).where(follows.c.person_id == person_id, _OPEN).values(until=db.now))
    return result.rowcount


async def of(db: Session, person_id: int) -> list[Follow]:
    return [Follow(row.what, row.target) for row in await db.rows(OF, person_id=person_id)]


async def followers(
    db: Session, what: str, targets: Collection[str], after: int = 0, many: int = 1000
) -> Sequence[int]:
    """The next `many` people behind the person `after` who follow one of these, in the order of their numbers."""
    rows = await db.rows(FOLLOWERS, what=what, targets=list(targets), after=after, many=many)
    return [row.person_id for row in rows]


async def count(db: Session, what: str, targets: Collection[str]) -> int:
    return int(await db.value(COUNT, what=what, targets=list(targets)))
