"""Who hears of what happened to a case, and in which words: its author, those who follow it, and the staff."""

from typing import Any

from handlers import casephrases as phrases
from handlers import desknews
from handlers.talk import Talk
from handlers.words import NOTICE, Markup, Option, Part, Say, b, fill, i, join
from storage import people, preferences
from storage.caserecord import Case, Moved, Tell

URGENT = ("ask",)  # The citizen has to do something, so it is not put off as unimportant.


async def spread(talk: Talk, moved: Moved) -> None:
    """Tell everybody whom a move concerns. Called in the turn of the move, so that both are kept or neither."""
    for tell in moved.tell:
        await tell_one(talk, moved.case, tell)


async def tell_one(talk: Talk, case: Case, tell: Tell) -> None:
    if tell.to in ("author", "follower"):
        await _tell_citizen(talk, case, tell)
    else:
        await desknews.tell_staff(talk, case, tell)


async def _tell_citizen(talk: Talk, case: Case, tell: Tell) -> None:
    if tell.conversation_id is None:
        return
    conversation = await people.conversation(talk.db, tell.conversation_id)
    if conversation is None or conversation.person is None:
        return
    theirs = talk.beside(conversation)
    wishes = await preferences.of(talk.db, conversation.person.id)
    is_important = tell.what in ("ask", "answer", "refuse", "forward", "extend", "correct", "reopen", "close")
    if not wishes.wants(important=is_important):
        return
    due_at = wishes.when_to_tell(talk.now, talk.translator.timezone, urgent=False)
    say = words(theirs, case, tell)
    talk.tell(conversation.id, Say(**{**_fields(say), "due_at": due_at if due_at > talk.now else None}))


def _fields(say: Say) -> dict[str, Any]:
    return {name: getattr(say, name) for name in Say.__dataclass_fields__}


def words(talk: Talk, case: Case, tell: Tell) -> Say:
    """The notice to the author or a follower, in their language: number, title, what changed, the office's words."""
    _ = talk._
    is_author = tell.to == "author"
    content = tell.facts.get("content", {})
    before, after = tell.facts.get("before"), tell.facts.get("after")
    change: Markup = ""
    if before and after and before != after:
        change = fill("{before} → {after}", before=phrases.state_name(talk, before),
                      after=b(phrases.state_name(talk, after)))  # fmt: skip
    text = join(
        join(b(case.number), f" · {case.title}"),
        change,
        _office_words(talk, case, tell.what, content),
        _next(talk, case, tell.what),
        between="\n\n",
    )
    number = f"{case.id:x}"
    rows = [[Option("📄 " + _("Open the matter"), f"matter:{number}")]]
    if is_author:
        rows.insert(0, [Option("✍️ " + _("Reply"), f"matter-reply:{number}")])
    return Say(text=text, choices=rows, about=f"case:{number}", lane=NOTICE)


def _office_words(talk: Talk, case: Case, what: str, content: Any) -> list[Part] | str:
    """What the office says, under the name of the institution; the person who wrote it stays inside."""
    _ = talk._
    said = content.get("text") or content.get("reason") or ""
    if not said:
        return ""
    office = talk.handbook.municipalities[case.municipality]["full_name"][talk.language]
    return join(b(office + ":"), said, between="\n")


def _next(talk: Talk, case: Case, what: str) -> Markup:
    _ = talk._
    if what == "ask":
        return [i(_("Please reply here; your words go straight into the matter."))]
    if case.is_open and case.due_on:
        day = talk.translator.date(case.due_on)
        return [i(_("You hear from us by {date}. You need not do anything.").format(date=day))]
    return ""
