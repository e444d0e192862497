"""Monthly reports: published once, signed, and never silently changed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select

from storage import journal
from storage.daily import first_id
from storage.database import Session
from storage.ids import new_id
from storage.models import cases, incoming, monthly_reports
from storage.months import Month

r = monthly_reports.c


async def published(db: Session, municipality: str) -> Sequence[Row[Any]]:
    """What was published of a municipality, the newest month first; a correction follows what it corrects."""
    return await db.rows(
        select(r.month, r.version, r.reason, r.made_at)
        .where(r.municipality == municipality)
        .order_by(r.month.desc(), r.version)
    )


async def report(db: Session, municipality: str, month: str, version: int) -> Row[Any] | None:
    return await db.first(
        select(monthly_reports).where(r.municipality == municipality, r.month == month, r.version == version)
    )


async def exists(db: Session, municipality: str, month: str) -> bool:
    found = await db.value(select(func.count()).where(r.municipality == municipality, r.month == month))
    return bool(found)


async def is_about_something(db: Session, month: Month) -> bool:
    """Whether anything was heard or filed up to the end of a month: before there was a counter there is no report."""
    heard = select(incoming.c.id).where(incoming.c.id < first_id(month.ends)).limit(1)
    filed = select(cases.c.id).where(cases.c.filed_at < month.ends).limit(1)
    return await db.value(heard) is not None or await db.value(filed) is not None


async def publish(
    db: Session, municipality: str, month: str, *, document: bytes, pdf: bytes, note: str, digests: dict[str, str],
    reason: str | None = None,
) -> int:  # fmt: skip
    """Publish a report, or a correction of one with its reason; in the journal by its digests. Returns the version."""
    last = await db.value(select(func.max(r.version)).where(r.municipality == municipality, r.month == month)) or 0
    if last and not reason:
        raise ValueError("A published report is only corrected with a reason.")
    db.add(
        monthly_reports, id=new_id(), municipality=municipality, month=month, version=last + 1, reason=reason,
        document=document, pdf=pdf, note=note, made_at=db.now,
    )  # fmt: skip
    journal.record(db, "report", {"municipality": municipality, "month": month, "version": last + 1, **digests})
    return int(last) + 1
