"""The order of the desk: how one is called, who is away, who works on how much, and the colleagues and their roles."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from handlers import casecard, desk, home
from handlers.talk import Talk
from handlers.typed_times import read_time
from handlers.words import Option, Part, Text, b, code, fill, i, join
from storage import absences, caselists, cases, colleagues, offices, permissions, roles
from storage.caserecord import Actor
from storage.caserules import Rules
from storage.permissions import Where
from storage.roles import Role

NAME, AWAY = "order.name", "order.away"
PAGE = 10


def role_name(talk: Talk, role: Role) -> str:
    named = home.role_name(talk, role.role)
    return (
        named + (f" · {role.department}" if role.department else "") + (f" · {role.category}" if role.category else "")
    )


async def caller(talk: Talk) -> tuple[Actor, str] | None:
    """Who asks and for which municipality; None when they have no desk."""
    who = await casecard.actor(talk)
    municipality = await desk.place_of(talk, who)
    return None if municipality is None else (who, municipality)


def may(who: Actor, action: str, municipality: str) -> bool:
    return permissions.may(who.roles, action, Where(municipality)) or any(
        role.role in permissions.RIGHTS[action] and role.municipality in (None, municipality) for role in who.roles
    )


async def departments(talk: Talk, municipality: str) -> Sequence[Any]:
    """The departments; plausible ones are set up where there are none yet."""
    if not (found := await offices.of(talk.db, municipality)):
        await offices.settle(talk.db, municipality)
        found = await offices.of(talk.db, municipality)
    return found


def to_order(talk: Talk) -> Option:
    return Option("🧰 " + talk._("Order of the desk"), "order")


async def order_chosen(talk: Talk, _argument: str) -> None:
    _ = talk._
    known = await caller(talk)
    if known is None:
        return await home.stale_choice(talk)
    who, municipality = known
    talk.expect(None)
    name = await colleagues.name_of(talk.db, talk.person.id)
    away = await absences.absence_of(talk.db, talk.person.id, cases.today(talk.db))
    rows = [[Option("🪪 " + _("My name"), "order-name"), Option("🏖️ " + _("My absence"), "order-away")]]
    offered = [
        ("workload", Option("📊 " + _("Workload"), "order-load")),
        ("invite", Option("👥 " + _("Colleagues and roles"), "order-people:0")),
        ("departments", Option("🏢 " + _("Departments"), "order-departments")),
        ("routes", Option("🧭 " + _("Routes to departments"), "order-routes")),
        ("calendar", Option("📅 " + _("Local days"), "order-days")),
        ("prepared", Option("📋 " + _("Prepared answers"), "order-answers")),
        ("prepared", Option("📚 " + _("Proposals for the handbook"), "proposals")),
    ]
    options = [option for action, option in offered if may(who, action, municipality)]
    rows += [options[start : start + 2] for start in range(0, len(options), 2)]
    talk.say(
        join(
            b(_("Order of the desk")),
            _("Colleagues see you as: {name}").format(name=name) if name else _("You have not said your name yet."),
            _away_words(talk, away.last_day) if away else "",
            between="\n",
        ),
        [*rows, [casecard.back_to_desk(talk)]],
        replaces=True,
    )
    return None


def _away_words(talk: Talk, last: date) -> str:
    return talk._("You are noted as away until {date}.").format(date=talk.translator.date(last))


# --- How one is called ---


async def name_chosen(talk: Talk, _argument: str) -> None:
    if await caller(talk) is None:
        return await home.stale_choice(talk)
    talk.expect(NAME)
    talk.say(
        talk._("How shall your colleagues see you? Write your name and position. Citizens see the institution only."),
        [[to_order(talk)]],
    )
    return None


async def take_name(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    if await caller(talk) is None:
        talk.expect(None)
        return await home.stale_choice(talk)
    name = " ".join(talk.heard.word.text.split())
    if not 2 <= len(name) <= colleagues.MOST_CHARS:
        words = talk._("Please write a name of at most {count} characters.").format(count=colleagues.MOST_CHARS)
        talk.say(words, [[to_order(talk)]])
        return None
    await colleagues.call(talk.db, talk.person.id, name)
    talk.expect(None)
    talk.say(talk._("Thank you. Colleagues see you as: {name}").format(name=name), [[casecard.back_to_desk(talk)]])
    return None


# --- Who is away ---


async def away_chosen(talk: Talk, _argument: str) -> None:
    _ = talk._
    if await caller(talk) is None:
        return await home.stale_choice(talk)
    talk.expect(AWAY)
    now_away = await absences.absence_of(talk.db, talk.person.id, cases.today(talk.db))
    rows = [[Option("🔙 " + _("I am back"), "order-back")]] if now_away else []
    talk.say(
        join(
            _away_words(talk, now_away.last_day) if now_away else "",
            _("From when to when are you away? Write two dates, for example: 20.12.2026 - 05.01.2027."),
            between="\n",
        ),
        [*rows, [to_order(talk)]],
    )
    return None


async def take_away_days(talk: Talk) -> None:
    """Two dates; then who stands in."""
    _ = talk._
    assert isinstance(talk.heard.word, Text)
    known = await caller(talk)
    if known is None:
        talk.expect(None)
        return await home.stale_choice(talk)
    days = two_days(talk, talk.heard.word.text)
    if days is None or days[1] < days[0] or days[1] < cases.today(talk.db):
        talk.say(_("I do not recognise these days. Write them as 20.12.2026 - 05.01.2027."), [[to_order(talk)]])
        return None
    first, last = days
    talk.expect(AWAY, first=first.isoformat(), last=last.isoformat())
    held = await roles.holders(talk.db, known[1])
    others = [person for person in held if person != talk.person.id]
    names = await colleagues.names(talk.db, others)
    rows = [[Option(names[person], f"order-substitute:{person:x}")] for person in others if person in names]
    words = _("Who stands in for you from {first} to {last}?")
    talk.say(
        words.format(first=talk.translator.date(first), last=talk.translator.date(last)),
        [*rows, [Option(_("Nobody: the head sees my cases"), "order-substitute:")], [to_order(talk)]],
    )
    return None


def two_days(talk: Talk, text: str) -> tuple[date, date] | None:
    """ "20.12 - 5.1.2027", "утре до петък": the first and the last day."""
    for mark in (" - ", "–", "—", " до ", " to ", " until "):
        first, found, last = text.partition(mark)
        if found:
            one, two = typed_day(talk, first), typed_day(talk, last)
            return (one, two) if one and two else None
    only = typed_day(talk, text)
    return (only, only) if only else None


def typed_day(talk: Talk, text: str) -> date | None:
    """A day as people type it, also tomorrow or next Tuesday; in the municipality's own time."""
    typed = read_time(text.strip(), talk.now, talk.translator.timezone)
    if typed.spans:
        return typed.spans[0][0].astimezone(talk.translator.timezone).date()
    return typed.day


async def substitute_chosen(talk: Talk, person: str) -> None:
    _ = talk._
    draft = talk.conversation.draft or {}
    if await caller(talk) is None or talk.conversation.step != AWAY or "first" not in draft:
        return await home.stale_choice(talk)
    first, last = date.fromisoformat(draft["first"]), date.fromisoformat(draft["last"])
    substitute = int(person, 16) if person else None
    await absences.set_absence(talk.db, talk.person.id, first, last, substitute)
    talk.expect(None)
    talk.say(_("Noted. Your cases are looked after meanwhile."), [[casecard.back_to_desk(talk)]])
    return None


async def back_chosen(talk: Talk, _argument: str) -> None:
    if await caller(talk) is None:
        return await home.stale_choice(talk)
    await absences.end(talk.db, talk.person.id)
    talk.say(talk._("Welcome back. New cases come to you again."), [[casecard.back_to_desk(talk)]])
    return None


# --- Who works on how much ---


async def load_chosen(talk: Talk, _argument: str) -> None:
    _ = talk._
    known = await caller(talk)
    if known is None or not may(known[0], "workload", known[1]):
        return await home.stale_choice(talk)
    who, municipality = known
    rows = await caselists.workload(talk.db, Rules(talk.handbook), who.roles, municipality)
    names = await colleagues.names(talk.db, {row.assignee for row in rows if row.assignee})
    lines: list[list[Part]] = []
    last: str | None = None
    for row in rows:
        if row.department != last or not lines:
            name = await offices.name(talk.db, municipality, row.department, talk.language)
            lines.append([b(name or _("no department yet"))])
            last = row.department
        lines.append(_load(talk, row, names))
    text = join(*lines, between="\n") if lines else _("There are no such cases.")
    talk.say(join(b(_("Workload")), text, between="\n\n"), [[to_order(talk)]], replaces=True)
    return None


def _load(talk: Talk, row: Any, names: dict[int, str]) -> list[Part]:
    _ = talk._
    name = _("nobody has taken it yet") if row.assignee is None else names.get(row.assignee) or _("a colleague")
    words = _("{name}: {open} open, {late} overdue, {soon} due soon, {waiting} waiting for the citizen")
    return fill(words, name=name, open=str(row.open), late=str(row.overdue), soon=str(row.due_soon),
                waiting=str(row.waiting))  # fmt: skip


# --- Colleagues and roles ---


async def people_chosen(talk: Talk, offset: str) -> None:
    """Who holds a role here; each can be ended at once."""
    _ = talk._
    known = await caller(talk)
    if known is None or not may(known[0], "invite", known[1]):
        return await home.stale_choice(talk)
    who, municipality = known
    held = await roles.holders(talk.db, municipality, roles.ROLES)
    names = await colleagues.names(talk.db, held)
    pairs = [(person, role) for person, own in held.items() for role in own]
    first = int(offset or 0)
    lines, rows = [], []
    for number, (person, role) in enumerate(pairs[first : first + PAGE], first + 1):
        name = names.get(person) or _("Colleague {number}, who has not given a name").format(number=number)
        lines.append(f"{number}. {name}: {role_name(talk, role)}")
        if permissions.may_invite(who.roles, role) and person != talk.person.id:
            rows.append([Option(f"🚪 {number}. " + _("End this role"), f"order-end:{person:x}:{_packed(role)}")])
    if len(pairs) > first + PAGE:
        rows.append([Option(_("Next") + " ▶️", f"order-people:{first + PAGE}")])
    invites = [Option("➕ " + home.role_name(talk, role), f"order-invite:{role}") for role in roles.ROLES
               if permissions.may_invite(who.roles, Role(role, municipality))]  # fmt: skip
    rows += [invites[start : start + 2] for start in range(0, len(invites), 2)]
    talk.say(
        join(b(_("Colleagues and roles")), *lines, i(_("➕ makes a one-time invitation.")), between="\n"),
        [*rows, [to_order(talk)]],
        replaces=True,
    )
    return None


def _packed(role: Role) -> str:
    return ":".join((role.role, role.municipality or "", role.department or "", role.category or ""))


def _unpacked(text: str) -> Role:
    role, municipality, department, category = (*text.split(":"), "", "", "")[:4]
    return Role(role, municipality or None, department or None, category or None)


async def end_chosen(talk: Talk, argument: str) -> None:
    """Asked once more: whoever loses the role sees nothing from the same moment."""
    _ = talk._
    known = await caller(talk)
    person, _colon, packed = argument.partition(":")
    role = _unpacked(packed)
    if known is None or not permissions.may_invite(known[0].roles, role):
        return await home.stale_choice(talk)
    name = await colleagues.name_of(talk.db, int(person, 16)) or _("a colleague")
    talk.say(
        _("End the role of {name}: {role}? They lose access at once; their cases stay.").format(
            name=name, role=role_name(talk, role)
        ),
        [[Option("✅ " + _("Yes, do it"), f"order-ended:{argument}")], [Option("✖️ " + _("No"), "order-people:0")]],
        replaces=True,
    )
    return None


async def ended_chosen(talk: Talk, argument: str) -> None:
    known = await caller(talk)
    person, _colon, packed = argument.partition(":")
    role = _unpacked(packed)
    if known is None or not permissions.may_invite(known[0].roles, role):
        return await home.stale_choice(talk)
    await roles.take_away(talk.db, int(person, 16), role)
    await people_chosen(talk, "0")
    return None


async def invite_chosen(talk: Talk, name: str) -> None:
    """For heads and clerks first the department is asked, then the invitation is made."""
    _ = talk._
    known = await caller(talk)
    role, _colon, department = name.partition(":")
    if known is None or not permissions.may_invite(known[0].roles, Role(role, known[1])):
        return await home.stale_choice(talk)
    if role in ("staff", "head") and not _colon:
        found = await departments(talk, known[1])
        rows = [[Option(row.name[talk.language], f"order-invite:{role}:{row.id}")] for row in found]
        everywhere = [Option(_("All departments"), f"order-invite:{role}:")]
        talk.say(_("For which department?"), [*rows, everywhere, [to_order(talk)]], replaces=True)
        return None
    token = roles.invite(talk.db, role, known[1], department or None)
    links = {talk.links.deep(token, "web"), talk.links.deep(token, "telegram")}
    words = talk.n("It works once, within {count} day:", "It works once, within {count} days:", roles.DAYS)
    talk.say(
        join(b(_("Invitation: {role}").format(role=home.role_name(talk, role))), words.format(count=roles.DAYS),
             *[code(link) for link in sorted(links)], _("Pass it on in person or by official mail."), between="\n"),
        [[to_order(talk)]],
    )  # fmt: skip
    return None
