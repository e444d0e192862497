"""Cases with a history, made at once for tests of what is counted: rows as the dialogues would have left them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from storage.casemoves import DECIDED
from storage.database import Session
from storage.ids import new_id
from storage.models import case_history, case_ratings, cases, conversations, people


@dataclass(frozen=True)
class Ending:
    """The matter ends `after` since filing or reopening; it is judged, and opened again after a while, or not."""

    after: timedelta
    outcome: str = "answered"
    solved: str | None = None
    reopened_after: timedelta | None = None


@dataclass(frozen=True)
class Made:
    filed_at: datetime
    municipality: str = "montana"
    kind: str = "signal"
    category: str | None = "street-lighting"
    source: str = "chat"
    person: int = 1
    acknowledged_after: timedelta | None = None
    answered_after: timedelta | None = None
    endings: tuple[Ending, ...] = ()
    first_due_on: date | None = None
    due_on: date | None = None
    moves: tuple[timedelta, ...] = ()  # Since filing: each time that the date was extended.
    is_public: bool = True
    is_sensitive: bool = False
    settlement: str | None = "48489"
    lat: float | None = 43.40851
    lon: float | None = 23.22573
    late_reason: str | None = None


class Maker:
    """Numbers cases as they are filed, in each municipality and year."""

    LETTERS = {"montana": "MON", "belene": "BEL", "ihtiman": "IHT", "strumyani": "STR"}  # noqa: RUF012

    def __init__(self) -> None:
        self.running: dict[tuple[str, int], int] = {}
        self.known: set[int] = set()

    def person(self, db: Session, number: int) -> int:
        if number not in self.known:
            self.known.add(number)
            db.add(people, id=number, language="bg", municipality="montana", since=db.now)
        return number

    def case(self, db: Session, made: Made, now: datetime) -> int:
        """Write the case as it stands at `now`: what would come later has not happened."""
        case_id, year = new_id(), made.filed_at.year
        running = self.running[made.municipality, year] = self.running.get((made.municipality, year), 0) + 1
        steps = [step for step in _steps(made) if step[0] <= now]
        state, first_due = steps[-1][3], made.first_due_on
        ended = [at for at, _actor, _action, after, _content in steps if after in DECIDED]
        ratings = [(at, solved) for at, solved in _ratings(made) if at <= now]
        db.add(
            cases, id=case_id, number=f"{self.LETTERS[made.municipality]}-{year}-{running:06}-X",
            municipality=made.municipality, year=year, running=running, version=len(steps) + len(ratings),
            kind=made.kind, category=made.category, priority="normal", is_sensitive=made.is_sensitive, title="–",
            text="–", language="bg", is_edited=False, person_id=self.person(db, made.person), is_anonymous=False,
            source=made.source, settlement=made.settlement, lat=made.lat, lon=made.lon, state=state,
            filed_at=made.filed_at, first_due_on=first_due, due_on=made.due_on or first_due, edition=1,
            acknowledged_at=_since(made, made.acknowledged_after, now),
            decided_at=ended[-1] if state in DECIDED else None, waited_days=0,
            extensions=sum(step[2] == "extend" for step in steps),
            reopened=sum(step[2] == "reopen" for step in steps), late_reason=made.late_reason,
            solved=ratings[-1][1] if ratings else None, is_public=made.is_public, followers=0, news_at=made.filed_at,
        )  # fmt: skip
        before = None
        for at, actor, action, after, content in steps:
            db.add(
                case_history, id=new_id(), case_id=case_id, actor=actor, action=action, before=before, after=after,
                for_citizen=True, content=content, at=at,
            )  # fmt: skip
            before = after
        for at, solved in ratings:
            db.add(case_ratings, id=new_id(), case_id=case_id, person_id=made.person, solved=solved, at=at)
        return case_id


def _since(made: Made, after: timedelta | None, now: datetime) -> datetime | None:
    return made.filed_at + after if after is not None and made.filed_at + after <= now else None


ACTIONS = {"answered": "answer", "refused": "refuse", "forwarded": "forward", "duplicate": "duplicate",
           "withdrawn": "withdraw", "closed": "close"}  # fmt: skip
Step = tuple[datetime, str, str, str, dict[str, Any]]


def _steps(made: Made) -> Sequence[Step]:
    """What happened, in order. A date is extended in between and changes no state."""
    steps: list[Step] = [(made.filed_at, "author", "file", "received", {})]
    if made.acknowledged_after is not None:
        steps.append((made.filed_at + made.acknowledged_after, "staff", "register", "registered", {}))
    at = made.filed_at
    for ending in made.endings:
        at += ending.after
        late = {"late_reason": made.late_reason} if made.late_reason else {}
        steps.append((at, "author" if ending.outcome == "withdrawn" else "staff", ACTIONS[ending.outcome],
                      ending.outcome, late))  # fmt: skip
        if ending.reopened_after is None:
            break
        at += ending.reopened_after
        steps.append((at, "author", "reopen", "reopened", {}))
    steps.sort(key=lambda step: step[0])
    if made.answered_after is not None:
        _between(steps, made.filed_at + made.answered_after, "plan", "planned", {})
    for moved in made.moves:
        when = made.filed_at + moved
        state = next((after for at, _a, _b, after, _c in reversed(steps) if at <= when), "received")
        if state not in DECIDED:
            steps.append((when, "staff", "extend", state, _moved(made)))
    return sorted(steps, key=lambda step: step[0])


def _between(steps: list[Step], when: datetime, action: str, after: str, content: dict[str, Any]) -> None:
    """A step of staff on an open matter."""
    state = next((after for at, _a, _b, after, _c in reversed(steps) if at <= when), "received")
    if state not in DECIDED:
        steps.append((when, "staff", action, after, content))
        steps.sort(key=lambda step: step[0])


def _moved(made: Made) -> dict[str, Any]:
    due = made.due_on or made.first_due_on
    return {
        "reason": "–",
        "due_on": due and due.isoformat(),
        "earlier_due_on": made.first_due_on and str(made.first_due_on),
    }


def _ratings(made: Made) -> Sequence[tuple[datetime, str]]:
    at, found = made.filed_at, []
    for ending in made.endings:
        at += ending.after
        if ending.solved:
            found.append((at + timedelta(minutes=1), ending.solved))
        if ending.reopened_after is None:
            break
        at += ending.reopened_after
    return found


def conversation(db: Session, person_id: int) -> int:
    row_id = new_id()
    db.add(conversations, id=row_id, channel="paper", external=f"p{person_id}", person_id=person_id, is_group=False,
           reachable=True, since=db.now)  # fmt: skip
    return row_id
