"""The municipality's departments, the routes by which matters reach them, and the groups in which staff works."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Row, bindparam, func, select, update

from storage import journal
from storage.database import Session
from storage.ids import new_id
from storage.models import cases, departments, routes, staff_groups

FILE = Path(__file__).parent / "content" / "offices.json"
_HERE = departments.c.municipality == bindparam("municipality")
OF = select(departments).where(_HERE, departments.c.until.is_(None)).order_by(departments.c.id)
ROUTES = select(routes).where(
    routes.c.municipality == bindparam("municipality"), routes.c.until.is_(None)
).order_by(routes.c.id)  # fmt: skip
GROUPS = select(staff_groups).where(staff_groups.c.until.is_(None))


def delivered() -> Mapping[str, Any]:
    """Plausible departments and routes, for a municipality that has not told us its own."""
    return orjson.loads(FILE.read_bytes())  # type: ignore[no-any-return]


async def settle(db: Session, municipality: str) -> bool:
    """Give a municipality that has no departments the plausible ones, marked as not confirmed; True if it had none."""
    if await db.value(select(departments.c.id).where(departments.c.municipality == municipality).limit(1)) is not None:
        return False
    content = delivered()
    for item in content["departments"]:
        db.add(departments, id=item["id"], municipality=municipality, name=item["name"], is_confirmed=False,
               since=db.now)  # fmt: skip
        for category in item["categories"]:
            _add_route(db, municipality, category, None, item["id"], is_confirmed=False)
    _add_route(db, municipality, None, None, content["default"], is_confirmed=False)
    await db.flush()
    return True


async def of(db: Session, municipality: str) -> Sequence[Row[Any]]:
    return await db.rows(OF, municipality=municipality)


async def name(db: Session, municipality: str, department: str | None, language: str) -> str | None:
    """The name of a department, also of one that has been closed."""
    known: Mapping[str, str] | None = await db.value(
        select(departments.c.name).where(_HERE, departments.c.id == department), municipality=municipality
    )
    return known[language] if known else None


async def set_department(db: Session, municipality: str, department: str, names: Mapping[str, str]) -> None:
    """Add a department, rename it, or confirm that it is so."""
    result = await db.execute(
        update(departments)
        .where(departments.c.municipality == municipality, departments.c.id == department)
        .values(name=dict(names), is_confirmed=True, until=None)
    )
    if not result.rowcount:
        db.add(departments, id=department, municipality=municipality, name=dict(names), is_confirmed=True,
               since=db.now)  # fmt: skip
    journal.record(db, "department", {"municipality": municipality, "department": department, "name": dict(names)})


async def close_department(db: Session, municipality: str, department: str, instead: str) -> bool:
    """End a department; routes that led to it lead to another. Its open cases are for whoever does this to assign."""
    if instead == department or not await _exists(db, municipality, instead):
        return False
    for row in await db.rows(ROUTES, municipality=municipality):
        if row.department == department:
            db.change(routes, row.id, until=db.now)
            _add_route(db, municipality, row.category, row.settlement, instead)
    result = await db.execute(
        update(departments)
        .where(departments.c.municipality == municipality, departments.c.id == department)
        .where(departments.c.until.is_(None))
        .values(until=db.now)
    )
    if result.rowcount:
        journal.record(db, "department-closed", {"municipality": municipality, "department": department})
    return bool(result.rowcount)


async def _exists(db: Session, municipality: str, department: str) -> bool:
    return any(row.id == department for row in await of(db, municipality))


# --- Routes ---


def _add_route(
    db: Session, municipality: str, category: str | None, settlement: str | None, department: str,
    *, is_confirmed: bool = True,
) -> None:  # fmt: skip
    db.add(
        routes, id=new_id(), municipality=municipality, category=category, settlement=settlement,
        department=department, is_confirmed=is_confirmed, since=db.now,
    )  # fmt: skip


def choose(rules: Sequence[Any], category: str | None, settlement: str | None) -> str | None:
    """The department of the most exact route: category and settlement, then settlement, category, neither."""
    best: tuple[int, str] | None = None
    for route in rules:
        fits = (route.category in (None, category)) and (route.settlement in (None, settlement))
        weight = 2 * (route.settlement is not None) + (route.category is not None)
        if fits and (best is None or weight >= best[0]):  # Of two alike, the newer one.
            best = weight, route.department
    return best and best[1]


async def department_for(db: Session, municipality: str, category: str | None, settlement: str | None) -> str | None:
    """Where a matter goes. The first of a municipality finds the plausible departments set up."""
    rules = await db.rows(ROUTES, municipality=municipality)
    if not rules:
        await settle(db, municipality)
        rules = await db.rows(ROUTES, municipality=municipality)
    return choose(rules, category, settlement)


async def routing(db: Session, municipality: str) -> Sequence[Row[Any]]:
    """All open routes of a municipality."""
    return await db.rows(ROUTES, municipality=municipality)


async def set_route(
    db: Session, municipality: str, category: str | None, settlement: str | None, department: str | None
) -> bool:
    """Send matters of a category and a settlement (None: of all) to a department; with None the route ends."""
    if department is not None and not await _exists(db, municipality, department):
        return False
    await db.execute(
        update(routes)
        .where(routes.c.municipality == municipality, routes.c.until.is_(None))
        .where(routes.c.category.is_not_distinct_from(category), routes.c.settlement.is_not_distinct_from(settlement))
        .values(until=db.now)
    )
    if department is not None:
        _add_route(db, municipality, category, settlement, department)
    journal.record(
        db, "route",
        {"municipality": municipality, "category": category, "settlement": settlement, "department": department},
    )  # fmt: skip
    return True


async def preview_route(
    db: Session, municipality: str, category: str | None, settlement: str | None, department: str
) -> dict[str, int]:
    """What a route would change: how many of the cases now open (not assigned to anybody) would go elsewhere.

    The answer is {department they are with now: count}; nothing is written. A new route moves no case by itself.
    """
    rules = await db.rows(ROUTES, municipality=municipality)
    wanted = [r for r in rules if (r.category, r.settlement) != (category, settlement)]
    wanted.append(_Route(category, settlement, department))  # type: ignore[arg-type]
    rows = await db.rows(
        select(cases.c.category, cases.c.settlement, cases.c.department, func.count().label("many"))
        .where(cases.c.municipality == municipality, cases.c.decided_at.is_(None), cases.c.assignee.is_(None))
        .group_by(cases.c.category, cases.c.settlement, cases.c.department)
    )
    counts: dict[str, int] = {}
    for row in rows:
        if choose(wanted, row.category, row.settlement) == department != row.department:
            counts[row.department or ""] = counts.get(row.department or "", 0) + row.many
    return counts


class _Route:
    def __init__(self, category: str | None, settlement: str | None, department: str) -> None:
        self.category, self.settlement, self.department = category, settlement, department


# --- Groups ---


async def groups(db: Session, municipality: str) -> Sequence[Row[Any]]:
    return await db.rows(GROUPS.where(staff_groups.c.municipality == municipality).order_by(staff_groups.c.id))


async def group_of(db: Session, municipality: str, department: str | None) -> Row[Any] | None:
    """The group of a department, or that of the whole municipality."""
    found = await groups(db, municipality)
    own = [row for row in found if row.department == department and department is not None]
    return next(iter(own or [row for row in found if row.department is None]), None)


async def set_group(
    db: Session, municipality: str, department: str | None, conversation_id: int, external: str, by: int | None
) -> int:
    """Let the staff of a department (or of all) work in this chat; the one it had before ends, and what this was."""
    await db.execute(
        update(staff_groups)
        .where(staff_groups.c.until.is_(None))
        .where(
            (staff_groups.c.conversation_id == conversation_id)
            | (
                (staff_groups.c.municipality == municipality)
                & staff_groups.c.department.is_not_distinct_from(department)
            )
        )
        .values(until=db.now)
    )
    row_id = new_id()
    db.add(staff_groups, id=row_id, conversation_id=conversation_id, municipality=municipality, department=department,
           external=external, set_by=by, since=db.now)  # fmt: skip
    journal.record(db, "staff-group", {"municipality": municipality, "department": department})
    return row_id


async def end_group(db: Session, conversation_id: int) -> bool:
    result = await db.execute(
        update(staff_groups)
        .where(staff_groups.c.conversation_id == conversation_id, staff_groups.c.until.is_(None))
        .values(until=db.now)
    )
    return bool(result.rowcount)
