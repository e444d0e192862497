"""A year of a small town, drawn from seeded dice: for screenshots, and for figures that look like figures."""

import random
from datetime import date, datetime, timedelta

from sqlalchemy import insert

from storage.database import Session
from storage.ids import EPOCH_MS, LOW_BITS
from storage.models import answers, case_counters, incoming, unanswered
from storage.months import Month
from tests.matters_made import Ending, Made, Maker, conversation

TOPICS = {"pothole": 30, "street-lighting": 22, "waste": 18, "green-areas": 9, "water-sewer": 8, "stray-dogs": 6,
          "parking-traffic": 4, "noise": 2, "corruption": 1}  # fmt: skip
REASONS = ("expert", "weather", "other-body", "staff")


def a_year(dice: random.Random, now: datetime, a_month: int, municipality: str = "montana") -> list[Made]:
    """Matters filed in the twelve months before `now`, a little more of them each month."""
    months, made = Month.of(now).back(12), []
    for place, month in enumerate(months):
        for _ in range(round(a_month * (0.75 + 0.04 * place) * dice.uniform(0.9, 1.1))):
            at = month.starts + (month.ends - month.starts) * dice.random()
            if at < now:
                made.append(_matter(dice, at, municipality))
    return sorted(made, key=lambda one: one.filed_at)


def _matter(dice: random.Random, at: datetime, municipality: str) -> Made:
    topic = dice.choices([*TOPICS], [*TOPICS.values()])[0]
    due = date.fromordinal(at.date().toordinal() + 61)
    decided = timedelta(days=min(dice.lognormvariate(3.1, 0.9), 300))
    moved = (timedelta(days=55),) if dice.random() < 0.08 and decided.days > 55 else ()
    return Made(
        filed_at=at.replace(microsecond=0),
        municipality=municipality,
        category=topic,
        kind=dice.choices(["signal", "service-complaint", "proposal"], [80, 12, 8])[0],
        source=dice.choices(["chat", "phone", "counter"], [85, 10, 5])[0],
        person=dice.randint(1000, 1900),
        acknowledged_after=timedelta(hours=dice.lognormvariate(1.6, 0.9)),
        answered_after=min(timedelta(days=dice.lognormvariate(1.4, 0.8)), decided) if dice.random() < 0.9 else None,
        endings=_endings(dice, decided) if dice.random() < 0.93 else (),
        first_due_on=due,
        due_on=due + timedelta(days=30) if moved else due,
        moves=moved,
        late_reason=dice.choice(REASONS) if moved else None,
        is_sensitive=topic == "corruption",
        is_public=dice.random() < 0.95,
        settlement=dice.choices(["48489", "00107", "12142"], [90, 8, 2])[0],
        lat=43.4085 + dice.gauss(0, 0.01),
        lon=23.2257 + dice.gauss(0, 0.012),
    )


def _endings(dice: random.Random, decided: timedelta) -> tuple[Ending, ...]:
    outcome = dice.choices(["answered", "forwarded", "refused", "duplicate", "withdrawn"], [78, 10, 5, 5, 2])[0]
    solved = dice.choices([None, "yes", "partly", "no"], [55, 27, 9, 9])[0]
    if solved == "no" and dice.random() < 0.6:
        return (
            Ending(decided, outcome, "no", timedelta(days=dice.uniform(0.1, 3))),
            Ending(timedelta(days=dice.lognormvariate(1.5, 0.7)), "answered", dice.choice([None, "yes"])),
        )
    return (Ending(decided, outcome, solved),)


async def live(db: Session, made: list[Made], now: datetime) -> None:
    """Write a year of matters, with the counters of their numbers."""
    maker = Maker()
    for one in made:
        maker.case(db, one, now)
    await db.flush()
    for (municipality, year), last in maker.running.items():
        await db.execute(insert(case_counters).values(municipality=municipality, year=year, last=last))


def somebody(db: Session) -> tuple[int, int]:
    """Who asks: a person and a conversation."""
    person = Maker().person(db, 77)
    return person, conversation(db, person)


async def ask(db: Session, who: tuple[int, int], dice: random.Random, month: Month, now: datetime, many: int) -> None:
    """Questions of a month: most are answered by a card, some are rated, some wait for an editor."""
    person, talk = who
    for number in range(many):
        at = month.starts + (month.ends - month.starts) * (number / many)
        if at >= now:
            return
        row_id = (int(at.timestamp() * 1000) - EPOCH_MS) << LOW_BITS
        known = dice.random() < 0.82
        db.add(
            incoming, id=row_id, channel="paper", key=f"q{row_id}", conversation_id=talk, person_id=person, kind="text",
            content={"text": "–"}, state="handled", handler="questions.service", said_at=at, heard_at=at,
        )  # fmt: skip
        db.add(
            answers, id=row_id + 1, incoming_id=row_id, person_id=person, intent="service",
            card="design-visa" if known else None, edition=1, confident=known, municipality="montana", language="bg",
            helped=dice.choices([None, "yes", "no"], [70, 25, 5])[0] if known else None, at=at,
        )  # fmt: skip
        if not known:
            closed = at + timedelta(days=4)
            db.add(
                unanswered, id=row_id + 2, incoming_id=row_id, person_id=person, question="–", intent="service",
                reason="nothing", municipality="montana", language="bg", asked_at=at,
                closed_at=closed if closed < now and dice.random() < 0.8 else None,
            )  # fmt: skip
