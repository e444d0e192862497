"""A receipt in words: what the page, the PDF and the text say alike."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from locales import Translator
from storage import receipts
from storage.audit_findings import N_
from storage.handbook import Handbook
from storage.notes import Checkpoint

STEPS = {"filed": N_("Receipt for what you filed"), "decided": N_("Receipt for the decision")}
FIELDS = {
    "kind": N_("Kind"),
    "title": N_("Title"),
    "category": N_("Category"),
    "place": N_("Place"),
    "decision": N_("Decision"),
    "state": N_("State"),
    "reason": N_("Reason"),
    "files": N_("Files (SHA-256)"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    words: str
    value: str  # As it stands in the entry, so that the page can compare.
    field: str


class Words:
    """One receipt, said in one language."""

    def __init__(self, document: Mapping[str, Any], speak: Translator, handbook: Handbook) -> None:
        self.document = document
        self.speak = speak
        self.says = receipts.facts(document["entry"])
        places = handbook.municipalities
        self.place = places.get(self.says.get("municipality", ""), {}).get("full_name", {}).get(speak.language, "")
        self.names = {kind["id"]: kind["name"] for kind in handbook.casework["kinds"]}
        self.names |= {category: report["title"] for category, report in handbook.reports.items()}

    @property
    def heading(self) -> str:
        name = STEPS[self.says["step"]]
        return self.speak.gettext(name)

    @property
    def digest(self) -> str:
        return base64.b64decode(self.says["commitment"]).hex()

    @property
    def facts(self) -> list[Fact]:
        _, speak, says = self.speak.gettext, self.speak, self.says
        at = datetime.fromisoformat(says["at"])
        found = [Fact(_("Number"), says["case"], says["case"], "case")]
        if self.place:
            found.append(Fact(_("Municipality"), self.place, says["municipality"], "municipality"))
        found.append(Fact(_("Recorded on"), f"{speak.date(at)}, {speak.time(at)}", says["at"], "at"))
        if due := says.get("due"):
            found.append(Fact(_("Answer promised by"), speak.date(date.fromisoformat(due)), due, "due"))
        found.append(Fact(_("Fingerprint of the contents (SHA-256 with salt)"), self.digest, "", ""))
        return found

    @property
    def erased(self) -> str:
        """What is said where the contents were erased; empty while they are there."""
        opening = self.document["opening"]
        if "erased_at" not in opening:
            return ""
        at = datetime.fromisoformat(opening["erased_at"])
        return self.speak.gettext("The contents were erased on {date} (reason: {reason}).").format(
            date=self.speak.date(at), reason=opening.get("reason") or "?"
        )

    @property
    def text(self) -> str:
        """What was filed or decided, as a person wrote it."""
        return str(self._content.get("text") or "")

    @property
    def details(self) -> list[tuple[str, str]]:
        """The rest of the contents."""
        told = []
        for field, name in FIELDS.items():
            value = self._content.get(field)
            if value:
                words = "\n".join(map(str, value)) if isinstance(value, list) else self._name(str(value))
                told.append((self.speak.gettext(name), words))
        return told

    def _name(self, value: str) -> str:
        """Kinds and categories are recorded by their ids; people read their names."""
        return str(self.names.get(value, {}).get(self.speak.language) or value)

    @property
    def _content(self) -> Mapping[str, Any]:
        content = self.document["opening"].get("content")
        read = orjson.loads(content) if content else {}
        return read if isinstance(read, dict) else {}

    @property
    def is_sealed(self) -> bool:
        return "checkpoint" in self.document

    @property
    def seal(self) -> str:
        """Where it stands in the journal."""
        _, number = self.speak.gettext, self.speak.number
        if not self.is_sealed:
            return _("The seal is being made. It takes a minute at most; then this receipt can be checked by anybody.")
        return _("Entry {position} of the {size} entries of the public journal {origin}.").format(
            position=number(self.document["position"]), size=number(self.checkpoint.size), origin=self.checkpoint.origin
        )

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint.read(self.document["checkpoint"])

    @property
    def how(self) -> str:
        return self.speak.gettext(
            "Anybody can check this receipt without trusting the municipality: open its address, or save it as .json "
            "and run `gishe verify --receipt FILE`. Whoever has the address sees what was filed, so share it with care."
        )

    def as_text(self, address: str) -> str:
        """The receipt for a terminal, a mail or a screen reader."""
        lines = [self.heading, ""]
        lines += [f"{fact.name}: {fact.words}" for fact in self.facts]
        lines += ["", self.erased or self.text]
        lines += [f"{name}: {words}" for name, words in self.details]
        lines += ["", self.seal, ""]
        if self.is_sealed:
            lines += [self.document["checkpoint"]]
        return "\n".join([*lines, address, "", self.how, ""])
