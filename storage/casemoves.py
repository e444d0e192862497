"""The table of moves: what may be done to a case in which state, by whom, what it leads to, and what needs a reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from storage.models import STATES

OPEN = ("received", "registered", "working", "waiting", "planned", "reopened")  # Somebody here still has to act.
DECIDED = ("forwarded", "answered", "refused", "duplicate", "withdrawn", "closed")
ANSWERED = ("answered", "refused", "forwarded", "closed")  # There is something to judge.
AUTHOR, CITIZEN, STAFF, CLOCK = "author", "citizen", "staff", "clock"
FRESH = ("received", "registered", "reopened")


@dataclass(frozen=True, slots=True)
class Move:
    before: tuple[str, ...]
    after: str | None = None  # None: the state stays.
    by: tuple[str, ...] = (STAFF,)
    needs_reason: bool = False
    for_citizen: bool = True  # Whether the citizen sees it in the timeline.
    is_news: bool = False  # Whether the citizen is told of it at once.


MOVES: Mapping[str, Move] = {
    "file": Move((), "received", (AUTHOR, STAFF)),
    # The desk
    "register": Move(OPEN, is_news=True),  # From "received" to "registered"; later only the number is noted.
    "take": Move(OPEN, is_news=True),  # From a fresh state to "working".
    "release": Move(OPEN, for_citizen=False),
    "assign": Move(OPEN, for_citizen=False),
    "route": Move(OPEN, needs_reason=True),
    "classify": Move(OPEN, needs_reason=True),
    "ask": Move(("received", "registered", "working", "planned", "reopened"), "waiting", is_news=True),
    "plan": Move(("received", "registered", "working", "waiting", "planned", "reopened"), "planned", is_news=True),
    "extend": Move(OPEN, needs_reason=True, is_news=True),
    "forward": Move(OPEN, "forwarded", needs_reason=True, is_news=True),
    "draft": Move(OPEN, for_citizen=False),
    "send-back": Move(OPEN, needs_reason=True, for_citizen=False),
    "answer": Move(OPEN, "answered", is_news=True),
    "refuse": Move(OPEN, "refused", needs_reason=True, is_news=True),
    "correct": Move(("answered", "refused", "forwarded", "closed"), needs_reason=True, is_news=True),
    "duplicate": Move(OPEN, "duplicate", needs_reason=True, is_news=True),
    "close": Move((*OPEN, "answered", "refused", "forwarded", "duplicate", "withdrawn"), "closed", (STAFF, CLOCK),
                  needs_reason=True, is_news=True),
    "note": Move(STATES, for_citizen=False),
    "delivered": Move(STATES, for_citizen=False),  # Somebody dealt with what could not be delivered.
    # The author
    "reply": Move(("waiting",), "working", (AUTHOR, STAFF)),  # Staff: when the citizen calls or comes.
    "add": Move(tuple(s for s in STATES if s not in ("withdrawn", "duplicate")), by=(AUTHOR, STAFF)),
    "edit": Move(OPEN, by=(AUTHOR,)),
    "link": Move(STATES, by=(AUTHOR,), for_citizen=False),  # From now on they hear of it here.
    "withdraw": Move(OPEN, "withdrawn", (AUTHOR,)),
    "rate": Move(ANSWERED, by=(AUTHOR,)),  # "Yes" closes.
    "reopen": Move(DECIDED, "reopened", (AUTHOR, STAFF), needs_reason=True, is_news=True),
    # The clock
    "recompute": Move(OPEN, by=(CLOCK, STAFF), is_news=True),
    "warn": Move(OPEN, by=(CLOCK,), for_citizen=False),
    "overdue": Move(OPEN, by=(CLOCK,)),
    "undelivered": Move(STATES, by=(CLOCK,), for_citizen=False),
}  # fmt: skip

# Why something was late: chosen when it is decided, and published as figures.
LATE_REASONS = ("no-staff", "other-body", "contractor", "weather", "complicated", "citizen", "missed", "other")
DECISIONS = ("answer", "refuse", "forward")  # With these the law's term is kept or missed.


def leads_to(action: str, before: str | None) -> str:
    """The state after a move, where the case itself does not say otherwise."""
    move = MOVES[action]
    if action == "register" and before == "received":
        return "registered"
    if action == "take" and before in FRESH:
        return "working"
    return move.after or before or "received"


def possible(state: str, by: str) -> list[str]:
    """The moves that a state allows to one kind of actor; permissions come on top."""
    return [action for action, move in MOVES.items() if state in move.before and by in move.by]
