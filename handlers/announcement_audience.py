"""To whom an announcement goes: one page for each condition, on which its values are ticked."""

from collections.abc import Mapping
from dataclasses import replace

from handlers import announcement_words as words
from handlers import announcements as desk
from handlers.talk import Talk
from handlers.words import Option, b, join
from locales import LANGUAGES
from storage import announcements, events
from storage.announcements import Announcement
from storage.audiences import Audience
from storage.event_kinds import kinds
from storage.roles import ROLES

DAYS = (30, 90, 365)
MAX_LABEL = 40
EVENTS = 8  # The newest; older ones have been told long ago.


def _pages(talk: Talk) -> Mapping[str, str]:
    _ = talk._
    return {
        "municipalities": "🏛️ " + _("Municipality"),
        "kinds": "🗓 " + _("Who follows a kind of event"),
        "events": "🎟 " + _("Who takes part in an event"),
        "roles": "🎓 " + _("Role"),
        "languages": "🌐 " + _("Language"),
        "channels": "💬 " + _("Channel"),
        "active_days": "⏱ " + _("Activity"),
    }


async def _values(talk: Talk, one: Announcement, page: str) -> dict[str, str]:
    """What can be ticked on a page: value and name."""
    _, speak = talk._, talk.translator
    match page:
        case "municipalities" if one.municipality is None:
            return {slug: place["name"][talk.language] for slug, place in talk.handbook.municipalities.items()}
        case "kinds":
            return {kind.id: f"{kind.emoji} {kind.brief(talk.language)}"[:MAX_LABEL] for kind in kinds().values()}
        case "events":
            known = await events.managed(talk.db, one.municipality, (*events.OPEN, events.HELD), EVENTS)
            return {str(event.id): f"🎟 {event.text('title', talk.language)[0]}"[:MAX_LABEL] for event in known}
        case "roles":
            return {role: words.role_name(speak, role) for role in ROLES}
        case "languages":
            return dict(LANGUAGES)
        case "channels":
            return {channel: words.channel_name(speak, channel) for channel in ("telegram", "viber", "web")}
        case "active_days":
            return {str(days): _("within {count} days").format(count=days) for days in DAYS}
    return {}


async def show(talk: Talk, one: Announcement, page: str = "") -> None:
    if page:
        return await _show_page(talk, one, page)
    _, at = talk._, f"{one.id:x}"
    offered = [[Option(name, f"announce:audience:{at}:{key}")] for key, name in _pages(talk).items()
               if await _values(talk, one, key)]  # fmt: skip
    counted = await desk.count(talk, one)
    talk.say(
        join(
            b("👥 " + _("Who gets it?")),
            "\n".join(f"• {line}" for line in words.audience_words(one, talk.translator, talk.handbook)),
            words.by_channel(talk.translator, counted) if counted else "⏳ " + _("The people are being counted."),
            _("All conditions hold together. Those who unsubscribed are left out."),
            between="\n\n",
        ),
        [*offered, [Option("⬅️ " + _("Back"), f"announce:open:{at}")]],
        replaces=True,
    )
    return None


async def _show_page(talk: Talk, one: Announcement, page: str) -> None:
    _, at = talk._, f"{one.id:x}"
    values = await _values(talk, one, page)
    chosen = _chosen(one.audience, page)
    options = [Option(f"{'☑️' if value in chosen else '⬜'} {name}", f"announce:tick:{at}:{page}:{value}")
               for value, name in values.items()]  # fmt: skip
    counted = await desk.count(talk, one)
    talk.say(
        join(
            b(_pages(talk).get(page, "")),
            _("Nothing ticked means: no condition.") if page != "active_days"
            else _("When they wrote to us last; nothing ticked means: at any time."),
            words.by_channel(talk.translator, counted) if counted else "⏳ " + _("The people are being counted."),
            between="\n\n",
        ),
        [*([option] for option in options), [Option("⬅️ " + _("Back"), f"announce:audience:{at}")]],
        replaces=True,
    )  # fmt: skip


def _chosen(audience: Audience, page: str) -> tuple[str, ...]:
    if page == "active_days":
        return () if audience.active_days is None else (str(audience.active_days),)
    value: tuple[str, ...] = getattr(audience, page)
    return value


async def tick(talk: Talk, one: Announcement, argument: str) -> None:
    page, _colon, value = argument.partition(":")
    if value not in await _values(talk, one, page):
        return await show(talk, one)
    chosen = _chosen(one.audience, page)
    if page == "active_days":
        audience = replace(one.audience, active_days=None if value in chosen else int(value))
    else:
        ticked = tuple(known for known in chosen if known != value) if value in chosen else (*chosen, value)
        audience = replace(one.audience, **{page: ticked})  # type: ignore[arg-type]
    announcements.change(talk.db, one, audience=audience)
    return await _show_page(talk, one, page)
