"""Checklists: which papers somebody has, which are missing, and a reminder of those."""

from datetime import datetime, time, timedelta

from handlers import cards, home
from handlers.talk import Talk
from handlers.words import NOTICE, Option, Part, Say, b, fill, join
from storage import checklists, reminders
from storage.handbook import Card

MORNING = time(9)  # Before the counter opens, and not in the night.
LATER = {"evening": (0, time(18)), "tomorrow": (1, MORNING), "three": (3, MORNING), "week": (7, MORNING)}
LABEL_CHARS = 60


def _find(talk: Talk, card_id: str) -> Card | None:
    return talk.handbook.card(card_id, talk.person.municipality)


async def papers_chosen(talk: Talk, card_id: str) -> None:
    card = _find(talk, card_id)
    if card is None:
        return await home.stale_choice(talk)
    await _show(talk, card, await checklists.ticked(talk.db, talk.person.id, card_id))
    return None


async def tick_chosen(talk: Talk, argument: str) -> None:
    card_id, _colon, item = argument.partition(":")
    card = _find(talk, card_id)
    if card is None or item not in {document.key for document in card.documents(talk.language)}:
        return await home.stale_choice(talk)
    await checklists.tick(talk.db, talk.person.id, card_id, item)
    await _show(talk, card, await checklists.ticked(talk.db, talk.person.id, card_id))
    return None


async def _show(talk: Talk, card: Card, ticked: set[str]) -> None:
    _ = talk._
    papers = card.documents(talk.language)
    lines = [f"{'☑' if paper.key in ticked else '☐'} {number}. {paper.text}" for number, paper in enumerate(papers, 1)]
    choices = [
        [Option(f"{'☑️' if paper.key in ticked else '⬜'} {_label(paper.text)}", f"tick:{card.id}:{paper.key}")]
        for paper in papers
    ]
    actions = [Option("⏰ " + _("Remind me what I still miss"), f"remind:{card.id}")]
    if ticked:
        actions.append(Option("🧹 " + _("Clear the ticks"), f"clear:{card.id}"))
    talk.say(
        join(
            b(card.title(talk.language)),
            _progress(talk, card, ticked),
            "\n".join(lines),
            _("Tick what you already have. Your ticks are kept."),
            between="\n\n",
        ),
        [*choices, actions, cards.back(talk, card)],
        replaces=True,
        about=f"card:{card.id}",
    )


def _label(text: str) -> str:
    name = text.split(" – ")[0].split(" (")[0]
    shown = name if len(name) <= LABEL_CHARS else name[:LABEL_CHARS].rsplit(" ", 1)[0] + " …"
    return shown


def _progress(talk: Talk, card: Card, ticked: set[str]) -> str:
    _ = talk._
    papers = card.documents(talk.language)
    have = sum(paper.key in ticked for paper in papers)
    if have == len(papers):
        return "✅ " + _("You have all {count} documents.").format(count=len(papers))
    return _("You have {have} of {count} documents.").format(have=have, count=len(papers))


async def clear_chosen(talk: Talk, card_id: str) -> None:
    card = _find(talk, card_id)
    if card is None:
        return await home.stale_choice(talk)
    await checklists.clear(talk.db, talk.person.id, card_id)
    await _show(talk, card, set())
    return None


async def begun_chosen(talk: Talk, _argument: str) -> None:
    await show_begun(talk)


async def show_begun(talk: Talk) -> None:
    """The checklists that somebody began, to return to."""
    _ = talk._
    begun = await checklists.begun(talk.db, talk.person.id)
    known = [(card, ticked) for card_id, ticked in begun.items() if (card := _find(talk, card_id))]
    if not known:
        talk.say(
            _("You have no checklists yet. Open a service and tick the documents that you already have."),
            [[Option("📚 " + _("Services by topic"), "categories"), home.to_menu(talk)]],
            replaces=True,
        )
        return
    rows = []
    for card, ticked in known:
        papers = card.documents(talk.language)
        have = sum(paper.key in ticked for paper in papers)
        rows.append([Option(f"{card.title(talk.language)} ({have}/{len(papers)})", f"papers:{card.id}")])
    talk.say(b_line(_("My checklists")), [*rows, [home.to_menu(talk)]], replaces=True)


def b_line(text: str) -> list[Part]:
    return [b(text)]


async def missing_chosen(talk: Talk, card_id: str) -> None:
    card = _find(talk, card_id)
    if card is None:
        return await home.stale_choice(talk)
    text = await missing(talk, card)
    talk.say(text, [[Option("☑️ " + talk._("Checklist of documents"), f"papers:{card.id}")], cards.back(talk, card)])
    return None


async def missing(talk: Talk, card: Card) -> list[Part]:
    """What is not ticked yet."""
    _ = talk._
    ticked = await checklists.ticked(talk.db, talk.person.id, card.id)
    left = [paper.text for paper in card.documents(talk.language) if paper.key not in ticked]
    if not left:
        all_there = "✅ " + _("Nothing is missing: you have all documents.")
        return join(b(card.title(talk.language)), all_there, between="\n\n")
    return join(
        b(card.title(talk.language)),
        join(_("You still miss:"), "\n".join(f"☐ {text}" for text in left), between="\n"),
        between="\n\n",
    )


async def remind_chosen(talk: Talk, card_id: str) -> None:
    """When to be reminded of what is still missing."""
    _ = talk._
    card = _find(talk, card_id)
    if card is None:
        return await home.stale_choice(talk)
    names = {"evening": _("This evening"), "tomorrow": _("Tomorrow morning"), "three": _("In three days"),
             "week": _("In a week")}  # fmt: skip
    times = {when: at for when in LATER if (at := _later(talk, when)) > talk.now}
    rows = [[Option(f"{names[when]} ({_when(talk, at)})", f"remind-at:{card.id}:{when}")] for when, at in times.items()]
    rows.append([Option("✍️ " + _("At another time, in my words"), f"recall:card:{card.id}")])
    until = await reminders.waiting(talk.db, talk.person.id, f"card:{card.id}")
    if until:
        rows.append([Option("🔕 " + _("Do not remind me"), f"forget:{card.id}")])
    talk.say(
        join(
            await missing(talk, card),
            fill(_("A reminder is set for {when}."), when=_when(talk, until)) if until else "",
            _("When shall I remind you?"),
            between="\n\n",
        ),
        [*rows, [Option("☑️ " + _("Checklist of documents"), f"papers:{card.id}")], cards.back(talk, card)],
        replaces=True,
    )
    return None


def _later(talk: Talk, when: str) -> datetime:
    """Clock time in the municipality's zone: "tomorrow at 9" is at 9 also when the clocks change in between."""
    days, at = LATER[when]
    zone = talk.translator.timezone
    day = talk.now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, at, zone)


def _when(talk: Talk, at: datetime) -> str:
    speak = talk.translator
    words = talk._("{weekday}, {date}, {time}")
    return words.format(weekday=speak.weekday(at), date=speak.date(at), time=speak.time(at))


async def time_chosen(talk: Talk, argument: str) -> None:
    _ = talk._
    card_id, _colon, when = argument.partition(":")
    card = _find(talk, card_id)
    if card is None or when not in LATER:
        return await home.stale_choice(talk)
    at = _later(talk, when)
    if at <= talk.now:  # The choice was pressed long after it was offered.
        return await remind_chosen(talk, card_id)
    await reminders.remind(
        talk.db,
        person_id=talk.person.id,
        conversation_id=talk.conversation.id,
        about=f"card:{card_id}",
        due_at=at,
    )
    talk.say(
        fill(_("I will remind you on {when} what you still miss."), when=b(_when(talk, at))),
        [[Option("🔕 " + _("Do not remind me"), f"forget:{card_id}")], cards.back(talk, card)],
        replaces=True,
    )
    return None


async def forget_chosen(talk: Talk, card_id: str) -> None:
    _ = talk._
    card = _find(talk, card_id)
    await reminders.cancel(talk.db, talk.person.id, f"card:{card_id}")
    choices = [cards.back(talk, card)] if card else [[home.to_menu(talk)]]
    talk.say(_("I will not remind you."), choices, replaces=True)


async def remind(talk: Talk, card_id: str, note: str = "") -> Say | None:
    """The reminder itself, when it falls due: the person's own words, and what is missing at that moment."""
    card = _find(talk, card_id)
    if card is None:
        return None
    _ = talk._
    return Say(
        text=join(
            "⏰ " + _("You asked to be reminded."), b(note) if note else "", await missing(talk, card), between="\n\n"
        ),
        choices=[[Option("☑️ " + _("Checklist of documents"), f"papers:{card.id}")], [home.to_menu(talk)]],
        about=f"card:{card_id}",
        lane=NOTICE,
    )
