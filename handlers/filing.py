"""Filing a matter, one question at a time: what was said stays in a draft, through interruptions and restarts."""

from handlers import filing_answers, filing_draft, filing_summary, home, questions
from handlers import filing_questions as asking
from handlers.filing_draft import STEP, Draft
from handlers.talk import Talk
from handlers.words import Edited, Markup, Media, Option, Phone, Place, Text, join
from storage import casecitizen, caselists, cases, filings, media, messages
from storage.caserules import Rules


async def begin_chosen(talk: Talk, argument: str = "") -> None:
    """`kind:category:message`, each of them perhaps empty: what is known already."""
    draft = filing_draft.of(talk)
    if draft and (draft.text or draft.files):
        return _offer_draft(talk, draft, argument)
    return await new_chosen(talk, argument)


async def new_chosen(talk: Talk, argument: str) -> None:
    kind, category, heard = (*argument.split(":"), "", "", "")[:3]
    report = talk.handbook.reports.get(category)
    kind = kind if kind in asking.KINDS else ""  # A link may name anything.
    known = {"category": category if report else None, "kind": kind or (report["default_kind"] if report else None)}
    if (old := filing_draft.of(talk)) is not None:
        await media.discard(talk.db, old.files)
    last = await filings.last_named(talk.db, talk.person.id)
    if last is not None:
        known |= {"name": last.name, "contact": last.contact}
    draft = filing_draft.begin(talk, **known)
    text = await messages.text_of(talk.db, int(heard), talk.person.id) if heard.isdecimal() else None
    if text:
        filing_answers.set_text(talk, draft, text)
        draft.passes("text")
    lead = talk._("I have taken over your words. You can change them before anything is sent.") if text else ""
    await go_on(talk, draft, lead)


async def new_with_files_chosen(talk: Talk, heard: str) -> None:
    """Files that came by themselves begin a new matter."""
    await new_chosen(talk, f"::{int(heard, 16)}")
    draft = filing_draft.of(talk)
    rows = await media.about(talk.db, f"reply:{heard}")
    if draft is None or not rows:
        return
    draft.files = [row.id for row in rows]
    await media.belong_to(talk.db, f"reply:{heard}", draft.about)
    filing_draft.keep(talk, draft)


async def begin(talk: Talk) -> None:
    await begin_chosen(talk)


def _offer_draft(talk: Talk, draft: Draft, argument: str) -> None:
    """Nobody's half written matter is thrown away without a word."""
    _ = talk._
    talk.say(
        join(
            _("You have a matter that was not sent yet:"),
            filing_summary.brief(talk, draft),
            _("Go on with it, or begin anew? What was written is deleted then."),
            between="\n\n",
        ),
        [[resume_choice(talk)], [Option("🆕 " + _("Begin anew"), f"filing-new:{argument}")], [home.to_menu(talk)]],
    )


def resume_choice(talk: Talk) -> Option:
    return Option("✏️ " + talk._("Go on with my matter"), "filing-go")


async def resume_chosen(talk: Talk, _argument: str) -> None:
    draft = filing_draft.of(talk)
    if draft is None:
        return await home.stale_choice(talk)
    return await go_on(talk, draft)


async def go_on(talk: Talk, draft: Draft, lead: Markup = "") -> None:
    """Ask for what is missing, or show everything before it is sent."""
    name = filing_draft.next_field(talk, draft)
    if name == "alike":
        if await _show_alike(talk, draft, lead):
            return
        draft.passes("alike")
        return await go_on(talk, draft, lead)
    filing_draft.keep(talk, draft)
    if name is None:
        return filing_summary.show(talk, draft, lead)
    asked = asking.ask(talk, draft, name)
    rows = [*asked.rows, *asking.controls(talk, draft, name, asked)]
    return talk.say(join(lead, asked.text, between="\n\n"), rows, ask=asked.wish)


async def take(talk: Talk) -> None:
    """Whatever is said while a matter is being written."""
    draft = filing_draft.of(talk)
    if draft is None:
        talk.expect(None)
        if isinstance(talk.heard.word, Text):
            return await questions.ask(talk)
        return await home.not_understood(talk)
    match talk.heard.word:
        case Media():
            taken = filing_answers.files(talk, draft)
        case Place(lat, lon):
            taken = filing_answers.point(talk, draft, lat, lon)
        case Phone(number, _own):
            taken = filing_answers.phone(talk, draft, number)
        case Text(text):
            name = filing_draft.next_field(talk, draft)
            taken = filing_answers.words(talk, draft, name, text)
        case _:
            taken = filing_answers.Taken(talk._("Please answer in words or with the choices below."))
    return await _after(talk, draft, taken)


async def rewritten(talk: Talk) -> bool:
    """The description was rewritten where it was said; True when it was ours."""
    draft = filing_draft.of(talk)
    word = talk.heard.word
    assert isinstance(word, Edited)
    if draft is None or not draft.ref or draft.ref != word.ref:
        return False
    filing_answers.set_text(talk, draft, word.text)
    await go_on(talk, draft, talk._("I have taken your corrected words."))
    return True


async def set_chosen(talk: Talk, argument: str) -> None:
    """A choice under a question: `field:value`."""
    draft = filing_draft.of(talk)
    name, _colon, value = argument.partition(":")
    if draft is None:
        return await filing_summary.gone(talk)
    taken = await filing_answers.chosen(talk, draft, name, value)
    return await _after(talk, draft, taken)


async def _after(talk: Talk, draft: Draft, taken: filing_answers.Taken) -> None:
    if taken.choices:
        filing_draft.keep(talk, draft)
        return talk.say(taken.lead, taken.choices)
    return await go_on(talk, draft, taken.lead)


# --- Moving about ---


async def skip_chosen(talk: Talk, name: str) -> None:
    draft = filing_draft.of(talk)
    if draft is None:
        return await filing_summary.gone(talk)
    if name == filing_draft.next_field(talk, draft) and asking.ask(talk, draft, name).can_skip:
        filing_answers.skip(draft, name)
    return await go_on(talk, draft)


async def back_chosen(talk: Talk, _argument: str) -> None:
    """To the question before, or out of a correction to the summary."""
    draft = filing_draft.of(talk)
    if draft is None:
        return await filing_summary.gone(talk)
    if draft.editing:
        draft.passed, draft.editing = draft.passed_before, None
    elif draft.passed:
        draft.passed.pop()
        while draft.passed and draft.passed[-1] not in filing_draft.fields(talk, draft):
            draft.passed.pop()
    return await go_on(talk, draft)


async def edit_chosen(talk: Talk, name: str) -> None:
    draft = filing_draft.of(talk)
    if draft is None:
        return await filing_summary.gone(talk)
    draft.passed_before, draft.editing = list(draft.passed), name
    for gone in (name, *filing_summary.WITH.get(name, ())):
        draft.forgets(gone)
    return await go_on(talk, draft)


async def categories_chosen(talk: Talk, _argument: str) -> None:
    draft = filing_draft.of(talk)
    if draft is None:
        return await filing_summary.gone(talk)
    filing_draft.keep(talk, draft)
    asked = asking.all_categories(talk)
    return talk.say(asked.text, [*asked.rows, *asking.controls(talk, draft, "category", asked)])


async def anyway_chosen(talk: Talk, _argument: str) -> None:
    """Whoever was told of another way goes on with this one."""
    draft = filing_draft.of(talk)
    if draft is None:
        return await filing_summary.gone(talk)
    draft.is_checked = True
    return await go_on(talk, draft)


async def elsewhere_chosen(talk: Talk, kind: str) -> None:
    """What this chat may not take: the right way instead."""
    text = questions.appeal_text(talk) if kind == "appeal" else questions.whistleblowing_text(talk)
    talk.say(text, [[Option("⬅️ " + talk._("Back"), "filing-go"), home.to_menu(talk)]])


async def stop_chosen(talk: Talk, _argument: str = "") -> None:
    """Stopping sends nothing and deletes nothing without being asked to."""
    _ = talk._
    draft = filing_draft.of(talk)
    talk.handler = "filing-stop"
    if talk.conversation.step == STEP:
        talk.expect(None)
    if draft is None or not (draft.text or draft.files):
        filing_draft.drop(talk)
        return talk.say(_("All right, that is stopped. Nothing was sent."), [[home.to_menu(talk)]])
    return talk.say(
        _("All right, nothing was sent. I keep what you wrote for seven days, so that you can go on."),
        [[resume_choice(talk)], [Option("🗑 " + _("Delete it"), "filing-discard")], [home.to_menu(talk)]],
    )


async def discard_chosen(talk: Talk, _argument: str) -> None:
    draft = filing_draft.of(talk)
    if draft is not None:
        await media.discard(talk.db, draft.files)
    filing_draft.drop(talk)
    talk.say(talk._("It is deleted. Nothing was sent."), [[home.to_menu(talk)]])


def keep_in_sight(talk: Talk) -> None:
    """Something else was done meanwhile: free text is a question again, and the way back stands under the answer."""
    if talk.handler.partition("-")[0] == STEP or filing_draft.NAME not in talk.aside:
        return
    draft = filing_draft.of(talk)
    if draft is None:
        return filing_draft.drop(talk)
    if talk.conversation.step == STEP:
        talk.expect(None)
    if talk.said and talk.conversation.step is None and (draft.text or draft.files):
        last = talk.said[-1]
        if any(option.do == "filing-go" for row in last.choices for option in row):
            return None
        talk.said[-1] = filing_summary.with_row(last, [resume_choice(talk)])
    return None


# --- Others who reported the same ---


async def _show_alike(talk: Talk, draft: Draft, lead: Markup) -> bool:
    found = await caselists.alike(
        talk.db, Rules(talk.handbook), municipality=draft.municipality or "", category=draft.category,
        text=draft.text, lat=draft.lat, lon=draft.lon, settlement=draft.settlement, person_id=talk.person.id,
    )  # fmt: skip
    if not found:
        return False
    filing_draft.keep(talk, draft)
    filing_summary.show_alike(talk, found, lead)
    return True


async def follow_chosen(talk: Talk, number: str) -> None:
    """ "It is this one": nothing is filed, and the citizen hears of what happens to it."""
    _ = talk._
    draft, case = filing_draft.of(talk), await cases.get(talk.db, int(number, 16))
    if case is None or case.is_sensitive:
        return await home.stale_choice(talk)
    await casecitizen.follow(talk.db, case, talk.person.id, talk.conversation.id, is_affected=True)
    if draft is not None:
        await media.discard(talk.db, draft.files)
    filing_draft.drop(talk)
    return talk.say(
        join(
            _(
                "Good: it is counted that you are affected, too. You hear of everything that happens to {number}."
            ).format(number=case.number),
            _("Nothing new was filed."),
            between=" ",
        ),
        [[Option("📄 " + _("Open {number}").format(number=case.number), f"matter:{case.id:x}")], [home.to_menu(talk)]],
    )
