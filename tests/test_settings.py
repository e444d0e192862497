"""The settings: everything that is wrong is told at once, in words."""

import pytest

from bot.settings import WrongSettings, read


def test_nothing_is_required() -> None:
    settings = read({})
    assert settings.port == 8080
    assert settings.database_url == "sqlite+aiosqlite:///data/gishe.db"


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(WrongSettings) as wrong:
        read({"PORT": "eighty", "TELEGRAM_TOKEN": "x", "TIMEZONE": "Mars/Base", "DEFAULT_LANGUAGE": "de"})
    assert len(wrong.value.problems) == 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", "not a token"),
        ("TELEGRAM_API_URL", "ftp://example.org"),
        ("TELEGRAM_WEBHOOK_SECRET", "with spaces in it"),
        ("TELEGRAM_RATE", "0"),
        ("TELEGRAM_RATE", "1001"),
        ("PUBLIC_URL", "http://gishe.example"),
        ("PUBLIC_URL", "https://gishe.example/path"),
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://localhost/gishe"),
        ("DATABASE_URL", "nonsense"),
        ("TIMEZONE", "../etc/passwd"),
        ("JOURNAL_KEY", "c2hvcnQ="),
        ("JOURNAL_KEY", "не е base64"),
        ("JOURNAL_WITNESSES", "witness.example/w1"),
        ("JOURNAL_TELEGRAM", "@gishe_log"),
        ("JOURNAL_WEBHOOK", "http://partner.example/heads"),
        ("JOURNAL_MAIL", "partner@example.org"),
        ("JOURNAL_PUBLISH_HOURS", "0"),
        ("MAIL_SERVER", "https://mail.example"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_wrong_value_names_its_setting(name: str, value: str) -> None:
    with pytest.raises(WrongSettings) as wrong:
        read({name: value})
    assert len(wrong.value.problems) == 1
    assert name in wrong.value.problems[0]


def test_secrets_are_not_in_the_words_about_them() -> None:
    with pytest.raises(WrongSettings) as wrong:
        read({"TELEGRAM_TOKEN": "12345:short-secret"})
    assert "short-secret" not in str(wrong.value)


def test_given_values_are_taken() -> None:
    settings = read({"PORT": "9000", "PUBLIC_URL": "https://gishe.example", "DATA_DIR": "/var/lib/gishe"})
    assert settings.port == 9000
    assert settings.base_url == "https://gishe.example"
    assert settings.database_url == "sqlite+aiosqlite:////var/lib/gishe/gishe.db"
