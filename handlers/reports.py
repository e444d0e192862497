"""The figures in the chat, for staff and outside monitors: a picture, the sentence that matters, and the numbers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers import home
from handlers.casephrases import category_name, day_in_words, done_name, kind_name, state_name
from handlers.figure_words import Words
from handlers.talk import Talk
from handlers.words import NOTICE, Attachment, Option, Part, Say, b, i, join
from storage import monitoring, roles, wishes_for_reports
from storage.months import Month

MAY = home.REPORTED_TO
PAGE = 6  # Matters in one message.
MOST_WAITING = 3  # Reports drawn for one person at a time.


async def _scope(talk: Talk) -> list[str]:
    """The municipalities whose figures this person may have sent; none: no such role."""
    held = [role for role in await roles.of(talk.db, talk.person.id) if role.role in MAY]
    if any(role.municipality is None for role in held):
        return list(talk.handbook.municipalities)
    return list(dict.fromkeys(str(role.municipality) for role in held))


async def show(talk: Talk) -> None:
    scope = await _scope(talk)
    if not scope:
        return await home.unknown_command(talk)
    mine = talk.person.municipality
    if len(scope) == 1 or mine in scope:
        return await _offer(talk, mine if mine in scope and mine else scope[0], scope)
    _ask_which(talk, scope)
    return None


def _ask_which(talk: Talk, scope: Sequence[str]) -> None:
    places = [Option(talk.handbook.municipalities[slug]["name"][talk.language], f"report-of:{slug}") for slug in scope]
    rows = [places[start : start + 2] for start in range(0, len(places), 2)]
    talk.say(talk._("Whose figures would you like to see?"), [*rows, [home.to_menu(talk)]], replaces=True)


async def which_chosen(talk: Talk, _argument: str) -> None:
    scope = await _scope(talk)
    if not scope:
        return await home.stale_choice(talk)
    _ask_which(talk, scope)
    return None


async def municipality_chosen(talk: Talk, slug: str) -> None:
    scope = await _scope(talk)
    if slug not in scope:
        return await home.stale_choice(talk)
    await _offer(talk, slug, scope)
    return None


async def _offer(talk: Talk, slug: str, scope: Sequence[str], said: str = "") -> None:
    _ = talk._
    words = Words(talk.translator, talk.handbook)
    now = Month.of(talk.now)
    every = await wishes_for_reports.regular(talk.db, talk.person.id, slug)
    told = {"week": _("You get these figures every Monday morning."),
            "month": _("You get these figures at the beginning of each month.")}.get(every or "", "")  # fmt: skip
    regular = [
        Option("🗓 " + _("Every week"), f"report-every:{slug}:week"),
        Option("📅 " + _("Every month"), f"report-every:{slug}:month"),
    ]
    rows = [
        [Option(f"📊 {words.month(one.name)}", f"report-now:{slug}:{one.name}") for one in (now, now.previous)],
        [one for one in regular if not one.do.endswith(f":{every}")],
        [Option("🔕 " + _("Send no more"), f"report-every:{slug}:stop")] if every else [],
        [Option("🔎 " + _("Single matters"), f"matters-of:{slug}")],
        [Option("🌐 " + _("Public page"), url=f"{talk.links.public_url}/figures/{slug}")],
        [Option("🏛️ " + _("Another municipality"), "report-which")] if len(scope) > 1 else [],
        [home.to_menu(talk)],
    ]
    heading = _("Figures of {municipality}").format(municipality=words.municipality(slug))
    text = join(said, b(heading), told, _("Which month shall I draw for you?"), between="\n\n")
    talk.say(text, [row for row in rows if row], replaces=True)


async def now_chosen(talk: Talk, argument: str) -> None:
    """Ask for the picture of a month; it is drawn beside the conversations and comes as a message of its own."""
    _ = talk._
    slug, _colon, name = argument.partition(":")
    month = Month.named(name)
    if slug not in await _scope(talk) or month is None:
        return await home.stale_choice(talk)
    if await wishes_for_reports.waiting(talk.db, talk.person.id) >= MOST_WAITING:
        talk.say(_("I am still drawing the reports you asked for. Please wait a moment."), [[home.to_menu(talk)]])
        return None
    await wishes_for_reports.once(talk.db, talk.person.id, talk.conversation.id, slug, month)
    talk.say(_("I am drawing the figures; they come in a few seconds."), [[home.to_menu(talk)]])
    return None


async def every_chosen(talk: Talk, argument: str) -> None:
    _ = talk._
    slug, _colon, every = argument.partition(":")
    scope = await _scope(talk)
    if slug not in scope or every not in ("week", "month", "stop"):
        return await home.stale_choice(talk)
    if every == "stop":
        await wishes_for_reports.stop(talk.db, talk.person.id, slug)
        return await _offer(talk, slug, scope, _("All right, I send them no more."))
    due = await wishes_for_reports.regularly(talk.db, talk.person.id, talk.conversation.id, slug, every)
    speak = talk.translator
    first = _("The first comes on {date}, {weekday}, at {time}.").format(
        date=speak.date(due), weekday=speak.weekday(due), time=speak.time(due)
    )
    await _offer(talk, slug, scope, first)
    return None


def sent(talk: Talk, figures: dict[str, Any], files: Sequence[Attachment]) -> Say:
    """The report as it arrives: the sentence first, then what it rests on."""
    _ = talk._
    words = Words(talk.translator, talk.handbook)
    slug = figures["municipality"]
    running = "" if figures["is_complete"] else _("The month is still running: the figures will change.")
    wrong = any(line["difference"] for line in figures["adds_up"])
    adds_up = _("Careful: not everything adds up. See the table on the page.") if wrong else _("Everything adds up.")
    address = f"{talk.links.public_url}/figures/{slug}/{figures['month']}"
    return Say(
        text=join(b(words.municipality(slug)), words.headline(figures), running, adds_up, i(words.note("coverage")),
                  between="\n\n"),
        choices=[[Option("🌐 " + _("Open the page"), url=address)], [home.to_menu(talk)]],
        files=files,
    )  # fmt: skip


def later(say: Say, at: datetime) -> Say:
    """A regular report waits for the end of the reader's quiet hours."""
    return replace(say, lane=NOTICE, due_at=at)


# --- Single matters, without anybody's words ---


async def matters_chosen(talk: Talk, argument: str) -> None:
    slug, _colon, before = argument.partition(":")
    if slug not in await _scope(talk):
        return await home.stale_choice(talk)
    rows = await monitoring.newest(talk.db, slug, int(before, 16) if before else None, PAGE)
    _ = talk._
    back = [Option("◀️ " + _("Figures"), f"report-of:{slug}"), home.to_menu(talk)]
    if not rows:
        talk.say(_("There are no more published matters."), [back], replaces=True)
        return None
    monitoring.looked(talk.db, talk.person.id, "list", slug)
    lines = [_line(talk, number, row) for number, row in enumerate(rows, 1)]
    choices = [[Option(row.number, f"matter-steps:{row.id:x}")] for row in rows]
    on = [[Option(_("Next") + " ▶️", f"matters-of:{slug}:{rows[-1].id:x}")]] if len(rows) == PAGE else []
    head = _("Published matters, the newest first. Names and words of citizens are not shown; each look is recorded.")
    talk.say(join(head, *lines, between="\n\n"), [*choices, *on, back], replaces=True)
    return None


def _line(talk: Talk, number: int, row: Any) -> list[Part]:
    speak = talk.translator
    told = f"{speak.date(row.filed_at)} · {state_name(talk, row.state)}"
    return join(f"{number}. ", b(row.number), f"\n{category_name(talk, row.category)}\n", i(told))


async def steps_chosen(talk: Talk, case_id: str) -> None:
    """One matter: its dates and each step."""
    _ = talk._
    row = await monitoring.matter(talk.db, int(case_id, 16))
    if row is None or row.municipality not in await _scope(talk):
        return await home.stale_choice(talk)
    monitoring.looked(talk.db, talk.person.id, "steps", row.municipality, row.number)
    steps = await monitoring.steps(talk.db, row.id)
    speak = talk.translator
    actors = {"author": _("citizen"), "citizen": _("citizen"), "staff": _("municipality"), "clock": _("clock")}
    lines = [
        f"{speak.date(one.at)}, {speak.time(one.at)}: {done_name(talk, one.action)} ({actors[one.actor]})"
        for one in steps
    ]
    due = _("First promised for: {date}").format(date=day_in_words(talk, row.first_due_on)) if row.first_due_on else ""
    force = _("In force: {date}").format(date=day_in_words(talk, row.due_on)) if row.due_on else ""
    text = join(
        b(row.number), f"{kind_name(talk, row.kind)} · {category_name(talk, row.category)}",
        _("State: {state}").format(state=state_name(talk, row.state)), due, force, "\n".join(lines), between="\n",
    )  # fmt: skip
    back = [Option("◀️ " + _("Single matters"), f"matters-of:{row.municipality}"), home.to_menu(talk)]
    talk.say(text, [back], replaces=True)
    return None
