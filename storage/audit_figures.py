"""Whether published figures follow from the published entries: matters filed, ended and open, counted anew."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from storage.audit_findings import BAD, GOOD, N_, NOTE, Report
from storage.casemoves import DECIDED

SCHEMA = "gishe-figures/"
ZONE = ZoneInfo("Europe/Sofia")  # Whose months the figures count.
NAMES = {"filed": N_("matters filed"), "ended": N_("matters ended"), "open": N_("matters open")}
Counts = dict[str, int]


class History:
    """What the entries tell of matters: for each, its municipality and when it came into which state."""

    def __init__(self) -> None:
        self.cases: dict[str, tuple[str, list[tuple[str, str]]]] = {}
        self.reports: list[Mapping[str, Any]] = []

    def take(self, says: Mapping[str, Any]) -> None:
        if says["kind"] == "report":
            self.reports.append(says)
        elif "case" in says and "state" in says:
            _place, steps = self.cases.setdefault(str(says["case"]), (str(says.get("municipality")), []))
            steps.append((says["at"], str(says["state"])))

    def count(self, municipality: str, month: str, until: str) -> Counts:
        """The figures of a month as they stood just before `until`."""
        counts = dict.fromkeys(NAMES, 0)
        for place, steps in self.cases.values():
            if place != municipality or steps[0][0] >= until:
                continue
            counts["filed"] += _month(steps[0][0]) == month
            was_ended = False
            for at, state in steps:
                if at >= until:
                    break
                is_ended = state in DECIDED
                counts["ended"] += is_ended and not was_ended and _month(at) == month
                was_ended = is_ended
            counts["open"] += not was_ended
        return counts


def _month(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(ZONE).strftime("%Y-%m")


def check(report: Report, history: History, document: bytes) -> None:
    """Compare a document of monthly figures (JSON) with what the entries give."""
    try:
        figures = orjson.loads(document)
        figures = figures.get("figures", figures)
        if not str(figures["schema"]).startswith(SCHEMA):
            raise ValueError
        place, month, until = figures["municipality"], figures["month"], figures["as_of"]
        told = {"filed": figures["filed"], "ended": figures["ended"], "open": figures["open"]["count"]}
        least = history.count(place, month, until)
        most = history.count(place, month, until[:-1] + "~")  # With what happened in that very second.
    except (ValueError, KeyError, TypeError, AttributeError):
        report.add(BAD, "figures", N_("This is no document of monthly figures, or it is damaged."))
        return
    is_well = True
    for name, value in told.items():
        if value not in range(min(least[name], most[name]), max(least[name], most[name]) + 1):
            is_well = False
            text = N_("{municipality}, {month}: the figures say {told} ({what}), the entries of the journal {counted}.")
            report.add(BAD, "figures-differ", text, municipality=place, month=month, what=NAMES[name],
                       told=value, counted=least[name])  # fmt: skip
    if is_well:
        text = N_("{municipality}, {month}: matters filed ({filed}), ended ({ended}) and open ({open}) are those that "
                  "the entries of the journal give.")  # fmt: skip
        report.add(GOOD, "figures", text, municipality=place, month=month, **told)
    _published(report, history, document, place, month)


def _published(report: Report, history: History, document: bytes, place: str, month: str) -> None:
    """Whether these very bytes were published as the monthly report."""
    digest = hashlib.sha256(document).hexdigest()
    same = [one for one in history.reports if (one.get("municipality"), one.get("month")) == (place, month)]
    if any(digest in one.values() for one in same):
        report.add(GOOD, "report", N_("The document is the monthly report as it was published, byte for byte."))
    elif same:
        report.add(NOTE, "report", N_("The document is not, byte for byte, the monthly report that was published."))
