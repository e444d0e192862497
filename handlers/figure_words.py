"""The figures in words: durations, shares, the sentence that matters, and what each column is called."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from locales import Translator
from storage.figures_dictionary import DEFINITIONS, LIMITS, NOTES
from storage.handbook import Handbook

HOUR, DAY = 60, 24 * 60  # Minutes.
FEW = 10  # Below, a tenth still means something.


class Words:
    """One reader's language, and the names of what is counted."""

    def __init__(self, speak: Translator, handbook: Handbook) -> None:
        self.speak = speak
        self.handbook = handbook
        self._: Callable[[str], str] = speak.gettext
        self.n = speak.ngettext

    def __reduce__(self) -> tuple[type["Words"], tuple[Translator, Handbook]]:
        return Words, (self.speak, self.handbook)

    # --- Numbers ---

    def number(self, value: float | None) -> str:
        return "–" if value is None else self.speak.number(value)

    def count(self, value: int | None) -> str:
        """A count, or that it is hidden."""
        return self._("hidden") if value is None else self.speak.number(value)

    def duration(self, minutes: int | None) -> str:
        if minutes is None:
            return self._("not reached yet")
        if minutes < HOUR:
            return self.n("{count} minute", "{count} minutes", minutes).format(count=minutes)
        value = _rounded(minutes / HOUR if minutes < 2 * DAY else minutes / DAY)
        plural = 1 if value == 1 else 2
        if minutes < 2 * DAY:
            return self.n("{count} hour", "{count} hours", plural).format(count=self.speak.number(value))
        return self.n("{count} day", "{count} days", plural).format(count=self.speak.number(value))

    def office_hours(self, minutes: int | None) -> str:
        if minutes is None:
            return self._("not reached yet")
        hours = _rounded(minutes / HOUR)
        form = self.n("{count} office hour", "{count} office hours", 1 if hours == 1 else 2)
        return form.format(count=self.speak.number(hours))

    def share(self, figure: Mapping[str, Any]) -> str:
        """ "65% (52–76%)", or that there are too few."""
        if not figure["is_shown"]:
            return self.too_few(figure["n"])
        return self._("{share} (between {low} and {high})").format(
            share=self.speak.percent(figure["share"]),
            low=self.speak.percent(figure["low"]),
            high=self.speak.percent(figure["high"]),
        )

    def too_few(self, n: int) -> str:
        if n == 0:
            return self._("none")
        return self._("too few to say (n = {count})").format(count=n)

    def days(self, count: int | None) -> str:
        if count is None:
            return "–"
        return self.n("{count} day", "{count} days", count).format(count=self.speak.number(count))

    # --- Names ---

    def month(self, name: str) -> str:
        return self.speak.month(date.fromisoformat(f"{name}-01"))

    def month_short(self, name: str) -> str:
        return self.speak.month_short(date.fromisoformat(f"{name}-01"))

    def municipality(self, slug: str) -> str:
        place = self.handbook.municipalities.get(slug)
        return str(place["full_name"][self.speak.language]) if place else slug

    def named(self, what: str, value: str) -> str:
        """The name of a kind, a category, a channel or a reason."""
        _ = self._
        language = self.speak.language
        if what == "kind":
            kinds = {kind["id"]: kind["name"][language] for kind in self.handbook.casework["kinds"]}
            return str(kinds.get(value, value))
        if what == "category":
            report = self.handbook.reports.get(value)
            return str(report["title"][language]) if report else _("without a category")
        if what == "source":
            names = {"chat": _("Chat"), "phone": _("Telephone"), "counter": _("Counter"), "letter": _("Letter"),
                     "email": _("E-mail"), "demo": _("Trial data")}  # fmt: skip
            return names.get(value, value)
        return self._reason(value)

    def _reason(self, value: str) -> str:
        """Why something was late, or how its date was moved."""
        _ = self._
        return {
            "no-staff": _("Not enough staff"), "other-body": _("Waiting for another body"),
            "contractor": _("Waiting for a contractor"), "weather": _("Weather"),
            "complicated": _("A complicated matter"), "citizen": _("Waiting for the citizen"),
            "missed": _("Overlooked"), "other": _("Another reason"), "extend": _("Extended under the law"),
            "reply": _("Stood still until the citizen replied"), "recompute": _("The calendar of free days changed"),
            "classify": _("Another kind of matter"),
        }.get(value, value)  # fmt: skip

    def definition(self, figure_id: str) -> tuple[str, str, str]:
        """Name, meaning and formula of a figure."""
        one = DEFINITIONS[figure_id]
        return self._(one.name), self._(one.meaning), self._(one.formula)

    def note(self, name: str) -> str:
        return self._(NOTES[name]).format(**LIMITS)

    # --- Sentences ---

    def headline(self, figures: Mapping[str, Any]) -> str:
        """The sentence that matters: how many of those that fell due were decided in time."""
        _, due = self._, figures["in_time"]["first"]
        month = self.month(figures["month"])
        values = {"month": month[:1].upper() + month[1:], "due": self.number(due["due"]),
                  "in_time": self.number(due["in_time"]), "undecided": self.number(due["undecided"])}  # fmt: skip
        if not figures["filed"] and not due["due"] and not figures["open"]["count"]:
            return _("{month}: no matters yet.").format(**values)
        if not due["due"]:
            open_ = self.number(figures["open"]["count"])
            return _("{month}: no matter fell due; {open} are open.").format(**values, open=open_)
        said = _("{month}: {due} matters fell due, and {in_time} of them were decided in time.").format(**values)
        if due["undecided"]:
            said += " " + _("Past their date and still undecided: {undecided}.").format(**values)
        return said


def _rounded(value: float) -> float:
    return round(value, 1) if value < FEW else round(value)
