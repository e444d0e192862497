"""Files that people send into a matter: what is taken, said before they send; what is not, said with what to do."""

from typing import Any

from handlers.talk import Talk
from handlers.words import NOTICE, File, Media, Say
from storage import media

MOST = 10  # In one message.
LARGEST_MB = 20  # What Telegram gives to a bot; the web chat takes as much.
INSIDE = "case-inside:"  # Of files that colleagues keep with a case; behind it its row number.
NOT_TAKEN = ("sticker",)


def limits(talk: Talk) -> str:
    """To be said before somebody sends something."""
    return talk._(
        "You can send photos, videos, voice messages and documents (PDF, Word, Excel): up to {count} at once, each of "
        "at most {size} MB. What the camera writes into a photo (place, time, device) is removed from what others see."
    ).format(count=MOST, size=LARGEST_MB)


def take(talk: Talk, about: str) -> tuple[list[int], list[str]]:
    """Have the files of the message just heard fetched; returns their numbers, and a sentence for each not taken."""
    word = talk.heard.word
    files = word.files if isinstance(word, Media) else ()
    taken, problems = [], []
    for file in files:
        if problem := _problem(talk, file):
            problems.append(problem)
            continue
        number = media.want(
            talk.db, talk.conversation.id, talk.conversation.channel,
            ref=file.ref, kind=file.kind, name=file.name, about=about,
        )  # fmt: skip
        taken.append(number)
    return taken, problems


def _problem(talk: Talk, file: File) -> str:
    """What is wrong with a file as far as the channel tells; its content is looked at when it is here."""
    if file.kind in NOT_TAKEN:
        return talk._("I do not keep stickers. Please send a photo or write in words.")
    if (file.size or 0) > LARGEST_MB << 20:
        return _not_taken(talk, file.name, "large")
    return ""


def outcome(talk: Talk, row: Any) -> Say | None:
    """What its sender is told when a file could not be taken after all."""
    if row.state not in ("refused", "lost"):
        return None
    return Say(text=_not_taken(talk, row.name, row.reason), about=row.about, lane=NOTICE)


def _not_taken(talk: Talk, name: str, reason: str | None) -> str:
    _ = talk._
    shown = f"„{name}“" if name and talk.language == "bg" else f"“{name}”" if name else _("Your file")
    if reason == "large":
        why = _("{file} is larger than {size} MB, so I could not take it. Please send it smaller, or a photo of it.")
    elif reason == "pixels":
        why = _("{file} has more pixels than I can open. Please send it as an ordinary photo.")
    elif reason == "kind":
        why = _("{file} is of a kind that I do not take. Photos, videos, voice messages, PDF, Word and Excel are fine.")
    else:
        why = _("{file} could not be fetched. Please send it once more.")
    return why.format(file=shown, size=LARGEST_MB)
