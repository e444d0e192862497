"""The words for people: Babel catalogues and the translator that speaks from them."""

import datetime as dt
from contextlib import suppress
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from zoneinfo import ZoneInfo

from babel import Locale, localedata
from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

LANGUAGES = {"bg": "Български", "en": "English"}
DEFAULT_LANGUAGE = "bg"
FOLDER = Path(__file__).parent
UNSAID = {
    "territories", "languages", "scripts", "variants", "currency_names", "currency_names_plural", "currency_symbols",
    "currency_unit_patterns", "unit_patterns", "unit_display_names", "compound_unit_patterns", "meta_zones",
    "time_zones", "interval_formats", "datetime_skeletons", "compact_decimal_formats", "compact_currency_formats",
}  # fmt: skip


class Translator:
    """Speaks one language: sentences from the catalogue; dates, times and numbers as its readers write them."""

    def __init__(self, language: str, timezone: ZoneInfo) -> None:
        self.language = language
        self.timezone = timezone
        self.locale = Locale.parse("en_GB" if language == "en" else language)
        _spare()
        catalogue = load(language)
        self.gettext = catalogue.ugettext
        self.ngettext = catalogue.ungettext

    def __reduce__(self) -> tuple[type["Translator"], tuple[str, ZoneInfo]]:
        return Translator, (self.language, self.timezone)

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
def _spare() -> None:
    """CLDR also names countries, currencies and units: half of what Babel keeps of a language, said nowhere here."""
    for name in ("root", "en", "en_001", "en_GB", "bg"):  # Whom they inherit from first.
        known = localedata.load(name)  # Babel's own, and the same at every request.
        for part in UNSAID & known.keys():
            del known[part]


@cache
def load(language: str) -> Translations:
    """Read a catalogue from its .po file: nothing to compile, nothing to forget to compile."""
    return Translations(BytesIO(_compiled(FOLDER / language / "LC_MESSAGES" / "gishe.po", language)))


def _compiled(source: Path, language: str) -> bytes:
    """Compiled once and kept beside, as Python keeps its modules: parsing takes a second and much memory."""
    words = source.read_bytes()
    kept = source.parent / "__pycache__" / f"{source.stem}.{sha256(words).hexdigest()[:16]}.mo"
    with suppress(OSError):
        return kept.read_bytes()
    compiled = compile_words(words, language)
    with suppress(OSError):  # Where we may not write, it is compiled at every start.
        _keep(kept, compiled)
    return compiled


def compile_words(words: bytes, language: str) -> bytes:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(words), locale=language))
    return compiled.getvalue()


def _keep(kept: Path, compiled: bytes) -> None:
    kept.parent.mkdir(exist_ok=True)
    for old in kept.parent.glob(f"{kept.name.partition('.')[0]}.*.mo"):
        old.unlink(missing_ok=True)
    with NamedTemporaryFile(dir=kept.parent, delete=False) as file:  # Whole or not at all, whoever else starts now.
        file.write(compiled)
    fresh = Path(file.name)
    fresh.chmod(0o644)  # Who installs is seldom who runs, and a temporary file is its maker's alone.
    fresh.replace(kept)
