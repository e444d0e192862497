"""The organizer's form: each field of an event is asked for, read as people write it, and shown in the preview."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from handlers import event_card, event_typed, files, home
from handlers.event_rights import own_event
from handlers.talk import Talk
from handlers.words import Markup, Media, Option, Place, Text, b, join
from locales import LANGUAGES
from storage import events, seats
from storage.event_kinds import kinds
from storage.events import DRAFT, OPEN, Event

FIELD = "event.field"
MAX_TITLE, MAX_TEXT, MAX_PLACE, MAX_CAPACITY = 200, 2000, 200, 10_000
LONGEST = timedelta(days=14)
NONE = "-"  # What empties a field when typed.
OPTIONAL = ("title_en", "title_bg", "text_bg", "text_en", "ends", "place", "online", "capacity", "picture", "agenda")


def one_line(said: str) -> str:
    """Without control characters and line breaks; markup stays what it is, plain characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())


def many_lines(said: str) -> str:
    lines = ("".join(c for c in line if c.isprintable() or c == "\t").rstrip() for line in said.splitlines())
    return "\n".join(lines).strip()


def names(talk: Talk) -> dict[str, str]:
    _ = talk._
    return {
        "title_bg": "🇧🇬 " + _("Title"), "title_en": "🇬🇧 " + _("Title"),
        "text_bg": "🇧🇬 " + _("Text"), "text_en": "🇬🇧 " + _("Text"),
        "when": "🗓 " + _("Day and hour"), "ends": "⌛ " + _("End"),
        "place": "📍 " + _("Place and map"), "online": "🌐 " + _("Online link"),
        "capacity": "👥 " + _("Number of places"), "names": "✍️ " + _("Sign-up"),
        "asks": "❓ " + _("Questions beforehand"), "picture": "🖼 " + _("Picture"), "agenda": "📄 " + _("Programme"),
    }  # fmt: skip


async def edit_chosen(talk: Talk, argument: str) -> None:
    """Every field with what it says now, or one field to be asked for."""
    number, _colon, name = argument.partition(":")
    event = await _editable(talk, number)
    if event is None:
        return None
    if name:
        return await ask(talk, event, name)
    talk.expect(None)
    after = event.with_pending()
    label = names(talk)
    lines = [f"{label[name]}: {_shown(talk, after, name)}" for name in label]
    pairs = [("title_bg", "title_en"), ("text_bg", "text_en"), ("when", "ends"), ("place", "online"),
             ("capacity", "names"), ("picture", "agenda"), ("asks",)]  # fmt: skip
    rows = [[Option(label[name], f"event-edit:{event.id}:{name}") for name in pair] for pair in pairs]
    talk.say(
        join(b("✏️ " + talk._("What shall be changed?")), "\n".join(lines), between="\n\n"),
        [*rows, [Option("👁 " + talk._("Preview"), f"plan:{event.id}"), home.to_menu(talk)]],
        replaces=True,
    )
    return None


def _shown(talk: Talk, event: Event, name: str) -> str:
    """What a field says now, short."""
    _ = talk._
    match name:
        case "when":
            return event_card.when(talk, event)
        case "ends":
            return talk.translator.time(event.ends_at) if event.ends_at else "–"
        case "names":
            return _("people sign up") if event.takes_names else _("everybody is welcome")
        case "asks":
            return _("collected") if event.takes_questions else _("not collected")
        case "capacity":
            return str(event.capacity) if event.capacity is not None else _("no limit")
        case "picture" | "agenda":
            return "✔️" if getattr(event, name) else "–"
        case "place":
            return (event.place or "–") + (" 🗺" if event.lat is not None else "")
    text = str(getattr(event, name) or "–")
    return text if len(text) < 50 else text[:48].rstrip() + "…"


async def _editable(talk: Talk, number: str) -> Event | None:
    event = await own_event(talk, number)
    if event is None or event.state in (DRAFT, *OPEN):
        return event
    _ = talk._
    talk.say(
        _("This event is over or was cancelled; it is kept as it was. Duplicate it to plan it again."),
        [[Option("📋 " + _("Duplicate"), f"event-copy:{event.id}"), Option("⬅️ " + _("Back"), f"plan:{event.id}")]],
    )
    return None


# --- Asking ---


async def ask(talk: Talk, event: Event, name: str, *, guided: bool = False, first: Markup = "") -> None:
    """Ask for one field. While an event is new, the next question follows by itself (`guided`)."""
    if name in ("names", "asks"):
        column = {"names": "takes_names", "asks": "takes_questions"}[name]
        return await keep(talk, event, "", **{column: not getattr(event.with_pending(), column)})
    question = _questions(talk, event).get(name)
    if question is None:
        return await home.stale_choice(talk)
    talk.expect(FIELD, event=event.id, field=name, guided=guided)
    return _say_question(talk, event, name, join(first, question, between="\n\n"))


def _say_question(talk: Talk, event: Event, name: str, text: Markup) -> None:
    rows = _quick(talk, event, name)
    back = [Option("👁 " + talk._("Preview"), f"plan:{event.id}"), home.to_menu(talk)]
    wanted: Any = {"place": "place", "picture": "media", "agenda": "media"}.get(name, "")
    talk.say(text, [*rows, back], ask=wanted)


def _questions(talk: Talk, event: Event) -> dict[str, str]:
    _ = talk._
    title = _("Please write the title in {language}, up to {most} characters.")
    text = _("Please write the text in {language}, up to {most} characters: for whom it is and what will happen.")
    asked = {f"title_{code}": title.format(language=name, most=MAX_TITLE) for code, name in LANGUAGES.items()}
    asked |= {f"text_{code}": text.format(language=name, most=MAX_TEXT) for code, name in LANGUAGES.items()}
    return asked | {
        "when": _("When does it begin? Write it as you would say it, for example “tomorrow 14”, “15.05 at 18:30” or "
                  "“next Tuesday from 10 to 12”."),
        "ends": _("When does it end? Write an hour, for example “20:00”."),
        "place": _("Where is it? Write the place and address, or send a point on the map."),
        "online": _("Please send the link for those who take part online. It begins with https://"),
        "capacity": _("How many places are there? Write a number."),
        "picture": _("Please send one picture.") + " " + files.limits(talk),
        "agenda": _("Please send the programme as a file, for example a PDF.") + " " + files.limits(talk),
    }  # fmt: skip


def _quick(talk: Talk, event: Event, name: str) -> list[list[Option]]:
    """Answers that need no typing."""
    _ = talk._
    after = event.with_pending()

    def empty(label: str) -> list[Option]:
        return [Option(label, f"event-set:{event.id}:{name}:{NONE}")]

    if name == "ends" and after.starts_at:
        lengths = sorted({60, 90, 120, 180, 240, kinds()[event.kind].minutes})
        options = [
            Option(talk.translator.time(after.starts_at + timedelta(minutes=minutes)),
                   f"event-set:{event.id}:ends:{int((after.starts_at + timedelta(minutes=minutes)).timestamp())}")
            for minutes in lengths
        ]  # fmt: skip
        return [options[:3], options[3:], empty(_("Without an end"))]
    if name.startswith("title_"):
        language = name[-2:]
        place = talk.handbook.municipalities.get(event.municipality or "")
        sample = kinds()[event.kind].title(language, place["name"][language] if place else "")
        is_other = getattr(after, f"title_{'en' if language == 'bg' else 'bg'}")
        return [[Option("📄 " + _("The sample title"), f"event-sample:{event.id}:{name}")] if sample else [],
                empty(_("Without one")) if is_other else []]  # fmt: skip
    if name == "capacity":
        return [[Option(str(n), f"event-set:{event.id}:capacity:{n}") for n in (20, 30, 50, 100)], empty(_("No limit"))]
    has_one = getattr(after, name, None) if name != "when" else None
    return [empty("🗑 " + _("Remove"))] if has_one and name in OPTIONAL else []


# --- Taking ---


async def take_field(talk: Talk) -> None:
    """What was written or sent, for the field that was asked for."""
    draft = talk.conversation.draft or {}
    event = await _editable(talk, str(draft.get("event", 0)))
    if event is None:
        return None
    name = str(draft.get("field", ""))
    word = talk.heard.word
    if isinstance(word, Place):
        return await _take_point(talk, event, name, word)
    if isinstance(word, Media):
        return await _take_file(talk, event, name)
    assert isinstance(word, Text)
    if one_line(word.text) == NONE:
        return await _empty(talk, event, name)
    return await _reader(name)(talk, event, name, word.text)


async def set_chosen(talk: Talk, argument: str) -> None:
    """A quick answer: "event:field:value"."""
    number, name, value = [*argument.split(":", 2), "", ""][:3]
    event = await _editable(talk, number)
    if event is None:
        return None
    if value == NONE:
        return await _empty(talk, event, name)
    if name in ("starts", "ends"):
        return await event_typed.chosen(talk, event, name, value)
    return await _reader(name)(talk, event, name, value)


async def sample_chosen(talk: Talk, argument: str) -> None:
    """The title with which this kind of event begins."""
    number, _colon, name = argument.partition(":")
    event = await _editable(talk, number)
    if event is None or name not in ("title_bg", "title_en"):
        return
    language = name[-2:]
    place = talk.handbook.municipalities.get(event.municipality or "")
    await keep(talk, event, "", **{name: kinds()[event.kind].title(language, place["name"][language] if place else "")})


async def keep(talk: Talk, event: Event, first: Markup = "", **values: Any) -> None:
    """Write it down; then the next question while the event is new, else the preview."""
    from handlers import event_desk

    draft = talk.conversation.draft or {}
    fresh = events.edit(talk.db, event, **values)
    if draft.get("guided") and draft.get("event") == event.id:
        after = fresh.with_pending()
        if after.ends_at is None and "starts_at" in values:
            return await ask(talk, fresh, "ends", guided=True)
        if not after.place and "place" not in values:
            return await ask(talk, fresh, "place", guided=True)
    await event_desk.show(talk, fresh, first)


async def again(talk: Talk, event: Event, name: str, problem: Markup) -> None:
    """It cannot be so: say why and what to write instead, and ask once more."""
    guided = bool((talk.conversation.draft or {}).get("guided"))
    talk.expect(FIELD, event=event.id, field=name, guided=guided)
    _say_question(talk, event, name, problem)


async def _empty(talk: Talk, event: Event, name: str) -> None:
    if name == "ends":
        return await keep(talk, event, ends_at=None)
    after = event.with_pending()
    is_last_title = name.startswith("title_") and not getattr(after, f"title_{'en' if name[-2:] == 'bg' else 'bg'}")
    if name not in OPTIONAL or is_last_title:
        return await again(talk, event, name, talk._("This cannot be left empty."))
    values: dict[str, Any] = {name: None} | ({"lat": None, "lon": None} if name == "place" else {})
    return await keep(talk, event, "", **values)


async def _not_text(talk: Talk, event: Event, name: str, _said: str) -> None:
    await again(talk, event, name, talk._("Please send a file here, or go back to the preview."))


async def _read_title(talk: Talk, event: Event, name: str, said: str) -> None:
    title = one_line(said)
    if len(title) > MAX_TITLE:
        problem = talk._(
            "This title has {count} characters; {most} fit. Please shorten it: the rest goes into the text."
        )
        return await again(talk, event, name, problem.format(count=len(title), most=MAX_TITLE))
    return await keep(talk, event, "", **{name: title}) if title else await _empty(talk, event, name)


async def _read_text(talk: Talk, event: Event, name: str, said: str) -> None:
    text = many_lines(said)
    if len(text) > MAX_TEXT:
        problem = talk._(
            "This text has {count} characters; {most} fit. Please shorten it, or send the rest as the programme."
        )
        return await again(talk, event, name, problem.format(count=len(text), most=MAX_TEXT))
    return await keep(talk, event, "", **{name: text or None})


async def _read_place(talk: Talk, event: Event, name: str, said: str) -> None:
    place = one_line(said)
    if len(place) > MAX_PLACE:
        problem = talk._("This place has {count} characters; {most} fit. Please shorten it.")
        return await again(talk, event, name, problem.format(count=len(place), most=MAX_PLACE))
    return await keep(talk, event, place=place)


async def _take_point(talk: Talk, event: Event, name: str, point: Place) -> None:
    if name != "place":
        return await again(talk, event, name, talk._("I do not need a point on the map here."))
    if not event.with_pending().place:
        fresh = events.edit(talk.db, event, lat=point.lat, lon=point.lon)
        return await again(talk, fresh, name, talk._("The point is kept. Please write the name of the place, too."))
    return await keep(talk, event, lat=point.lat, lon=point.lon)


async def _read_online(talk: Talk, event: Event, name: str, said: str) -> None:
    address = one_line(said)
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in address or len(address) > 500:
        problem = talk._("This is not a link that can be opened. It begins with https:// and has no spaces.")
        return await again(talk, event, name, problem)
    return await keep(talk, event, online=address)


async def _read_capacity(talk: Talk, event: Event, name: str, said: str) -> None:
    digits = one_line(said).replace(" ", "")
    if not (digits.isascii() and digits.isdecimal()) or not 0 < int(digits[:9]) <= MAX_CAPACITY:
        problem = talk._("Please write a number from 1 to {most}, for example 40.").format(most=MAX_CAPACITY)
        return await again(talk, event, name, problem)
    taken = await seats.taken(talk.db, event.id)
    if int(digits) < taken:
        problem = talk.n(
            "{count} place is taken already, so there cannot be fewer. Write at least {count}, or cancel the event.",
            "{count} places are taken already, so there cannot be fewer. Write at least {count}, or cancel the event.",
            taken,
        )
        return await again(talk, event, name, problem.format(count=taken))
    return await keep(talk, event, capacity=int(digits))


async def _take_file(talk: Talk, event: Event, name: str) -> None:
    _ = talk._
    if name not in ("picture", "agenda"):
        return await again(talk, event, name, _("I do not need a file here. Please write it in words."))
    word = talk.heard.word
    assert isinstance(word, Media)
    if name == "picture" and word.files and word.files[0].kind not in ("photo", "document"):
        return await again(talk, event, name, _("Please send a photo: a file that shows one picture."))
    taken, problems = files.take(talk, f"event:{event.id}:{name}")
    if not taken:
        return await again(talk, event, name, "\n".join(problems) or _("Please send a file."))
    return await keep(talk, event, _("Kept. It takes a few seconds until the file is here."), **{name: taken[0]})


def _reader(name: str) -> Callable[[Talk, Event, str, str], Awaitable[None]]:
    return {
        "title_bg": _read_title,
        "title_en": _read_title,
        "text_bg": _read_text,
        "text_en": _read_text,
        "when": event_typed.read_start,
        "ends": event_typed.read_end,
        "place": _read_place,
        "online": _read_online,
        "capacity": _read_capacity,
    }.get(name, _not_text)
