"""Writing into a matter: a reply, more words or photos, a correction, why to open it again. Shown before it is sent."""

from typing import Any

from handlers import casenotices, files, home, matter_card, matters, matterwords
from handlers.matterwords import ref
from handlers.talk import Talk
from handlers.words import Markup, Media, Option, Text, b, fill, i, join
from storage import casecitizen, media
from storage.caserecord import Actor, Case, CaseTrouble, Moved
from storage.caserules import Rules
from storage.ids import new_id
from storage.search import mask

STEP = "matter.writing"
MOST = 10_000
MOST_FILES = 10
Draft = dict[str, Any]


async def reply_chosen(talk: Talk, number: str) -> None:
    await _begin(talk, number, "reply")


async def add_chosen(talk: Talk, number: str) -> None:
    await _begin(talk, number, "add")


async def edit_chosen(talk: Talk, number: str) -> None:
    await _begin(talk, number, "edit")


async def reopen_chosen(talk: Talk, number: str) -> None:
    await _begin(talk, number, "reopen")


async def words_chosen(talk: Talk, number: str) -> None:
    await _begin(talk, number, "words")


async def _begin(talk: Talk, number: str, act: str, **more: Any) -> None:
    found = await matters.own(talk, number)
    if found is None:
        return
    case = found[0]
    draft: Draft = {"case": number, "act": act, "id": f"{new_id():x}", "text": "", "files": [], **more}
    _keep(talk, draft)
    talk.say(join(_asked(talk, case, act), _limits(talk, act), between="\n\n"), _stop(talk, number))


def _asked(talk: Talk, case: Case, act: str) -> Markup:
    _ = talk._
    number = b(case.number)
    if act == "reply":
        return fill(_("Your reply goes into {number}. Write it now, or send a photo or a document."), number=number)
    if act == "edit":
        return join(
            fill(_("Send the corrected text of {number} in one message. The earlier one stays in the history."),
                 number=number),
            i(matterwords.short(case.text, 1000)), between="\n\n",
        )  # fmt: skip
    if act == "reopen":
        return fill(_("What is missing in {number}? Write why it is to be opened again."), number=number)
    if act == "words":
        return fill(_("What would you like to say about how {number} was dealt with?"), number=number)
    return fill(_("What would you like to add to {number}? Write it, or send photos or documents."), number=number)


def _limits(talk: Talk, act: str) -> str:
    return files.limits(talk) if act in ("reply", "add") else ""


def _stop(talk: Talk, number: str) -> list[list[Option]]:
    return [[Option("✖️ " + talk._("Stop"), f"matter-stop:{number}")]]


def _keep(talk: Talk, draft: Draft) -> None:
    talk.expect(STEP, **draft)


async def take(talk: Talk) -> None:
    """Words and files gather until they are sent."""
    draft: Draft = {**(talk.conversation.draft or {})}
    found = await matters.own(talk, str(draft.get("case", "")))
    if found is None:
        return talk.expect(None)
    problems: list[str] = []
    match talk.heard.word:
        case Text(text):
            problems = _take_words(talk, draft, text)
        case Media() as word:
            if len(draft["files"]) + len(word.files) > MOST_FILES:
                problems = [talk._("At most {count} files fit into one message.").format(count=MOST_FILES)]
            else:
                taken, problems = files.take(talk, f"reply:{draft['id']}")
                draft["files"] += taken
            if word.caption.strip():
                problems += _take_words(talk, draft, word.caption)
        case _:
            problems = [talk._("Please write in words, or send a photo or a document.")]
    _keep(talk, draft)
    return _show(talk, found[0], draft, "\n".join(problems))


def _take_words(talk: Talk, draft: Draft, text: str) -> list[str]:
    before = "" if draft["act"] == "edit" else draft["text"]
    joined = "\n\n".join(filter(None, [before, mask(text.strip())]))
    if len(joined) > MOST:
        return [talk._("This is longer than I can take; at most {most} characters.").format(
            most=talk.translator.number(MOST))]  # fmt: skip
    draft["text"] = joined
    return []


def _show(talk: Talk, case: Case, draft: Draft, problem: str) -> None:
    """What will be sent, and to whom, before it is."""
    _ = talk._
    if not draft["text"] and not draft["files"]:
        return talk.say(problem or _("Please write it in words, or send a file."), _stop(talk, draft["case"]))
    count = talk.n("{count} file", "{count} files", len(draft["files"])).format(count=len(draft["files"]))
    to = _("This goes into {number}, to {office}:").format(
        number=case.number, office=matterwords.office(talk, case.municipality)
    )
    return talk.say(
        join(problem, b(to), i(draft["text"][:1500]), "📎 " + count if draft["files"] else "",
             _("Send it now? You can still add to it."), between="\n\n"),
        [[Option("✅ " + _("Send"), f"matter-send:{draft['id']}")],
         [Option("✏️ " + _("Write it anew"), f"matter-again:{draft['id']}")], *_stop(talk, draft["case"])],
    )  # fmt: skip


async def again_chosen(talk: Talk, draft_id: str) -> None:
    draft = _of(talk, draft_id)
    if draft is None:
        return _gone(talk)
    await media.discard(talk.db, draft["files"])
    return await _begin(talk, draft["case"], draft["act"])


async def stop_chosen(talk: Talk, number: str) -> None:
    draft = talk.conversation.draft or {}
    if talk.conversation.step == STEP:
        await media.discard(talk.db, draft.get("files", []))
        talk.expect(None)
    case = await matters.find(talk, number)
    if case is None:
        return await home.stale_choice(talk)
    return await matters.show(talk, case, talk._("All right, nothing was sent."))


def _of(talk: Talk, draft_id: str) -> Draft | None:
    draft = talk.conversation.draft or {}
    return {**draft} if talk.conversation.step == STEP and draft.get("id") == draft_id else None


def _gone(talk: Talk) -> None:
    talk.say(
        talk._("This was sent already, or stopped. Under the matter you see everything that arrived."),
        [[Option("📂 " + talk._("My matters"), "matters"), home.to_menu(talk)]],
    )


async def send_chosen(talk: Talk, draft_id: str) -> None:
    """Into the case, once: a second press finds no draft."""
    draft = _of(talk, draft_id)
    if draft is None:
        return _gone(talk)
    found = await matters.own(talk, draft["case"])
    talk.expect(None)
    if found is None:
        return None
    case, who = found
    try:
        moved = await _write(talk, case, who, draft)
    except CaseTrouble as trouble:
        return await matters.show(talk, case, matter_card.trouble(talk, trouble))
    await media.belong_to(talk.db, f"reply:{draft_id}", matterwords.about(case))
    await casenotices.spread(talk, moved)
    return await matters.show(talk, moved.case, _done(talk, draft["act"]))


async def _write(talk: Talk, case: Case, who: Actor, draft: Draft) -> Moved:
    rules = Rules(talk.handbook)
    text = draft["text"] or talk._("See the files sent with it.")
    match draft["act"]:
        case "edit":
            return await casecitizen.edit_text(talk.db, case, who, text)
        case "reopen":
            return await casecitizen.reopen(talk.db, rules, case, who, text)
        case "words":
            moved = await casecitizen.add_words(talk.db, rules, case, who, text)
            await casecitizen.note_rating(talk.db, case, text, talk.heard_id)
            return moved
        case _:
            return await casecitizen.add_words(talk.db, rules, case, who, text)


def _done(talk: Talk, act: str) -> str:
    _ = talk._
    return {
        "edit": _("Your text is corrected; the earlier one stays in the history."),
        "reopen": _("It is open again, and the head of the department knows."),
        "reply": _("Your reply is with the municipality."),
    }.get(act, _("It is added."))


async def begin_with_files(talk: Talk, case: Case, number_of: list[int], text: str, about: str) -> None:
    """What came without saying where it belongs goes into this matter, once that is said."""
    draft: Draft = {"case": ref(case), "act": "add", "id": about.partition(":")[2], "text": text, "files": number_of}
    _keep(talk, draft)
    _show(talk, case, draft, "")
