"""The front door: greeting, menu, help, and what to say when there is nothing else to do."""

from handlers import (
    cards,
    event_door,
    event_rights,
    event_seats,
    events,
    filing,
    filing_draft,
    matter_asked,
    profile,
)
from handlers.introduction import commands
from handlers.talk import Talk
from handlers.words import Media, Option, b, fill, join
from locales import LANGUAGES
from storage import roles

REPORTED_TO = ("monitor", "staff", "head", "secretary", "mayor", "administrator")  # Who may have the figures sent.


def to_menu(talk: Talk) -> Option:
    return Option("🏠 " + talk._("Menu"), "menu")


async def open_with(talk: Talk, payload: str) -> None:
    """Somebody pressed Start or followed a link.

    The payload is `card_<id>[_<municipality>]`, `report_<category>[_<municipality>]`, `file_<kind>`,
    `case_<number>[_<secret code>]`, `event_<number>`, `ticket_<code>`, `m_<municipality>`, `lang_<language>` or an
    invitation.
    """
    if payload.startswith(roles.PREFIX):
        return await _accept_invitation(talk, payload)
    kind, _line, rest = payload.partition("_")
    card_id, _line, slug = rest.partition("_")
    if kind == "card" and talk.handbook.card(card_id):
        if slug in talk.handbook.municipalities:
            talk.live_in(slug)
        return await cards.show(talk, card_id)
    if kind in ("report", "file"):
        if slug in talk.handbook.municipalities:
            talk.live_in(slug)
        return await filing.begin_chosen(talk, f":{card_id}" if kind == "report" else card_id)
    if kind == "case":
        return await matter_asked.opened(talk, card_id, slug)
    if kind == "event":
        return await events.event_chosen(talk, rest)
    if kind == event_seats.TICKET and (
        await event_door.read_code(talk, rest) or await event_seats.show_ticket(talk, rest)
    ):
        return None
    if kind == "m" and rest in talk.handbook.municipalities:
        talk.live_in(rest)
    if kind == "lang" and rest in LANGUAGES:  # The language switch of the web chat.
        talk.speak(rest)
    await greet(talk)


async def in_group(talk: Talk) -> None:
    """In a group we only say where to find us: what citizens ask is nobody else's business."""
    talk.say(
        talk._("I talk with citizens in private, so that nobody else reads it. Please write to me there."),
        [[Option("💬 " + talk._("Write to Gishe"), url=talk.links.deep("group", talk.heard.channel))]],
    )


async def greet(talk: Talk) -> None:
    _ = talk._
    if talk.person.municipality is None:
        talk.say(
            join(
                b(_("Hello! This is Gishe, the municipal counter in your phone.")),
                _("Here you can find a technical service: what it is, which papers to bring, how long it takes and "
                  "what it costs. Just write your question in your own words."),
                _("Which municipality is it about? Please choose."),
                between="\n\n",
            ),
            [*profile.municipality_choices(talk), [Option(_other_language(talk), f"language:{_other(talk)}")]],
        )  # fmt: skip
        return
    await show_menu(talk)


def _other(talk: Talk) -> str:
    return "en" if talk.language == "bg" else "bg"


def _other_language(talk: Talk) -> str:
    return "🌐 English" if talk.language == "bg" else "🌐 Български"


async def menu_chosen(talk: Talk, _argument: str) -> None:
    await show_menu(talk)


async def show_menu(talk: Talk) -> None:
    _ = talk._
    place = talk.handbook.municipalities.get(talk.person.municipality or "")
    title = place["full_name"][talk.language] if place else _("All four municipalities")
    held = await roles.of(talk.db, talk.person.id)
    desk = [Option("📥 " + _("Cases"), "desk:")] if any(role.role in roles.CASEWORKERS for role in held) else []
    talk.say(
        join(b(title), _("How can I help? Write your question in your own words, or choose."), between="\n\n"),
        [
            [Option("📚 " + _("Services by topic"), "categories"), Option("🔤 " + _("Services by letter"), "letters")],
            [Option("📝 " + _("Report, propose or ask"), "filing"), Option("📂 " + _("My matters"), "matters")],
            [Option("🗓 " + _("Events"), "events"), Option("☑️ " + _("My checklists"), "begun")],
            [Option("🔔 " + _("Notices"), "notices"), *desk],
            [Option("🏛️ " + _("Municipality"), "municipalities"), Option("🌐 " + _("Language"), "languages")],
            [Option("❓ " + _("Help"), "help"), Option("🔒 " + _("Privacy"), "privacy")],
        ],
        replaces=True,
    )


async def help_chosen(talk: Talk, _argument: str) -> None:
    await show_help(talk)


async def show_help(talk: Talk) -> None:
    _ = talk._
    talk.say(
        join(
            b(_("What I can do")),
            _("Write a question in your own words, in Bulgarian (also in Latin letters) or in English. For example: "
              "“What documents do I need for a building permit?”"),
            _("Every choice under a message can also be typed: its number or its words."),
            "\n".join(f"/{name} – {does}" for name, does in commands(talk.translator)),
            _("If anyone is in danger, call 112 at once."),
            between="\n\n",
        ),
        [[to_menu(talk)]],
        replaces=True,
    )  # fmt: skip


async def privacy_chosen(talk: Talk, _argument: str) -> None:
    await show_privacy(talk)


async def show_privacy(talk: Talk) -> None:
    _ = talk._
    privacy = talk.handbook.casework["privacy"]
    talk.say(
        join(
            b(_("Your data")),
            _("I keep your messages and my answers, your choice of municipality and language, your checklists and your "
              "matters. I need them to answer you and to see which questions remain unanswered."),
            _("Please do not write personal numbers (EGN), card or account numbers here: no answer needs them. Where "
              "I recognise them, I keep them out of the lists that the editors see."),
            fill(_("Legal basis: {basis}."), basis=privacy["basis"][talk.language].rstrip(".")),
            fill(_("Your rights: {rights}"), rights=privacy["rights"][talk.language]),
            _("How long messages are kept is being confirmed by the data protection officers of the municipalities. "
              "You can ask here to see, correct or erase your data: you get a number and a date, like for any matter."),
            between="\n\n",
        ),
        [[Option("🔒 " + _("See, correct or erase my data"), "filing:data-request")],
         [Option("📂 " + _("My matters"), "matters"), to_menu(talk)]],
        replaces=True,
    )  # fmt: skip


async def cancel(talk: Talk) -> None:
    _ = talk._
    if talk.conversation.step == filing_draft.STEP:
        return await filing.stop_chosen(talk)
    was_doing = talk.conversation.step is not None
    talk.expect(None)
    talk.say(
        _("All right, that is stopped. Nothing was sent.") if was_doing else _("There is nothing to stop."),
        [[to_menu(talk)]],
    )
    return None


async def stale_choice(talk: Talk) -> None:
    """A choice that is no longer there: of an old message, of somebody else, or forged."""
    _ = talk._
    if talk.heard.is_group:
        return talk.say(_("This choice is no longer available. Please use the card of the matter as it stands now."))
    talk.say(
        _("This choice is no longer available. Here is what you can do now."),
        [[Option("📚 " + _("Services by topic"), "categories")], [to_menu(talk)]],
    )


async def unknown_command(talk: Talk) -> None:
    _ = talk._
    talk.say(
        _("I do not know this command. Write your question in your own words, or see what I can do."),
        [[Option("❓ " + _("Help"), "help"), to_menu(talk)]],
    )


async def not_understood(talk: Talk) -> None:
    _ = talk._
    talk.say(
        _("I cannot read messages of this kind. Please write your question in words."),
        [[Option("❓ " + _("Help"), "help"), to_menu(talk)]],
    )


async def take_media(talk: Talk) -> None:
    """A picture alone asks nothing; its caption may."""
    _ = talk._
    media = talk.heard.word
    assert isinstance(media, Media)
    kept = talk.n(
        "I have kept your file, but I cannot see what is in it.",
        "I have kept your {count} files, but I cannot see what is in them.",
        len(media.files),
    ).format(count=len(media.files))
    if media.caption.strip():
        return talk.say(kept)
    talk.say(
        join(kept, _("Please write in words what you would like to know."), between=" "),
        [[Option("❓ " + _("Help"), "help"), to_menu(talk)]],
    )


async def take_place(talk: Talk) -> None:
    _ = talk._
    talk.say(
        _("Thank you. I do not need your location to find a service. If something is wrong there, you can report it."),
        [[Option("📝 " + _("Report, propose or ask"), "filing"), to_menu(talk)]],
    )


async def take_phone(talk: Talk) -> None:
    _ = talk._
    talk.say(
        _("Thank you. I do not need your phone number to find a service. Please write what you would like to know."),
        [[to_menu(talk)]],
    )


async def _accept_invitation(talk: Talk, token: str) -> None:
    _ = talk._
    given = await roles.accept(talk.db, token, talk.person.id)
    if given is None:
        talk.say(
            _("This invitation has been used already or is too old. Please ask the administrator for a new one."),
            [[to_menu(talk)]],
        )
        return
    place = talk.handbook.municipalities.get(given.municipality or "")
    where = place["full_name"][talk.language] if place else _("all four municipalities")
    if place and talk.person.municipality is None:
        talk.live_in(given.municipality)
    role = role_name(talk, given.role)
    talk.say(
        join(
            fill(_("Welcome! From now on you are {role} in {where}."), role=b(role), where=where),
            _("Cases wait for you under /cases, questions that I cannot answer under /unanswered.")
            if given.role == "administrator" or given.role in roles.CASEWORKERS
            else "",
            _("Plan events under /organize.") if given.role in event_rights.ORGANIZERS else "",
            _("The figures are drawn for you under /report.") if given.role in REPORTED_TO else "",
            between="\n\n",
        ),
        [[to_menu(talk)]],
    )


def role_name(talk: Talk, role: str) -> str:
    _ = talk._
    return {
        "administrator": _("administrator"),
        "mayor": _("mayor"),
        "secretary": _("secretary of the municipality"),
        "head": _("head of department"),
        "staff": _("a member of staff"),
        "organizer": _("organizer"),
        "monitor": _("outside monitor"),
        "emergency": _("on emergency duty"),
    }[role]
