"""Where every message arrives: it finds out what the person wants and hands them to whoever does it."""

from collections.abc import Sequence
from functools import lru_cache

from handlers import filing, grouptopics, home, matter_asked, questions, staffgroup
from handlers.table import (
    ACTIONS,
    COMMANDS,
    FILE_STEPS,
    NUMBER_STEPS,
    PASSING_STEPS,
    PHONE_STEPS,
    SPOKEN,
    STEPS,
)
from handlers.talk import Pressed, Talk
from handlers.words import Choice, Edited, Media, Opened, Phone, Place, Reach, Text, Unknown
from storage import messages

MAX_COMMAND = 64


async def hear(talk: Talk) -> None:
    """Answer what was heard, and show in the groups of the staff what changed by it."""
    await (_hear_in_group if talk.heard.is_group else _hear_in_private)(talk)
    await grouptopics.refresh(talk)


async def _hear_in_group(talk: Talk) -> None:
    """In a group of the staff its work is done; in any other we only say where to find us."""
    word = talk.heard.word
    said = word.text.strip() if isinstance(word, Text) else ""
    if talk.group is None:
        is_setting_up = _command(said) == "group" or isinstance(word, Choice)
        talk.handler = "staffgroup.show" if is_setting_up else "home.group"
        if isinstance(word, Choice):
            return await _choose(talk, word.token)
        return await (staffgroup.show_group if is_setting_up else home.in_group)(talk)
    if isinstance(word, Reach):
        return await staffgroup.came_back(talk)
    if await staffgroup.is_stranger(talk):
        return await staffgroup.refuse_stranger(talk)
    match word:
        case Choice(token):
            await _choose(talk, token)
        case Text():
            await _read_in_group(talk, said)
        case Media(caption=caption):
            await staffgroup.take_file(talk, caption.strip())
        case Opened():
            await staffgroup.explain(talk)
    return await staffgroup.dress(talk)


async def _read_in_group(talk: Talk, said: str) -> None:
    """A command, a typed choice of the message that is answered, what was asked for, or an answer to a message."""
    in_group = {"group": staffgroup.show_group, "cancel": staffgroup.cancel, "help": staffgroup.explain}
    in_group |= dict.fromkeys(("start", "menu"), staffgroup.explain)
    if command := in_group.get(_command(said) or ""):
        talk.handler = talk.handler or "staffgroup.show"
        return await command(talk)
    rows = talk.replied.content.get("choices", ()) if talk.replied else ()
    menu = [(option["label"], option["do"]) for row in rows for option in row if option.get("do")]
    if (do := _chosen(menu, said)) is not None:
        return await perform(talk, do)
    if not await _step(talk):
        await staffgroup.take_answer(talk, said)


async def _step(talk: Talk) -> bool:
    """Take what the speaker was asked for; False when they were not."""
    step = STEPS.get(talk.conversation.step or "")
    if step is None:
        return False
    talk.handler = talk.conversation.step or ""
    await step(talk)
    return True


async def _hear_in_private(talk: Talk) -> None:
    """A command or a choice always wins over what was being written; some questions are then no longer asked."""
    step, draft = talk.conversation.step, talk.conversation.draft
    await _take_word(talk)
    did_other = talk.handler != step and isinstance(talk.heard.word, Opened | Choice | Text)
    if did_other and step in PASSING_STEPS and talk.conversation.step == step and talk.conversation.draft is draft:
        talk.expect(None)
    filing.keep_in_sight(talk)


async def _take_word(talk: Talk) -> None:
    match talk.heard.word:
        case Opened(payload):
            talk.handler = "home.open"
            await home.open_with(talk, payload)
        case Choice(token):
            await _choose(talk, token)
        case Text(text):
            await _read(talk, text)
        case Media() | Place() if (step := talk.conversation.step or "") in FILE_STEPS:
            talk.handler = step
            await STEPS[step](talk)
        case Phone() if (step := talk.conversation.step or "") in PHONE_STEPS:
            talk.handler = step
            await STEPS[step](talk)
        case Media(caption=caption):
            talk.handler = "home.media"
            if await matter_asked.take_media(talk):
                return
            await home.take_media(talk)
            if caption.strip():
                await questions.answer(talk, caption)
        case Place():
            talk.handler = "home.place"
            await home.take_place(talk)
        case Phone():
            talk.handler = "home.phone"
            await home.take_phone(talk)
        case Edited(ref, text):
            talk.handler = "questions.edited"
            if await filing.rewritten(talk):
                return
            await questions.ask_again(talk, ref, text)
        case Unknown():
            talk.handler = "home.unknown"
            await home.not_understood(talk)


def apologise(talk: Talk) -> None:
    """The turn failed. The person is told so, and what to do next."""
    _ = talk._
    talk.said.clear()
    talk.say(
        _("I am sorry, something went wrong on our side. Your message is kept and the mistake is recorded.")
        + "\n\n"
        + _("Please try again, or go back to the beginning."),
        [[home.to_menu(talk)]],
    )


async def _choose(talk: Talk, token: str) -> None:
    """Perform a pressed choice. Its meaning is looked up in our own message, in this very conversation."""
    wanted = messages.read_token(token)
    row = talk.offers.get(wanted[0]) if wanted else None
    is_ours = row is not None and row.conversation_id == talk.conversation.id
    options = [option for line in row.content.get("choices", ()) for option in line] if row and is_ours else []
    if wanted is None or row is None or wanted[1] >= len(options):
        talk.handler = "home.stale"
        return await home.stale_choice(talk)
    talk.pressed = Pressed(row.id, row.external)
    do = options[wanted[1]].get("do", "")
    if talk.heard.is_group and talk.group is None and not do.startswith("group"):
        talk.handler = "home.stale"  # The group has stopped working with us: its old cards do nothing more.
        return await home.stale_choice(talk)
    await perform(talk, do)


async def perform(talk: Talk, do: str) -> None:
    name, _colon, argument = do.partition(":")
    action = ACTIONS.get(name)
    talk.handler = name or "home.stale"
    if action is None:  # A choice of an older program.
        return await home.stale_choice(talk)
    await action(talk, argument)


async def _read(talk: Talk, text: str) -> None:
    said = text.strip()
    if command := _command(said):
        talk.handler = command
        return await COMMANDS[command](talk)
    if said.startswith("/") and len(said) > 1:
        talk.handler = "home.unknown_command"
        return await home.unknown_command(talk)
    if (do := _typed_choice(talk, said)) is not None:
        return await perform(talk, do)
    step = STEPS.get(talk.conversation.step or "")
    talk.handler = talk.conversation.step or "questions.ask"
    await (step or questions.ask)(talk)


def _command(said: str) -> str | None:
    """The command that was typed, with a slash or as a plain word; Telegram adds @name of the bot in groups."""
    if len(said) > MAX_COMMAND:
        return None
    if said.startswith("/"):
        name = said[1:].split("@")[0].split()[0].lower() if len(said) > 1 and said[1:].split() else ""
        return name if name in COMMANDS else None
    return SPOKEN.get(said.strip(" .!?,").casefold())


def _typed_choice(talk: Talk, said: str) -> str | None:
    """What a typed number or label of the choices offered last does."""
    if talk.conversation.step in NUMBER_STEPS and said.rstrip(".)").isdecimal():
        return None  # It is the answer; the choices can be typed by their words.
    return _chosen([(label, do) for label, do in talk.conversation.menu or () if do], said)


def _chosen(menu: Sequence[tuple[str, str]], said: str) -> str | None:
    number = said.rstrip(".)")
    if number.isascii() and number.isdecimal() and len(number) < 4:
        place = int(number)
        return menu[place - 1][1] if 0 < place <= len(menu) else None
    wanted = _words.__wrapped__(said)
    return next((do for label, do in menu if wanted and _words(label) == wanted), None)


@lru_cache(4096)  # Menus are compared with whatever is typed, and their labels are few.
def _words(label: str) -> str:
    """A label as somebody would type it: without emoji, signs and case."""
    return " ".join("".join(c if c.isalnum() else " " for c in label).casefold().split())
