"""The way to everything about announcements: what a choice or a text means, and whether its author may do it."""

from collections.abc import Awaitable, Callable

from handlers import announcement_audience as audience
from handlers import announcement_editing as editing
from handlers import announcement_rights as rights
from handlers import announcement_sending as sending
from handlers import announcements as desk
from handlers import home
from handlers.talk import Talk
from storage import announcements
from storage.announcements import Announcement

Verb = Callable[[Talk, Announcement, str], Awaitable[None]]


def _bare(do: Callable[[Talk, Announcement], Awaitable[None]]) -> Verb:
    async def verb(talk: Talk, one: Announcement, _argument: str) -> None:
        await do(talk, one)

    return verb


# What can be done at any time, while it is a draft, and once it has been begun or ended.
ALWAYS: dict[str, Verb] = {"open": _bare(desk.card), "preview": _bare(sending.preview)}
DRAFTS: dict[str, Verb] = {
    "text": editing.ask_text,
    "files": _bare(editing.ask_files),
    "unfile": _bare(editing.remove_files),
    "choices": _bare(editing.ask_choices),
    "choose": editing.choose,
    "unchoose": editing.unchoose,
    "audience": audience.show,
    "tick": audience.tick,
    "when": _bare(editing.ask_when),
    "at": editing.at_chosen,
    "at-exactly": editing.at_second,
    "test": _bare(sending.test),
    "send": _bare(sending.send),
    "yes": _bare(sending.yes),
    "discard": _bare(sending.discard),
    "discard-yes": _bare(sending.discard_yes),
}
BY_STATE: dict[str, dict[str, Verb]] = {
    "draft": DRAFTS,
    "asked": {"approve": _bare(sending.approve), "return": _bare(sending.return_it), "redraft": _bare(sending.redraft)},
    "scheduled": {"redraft": _bare(sending.redraft), "discard": _bare(sending.discard),
                  "discard-yes": _bare(sending.discard_yes)},
    "sending": {"pause": _bare(sending.pause), "stop": _bare(sending.stop), "stop-yes": _bare(sending.stop_yes)},
    "paused": {"resume": _bare(sending.resume), "stop": _bare(sending.stop), "stop-yes": _bare(sending.stop_yes)},
    "stopped": {"results": sending.results, "correct": _bare(sending.correct), "recall": _bare(sending.recall)},
    "done": {"results": sending.results, "correct": _bare(sending.correct), "recall": _bare(sending.recall)},
}  # fmt: skip


async def chosen(talk: Talk, argument: str) -> None:
    """announce:<verb>:<number>[:<more>]; a verb whose time has passed shows where the announcement stands now."""
    name, _colon, rest = argument.partition(":")
    if name == "list":
        return await desk.show(talk)
    if name == "new":
        return await desk.new(talk, rest)
    number, _colon, more = rest.partition(":")
    one = await _own(talk, number)
    if one is None:
        return None
    verb = ALWAYS.get(name) or BY_STATE.get(one.state, {}).get(name)
    return await (verb(talk, one, more) if verb else desk.card(talk, one))


async def _own(talk: Talk, number: str) -> Announcement | None:
    """The announcement, if there is one and it is theirs to see."""
    one = await announcements.get(talk.db, int(number, 16)) if number else None
    if one is None:
        await home.stale_choice(talk)
        return None
    if not rights.may(talk, await rights.held(talk), one):
        desk.not_yours(talk)
        return None
    return one


def _step(take: Callable[[Talk, Announcement], Awaitable[None]]) -> Callable[[Talk], Awaitable[None]]:
    async def step(talk: Talk) -> None:
        one = await _own(talk, (talk.conversation.draft or {}).get("id", ""))
        if one is None:
            return talk.expect(None)
        wanted = "asked" if take is editing.take_return else "draft"
        return await (take(talk, one) if one.state == wanted else desk.card(talk, one))

    return step


STEPS = {
    editing.TEXT: _step(editing.take_text),
    editing.FILES: _step(editing.take_files),
    editing.CHOICE: _step(editing.take_choice),
    editing.WHEN: _step(editing.take_when),
    editing.RETURN: _step(editing.take_return),
}
