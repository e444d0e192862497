"""Somebody of the staff writes a matter down for a citizen who calls, comes to the counter or writes a letter."""

from typing import Any

from handlers import casecard, casenotices, desk, home
from handlers import casephrases as phrases
from handlers.talk import Talk
from handlers.words import Option, Text, b, fill, join
from storage import casenumbers, cases
from storage.caserules import Rules
from storage.cases import Filing

STEP = "desk.filing"
SOURCES = ("phone", "counter", "letter", "email")
FIELDS = ("source", "category", "text", "place", "name", "contact")
SKIPPED = ("place", "contact")

Draft = dict[str, Any]


async def file_chosen(talk: Talk, argument: str) -> None:
    """`desk-file`: begin, or `desk-file:<value>`: a choice, `desk-file:skip`, `desk-file:yes`."""
    who = await casecard.actor(talk)
    if await desk.place_of(talk, who) is None:
        return await home.stale_choice(talk)
    draft: Draft = {}
    if argument:
        if talk.conversation.step != STEP:
            return await home.stale_choice(talk)
        draft = dict(talk.conversation.draft or {})
        if argument == "yes":
            return await _file(talk, draft)
        draft[_next(draft)] = "" if argument == "skip" else argument
    await _go_on(talk, draft)
    return None


def _next(draft: Draft) -> str:
    return next((field for field in FIELDS if field not in draft), "")


async def take_words(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    draft = dict(talk.conversation.draft or {})
    field, text = _next(draft), talk.heard.word.text.strip()
    if field in ("source", "category", "") or not text:
        return await _go_on(talk, draft, lead=talk._("Please choose one from the list: type its number or its words."))
    draft[field] = text[: 6000 if field == "text" else 200]
    await _go_on(talk, draft)
    return None


async def _go_on(talk: Talk, draft: Draft, lead: str = "") -> None:
    _ = talk._
    talk.expect(STEP, **draft)
    field = _next(draft)
    stop = [Option("✖️ " + _("Stop, file nothing"), "desk:")]
    if not field:
        talk.say(join(lead, b(_("Please confirm:")), _summary(talk, draft), between="\n\n"),
                 [[Option("✅ " + _("File it"), "desk-file:yes")], stop])  # fmt: skip
        return
    questions = {
        "source": _("How did the citizen turn to you?"),
        "category": _("What is it about?"),
        "text": _("Write what the citizen reports, in their words."),
        "place": _("Where is it? Write the settlement and street, or skip it."),
        "name": _("The name of the citizen? Without a name no procedure is opened (Art. 111(4) of the APC)."),
        "contact": _("How can they be reached: telephone, address or e-mail? Or skip it."),
    }
    skip = [Option("⏭️ " + _("Skip"), "desk-file:skip")] if field in SKIPPED else []
    talk.say(join(lead, questions[field], between="\n\n"), [*_choices(talk, field), skip, stop])


def _choices(talk: Talk, field: str) -> list[list[Option]]:
    _ = talk._
    if field == "source":
        names = {"phone": _("By telephone"), "counter": _("At the counter"), "letter": _("By letter"),
                 "email": _("By e-mail")}  # fmt: skip
        return [[Option(names[source], f"desk-file:{source}")] for source in SOURCES]
    if field == "category":
        options = [Option(phrases.category_name(talk, name), f"desk-file:{name}") for name in talk.handbook.reports]
        return [options[start : start + 2] for start in range(0, len(options), 2)]
    return []


def _summary(talk: Talk, draft: Draft) -> str:
    shown = [phrases.category_name(talk, draft["category"]), draft["text"]]
    shown += [draft[field] for field in ("place", "name", "contact") if draft[field]]
    return "\n".join(shown)


async def _file(talk: Talk, draft: Draft) -> None:
    _ = talk._
    who = await casecard.actor(talk)
    municipality = await desk.place_of(talk, who)
    if municipality is None or _next(draft):
        return await home.stale_choice(talk)
    rules = Rules(talk.handbook)
    category = rules.category(draft["category"])
    filing = Filing(
        municipality=municipality, kind=category.kind if category else "signal", category=draft["category"],
        text=draft["text"], language="bg", name=draft["name"], contact=draft["contact"] or None,
        place=draft["place"] or None, source=draft["source"],
    )  # fmt: skip
    letters = casenumbers.letters_of(talk.handbook.municipalities)[municipality]
    filed = await cases.open_case(talk.db, rules, filing, letters, who)
    talk.expect(None)
    await casenotices.spread(talk, filed)
    until = talk.translator.date(filed.case.due_on) if filed.case.due_on else _("no term")
    lead = fill(
        _("Filed. Tell the citizen: number {number}, answer by {date}."), number=b(filed.case.number), date=until
    )
    text = join(lead, await casecard.text(talk, filed.case), between="\n\n")
    talk.say(text, casecard.choices(talk, filed.case, who), about=cases.about(filed.case))
    return None
