"""`gishe figures` and `gishe export` on a terminal."""

import csv
import json
import random
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.command_line import main
from storage.database import Store
from storage.months import Month
from tests import believable


@pytest.fixture
async def database(sqlite_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A town that lives now: the command line has no other clock."""
    monkeypatch.setenv("DATABASE_URL", sqlite_database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LANG", "en")
    store = Store(sqlite_database_url)
    now = datetime.now(UTC)
    async with store.writing() as db:
        await believable.live(db, believable.a_year(random.Random(3), now, 9), now)
    await store.close()
    return sqlite_database_url


def test_figures_are_printed_and_are_one_json_document(database, capsys):
    last = Month.of(datetime.now(UTC)).previous.name
    assert main(["figures", "--municipality", "montana", "--month", last]) == 0
    text = capsys.readouterr().out
    assert "Montana Municipality" in text
    assert "Everything adds up." in text
    assert "do not rank municipalities" in text
    assert main(["figures", "--municipality", "montana", "--month", last, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["month"], document["is_complete"]) == (last, True)
    assert main(["figures", "--month", "2999-01"]) == 2


def test_exports_are_the_same_in_every_format(database, capsysbinary, tmp_path):
    file = tmp_path / "cases.csv"
    assert main(["export", "cases", "-o", str(file)]) == 0
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert len(rows) > 50
    capsysbinary.readouterr()
    assert main(["export", "cases", "--format", "json"]) == 0
    document = json.loads(capsysbinary.readouterr().out)
    assert [row["number"] for row in document["rows"]] == [row["number"] for row in rows]
    assert main(["export", "figures", "--format", "xlsx", "--municipality", "montana"]) == 0
    sheet = load_workbook(BytesIO(capsysbinary.readouterr().out))["data"]
    assert sheet["A2"].value == "montana"
    assert main(["export", "cases", "--from", "yesterday"]) == 2
