"""What the staff does to a case, step by step: what is needed is asked for, what the citizen will read is shown before
it goes out, and what became of it is told to whoever has to hear."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from handlers import casecard, casenotices, deskfields, home
from handlers import casephrases as phrases
from handlers.talk import Talk
from handlers.words import Markup, Option, Text, b, i, join
from storage import casecitizen, casedesk, caserecord, cases, prepared
from storage.caserecord import Actor, Case, CaseTrouble, Moved
from storage.caserules import Rules

WORDS = "desk.words"  # The step in which the next text is what an act needs.
NUMBER = "desk.number"  # The same where what is typed is a number or a date, and no place in the list of choices.
NUMBERS = ("number", "day", "parent")
MAX_CHARS = 6000  # Of one text: it still fits a message with its heading.


@dataclass(frozen=True, slots=True)
class Act:
    fields: tuple[str, ...] = ()  # What is asked for, in this order: `deskfields`.
    goes_out: bool = False  # The citizen reads it: it is shown first.
    is_confirmed: bool = False  # It cannot be undone, or moves the case away: asked once more.


ACTS: Mapping[str, Act] = {
    "take": Act(),
    "release": Act(),
    "answer": Act(("text",), goes_out=True),
    "ask": Act(("text",), goes_out=True),
    "note": Act(("text",)),
    "plan": Act(("text", "day"), goes_out=True),
    "forward": Act(("addressee", "reason"), goes_out=True),
    "extend": Act(("reason",), goes_out=True),
    "refuse": Act(("reason",), goes_out=True),
    "duplicate": Act(("parent", "reason"), is_confirmed=True),
    "close": Act(("reason",), goes_out=True),
    "register": Act(("number",)),
    "route": Act(("department", "reason"), is_confirmed=True),
    "classify": Act(("category", "reason"), is_confirmed=True),
    "assign": Act(("person",)),
    "approve": Act(is_confirmed=True),
    "send-back": Act(("reason",)),
    "correct": Act(("text", "reason"), goes_out=True),
    "reopen": Act(("reason",), goes_out=True),
    "reply": Act(("text",)),
    "delivered": Act(("text",)),
}
ALL = (*casecard.FIRST, *casecard.MORE, "send-back")
Draft = dict[str, Any]


async def act_chosen(talk: Talk, argument: str) -> None:
    """`act:<name>:<case>:<version>`: begin an act on a case as it was shown."""
    name, _colon, rest = argument.partition(":")
    number, _colon, version = rest.partition(":")
    who = await casecard.actor(talk)
    case = await casecard.find(talk, number, who)
    if case is None or name not in ACTS:
        return await home.stale_choice(talk)
    if name not in casecard.acts(case, who, ALL):
        return await _not_now(talk, case, who, name)
    await _begin(talk, case, who, name, version)
    return None


async def begin_with(talk: Talk, name: str, number: str, version: str, text: str) -> None:
    """Begin an act whose words are there already."""
    who = await casecard.actor(talk)
    case = await casecard.find(talk, number, who)
    if case is None or "text" not in ACTS[name].fields:
        return await home.stale_choice(talk)
    if name not in casecard.acts(case, who, ALL):
        return await _not_now(talk, case, who, name)
    await _begin(talk, case, who, name, version, text=text)
    return None


async def _begin(talk: Talk, case: Case, who: Actor, name: str, version: str, **got: str) -> None:
    draft: Draft = {"act": name, "case": casecard.ref(case), "seen": int(version or case.version),
                    "by": talk.person.id, "got": got}  # fmt: skip
    if name == "answer" and case.assignee is None:
        case = await _take_quietly(talk, case, who, draft)
    await _go_on(talk, case, who, draft)


async def _not_now(talk: Talk, case: Case, who: Actor, name: str) -> None:
    """The button is older than the case: say why it no longer fits, and show the case as it is."""
    why = caserecord.WrongState(name, case)
    if name == "take" and case.assignee not in (None, who.person_id):
        why = caserecord.WrongState("taken", case)
    await _show(talk, case, who, lead=phrases.trouble(talk, why))


async def _take_quietly(talk: Talk, case: Case, who: Actor, draft: Draft) -> Case:
    """Whoever begins to answer has taken the case: nobody else answers it meanwhile."""
    try:
        moved = await casedesk.take(talk.db, case, who, seen=draft["seen"])
    except CaseTrouble:
        return case  # What is in the way is said when the answer is sent.
    draft["seen"] = moved.case.version
    await casenotices.spread(talk, moved)
    return moved.case


# --- Collecting what is needed ---


async def _go_on(talk: Talk, case: Case, who: Actor, draft: Draft) -> None:
    """Ask for the next thing that is missing, or show what was collected, or do it."""
    act = ACTS[draft["act"]]
    missing = next((field for field in (*act.fields, *draft.get("more", ())) if field not in draft["got"]), None)
    if missing is not None:
        draft["field"] = missing
        _keep(talk, draft)
        return await deskfields.ask(talk, case, draft["act"], missing)
    if act.goes_out or act.is_confirmed:
        draft.pop("field", None)
        _keep(talk, draft)
        return await _preview(talk, case, draft)
    return await _do(talk, case, who, draft)


def _keep(talk: Talk, draft: Draft) -> None:
    talk.expect(NUMBER if draft.get("field") in NUMBERS else WORDS, **draft)


async def _begun(talk: Talk) -> tuple[Draft, Case, Actor] | None:
    """What this person is in the middle of; None when there is nothing, or the case is no longer theirs to see."""
    draft = dict(talk.conversation.draft or {})
    if talk.conversation.step not in (WORDS, NUMBER) or draft.get("by") != talk.person.id:
        return None
    who = await casecard.actor(talk)
    case = await casecard.find(talk, draft["case"], who)
    if case is None:
        return None
    draft["got"] = dict(draft.get("got", {}))
    return draft, case, who


async def take_words(talk: Talk) -> None:
    """The text that the act waits for."""
    assert isinstance(talk.heard.word, Text)
    begun = await _begun(talk)
    if begun is None or "field" not in begun[0]:
        return await _waiting_for_a_choice(talk, begun)
    draft, case, who = begun
    text = talk.heard.word.text.strip()
    if len(text) > MAX_CHARS:
        words = talk._("This is longer than {count} characters. Please write it shorter.")
        talk.say(words.format(count=MAX_CHARS), [[_stop(talk)]])
        return None
    value, problem = await deskfields.read(talk, case, draft["field"], text)
    if problem:
        talk.say(problem, [[_stop(talk)]])
        return None
    draft["got"][draft["field"]] = value
    await _go_on(talk, case, who, draft)
    return None


async def _waiting_for_a_choice(talk: Talk, begun: tuple[Draft, Case, Actor] | None) -> None:
    """Words came while a preview waits: they change nothing by themselves."""
    if begun is None:
        talk.expect(None)
        return await home.stale_choice(talk)
    draft, case, _who = begun
    await _preview(
        talk, case, draft, lead=talk._("Nothing was sent yet. Please choose what to do with this text first.")
    )
    return None


async def value_chosen(talk: Talk, value: str) -> None:
    """A choice instead of words: a department, a category, a colleague, a reason of the delay."""
    begun = await _begun(talk)
    if begun is None or "field" not in begun[0]:
        return await home.stale_choice(talk)
    draft, case, who = begun
    draft["got"][draft["field"]] = value or None
    await _go_on(talk, case, who, draft)
    return None


async def prepared_chosen(talk: Talk, number: str) -> None:
    """A prepared answer, with its fields filled in from the case."""
    begun = await _begun(talk)
    row = await prepared.get(talk.db, int(number, 16)) if begun else None
    if begun is None or row is None or "field" not in begun[0]:
        return await home.stale_choice(talk)
    draft, case, who = begun
    words = row.text.get(case.language) or row.text["bg"]
    text, missing = prepared.filled(words, await deskfields.values(talk, case))
    if missing:
        talk.say(
            join(
                talk._("Something is missing in this text. Please copy it, complete it and send it to me:"),
                text, between="\n\n",
            ),
            [[_stop(talk)]],
        )  # fmt: skip
        return None
    draft["got"][draft["field"]] = text
    draft["prepared"] = number
    await _go_on(talk, case, who, draft)
    return None


# --- Before it goes out ---


async def _preview(talk: Talk, case: Case, draft: Draft, lead: str = "") -> None:
    _ = talk._
    act = ACTS[draft["act"]]
    heading = _("This will be sent to the citizen:") if act.goes_out else _("Please confirm:")
    rows = [[Option(("📤 " + _("Send")) if act.goes_out else ("✅ " + _("Yes, do it")), "desk-do")]]
    if act.fields:
        rows[0].append(Option("✏️ " + _("Change"), "desk-change"))
    if act.goes_out and ("text" in draft["got"] or "reason" in draft["got"]):
        rows.append([Option("🔒 " + _("Keep as an internal note"), "desk-keep")])
    if _needs_translation(case, draft):
        other = {"bg": _("Add a version in Bulgarian"), "en": _("Add a version in English")}[case.language]
        rows.append([Option("🌐 " + other, "desk-translate")])
    rows.append([_stop(talk)])
    talk.say(
        join(lead, b(heading), await deskfields.summary(talk, case, draft), _hints(talk, case, draft), between="\n\n"),
        rows,
    )


def _hints(talk: Talk, case: Case, draft: Draft) -> Markup:
    """What the clerk should know before pressing."""
    _ = talk._
    category = Rules(talk.handbook).category(case.category)
    hints = []
    if draft["act"] == "answer" and category and category.needs_approval:
        hints.append(_("A second person reads this answer before it goes out."))
    if _needs_translation(case, draft):
        hints.append(_("The citizen writes in another language. You can add a version in it; yours is kept beside it."))
    if case.is_anonymous:
        hints.append(_("The author is anonymous; the answer goes to the chat it came from."))
    return join(*[i(hint) for hint in hints], between="\n")


def _needs_translation(case: Case, draft: Draft) -> bool:
    if draft["act"] not in ("answer", "ask") or "original" in draft:
        return False
    text = str(draft["got"].get("text") or "")
    is_cyrillic = any("а" <= letter <= "я" for letter in text.lower())
    return bool(text) and is_cyrillic != (case.language == "bg")


async def change_chosen(talk: Talk, _argument: str) -> None:
    """Write it again; what was written is shown, to copy from."""
    begun = await _begun(talk)
    if begun is None:
        return await home.stale_choice(talk)
    draft, case, who = begun
    for field in ACTS[draft["act"]].fields:
        draft["got"].pop(field, None)
    draft.pop("prepared", None)
    draft.pop("original", None)
    await _go_on(talk, case, who, draft)
    return None


async def translate_chosen(talk: Talk, _argument: str) -> None:
    begun = await _begun(talk)
    if begun is None or "text" not in begun[0]["got"]:
        return await home.stale_choice(talk)
    draft, case, who = begun
    draft["original"] = draft["got"].pop("text")
    await _go_on(talk, case, who, draft)
    return None


async def keep_chosen(talk: Talk, _argument: str) -> None:
    """What was meant for the citizen stays inside after all."""
    begun = await _begun(talk)
    if begun is None:
        return await home.stale_choice(talk)
    draft, case, who = begun
    text = draft["got"].get("text") or draft["got"].get("reason") or ""
    await _do(talk, case, who, {**draft, "act": "note", "got": {"text": text}})
    return None


async def do_chosen(talk: Talk, _argument: str) -> None:
    begun = await _begun(talk)
    if begun is None:
        return await home.stale_choice(talk)
    draft, case, who = begun
    await _do(talk, case, who, draft)
    return None


async def stop_chosen(talk: Talk, number: str) -> None:
    talk.expect(None)
    who = await casecard.actor(talk)
    case = await casecard.find(talk, number, who)
    if case is None:
        return await home.stale_choice(talk)
    await _show(talk, case, who, lead=talk._("Stopped. Nothing was sent."))
    return None


def _stop(talk: Talk) -> Option:
    number = (talk.conversation.draft or {}).get("case", "")
    return Option("✖️ " + talk._("Stop, send nothing"), f"desk-stop:{number}")


# --- Doing it ---


async def _do(talk: Talk, case: Case, who: Actor, draft: Draft) -> None:
    try:
        moved = await _perform(talk, case, who, draft)
    except caserecord.Missing as trouble:
        if trouble.code != "late-reason" or "late" in draft["got"]:
            return await _failed(talk, case, who, draft, trouble)
        draft["more"] = ["late"]
        return await _go_on(talk, case, who, draft)
    except CaseTrouble as trouble:
        return await _failed(talk, case, who, draft, trouble)
    if draft.get("prepared"):
        await prepared.used(talk.db, int(draft["prepared"], 16))
    talk.expect(None)
    await casenotices.spread(talk, moved)
    await _show(talk, moved.case, who, lead=done(talk, moved))
    return None


async def _failed(talk: Talk, case: Case, who: Actor, draft: Draft, trouble: CaseTrouble) -> None:
    """Say what is in the way; what was written is shown once more, so that it is not lost."""
    _ = talk._
    talk.expect(None)
    written = draft["got"].get("text") or draft["got"].get("reason") or ""
    unsent = join(i(_("Your text, which was not sent:")), str(written), between="\n") if written else ""
    now = await cases.get(talk.db, case.id)
    lead = join(phrases.trouble(talk, trouble), unsent, between="\n\n")
    if now is None or not who.roles:
        talk.say(lead, [[home.to_menu(talk)]])
        return
    await _show(talk, now, who, lead=lead)


async def _show(talk: Talk, case: Case, who: Actor, *, lead: Markup = "") -> None:
    in_group = talk.heard.is_group
    text = join(lead, await casecard.text(talk, case, in_group=in_group), between="\n\n")
    choices = casecard.choices(talk, case, who, in_group=in_group)
    talk.say(lead if in_group else text, [] if in_group else choices, about=cases.about(case))


def done(talk: Talk, moved: Moved) -> str:
    """What became of an act, for whoever did it."""
    _ = talk._
    if moved.action == "draft":
        return "🕓 " + _("Your answer waits for a second person; then it goes out by itself.")
    if moved.action == "note":
        return "🔒 " + _("Kept as an internal note. The citizen does not see it.")
    if any(tell.to == "author" for tell in moved.tell):
        return "✅ " + _("Done, and the citizen is told.")
    return "✅ " + _("Done.")


Doer = Callable[[Talk, Rules, Case, Actor, Draft], Awaitable[Moved]]


async def _perform(talk: Talk, case: Case, who: Actor, draft: Draft) -> Moved:
    return await DOERS[draft["act"]](talk, Rules(talk.handbook), case, who, draft)


async def _answer(talk: Talk, rules: Rules, case: Case, who: Actor, draft: Draft) -> Moved:
    prepared_id = int(draft["prepared"], 16) if draft.get("prepared") else None
    return await casedesk.answer(
        talk.db, rules, case, who, draft["got"]["text"], original=draft.get("original"), prepared_id=prepared_id,
        late_reason=draft["got"].get("late"), seen=draft["seen"],
    )  # fmt: skip


async def _forward(talk: Talk, rules: Rules, case: Case, who: Actor, draft: Draft) -> Moved:
    got = draft["got"]
    return await casedesk.forward(
        talk.db, rules, case, who, got["addressee"], got["reason"], late_reason=got.get("late"), seen=draft["seen"]
    )


async def _duplicate(talk: Talk, _rules: Rules, case: Case, who: Actor, draft: Draft) -> Moved:
    parent = await cases.by_number(talk.db, draft["got"]["parent"])
    if parent is None:
        raise CaseTrouble("no-such-parent", case)
    return await casedesk.mark_duplicate(talk.db, case, who, parent, draft["got"]["reason"], seen=draft["seen"])


async def _correct(talk: Talk, _rules: Rules, case: Case, who: Actor, draft: Draft) -> Moved:
    told = [row for row in await cases.history(talk.db, case.id) if row.action in ("answer", "refuse", "forward")]
    if not told:
        raise CaseTrouble("nothing-to-correct", case)
    got = draft["got"]
    return await casedesk.correct_answer(
        talk.db, case, who, told[-1].id, got["text"], got["reason"], seen=draft["seen"]
    )  # fmt: skip


async def _close(talk: Talk, rules: Rules, case: Case, who: Actor, draft: Draft) -> Moved:
    got = draft["got"]
    return await casedesk.close(
        talk.db, rules, case, who, got["reason"], late_reason=got.get("late"), seen=draft["seen"]
    )


async def _plan(talk: Talk, _rules: Rules, case: Case, who: Actor, draft: Draft) -> Moved:
    day = deskfields.day_of(draft["got"].get("day"))
    return await casedesk.plan(talk.db, case, who, draft["got"]["text"], day, seen=draft["seen"])


DOERS: Mapping[str, Doer] = {
    "take": lambda t, r, c, w, d: casedesk.take(t.db, c, w, seen=d["seen"]),
    "release": lambda t, r, c, w, d: casedesk.release(t.db, c, w),
    "answer": _answer,
    "ask": lambda t, r, c, w, d: casedesk.ask_citizen(t.db, r, c, w, d["got"]["text"], seen=d["seen"]),
    "note": lambda t, r, c, w, d: casedesk.note(t.db, c, w, d["got"]["text"]),
    "plan": _plan,
    "forward": _forward,
    "extend": lambda t, r, c, w, d: casedesk.extend(t.db, r, c, w, d["got"]["reason"], seen=d["seen"]),
    "refuse": lambda t, r, c, w, d: casedesk.refuse(
        t.db, r, c, w, d["got"]["reason"], late_reason=d["got"].get("late"), seen=d["seen"]
    ),
    "duplicate": _duplicate,
    "close": _close,
    "register": lambda t, r, c, w, d: casedesk.register_incoming_number(
        t.db, c, w, d["got"]["number"], seen=d["seen"]
    ),
    "route": lambda t, r, c, w, d: casedesk.route(
        t.db, c, w, d["got"]["department"], d["got"]["reason"], seen=d["seen"]
    ),
    "classify": lambda t, r, c, w, d: casedesk.classify(
        t.db, r, c, w, reason=d["got"]["reason"], category=d["got"]["category"], seen=d["seen"]
    ),
    "assign": lambda t, r, c, w, d: casedesk.assign(t.db, c, w, int(d["got"]["person"], 16), seen=d["seen"]),
    "approve": lambda t, r, c, w, d: casedesk.approve(
        t.db, c, w, seen=d["seen"], late_reason=d["got"].get("late")
    ),
    "send-back": lambda t, r, c, w, d: casedesk.send_back(t.db, c, w, d["got"]["reason"], seen=d["seen"]),
    "correct": _correct,
    "reopen": lambda t, r, c, w, d: casedesk.reopen(t.db, r, c, w, d["got"]["reason"], seen=d["seen"]),
    "reply": lambda t, r, c, w, d: casecitizen.citizen_replied(t.db, r, c, w, d["got"]["text"]),
    "delivered": lambda t, r, c, w, d: casedesk.dealt_with_undelivered(t.db, c, w, d["got"]["text"]),
}  # fmt: skip
