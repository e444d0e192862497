"""Departments and the routes to them, days on which the municipality works otherwise, and prepared answers."""

from datetime import date

from handlers import casephrases as phrases
from handlers import home
from handlers.deskorder import caller, departments, may, to_order, typed_day
from handlers.talk import Talk
from handlers.words import Option, Text, b, i, join
from storage import cases, offices, prepared, workcalendar

DAY, ANSWER = "order.day", "order.answer"
MOST_ANSWER = 3000  # Characters of a prepared answer.


# --- Routes ---


async def routes_chosen(talk: Talk, _argument: str) -> None:
    """Which category goes to which department."""
    _ = talk._
    known = await caller(talk)
    if known is None or not may(known[0], "routes", known[1]):
        return await home.stale_choice(talk)
    municipality = known[1]
    found = await departments(talk, municipality)
    names = {row.id: row.name[talk.language] for row in found}
    rules = await offices.routing(talk.db, municipality)
    lines = []
    for row in found:
        led = [
            phrases.category_name(talk, rule.category) for rule in rules if rule.department == row.id and rule.category
        ]
        mark = "" if row.is_confirmed else " · " + _("to be confirmed")
        lines.append(join(b(names[row.id]), i(mark), ": " + ", ".join(led) if led else ""))
    options = [Option(phrases.category_name(talk, name), f"order-route:{name}") for name in talk.handbook.reports]
    rows = [options[start : start + 2] for start in range(0, len(options), 2)]
    talk.say(
        join(b(_("Routes to departments")), *lines, _("Choose a category to send it elsewhere."), between="\n"),
        [*rows, [to_order(talk)]],
        replaces=True,
    )
    return None


async def route_chosen(talk: Talk, argument: str) -> None:
    """`order-route:<category>[:<department>[:yes]]`: choose, see what would change, confirm."""
    _ = talk._
    known = await caller(talk)
    category, department, yes = (*argument.split(":"), "", "")[:3]
    if known is None or not may(known[0], "routes", known[1]) or category not in talk.handbook.reports:
        return await home.stale_choice(talk)
    municipality = known[1]
    found = await offices.of(talk.db, municipality)
    title = phrases.category_name(talk, category)
    if not department:
        rows = [[Option(row.name[talk.language], f"order-route:{category}:{row.id}")] for row in found]
        talk.say(_("To which department does “{category}” go?").format(category=title), [*rows, [to_order(talk)]],
                 replaces=True)  # fmt: skip
        return None
    name = next((row.name[talk.language] for row in found if row.id == department), None)
    if name is None:
        return await home.stale_choice(talk)
    if not yes:
        counts = await offices.preview_route(talk.db, municipality, category, None, department)
        many = sum(counts.values())
        words = talk.n(
            "{count} open case that nobody has taken would belong there; it stays until somebody passes it on.",
            "{count} open cases that nobody has taken would belong there; they stay until somebody passes them on.",
            many,
        ).format(count=many)
        talk.say(
            join(
                _("From now on “{category}” goes to: {name}").format(category=title, name=name), words, between="\n\n"
            ),
            [[Option("✅ " + _("Yes, do it"), f"order-route:{category}:{department}:yes")], [to_order(talk)]],
            replaces=True,
        )
        return None
    await offices.set_route(talk.db, municipality, category, None, department)
    await routes_chosen(talk, "")
    return None


# --- Local days ---


async def days_chosen(talk: Talk, _argument: str) -> None:
    _ = talk._
    known = await caller(talk)
    if known is None or not may(known[0], "calendar", known[1]):
        return await home.stale_choice(talk)
    talk.expect(DAY)
    today = cases.today(talk.db)
    own = [row for row in await workcalendar.local(talk.db, known[1], today) if row.municipality == known[1]]
    lines = [f"• {talk.translator.date(row.day)}: {row.name[talk.language]}" for row in own]
    rows = [[Option("🗑️ " + talk.translator.date(row.day), f"order-day-off:{row.day.isoformat()}")] for row in own]
    talk.say(
        join(
            b(_("Local days")),
            _("National holidays and moved days are known. Here stand days that differ in your municipality, such as "
              "its feast."),
            "\n".join(lines) or _("There are none yet."),
            _("Write a date and what it is, for example: 15.06.2027 Feast of the town"),
            between="\n\n",
        ),
        [*rows, [to_order(talk)]],
        replaces=True,
    )  # fmt: skip
    return None


async def take_day(talk: Talk) -> None:
    _ = talk._
    assert isinstance(talk.heard.word, Text)
    known = await caller(talk)
    if known is None or not may(known[0], "calendar", known[1]):
        talk.expect(None)
        return await home.stale_choice(talk)
    first, _space, name = talk.heard.word.text.strip().partition(" ")
    day = typed_day(talk, first)
    if day is None or not name.strip() or day < cases.today(talk.db):
        talk.say(_("Write a date from today on and what it is, for example: 15.06.2027 Feast of the town"),
                 [[to_order(talk)]])  # fmt: skip
        return None
    talk.expect(DAY, day=day.isoformat(), name=name.strip()[:80])
    talk.say(
        f"{talk.translator.weekday(day)}, {talk.translator.date(day)}: {name.strip()[:80]}",
        [
            [Option(_("Nobody works"), "order-day:free"), Option(_("It is worked"), "order-day:worked")],
            [to_order(talk)],
        ],
    )
    return None


async def day_chosen(talk: Talk, what: str) -> None:
    draft = talk.conversation.draft or {}
    known = await caller(talk)
    if known is None or not may(known[0], "calendar", known[1]) or "day" not in draft:
        return await home.stale_choice(talk)
    name = {"bg": draft["name"], "en": draft["name"]}
    day = date.fromisoformat(draft["day"])
    await workcalendar.set_day(talk.db, known[1], day, is_working=what == "worked", name=name, by=talk.person.id)
    await _changed(talk)
    return None


async def day_off_chosen(talk: Talk, day: str) -> None:
    known = await caller(talk)
    if known is None or not may(known[0], "calendar", known[1]):
        return await home.stale_choice(talk)
    await workcalendar.remove_day(talk.db, known[1], date.fromisoformat(day))
    await _changed(talk)
    return None


async def _changed(talk: Talk) -> None:
    talk.expect(None)
    talk.say(
        talk._("Noted. Running dates are computed again on the next working morning, and whom it concerns is told."),
        [[Option("📅 " + talk._("Local days"), "order-days"), to_order(talk)]],
    )


# --- Prepared answers ---


async def answers_chosen(talk: Talk, _argument: str) -> None:
    _ = talk._
    known = await caller(talk)
    if known is None or not may(known[0], "prepared", known[1]):
        return await home.stale_choice(talk)
    talk.expect(ANSWER)
    found = [row for row in await prepared.fitting(talk.db, known[1], None, None) if row.municipality == known[1]]
    rows = [[Option("🗑️ " + str(row.title["bg"]), f"order-answer-off:{row.id:x}")] for row in found]
    fields = ", ".join("{" + field + "}" for field in prepared.FIELDS)
    talk.say(
        join(
            b(_("Prepared answers")),
            "\n".join(f"• {row.title['bg']}" for row in found) or _("There are none yet."),
            _("To add one, write its title in the first line and the text below it. An English text may follow after "
              "a line with three dashes."),
            _("These are filled in from the case: {fields}").format(fields=fields),
            between="\n\n",
        ),
        [*rows, [to_order(talk)]],
        replaces=True,
    )  # fmt: skip
    return None


async def take_answer(talk: Talk) -> None:
    _ = talk._
    assert isinstance(talk.heard.word, Text)
    known = await caller(talk)
    if known is None or not may(known[0], "prepared", known[1]):
        talk.expect(None)
        return await home.stale_choice(talk)
    title, _line, text = talk.heard.word.text.strip().partition("\n")
    bg, _dashes, en = text.partition("\n---\n")
    words = {"bg": bg.strip()} | ({"en": en.strip()} if en.strip() else {})
    if not title.strip() or not words["bg"] or len(text) > MOST_ANSWER:
        talk.say(_("Write the title in the first line and the text below it."), [[to_order(talk)]])
        return None
    if wrong := prepared.unknown_fields(words):
        talk.say(_("Nothing can be filled into: {fields}").format(fields=", ".join(wrong)), [[to_order(talk)]])
        return None
    names = {"bg": title.strip()[:80], "en": title.strip()[:80]}
    prepared.add(talk.db, title=names, text=words, municipality=known[1], by=talk.person.id)
    talk.say(_("Kept. It is offered when somebody answers a case."), [[Option("📋 " + _("Prepared answers"),
             "order-answers"), to_order(talk)]])  # fmt: skip
    return None


async def answer_off_chosen(talk: Talk, number: str) -> None:
    known = await caller(talk)
    row = await prepared.get(talk.db, int(number, 16))
    if known is None or row is None or row.municipality != known[1] or not may(known[0], "prepared", known[1]):
        return await home.stale_choice(talk)
    await prepared.end(talk.db, row.id)
    await answers_chosen(talk, "")
    return None
