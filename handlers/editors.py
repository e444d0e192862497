"""For the editors of the handbook: the questions that no card answers."""

from handlers import home
from handlers.talk import Talk
from handlers.words import Option, Part, b, i, join
from storage import questions, roles

PAGE = 5


async def _scope(talk: Talk) -> tuple[bool, str | None]:
    """Whether this person may see the register, and of which municipality (None: of all)."""
    may = ("administrator", *roles.CASEWORKERS)
    held = [role for role in await roles.of(talk.db, talk.person.id) if role.role in may]
    everywhere = any(role.municipality is None for role in held)
    return bool(held), None if everywhere or not held else held[0].municipality


async def page_chosen(talk: Talk, after: str) -> None:
    await _show(talk, int(after or 0))


async def show_open(talk: Talk) -> None:
    await _show(talk, 0)


async def _show(talk: Talk, after: int) -> None:
    _ = talk._
    may, municipality = await _scope(talk)
    if not may:
        return await home.unknown_command(talk)
    rows, count = await questions.open_questions(talk.db, municipality, after, PAGE)
    if not rows:
        talk.say(_("No unanswered questions are waiting."), [[home.to_menu(talk)]], replaces=True)
        return None
    lines = [_line(talk, row) for row in rows]
    heading = talk.n("{count} unanswered question", "{count} unanswered questions", count).format(count=count)
    done = [Option("✅ " + _("Done") + f": {number}", f"close-question:{row.id}") for number, row in enumerate(rows, 1)]
    on = [Option(_("Next") + " ▶️", f"open-questions:{rows[-1].id}")] if len(rows) == PAGE else []
    numbered = [join(f"{number}. ", line) for number, line in enumerate(lines, 1)]
    talk.say(join(b(heading), *numbered, between="\n\n"), [done, on, [home.to_menu(talk)]], replaces=True)
    return None


def _line(talk: Talk, row) -> list[Part]:  # type: ignore[no-untyped-def]
    _ = talk._
    why = {"nothing": _("nothing found"), "unhelpful": _("answer did not help"), "person": _("asks for a person")}
    place = talk.handbook.municipalities.get(row.municipality or "")
    where = place["name"][talk.language] if place else _("no municipality")
    words = join(row.question, f"+ {row.details}" if row.details else "", between="\n")
    return join(words, i(f"{where} · {talk.translator.date(row.asked_at)} · {why[row.reason]}"), between="\n")


async def close_chosen(talk: Talk, question_id: str) -> None:
    may, municipality = await _scope(talk)
    if not may or not await questions.close(talk.db, int(question_id), municipality):
        return await home.stale_choice(talk)
    await _show(talk, 0)
    return None
