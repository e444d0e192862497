"""What a matter is called and where it stands, as its author reads it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from handlers.talk import Talk
from handlers.words import Option
from storage import settlements
from storage.caserecord import Case

STATE_SIGNS = {"received": "📥", "registered": "📥", "working": "🛠", "waiting": "❓", "planned": "📅",
               "forwarded": "📨", "answered": "💬", "refused": "🚫", "duplicate": "🔗", "withdrawn": "↩️",
               "closed": "✅", "reopened": "🔄"}  # fmt: skip


def short(text: str, most: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[:most].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


def ref(case: Case) -> str:
    """How a choice names a case."""
    return f"{case.id:x}"


def about(case: Case) -> str:
    """How messages and files say that they belong to it."""
    return f"case:{case.id}"


def kind(talk: Talk, name: str | None) -> Mapping[str, Any]:
    kinds = talk.handbook.casework["kinds"]
    return next((known for known in kinds if known["id"] == name), kinds[0])


def kind_name(talk: Talk, name: str | None) -> str:
    return str(kind(talk, name)["name"][talk.language])


def category_name(talk: Talk, name: str | None) -> str:
    report = talk.handbook.reports.get(name or "")
    return f"{report['emoji']} {report['title'][talk.language]}" if report else ""


def office(talk: Talk, municipality: str) -> str:
    """The institution, in whose name staff speaks."""
    return str(talk.handbook.municipalities[municipality]["full_name"][talk.language])


def place(talk: Talk, where: Any) -> str:
    """Where it is, of a case or a draft: what was written, the settlement, the point on the map."""
    point = "" if where.lat is None or where.lon is None else f"{where.lat:.5f}, {where.lon:.5f}"
    return ", ".join(filter(None, [spot(talk, where, talk.language), point]))


def spot(talk: Talk, where: Any, language: str) -> str:
    """The same without the point: what was written, and the settlement if it is not named there."""
    municipality = talk.handbook.municipalities.get(where.municipality or "")
    settlement = settlements.by_ekatte(municipality, where.settlement) if municipality else None
    parts = [where.place or ""]
    if settlement and not any(name.casefold() in (where.place or "").casefold() for name in settlement.names.values()):
        parts.append(settlement.name(language))
    return ", ".join(part for part in parts if part)


def state(talk: Talk, name: str) -> str:
    """Where it stands, in plain words."""
    _ = talk._
    return {
        "received": _("received, waits to be registered"),
        "registered": _("registered, waits for an official"),
        "working": _("an official works on it"),
        "waiting": _("waits for your reply"),
        "planned": _("the work is planned"),
        "forwarded": _("sent to the competent body"),
        "answered": _("answered by the municipality"),
        "refused": _("refused, with reasons"),
        "duplicate": _("joined to an earlier report of the same"),
        "withdrawn": _("withdrawn by you"),
        "closed": _("closed, nothing more to do"),
        "reopened": _("opened again, waits for an official"),
    }[name]


def day(talk: Talk, given: date | str | None) -> str:
    """Wednesday, 27 January 2027"""
    if given is None:
        return ""
    found = date.fromisoformat(given) if isinstance(given, str) else given
    return f"{talk.translator.weekday(found)}, {talk.translator.date(found)}"


def open_choice(talk: Talk, case: Case) -> Option:
    return Option("📄 " + talk._("Open {number}").format(number=case.number), f"matter:{ref(case)}")


def title(talk: Talk, case: Case, *, is_author: bool = True) -> str:
    """What it is about. The words of its author are shown to nobody else."""
    if is_author:
        return case.title
    return ", ".join(
        filter(None, [category_name(talk, case.category) or kind_name(talk, case.kind), place(talk, case)])
    )


def line(talk: Talk, case: Case, *, is_author: bool = True) -> str:
    """A case in a list."""
    return f"{STATE_SIGNS[case.state]} {case.number} · {short(title(talk, case, is_author=is_author), 40)}"
