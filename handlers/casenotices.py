"""Who hears of what happened to a case: its author, those who follow it, and the staff. The words stand elsewhere."""

from dataclasses import replace

from handlers import desknews, matter_notices
from handlers.talk import Talk
from handlers.words import Option, Say
from storage import people, preferences, receipts
from storage.casemoves import DECIDED
from storage.caserecord import Case, Moved, Tell

AT_ONCE = ("urgent", "emergency")  # Priorities that wait for no morning.


async def spread(talk: Talk, moved: Moved) -> None:
    """Tell everybody whom a move concerns. Called in the turn of the move, so that both are kept or neither."""
    for tell in moved.tell:
        await tell_one(talk, moved.case, tell)


async def tell_one(talk: Talk, case: Case, tell: Tell) -> None:
    if tell.to in ("author", "follower"):
        await tell_citizen(talk, case, tell)
    else:
        await desknews.tell_staff(talk, case, tell)


async def tell_citizen(talk: Talk, case: Case, tell: Tell) -> None:
    """In their language, when they want to hear it; what concerns them at once is not kept from them."""
    conversation = await people.conversation(talk.db, tell.conversation_id or 0)
    if conversation is None or conversation.person is None:
        return
    wishes = await preferences.of(talk.db, conversation.person.id)
    if not wishes.wants(important=tell.what in matter_notices.IMPORTANT):
        return
    say = await matter_notices.words(talk.beside(conversation), case, tell)
    if say is None:
        return
    if tell.to == "author":
        say = with_receipt(talk.beside(conversation), case, tell, say)
    due_at = wishes.when_to_tell(talk.now, talk.translator.timezone, urgent=case.priority in AT_ONCE)
    talk.tell(conversation.id, replace(say, due_at=due_at if due_at > talk.now else None))


def with_receipt(talk: Talk, case: Case, tell: Tell, say: Say) -> Say:
    """A decision comes with a receipt: what was decided, when, and against which promised date."""
    before, after = tell.facts.get("before"), tell.facts.get("after")
    if after not in DECIDED or before in DECIDED or not talk.links.public_url:
        return say
    said = tell.facts.get("content") or {}
    content = {"text": str(said.get("text") or said.get("reason") or ""), "kind": case.kind, "category": case.category}
    token = receipts.make(
        talk.db, case.number, "decided", content, municipality=case.municipality, language=talk.language,
        person_id=case.person_id, due=case.due_on, state=after,
    )  # fmt: skip
    link = Option("🧾 " + talk._("Receipt"), url=talk.links.public_url + receipts.path(token))
    return replace(say, choices=[*say.choices, [link]])
