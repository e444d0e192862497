"""Announcements on their way: asked once more, approved, sent, paused, stopped, corrected, withdrawn."""

from collections.abc import Callable
from dataclasses import replace

from handlers import announcement_rights as rights
from handlers import announcement_words as words
from handlers import formatting
from handlers.announcements import approval_choices, card, count, look_at_files, needs_approval, problem, show
from handlers.talk import Talk
from handlers.words import NOTICE, Markup, Option, Say, b, fill, i, join, plain
from locales import LANGUAGES
from storage import announcements, broadcasts, people
from storage.announcements import Announcement
from storage.audiences import Counted


async def send(talk: Talk, one: Announcement) -> None:
    """Ask once more, with the number of people; above the limit somebody else is asked instead."""
    _, speak, at = talk._, talk.translator, f"{one.id:x}"
    await look_at_files(talk, one)
    counted = await count(talk, one)
    if why := problem(talk, one, counted):
        return await card(talk, one, "⚠️ " + why)
    assert counted is not None
    if needs_approval(talk, one, counted):
        return await ask_approval(talk, one)
    when = (_("on {date} at {time}").format(date=speak.date(one.due_at), time=speak.time(one.due_at)) if one.due_at
            else _("now"))  # fmt: skip
    return talk.say(
        join(
            b(_("Send it {when}?").format(when=when)),
            words.by_channel(speak, counted),
            "💶 " + _("Estimated cost: {amount}").format(amount=words.money(speak, talk.rules.cost(counted))),
            _("What has gone out cannot be called back everywhere."),
            between="\n\n",
        ),
        [[Option("✅ " + _("Yes, send it to {people}").format(people=words.number_of_people(speak, counted.people)),
                 f"announce:yes:{at}")],
         [Option("⬅️ " + _("Back"), f"announce:open:{at}")]],
        replaces=True,
    )  # fmt: skip


async def yes(talk: Talk, one: Announcement) -> None:
    await look_at_files(talk, one)
    counted = await count(talk, one)
    if one.state != "draft":
        return await card(talk, one)
    if why := problem(talk, one, counted):
        return await card(talk, one, "⚠️ " + why)
    assert counted is not None
    if needs_approval(talk, one, counted):  # More people than when it was asked.
        return await ask_approval(talk, one)
    return await launch(talk, one)


async def launch(talk: Talk, one: Announcement) -> None:
    _, speak = talk._, talk.translator
    if one.due_at:
        await announcements.move(talk.db, one, "scheduled", "scheduled", talk.person.id)
        when = _("It will be sent on {date} at {time}.")
        first = "🕘 " + when.format(date=speak.date(one.due_at), time=speak.time(one.due_at))
    else:
        await announcements.start(talk.db, one, digests(one), talk.person.id)
        first = "📤 " + _("It is on its way.")
    await card(talk, one, first)


def digests(one: Announcement) -> dict[str, str]:
    """Of each text as its readers see it, so that anybody can compare."""
    return {language: announcements.digest(plain(formatting.read(text))) for language, text in one.texts.items()}


# --- Approval ---


async def ask_approval(talk: Talk, one: Announcement) -> None:
    _ = talk._
    others = await announcements.who_may_approve(talk.db, one)
    if not others:
        return await card(talk, one, "⚠️ " + _("Nobody else may approve it. Please ask the administrator to invite a "
                                              "second organizer."))  # fmt: skip
    if not await announcements.move(talk.db, one, "asked", "asked", talk.person.id):
        return await card(talk, one)
    for other in others:
        place = await people.conversation(talk.db, other.conversation_id)
        if place is None or place.person is None:
            continue
        theirs = talk.beside(place)
        text = join(
            b("🙋 " + theirs._("A colleague asks you to approve this announcement.")),
            words.by_channel(theirs.translator, one.counted or Counted()),
            i(words.short(one.text(theirs.language)[0])),
            between="\n\n",
        )
        talk.tell(place.id, Say(text=text, choices=approval_choices(theirs, one), lane=NOTICE, about=one.about))
    return await card(talk, one, "🙋 " + talk.n("{count} colleague was asked to approve it.",
                                               "{count} colleagues were asked to approve it.",
                                               len(others)).format(count=len(others)))  # fmt: skip


async def approve(talk: Talk, one: Announcement) -> None:
    _ = talk._
    if one.state != "asked" or not rights.may_approve(talk, await rights.held(talk), one):
        return await card(talk, one, "⚠️ " + _("This does not wait for your approval."))
    if one.due_at and one.due_at <= talk.now:
        one.due_at = None  # The hour passed while it waited: it goes out with the approval.
    announcements.change(talk.db, one, approver_id=talk.person.id, due_at=one.due_at)
    announcements.note(talk.db, one.id, "approved", talk.person.id)
    await launch(talk, one)
    return await tell_author(talk, one, lambda author: "✅ " + author._("Your announcement was approved."))


async def return_it(talk: Talk, one: Announcement) -> None:
    _ = talk._
    if one.state != "asked" or not rights.may_approve(talk, await rights.held(talk), one):
        return await card(talk, one, "⚠️ " + _("This does not wait for your approval."))
    talk.expect("announcements.return", id=f"{one.id:x}")
    return talk.say(
        _("Please write what should be changed; the author will read it."),
        [[Option("⬅️ " + _("Back"), f"announce:open:{one.id:x}")]],
    )


async def returned(talk: Talk, one: Announcement, why: str) -> None:
    _ = talk._
    if not await announcements.move(talk.db, one, "draft", "returned", talk.person.id, why[:500]):
        return await card(talk, one)
    talk.expect(None)
    talk.say(_("It went back to its author."), [[Option("⬅️ " + _("Announcements"), "announce:list")]])
    return await tell_author(
        talk, one, lambda author: fill("↩️ " + author._("Your announcement came back: {why}"), why=i(why[:500]))
    )


async def tell_author(talk: Talk, one: Announcement, said: Callable[[Talk], Markup]) -> None:
    place = await people.conversation(talk.db, one.conversation_id)
    if place is None or place.person is None or place.person.id == talk.person.id:
        return
    author = talk.beside(place)
    choices = [[Option("📢 " + author._("Show it"), f"announce:open:{one.id:x}")]]
    talk.tell(place.id, Say(text=said(author), choices=choices, lane=NOTICE, about=one.about))


async def redraft(talk: Talk, one: Announcement) -> None:
    if one.state in ("asked", "scheduled"):
        await announcements.move(talk.db, one, "draft", "taken back", talk.person.id)
    await card(talk, one)


# --- Looking and trying ---


async def preview(talk: Talk, one: Announcement) -> None:
    """Each language as its readers will see it."""
    _, at = talk._, f"{one.id:x}"
    await look_at_files(talk, one)
    for language in LANGUAGES:
        seen = words.letter(one, talk.translators[language], talk.handbook, talk.now)
        labels = " ".join(f"[{option.label}]" for row in seen.choices for option in row)
        talk.say(join(i(f"👁 {LANGUAGES[language]}"), seen.text, i(labels), between="\n\n"), files=seen.files)
    row = [Option("🧪 " + _("Test to myself"), f"announce:test:{at}")] if one.state == "draft" else []
    talk.say(_("So it looks to those who get it."), [row, [Option("⬅️ " + _("Back"), f"announce:open:{at}")]])


async def test(talk: Talk, one: Announcement) -> None:
    """Send it for real, to every address of whoever asks for it."""
    _ = talk._
    await look_at_files(talk, one)
    if why := problem(talk, one, Counted({"": 1})):
        return await card(talk, one, "⚠️ " + why)
    for place in await people.conversations_of(talk.db, talk.person.id):
        for language in one.texts or [talk.language]:
            tried = words.letter(one, talk.translators[language], talk.handbook, talk.now)
            text = join(i("🧪 " + _("Test, sent to you only.")), tried.text, between="\n\n")
            if place.reachable:
                talk.tell(place.id, replace(tried, text=text, lane=NOTICE))
    await card(talk, one, "🧪 " + _("The test is on its way to you."))
    return None


async def discard(talk: Talk, one: Announcement) -> None:
    _, at = talk._, f"{one.id:x}"
    talk.say(
        [b(_("Discard it for good?"))],
        [[Option("🗑 " + _("Yes, discard it"), f"announce:discard-yes:{at}")],
         [Option("⬅️ " + _("Back"), f"announce:open:{at}")]],
        replaces=True,
    )  # fmt: skip


async def discard_yes(talk: Talk, one: Announcement) -> None:
    await announcements.move(talk.db, one, "discarded", "discarded", talk.person.id)
    await show(talk)


async def correct(talk: Talk, one: Announcement) -> None:
    """A draft that will rewrite what was sent, beginning with the same words."""
    child = announcements.begin(
        talk.db, author_id=talk.person.id, conversation_id=talk.conversation.id, municipality=one.municipality,
        is_emergency=one.is_emergency, corrects=one,
    )  # fmt: skip
    announcements.change(talk.db, child, texts=one.texts, files=one.files)
    await card(talk, child)


async def recall(talk: Talk, one: Announcement) -> None:
    child = announcements.begin(
        talk.db, author_id=talk.person.id, conversation_id=talk.conversation.id, municipality=one.municipality,
        is_emergency=one.is_emergency, corrects=one, is_recall=True,
    )  # fmt: skip
    await card(talk, child)


async def results(talk: Talk, one: Announcement, form: str) -> None:
    """Have the file made beside the turn: it may be long."""
    announcements.want_results(talk.db, one, "xlsx" if form == "xlsx" else "csv")
    await card(talk, one, "📄 " + talk._("The file is being made and comes in a moment."))


# --- While it is being sent ---


async def pause(talk: Talk, one: Announcement) -> None:
    if not await announcements.move(talk.db, one, "paused", "paused", talk.person.id):
        return await card(talk, one)
    await card(talk, one, "⏸ " + talk._("It is paused: nothing more goes out until you resume it."))


async def resume(talk: Talk, one: Announcement) -> None:
    if one.state == "paused":
        await announcements.move(talk.db, one, "sending", "resumed", talk.person.id)
    await card(talk, one)


async def stop(talk: Talk, one: Announcement) -> None:
    _ = talk._
    at = f"{one.id:x}"
    talk.say(
        join(
            b(_("Stop it for good?")),
            _("What has not gone out yet never will. What was sent stays; it can be corrected or withdrawn."),
            between="\n\n",
        ),
        [[Option("✋ " + _("Yes, stop it"), f"announce:stop-yes:{at}")],
         [Option("⬅️ " + _("Back"), f"announce:open:{at}")]],
        replaces=True,
    )  # fmt: skip


async def stop_yes(talk: Talk, one: Announcement) -> None:
    if await announcements.stop(talk.db, one, talk.person.id):
        await broadcasts.end(talk.db, one)
    await card(talk, one)
