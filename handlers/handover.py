"""Handing a question over to a person: into the register of the editors, with details if the citizen adds some."""

from handlers import cards, home, profile
from handlers.talk import Talk
from handlers.words import Option, Text, join
from storage import messages, questions
from storage.search import mask

MAX_QUESTION = 1000  # Characters in the register; the message itself is kept whole.
ADD_DETAILS = "handover.details"


def person_choice(talk: Talk, label: str = "", heard_id: int | None = None) -> Option:
    """ "None of these – ask a person", about the message heard now or an earlier one."""
    return Option("🙋 " + (label or talk._("None of these – ask a person")), f"person:{heard_id or talk.heard_id}")


async def register(talk: Talk, heard_id: int, text: str, intent: str, reason: str) -> None:
    """Put a question that no card answers on the list, with personal numbers masked."""
    await questions.register(
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
    """The question goes to the editors as the citizen wrote it."""
    _ = talk._
    await register(talk, heard_id, text, "service", "person")
    talk.say(
        join(
            _("I have put your question on the list of the municipality's editors. They complete the handbook from it; "
              "I cannot promise a personal answer here yet."),
            _("If it is urgent, turn to the counter of your municipality:"),
            cards.contact(talk) or _("Choose your municipality to see how to reach it."),
            between="\n\n",
        ),
        [
            [Option("✍️ " + _("Add details"), f"details:{heard_id}")],
            *([] if talk.person.municipality else profile.municipality_choices(talk)),
            [home.to_menu(talk)],
        ],
    )  # fmt: skip


async def details_chosen(talk: Talk, argument: str) -> None:
    """From now on free text belongs to that question, until it came or the citizen leaves."""
    _ = talk._
    talk.expect(ADD_DETAILS, question=int(argument))
    talk.say(
        _("Write in one message what you would like to add. You may look something up in between; /cancel stops."),
        [[home.to_menu(talk)]],
    )


async def take_details(talk: Talk) -> None:
    _ = talk._
    assert isinstance(talk.heard.word, Text)
    question_id = (talk.conversation.draft or {}).get("question", 0)
    talk.expect(None)
    text = mask(talk.heard.word.text)[:MAX_QUESTION]
    if not await questions.add_details(talk.db, question_id, talk.person.id, talk.heard_id, text):
        return await home.stale_choice(talk)
    talk.say(
        _("Thank you, I have added this to your question."),
        [[Option("❓ " + _("No, this was a new question"), f"as-question:{talk.heard_id}")], [home.to_menu(talk)]],
    )
    return None
