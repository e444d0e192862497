"""Handing a question over to a person: a case with the words already in; and the register of the editors."""

from handlers import filing, filing_draft, filing_send, home, matterwords, questions
from handlers.talk import Talk
from handlers.words import Option, join
from storage import filings, messages
from storage import questions as register_of
from storage.search import mask

MAX_QUESTION = 1000  # Characters in the register; the message itself is kept whole.


def person_choice(talk: Talk, label: str = "", heard_id: int | None = None) -> Option:
    """ "None of these – ask a person", about the message heard now or an earlier one."""
    return Option("🙋 " + (label or talk._("None of these – ask a person")), f"person:{heard_id or talk.heard_id}")


async def register(talk: Talk, heard_id: int, text: str, intent: str, reason: str) -> None:
    """Put a question that no card answers on the list, with personal numbers masked."""
    await register_of.register(
        talk.db,
        incoming_id=heard_id,
        person_id=talk.person.id,
        question=mask(text)[:MAX_QUESTION],
        intent=intent,
        reason=reason,
        municipality=talk.person.municipality,
        language=talk.language,
    )


async def person_chosen(talk: Talk, argument: str) -> None:
    heard_id = int(argument)
    text = await messages.text_of(talk.db, heard_id, talk.person.id)
    if text is None:
        return await home.stale_choice(talk)
    await to_person(talk, heard_id, text)
    return None


async def to_person(talk: Talk, heard_id: int, text: str) -> None:
    """The question becomes a case as the citizen wrote it: with a number, a date, and somebody who reads it."""
    _ = talk._
    intent = talk.handbook.engine.understand(text).intent
    if intent == "whistleblowing":  # These words are not for the ordinary desk.
        return talk.say(questions.whistleblowing_text(talk), [[home.to_menu(talk)]])
    if intent == "smalltalk":  # "I want a person" is no question yet.
        return await filing.begin_chosen(talk, "question")
    await register(talk, heard_id, text, "service", "person")
    if known := await filings.of_question(talk.db, heard_id):
        return talk.say(
            _("Your question is with the municipality already, under number {number}.").format(number=known.number),
            [[matterwords.open_choice(talk, known)], [home.to_menu(talk)]],
        )
    if talk.person.municipality is None:
        return _ask_municipality(talk, heard_id)
    if await filing_send.is_too_much(talk):
        return filing_send.refuse_flood(talk)
    draft = filing_draft.begin(talk, kind="question", text=mask(text), question=heard_id)
    await filing_send.file(talk, draft, _("I have passed your question to the municipality, in your own words."))
    return None


def _ask_municipality(talk: Talk, heard_id: int) -> None:
    places = talk.handbook.municipalities.items()
    options = [Option(place["name"][talk.language], f"filing-ask:{slug}:{heard_id}") for slug, place in places]
    talk.say(
        join(talk._("To which municipality shall I pass your question?")),
        [options[start : start + 2] for start in range(0, len(options), 2)] + [[home.to_menu(talk)]],
    )


async def municipality_chosen(talk: Talk, argument: str) -> None:
    slug, _colon, heard_id = argument.partition(":")
    if slug not in talk.handbook.municipalities:
        return await home.stale_choice(talk)
    talk.live_in(slug)
    return await person_chosen(talk, heard_id)
