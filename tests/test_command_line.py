"""The command line, as an administrator types it."""

import json
from pathlib import Path

import pytest

from bot.command_line import main
from storage.roles import ROLES


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_database_url: str) -> None:
    """A folder of one's own with a filled database, and no settings of the machine."""
    monkeypatch.chdir(tmp_path)
    for name in ("TELEGRAM_TOKEN", "PUBLIC_URL", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("DATABASE_URL", sqlite_database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LOG_LEVEL", "ERROR")


def test_ask_answers_as_the_chat_would(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "разрешение за строеж на къща", "--municipality", "montana"]) == 0
    out = capsys.readouterr().out
    assert "Издаване на разрешение за строеж" in out
    assert "1. ☑️ Списък на документите" in out


def test_ask_in_english(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "permit to build a house", "--language", "en"]) == 0
    assert "Issuing a building permit" in capsys.readouterr().out


def test_ask_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "мирише на газ в блока", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["intent"] == "emergency"
    assert set(document) >= {"q", "intent", "results", "confident"}


def test_batch_answers_line_by_line_in_order(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    questions = ["скица на имот", "здравейте", "дупка на улицата", "какво е времето"]
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps({"q": q, "other": 1}) + "\n" for q in questions), encoding="utf-8")
    assert main(["ask", "--batch", str(file)]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["q"] for answer in answers] == questions
    assert [answer["intent"] for answer in answers] == ["service", "smalltalk", "report", "out_of_scope"]
    assert all(set(result) >= {"id", "score"} for answer in answers for result in answer["results"])
    assert len(answers[0]["results"]) >= 3


@pytest.mark.parametrize("line", ["not json", "[]", '{"question": "x"}', '{"q": 5}'])
def test_batch_names_the_wrong_line(line: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"q": "скица"}\n' + line + "\n", encoding="utf-8")
    assert main(["ask", "--batch", str(file)]) == 1
    assert "Line 2" in capsys.readouterr().err


def test_batch_of_a_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--batch", "nowhere.jsonl"]) == 1
    assert "nowhere.jsonl" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["ask"], ["ask", "q", "--batch", "f"], ["ask", "q", "--municipality", "sofia"]])
def test_wrong_usage_is_status_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("role", ROLES)
def test_invitation_for_each_role(role: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["invite", role, "--municipality", "belene", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["role"] == role
    assert document["links"]["web"].startswith("http://127.0.0.1:8080/chat?start=inv_")
    payload = document["links"]["web"].partition("start=")[2]
    assert len(payload) <= 64  # Telegram's limit for a deep link.


def test_invitation_to_no_such_municipality(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["invite", "staff", "--municipality", "sofia"]) == 2
    assert "montana" in capsys.readouterr().err


def test_invitation_for_too_many_days() -> None:
    assert main(["invite", "staff", "--days", "4000"]) == 2


def test_check_finds_everything_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    out = capsys.readouterr().out
    assert "✗" not in out
    assert "119 services" in out


def test_check_says_what_to_do(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:////proc/none/gishe.db")
    assert main(["check", "--json"]) == 1
    findings = {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert not findings["database and handbook"]["is_well"]
    assert "DATABASE_URL" in findings["database and handbook"]["words"]


def test_wrong_settings_stop_everything_with_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "eighty")
    monkeypatch.setenv("TIMEZONE", "Mars")
    assert main(["check"]) == 1
    err = capsys.readouterr().err
    assert "PORT" in err
    assert "TIMEZONE" in err
    assert "Traceback" not in err


def test_help_is_in_the_language_of_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "bg_BG.UTF-8")
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "еднократна покана" in capsys.readouterr().out


def test_unknown_command_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["frobnicate"])
    assert ended.value.code == 2
