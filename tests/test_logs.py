"""Log lines: what is written, and that a line that cannot be written takes nothing else with it."""

import io
import json
import sys
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from tests.town import Town, broken_choice


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


class Torn(io.StringIO):
    """A pipe that nobody reads any more."""

    def write(self, _line: str) -> int:
        raise BrokenPipeError


def test_a_line_is_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", "json")
    structlog.get_logger().info("sent", letter=7)
    structlog.get_logger().debug("unheard")
    (line,) = capsys.readouterr().err.splitlines()
    document = json.loads(line)
    assert (document["event"], document["letter"], document["level"]) == ("sent", 7, "info")


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_line_goes_where_standard_error_is_now(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    stale = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", stale)
        logs.configure("INFO", form)
        log = structlog.get_logger()
        log.info("first")
    stale.close()
    log.info("second")
    assert "second" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["console", "json"])
async def test_the_bot_goes_on_when_its_lines_cannot_be_written(
    sqlite_town: Town, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", Torn())
    logs.configure("INFO", form)
    broken = await broken_choice(sqlite_town.ana)
    assert "Съжалявам" in await sqlite_town.ana.sends(broken)
    assert "Съжалявам" not in await sqlite_town.ana.says("/help")
