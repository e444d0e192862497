"""The organizer's desk: what is planned, one event as its readers will see it, and what can be done with it."""

from handlers import event_card, event_form, event_news, home
from handlers.event_rights import municipalities, own_event
from handlers.talk import Talk
from handlers.words import Markup, Option, Picture, Text, b, i, join, link
from locales import LANGUAGES
from storage import event_audience, event_reminders, event_voices, events, seats
from storage.event_kinds import kinds
from storage.events import CANCELLED, CHANGED, DRAFT, HELD, OPEN, PUBLISHED, Event

ASK_REASON = "event.reason"
MAX_REASON = 500


async def show_desk(talk: Talk) -> None:
    """What is planned, and the way to something new."""
    _ = talk._
    held = await municipalities(talk)
    if not held:
        talk.say(
            _("Events are planned by organizers of the municipality. If you are one, ask the administrator for an "
              "invitation. Here are the events for everybody."),
            [[Option("🗓 " + _("Events"), "events"), home.to_menu(talk)]],
        )  # fmt: skip
        return
    found = await events.looked_after(talk.db, held, (DRAFT, PUBLISHED, CHANGED), many=12)
    past = [Option("🗄 " + _("Past and cancelled"), "plan-past")]
    rows = [[Option(_state_mark(one) + event_card.line(talk, one), f"plan:{one.id}")] for one in found]
    talk.say(
        join(b("🛠 " + _("Your events")), _("📝 draft, 📢 published. Choose one, or plan a new one.") if found else
             _("Nothing is planned yet."), between="\n\n"),
        [[Option("➕ " + _("New event"), "plan-new")], *rows, [*past, home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip


def _state_mark(event: Event) -> str:
    return {DRAFT: "📝 ", PUBLISHED: "📢 ", CHANGED: "📢 ", CANCELLED: "", HELD: "✔️ "}[event.state]


async def desk_chosen(talk: Talk, number: str) -> None:
    if not number:
        return await show_desk(talk)
    event = await own_event(talk, number)
    return await show(talk, event, replaces=True) if event else None


async def past_chosen(talk: Talk, _argument: str) -> None:
    found = await events.looked_after(talk.db, await municipalities(talk), (HELD, CANCELLED))
    rows = [[Option(_state_mark(one) + event_card.line(talk, one), f"plan:{one.id}")] for one in found]
    words = talk._("Past and cancelled events") if found else talk._("No event is past yet.")
    talk.say(words, [*rows, [Option("⬅️ " + talk._("Back"), "plan:"), home.to_menu(talk)]], replaces=True)


# --- One event ---


async def show(talk: Talk, event: Event, first: Markup = "", *, replaces: bool = False) -> None:
    """The preview: the event as its readers see it, what is missing, what waits to be published."""
    _ = talk._
    talk.expect(None)
    after = event.with_pending()
    left = None if after.capacity is None else max(0, after.capacity - await seats.taken(talk.db, event.id))
    talk.say(
        join(first, _changes(talk, event), event_card.card(talk, after, left), _missing(talk, after), between="\n\n"),
        [*_choices(talk, event, await _open_questions(talk, event)),
         [Option("⬅️ " + _("Your events"), "plan:"), home.to_menu(talk)]],
        replaces=replaces,
        about=f"event:{event.id}",
    )  # fmt: skip


async def _open_questions(talk: Talk, event: Event) -> int:
    return len(await event_voices.questions(talk.db, event.id, open_only=True))


def _changes(talk: Talk, event: Event) -> Markup:
    """What was changed here and nobody knows yet."""
    if not event.pending:
        return ""
    old = {name: events.as_json(getattr(event, name)) for name in event.pending}
    lines = event_news.differences(talk, old, event.pending) or [talk._("Details of the page.")]
    return join(b("⚠️ " + talk._("Not published yet:")), join(*lines, between="\n"), between="\n")


def problems(talk: Talk, event: Event) -> list[str]:
    """What stands in the way of publishing."""
    _ = talk._
    found = []
    if not (event.title_bg or event.title_en):
        found.append(_("The title is missing."))
    if event.starts_at is None:
        found.append(_("Day and hour are missing."))
    elif event.starts_at <= talk.now:
        found.append(_("The beginning is past. Please choose a day to come."))
    if not (event.place or event.online):
        found.append(_("The place or an online link is missing."))
    return found


def _missing(talk: Talk, event: Event) -> Markup:
    """What stands in the way, and what readers will not see."""
    _ = talk._
    if event.state in (CANCELLED, HELD):
        return ""
    notes = problems(talk, event)
    for language, name in LANGUAGES.items():
        if not getattr(event, f"title_{language}") or not getattr(event, f"text_{language}"):
            other = next(n for code, n in LANGUAGES.items() if code != language)
            what = _("Title") if not getattr(event, f"title_{language}") else _("Text")
            notes.append(
                _("{what} in {language} is missing: readers will see it in {other}, and that is said.").format(
                    what=what, language=name, other=other)
                if event.text_bg or event.text_en or what == _("Title")
                else _("No text yet: readers see the sample text of this kind of event. Please check it.")
            )  # fmt: skip
    unique = list(dict.fromkeys(notes))
    return [i("• " + "\n• ".join(unique))] if unique else ""


def _choices(talk: Talk, event: Event, questions: int) -> list[list[Option]]:
    _ = talk._
    number = event.id
    edit = Option("✏️ " + _("Edit"), f"event-edit:{number}")
    copy = Option("📋 " + _("Duplicate"), f"event-copy:{number}")
    asked = Option("❓ " + _("Questions") + f" ({questions})", f"event-questions:{number}")
    report = Option("📊 " + _("Figures of the event"), f"event-report:{number}")
    guests = Option("👥 " + _("List"), f"event-guests:{number}")
    door = Option("🚪 " + _("At the door"), f"event-door:{number}")
    share = Option("📱 " + _("QR and link"), f"event-share:{number}")
    other = "en" if talk.language == "bg" else "bg"
    look = Option("👁 " + _("In {language}").format(language=LANGUAGES[other]), f"event-look:{number}:{other}")
    if event.state == DRAFT:
        return [[Option("📢 " + _("Publish"), f"event-publish:{number}"), edit], [look, copy],
                [Option("🗑 " + _("Discard the draft"), f"event-discard:{number}")]]  # fmt: skip
    if event.state in OPEN:
        waiting = [Option("📢 " + _("Publish the changes"), f"event-publish:{number}"),
                   Option("↩️ " + _("Forget the changes"), f"event-forget:{number}")]  # fmt: skip
        off = Option("❌ " + _("Cancel the event"), f"event-off:{number}")
        return [waiting if event.pending else [], [edit, look], [share], [door, guests], [asked, report], [copy, off]]
    if event.state == HELD:
        return [[Option("📝 " + _("Minutes and pictures"), f"event-minutes:{number}")],
                [door, guests], [asked, report], [copy]]  # fmt: skip
    return [[copy, report]]


async def share_chosen(talk: Talk, number: str) -> None:
    """A link and a QR code for the poster."""
    event = await own_event(talk, number)
    if event is None:
        return
    _ = talk._
    payload = f"event_{event.id}"
    url = talk.links.deep(payload, talk.heard.channel)
    title = event_card.title(talk, event)
    talk.say(
        join(b(title), _("This link and code open the event directly:"), link(url, url), between="\n\n"),
        [[Option("⬅️ " + _("Back"), f"plan:{event.id}"), home.to_menu(talk)]],
        picture=Picture(kind="qr", value=payload, name=f"event-{event.id}.png",
                        alt=_("QR code that opens: {title}").format(title=title)),
    )  # fmt: skip


async def look_chosen(talk: Talk, argument: str) -> None:
    """The same page as a reader of the other language sees it."""
    number, _colon, language = argument.partition(":")
    event = await own_event(talk, number)
    if event is None or language not in LANGUAGES:
        return
    reader = talk.in_language(language)
    talk.say(
        event_card.card(reader, event.with_pending(), event.capacity),
        [[Option("⬅️ " + talk._("Back"), f"plan:{event.id}"), home.to_menu(talk)]],
        replaces=True,
    )


# --- New ---


async def new_chosen(talk: Talk, _argument: str) -> None:
    """What kind?"""
    _ = talk._
    if not await municipalities(talk):
        return await show_desk(talk)
    rows = [[Option(f"{kind.emoji} {kind.brief(talk.language)}", f"plan-kind:{kind.id}")] for kind in kinds().values()]
    talk.say(
        join(b(_("A new event")), _("What kind of event is it? Its sample texts are filled in; you can change them."),
             between="\n\n"),
        [*rows, [Option("⬅️ " + _("Your events"), "plan:"), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip
    return None


async def kind_chosen(talk: Talk, kind_id: str) -> None:
    """Where? Asked only of whoever may choose."""
    held = await municipalities(talk)
    if kind_id not in kinds() or not held:
        return await home.stale_choice(talk)
    if len(held) == 1:
        return await _plan(talk, kind_id, held[0])
    _ = talk._
    options = [
        Option(place["name"][talk.language] if (place := talk.handbook.municipalities.get(slug or "")) else
               _("All four municipalities"), f"plan-where:{kind_id}:{slug or 'all'}")
        for slug in held
    ]  # fmt: skip
    talk.say(
        _("Which municipality is it about? Please choose."),
        [options[:2], options[2:4], options[4:], [Option("⬅️ " + _("Back"), "plan-new"), home.to_menu(talk)]],
        replaces=True,
    )
    return None


async def where_chosen(talk: Talk, argument: str) -> None:
    kind_id, _colon, slug = argument.partition(":")
    wanted = None if slug == "all" else slug
    if kind_id not in kinds() or wanted not in await municipalities(talk):
        return await home.stale_choice(talk)
    return await _plan(talk, kind_id, wanted)


async def _plan(talk: Talk, kind_id: str, slug: str | None) -> None:
    kind = kinds()[kind_id]
    titles = {}
    for language in LANGUAGES:
        place = talk.handbook.municipalities.get(slug or "")
        titles[f"title_{language}"] = kind.title(language, place["name"][language] if place else "")
    event_id = events.plan(
        talk.db, talk.person.id, municipality=slug, kind=kind_id, takes_names=kind.takes_names,
        takes_questions=kind.collects_questions, **titles,
    )  # fmt: skip
    event = await events.event(talk.db, event_id)
    assert event is not None
    await event_form.ask(talk, event, "when", guided=True)


async def copy_chosen(talk: Talk, number: str) -> None:
    """The same again, on another day."""
    event = await own_event(talk, number)
    if event is None:
        return
    copy = await events.event(talk.db, events.duplicate(talk.db, event, talk.person.id))
    assert copy is not None
    await event_form.ask(talk, copy, "when", first=talk._("This is a copy, and a draft."))


# --- Published ---


async def publish_chosen(talk: Talk, number: str) -> None:
    """Say what stands in the way, or how many will be told, and ask."""
    event = await own_event(talk, number)
    if event is None:
        return None
    _ = talk._
    found = problems(talk, event.with_pending())
    if found or (event.state != DRAFT and not event.pending):
        return await show(talk, event, "\n".join(found) or _("There is nothing to publish."))
    many = await event_audience.count(talk.db, event, "published" if event.state == DRAFT else "changed")
    asked = talk.n("{count} person will be told. Publish now?", "{count} people will be told. Publish now?", many)
    talk.say(
        join(_changes(talk, event), event_card.brief(talk, event.with_pending()), asked.format(count=many),
             between="\n\n"),
        [[Option("📢 " + _("Yes, publish"), f"event-published:{event.id}")],
         [Option("⬅️ " + _("Back"), f"plan:{event.id}"), home.to_menu(talk)]],
        replaces=True,
    )  # fmt: skip
    return None


async def published_chosen(talk: Talk, number: str) -> None:
    event = await own_event(talk, number)
    if event is None:
        return None
    held = await events.locked(talk.db, event.id) or event
    if problems(talk, held.with_pending()) or (held.state != DRAFT and not held.pending):
        return await publish_chosen(talk, number)
    if held.state == DRAFT:
        fresh = events.publish(talk.db, held, talk.person.id)
        return await show(talk, fresh, talk._("Published. Those who follow are being told."))
    if held.state not in OPEN:
        return await show(talk, held)
    fresh = events.publish_changes(talk.db, held, talk.person.id)
    await _move_up(talk, fresh)
    return await show(
        talk, fresh, talk._("Published. Everybody who signed up or follows is being told, with what it was before.")
    )


async def _move_up(talk: Talk, event: Event) -> None:
    """More places may have come."""
    from handlers.event_seats import offer_free_places

    await offer_free_places(talk, event)


async def forget_chosen(talk: Talk, number: str) -> None:
    event = await own_event(talk, number)
    if event:
        await show(talk, events.forget_changes(talk.db, event), talk._("The changes are forgotten. Nobody was told."))


async def discard_chosen(talk: Talk, argument: str) -> None:
    number, _colon, sure = argument.partition(":")
    event = await own_event(talk, number)
    if event is None:
        return None
    _ = talk._
    if event.state != DRAFT:
        return await show(talk, event)
    if not sure:
        talk.say(
            join(_("Discard this draft? It cannot be brought back."), event_card.brief(talk, event), between="\n\n"),
            [[Option("🗑 " + _("Yes, discard"), f"event-discard:{event.id}:yes")],
             [Option("⬅️ " + _("Back"), f"plan:{event.id}"), home.to_menu(talk)]],
            replaces=True,
        )  # fmt: skip
        return None
    events.discard(talk.db, event, talk.person.id)
    await talk.db.flush()
    return await show_desk(talk)


# --- Cancelled ---


async def off_chosen(talk: Talk, number: str) -> None:
    """Why? The reason is told to everybody."""
    event = await own_event(talk, number)
    if event is None:
        return None
    if event.state not in OPEN:
        return await show(talk, event)
    talk.expect(ASK_REASON, event=event.id)
    talk.say(
        talk._(
            "Why is the event cancelled? Everybody who signed up or follows it will read the reason. Please write it."
        ),
        [[Option("⬅️ " + talk._("Back"), f"plan:{event.id}"), home.to_menu(talk)]],
        replaces=True,
    )
    return None


async def take_reason(talk: Talk) -> None:
    assert isinstance(talk.heard.word, Text)
    event = await own_event(talk, str((talk.conversation.draft or {}).get("event", 0)))
    if event is None:
        return
    _ = talk._
    reason = event_form.one_line(talk.heard.word.text)[:MAX_REASON]
    talk.expect(ASK_REASON, event=event.id, reason=reason)
    many = await event_audience.count(talk.db, event, "cancelled")
    told = talk.n("{count} person will be told.", "{count} people will be told.", many).format(count=many)
    talk.say(
        join(_("Cancel this event? That cannot be undone."), event_card.brief(talk, event),
             _("Reason: {reason}").format(reason=reason), told, between="\n\n"),
        [[Option("❌ " + _("Yes, cancel the event"), f"event-off-yes:{event.id}")],
         [Option("⬅️ " + _("Back"), f"plan:{event.id}"), home.to_menu(talk)]],
    )  # fmt: skip


async def off_confirmed(talk: Talk, number: str) -> None:
    event = await own_event(talk, number)
    draft = talk.conversation.draft or {}
    if event is None:
        return None
    if event.state not in OPEN or draft.get("event") != event.id or not draft.get("reason"):
        return await off_chosen(talk, number)
    gone = events.cancel(talk.db, event, talk.person.id, draft["reason"])
    await event_reminders.forget(talk.db, event.id)
    return await show(talk, gone, talk._("Cancelled. Everybody whom it concerns is being told."))
