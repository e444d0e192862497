"""Dates told to citizens, each with how it came about: the facts of `storage/workcalendar.py` as sentences."""

from collections.abc import Mapping
from typing import Any

from handlers import matterwords
from handlers.talk import Talk
from handlers.words import Part, b, fill, i, join
from storage.caserules import Kind


def promise(talk: Talk, kind: Kind, basis: Mapping[str, Any] | None) -> list[Part]:
    """Until when, in one sentence."""
    _ = talk._
    if not basis:
        return [_("No date is set for it by law.")]
    until = b(matterwords.day(talk, basis["due"]))
    if kind.is_statutory:
        return fill(_("The municipality has to answer by {date}."), date=until)
    return fill(_("The municipality means to answer by {date}; this is its own aim, not a term of the law."),
                date=until)  # fmt: skip


def explanation(talk: Talk, kind: Kind, basis: Mapping[str, Any] | None) -> list[Part]:
    """How the date was computed, step by step, and how sure we are of the rule."""
    _ = talk._
    if not basis:
        return []
    steps = [_step(talk, step) for step in basis["steps"]]
    moved = _moved(talk, basis)
    return join(" ".join(filter(None, [*steps, moved])), i(certainty(talk, kind, basis)), between="\n")


def _step(talk: Talk, step: Mapping[str, Any]) -> str:
    _ = talk._
    reached = matterwords.day(talk, step["reached"])
    count = _count(talk, step)
    match step["what"]:
        case "term":
            return _("{count} from {start}: {reached}.").format(
                count=count, start=matterwords.day(talk, step["from"]), reached=reached
            )
        case "restart":
            return _("After your reply the time was counted anew: {count} from {start}: {reached}.").format(
                count=count, start=matterwords.day(talk, step["from"]), reached=reached
            )
        case "pause":
            return _("The time in which your reply was awaited does not count ({count}): {reached}.").format(
                count=count, reached=reached
            )
        case _:
            return _("Extended by {count}: {reached}.").format(count=count, reached=reached)


def _count(talk: Talk, step: Mapping[str, Any]) -> str:
    if months := step.get("months"):
        return talk.n("{count} month", "{count} months", months).format(count=months)
    days = step.get("days") or 0
    if step.get("unit") == "working":
        return talk.n("{count} working day", "{count} working days", days).format(count=days)
    return talk.n("{count} day", "{count} days", days).format(count=days)


def _moved(talk: Talk, basis: Mapping[str, Any]) -> str:
    """Why the end is later than the count alone."""
    _ = talk._
    if not basis["moved"]:
        return ""
    free = ", ".join(_why(talk, day) for day in basis["moved"])
    return _("That is no working day ({why}), so the date is the next one: {date}.").format(
        why=free, date=matterwords.day(talk, basis["due"])
    )


def _why(talk: Talk, free: Mapping[str, Any]) -> str:
    if free["why"] == "weekend":
        return matterwords.day(talk, free["day"])
    return f"{matterwords.day(talk, free['day'])} – {free['name'][talk.language]}"


def certainty(talk: Talk, kind: Kind, basis: Mapping[str, Any]) -> str:
    """Where the rule stands, and what the edition says of how sure it is."""
    _ = talk._
    marks = {str(step.get("verification", "verified")) for step in basis["steps"] if step["what"] != "pause"}
    weakest = next((mark for mark in ("unverified", "knowledge") if mark in marks), "")
    rule = _("Rule: {rule}").format(rule=kind.rule("decide", talk.language))
    if not weakest:
        return rule
    legend = talk.handbook.casework["legend"][weakest][talk.language]
    return f"{rule} ({legend[0].lower()}{legend[1:]})"
