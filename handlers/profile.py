"""Municipality and language: the two things we need to know about a person."""

from handlers import home
from handlers.talk import Talk
from handlers.words import Option
from locales import LANGUAGES


def municipality_choices(talk: Talk) -> list[list[Option]]:
    """The four, two in a row."""
    options = [
        Option(place["name"][talk.language], f"municipality:{slug}")
        for slug, place in talk.handbook.municipalities.items()
    ]
    return [options[start : start + 2] for start in range(0, len(options), 2)]


async def municipalities_chosen(talk: Talk, _argument: str) -> None:
    await ask_municipality(talk)


async def ask_municipality(talk: Talk) -> None:
    _ = talk._
    talk.say(
        _("Which municipality is it about? Please choose."),
        [*municipality_choices(talk), [Option(_("All of them"), "municipality:"), home.to_menu(talk)]],
        replaces=True,
    )


async def municipality_chosen(talk: Talk, slug: str) -> None:
    talk.live_in(slug if slug in talk.handbook.municipalities else None)
    await home.show_menu(talk)


async def languages_chosen(talk: Talk, _argument: str) -> None:
    await ask_language(talk)


async def ask_language(talk: Talk) -> None:
    _ = talk._
    talk.say(
        _("Which language shall we speak?"),
        [[Option(name, f"language:{code}") for code, name in LANGUAGES.items()], [home.to_menu(talk)]],
        replaces=True,
    )


async def language_chosen(talk: Talk, language: str) -> None:
    if language in LANGUAGES:
        talk.speak(language)
    await home.greet(talk)
