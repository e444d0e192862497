"""What cases are called: states, acts, reasons of a delay, and why an act is not possible."""

from collections.abc import Callable
from datetime import date
from typing import Any

from handlers.talk import Talk
from handlers.words import Option
from storage.casemoves import LATE_REASONS
from storage.caserecord import CaseTrouble


def state_name(talk: Talk, state: str) -> str:
    return state_in(talk._, state)


def state_in(_: Callable[[str], str], state: str) -> str:
    return {
        "received": _("received"),
        "registered": _("registered"),
        "working": _("being worked on"),
        "waiting": _("waiting for the citizen"),
        "planned": _("planned"),
        "forwarded": _("forwarded to another body"),
        "answered": _("has been answered"),
        "refused": _("refused with reasons"),
        "duplicate": _("joined to an earlier one"),
        "withdrawn": _("withdrawn by its author"),
        "closed": _("closed"),
        "reopened": _("reopened"),
    }[state]


def kind_name(talk: Talk, kind: str) -> str:
    found = next((known for known in talk.handbook.casework["kinds"] if known["id"] == kind), None)
    return str(found["name"][talk.language]) if found else kind


def category_name(talk: Talk, category: str | None) -> str:
    report = talk.handbook.reports.get(category or "")
    return f"{report['emoji']} {report['title'][talk.language]}" if report else talk._("no category")


def done_name(talk: Talk, action: str) -> str:
    """What was done, as a line of the history says it."""
    _ = talk._
    names = {
        "file": _("submitted"),
        "register": _("incoming number noted"),
        "take": _("taken over"),
        "release": _("given back"),
        "assign": _("assigned"),
        "route": _("passed to another department"),
        "classify": _("kind or category corrected"),
        "ask": _("citizen asked"),
        "plan": _("planned"),
        "extend": _("time limit extended"),
        "forward": _("forwarded to the competent body"),
        "draft": _("answer waits for approval"),
        "send-back": _("answer sent back"),
        "answer": _("answered"),
        "refuse": _("refused with reasons"),
        "correct": _("answer corrected"),
        "duplicate": _("joined to an earlier one"),
        "close": _("closed"),
        "note": _("internal note"),
        "delivered": _("undelivered message dealt with"),
        "reply": _("citizen replied"),
        "add": _("words added"),
        "edit": _("text corrected by its author"),
        "withdraw": _("withdrawn"),
        "rate": _("judged by the citizen"),
        "reopen": _("reopened"),
        "recompute": _("date computed again"),
        "warn": _("warning before the date"),
        "overdue": _("date missed"),
        "undelivered": _("a message could not be delivered"),
    }
    return names.get(action, action)


def late_reason_name(talk: Talk, reason: str) -> str:
    _ = talk._
    return {
        "no-staff": _("not enough staff"),
        "other-body": _("waited for another body"),
        "contractor": _("waited for a contractor"),
        "weather": _("weather or season"),
        "complicated": _("a complicated matter"),
        "citizen": _("waited for the citizen"),
        "missed": _("overlooked"),
        "other": _("another reason"),
    }[reason]


def late_choices(talk: Talk, action: str) -> list[list[Option]]:
    """Each reason as a choice that leads to `action`."""
    options = [Option(late_reason_name(talk, reason), f"{action}:{reason}") for reason in LATE_REASONS]
    return [options[start : start + 2] for start in range(0, len(options), 2)]


def why_late(talk: Talk, reason: str) -> str:
    return talk._("Why it is late: {reason}").format(reason=late_reason_name(talk, reason))


def day_in_words(talk: Talk, day: date | str | None) -> str:
    if day is None:
        return ""
    return talk.translator.date(date.fromisoformat(day) if isinstance(day, str) else day)


def trouble(talk: Talk, found: CaseTrouble) -> str:
    """Why an act is not possible, and what to do instead."""
    words = _troubles(talk, found.facts).get(found.code)
    if words:
        return words
    return _by_kind(talk, found)


def _by_kind(talk: Talk, found: CaseTrouble) -> str:
    _ = talk._
    name = type(found).__name__
    if name == "NotAllowed":
        return _("You may not do this here: your role does not allow it.")
    if name == "WrongState" and found.case is not None:
        state = state_name(talk, found.case.state)
        return _("This is not possible now: the case is “{state}”.").format(state=state)
    if name == "Overtaken":
        return _("Somebody has acted on this case since you opened it. This is how it stands now; please look again.")
    return _("This is not possible. Please open the case again.")


def _troubles(talk: Talk, facts: dict[str, Any]) -> dict[str, str]:
    _ = talk._
    return {
        "reason": _("A reason is needed."),
        "text": _("Please write in words what you want to say."),
        "late-reason": _("The date has passed. Please say why."),
        "incoming-number": _("Please write the number of the register."),
        "addressee": _("Please say to which body it goes."),
        "taken": _("A colleague has taken this case already. Ask them, or the head of department, to pass it to you."),
        "already-yours": _("This case is yours already."),
        "not-a-caseworker": _("This colleague may not handle the case."),
        "no-such-department": _("There is no such department any more."),
        "already-there": _("The case is in this department already."),
        "kind-not-accepted": _("A matter of this kind cannot be handled here."),
        "date-in-the-past": _("This day has passed. Please name a later one."),
        "no-extension": _("The law gives no extension for this kind of matter."),
        "extension-too-late": _("The date has passed: it can no longer be extended. Answer, and say why it is late."),
        "extension-too-long": _("The law does not allow so long an extension."),
        "extended-already": _("The time limit was extended already; the law allows it once."),
        "own-answer": _("Somebody else has to approve your answer."),
        "nothing-to-correct": _("There is no answer to correct."),
        "no-such-parent": _("I know no such case of your municipality. Please check the number."),
    }
