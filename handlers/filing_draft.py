"""What somebody is about to file: kept in their conversation until it is filed, given up, or a week old."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from handlers.talk import Talk
from storage.ids import new_id

NAME = "filing"
STEP = "filing"
KEPT = timedelta(days=7)  # `privacy.retention` of the handbook: an unfinished draft.
WITH_CATEGORY = ("signal", "service-complaint", "proposal")
ABOUT_BREACHES = ("signal", "service-complaint")  # Art. 111(4): not of breaches older than two years.


@dataclass(slots=True)
class Draft:
    id: str
    at: str
    municipality: str | None = None
    kind: str | None = None
    category: str | None = None
    text: str = ""
    files: list[int] = field(default_factory=list)
    lat: float | None = None
    lon: float | None = None
    place: str | None = None
    settlement: str | None = None
    is_anonymous: bool = False
    name: str | None = None
    contact: str | None = None
    is_old: bool = False
    question: int | None = None  # The message that asked what nobody could answer.
    passed: list[str] = field(default_factory=list)  # The fields that were dealt with, in that order.
    ref: str | None = None  # The channel's number of the message that described it: it may be rewritten there.
    passed_before: list[str] = field(default_factory=list)
    editing: str | None = None  # The field that is asked again, out of the summary.
    is_checked: bool = False  # Its author was told of another way and goes on with this one.

    @property
    def about(self) -> str:
        """How files say that they belong here."""
        return f"draft:{self.id}"

    def passes(self, name: str) -> None:
        self.forgets(name)
        self.passed.append(name)
        self.editing = None

    def forgets(self, name: str) -> None:
        self.passed = [known for known in self.passed if known != name]


def begin(talk: Talk, **known: Any) -> Draft:
    draft = Draft(id=f"{new_id():x}", at=talk.now.isoformat(), municipality=talk.person.municipality)
    for name, value in known.items():
        setattr(draft, name, value)
    draft.passed = [name for name in ("municipality", "kind", "category", "text") if getattr(draft, name)]
    return draft


def of(talk: Talk) -> Draft | None:
    """What is half written here; a draft too old is none."""
    kept = talk.aside.get(NAME)
    if not kept or talk.now - datetime.fromisoformat(kept["at"]) > KEPT:
        return None
    known = {name: value for name, value in kept.items() if name in Draft.__dataclass_fields__}
    return Draft(**known)


def keep(talk: Talk, draft: Draft) -> None:
    draft.at = talk.now.isoformat()
    talk.put_aside(NAME, asdict(draft))
    talk.expect(STEP)
    talk.handler = STEP


def drop(talk: Talk) -> None:
    talk.put_aside(NAME)
    if talk.conversation.step == STEP:
        talk.expect(None)


def fields(talk: Talk, draft: Draft) -> list[str]:
    """What is to be known of this matter, in the order in which it is asked."""
    report = talk.handbook.reports.get(draft.category or "", {})
    has_category = draft.kind in WITH_CATEGORY
    wanted = ["municipality", "kind", "text"]
    if has_category:
        wanted.append("category")
    if not report or report["photo"] != "none" or draft.files:
        wanted.append("files")
    if has_category and (not report or report["location"] != "none"):
        wanted.append("place")
        if draft.place and draft.lat is None:
            wanted.append("settlement")
    wanted.append("who")
    if not draft.is_anonymous:
        wanted += ["name", "contact"]
    if draft.kind in ABOUT_BREACHES and is_of_conduct(report):
        wanted.append("old")
    if draft.category and not report.get("sensitive") and (draft.lat is not None or draft.settlement):
        wanted.append("alike")
    return wanted


def is_of_conduct(report: Any) -> bool:
    """Whether it matters when it happened: of what somebody did. A hole in the road is there now."""
    return bool(report) and (report["location"] != "required" or report["id"] == "unlawful-construction")


def next_field(talk: Talk, draft: Draft) -> str | None:
    """What to ask next; None: everything is there."""
    return next((name for name in fields(talk, draft) if name not in draft.passed), None)
