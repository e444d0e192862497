"""Our messages on their way to Telegram: each as the calls that carry it, files uploaded once and then only named."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from telegram.error import BadRequest

from bot.channels.telegram_errors import (
    BAD_MARKUP,
    CANNOT_EDIT,
    CLOSED_TOPIC,
    FORGOTTEN_FILE,
    NO_FORUM,
    NO_PHOTO,
    NO_TOPIC,
    UNCHANGED,
    says,
)
from bot.channels.telegram_outgoing import NO_PREVIEW, Step, Where, as_html, keyboard, steps, topic_name
from bot.channels.telegram_request import AiohttpRequest
from bot.pictures import png
from bot.results import Later, Moved, Result, Sent
from handlers.words import Markup, plain
from storage.messages import Letter
from storage.people import WITHOUT_TOPIC
from storage.shelf import Shelf

KNOWN_FILES = 1_000  # Names that Telegram gave to our files; a forgotten one is uploaded again.
METHODS = {"photo": "sendPhoto", "document": "sendDocument"}

log = structlog.get_logger()
File = dict[str, Any]
Key = tuple[str, str]  # How it was sent, and which bytes.


class Fields:
    """The parameters of a call without files, as `AiohttpRequest` reads them; skips PTB's conversion of each."""

    contains_files = False

    def __init__(self, **parameters: Any) -> None:
        self.parameters = {name: value for name, value in parameters.items() if value is not None}

    @property
    def json_payload(self) -> bytes:
        return json.dumps(self.parameters).encode()


class Upload(Fields):
    """The parameters of a call with files: `files` are the name, the bytes and the kind of each part."""

    contains_files = True

    def __init__(self, files: dict[str, tuple[str, bytes, str]], **parameters: Any) -> None:
        super().__init__(**parameters)
        self.multipart_data = files

    @property
    def json_parameters(self) -> dict[str, str]:
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in self.parameters.items()}


class KnownFiles:
    """What Telegram calls the files that it has from us, and which pictures it does not take as such."""

    def __init__(self) -> None:
        self._names: OrderedDict[Key, str] = OrderedDict()
        self._locks: dict[tuple[Key, ...], asyncio.Lock] = {}
        self._no_photos: OrderedDict[str, None] = OrderedDict()

    def get(self, key: Key) -> str | None:
        return self._names.get(key)

    def keep(self, key: Key, name: str) -> None:
        self._names[key] = name
        if len(self._names) > KNOWN_FILES:
            self._names.popitem(last=False)

    def forget(self, keys: Sequence[Key]) -> None:
        for key in keys:
            self._names.pop(key, None)

    async def first(self, keys: tuple[Key, ...], upload: Callable[[], Awaitable[Any]]) -> Any:
        """One uploads, the others who want to send the same wait and then only name it."""
        lock = self._locks.setdefault(keys, asyncio.Lock())
        try:
            async with lock:
                return await upload()
        finally:
            if not lock.locked():
                self._locks.pop(keys, None)

    def refuse_as_photo(self, digest: str) -> None:
        self._no_photos[digest] = None
        if len(self._no_photos) > KNOWN_FILES:
            self._no_photos.popitem(last=False)

    def key(self, file: File) -> Key:
        kind = "document" if file["digest"] in self._no_photos else file["kind"]
        return kind, file["digest"]


def _where(letter: Letter, place: Where) -> dict[str, Any]:
    """The parameters that say where a message goes, and which one it visibly answers."""
    answers = letter.content.get("reply_to") or (letter.under if place.is_flat else None)
    fields: dict[str, Any] = {"chat_id": place.chat, "message_thread_id": place.topic}
    if answers:
        fields["reply_parameters"] = {"message_id": int(answers), "allow_sending_without_reply": True}
    return fields


class Sending:
    """Sends one letter, a step at a time; what goes wrong is raised as python-telegram-bot's errors."""

    def __init__(self, request: AiohttpRequest, base_url: str, shelf: Shelf, link: Callable[[str], str]) -> None:
        self.request, self.base_url = request, base_url
        self.shelf, self.link = shelf, link
        self.known = KnownFiles()

    async def send(self, letter: Letter) -> Result:
        """Each step is a message of its own and waits for the pace like any other; the last carries the choices."""
        place = Where.of(letter.address)
        if place.is_new:
            return await self._open_topic(letter, place)
        try:
            await self._next(letter, place)
        except BadRequest as error:
            if place.topic and says(error, NO_TOPIC):  # Somebody deleted it.
                return await self._open_topic(letter, place)
            if not place.topic or not says(error, CLOSED_TOPIC):
                raise
            await self._change_topic("reopen", letter, place)
            return Later(0.0, "the topic was closed")
        if letter.pieces_sent >= len(steps(letter.content)):
            return Sent(letter.sent_as)
        return Later(0.0, "more pieces", counts=False)

    async def _next(self, letter: Letter, place: Where) -> None:
        plan = steps(letter.content)
        step, last = plan[letter.pieces_sent], max(at for at, one in enumerate(plan) if not one.topic)
        if step.topic:
            await self._change_topic(step.topic, letter, place)
        elif last == 0 and letter.replaces and await self._rewrite(letter, place, step):
            letter.sent_as = letter.replaces
        else:
            is_last = letter.pieces_sent == last
            sent = await self._take(letter, place, step, keyboard(letter) if is_last else None)
            letter.sent_as = str(sent["message_id"])
        letter.pieces_sent += 1

    async def _take(self, letter: Letter, place: Where, step: Step, markup: dict[str, Any] | None) -> Any:
        where = _where(letter, place) | {"disable_notification": letter.content.get("silent")}
        if step.place:
            lat, lon = step.place
            return await self.call("sendLocation", latitude=lat, longitude=lon, reply_markup=markup, **where)
        if step.files:
            return await self._send_files(step, where, markup)
        return await self._write(step.text, where | {"reply_markup": markup})

    # --- Words ---

    async def _write(self, text: Markup, fields: dict[str, Any]) -> Any:
        async def write(words: str, mode: str | None) -> Any:
            preview = {"link_preview_options": NO_PREVIEW}
            return await self.call("sendMessage", text=words, parse_mode=mode, **preview, **fields)

        return await self._worded(text, write)

    async def _worded(self, text: Markup, call: Callable[[str, str | None], Awaitable[Any]]) -> Any:
        """Say it with its markup, or without where Telegram cannot read ours: the words matter more."""
        try:
            return await call(as_html(text), "HTML")
        except BadRequest as error:
            if not says(error, BAD_MARKUP):
                raise
            log.error("markup_refused", reason=error.message[:200])
            return await call(plain(text), None)

    async def _rewrite(self, letter: Letter, place: Where, step: Step) -> bool:
        """Rewrite an older message in its place; False when Telegram cannot, so that it is written anew."""
        where = {"chat_id": place.chat, "message_id": int(letter.replaces or 0)}
        markup = {"reply_markup": keyboard(letter)}
        if step.files:  # The picture stays, its words are others.
            return await self._edit("editMessageCaption", "caption", step.text, where | markup)
        if not step.is_text:
            return False
        if await self._edit("editMessageText", "text", step.text, where | markup):
            return True
        if letter.content.get("recalls"):  # A picture becomes no text: it goes away, and the words come instead.
            await self._remove(where)
        return False

    async def _remove(self, where: dict[str, Any]) -> None:
        """Take a message away. After two days Telegram lets nobody; then at least its choices go."""
        try:
            await self.call("deleteMessage", **where)
        except BadRequest:
            with suppress(BadRequest):
                await self.call("editMessageReplyMarkup", **where)

    async def _edit(self, method: str, field: str, text: Markup, where: dict[str, Any]) -> bool:
        async def edit(words: str, mode: str | None) -> Any:
            preview = {"link_preview_options": NO_PREVIEW} if field == "text" else {}
            return await self.call(method, **{field: words}, parse_mode=mode, **preview, **where)

        try:
            await self._worded(text, edit)
        except BadRequest as error:
            if says(error, CANNOT_EDIT):
                return False
            if not says(error, UNCHANGED):
                raise
        return True

    # --- Topics ---

    async def _open_topic(self, letter: Letter, place: Where) -> Moved:
        """Make the topic of this conversation; in a group that has none, its messages stand under each other."""
        try:
            made = await self.call("createForumTopic", chat_id=place.chat, name=topic_name(letter.content))
        except BadRequest as error:
            if not says(error, NO_FORUM):
                raise
            log.warning("no_topics", chat=place.chat, reason=error.message[:200])
            return Moved(f"{place.chat}/{WITHOUT_TOPIC}{letter.conversation_id}")
        return Moved(f"{place.chat}/{made['message_thread_id']}")

    async def _change_topic(self, change: str, letter: Letter, place: Where) -> None:
        if not place.topic:
            return
        topic = {"chat_id": place.chat, "message_thread_id": place.topic}
        try:
            match change:
                case "name":
                    await self.call("editForumTopic", name=topic_name(letter.content), **topic)
                case "close":
                    await self.call("closeForumTopic", **topic)
                case "reopen":
                    await self.call("reopenForumTopic", **topic)
        except BadRequest as error:
            if not says(error, UNCHANGED) and not says(error, NO_FORUM):
                raise

    # --- Files ---

    async def _send_files(self, step: Step, where: dict[str, Any], markup: dict[str, Any] | None) -> Any:
        keys = tuple(self.known.key(file) for file in step.files)

        async def carry() -> Any:
            return await self._carry(step, keys, where, markup)

        if not all(map(self.known.get, keys)):
            return await self.known.first(keys, carry)
        try:
            return await carry()
        except BadRequest as error:
            if not says(error, FORGOTTEN_FILE):
                raise
            self.known.forget(keys)
            return await self.known.first(keys, carry)

    async def _carry(
        self, step: Step, keys: tuple[Key, ...], where: dict[str, Any], markup: dict[str, Any] | None
    ) -> Any:
        parts: dict[str, tuple[str, bytes, str]] = {}
        inputs: list[tuple[Key, str]] = []
        for number, (file, key) in enumerate(zip(step.files, keys, strict=True)):
            if name := self.known.get(key):
                inputs.append((key, name))
            elif content := await self._content(file):
                parts[f"file{number}"] = (file["name"], content, file["mime"])
                inputs.append((key, f"attach://file{number}"))
        if not inputs:  # The words matter more than what is lost.
            return await self._write(step.text or step.files[0]["name"], where | {"reply_markup": markup})
        try:
            sent = await self._put(inputs, parts, step.text, where, markup)
        except BadRequest as error:
            if not says(error, NO_PHOTO) or all(kind != "photo" for (kind, _digest), _name in inputs):
                raise
            for file in step.files:
                self.known.refuse_as_photo(file["digest"])
            return await self._send_files(step, where, markup)
        self._note(inputs, sent)
        return sent[-1]

    async def _put(
        self,
        inputs: list[tuple[Key, str]],
        parts: dict[str, tuple[str, bytes, str]],
        text: Markup,
        where: dict[str, Any],
        markup: dict[str, Any] | None,
    ) -> list[Any]:
        """One file with its words and choices, or several as an album, which can have no choices."""

        async def put(words: str, mode: str | None) -> list[Any]:
            caption = {"caption": words, "parse_mode": mode} if words else {}
            if len(inputs) == 1:
                (kind, _digest), name = inputs[0]
                fields = {kind: name, "reply_markup": markup, **caption, **where}
                return [await self._upload(METHODS[kind], parts, fields)]
            media = [{"type": kind, "media": name} for (kind, _digest), name in inputs]
            at = 0 if media[0]["type"] == "photo" else -1  # Words stand under photos, and under the last document.
            media[at] |= {name: value for name, value in caption.items() if value}
            return list(await self._upload("sendMediaGroup", parts, {"media": media, **where}))

        return list(await self._worded(text, put))

    async def _upload(self, method: str, parts: dict[str, tuple[str, bytes, str]], fields: dict[str, Any]) -> Any:
        data = Upload(parts, **fields) if parts else Fields(**fields)
        return await self.request.post(f"{self.base_url}/{method}", data)  # type: ignore[arg-type]

    def _note(self, inputs: list[tuple[Key, str]], sent: list[Any]) -> None:
        for (key, _name), message in zip(inputs, sent, strict=False):
            shown = message.get(key[0])
            if shown:
                self.known.keep(key, (shown[-1] if key[0] == "photo" else shown)["file_id"])

    async def _content(self, file: File) -> bytes | None:
        if "value" in file:
            return await png(file, self.link)
        content = await self.shelf.read(file["digest"])
        if content is None:
            log.error("file_missing", digest=file["digest"])
        return content

    async def call(self, method: str, **parameters: Any) -> Any:
        """Call a method and return its bare result: the objects of PTB would cost more than the call."""
        return await self.request.post(f"{self.base_url}/{method}", Fields(**parameters))  # type: ignore[arg-type]
