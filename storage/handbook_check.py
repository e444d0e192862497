"""Everything that can be wrong with a handbook document, all of it at once."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from storage.handbook_fields import PARTS
from storage.handbook_problems import N_, Finding, Path, Places, Problem, locate
from storage.handbook_rules import Rules
from storage.handbook_schema import Fields

DEEPEST = 12  # Levels; the handbook has eight. Much deeper trees only wear out whoever walks them.
ZONE = ZoneInfo("Europe/Sofia")
NO_HANDBOOK = N_("This is no handbook: a group of parts like “services” and “categories” is needed.")
TOO_DEEP = N_("The document is nested deeper than {most} levels.")


def check(document: Any, places: Places | None = None, today: date | None = None) -> list[Problem]:
    """Look at the whole document. `places` says where a person finds its parts, if not in a JSON file."""
    found = findings(document, today or datetime.now(ZONE).date())
    return [locate(finding, document, places or {}) for finding in found]


def findings(document: Any, today: date) -> list[Finding]:
    if not isinstance(document, Mapping):
        return [Finding((), NO_HANDBOOK)]
    if _is_too_deep(document):
        return [Finding((), TOO_DEEP, {"most": DEEPEST})]
    found = [*Fields(fields=PARTS).findings(document), *Rules(document, today).findings()]
    order = {part: place for place, part in enumerate(PARTS)}
    return sorted(found, key=lambda finding: _order(finding.path, order))


def _order(path: Path, parts: Mapping[str, int]) -> tuple[int, int]:
    """By part and by its rows; a finding without a row comes first."""
    row = path[1] if len(path) > 1 and isinstance(path[1], int) else -1
    return parts.get(str(path[0]) if path else "", -1), row


def _is_too_deep(document: Any) -> bool:
    level = [document]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for value in level:
            if isinstance(value, Mapping | list):
                below.extend(value.values() if isinstance(value, Mapping) else value)
        level = below
    return any(isinstance(value, Mapping | list) for value in level)
