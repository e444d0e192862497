"""What the author and the followers of a matter are told unasked: what changed, the municipality's words, what next."""

from typing import Any

from handlers import matter_card, matterdates, matterwords
from handlers.matterwords import ref
from handlers.talk import Talk
from handlers.words import NOTICE, Markup, Option, Part, Say, b, fill, i, join
from storage import casecitizen
from storage.caserecord import Case, Tell
from storage.caserules import Rules
from storage.cases import about

IMPORTANT = ("ask", "answer", "refuse", "forward", "extend", "correct", "duplicate", "close", "reopen", "plan",
             "recompute", "overdue", "overdue-again", "nudge")  # fmt: skip
ENDS = ("answer", "refuse", "forward", "correct", "close")  # After these its author is asked whether it is solved.
ONLY_AUTHOR = ("ask", "nudge", "still-waiting", "register", "take")
SHOWN = 3000  # Characters of the municipality's words; the timeline has them whole.


async def words(talk: Talk, case: Case, tell: Tell) -> Say | None:
    """One message: number and title, old and new state, the words of the office, the next date, one choice."""
    is_author = tell.to == "author"
    if not is_author and tell.what in ONLY_AUTHOR:
        return None
    head = join(b(case.number), " · ", matterwords.title(talk, case, is_author=is_author))
    if tell.what in ("overdue", "overdue-again"):
        text: Markup = await matter_card.what_now(talk, case, is_second=tell.what == "overdue-again")
    elif tell.what in CLOCK:
        text = join(head, CLOCK[tell.what](talk, case, tell), between="\n\n")
    else:
        text = join(
            head,
            _change(talk, tell),
            _what(talk, tell),
            _office_words(talk, case, tell) if is_author or tell.what in matter_card.FOR_ALL else "",
            _next(talk, case, tell) if is_author else "",
            between="\n\n",
        )
    return Say(text=text, choices=_choices(talk, case, tell, is_author), about=about(case), lane=NOTICE)


def _content(tell: Tell) -> Any:
    return tell.facts.get("content", {})


def _change(talk: Talk, tell: Tell) -> list[Part]:
    before, after = tell.facts.get("before"), tell.facts.get("after")
    if not before or not after or before == after:
        return []
    return fill("{before} → {after}", before=matterwords.state(talk, before), after=b(matterwords.state(talk, after)))


def _what(talk: Talk, tell: Tell) -> str:
    """What was done, where the states alone do not say it."""
    step = matter_card.step(talk, tell.what, _content(tell))
    return step[:1].upper() + step[1:] + "." if tell.what not in ("answer", "take") else ""


def _office_words(talk: Talk, case: Case, tell: Tell) -> list[Part]:
    """The words come from the institution; who wrote them stays inside."""
    content = _content(tell)
    said = [str(content.get(name) or "") for name in ("text", "reason")]
    said = [part for place, part in enumerate(said) if part and part not in said[:place]]
    if not said or content.get("reason") == "window-passed":
        return []
    office = matterwords.office(talk, case.municipality)
    return join(b(office + ":"), *(part[:SHOWN] for part in said), between="\n")


def _next(talk: Talk, case: Case, tell: Tell) -> list[Part] | str:
    """What comes next, by when, and whether its author has to do anything."""
    _ = talk._
    if tell.what == "ask":
        return _("Please reply with the choice below; your words go straight into the matter.")
    if tell.what in ENDS:
        return join(_appeal(talk, case, tell), _until(talk, case), between="\n\n")
    if not case.is_open or not case.basis:
        return ""
    kind = Rules(talk.handbook).kind(case.kind)
    date = matterdates.promise(talk, kind, case.basis)
    if tell.what in ("extend", "recompute", "reopen"):
        return join(date, matterdates.explanation(talk, kind, case.basis), between="\n")
    return join(date, _("You need not do anything until then."), between=" ")


def _appeal(talk: Talk, case: Case, tell: Tell) -> str:
    """Whether a decision can be challenged, as the edition says it."""
    if tell.what not in ("answer", "refuse"):
        return ""
    return Rules(talk.handbook).kind(case.kind).rule("appeal", talk.language)


def _until(talk: Talk, case: Case) -> str:
    until = casecitizen.reopen_until(case)
    if until is None:
        return ""
    return talk._("Is it solved? If not, you can have it opened again until {date}.").format(
        date=matterwords.day(talk, until)
    )


def _choices(talk: Talk, case: Case, tell: Tell, is_author: bool) -> list[list[Option]]:
    """The one thing to do, and the way to everything else."""
    _ = talk._
    number = ref(case)
    row: list[list[Option]] = []
    if is_author and tell.what in ("ask", "nudge"):
        row = [[Option("✍️ " + _("Reply"), f"matter-reply:{number}")]]
    elif is_author and tell.what in ENDS:
        row = [[
            Option("👍 " + _("Solved"), f"matter-rate:{number}:yes"),
            Option("🤏 " + _("Partly"), f"matter-rate:{number}:partly"),
            Option("👎 " + _("Not solved"), f"matter-rate:{number}:no"),
        ]]  # fmt: skip
    return [*row, [matterwords.open_choice(talk, case)]]


# --- What the clock says ---


def _still_waiting(talk: Talk, case: Case, _tell: Tell) -> list[Part]:
    _ = talk._
    kind = Rules(talk.handbook).kind(case.kind)
    return join(
        _("There is no news yet, and your matter is not forgotten: {state}.").format(
            state=matterwords.state(talk, case.state)
        ),
        matterdates.promise(talk, kind, case.basis),
        between=" ",
    )


def _nudge(talk: Talk, case: Case, _tell: Tell) -> list[Part]:
    _ = talk._
    return join(
        _("The municipality still waits for your reply, since {date}.").format(
            date=matterwords.day(talk, case.waiting_since)
        ),
        i(_("The question stands in the timeline of the matter.")),
        between=" ",
    )


CLOCK = {"still-waiting": _still_waiting, "nudge": _nudge}
