"""What people are told about an event: that there is one, what changed (old and new), that it is off, how it was."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers import event_card, event_files, home, preferences
from handlers.event_calendar import calendar_file
from handlers.talk import Talk
from handlers.words import BROADCAST, NOTICE, Attachment, Markup, Option, Say, b, fill, join
from storage.events import MOMENTS, Event
from storage.follows import KIND, MUNICIPALITY, Follow

QUIET_ABOUT = ("lat", "lon", "picture", "takes_questions", "takes_names")  # Seen on the card; no news by themselves.


def about(event: Event) -> str:
    """By this name news that waits for the morning is found when it becomes untrue."""
    return f"event:{event.id}:news"


async def word(talk: Talk, event: Event, what: str, content: dict[str, Any], followed: list[Follow]) -> Say | None:
    """The message for this reader, without its hour; None where there is nothing to say to them."""
    match what:
        case "published":
            return replace(_published(talk, event, followed), files=await event_files.picture(talk, event))
        case "changed":
            return _changed(talk, event, content)
        case "cancelled":
            return _cancelled(talk, event)
        case "minutes":
            files = await event_files.attachments(talk, content.get("files", ()), event_card.title(talk, event))
            return replace(_minutes(talk, event, content), files=files)
    return _feedback(talk, event)


def _to_event(talk: Talk, event: Event) -> list[Option]:
    return [Option("🗓 " + talk._("To the event"), f"event:{event.id}"), home.to_menu(talk)]


def _published(talk: Talk, event: Event, followed: list[Follow]) -> Say:
    _ = talk._
    wanted = (Follow(MUNICIPALITY, event.municipality or ""), Follow(KIND, event.kind))
    because = next((one for one in followed if one in wanted), None)
    stop = []
    if because:
        name = preferences.follow_name(talk, because)
        stop = [
            Option("✖️ " + _("Stop following: {name}").format(name=name), f"unfollow:{because.what}:{because.target}")
        ]
    sign_up = [Option("✍️ " + _("Sign up"), f"event-join:{event.id}")] if event.takes_names else []
    return Say(
        text=join(b("🆕 " + _("New event")), event_card.card(talk, event, event.capacity), between="\n\n"),
        choices=[sign_up, _to_event(talk, event), stop],
        about=about(event),
        lane=BROADCAST,
    )


def differences(talk: Talk, old: dict[str, Any], new: dict[str, Any]) -> list[Markup]:
    """Each change with what was and what is."""
    _ = talk._
    names = {
        "starts_at": _("Beginning"), "ends_at": _("End"), "place": _("Place"), "online": _("Online link"),
        "capacity": _("Number of places"), "title_bg": _("Title"), "title_en": _("Title"),
        "text_bg": _("Text"), "text_en": _("Text"), "agenda": _("Programme"),
    }  # fmt: skip
    other = "en" if talk.language == "bg" else "bg"
    lines: list[Markup] = []
    for name, label in names.items():
        if name not in new or (name.endswith(f"_{other}") and f"{name[:-3]}_{talk.language}" in new):
            continue
        if name in ("text_bg", "text_en", "agenda"):  # Too long to stand twice in a message; the card has the new one.
            lines.append(fill("• {label}: {what}", label=b(label), what=_("new, see the event")))
        else:
            lines.append(
                fill(_("• {label}: {new} (was: {old})"), label=b(label), new=b(_value(talk, name, new[name])),
                     old=_value(talk, name, old.get(name)))
            )  # fmt: skip
    return lines


def _value(talk: Talk, name: str, value: Any) -> str:
    if value is None:
        return talk._("no limit") if name == "capacity" else "–"
    if name in MOMENTS:
        at, speak = datetime.fromisoformat(value), talk.translator
        return talk._("{weekday}, {date}, {time}").format(
            weekday=speak.weekday(at), date=speak.date(at), time=speak.time(at)
        )
    return str(value)


def _changed(talk: Talk, event: Event, content: dict[str, Any]) -> Say | None:
    """What changed, and what it means for a place and its reminders."""
    _ = talk._
    lines = differences(talk, content["old"], content["new"])
    if not lines:
        return None
    moved = bool(set(content["new"]) & set(MOMENTS))
    return Say(
        text=join(
            b("✏️ " + _("Changed: {title}").format(title=event_card.title(talk, event))),
            join(*lines, between="\n"),
            _("Your reminders move along. If you cannot come now, please give your place back.") if moved else "",
            between="\n\n",
        ),
        choices=[
            _to_event(talk, event),
            [Option("✖️ " + _("I cannot come"), f"event-drop:{event.id}")] if moved else [],
        ],
        files=_calendar(talk, event) if moved or "place" in content["new"] else (),
        about=about(event),
        lane=NOTICE,
    )


def _calendar(talk: Talk, event: Event) -> list[Attachment]:
    """The new calendar entry takes the place of the old one."""
    return [calendar_file(talk, event)]


def _cancelled(talk: Talk, event: Event) -> Say:
    _ = talk._
    return Say(
        text=join(
            b("❌ " + _("Cancelled: {title}").format(title=event_card.title(talk, event))),
            fill(_("It was to be on {when}."), when=event_card.when(talk, event)),
            fill(_("Reason: {reason}"), reason=event.reason or "–"),
            _("You need not do anything. There will be no reminders. The file takes the event out of your calendar."),
            between="\n\n",
        ),
        choices=[[Option("🗓 " + _("Events"), "events"), home.to_menu(talk)]],
        files=_calendar(talk, event),
        about=about(event),
        lane=NOTICE,
    )  # fmt: skip


def _minutes(talk: Talk, event: Event, content: dict[str, Any]) -> Say:
    """What came of it, for those who were there."""
    _ = talk._
    return Say(
        text=join(
            b("📝 " + _("After the event: {title}").format(title=event_card.title(talk, event))),
            content.get("text", ""),
            between="\n\n",
        ),
        choices=[_to_event(talk, event)],
        about=about(event),
        lane=NOTICE,
    )


def _feedback(talk: Talk, event: Event) -> Say:
    _ = talk._
    stars = [Option("⭐" * count, f"event-stars:{event.id}:{count}") for count in range(1, 6)]
    return Say(
        text=join(
            b(_("How was it? {title}").format(title=event_card.title(talk, event))),
            _("Please give one star (poor) to five stars (very good). It takes a second and helps us."),
            between="\n\n",
        ),
        choices=[stars[:3], stars[3:], [home.to_menu(talk)]],
        about=about(event),
        lane=NOTICE,
    )
