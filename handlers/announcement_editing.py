"""What an announcement is made of: its texts, files, choices and hour, asked for and taken one by one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers import announcement_sending as sending
from handlers import announcements as desk
from handlers import files, formatting
from handlers.talk import Talk
from handlers.typed_times import read_time
from handlers.words import Media, Option, Text, b, join, plain
from locales import LANGUAGES
from storage import announcements, events
from storage.announcements import Announcement

TEXT, FILES, CHOICE, WHEN, RETURN = (
    "announcements.text", "announcements.files", "announcements.choice", "announcements.when", "announcements.return",
)  # fmt: skip
MAX_FILES = 1  # One keeps words, picture and choices together in one message on every channel.
MAX_CHOICES = 3
PHOTO_BYTES, FILE_BYTES = 10 << 20, 20 << 20  # What Telegram takes as a picture, and what it hands to bots.
MAX_LABEL = 40
MAX_OFFERS = 4


def _said(talk: Talk) -> str:
    word = talk.heard.word
    return word.text.strip() if isinstance(word, Text) else ""


def _back(talk: Talk, one: Announcement) -> list[list[Option]]:
    return [[Option("⬅️ " + talk._("Back"), f"announce:open:{one.id:x}")]]


# --- Text ---


async def ask_text(talk: Talk, one: Announcement, language: str) -> None:
    desk.ask_text(talk, one, language if language in LANGUAGES else talk.language)


async def take_text(talk: Talk, one: Announcement) -> None:
    _, said = talk._, _said(talk)
    language = (talk.conversation.draft or {}).get("language", talk.language)
    length = len(plain(formatting.read(said)))
    if not said:
        return talk.say(_("Please write the text in words."), _back(talk, one))
    if length > desk.MAX_TEXT:
        number = talk.translator.number
        return talk.say(
            _("This text has {count} characters; at most {most} go into one message. Please shorten it and send it "
              "again.").format(count=number(length), most=number(desk.MAX_TEXT)),
            _back(talk, one),
        )  # fmt: skip
    announcements.change(talk.db, one, texts={**one.texts, language: said})
    return await desk.card(talk, one)


# --- Files ---


async def ask_files(talk: Talk, one: Announcement) -> None:
    _ = talk._
    talk.expect(FILES, id=f"{one.id:x}")
    rows = [[Option("✖️ " + _("Remove {name}").format(name=file["name"]), f"announce:unfile:{one.id:x}")]
            for file in one.files]  # fmt: skip
    talk.say(
        _("Please send one picture (at most {photo} MB) or one file (at most {file} MB). It replaces what is there.")
        .format(photo=PHOTO_BYTES >> 20, file=FILE_BYTES >> 20),
        [*rows, *_back(talk, one)],
        ask="media",
    )  # fmt: skip


async def take_files(talk: Talk, one: Announcement) -> None:
    _, word = talk._, talk.heard.word
    if not isinstance(word, Media) or not word.files:
        return talk.say(_("Please send a picture or a file, or go back."), _back(talk, one))
    if len(word.files) > MAX_FILES:
        return talk.say(_("An announcement carries one file only. Please send the one that matters."), _back(talk, one))
    file = word.files[0]
    if file.kind == "photo" and (file.size or 0) > PHOTO_BYTES:
        return talk.say(
            _("This picture has {size} MB; at most {most} MB reach everybody. Please send a smaller one.").format(
                size=-(-(file.size or 0) >> 20), most=PHOTO_BYTES >> 20
            ),
            _back(talk, one),
        )
    taken, problems = files.take(talk, f"announcement-file:{one.id:x}")
    if problems:
        return talk.say(problems[0], _back(talk, one))
    entry = {"media": str(taken[0]), "kind": "document", "name": file.name or _("file")}
    announcements.change(talk.db, one, files=[entry])
    return await desk.card(talk, one)


async def remove_files(talk: Talk, one: Announcement) -> None:
    announcements.change(talk.db, one, files=[])
    await desk.card(talk, one)


# --- Choices ---


async def ask_choices(talk: Talk, one: Announcement) -> None:
    """What a tap under the announcement may lead to."""
    _, at = talk._, f"{one.id:x}"
    talk.expect(CHOICE, id=at)
    rows = [
        [Option("✖️ " + _("Remove {name}").format(name=_label(talk, choice)), f"announce:unchoose:{at}:{number}")]
        for number, choice in enumerate(one.choices)
    ]
    if len(one.choices) < MAX_CHOICES:
        rows += await _events(talk, one)
    talk.say(
        join(
            b(_("Choices below the announcement")),
            _("Write the name of a service to add its card, or what can be reported, for example “hole in the road”.")
            if len(one.choices) < MAX_CHOICES else _("There is no room for more."),
            between="\n\n",
        ),
        [*rows, *_back(talk, one)],
    )  # fmt: skip


async def _events(talk: Talk, one: Announcement) -> list[list[Option]]:
    """Sign-up for what comes next."""
    coming = await events.managed(talk.db, one.municipality, events.OPEN, MAX_OFFERS)
    ways = [f"event-join:{event.id}" if event.takes_names else f"event:{event.id}" for event in coming]
    return [[Option(labels[talk.language], f"announce:choose:{one.id:x}:{do}")] for do in ways
            if (labels := await _labels(talk, do))]  # fmt: skip


def _label(talk: Talk, choice: dict[str, Any]) -> str:
    return str(choice["labels"].get(talk.language) or next(iter(choice["labels"].values())))[:MAX_LABEL]


async def take_choice(talk: Talk, one: Announcement) -> None:
    """A service or a problem by its name: the nearest are offered."""
    _, at = talk._, f"{one.id:x}"
    hits = talk.handbook.engine.understand(_said(talk)).hits[:MAX_OFFERS]
    ways = [hit.id if hit.id.startswith("report:") else f"card:{hit.id}" for hit in hits]
    rows = [[Option(labels[talk.language], f"announce:choose:{at}:{do}")] for do in ways
            if (labels := await _labels(talk, do))]  # fmt: skip
    if not rows:
        return talk.say(_("I found nothing of that name. Please write it in other words."), _back(talk, one))
    return talk.say(_("Which of them?"), [*rows, *_back(talk, one)])


async def choose(talk: Talk, one: Announcement, do: str) -> None:
    labels = await _labels(talk, do)
    if not labels or len(one.choices) >= MAX_CHOICES:
        return await desk.card(talk, one)
    known = [choice for choice in one.choices if choice["do"] != do]
    announcements.change(talk.db, one, choices=[*known, {"do": do, "labels": labels}])
    return await desk.card(talk, one)


async def _labels(talk: Talk, do: str) -> dict[str, str]:
    """How the choice is called in each language; empty for what cannot be chosen."""
    name, _colon, argument = do.partition(":")
    if name == "report" and (report := talk.handbook.reports.get(argument)):
        return {code: f"{report['emoji']} {speak.gettext('Report')}: {report['title'][code]}"
                for code, speak in talk.translators.items()}  # fmt: skip
    if name in ("event", "event-join") and (event := await events.event(talk.db, int(argument))):
        signs = {code: f"✍️ {speak.gettext('Sign up')}: " if name == "event-join" else "🗓 "
                 for code, speak in talk.translators.items()}  # fmt: skip
        return {code: sign + event.text("title", code)[0] for code, sign in signs.items()}
    if name == "card" and (card := talk.handbook.card(argument)):
        return {code: f"📄 {card.title(code)}" for code in LANGUAGES}
    return {}


async def unchoose(talk: Talk, one: Announcement, number: str) -> None:
    kept = [choice for place, choice in enumerate(one.choices) if str(place) != number]
    announcements.change(talk.db, one, choices=kept)
    await desk.card(talk, one)


# --- When ---


async def ask_when(talk: Talk, one: Announcement) -> None:
    _, at = talk._, f"{one.id:x}"
    talk.expect(WHEN, id=at)
    talk.say(
        join(
            b(_("When shall it go out?")),
            _("Choose, or write it as you say it: “tomorrow at 9”, “15.05 at 18:30”."),
            between="\n\n",
        ),
        [[Option("📤 " + _("At once"), f"announce:at:{at}:now"), Option(_("In one hour"), f"announce:at:{at}:hour")],
         *_back(talk, one)],
    )  # fmt: skip


async def at_chosen(talk: Talk, one: Announcement, which: str) -> None:
    announcements.change(talk.db, one, due_at=talk.now + timedelta(hours=1) if which == "hour" else None)
    await desk.card(talk, one)


async def take_when(talk: Talk, one: Announcement) -> None:
    _, speak = talk._, talk.translator
    typed = read_time(_said(talk), talk.now, speak.timezone)
    if not typed.spans:
        words = (_("This time has passed. Please write a later one.") if typed.problem == "past"
                 else _("I did not understand the time. Please write day and hour, for example “15.05 at 18:30”.")
                 )  # fmt: skip
        return talk.say(words, _back(talk, one))
    starts = [start for start, _end in typed.spans]
    if len(starts) > 1:
        return _which(talk, one, starts)
    announcements.change(talk.db, one, due_at=starts[0])
    return await desk.card(talk, one)


def _which(talk: Talk, one: Announcement, starts: Sequence[Any]) -> None:
    """What was typed can mean two hours: nobody is guessed half a day away."""
    speak = talk.translator
    rows = [
        [Option(f"{speak.weekday(start)}, {speak.date(start)}, {speak.time(start)}",
                f"announce:at-exactly:{one.id:x}:{int(start.timestamp())}")]
        for start in starts
    ]  # fmt: skip
    talk.say(talk._("Which of them do you mean?"), [*rows, *_back(talk, one)])


async def at_second(talk: Talk, one: Announcement, seconds: str) -> None:
    announcements.change(talk.db, one, due_at=datetime.fromtimestamp(int(seconds), UTC))
    await desk.card(talk, one)


# --- Return with a reason ---


async def take_return(talk: Talk, one: Announcement) -> None:
    said = _said(talk)
    if not said:
        return talk.say(talk._("Please write in words what should be changed."), _back(talk, one))
    return await sending.returned(talk, one, said)
