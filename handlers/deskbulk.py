"""Several cases at once: ten reports of one burst pipe get one answer, shown before it goes out ten times."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from handlers import casecard, casenotices, desk, deskacts, home
from handlers import casephrases as phrases
from handlers.talk import Talk
from handlers.words import Markup, Option, Text, b, i, join
from storage import casedesk, caselists, cases
from storage.casemoves import LATE_REASONS
from storage.caserecord import Actor, Case, CaseTrouble, Moved
from storage.caserules import Rules

STEP = "desk.bulk"
ENDS = ("answer", "close")  # What the citizens read, and what ends a matter that may be late.
SHOWN = 8  # Of the chosen, by number, before it is done.

Draft = dict[str, Any]


async def bulk_chosen(talk: Talk, argument: str) -> None:
    """`bulk:<filter>:<offset>`: choose some of a page."""
    wanted, _colon, offset = argument.partition(":")
    who = await casecard.actor(talk)
    municipality = await desk.place_of(talk, who)
    if municipality is None or wanted not in desk.BEGIN:
        return await home.stale_choice(talk)
    earlier = talk.conversation.draft if talk.conversation.step == STEP else None
    chosen = list((earlier or {}).get("chosen", ()))
    await _page(talk, who, municipality, {"filter": wanted, "offset": int(offset or 0), "chosen": chosen})
    return None


async def _page(talk: Talk, who: Actor, municipality: str, draft: Draft) -> None:
    _ = talk._
    found = await caselists.inbox(
        talk.db, Rules(talk.handbook), who.roles, await casecard.stands_in_for(talk), draft["filter"],
        municipality=municipality, offset=draft["offset"], many=desk.PAGE,
    )  # fmt: skip
    chosen = draft["chosen"]
    rows = [[Option(_label(case, casecard.ref(case) in chosen), f"bulk-tick:{casecard.ref(case)}")]
            for case in found.cases]  # fmt: skip
    turn = []
    if found.offset:
        turn.append(Option("◀️ " + _("Back"), f"bulk:{draft['filter']}:{max(0, found.offset - desk.PAGE)}"))
    if found.has_more:
        turn.append(Option(_("Next") + " ▶️", f"bulk:{draft['filter']}:{found.offset + desk.PAGE}"))
    acts = [Option(casecard.act_name(talk, act), f"bulk-act:{act}") for act in BULK] if chosen else []
    talk.expect(STEP, **{name: draft[name] for name in ("filter", "offset", "chosen")})
    count = talk.n("{count} case is chosen", "{count} cases are chosen", len(chosen)).format(count=len(chosen))
    talk.say(
        join(b(desk.filter_name(talk, draft["filter"])), _("Tick the cases that get the same."), i(count),
             between="\n"),
        [*rows, turn, acts, [casecard.back_to_desk(talk)]],
        replaces=True,
    )  # fmt: skip


def _label(case: Case, is_chosen: bool) -> str:
    return f"{'☑️' if is_chosen else '⬜'} {case.number.partition('-')[2]} {case.title[: desk.LABEL_CHARS]}"


async def tick_chosen(talk: Talk, number: str) -> None:
    draft = _draft(talk)
    who = await casecard.actor(talk)
    municipality = await desk.place_of(talk, who)
    if draft is None or municipality is None or await casecard.find(talk, number, who) is None:
        return await home.stale_choice(talk)
    chosen = draft["chosen"]
    draft["chosen"] = [one for one in chosen if one != number] if number in chosen else [*chosen, number]
    if len(draft["chosen"]) > casedesk.MOST_AT_ONCE:
        words = talk._("At most {count} at once. Please do these first.")
        talk.say(words.format(count=casedesk.MOST_AT_ONCE), [[casecard.back_to_desk(talk)]])
        return None
    await _page(talk, who, municipality, draft)
    return None


def _draft(talk: Talk) -> Draft | None:
    if talk.conversation.step != STEP or not talk.conversation.draft:
        return None
    return dict(talk.conversation.draft)


async def act_chosen(talk: Talk, act: str) -> None:
    _ = talk._
    draft = _draft(talk)
    if draft is None or act not in BULK or not draft["chosen"]:
        return await home.stale_choice(talk)
    draft = {name: draft[name] for name in ("filter", "offset", "chosen")} | {"act": act}
    talk.expect(STEP, **draft)
    if act == "take":
        return await _go_on(talk, draft)
    question = {
        "answer": _("Write the answer that all of them get. You will see it once more before it goes out."),
        "close": _("Why are they closed? All these citizens read this."),
        "note": _("Write the note. The citizens never see it."),
    }[act]
    talk.say(question, [[casecard.back_to_desk(talk)]])
    return None


async def take_words(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    draft = _draft(talk)
    if draft is None or "act" not in draft:
        talk.say(talk._("Please tick some cases and choose what to do with them."), [[casecard.back_to_desk(talk)]])
        return None
    text = talk.heard.word.text.strip()[: deskacts.MAX_CHARS]
    if not text:
        talk.say(talk._("Please write it in words."), [[casecard.back_to_desk(talk)]])
        return None
    draft["text"] = text
    await _go_on(talk, draft)
    return None


async def _go_on(talk: Talk, draft: Draft) -> None:
    """Why they are late is asked once for all that are; then everything is shown, and only then can it be done."""
    found = await _found(talk, draft)
    lacks_reason = draft["act"] in ENDS and "late" not in draft and any(_is_late(talk, case) for case in found)
    talk.expect(STEP, **draft | {"shown": not lacks_reason})
    if not lacks_reason:
        return _confirm(talk, draft, found)
    return talk.say(
        talk._("Some are late. Why? The reason is published in the figures, without names."),
        [*phrases.late_choices(talk, "bulk-late"), [casecard.back_to_desk(talk)]],
    )


async def late_chosen(talk: Talk, reason: str) -> None:
    draft = _draft(talk)
    if draft is None or "text" not in draft or draft["act"] not in ENDS or reason not in LATE_REASONS:
        return await home.stale_choice(talk)
    draft["late"] = reason
    await _go_on(talk, draft)
    return None


async def _found(talk: Talk, draft: Draft) -> list[Case]:
    who = await casecard.actor(talk)
    return [case for number in draft["chosen"] if (case := await casecard.find(talk, number, who))]


def _is_late(talk: Talk, case: Case) -> bool:
    return case.is_overdue(cases.today(talk.db))


def _confirm(talk: Talk, draft: Draft, found: list[Case]) -> None:
    """How many people read it, which cases they are, and the text as it goes out."""
    _ = talk._
    count = len(found)
    heading = talk.n("This concerns {count} case:", "This concerns {count} cases:", count).format(count=count)
    numbers = ", ".join(case.number for case in found[:SHOWN]) + (" …" if count > SHOWN else "")
    lead = _("This will be sent to the citizen of each:") if draft["act"] in ENDS else ""
    late = phrases.why_late(talk, draft["late"]) if "late" in draft else ""
    talk.say(
        join(b(heading), numbers, casecard.act_name(talk, draft["act"]), lead, draft.get("text", ""), late,
             between="\n\n"),
        [[Option("✅ " + _("Yes, do it"), "bulk-do")], [Option("✖️ " + _("Stop, send nothing"), "desk:")]],
    )  # fmt: skip


async def do_chosen(talk: Talk, _argument: str) -> None:
    draft = _draft(talk)
    who = await casecard.actor(talk)
    if draft is None or not draft.get("shown") or await desk.place_of(talk, who) is None:
        return await home.stale_choice(talk)
    talk.expect(None)
    found = await _found(talk, draft)
    rules = Rules(talk.handbook)

    async def act(case: Case) -> Moved:
        fresh = await cases.get(talk.db, case.id)
        return await BULK[draft["act"]](talk, rules, fresh or case, who, draft)

    done, troubles = await casedesk.for_many(talk.db, found, who, act)
    for moved in done:
        await casenotices.spread(talk, moved)
    talk.say(_report(talk, done, troubles), [[casecard.back_to_desk(talk)]])
    return None


def _report(talk: Talk, done: list[Moved], troubles: list[CaseTrouble]) -> Markup:
    words = talk.n("Done for {count} case.", "Done for {count} cases.", len(done)).format(count=len(done))
    failed = [
        f"{trouble.case.number if trouble.case else '?'}: {phrases.trouble(talk, trouble)}" for trouble in troubles
    ]
    return join("✅ " + words, *failed, between="\n\n")


Bulk = Callable[[Talk, Rules, Case, Actor, Draft], Awaitable[Moved]]


def _late(talk: Talk, case: Case, draft: Draft) -> str | None:
    return draft.get("late") if _is_late(talk, case) else None


BULK: Mapping[str, Bulk] = {
    "take": lambda t, r, c, w, d: casedesk.take(t.db, c, w),
    "answer": lambda t, r, c, w, d: casedesk.answer(t.db, r, c, w, d["text"], late_reason=_late(t, c, d)),
    "note": lambda t, r, c, w, d: casedesk.note(t.db, c, w, d["text"]),
    "close": lambda t, r, c, w, d: casedesk.close(t.db, r, c, w, d["text"], late_reason=_late(t, c, d)),
}  # fmt: skip
