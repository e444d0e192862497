"""The desk of the staff in a private chat: what is waiting, by filter and page, search, and one case after another."""

from handlers import casecard, home
from handlers import casephrases as phrases
from handlers.talk import Talk
from handlers.words import Option, Part, Text, b, fill, i, join
from storage import absences, caselists, casenumbers, cases, permissions
from storage.caserecord import Actor, Case
from storage.caserules import Rules

PAGE = 6  # Cases on a phone's screen, with a button each.
HISTORY_PAGE = 8
SEARCH = "desk.search"
LABEL_CHARS = 44
BEGIN = ("mine", "unassigned", "due-soon", "overdue", "waiting", "to-approve", "not-solved", "undelivered",
         "unnumbered", "open")  # fmt: skip


def filter_name(talk: Talk, name: str) -> str:
    _ = talk._
    return {
        "mine": "🙋 " + _("Mine"),
        "unassigned": "📭 " + _("Nobody's yet"),
        "due-soon": "⏳ " + _("Due soon"),
        "overdue": "⏰ " + _("Overdue"),
        "waiting": "💤 " + _("Waiting for the citizen"),
        "to-approve": "✅ " + _("To approve"),
        "not-solved": "👎 " + _("Not solved, says the citizen"),
        "undelivered": "📨 " + _("Undelivered"),
        "unnumbered": "#️⃣ " + _("Without incoming number"),
        "open": "🗂️ " + _("All open"),
    }[name]


async def place_of(talk: Talk, who: Actor) -> str | None:
    """The municipality whose cases are looked at: that of the role, or for roles in all of them the chosen one."""
    own = _places(who)
    if not own:
        return None
    chosen = talk.person.municipality
    if chosen and (chosen in own or None in own):
        return chosen
    return next((name for name in own if name), next(iter(talk.handbook.municipalities)))


def _places(who: Actor) -> list[str | None]:
    return [role.municipality for role in who.roles if role.role in permissions.RIGHTS["see"]]


async def show_desk(talk: Talk) -> None:
    """How much waits, by filter: where somebody's day begins."""
    who = await casecard.actor(talk)
    municipality = await place_of(talk, who)
    if municipality is None:
        return await home.unknown_command(talk)
    await _overview(talk, who, municipality)
    return None


async def desk_chosen(talk: Talk, argument: str) -> None:
    """`desk:`, or `desk:<filter>:<offset>`."""
    wanted, _colon, offset = argument.partition(":")
    who = await casecard.actor(talk)
    municipality = await place_of(talk, who)
    if municipality is None:
        return await home.stale_choice(talk)
    if (talk.conversation.step or "").startswith("desk."):
        talk.expect(None)  # Whoever goes back to the list has left what they were doing.
    if wanted not in BEGIN:
        return await _overview(talk, who, municipality)
    found = await caselists.inbox(
        talk.db, Rules(talk.handbook), who.roles, await casecard.stands_in_for(talk), wanted,
        municipality=municipality, offset=int(offset or 0), many=PAGE,
    )  # fmt: skip
    _show_page(talk, filter_name(talk, wanted), found, f"desk:{wanted}", bulk=wanted)
    return None


async def _overview(talk: Talk, who: Actor, municipality: str) -> None:
    _ = talk._
    rules = Rules(talk.handbook)
    people = await casecard.stands_in_for(talk)
    counted = await caselists.counts(talk.db, rules, who.roles, people, municipality)
    shown = [name for name in BEGIN if counted[name] or name in ("mine", "unassigned", "open")]
    options = [Option(f"{filter_name(talk, name)} ({counted[name]})", f"desk:{name}:0") for name in shown]
    rows = [options[start : start + 2] for start in range(0, len(options), 2)]
    tools = [Option("🔎 " + _("Search"), "desk-search"), Option("❔ " + _("Unanswered questions"), "open-questions:0")]
    more = [Option("☎️ " + _("File for a citizen"), "desk-file"), Option("🧰 " + _("Order of the desk"), "order")]
    others = [Option("🏛️ " + _("Municipality"), "municipalities")] if set(_places(who)) - {municipality} else []
    nothing = not counted["open"] and not counted["undelivered"]
    talk.say(
        join(
            b(_("Cases of {municipality}").format(municipality=_name(talk, municipality))),
            await _standing_in(talk, people),
            _("Nothing is waiting. Well done.") if nothing else _urgent(talk, counted),
            between="\n\n",
        ),
        [*rows, tools, more, [*others, home.to_menu(talk)]],
        replaces=True,
    )


def _name(talk: Talk, municipality: str) -> str:
    return str(talk.handbook.municipalities[municipality]["name"][talk.language])


def _urgent(talk: Talk, counted: dict[str, int]) -> str:
    late = counted["overdue"]
    if late:
        return "⏰ " + talk.n("{count} case is overdue.", "{count} cases are overdue.", late).format(count=late)
    soon = counted["due-soon"]
    return talk.n("{count} case is due soon.", "{count} cases are due soon.", soon).format(count=soon)


async def _standing_in(talk: Talk, people: list[int]) -> str:
    count = len(people) - 1
    if not count:
        return ""
    words = talk.n("You stand in for {count} colleague.", "You stand in for {count} colleagues.", count)
    return words.format(count=count)


# --- Lists ---


def _show_page(talk: Talk, heading: str, found: caselists.Page, here: str, bulk: str = "") -> None:
    _ = talk._
    if not found.total:
        talk.say(join(b(heading), _("There are no such cases."), between="\n\n"), [[casecard.back_to_desk(talk)]],
                 replaces=True)  # fmt: skip
        return
    lines = [line(talk, case, place) for place, case in enumerate(found.cases, found.offset + 1)]
    rows = [[Option(_label(case), f"case:{casecard.ref(case)}")] for case in found.cases]
    turn = []
    if found.offset:
        turn.append(Option("◀️ " + _("Back"), f"{here}:{max(0, found.offset - PAGE)}"))
    if found.has_more:
        turn.append(Option(_("Next") + " ▶️", f"{here}:{found.offset + PAGE}"))
    many = [Option("☑️ " + _("Several at once"), f"bulk:{bulk}:{found.offset}")] if bulk and found.total > 1 else []
    shown = f"{found.offset + 1}–{found.offset + len(found.cases)} / {found.total}"
    talk.say(
        join(fill("{heading} · {shown}", heading=b(heading), shown=shown), *lines, between="\n\n"),
        [*rows, turn, many, [casecard.back_to_desk(talk)]],
        replaces=True,
    )


def line(talk: Talk, case: Case, place: int) -> list[Part]:
    _ = talk._
    late = case.is_overdue(cases.today(talk.db))
    until = _("due {date}").format(date=talk.translator.date(case.due_on)) if case.due_on else _("no term")
    emoji = (talk.handbook.reports.get(case.category or "") or {}).get("emoji", "•")
    return join(
        join(f"{place}. {emoji} ", b(case.title)),
        i(f"{case.number} · {phrases.state_name(talk, case.state)} · {'⏰ ' if late else ''}{until}"),
        between="\n",
    )


def _label(case: Case) -> str:
    running = case.number.partition("-")[2]
    title = case.title if len(case.title) <= LABEL_CHARS else case.title[:LABEL_CHARS].rsplit(" ", 1)[0] + "…"
    return f"{running} {title}"


# --- Search ---


async def search_chosen(talk: Talk, _argument: str) -> None:
    who = await casecard.actor(talk)
    if await place_of(talk, who) is None:
        return await home.stale_choice(talk)
    talk.expect(SEARCH)
    talk.say(talk._("Write a number (ours or the incoming one) or words of the case."), [[casecard.back_to_desk(talk)]])
    return None


async def search(talk: Talk) -> None:
    """Look for what was typed; typing on looks again, until something else is chosen."""
    assert isinstance(talk.heard.word, Text)
    who = await casecard.actor(talk)
    if await place_of(talk, who) is None:
        talk.expect(None)
        return await home.stale_choice(talk)
    typed = talk.heard.word.text[:200]
    letters = casenumbers.letters_of(talk.handbook.municipalities).values()
    found = await caselists.search(talk.db, who.roles, typed, letters, many=PAGE)
    if found.total == 1:
        return await show_case(talk, found.cases[0], who)
    talk.expect(SEARCH, words=typed)
    _show_page(talk, talk._("Search: {words}").format(words=typed), found, "desk-found")
    return None


async def found_chosen(talk: Talk, offset: str) -> None:
    who = await casecard.actor(talk)
    typed = (talk.conversation.draft or {}).get("words")
    if typed is None or await place_of(talk, who) is None:
        return await search_chosen(talk, "")
    letters = casenumbers.letters_of(talk.handbook.municipalities).values()
    found = await caselists.search(talk.db, who.roles, typed, letters, offset=int(offset), many=PAGE)
    _show_page(talk, talk._("Search: {words}").format(words=typed), found, "desk-found")
    return None


# --- One case ---


async def case_chosen(talk: Talk, argument: str) -> None:
    who = await casecard.actor(talk)
    case = await casecard.find(talk, argument, who)
    if case is None:
        return await home.stale_choice(talk)
    await show_case(talk, case, who, replaces=True)
    return None


async def show_case(talk: Talk, case: Case, who: Actor, *, lead: str = "", replaces: bool = False) -> None:
    text = join(lead, await casecard.text(talk, case), between="\n\n")
    talk.say(text, casecard.choices(talk, case, who), replaces=replaces, about=cases.about(case))


async def more_chosen(talk: Talk, argument: str) -> None:
    who = await casecard.actor(talk)
    case = await casecard.find(talk, argument, who)
    if case is None:
        return await home.stale_choice(talk)
    talk.say(
        join(b(case.number), b(case.title), talk._("What would you like to do?"), between="\n"),
        casecard.more_choices(talk, case, who),
        replaces=True,
        about=cases.about(case),
    )
    return None


async def history_chosen(talk: Talk, argument: str) -> None:
    """What happened, the newest first."""
    number, _colon, start = argument.partition(":")
    who = await casecard.actor(talk)
    case = await casecard.find(talk, number, who)
    if case is None:
        return await home.stale_choice(talk)
    rows = list(reversed(await cases.history(talk.db, case.id)))
    first = int(start or 0)
    lines = await casecard.history_lines(talk, case, rows[first : first + HISTORY_PAGE])
    turn = []
    if first:
        turn.append(Option("◀️ " + talk._("Newer"), f"case-history:{number}:{max(0, first - HISTORY_PAGE)}"))
    if first + HISTORY_PAGE < len(rows):
        turn.append(Option(talk._("Older") + " ▶️", f"case-history:{number}:{first + HISTORY_PAGE}"))
    talk.say(
        join(b(case.number), *lines, i(talk._("🔒 stays inside")), between="\n\n"),
        [turn, [casecard.back_to_case(talk, case)]],
        replaces=True,
    )
    return None


async def files_chosen(talk: Talk, argument: str) -> None:
    who = await casecard.actor(talk)
    case = await casecard.find(talk, argument, who)
    if case is None:
        return await home.stale_choice(talk)
    shown, left = await casecard.attachments(talk, case)
    back = [[casecard.back_to_case(talk, case)]]
    if not shown:
        talk.say(talk._("No files came with this case."), back, replaces=True)
        return None
    casecard.record_look(talk, case, "files")
    words = talk.n("{count} file", "{count} files", len(shown)).format(count=len(shown))
    more = talk.n("{count} more is kept", "{count} more are kept", left).format(count=left) if left else ""
    talk.say(join(b(case.number), words, more, between="\n"), back, files=shown)
    return None


async def author_chosen(talk: Talk, argument: str) -> None:
    """Name and contact, on request; each look is recorded where everybody can count them."""
    _ = talk._
    who = await casecard.actor(talk)
    case = await casecard.find(talk, argument, who)
    if case is None or talk.heard.is_group or not permissions.may(who.roles, "see-author", case.where):
        return await home.stale_choice(talk)
    casecard.record_look(talk, case, "author")
    talk.say(
        join(
            b(case.number),
            _("Name: {name}").format(name=case.name or _("not given")),
            _("Contact: {contact}").format(contact=case.contact or _("not given; answers go to the chat")),
            i(_("Your look at these data is recorded. Use them for this case only.")),
            between="\n",
        ),
        [[casecard.back_to_case(talk, case)]],
        replaces=True,
    )
    return None


async def away(talk: Talk) -> bool:
    """Whether the speaker has said that they are away today."""
    return await absences.absence_of(talk.db, talk.person.id, cases.today(talk.db)) is not None
