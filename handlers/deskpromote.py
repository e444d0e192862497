"""A good answer goes into the handbook: proposed from its case, approved by a second person, told to earlier askers."""

from typing import Any

from handlers import casecard, deskorder, home
from handlers.desknews import reachable
from handlers.talk import Talk
from handlers.words import NOTICE, Option, Say, Text, b, fill, i, join
from storage import cases, preferences, promotions
from storage.caserecord import Actor, Case
from storage.handbook_editions import Overtaken
from storage.search import mask

STEP = "desk.promote"
OFFERED = 4
OTHER = {"bg": "en", "en": "bg"}


async def _answer_of(talk: Talk, case: Case) -> str:
    rows = await cases.history(talk.db, case.id)
    told = [row.content.get("text") for row in rows if row.action in ("answer", "correct") and row.content.get("text")]
    return str(told[-1])[: promotions.MOST_CHARS] if told else ""


async def promote_chosen(talk: Talk, number: str) -> None:
    """To which card does this answer belong?"""
    who = await casecard.actor(talk)
    case = await casecard.find(talk, number, who)
    if case is None or not casecard.promotion(talk, case):
        return await home.stale_choice(talk)
    talk.expect(STEP, case=number)
    await _offer(talk, case, case.text)
    return None


async def _offer(talk: Talk, case: Case, words: str) -> None:
    found = [hit.id for hit in talk.handbook.engine.understand(words).hits if hit.id in talk.handbook.cards][:OFFERED]
    rows = [
        [Option(talk.handbook.cards[card].title(talk.language), f"promote-card:{casecard.ref(case)}:{card}")]
        for card in found
    ]
    talk.say(
        talk._("To which service does this answer belong? Choose one, or write words to look for another."),
        [*rows, [casecard.back_to_case(talk, case)]],
    )


async def card_chosen(talk: Talk, argument: str) -> None:
    """The same answer in the other language, so that every reader has it."""
    number, _colon, card = argument.partition(":")
    who = await casecard.actor(talk)
    case = await casecard.find(talk, number, who)
    if case is None or card not in talk.handbook.cards or not (answer := await _answer_of(talk, case)):
        return await home.stale_choice(talk)
    talk.expect(STEP, case=number, card=card)
    question = {
        "bg": talk._("Now write the same answer in English, for those who read English:"),
        "en": talk._("Now write the same answer in Bulgarian:"),
    }[case.language]
    talk.say(join(question, answer, between="\n\n"), [[casecard.back_to_case(talk, case)]])
    return None


async def take_words(talk: Talk) -> None:
    """Words to look for a card by, or the other language's text."""
    _ = talk._
    assert isinstance(talk.heard.word, Text)
    draft: dict[str, Any] = talk.conversation.draft or {}
    who = await casecard.actor(talk)
    case = await casecard.find(talk, str(draft.get("case", "")), who)
    text = talk.heard.word.text.strip()
    if case is None or not text:
        talk.expect(None)
        return await home.stale_choice(talk)
    if "card" not in draft:
        return await _offer(talk, case, text)
    if len(text) > promotions.MOST_CHARS:
        words = _("Please write at most {count} characters.").format(count=promotions.MOST_CHARS)
        talk.say(words, [[casecard.back_to_case(talk, case)]])
        return None
    answer = {case.language: await _answer_of(talk, case), OTHER[case.language]: text}
    promotions.propose(
        talk.db, case_id=case.id, municipality=case.municipality, card=draft["card"], question=mask(case.text),
        answer=answer, by=talk.person.id,
    )  # fmt: skip
    talk.expect(None)
    talk.say(
        _("Proposed. A second person looks at it (Order of the desk, Proposals); then it is in the handbook."),
        [[casecard.back_to_case(talk, case)]],
    )
    return None


# --- The second person ---


async def _reviewer(talk: Talk) -> tuple[Actor, str] | None:
    known = await deskorder.caller(talk)
    return known if known and deskorder.may(known[0], "prepared", known[1]) else None


async def proposals_chosen(talk: Talk, _argument: str) -> None:
    _ = talk._
    known = await _reviewer(talk)
    if known is None:
        return await home.stale_choice(talk)
    found = await promotions.waiting(talk.db, known[1])
    rows = [[Option(f"📚 {row.question[:50]}", f"proposal:{row.id:x}")] for row in found]
    text = _("These answers wait for a second look.") if found else _("No answers wait for a second look.")
    talk.say(join(b(_("Proposals for the handbook")), text, between="\n\n"), [*rows, [deskorder.to_order(talk)]],
             replaces=True)  # fmt: skip
    return None


async def _proposal(talk: Talk, number: str) -> Any:
    known = await _reviewer(talk)
    row = await promotions.get(talk.db, int(number, 16)) if known else None
    return row if row is not None and known and row.municipality == known[1] else None


async def proposal_chosen(talk: Talk, number: str) -> None:
    """The question, both texts and the card, and what happens when it is taken in."""
    _ = talk._
    row = await _proposal(talk, number)
    card = talk.handbook.cards.get(row.card) if row else None
    if row is None or card is None or row.state != "proposed":
        return await home.stale_choice(talk)
    own = row.proposed_by == talk.person.id
    acts = [Option("✅ " + _("Take it in"), f"proposal-take:{number}"), Option("✖️ " + _("Decline"),
            f"proposal-decline:{number}")]  # fmt: skip
    talk.say(
        join(
            b(card.title(talk.language)),
            fill(_("Question: {question}"), question=row.question),
            fill("🇧🇬 {text}", text=row.answer["bg"]),
            fill("🇬🇧 {text}", text=row.answer["en"]),
            i(_("You proposed this yourself; somebody else has to look at it."))
            if own
            else i(_("It becomes a new edition of the handbook, for this municipality.")),
            between="\n\n",
        ),
        [[] if own else acts, [Option("📚 " + _("Proposals"), "proposals")]],
        replaces=True,
    )
    return None


async def decline_chosen(talk: Talk, number: str) -> None:
    row = await _proposal(talk, number)
    if row is None or row.proposed_by == talk.person.id:
        return await home.stale_choice(talk)
    await promotions.decline(talk.db, row.id, talk.person.id)
    await proposals_chosen(talk, "")
    return None


async def take_chosen(talk: Talk, number: str) -> None:
    """One choice: a new edition, and the question whether earlier askers are told."""
    _ = talk._
    row = await _proposal(talk, number)
    if row is None or row.state != "proposed" or row.proposed_by == talk.person.id:
        return await home.stale_choice(talk)
    note = f"From practice: {row.card} ({row.municipality})"
    try:
        edition = await promotions.take_in(talk.db, row, talk.person.id, note)
    except promotions.NotFitting as problem:
        talk.say(_("The handbook does not take it: {problem}").format(problem=problem), [[deskorder.to_order(talk)]])
        return None
    except Overtaken:
        edition = None
    if edition is None:
        talk.say(_("Somebody changed the handbook at this moment. Please try once more."),
                 [[Option("📚 " + _("Proposals"), "proposals")]])  # fmt: skip
        return None
    count = len(await promotions.earlier_askers(talk.db, row.card, row.municipality))
    words = talk.n(
        "{count} person asked about this service in the last months.",
        "{count} people asked about this service in the last months.",
        count,
    ).format(count=count)
    tell = [Option("📣 " + _("Tell them that the answer has changed"), f"proposal-tell:{number}")] if count else []
    talk.say(
        join(_("Taken in: it is edition {edition}, in force within a minute.").format(edition=edition), words,
             between="\n\n"),
        [tell, [Option("📚 " + _("Proposals"), "proposals")]],
    )  # fmt: skip
    return None


async def tell_chosen(talk: Talk, number: str) -> None:
    """Those who asked before and whose answer changed, each in their language, once, and not at night."""
    row = await _proposal(talk, number)
    if row is None or row.state != "taken":
        return await home.stale_choice(talk)
    if not await promotions.begin_telling(talk.db, row.id):
        return await home.stale_choice(talk)
    count = 0
    for person_id in await promotions.earlier_askers(talk.db, row.card, row.municipality):
        conversation = await reachable(talk, person_id)
        if conversation is None or person_id == talk.person.id:
            continue
        wishes = await preferences.of(talk.db, person_id)
        if wishes.wants(important=False):
            theirs = talk.beside(conversation)
            due_at = wishes.when_to_tell(talk.now, talk.translator.timezone)
            talk.tell(conversation.id, _changed(theirs, row, due_at if due_at > talk.now else None))
            count += 1
    words = talk.n("{count} person is told.", "{count} people are told.", count).format(count=count)
    talk.say(words, [[deskorder.to_order(talk)]])
    return None


def _changed(talk: Talk, row: Any, due_at: Any) -> Say:
    _ = talk._
    card = talk.handbook.cards[row.card]
    return Say(
        text=join(
            _("The handbook now says more about a service you asked about:"), b(card.title(talk.language)),
            row.answer[talk.language], between="\n\n",
        ),
        choices=[[Option("📄 " + _("Open the service"), f"card:{row.card}")], [home.to_menu(talk)]],
        about=f"card:{row.card}", lane=NOTICE, due_at=due_at,
    )  # fmt: skip
