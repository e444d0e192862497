"""What a check of the journal found, in sentences for somebody who has never heard of a Merkle tree."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from locales import Translator
from storage.audit_findings import BAD, GOOD, N_, Entry, Finding, Report

MARKS = {GOOD: "✓", BAD: "✗"}
KINDS: Mapping[str, str] = {
    "heard": N_("a message that came in"),
    "said": N_("a message that was sent"),
    "delivery": N_("what became of a message"),
    "case": N_("a step of a case"),
    "receipt": N_("a receipt"),
    "handbook": N_("a new edition of the handbook"),
    "role-given": N_("a role that was given"),
    "role-ended": N_("a role that was taken away"),
    "department": N_("a change of a department"),
    "department-closed": N_("a department that was closed"),
    "staff-group": N_("a group of the staff"),
    "invitation": N_("an invitation to a role"),
    "look": N_("a look at personal data"),
    "export": N_("an export of data"),
    "erasure": N_("an erasure of personal data"),
    "report": N_("a monthly report"),
    "event": N_("a step of an event"),
    "announcement": N_("a step of an announcement"),
    "rules": N_("a change of the rules"),
    "calendar-day": N_("a change of the calendar"),
    "calendar-day-removed": N_("a change of the calendar"),
    "published": N_("a seal that was sent outside"),
    "key": N_("a change of the key"),
    "start": N_("a start of the program"),
    "stop": N_("a stop of the program"),
    "check": N_("a check of the journal"),
}


def words(speak: Translator, finding: Finding) -> str:
    values = {name: _value(speak, name, value) for name, value in finding.values.items()}
    return speak.gettext(finding.message).format(**values)


def line(speak: Translator, finding: Finding) -> str:
    return f"{MARKS.get(finding.level, '•')} {words(speak, finding)}"


def verdict(speak: Translator, report: Report) -> str:
    _ = speak.gettext
    if report.is_well:
        return _("The journal is in order.")
    return _("The journal is NOT in order. Keep your copies and seals, and ask in writing what happened.")


def entry_words(speak: Translator, entry: Entry) -> str:
    """Entry 1 234 (a step of a case MON-2026-000123-K, decided, 27 November 2026, 14:05)"""
    _ = speak.gettext
    name = _("Entry {number}").format(number=speak.number(entry.position))
    says = entry.says or {}
    kind = str(says.get("kind") or "")
    about = [
        speak.gettext(KINDS[kind]) if kind in KINDS else kind,
        *(str(says[field]) for field in ("case", "step", "state", "municipality") if says.get(field)),
        _moment(speak, says.get("at")),
    ]
    told = ", ".join(part for part in about if part)
    return f"{name} ({told})" if told else name


def _value(speak: Translator, name: str, value: Any) -> str:
    if isinstance(value, Entry):
        return entry_words(speak, value)
    if name == "at":
        return _moment(speak, value)
    if name == "what":
        return speak.gettext(value)
    return speak.number(value) if isinstance(value, int) else str(value)


def _moment(speak: Translator, at: Any) -> str:
    try:
        moment = datetime.fromisoformat(str(at))
        return f"{speak.date(moment)}, {speak.time(moment)}"
    except (ValueError, TypeError):
        return str(at or "")


def as_dict(speak: Translator, report: Report) -> dict[str, Any]:
    """The whole outcome for programs."""
    findings = [{"level": f.level, "code": f.code, "words": words(speak, f)} for f in report.findings]
    return {"ok": report.is_well, "size": report.size, "findings": findings, **report.facts}
