"""The words for people: Babel catalogues and the translator that speaks from them."""

import datetime as dt
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

LANGUAGES = {"bg": "Български", "en": "English"}
DEFAULT_LANGUAGE = "bg"
FOLDER = Path(__file__).parent


class Translator:
    """Speaks one language: sentences from the catalogue; dates, times and numbers as its readers write them."""

    def __init__(self, language: str, timezone: ZoneInfo) -> None:
        self.language = language
        self.timezone = timezone
        self.locale = Locale.parse("en_GB" if language == "en" else language)
        catalogue = load(language)
        self.gettext = catalogue.ugettext
        self.ngettext = catalogue.ungettext

    def date(self, moment: dt.datetime | dt.date) -> str:
        """21 юни 2025 г. / 21 June 2025"""
        local = moment.astimezone(self.timezone).date() if isinstance(moment, dt.datetime) else moment
        return format_date(local, format="long", locale=self.locale)

    def weekday(self, moment: dt.datetime | dt.date) -> str:
        local = moment.astimezone(self.timezone).date() if isinstance(moment, dt.datetime) else moment
        return format_date(local, format="EEEE", locale=self.locale)

    def time(self, moment: dt.datetime) -> str:
        """14:30 ч. / 14:30"""
        clock = format_time(moment.astimezone(self.timezone), format="HH:mm", locale=self.locale)
        return f"{clock} ч." if self.language == "bg" else clock

    def number(self, value: float) -> str:
        """1 250 / 1,250"""
        return format_decimal(value, locale=self.locale)

    def percent(self, share: float) -> str:
        """65 % / 65%"""
        return format_percent(share, format="#,##0 %" if self.language == "bg" else "#,##0%", locale=self.locale)

    def month(self, first_day: dt.date) -> str:
        """ноември 2026 г. / November 2026"""
        return format_date(first_day, format="LLLL y 'г.'" if self.language == "bg" else "LLLL y", locale=self.locale)

    def month_short(self, first_day: dt.date) -> str:
        """ное / Nov"""
        return format_date(first_day, format="LLL", locale=self.locale).removesuffix(".")


@cache
def load(language: str) -> Translations:
    """Read a catalogue from its .po file: nothing to compile, nothing to forget to compile."""
    with (FOLDER / language / "LC_MESSAGES" / "gishe.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
