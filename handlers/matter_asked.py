"""Matters that are asked for: by number from any channel, and "which one?" when several are open. Never guessed."""

import re

from handlers import files, home, matter_writing, matters, matterwords, questions
from handlers.matterwords import ref
from handlers.talk import Talk
from handlers.words import Media, Option, Text, b, fill, join
from storage import attempts, caselists, casenumbers, cases, media, messages
from storage.caserecord import Case

ASK_NUMBER, ASK_CODE = "matter.number", "matter.code"
WRONG = "matter.wrong-code"  # The name under which a wrong code stands in the log: they are counted there.
MOST_WRONG = 5  # In an hour and a conversation.
MOST_PROVEN = 5
LIKE_A_CODE = range(10, 15)  # Letters and digits: twelve, with one or two forgotten or too many.
SHOWN = 8
ADDS = re.compile(
    r"^\W*(още нещо|още една снимка|и още|допълвам|допълнение|добавям|искам да добав|забравих да|ошte|oshte neshto|"
    r"dopalvam|dopylvam|one more thing|something else to|i forgot to|to add|in addition)",
    re.IGNORECASE,
)


def letters(talk: Talk) -> dict[str, str]:
    return casenumbers.letters_of(talk.handbook.municipalities)


def numbers_in(talk: Talk, text: str) -> list[str]:
    """The case numbers in a text, however they are typed."""
    return casenumbers.mentioned(text, letters(talk).values())


async def find_chosen(talk: Talk, _argument: str) -> None:
    talk.expect(ASK_NUMBER)
    talk.say(
        talk._("Write the number of the matter, for example MON-2026-000123-9. Small letters and spaces are fine."),
        [[Option("📂 " + talk._("My matters"), "matters"), home.to_menu(talk)]],
    )


async def take_number(talk: Talk) -> None:
    text = talk.heard.word.text if isinstance(talk.heard.word, Text) else ""
    found = numbers_in(talk, text)
    if not any(c.isdigit() for c in text):  # It is a question again.
        talk.expect(None)
        return await questions.answer(talk, text)
    if len(found) != 1:
        return talk.say(
            talk._("This is no number of ours: its last character does not fit. Please check it and write it again."),
            [[Option("📂 " + talk._("My matters"), "matters"), home.to_menu(talk)]],
        )
    talk.expect(None)
    return await asked(talk, found[0])


async def asked(talk: Talk, number: str) -> None:
    """A number was written: its author sees the matter, everybody else has to prove that they are."""
    case = await cases.by_number(talk.db, number)
    if case is not None and (matters.author(talk, case) or await matters.find(talk, ref(case))):
        return await matters.show(talk, case)
    _ = talk._
    talk.expect(ASK_CODE, number=number)
    return talk.say(
        join(
            fill(_("I can show {number} to its author only."), number=b(number)),
            _("If that is you, write the secret code from your receipt. Without the code you see it where you filed "
              "it, or the municipality's counter can tell you."),
            between="\n\n",
        ),
        [[Option("📂 " + _("My matters"), "matters"), home.to_menu(talk)]],
    )  # fmt: skip


async def opened(talk: Talk, number: str, code: str) -> None:
    """A link or a QR code to a matter; with its secret code it opens at once."""
    found = numbers_in(talk, number)
    if len(found) != 1:
        return await home.stale_choice(talk)
    case = await cases.by_number(talk.db, found[0])
    if case is not None and code and not await _is_locked(talk) and cases.is_code(case, code[:100]):
        return await _prove(talk, case)
    await asked(talk, found[0])
    if code:
        talk.handler = WRONG  # It is counted, like one that was typed.
    return None


async def _is_locked(talk: Talk) -> bool:
    return await attempts.count(talk.db, talk.conversation.id, WRONG) >= MOST_WRONG


async def _prove(talk: Talk, case: Case) -> None:
    proven = [known for known in talk.aside.get(matters.PROVEN, ()) if known != ref(case)]
    talk.put_aside(matters.PROVEN, [*proven, ref(case)][-MOST_PROVEN:])
    await matters.show(talk, case, talk._("Thank you, the code is right."))


async def take_code(talk: Talk) -> None:
    _ = talk._
    text = talk.heard.word.text if isinstance(talk.heard.word, Text) else ""
    number = str((talk.conversation.draft or {}).get("number", ""))
    if numbers_in(talk, text) or sum(c.isalnum() for c in text) not in LIKE_A_CODE:  # It is a question again.
        talk.expect(None)
        return await questions.answer(talk, text)
    if await _is_locked(talk):
        talk.expect(None)
        return talk.say(
            _("There were too many wrong codes. For safety please try again in an hour."), [[home.to_menu(talk)]]
        )
    case = await cases.by_number(talk.db, number)
    if case is None or not cases.is_code(case, text[:100]):
        talk.expect(ASK_CODE, number=number)
        talk.handler = WRONG
        return talk.say(
            _("This code does not belong to {number}. Please check it and write it again.").format(number=number),
            [[Option("📂 " + _("My matters"), "matters"), home.to_menu(talk)]],
        )
    talk.expect(None)
    return await _prove(talk, case)


# --- Which one? ---


async def open_matters(talk: Talk) -> list[Case]:
    page = await caselists.mine(talk.db, talk.person.id, [talk.conversation.id], only_open=True, many=SHOWN)
    return page.cases


async def take_media(talk: Talk) -> bool:
    """Files that came without a word of where they belong; True when somebody has matters they may belong to."""
    word = talk.heard.word
    assert isinstance(word, Media)
    found = await open_matters(talk)
    if not found:
        return False
    taken, problems = files.take(talk, f"reply:{talk.heard_id:x}")
    if not taken:
        if problems:
            talk.say("\n".join(problems), [[home.to_menu(talk)]])
        return bool(problems)
    first = talk.n("I have kept your file.", "I have kept your {count} files.", len(taken)).format(count=len(taken))
    await ask_which(talk, found, "\n".join([*problems, first]))
    return True


async def take_words(talk: Talk, text: str) -> bool:
    """ "One more thing …": words for a matter that is open; True when it was asked for which."""
    if not ADDS.match(text):
        return False
    found = await open_matters(talk)
    if not found:
        return False
    await ask_which(talk, found)
    return True


async def ask_which(talk: Talk, found: list[Case], lead: str = "") -> None:
    _ = talk._
    rows = [[Option(matterwords.line(talk, case), f"matter-which:{ref(case)}:{talk.heard_id:x}")] for case in found]
    question = _("Does it belong to this matter of yours?") if len(found) == 1 else _("Which matter does it belong to?")
    talk.say(
        join(lead, question, between="\n\n"),
        [*rows, [Option("🆕 " + _("A new matter"), f"matter-new:{talk.heard_id:x}")],
         [Option("✖️ " + _("None: leave it"), f"matter-none:{talk.heard_id:x}")]],
    )  # fmt: skip


async def which_chosen(talk: Talk, argument: str) -> None:
    number, _colon, heard = argument.partition(":")
    found = await matters.own(talk, number)
    if found is None:
        return
    about = f"reply:{heard}"
    rows = await media.about(talk.db, about)
    text = await messages.text_of(talk.db, int(heard, 16), talk.person.id) or ""
    if not rows and not text:
        return await home.stale_choice(talk)
    await matter_writing.begin_with_files(talk, found[0], [row.id for row in rows], text, about)


async def none_chosen(talk: Talk, heard: str) -> None:
    rows = await media.about(talk.db, f"reply:{heard}")
    await media.discard(talk.db, [row.id for row in rows])
    talk.say(talk._("All right, it was not sent to anybody."), [[home.to_menu(talk)]])
