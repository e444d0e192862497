"""What the check of a journal finds: sentences that are said in the language of whoever reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GOOD, NOTE, BAD = "good", "note", "bad"


def N_(message: str) -> str:
    """Mark a sentence for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is for programs, `message` for people; a value that is an `Entry` becomes its description."""

    level: str
    code: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the journal: its place, counted from 0, and what it says, where that can be read."""

    position: int
    says: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Report:
    """The outcome of a check."""

    findings: list[Finding] = field(default_factory=list)
    size: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, level: str, code: str, message: str, **values: Any) -> None:
        self.findings.append(Finding(level, code, message, values))

    @property
    def is_well(self) -> bool:
        return not any(finding.level == BAD for finding in self.findings)

    def codes(self, level: str = BAD) -> list[str]:
        return [finding.code for finding in self.findings if finding.level == level]
