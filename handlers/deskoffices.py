"""The departments of a municipality: confirmed as they are, renamed, added, or ended with another in their place."""

from handlers import home
from handlers.deskorder import caller, departments, may, to_order
from handlers.talk import Talk
from handlers.words import Option, Text, b, i, join
from storage import offices
from storage.ids import new_id

NAMES = "order.department"
MOST_CHARS = 80


async def _keeper(talk: Talk) -> str | None:
    """The municipality whose departments this person keeps; None when they may not."""
    known = await caller(talk)
    return known[1] if known and may(known[0], "departments", known[1]) else None


async def list_chosen(talk: Talk, _argument: str) -> None:
    _ = talk._
    municipality = await _keeper(talk)
    if municipality is None:
        return await home.stale_choice(talk)
    talk.expect(None)
    found = await departments(talk, municipality)
    lines = [
        join(f"• {row.name['bg']} / {row.name['en']}", "" if row.is_confirmed else i(" · " + _("to be confirmed")))
        for row in found
    ]
    rows = [[Option("✏️ " + row.name[talk.language], f"order-department:{row.id}")] for row in found]
    unconfirmed = any(not row.is_confirmed for row in found)
    confirm = [Option("✅ " + _("They are right as they stand"), "order-departments-right")] if unconfirmed else []
    talk.say(
        join(b(_("Departments")), *lines, between="\n"),
        [*rows, confirm, [Option("➕ " + _("Add a department"), "order-department:")], [to_order(talk)]],
        replaces=True,
    )
    return None


async def right_chosen(talk: Talk, _argument: str) -> None:
    municipality = await _keeper(talk)
    if municipality is None:
        return await home.stale_choice(talk)
    for row in await departments(talk, municipality):
        if not row.is_confirmed:
            await offices.set_department(talk.db, municipality, row.id, row.name)
    await list_chosen(talk, "")
    return None


async def department_chosen(talk: Talk, department: str) -> None:
    """Rename one, or with no name yet: add one."""
    _ = talk._
    municipality = await _keeper(talk)
    found = {row.id: row for row in await departments(talk, municipality)} if municipality else {}
    if municipality is None or (department and department not in found):
        return await home.stale_choice(talk)
    talk.expect(NAMES, department=department)
    lead = b(found[department].name[talk.language]) if department else b(_("A new department"))
    end = [Option("🗑️ " + _("End this department"), f"order-department-end:{department}")] if department else []
    talk.say(
        join(lead, _("Write its name in Bulgarian, a slash, and in English: Пътища / Roads"), between="\n"),
        [end if len(found) > 1 else [], [Option("⬅️ " + _("Departments"), "order-departments")]],
        replaces=True,
    )
    return None


async def take_names(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    municipality = await _keeper(talk)
    if municipality is None:
        talk.expect(None)
        return await home.stale_choice(talk)
    bg, _slash, en = (part.strip() for part in talk.heard.word.text.partition("/"))
    if not bg or not en or max(len(bg), len(en)) > MOST_CHARS:
        talk.say(talk._("Both names are needed, with a slash between them: Пътища / Roads"),
                 [[Option("⬅️ " + talk._("Departments"), "order-departments")]])  # fmt: skip
        return None
    department = (talk.conversation.draft or {}).get("department") or f"d{new_id():x}"
    await offices.set_department(talk.db, municipality, department, {"bg": bg, "en": en})
    await list_chosen(talk, "")
    return None


async def end_chosen(talk: Talk, argument: str) -> None:
    """`<department>[:<instead>]`: what goes where from then on is asked first."""
    _ = talk._
    municipality = await _keeper(talk)
    department, _colon, instead = argument.partition(":")
    found = {row.id: row.name[talk.language] for row in await departments(talk, municipality)} if municipality else {}
    if municipality is None or department not in found:
        return await home.stale_choice(talk)
    if not instead:
        rows = [[Option(name, f"order-department-end:{department}:{other}")]
                for other, name in found.items() if other != department]  # fmt: skip
        question = _("“{name}” ends. Which department gets its new cases? Its open cases stay for you to pass on.")
        talk.say(question.format(name=found[department]),
                 [*rows, [Option("⬅️ " + _("Departments"), "order-departments")]], replaces=True)  # fmt: skip
        return None
    await offices.close_department(talk.db, municipality, department, instead)
    await list_chosen(talk, "")
    return None
