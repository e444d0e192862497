"""What the staff is told of a case: a new one, a reply, an answer to approve, a citizen who is not content."""

from collections.abc import Iterable

from handlers import casecard
from handlers import casephrases as phrases
from handlers.talk import Talk
from handlers.words import NOTICE, Markup, Option, Say, b, i, join
from storage import caseaudience, cases, offices, people, permissions, preferences, roles
from storage.caserecord import Case, Tell
from storage.database import Session
from storage.people import Conversation

ABOVE = {"head": ("secretary", "mayor"), "secretary": ("mayor",), "mayor": ()}


async def tell_staff(talk: Talk, case: Case, tell: Tell) -> None:
    """Write to whoever of the staff it concerns, each in their language, where we can reach them."""
    for person_id in await recipients(talk, case, tell):
        if person_id == talk.person.id:
            continue  # Who did it knows.
        conversation = await reachable(talk, person_id)
        if conversation is None or conversation.person is None:
            continue
        theirs = talk.beside(conversation)
        due_at = await preferences.when_to_tell(
            talk.db, person_id, talk.translator.timezone, urgent=case.priority in ("urgent", "emergency")
        )
        talk.tell(conversation.id, _say(theirs, case, tell, due_at if due_at > talk.now else None))


async def reachable(talk: Talk, person_id: int) -> Conversation | None:
    """Where this person talks with us in private; the newest conversation that we may write to."""
    return await reachable_in(talk.db, person_id)


async def reachable_in(db: Session, person_id: int) -> Conversation | None:
    found = [c for c in await people.conversations_of(db, person_id) if c.reachable and not c.is_group]
    return found[-1] if found else None


async def recipients(talk: Talk, case: Case, tell: Tell) -> list[int]:
    day = cases.today(talk.db)
    if tell.to == "person":
        return await caseaudience.people(talk.db, tell, case, day)
    held = await roles.holders(talk.db, case.municipality)
    if tell.to == "department":
        if not case.is_sensitive and await offices.group_of(talk.db, case.municipality, case.department):
            return []  # Their group sees it, in the topic of the case.
        # Where none of them may see it, those above hear of it: nothing is told to nobody.
        return _who(held, case, {"staff", "head"}) or await caseaudience.people(talk.db, tell, case, day)
    # Where there is no head, or the head did it, the one above hears of it.
    for rank in (tell.to, *ABOVE[tell.to]):
        if found := [person for person in _who(held, case, {rank}) if person != talk.person.id]:
            return found
    return []


def _who(held: dict[int, list[roles.Role]], case: Case, wanted: Iterable[str]) -> list[int]:
    wanted = set(wanted)
    return [
        person for person, own in held.items()
        if any(role.role in wanted and permissions.holds(role, case.where) for role in own)
    ]  # fmt: skip


def _say(talk: Talk, case: Case, tell: Tell, due_at: object) -> Say:
    _ = talk._
    text = join(
        heading(talk, tell.what),
        join(b(case.number), f" · {case.title}"),
        _words(tell),
        i(phrases.state_name(talk, case.state)),
        casecard.due(talk, case),
        between="\n",
    )
    return Say(
        text=text,
        choices=[[Option("📂 " + _("Open the case"), f"case:{casecard.ref(case)}")], [casecard.back_to_desk(talk)]],
        about=cases.about(case),
        lane=NOTICE,
        due_at=due_at,  # type: ignore[arg-type]
    )


def heading(talk: Talk, what: str) -> str:
    _ = talk._
    return {
        "filed": "🆕 " + _("A new case"),
        "routed": "➡️ " + _("A case was passed to your department"),
        "assigned": "🧑 " + _("A case was assigned to you"),
        "to-approve": "✅ " + _("An answer waits for your approval"),
        "sent-back": "↩️ " + _("Your answer was sent back"),
        "reply": "💬 " + _("The citizen replied"),
        "add": "💬 " + _("The citizen added something"),
        "edit": "✏️ " + _("The citizen corrected the text"),
        "withdraw": "🚫 " + _("The citizen withdrew the matter"),
        "rate": "⭐ " + _("The citizen judged the answer"),
        "not-solved": "👎 " + _("The citizen says: not solved"),
        "reopened": "🔓 " + _("The citizen is not content: reopened"),
        "reopen": "🔓 " + _("Reopened"),
        "undelivered": "📨 " + _("A message to the citizen could not be delivered"),
        "follow": "➕ " + _("One more person is affected"),
    }.get(what, "ℹ️ " + phrases.done_name(talk, what).capitalize())


def _words(tell: Tell) -> Markup:
    content = tell.facts.get("content", tell.facts)
    return str(content.get("text") or content.get("words") or content.get("reason") or "")
