"""Reminders in somebody's own words, on a checklist or a matter: "bring the sketch on Tuesday at 9"."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from handlers import checklists, event_clock, event_typed, home
from handlers.talk import Talk
from handlers.typed_times import Typed, read_time
from handlers.words import NOTICE, Markup, Option, Say, Text, b, fill, i, join
from storage import cases, reminders

ASK_WHEN = "recall.when"
MAX_NOTE = 300
FURTHEST_DAYS = 731


async def _card(talk: Talk, row: Any) -> Say | None:
    return await checklists.remind(talk, row.about.removeprefix("card:"), row.note or "")


async def _case(talk: Talk, row: Any) -> Say | None:
    """About a matter of their own: its number and title beside the words."""
    number = row.about.partition(":")[2]
    case = await cases.get(talk.db, int(number, 16)) if number else None
    own = case is not None and case.person_id == talk.person.id
    note = join(row.note or "", f"{case.number} · {case.title}" if case and own else "", between="\n")
    to_it = [Option("📂 " + talk._("My matters"), f"matter:{number}")] if own else []
    return words(talk, note, [[*to_it, home.to_menu(talk)]], row.about)


# What is said when a reminder falls due, by what it is about. Of anything else the words alone are said.
MAKERS: dict[str, Callable[[Talk, Any], Awaitable[Say | None]]] = {
    "card": _card,
    "case": _case,
    "event": event_clock.remind,
}


async def due(talk: Talk, row: Any) -> Say | None:
    """The reminder of this row; None when what it reminds of is not so any more."""
    make = MAKERS.get(row.about.partition(":")[0])
    return await make(talk, row) if make else words(talk, row.note or "", [[home.to_menu(talk)]], row.about)


def words(talk: Talk, note: Markup, choices: list[list[Option]], about: str) -> Say:
    text = join("⏰ " + talk._("You asked to be reminded."), b(note) if note else "", between="\n\n")
    return Say(text=text, choices=choices, about=about, lane=NOTICE)


async def recall_chosen(talk: Talk, about: str) -> None:
    """When, and of what?"""
    _ = talk._
    talk.expect(ASK_WHEN, about=about)
    known = await reminders.of(talk.db, talk.person.id, about)
    set_for = fill(_("A reminder is set for {when}."), when=event_typed.moment(talk, known.due_at)) if known else ""
    talk.say(
        join(set_for, _("When shall I remind you, and of what? For example “Tuesday 9 bring the sketch”."),
             between="\n\n"),
        [[home.to_menu(talk)]],
    )  # fmt: skip


async def take_when(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    draft = talk.conversation.draft or {}
    about, note = str(draft.get("about", "")), str(draft.get("note", ""))
    day = datetime.fromisoformat(draft["day"]).date() if draft.get("day") else None
    typed = read_time(talk.heard.word.text, talk.now, talk.translator.timezone, day, with_words=True)
    note = (typed.rest or note)[:MAX_NOTE]
    if typed.problem:
        more = {"day": typed.day.isoformat()} if typed.problem == "no-time" and typed.day else {}
        talk.expect(ASK_WHEN, about=about, note=note, **more)
        return talk.say(event_typed.problem(talk, typed), [[home.to_menu(talk)]])
    if len(typed.spans) > 1:
        return _ask_which(talk, about, note, typed)
    return await _set(talk, about, note, typed.spans[0][0])


def _ask_which(talk: Talk, about: str, note: str, typed: Typed) -> None:
    talk.expect(ASK_WHEN, about=about, note=note)
    rows = [
        [Option(event_typed.moment(talk, start), f"recall-at:{int(start.timestamp())}:{about}")]
        for start, _end in typed.spans
    ]
    talk.say(event_typed.why_asked(talk, typed), [*rows, [home.to_menu(talk)]])


async def at_chosen(talk: Talk, argument: str) -> None:
    stamp, _colon, about = argument.partition(":")
    draft = talk.conversation.draft or {}
    at = datetime.fromtimestamp(int(stamp), UTC) if stamp.isdecimal() else talk.now
    if at <= talk.now:
        return await recall_chosen(talk, about)
    return await _set(talk, about, str(draft.get("note", "")) if draft.get("about") == about else "", at)


async def _set(talk: Talk, about: str, note: str, at: datetime) -> None:
    """At the hour that was named: whoever writes "at 6" in so many words wants to hear it at 6."""
    _ = talk._
    if (at - talk.now).days > FURTHEST_DAYS:
        talk.say(_("That is more than two years ahead. Please choose an earlier day."), [[home.to_menu(talk)]])
        return
    talk.expect(None)
    await reminders.remind(
        talk.db,
        person_id=talk.person.id,
        conversation_id=talk.conversation.id,
        about=about,
        due_at=at,
        note=note or None,
    )
    talk.say(
        join(fill(_("I will remind you on {when}."), when=b(event_typed.moment(talk, at))), i(note) if note else "",
             between="\n\n"),
        [[Option("✏️ " + _("Change the reminder"), f"recall:{about}"), home.to_menu(talk)]],
    )  # fmt: skip
