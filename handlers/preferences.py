"""What somebody hears from us unasked, and when: weight, quiet hours, reminders before events, what they follow."""

import re
from dataclasses import replace
from datetime import time

from handlers import home
from handlers.talk import Talk
from handlers.words import Option, Text, b, join
from storage import follows, preferences
from storage.event_kinds import kinds
from storage.follows import KIND, MUNICIPALITY, Follow
from storage.preferences import EVERYTHING, IMPORTANT, Wishes

ASK_QUIET = "preferences.quiet"
PRESETS = ("21-8", "22-7", "20-9")
LEADS = ("evening", "day", "two-hours", "hour")
HOURS = re.compile(
    r"(?:от|from)?\s*(\d{1,2})(?:[:.](\d\d))?\s*ч?\.?\s*(?:[-–—]|до|to|until)\s*(\d{1,2})(?:[:.](\d\d))?\s*ч?\.?"
)


async def show_notices(talk: Talk) -> None:
    await _show(talk, await preferences.of(talk.db, talk.person.id))


async def notices_chosen(talk: Talk, _argument: str) -> None:
    await show_notices(talk)


async def _show(talk: Talk, wishes: Wishes, first: str = "") -> None:
    _ = talk._
    followed = await follows.of(talk.db, talk.person.id)
    everything = wishes.hears == EVERYTHING
    other = (_("Only what is important"), IMPORTANT) if everything else (_("Everything"), EVERYTHING)
    talk.say(
        join(
            first,
            b("🔔 " + _("What I write to you by myself")),
            _hears(talk, wishes),
            join("🌙 ", _quiet(talk, wishes)),
            join("⏰ ", before_events(talk, wishes.remind)),
            _following(talk, followed),
            between="\n\n",
        ),
        [
            [Option(other[0], f"hear:{other[1]}")],
            [Option("🌙 " + _("Quiet hours"), "quiet"), Option("⏰ " + _("Reminders before events"), "leads")],
            [Option("📢 " + _("Announcements"), "subscriptions")],
            *_follow_choices(talk, followed),
            [home.to_menu(talk)],
        ],
        replaces=True,
    )


def _hears(talk: Talk, wishes: Wishes) -> str:
    _ = talk._
    if wishes.hears == EVERYTHING:
        return _("You hear everything: also news of what you follow.")
    return _("You hear only what is important: your cases, your events and what you asked to be reminded of.")


def _quiet(talk: Talk, wishes: Wishes) -> str:
    _ = talk._
    if not wishes.is_ever_quiet:
        return _("You have no quiet hours: I write at any time.")
    return _("Quiet hours are from {start} to {end}. Then I write only what is urgent; the rest waits.").format(
        start=clock(talk, wishes.quiet_from), end=clock(talk, wishes.quiet_to)
    )


def clock(talk: Talk, at: time) -> str:
    """8:00 ч. / 8:00"""
    return f"{at.hour}:{at.minute:02d}" + (" ч." if talk.language == "bg" else "")


def lead_name(talk: Talk, lead: str) -> str:
    _ = talk._
    return {
        "evening": _("the evening before"),
        "day": _("one day before"),
        "two-hours": _("two hours before"),
        "hour": _("one hour before"),
    }[lead]


def before_events(talk: Talk, leads: tuple[str, ...]) -> str:
    _ = talk._
    if not leads:
        return _("I do not remind you before events.")
    names = [lead_name(talk, lead) for lead in LEADS if lead in leads]
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " " + _("and") + " " + names[-1]
    return _("I remind you before events that you signed up for: {when}.").format(when=listed)


def _following(talk: Talk, followed: list[Follow]) -> str:
    _ = talk._
    names = [name for one in followed if (name := follow_name(talk, one))]
    if not names:
        return _("You follow nothing yet.")
    return _("You follow: {names}.").format(names="; ".join(names))


def follow_name(talk: Talk, one: Follow) -> str:
    """What is followed, by a name that people know; an event is shown on its own card."""
    if one.what == MUNICIPALITY and one.target in talk.handbook.municipalities:
        return str(talk.handbook.municipalities[one.target]["full_name"][talk.language])
    if one.what == KIND and one.target in kinds():
        return kinds()[one.target].brief(talk.language)
    return ""


def _follow_choices(talk: Talk, followed: list[Follow]) -> list[list[Option]]:
    _ = talk._
    rows = [
        [Option("✖️ " + _("Stop following: {name}").format(name=name), f"unfollow:{one.what}:{one.target}")]
        for one in followed
        if (name := follow_name(talk, one))
    ]
    own = talk.person.municipality
    if own in talk.handbook.municipalities and Follow(MUNICIPALITY, own) not in followed:
        name = talk.handbook.municipalities[own]["full_name"][talk.language]
        rows.append([Option("➕ " + _("Follow: {name}").format(name=name), f"follow:{MUNICIPALITY}:{own}")])
    return rows


# --- Changes ---


async def hear_chosen(talk: Talk, hears: str) -> None:
    if hears not in (EVERYTHING, IMPORTANT):
        return await home.stale_choice(talk)
    wishes = replace(await preferences.of(talk.db, talk.person.id), hears=hears)
    await preferences.keep(talk.db, talk.person.id, wishes)
    return await _show(talk, wishes)


async def follow_chosen(talk: Talk, argument: str) -> None:
    _ = talk._
    what, _colon, target = argument.partition(":")
    name = follow_name(talk, Follow(what, target))
    if not name:
        return await home.stale_choice(talk)
    await follows.follow(talk.db, talk.person.id, what, target)
    told = _("You follow {name} now: I will write to you when there is news.").format(name=name)
    return await _show(talk, await preferences.of(talk.db, talk.person.id), told)


async def unfollow_chosen(talk: Talk, argument: str) -> None:
    _ = talk._
    what, _colon, target = argument.partition(":")
    await follows.unfollow(talk.db, talk.person.id, what, target)
    name = follow_name(talk, Follow(what, target))
    told = _("You do not follow {name} any more.").format(name=name) if name else ""
    await _show(talk, await preferences.of(talk.db, talk.person.id), told)


async def quiet_chosen(talk: Talk, argument: str) -> None:
    """Without an argument: ask. With one: take it."""
    if argument:
        return await _take_quiet(talk, argument)
    _ = talk._
    talk.expect(ASK_QUIET, asked=True)
    rows = [Option(preset.replace("-", "–"), f"quiet:{preset}") for preset in PRESETS]
    talk.say(
        join(
            _quiet(talk, await preferences.of(talk.db, talk.person.id)),
            _("When shall I be quiet? Choose, or write it, for example “22:30-7”."),
            between="\n\n",
        ),
        [rows, [Option(_("No quiet hours"), "quiet:0-0")], [Option("⬅️ " + _("Back"), "notices"), home.to_menu(talk)]],
        replaces=True,
    )
    return None


async def take_quiet(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    await _take_quiet(talk, talk.heard.word.text)


async def _take_quiet(talk: Talk, said: str) -> None:
    _ = talk._
    hours = read_hours(said)
    if hours is None:
        talk.expect(ASK_QUIET, asked=True)
        return talk.say(
            _("I did not understand the hours. Please write from when to when, for example “22:30-7”."),
            [[Option(_("No quiet hours"), "quiet:0-0")], [Option("⬅️ " + _("Back"), "notices"), home.to_menu(talk)]],
        )
    talk.expect(None)
    wishes = replace(await preferences.of(talk.db, talk.person.id), quiet_from=hours[0], quiet_to=hours[1])
    await preferences.keep(talk.db, talk.person.id, wishes)
    return await _show(talk, wishes)


def read_hours(said: str) -> tuple[time, time] | None:
    """ "22:30-7", "от 22 до 7", "22 to 7" """
    found = HOURS.fullmatch(said.strip().casefold())
    if not found:
        return None
    start, start_minute, end, end_minute = (int(part or 0) for part in found.groups())
    if max(start, end) > 24 or max(start_minute, end_minute) > 59:
        return None
    return time(start % 24, start_minute), time(end % 24, end_minute)


async def leads_chosen(talk: Talk, lead: str) -> None:
    """Turn one of the reminders before events over; all of them may be off."""
    _ = talk._
    wishes = await preferences.of(talk.db, talk.person.id)
    if lead in LEADS:
        wishes = replace(wishes, remind=turned(wishes.remind, lead))
        await preferences.keep(talk.db, talk.person.id, wishes)
    talk.say(
        join(
            before_events(talk, wishes.remind),
            _("Choose what you want. For a single event you can choose otherwise on its page."),
            between="\n\n",
        ),
        [*lead_choices(talk, wishes.remind, "leads"), [Option("⬅️ " + _("Back"), "notices"), home.to_menu(talk)]],
        replaces=True,
    )


def turned(leads: tuple[str, ...], lead: str) -> tuple[str, ...]:
    return tuple(one for one in LEADS if (one in leads) != (one == lead))


def lead_choices(talk: Talk, leads: tuple[str, ...], action: str) -> list[list[Option]]:
    options = [
        Option(f"{'☑️' if lead in leads else '⬜'} {lead_name(talk, lead)}", f"{action}:{lead}") for lead in LEADS
    ]
    return [options[:2], options[2:]]
