"""The frames of the web chat: what a browser may say, and how messages look on their way to it."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.words import Choice, File, Media, Opened, Place, Text, Word
from storage import ids
from storage.dialogue import Message, Said, Written
from storage.messages import Letter, token

MAX_TEXT = 4_000  # Characters; as much as a Telegram message, and the field of the page stops there.
MAX_FILES = 10  # In one message.
LATEST = timedelta(days=30)  # A message may have waited that long in a browser without a connection.
KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")

Frame = dict[str, Any]


class Refused(Exception):
    """This will never be accepted, and why: one word that the page has a sentence for."""


def key_of(frame: Frame) -> str:
    key = frame.get("key")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise Refused("malformed")
    return key


def word_of(frame: Frame) -> Word:
    """What somebody says with this frame; files are looked up by whoever knows them."""
    match frame:
        case {"t": "say", "text": str(text)}:
            return Text(checked(text))
        case {"t": "press", "token": str(pressed)} if len(pressed) <= 64:
            return Choice(pressed)
        case {"t": "place", "lat": float() | int() as lat, "lon": float() | int() as lon}:
            if isinstance(lat, bool) or isinstance(lon, bool) or not (-90 <= lat <= 90 and -180 <= lon <= 180):
                raise Refused("malformed")
            return Place(float(lat), float(lon))
        case {"t": "open", "payload": str(payload)} if PAYLOAD.fullmatch(payload):
            return Opened(payload)
    raise Refused("malformed")


def checked(text: str, may_be_empty: bool = False) -> str:
    """A text as it is kept. PostgreSQL knows no NUL, and nobody types one."""
    text = text.replace("\0", "")
    if len(text) > MAX_TEXT:
        raise Refused("long")
    if not text.strip() and not may_be_empty:
        raise Refused("empty")
    return text


def file_ids(frame: Frame) -> list[int]:
    ids = frame.get("files")
    if not isinstance(ids, list) or not 0 < len(ids) <= MAX_FILES:
        raise Refused("malformed")
    numbers = [number_of(one) for one in ids]
    if None in numbers:
        raise Refused("malformed")
    return [number for number in numbers if number]


def number_of(value: object) -> int | None:
    """A row number; they travel as text, for a browser's numbers end at 2^53."""
    return ids.read(value) if isinstance(value, str) else None


def numbers_of(values: object) -> list[int]:
    some = values[:1000] if isinstance(values, list) else []
    return [number for value in some if (number := number_of(value))]


def moment_of(frame: Frame, now: datetime) -> datetime:
    """When it was written, as the browser's clock says; a clock that is wrong is not believed."""
    try:
        at = datetime.fromisoformat(str(frame.get("at")))
    except ValueError:
        return now
    if at.tzinfo is None or not now - LATEST <= at <= now:
        return now
    return at.astimezone(UTC)


# --- To the browser ---


def of_letter(letter: Letter, at: datetime) -> Frame:
    return ours(Said(letter.id, letter.content, "due", letter.replaces_id, at))


def ours(message: Said) -> Frame:
    content = message.content
    frame: Frame = {"t": "message", "id": str(message.id), "at": message.at.isoformat(), "text": content["text"]}
    if message.state in ("delivered", "seen"):
        frame["state"] = message.state
    if message.replaces:
        frame["replaces"] = str(message.replaces)
    if content.get("choices"):
        frame["choices"] = _choices(message.id, content["choices"])
    if content.get("ask"):
        frame["ask"] = content["ask"]
    if content.get("place"):
        frame["place"] = content["place"]
    if picture := content.get("picture"):
        frame["picture"] = {"src": f"/qr/{picture['value']}.svg", "alt": picture["alt"], "name": picture["name"]}
    if content.get("files"):
        frame["files"] = [_our_file(message.id, number, file) for number, file in enumerate(content["files"])]
    return frame


def _our_file(message_id: int, number: int, file: Frame) -> Frame:
    """A file of ours, at an address that opens only to whom it was said."""
    shown = {name: file[name] for name in ("kind", "name", "size", "mime", "alt")}
    return shown | {"src": f"/chat/sent/{message_id}/{number}"}


def _choices(message_id: int, rows: list[list[dict[str, str]]]) -> list[list[Frame]]:
    """Each with its token, and with the number by which it can be typed: links have none."""
    shown: list[list[Frame]] = []
    place = number = 0
    for row in rows:
        shown.append([])
        for option in row:
            if "url" in option:
                shown[-1].append({"label": option["label"], "url": option["url"]})
            else:
                shown[-1].append({"label": option["label"], "token": token(message_id, place)})
                if option.get("do"):
                    shown[-1][-1]["n"] = number = number + 1
            place += 1
    return shown


def theirs(message: Written) -> Frame | None:
    """What a person said, as their page shows it; pressing a button and opening the page show nothing."""
    content = message.content
    frame: Frame = {
        "t": "message",
        "mine": True,
        "id": str(message.id),
        "key": message.key.rpartition(":")[2],
        "at": message.at.isoformat(),
    }
    match message.kind:
        case "text":
            return frame | {"text": content["text"]}
        case "place":
            return frame | {"place": [content["lat"], content["lon"]]}
        case "media":
            return frame | {"text": content["caption"], "files": [shown_file(file) for file in content["files"]]}
    return None


def shown_file(file: Frame) -> Frame:
    return {"id": file["ref"], "kind": file["kind"], "name": file["name"], "size": file["size"], "mime": file["mime"]}


def of_word(word: Word, frame: Frame) -> Frame | None:
    """A message that was just taken, for the other tabs of the same session."""
    match word:
        case Text(text):
            return frame | {"text": text}
        case Place(lat, lon):
            return frame | {"place": [lat, lon]}
        case Media(files, caption):
            return frame | {"text": caption, "files": [shown_file(asdict(file)) for file in files]}
    return None


def as_file(row: Any) -> File:
    """A stored file as a part of a message."""
    top = row.mime.partition("/")[0]
    kinds = {"image": "photo", "video": "video", "audio": "audio"}
    return File(kinds.get(top, "document"), str(row.id), row.name, row.size, row.mime)  # type: ignore[arg-type]


def page_of(messages: Iterable[Message]) -> list[Frame]:
    """The frames of a stretch of conversation. Of a message that was rewritten only the last version is sent: in the
    place of the first, with what the stretch's first version itself replaced, and the numbers it stands for."""
    frames: dict[str, Frame] = {}
    for message in messages:
        frame = ours(message) if isinstance(message, Said) else theirs(message)
        if frame is None:
            continue
        before = frames.pop(frame.get("replaces", ""), None)
        if before:
            frame["place_of"] = before.get("place_of", before["id"])
            frame["covers"] = [*before.get("covers", ()), before["id"]]
            frame.pop("replaces")
            if "replaces" in before:
                frame["replaces"] = before["replaces"]
        frames[frame["id"]] = frame
    return sorted(frames.values(), key=lambda frame: int(frame.get("place_of") or frame["id"]))
