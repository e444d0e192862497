"""What happens to each matter of the sample: from its filing to the end it is meant to come to."""

import random
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from storage import announcements, casecitizen, casedesk, cases, events, seats
from storage.audiences import Audience
from storage.caserecord import Actor, Case
from storage.cases import Filing
from storage.demo import DAYS, MARK, SOURCE, Life, Made, Town, marked, short
from storage.walltime import moment

# One of each first, so that every state is there; then as in life. The unjudged one is answered without detours, for a
# newcomer is to judge it, whatever holidays the month had.
ENDINGS = ("received", "registered", "working", "waiting", "planned", "forwarded", "unjudged", "refused", "duplicate",
           "withdrawn", "closed", "reopened", "approval", "overdue")  # fmt: skip
WEIGHTS = {"answered": 7, "closed": 10, "working": 4, "received": 4, "registered": 2, "waiting": 2, "planned": 3,
           "forwarded": 2, "refused": 1, "reopened": 1}  # fmt: skip
OLD = ("forwarded", "answered", "unjudged", "refused", "closed", "reopened", "overdue", "approval")
FOLLOW = 0.3
BEGINS = time(17, 30)  # After work.


def month(told: Mapping[str, Any], dice: random.Random, many: int) -> list[Made]:
    """The lives of a month: `many` matters, an event held, one that is coming, and an announcement."""
    endings = [*ENDINGS, *dice.choices([*WEIGHTS], [*WEIGHTS.values()], k=max(0, many - len(ENDINGS)))]
    lives = [_matter(_story(told, ending, place), ending, dice) for place, ending in enumerate(endings)]
    return [*lives, _gathering(3, 9, is_held=True), _gathering(18, 40, is_held=False), _announcement]


def _story(told: Mapping[str, Any], ending: str, place: int) -> Mapping[str, Any]:
    if ending == "approval":
        return told["sensitive"]  # type: ignore[no-any-return]
    stories: list[Mapping[str, Any]] = told["stories"]
    if ending == "overdue":  # The kind with the shortest term.
        return next(one for one in stories if one["kind"] == "info-request")
    fits = [one for one in stories if one["kind"] != "info-request"]
    return fits[place % len(fits)]


def _matter(story: Mapping[str, Any], ending: str, dice: random.Random) -> Made:
    # What is to have an end began early enough for it; what is fresh came in the last days.
    day = dice.uniform(DAYS - 3, DAYS - 0.1) if ending == "received" else dice.uniform(0, DAYS - 12)
    day = day / 3 if ending in OLD else day

    async def life(town: Town, begin: datetime) -> Life:
        yield begin + timedelta(days=day, minutes=town.dice.randrange(60))
        case = await _file(town, story)
        async for at in _handled(town, case, story, ending):
            yield at

    return life


async def _file(town: Town, story: Mapping[str, Any], person: int | None = None) -> Case:
    dice = town.dice
    author = town.citizens[dice.randrange(len(town.citizens)) if person is None else person]
    assert author.person
    is_english = "en" in story and dice.random() < 0.4
    language = "en" if is_english else "bg"
    words = story["en"] if is_english else story["text"]
    lat, lon = story.get("lat"), story.get("lon")
    if town.municipality != "montana":  # The places of the stories are in Montana.
        lat = lon = None
    filing = Filing(
        municipality=town.municipality, kind=story["kind"], category=story["category"], language=language,
        title=short(cases.title_of(words), language), text=marked(words), place=story.get("place"),
        lat=lat and lat + dice.gauss(0, 0.002), lon=lon and lon + dice.gauss(0, 0.003), source=SOURCE,
        name=f"{town.names[author.id]} (ПРИМЕР)", person_id=author.person.id, conversation_id=author.id,
    )  # fmt: skip
    filed = await cases.open_case(town.db, town.rules, filing, town.letters, Actor("author", author.person.id))
    town.codes[filed.case.number] = filed.code
    if dice.random() < FOLLOW:
        other = town.citizens[dice.randrange(len(town.citizens))]
        assert other.person
        await casecitizen.follow(town.db, filed.case, other.person.id, other.id, is_affected=True)
    return filed.case


def _author(case: Case) -> Actor:
    return Actor("author", case.person_id)


async def _handled(town: Town, case: Case, story: Mapping[str, Any], ending: str) -> Life:
    """From the desk's first look to the end."""
    db, rules, told, dice = town.db, town.rules, town.told, town.dice
    clerk = town.clerk(case.department)
    if ending in ("received", "overdue"):
        return
    if ending == "withdrawn":
        yield db.now + timedelta(hours=dice.uniform(2, 20))
        await casecitizen.withdraw(db, case, _author(case))
        return
    yield town.later(db.now, dice.uniform(1, 8))
    number = f"94-{dice.randrange(1000, 9999)} ({short('').rstrip(': ')})"
    case = (await casedesk.register_incoming_number(db, case, clerk, number)).case
    if ending == "registered":
        return
    yield town.later(db.now, dice.uniform(1, 20))
    if ending == "duplicate":
        parent = await _file(town, story, person=0)
        yield town.later(db.now, dice.uniform(2, 9))
        await casedesk.mark_duplicate(db, case, clerk, parent, marked(told["duplicate"]))
        return
    case = (await casedesk.take(db, case, clerk)).case
    if ending == "forwarded":
        where = told["forwarded"]
        await casedesk.forward(db, rules, case, clerk, where["to"], marked(where["reason"]), late_reason="other")
        return
    if ending == "working":
        await casedesk.note(db, case, clerk, marked(told["note_inside"]))
        return
    async for at in _decided(town, case, story, ending):
        yield at


async def _decided(town: Town, case: Case, story: Mapping[str, Any], ending: str) -> Life:
    """Asked back, planned, answered or refused; then judged."""
    db, rules, told, dice = town.db, town.rules, town.told, town.dice
    clerk = town.clerk(case.department)
    if ending == "waiting" or (ending != "unjudged" and dice.random() < 0.2):
        yield town.later(db.now, dice.uniform(1, 30))
        case = (await casedesk.ask_citizen(db, rules, case, clerk, marked(story["ask"]))).case
        if ending == "waiting":
            return
        yield db.now + timedelta(hours=dice.uniform(1, 30))
        case = (await casecitizen.citizen_replied(db, rules, case, _author(case), marked(told["reply"]))).case
    if ending == "planned" or (ending != "unjudged" and dice.random() < 0.3):
        yield town.later(db.now, dice.uniform(3, 30))
        on = (db.now + timedelta(days=dice.randrange(12, 30))).date()
        case = (await casedesk.plan(db, case, clerk, marked(told["plan"]), on)).case
        if ending == "planned":
            return
    yield town.later(db.now, dice.uniform(10, 40 if ending == "unjudged" else 90))
    if ending == "refused":
        await casedesk.refuse(db, rules, case, clerk, marked(told["refusal"]), late_reason="missed")
        return
    moved = await casedesk.answer(db, rules, case, clerk, marked(story["answer"]), late_reason="missed")
    if ending not in ("approval", "unjudged") and moved.after == "answered":
        async for at in _judged(town, moved.case, ending):
            yield at


async def _judged(town: Town, case: Case, ending: str) -> Life:
    db, told, dice = town.db, town.told, town.dice
    yield db.now + timedelta(hours=dice.uniform(3, 40))
    if ending == "closed":
        words = dice.choice(told["thanks"])
        await casecitizen.rate(db, case, _author(case), "yes", marked(words) if words else "")
    elif ending == "reopened":
        case = (await casecitizen.rate(db, case, _author(case), "no", marked(told["not_solved"]))).case
        yield db.now + timedelta(hours=dice.uniform(1, 20))
        await casecitizen.reopen(db, town.rules, case, _author(case), marked(told["reopen"]))
    elif dice.random() < 0.3:
        await casecitizen.rate(db, case, _author(case), "partly")


# --- Meetings and an announcement ---


def _gathering(day: int, in_days: int, *, is_held: bool) -> Made:
    """An open day: published, filled, with a waiting list; one of them is over."""

    async def life(town: Town, begin: datetime) -> Life:
        yield town.later(begin + timedelta(days=day), 1)
        db, told, organizer = town.db, dict(town.told["event"]), town.desk["organizer"].person_id or 0
        told.pop("kind")
        for language in ("bg", "en"):
            told[f"title_{language}"] = short(told[f"title_{language}"], language)
            told[f"text_{language}"] = marked(told[f"text_{language}"])
        starts = moment(
            town.later(begin + timedelta(days=in_days), 0).astimezone(cases.ZONE).date(), BEGINS, cases.ZONE
        )
        event_id = events.plan(db, organizer, municipality=town.municipality, kind="open-day", starts_at=starts,
                               ends_at=starts + timedelta(hours=2), **told)  # fmt: skip
        await db.flush()
        one = await events.event(db, event_id)
        assert one
        one = events.publish(db, one, organizer)
        for citizen in town.citizens:
            yield db.now + timedelta(hours=town.dice.uniform(0.2, 6))
            assert citizen.person
            await seats.sign_up(db, one, citizen.person.id, citizen.id, 1, f"{town.names[citizen.id]} (ПРИМЕР)")
        if not is_held:
            return
        yield starts
        for seat in (await seats.of_event(db, one.id, [seats.GOING]))[:8]:
            seats.check_in(db, seat, organizer)
        yield starts + timedelta(hours=3)
        await seats.close(db, one)
        events.hold(db, one)

    return life


async def _announcement(town: Town, begin: datetime) -> Life:
    """It stands in the archive as sent; nobody was written to."""
    yield town.later(begin + timedelta(days=14), 2)
    db, organizer = town.db, town.desk["organizer"].person_id or 0
    texts = {language: f"{MARK}\n\n{words}" for language, words in town.told["announcement"].items()}
    one = announcements.begin(
        db, author_id=organizer, conversation_id=town.places["organizer"].id, municipality=town.municipality
    )
    announcements.change(db, one, texts=texts, audience=Audience((town.municipality,)))
    await db.flush()
    await announcements.start(db, one, {name: announcements.digest(words) for name, words in texts.items()}, organizer)
    await announcements.move(db, one, "done", "done", organizer, is_resolved=True)
