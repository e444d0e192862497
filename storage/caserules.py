"""The rules of each kind of case, read from an edition of the handbook: nothing about the law stands in the code.

What the law says comes with how sure we are of it (`verified`, `knowledge`, `unverified`) and is dated by the edition;
a case keeps the number of the edition under which it was filed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from storage.handbook import Handbook
from storage.workcalendar import Calendar, Step, Term

Local = Mapping[str, str]
NEAR_M = 50  # Two reports of one thing stand this close, where the category does not say otherwise.
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    data: Mapping[str, Any]

    @property
    def is_sensitive(self) -> bool:
        return bool(self.data["sensitive"])

    @property
    def needs_approval(self) -> bool:
        """Whether a second person reads an answer before it goes out; where the edition is silent, if sensitive."""
        wanted = self.data.get("approval")
        return self.is_sensitive if wanted is None else bool(wanted)

    @property
    def near_m(self) -> int:
        return int(self.data.get("near_m") or NEAR_M)

    @property
    def kind(self) -> str:
        return str(self.data["default_kind"])

    @property
    def priority(self) -> str:
        return str(self.data["default_priority"])

    def title(self, language: str) -> str:
        return str(self.data["title"][language])


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of case under one edition."""

    id: str
    data: Mapping[str, Any]
    edition: int

    def name(self, language: str) -> str:
        return str(self.data["name"][language])

    @property
    def is_accepted(self) -> bool:
        """Whether the bot may take it at all: an appeal or an emergency it may not."""
        return bool(self.data["bot_accepts"])

    @property
    def may_be_anonymous(self) -> bool:
        """Whether an anonymous one gets a procedure and an answer; if not, it is kept for information only."""
        return bool(self.data["anonymity"]["allowed"])

    @property
    def is_appealable(self) -> bool:
        return bool(self.data["appeal"]["appealable"])

    @property
    def is_statutory(self) -> bool:
        """Whether the term for deciding is the law's and not only our own."""
        return bool(self.data["decide"]["statutory"])

    @property
    def has_term(self) -> bool:
        decide = self.data["decide"]
        return bool(decide.get("months") or decide.get("days"))

    @property
    def waiting(self) -> str:
        """What waiting for the citizen does to the law's term: `none`, `pause` or `restart`."""
        return str((self.data.get("waiting") or {}).get("effect", "none"))

    def certainty(self, rule: str) -> str:
        """How sure we are of a rule: of `decide`, `extension`, `forward`, `acknowledge`, `anonymity`, `appeal`."""
        return str(self.data[rule]["verification"])

    def rule(self, name: str, language: str) -> str:
        """What the edition says of a rule, in words."""
        part = self.data[name]
        words: Local = part.get("basis") or part.get("rule") or part.get("by")
        return words[language]

    def term(self, filed: date) -> list[dict[str, Any]]:
        """The first step of the case's term."""
        decide = self.data["decide"]
        return [self._step("term", decide, filed)] if self.has_term else []

    def _step(self, what: str, rule: Mapping[str, Any], start: date | None = None) -> dict[str, Any]:
        step: dict[str, Any] = {"what": what, "edition": self.edition, "verification": rule["verification"]}
        if start is not None:
            step["from"] = start.isoformat()
        if rule.get("months"):  # The edition gives days beside months only for programs that cannot count months.
            step["months"] = rule["months"]
        else:
            step |= {"days": rule["days"], "unit": rule.get("unit", "calendar")}
        return step

    @property
    def may_extend(self) -> bool:
        rule = self.data["extension"]
        return bool(rule.get("months") or rule.get("days") or rule.get("max_total_months"))

    def extension(
        self, steps: Sequence[Step], months: int | None = None, days: int | None = None
    ) -> dict[str, Any] | None:
        """The step of a lawful extension, by the most that the law allows or by less; None beyond it."""
        rule = self.data["extension"]
        if any(step["what"] == "extension" for step in steps) or not self.may_extend:
            return None
        most = self._most_months(rule, steps) if rule.get("max_total_months") else rule.get("months")
        if most:
            months = months if months is not None else most
            step = {"months": months} if days is None and 0 < months <= most else None
        else:
            days = days if days is not None else rule["days"]
            step = {"days": days, "unit": "calendar"} if months is None and 0 < days <= rule["days"] else None
        return step and {"what": "extension", "edition": self.edition, "verification": rule["verification"], **step}

    @staticmethod
    def _most_months(rule: Mapping[str, Any], steps: Sequence[Step]) -> int:
        used = sum(step.get("months") or 0 for step in steps if step["what"] == "term")
        return max(0, int(rule["max_total_months"]) - used)

    def by(self, rule: str, filed: date, calendar: Calendar) -> date | None:
        """Until when to `forward` or `acknowledge`."""
        part = self.data[rule]
        if not part.get("days"):
            return None
        term = calendar.compute([self._step(rule, part, filed)])
        # Forwarding has a last day by law, but earlier is safe: it is not moved past what the law says.
        if term is None:
            return None
        return term.reached if part["statutory"] else term.due


class Rules:
    """Everything an edition says about casework."""

    def __init__(self, book: Handbook) -> None:
        self.edition = book.number
        self.kinds = {kind["id"]: Kind(kind["id"], kind, book.number) for kind in book.casework["kinds"]}
        self.categories = {name: Category(name, data) for name, data in book.reports.items()}
        self.targets = {p["id"]: p["target_working_days"] for p in book.casework["priorities"]}

    def kind(self, name: str) -> Kind:
        return self.kinds[name]

    def category(self, name: str | None) -> Category | None:
        return self.categories.get(name or "")

    def target(self, priority: str, filed: date, calendar: Calendar) -> date | None:
        """Our own target in working days."""
        days = self.targets.get(priority)
        return None if days is None else calendar.add_working(filed, days)


def due(kind: Kind, filed: date, calendar: Calendar) -> Term | None:
    """Until when a case filed on that day is to be decided, and how that was computed."""
    return calendar.compute(kind.term(filed))
