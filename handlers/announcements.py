"""Announcements at the organizer's desk: the list, the card of each, sending, approval, and what happens meanwhile."""

from collections.abc import Sequence
from typing import Any

from handlers import announcement_rights as rights
from handlers import announcement_words as words
from handlers import formatting, home
from handlers.talk import Talk
from handlers.words import Markup, Option, Part, b, fill, i, join, plain
from locales import LANGUAGES
from storage import announcements, audiences, media, preferences
from storage.announcements import Announcement
from storage.audiences import Counted
from storage.roles import Role

LISTED = 6
WINDOWS = 4  # So many looks are made within a turn, some milliseconds each; a larger town is counted beside it.
MAX_TEXT = 3_000  # Characters: with heading and remarks it is one message on every channel.
MAX_CAPTION = 850  # The same under a picture.


# --- The list ---


async def show(talk: Talk) -> None:
    """What there is, and the way to a new one; for everybody else this command does not exist."""
    mine = await rights.held(talk)
    if not mine:
        return await home.unknown_command(talk)
    _ = talk._
    places = set(rights.places(talk, mine, is_emergency=False)) | set(rights.places(talk, mine, is_emergency=True))
    municipalities = None if None in places else [slug for slug in places if slug]
    known = await announcements.of(talk.db, municipalities, LISTED)
    rows = [[Option(_line(talk, one), f"announce:open:{one.id:x}")] for one in known]
    talk.expect(None)
    talk.say(
        join(
            b("📢 " + _("Announcements")),
            _("Choose one, or write a new one.") if known else _("There are none yet. Write the first one."),
            between="\n\n",
        ),
        [*rows, *_new_choices(talk, mine), [home.to_menu(talk)]],
        replaces=True,
    )
    return None


def _line(talk: Talk, one: Announcement) -> str:
    signs = {
        "draft": "✏️",
        "asked": "🙋",
        "scheduled": "🕘",
        "sending": "📤",
        "paused": "⏸",
        "stopped": "✋",
        "done": "✅",
    }
    title = words.excerpt(one, talk.language)[:40].strip() or talk._("without text")
    sign = signs.get(one.state, "") + (" 🚨" if one.is_emergency else "")
    return f"{sign} {title} – {words.state_name(talk.translator, one)}"


def _new_choices(talk: Talk, mine: Sequence[Role]) -> list[list[Option]]:
    _ = talk._
    rows = []
    if rights.places(talk, mine, is_emergency=False):
        rows.append([Option("➕ " + _("New announcement"), "announce:new:ordinary")])
    if rights.places(talk, mine, is_emergency=True):
        rows.append([Option("🚨 " + _("New emergency notice"), "announce:new:emergency")])
    return rows


async def new(talk: Talk, argument: str) -> None:
    """Ask for the municipality where there is a choice, then for the text."""
    _ = talk._
    scope, _colon, slug = argument.partition(":")
    is_emergency = scope == audiences.EMERGENCY_SCOPE
    places = rights.places(talk, await rights.held(talk), is_emergency=is_emergency)
    if not places:
        return not_yours(talk)
    chosen = None if slug == "all" else slug or (places[0] if len(places) == 1 else "")
    if chosen not in places:
        names = [(words.whose(talk.translator, talk.handbook, place), place or "all") for place in places]
        return talk.say(
            _("On whose behalf do you write?"),
            [*([Option(name, f"announce:new:{scope}:{place}")] for name, place in names),
             [Option("⬅️ " + _("Announcements"), "announce:list")]],
            replaces=True,
        )  # fmt: skip
    one = announcements.begin(
        talk.db, author_id=talk.person.id, conversation_id=talk.conversation.id, municipality=chosen,
        is_emergency=is_emergency,
    )  # fmt: skip
    return ask_text(talk, one, talk.language)


def ask_text(talk: Talk, one: Announcement, language: str) -> None:
    _ = talk._
    talk.expect("announcements.text", id=f"{one.id:x}", language=language)
    name = {"bg": _("in Bulgarian"), "en": _("in English")}[language]
    most = MAX_CAPTION if one.files else MAX_TEXT
    how = _("*Words* between asterisks become bold, _words_ between underscores italic, [words](https://…) a link. "
            "At most {count} characters.").format(count=talk.translator.number(most))  # fmt: skip
    talk.say(
        join(
            _("Please write the text {in_language}.").format(in_language=name),
            how,
            fill(_("Now it says:\n{text}"), text=one.texts[language]) if language in one.texts else "",
            between="\n\n",
        ),
        [[Option("⬅️ " + _("Back"), f"announce:open:{one.id:x}")]],
    )


# --- The card ---


async def card(talk: Talk, one: Announcement, first: Markup = "") -> None:
    """Where it stands, and what can be done with it now."""
    talk.expect(None)
    if one.state in announcements.STARTED:
        return await _running_card(talk, one, first)
    if one.state == "discarded":
        return await home.stale_choice(talk)
    return await _draft_card(talk, one, first)


async def look_at_files(talk: Talk, one: Announcement) -> None:
    """Note what became of the files that were being fetched."""
    wanted = [int(file["media"]) for file in one.files if "digest" not in file]
    found = {row.id: row for row in await media.some(talk.db, wanted)}
    if any(row.state != "wanted" for row in found.values()):
        entries = [_entry(file, found.get(int(file.get("media", 0)))) for file in one.files]
        announcements.change(talk.db, one, files=[entry for entry in entries if entry])


def _entry(file: dict[str, Any], row: Any) -> dict[str, Any] | None:
    """Of a picture others get the copy without what the camera wrote into it; what was refused is left out."""
    if row is None or row.state == "wanted":
        return file
    if row.state != "kept":
        return None
    is_photo = row.shown_digest is not None
    return {
        "kind": "photo" if is_photo else "document",
        "digest": row.shown_digest or row.digest,
        "name": row.name or ("picture.jpg" if is_photo else "file"),
        "mime": "image/jpeg" if is_photo else row.mime,
        "size": row.shown_size or row.size,
    }


async def _draft_card(talk: Talk, one: Announcement, first: Markup) -> None:
    _, speak = talk._, talk.translator
    await look_at_files(talk, one)
    counted = await count(talk, one)
    talk.say(
        join(
            first,
            join(words.heading(one, speak, talk.handbook), f" – {words.state_name(speak, one)}"),
            _kind_of_change(talk, one),
            _texts(talk, one),
            _details(talk, one),
            await _people(talk, one, counted),
            between="\n\n",
        ),
        _draft_choices(talk, one, counted),
        replaces=True,
    )


def _kind_of_change(talk: Talk, one: Announcement) -> str:
    _ = talk._
    if one.is_recall:
        return _("This withdraws an announcement: those who got it see that instead. A reason can be added as text.")
    if one.corrects_id:
        return _("This corrects an announcement: it is rewritten for those who got it.")
    return ""


def _texts(talk: Talk, one: Announcement) -> str:
    _ = talk._
    if not one.texts:
        return "" if one.is_recall else "✏️ " + _("There is no text yet.")
    missing = [LANGUAGES[language] for language in LANGUAGES if language not in one.texts]
    lines = [f"{LANGUAGES[language]}: {words.short(text)}" for language, text in one.texts.items()]
    if missing:
        lines.append(_("Missing: {language}. Those readers get the other text, marked as such.").format(
            language=", ".join(missing)))  # fmt: skip
    return "\n\n".join(lines)


def _details(talk: Talk, one: Announcement) -> str:
    _, speak = talk._, talk.translator
    lines = []
    for file in one.files:
        lines.append(f"📎 {file['name']}" + ("" if file.get("digest") else " – " + _("is being fetched")))
    for choice in one.choices:
        lines.append(f"🔗 {choice['labels'].get(talk.language) or next(iter(choice['labels'].values()))}")
    if one.due_at:
        lines.append("🕘 " + _("on {date} at {time}").format(date=speak.date(one.due_at), time=speak.time(one.due_at)))
    return "\n".join(lines)


async def _people(talk: Talk, one: Announcement, counted: Counted | None) -> list[Part]:
    _, speak = talk._, talk.translator
    to = "👥 " + _("To: {conditions}").format(conditions="; ".join(words.audience_words(one, speak, talk.handbook)))
    if counted is None:
        later = "⏳ " + _("The people are being counted. I tell you when it is done.")
        return join("" if one.corrects_id else to, later, between="\n")
    cost = talk.rules.cost(counted)
    return join(
        "" if one.corrects_id else to,
        b(words.by_channel(speak, counted)),
        "💶 " + _("Estimated cost: {amount}").format(amount=words.money(speak, cost)),
        i("🙋 " + _("More than {count} people: a second person has to approve it.").format(
            count=speak.number(talk.rules.approval_above))) if needs_approval(talk, one, counted) else "",
        i("🌙 " + _("It is quiet hours for most people now: they get it in the morning."))
        if not one.is_emergency and not one.due_at and _is_night(talk) else "",
        between="\n",
    )  # fmt: skip


def _is_night(talk: Talk) -> bool:
    return preferences.DEFAULT.is_quiet(talk.now, talk.translator.timezone)


def needs_approval(talk: Talk, one: Announcement, counted: Counted) -> bool:
    """Emergencies cannot wait for a second person, and taking something back harms nobody."""
    return counted.people > talk.rules.approval_above and not one.is_emergency and not one.is_recall


async def count(talk: Talk, one: Announcement) -> Counted | None:
    """How many people it goes to; None while that is being found out."""
    if known := one.counted_lately(talk.now):
        return known
    if one.corrects_id:
        counted = await announcements.reached(talk.db, one.corrects_id)
    else:
        counted = await audiences.count(talk.db, one.audience, one.scope, WINDOWS)
    if not counted.is_whole:
        announcements.count_later(talk.db, one)
        return None
    announcements.keep_count(talk.db, one, counted)
    return counted


def _draft_choices(talk: Talk, one: Announcement, counted: Counted | None) -> list[list[Option]]:
    _ = talk._
    at = f"{one.id:x}"
    back = [Option("⬅️ " + _("Announcements"), "announce:list")]
    if one.state == "asked":
        if one.author_id == talk.person.id:
            return [[Option("👁 " + _("Preview"), f"announce:preview:{at}")],
                    [Option("✏️ " + _("Change it after all"), f"announce:redraft:{at}")], back]  # fmt: skip
        return [*approval_choices(talk, one), back]
    if one.state == "scheduled":
        return [[Option("👁 " + _("Preview"), f"announce:preview:{at}")],
                [Option("✏️ " + _("Change it after all"), f"announce:redraft:{at}"),
                 Option("🗑 " + _("Discard"), f"announce:discard:{at}")], back]  # fmt: skip
    rows = [
        [Option("✏️ " + _("Text in Bulgarian"), f"announce:text:{at}:bg"),
         Option("✏️ " + _("Text in English"), f"announce:text:{at}:en")],
    ]  # fmt: skip
    if not one.corrects_id:  # A correction has other words below the same picture, for the same people.
        rows.append([Option("🖼 " + _("Picture or file"), f"announce:files:{at}"),
                     Option("🔗 " + _("Choices below it"), f"announce:choices:{at}")])  # fmt: skip
        rows.append([Option("👥 " + _("Audience"), f"announce:audience:{at}"),
                     Option("🕘 " + _("When"), f"announce:when:{at}")])  # fmt: skip
    rows.append([Option("👁 " + _("Preview"), f"announce:preview:{at}"),
                 Option("🧪 " + _("Test to myself"), f"announce:test:{at}")])  # fmt: skip
    asks = counted is not None and needs_approval(talk, one, counted)
    send = "🙋 " + _("Ask for approval") if asks else "📤 " + _("Send")
    rows.append([Option(send, f"announce:send:{at}"), Option("🗑 " + _("Discard"), f"announce:discard:{at}")])
    return [*rows, back]


def approval_choices(talk: Talk, one: Announcement) -> list[list[Option]]:
    _ = talk._
    at = f"{one.id:x}"
    return [
        [Option("✅ " + _("Approve and send"), f"announce:approve:{at}")],
        [Option("👁 " + _("Preview"), f"announce:preview:{at}"), Option("↩️ " + _("Return it"), f"announce:return:{at}")],
    ]


# --- While it is being sent, and afterwards ---


async def _running_card(talk: Talk, one: Announcement, first: Markup) -> None:
    speak = talk.translator
    figures = await announcements.figures(talk.db, one.id)
    over = one.state in ("stopped", "done")
    text = (words.report(one, speak, talk.handbook, figures) if over
            else words.progress(one, speak, talk.handbook, figures, talk.now))  # fmt: skip
    talk.say(join(first, text, between="\n\n"), running_choices(one, talk), replaces=True)


def running_choices(one: Announcement, talk: Talk) -> list[list[Option]]:
    back = [Option("⬅️ " + talk._("Announcements"), "announce:list")]
    return [*words.control_choices(one, talk.translator), back]


# --- What stands in the way ---


def problem(talk: Talk, one: Announcement, counted: Counted | None) -> str:
    """What still stands in the way, in a sentence that says what to do."""
    _ = talk._
    longest = max((len(plain(formatting.read(text))) for text in one.texts.values()), default=0)
    if not one.texts and not one.is_recall:
        return _("There is no text yet. Please write it first.")
    if one.files and longest > MAX_CAPTION:
        return _("Under a picture or file the text may have at most {most} characters; it has {count}. Please shorten "
                 "it or remove the file.").format(most=MAX_CAPTION, count=talk.translator.number(longest))  # fmt: skip
    if any(not file.get("digest") for file in one.files):
        return _("The file is still being fetched. Please try again in a moment.")
    if counted is None:
        return _("The people are still being counted. I tell you when it is done.")
    if counted.people == 0:
        return _("Nobody belongs to this audience. Please choose a wider one.")
    if one.due_at and one.due_at <= talk.now:
        return _("The time that you chose has passed. Please choose another, or send it at once.")
    return ""


def not_yours(talk: Talk) -> None:
    _ = talk._
    talk.say(
        _("This announcement belongs to another municipality, or you do not have the right. Please ask the "
          "administrator."),
        [[home.to_menu(talk)]],
    )  # fmt: skip
