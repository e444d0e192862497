"""How the bot presents itself in a channel's own places: the list of commands, the description."""

from collections.abc import Mapping
from dataclasses import dataclass

from locales import Translator

MAX_ABOUT = 512  # Bot API, setMyDescription
MAX_SHORT = 120  # Bot API, setMyShortDescription


@dataclass(frozen=True, slots=True)
class Introduction:
    commands: tuple[tuple[str, str], ...]
    about: str
    short: str
    group_commands: tuple[tuple[str, str], ...] = ()


def introduction(translators: Mapping[str, Translator]) -> dict[str, Introduction]:
    """For each language: what Telegram shows before anything is said."""
    return {language: _in(translator) for language, translator in translators.items()}


def commands(translator: Translator) -> tuple[tuple[str, str], ...]:
    """The commands for citizens, as Telegram lists them and as /help does."""
    _ = translator.gettext
    return (
        ("menu", _("The beginning")),
        ("signal", _("Report, propose or ask")),
        ("matters", _("Your matters and how they stand")),
        ("services", _("Services by topic")),
        ("letters", _("Services by letter")),
        ("checklist", _("The documents you still miss")),
        ("events", _("Events near you")),
        ("notices", _("What I write to you by myself")),
        ("announcements", _("Announcements: get them or not")),
        ("municipality", _("Choose your municipality")),
        ("language", _("Български / English")),
        ("privacy", _("Your data")),
        ("help", _("What I can do")),
        ("cancel", _("Stop what we are doing")),
    )


def _in(translator: Translator) -> Introduction:
    _ = translator.gettext
    about = _(
        "Gishe is the municipal counter in your phone: technical services of Strumyani, Montana, Ihtiman and Belene. "
        "Ask in your own words and learn which documents to bring, how long it takes and what it costs."
    )
    return Introduction(
        commands(translator),
        about,
        _("Technical services of four municipalities, explained in a minute."),
        (
            ("group", _("The department that works in this group")),
            ("cancel", _("Stop what we are doing")),
            ("help", _("What I can do")),
        ),
    )
