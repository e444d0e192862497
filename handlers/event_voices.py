"""Questions before an event, their answers afterwards, what people thought of it, and what came of it."""

from handlers import event_card, event_desk, event_form, events, files, home
from handlers.event_files import attachments
from handlers.event_rights import own_event
from handlers.talk import Talk
from handlers.words import NOTICE, Media, Option, Say, Text, b, fill, i, join
from storage import event_audience, event_voices, people, preferences, seats
from storage import events as store
from storage.event_kinds import kinds
from storage.events import HELD, Event
from storage.search import mask

ASK_QUESTION, ASK_ANSWER, ASK_WORDS, ASK_MINUTES = "event.question", "event.answer", "event.words", "event.minutes"
MAX_QUESTION, MAX_ANSWER, MAX_WORDS = 1000, 2000, 1000
SHOWN = 5


# --- Questions beforehand ---


async def ask_chosen(talk: Talk, number: str) -> None:
    event = await _asking(talk, number)
    if event is None:
        return
    talk.expect(ASK_QUESTION, event=event.id)
    talk.say(
        talk._("What would you like to ask? The organizer collects the questions; your answer comes here in the chat."),
        [[event_card.back(talk, event), home.to_menu(talk)]],
    )


async def _asking(talk: Talk, number: str) -> Event | None:
    """The event, if questions are still collected for it."""
    event = await events.find(talk, number)
    if event is None:
        return None
    _ = talk._
    if not event.takes_questions or not event.is_open or event.starts_at is None or event.starts_at <= talk.now:
        await events.show(talk, event, _("Questions are not collected any more."))
        return None
    if await event_voices.asked_by(talk.db, event.id, talk.person.id) >= event_voices.MAX_QUESTIONS:
        await events.show(talk, event, _("You have asked as many questions as one person can. Thank you."))
        return None
    return event


async def take_question(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    event = await _asking(talk, str((talk.conversation.draft or {}).get("event", 0)))
    talk.expect(None)
    if event is None:
        return
    question = mask(event_form.many_lines(talk.heard.word.text))[:MAX_QUESTION]
    event_voices.ask(talk.db, event.id, talk.person.id, talk.conversation.id, question)
    talk.say(
        talk._("Your question is kept. You will get the answer here, at the latest after the event."),
        [[Option("❓ " + talk._("One more question"), f"event-ask:{event.id}")],
         [event_card.back(talk, event), home.to_menu(talk)]],
    )  # fmt: skip


async def questions_chosen(talk: Talk, argument: str) -> None:
    """For the organizer: the questions without an answer, one choice for each."""
    number, _colon, skip = argument.partition(":")
    event = await own_event(talk, number)
    if event is None:
        return
    _ = talk._
    talk.expect(None)
    waiting = await event_voices.questions(talk.db, event.id, open_only=True)
    start = int(skip) if skip.isdecimal() else 0
    page = waiting[start : start + SHOWN]
    heading = talk.n("{count} question without an answer", "{count} questions without an answer", len(waiting))
    lines = [join(b(f"{n}. "), row.question) for n, row in enumerate(page, 1)]
    answer = [Option(f"💬 {n}", f"event-answer:{row.id}") for n, row in enumerate(page, 1)]
    on = (
        [Option(_("Next") + " ▶️", f"event-questions:{event.id}:{start + SHOWN}")]
        if start + SHOWN < len(waiting)
        else []
    )
    talk.say(
        join(b("❓ " + heading.format(count=len(waiting))), *lines, _("Choose the one to answer.") if page else "",
             between="\n\n"),
        [answer, on, [Option("⬅️ " + _("Back"), f"plan:{event.id}"), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip


async def answer_chosen(talk: Talk, question_id: str) -> None:
    row = await event_voices.question(talk.db, int(question_id)) if question_id.isdecimal() else None
    event = await own_event(talk, str(row.event_id)) if row else None
    if row is None:
        return await home.stale_choice(talk)
    if event is None:
        return None
    _ = talk._
    if row.answered_at is not None:
        return await questions_chosen(talk, str(event.id))
    talk.expect(ASK_ANSWER, question=row.id)
    talk.say(
        join(fill(_("Question: {question}"), question=i(row.question)),
             _("Please write the answer. It goes to whoever asked, in the name of the municipality."), between="\n\n"),
        [[Option("⬅️ " + _("Back"), f"event-questions:{event.id}"), home.to_menu(talk)]],
    )  # fmt: skip
    return None


async def take_answer(talk: Talk) -> None:
    """Keep the answer and tell it to whoever asked, in their quiet hours later."""
    assert isinstance(talk.heard.word, Text)
    row = await event_voices.question(talk.db, int((talk.conversation.draft or {}).get("question", 0)))
    event = await own_event(talk, str(row.event_id)) if row else None
    if row is None or event is None:
        return talk.expect(None)
    answer = event_form.many_lines(talk.heard.word.text)[:MAX_ANSWER]
    if not answer:
        return await answer_chosen(talk, str(row.id))
    if await event_voices.answer(talk.db, row.id, talk.person.id, answer):
        await _tell_answer(talk, event, row.conversation_id, row.question, answer)
    return await questions_chosen(talk, str(event.id))


async def _tell_answer(talk: Talk, event: Event, conversation_id: int, question: str, answer: str) -> None:
    other = await people.conversation(talk.db, conversation_id)
    if other is None or other.person is None:
        return
    reader = talk.beside(other)
    _ = reader._
    due_at = await preferences.when_to_tell(talk.db, other.person.id, talk.translator.timezone)
    talk.tell(
        other.id,
        Say(
            text=join(
                b("💬 " + _("Answer to your question about: {title}").format(title=event_card.title(reader, event))),
                i(question), answer, event_card.municipality(reader, event), between="\n\n"),
            choices=[[event_card.back(reader, event), home.to_menu(reader)]],
            about=f"event:{event.id}",
            lane=NOTICE,
            due_at=due_at,
        ),
    )  # fmt: skip


# --- Feedback ---


async def stars_chosen(talk: Talk, argument: str) -> None:
    number, _colon, stars = argument.partition(":")
    event = await events.find(talk, number)
    if event is None:
        return None
    seat = await seats.of_person(talk.db, event.id, talk.person.id)
    if stars not in ("1", "2", "3", "4", "5") or event.state != HELD or seat is None:
        return await home.stale_choice(talk)
    _ = talk._
    await event_voices.rate(talk.db, event.id, talk.person.id, int(stars))
    talk.expect(ASK_WORDS, event=event.id)
    talk.say(
        join(_("Thank you!"), kinds()[event.kind].question(talk.language),
             _("Write it in a few words, or go back to the menu."), between="\n\n"),
        [[home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip
    return None


async def take_words(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    event_id = int((talk.conversation.draft or {}).get("event", 0))
    talk.expect(None)
    words = mask(event_form.many_lines(talk.heard.word.text))[:MAX_WORDS]
    if not await event_voices.say_more(talk.db, event_id, talk.person.id, words):
        return await home.stale_choice(talk)
    return talk.say(talk._("Thank you. The organizer will read it, without your name."), [[home.to_menu(talk)]])


# --- What came of it ---


async def minutes_chosen(talk: Talk, number: str) -> None:
    """Words, pictures, files: gathered first, sent once."""
    event = await own_event(talk, number)
    if event is None:
        return None
    if event.state != HELD:
        return await event_desk.show(talk, event, talk._("This can be sent after the event."))
    return _ask_minutes(talk, event, {}, talk._("What shall those who came get? Write the minutes as text, and send "
                                                "pictures and files. ") + files.limits(talk))  # fmt: skip


def _ask_minutes(talk: Talk, event: Event, draft: dict[str, object], first: str) -> None:
    _ = talk._
    talk.expect(ASK_MINUTES, **{**draft, "event": event.id})
    has_any = draft.get("text") or draft.get("files")
    send = [[Option("📤 " + _("Send to those who came"), f"event-send:{event.id}")]] if has_any else []
    talk.say(first, [*send, [Option("⬅️ " + _("Back"), f"plan:{event.id}"), home.to_menu(talk)]])


async def take_minutes(talk: Talk) -> None:
    draft = dict(talk.conversation.draft or {})
    event = await own_event(talk, str(draft.get("event", 0)))
    if event is None:
        return None
    _ = talk._
    word = talk.heard.word
    problems: list[str] = []
    if isinstance(word, Media):
        taken, problems = files.take(talk, f"event:{event.id}:after")
        draft["files"] = [*draft.get("files", []), *taken]
        text = event_form.many_lines(word.caption)
    else:
        text = event_form.many_lines(word.text) if isinstance(word, Text) else ""
    if text:
        draft["text"] = "\n\n".join(part for part in (draft.get("text"), text) if part)[:3000]
    kept = talk.n("Kept: text and {count} file.", "Kept: text and {count} files.", len(draft.get("files", [])))
    words = "\n".join([*problems, kept.format(count=len(draft.get("files", []))), _("Send more, or send it off now.")])
    return _ask_minutes(talk, event, draft, words)


async def send_chosen(talk: Talk, number: str) -> None:
    event = await own_event(talk, number)
    draft = talk.conversation.draft or {}
    if event is None:
        return None
    if draft.get("event") != event.id or not (draft.get("text") or draft.get("files")):
        return await minutes_chosen(talk, number)
    _ = talk._
    ready = await attachments(talk, draft.get("files", []), event_card.title(talk, event))
    if len(ready) < len(draft.get("files", [])):
        return _ask_minutes(
            talk, event, draft, _("The files are still being fetched. Please press again in a few seconds.")
        )
    content = {"text": draft.get("text", ""), "files": list(draft.get("files", []))}
    store.tell(talk.db, event.id, "minutes", **content)
    many = await event_audience.count(talk.db, event, "minutes")
    told = talk.n("It goes to {count} person.", "It goes to {count} people.", many).format(count=many)
    return await event_desk.show(talk, event, told)


async def report_chosen(talk: Talk, number: str) -> None:
    event = await own_event(talk, number)
    if event:
        talk.say(
            await report(talk, event),
            [[Option("👥 " + talk._("List"), f"event-guests:{event.id}")],
             [Option("⬅️ " + talk._("Back"), f"plan:{event.id}"), home.to_menu(talk)]],
            replaces=True,
        )  # fmt: skip


async def report(talk: Talk, event: Event) -> list[str | dict[str, object]]:
    """Places, attendance, questions, opinions: what the project's indicators ask for."""
    _ = talk._
    seen = await seats.attendance(talk.db, event.id)
    said = await event_voices.opinion(talk.db, event.id)
    asked = await event_voices.questions(talk.db, event.id)
    answered = sum(row.answered_at is not None for row in asked)
    rate = f" ({round(100 * seen.absent / seen.going)} %)" if seen.absent and seen.going else ""
    lines = [
        (_("Places"), str(event.capacity) if event.capacity is not None else _("no limit")),
        (_("Signed up (places)"), str(seen.going)),
        (_("Given back"), str(seen.cancelled)),
        (_("Waiting"), str(seen.waiting)),
        (_("Came"), str(seen.came) if seen.came is not None else _("not counted")),
        (_("Did not come"), f"{seen.absent}{rate}" if seen.absent is not None else _("not counted")),
        (_("Questions beforehand"), _("{count}, answered: {answered}").format(count=len(asked), answered=answered)),
        (_("Opinions"), _("{count}, on average {stars} of 5 stars").format(
            count=said.count, stars=talk.translator.number(round(said.average, 1))) if said.average else "0"),
    ]  # fmt: skip
    words = [join("• ", i(text)) for text in said.words[:SHOWN]]
    return join(
        b("📊 " + event_card.title(talk, event)),
        event_card.when(talk, event),
        join(*(fill("{what}: {value}", what=what, value=b(value)) for what, value in lines), between="\n"),
        join(b(_("In their words")), *words, between="\n") if words else "",
        between="\n\n",
    )
