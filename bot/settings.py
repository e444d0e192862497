"""The settings: read once from the environment and `.env`, checked all at once, frozen."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from handlers.rules import Rules
from locales import LANGUAGES
from storage.database import sqlite_url
from storage.notes import COSIGNATURE, NOTE, Key, Unreadable

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class WrongSettings(Exception):
    """One sentence for each setting that is wrong, with what to write instead."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _setting(default: Any, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every field is a setting of the same name in capitals; `.env.example` is written from them."""

    telegram_token: str = _setting("", "The token from @BotFather. Empty: no Telegram.")
    telegram_api_url: str = _setting("https://api.telegram.org", "Another Bot API server, if you run your own.")
    telegram_webhook_secret: str = _setting("", "1-256 of A-Z a-z 0-9 _ -. Empty: made and kept in DATA_DIR.")
    telegram_rate: int = _setting(30, "Messages a second to Telegram in all, 1-1000 (more than 30: paid broadcast).")
    public_url: str = _setting("", "The https address under which the world reaches this server. With it Telegram "
                                   "calls PUBLIC_URL/telegram; without it we ask Telegram.")  # fmt: skip
    host: str = _setting("127.0.0.1", "The address to listen on.")
    port: int = _setting(8080, "The port to listen on.")
    data_dir: Path = _setting(Path("data"), "Where the embedded database, received files and keys are kept.")
    database_url: str = _setting("", "sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME. "
                                     "Empty: DATA_DIR/gishe.db.")  # fmt: skip
    default_language: str = _setting("bg", "The language of people whose device does not tell: bg or en.")
    timezone: str = _setting("Europe/Sofia", "The time zone of the municipalities.")
    journal_key: str = _setting("", "32 random bytes in base64 that sign the journal. Empty: made and kept in DATA_DIR "
                                    "(then back that file up, too).")  # fmt: skip
    journal_witnesses: str = _setting("", "Public keys (vkeys of C2SP tlog-cosignature) of those whose cosignatures we "
                                          "take, separated by spaces.")  # fmt: skip
    journal_telegram: str = _setting("", "A Telegram channel of the partners, @name or number, that is sent the "
                                         "journal's heads (our bot must be its administrator).")  # fmt: skip
    journal_webhook: str = _setting("", "An https address of the partners that is sent the journal's heads (POST).")
    journal_mail: str = _setting("", "A mailbox of the partners that is sent the journal's heads.")
    journal_publish_hours: int = _setting(24, "Hours between two heads sent to them, 1-168.")
    mail_server: str = _setting("", "smtp://USER:PASSWORD@HOST:587 (STARTTLS) or smtps://…:465. Needed for "
                                    "JOURNAL_MAIL.")  # fmt: skip
    mail_from: str = _setting("", "The address that our mail comes from.")
    approval_above: int = _setting(500, "An announcement to more people than this needs a second person's approval.")
    viber_price: str = _setting("0", "Euro for each Viber message that nobody asked for, as in your contract: it is "
                                     "shown as the cost of an announcement before it is sent.")  # fmt: skip
    metrics_token: str = _setting("", "With it /metrics answers from anywhere to `Authorization: Bearer TOKEN`; "
                                      "without it only to this machine.")  # fmt: skip
    trusted_proxies: int = _setting(0, "How many reverse proxies of yours stand in front (their X-Forwarded-For "
                                       "is believed).")  # fmt: skip
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR.")
    log_format: str = _setting("console", "console or json.")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def rules(self) -> Rules:
        return Rules(approval_above=self.approval_above, prices={"viber": Decimal(self.viber_price)})

    @property
    def base_url(self) -> str:
        """Where links to the web chat lead."""
        return self.public_url or f"http://{self.host}:{self.port}"


def read(environment: Mapping[str, str]) -> Settings:
    """Return the settings or raise `WrongSettings` with everything that is wrong with them."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for setting in fields(Settings):
        raw = environment.get(setting.name.upper(), "").strip()
        if not raw:
            continue
        try:
            values[setting.name] = setting.type(raw) if setting.type in (int, Path) else raw
        except ValueError:
            problems.append(f"{setting.name.upper()}={raw}: this must be a whole number.")
    settings = Settings(**values)
    problems += [problem for check in CHECKS if (problem := check(settings))]
    if problems:
        raise WrongSettings(problems)
    if not settings.database_url:
        url = sqlite_url(settings.data_dir / "gishe.db")
        settings = Settings(**{**values, "database_url": url})
    return settings


def _token(s: Settings) -> str:
    if not s.telegram_token or re.fullmatch(r"\d+:[\w-]{30,}", s.telegram_token):
        return ""
    return "TELEGRAM_TOKEN: this is no token; it looks like 123456:AAbb… Copy it whole from @BotFather."


def _secret(s: Settings) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-]{0,256}", s.telegram_webhook_secret):
        return ""
    return "TELEGRAM_WEBHOOK_SECRET: only A-Z a-z 0-9 _ - are allowed, at most 256 of them."


def _rate(s: Settings) -> str:
    return "" if 1 <= s.telegram_rate <= 1000 else "TELEGRAM_RATE: a number from 1 to 1000."


def _public(s: Settings) -> str:
    url = urlsplit(s.public_url)
    if not s.public_url or (url.scheme == "https" and url.netloc and url.path in ("", "/") and not url.query):
        return ""
    return f"PUBLIC_URL={s.public_url}: write https:// and the host name only, for example https://gishe.example.bg"


def _api(s: Settings) -> str:
    return "" if urlsplit(s.telegram_api_url).scheme in ("http", "https") else "TELEGRAM_API_URL: an http(s) address."


def _port(s: Settings) -> str:
    return "" if 0 <= s.port <= 65535 else "PORT: a number from 1 to 65535 (0 takes any free one)."


def _database(s: Settings) -> str:
    if not s.database_url:
        return ""
    try:
        driver = make_url(s.database_url).drivername
    except ArgumentError:
        driver = ""
    if driver in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        return ""
    return "DATABASE_URL: begin with sqlite+aiosqlite:/// or postgresql+asyncpg://"


def _language(s: Settings) -> str:
    return "" if s.default_language in LANGUAGES else f"DEFAULT_LANGUAGE: one of {', '.join(LANGUAGES)}."


def _zone(s: Settings) -> str:
    try:
        ZoneInfo(s.timezone)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError.
        return f"TIMEZONE={s.timezone}: no such zone; write for example Europe/Sofia."
    return ""


def _journal_key(s: Settings) -> str:
    try:
        is_well = not s.journal_key or len(base64.b64decode(s.journal_key, validate=True)) == 32
    except ValueError:
        is_well = False
    return "" if is_well else "JOURNAL_KEY: 32 bytes in base64; `gishe journal new-key` prints a fresh one."


def _journal_witnesses(s: Settings) -> str:
    try:
        kinds = {Key.read(vkey).kind for vkey in s.journal_witnesses.split()}
    except Unreadable:
        kinds = {NOTE}
    return "" if kinds <= {COSIGNATURE} else "JOURNAL_WITNESSES: keys like witness.example/w1+0123abcd+BA…"


def _journal_outside(s: Settings) -> str:
    if s.journal_telegram and not re.fullmatch(r"@[A-Za-z]\w{3,31}|-?\d{5,20}", s.journal_telegram):
        return "JOURNAL_TELEGRAM: @name of the channel, or its number."
    if s.journal_telegram and not s.telegram_token:
        return "JOURNAL_TELEGRAM needs TELEGRAM_TOKEN."
    hook = urlsplit(s.journal_webhook)
    is_here = hook.hostname in ("127.0.0.1", "localhost", "::1")
    if s.journal_webhook and not (hook.netloc and (hook.scheme == "https" or (hook.scheme == "http" and is_here))):
        return "JOURNAL_WEBHOOK: an https address."
    if s.journal_mail and not (_is_mailbox(s.journal_mail) and _is_mailbox(s.mail_from) and s.mail_server):
        return "JOURNAL_MAIL, MAIL_FROM: one address each; MAIL_SERVER must be set, too."
    server = urlsplit(s.mail_server)
    if s.mail_server and not (server.scheme in ("smtp", "smtps") and server.hostname):
        return "MAIL_SERVER: begin with smtp:// or smtps://"
    return "" if 1 <= s.journal_publish_hours <= 168 else "JOURNAL_PUBLISH_HOURS: a number from 1 to 168."


def _is_mailbox(address: str) -> bool:
    return bool(re.fullmatch(r"[^@\s<>,]+@[^@\s<>,]+", address))


def _approval(s: Settings) -> str:
    return "" if s.approval_above >= 0 else "APPROVAL_ABOVE: a number of people, 0 or more."


def _price(s: Settings) -> str:
    if re.fullmatch(r"\d{1,3}(\.\d{1,4})?", s.viber_price):
        return ""
    return f"VIBER_PRICE={s.viber_price}: euro for a message, for example 0.018 (0 where it costs nothing)."


def _log(s: Settings) -> str:
    if s.log_level in LOG_LEVELS and s.log_format in ("console", "json"):
        return ""
    return "LOG_LEVEL: DEBUG, INFO, WARNING or ERROR. LOG_FORMAT: console or json."


CHECKS: tuple[Callable[[Settings], str], ...] = (
    _token, _secret, _rate, _public, _api, _port, _database, _language, _zone, _journal_key, _journal_witnesses,
    _journal_outside, _log, _approval, _price,
)  # fmt: skip


def example() -> str:
    """The text of `.env.example`."""
    lines = ["# Every setting with its default. Copy to .env and change what you need; nothing is required.", ""]
    for setting in fields(Settings):
        lines += [f"# {setting.metadata['about']}", f"{setting.name.upper()}={setting.default}", ""]
    return "\n".join(lines).rstrip() + "\n"
