"""The methods of the Bot API that put something into a chat or change what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import checks
from .chats import JSON, Chat, Message, Topic
from .params import Upload
from .refusals import Refused, bad, forbidden

if TYPE_CHECKING:
    from .server import BotApi

Params = dict[str, Any]
Uploads = dict[str, Upload]
TWO_DAYS = 48 * 3600


class Messages:
    def __init__(self, api: BotApi) -> None:
        self.api = api

    # Sending

    def sendMessage(self, params: Params, files: Uploads) -> JSON:
        chat = self._open(params)
        text, entities = checks.text_of(params)
        return self._send(chat, params, text=text, entities=entities or None)

    def sendPhoto(self, params: Params, files: Uploads) -> JSON:
        chat = self._open(params)
        photo = self.api.files.photo(self._file("photo", params.get("photo"), files))
        return self._send(chat, params, photo=photo, **self._caption(params))

    def sendDocument(self, params: Params, files: Uploads) -> JSON:
        chat = self._open(params)
        document = self.api.files.document(self._file("document", params.get("document"), files))
        return self._send(chat, params, document=document, **self._caption(params))

    def sendMediaGroup(self, params: Params, files: Uploads) -> list[JSON]:
        chat = self._open(params)
        checks.album(params.get("media"))
        album = self.api.next_id("album")
        contents = [self._album_item(item, files) for item in params["media"]]
        self._may_flood(chat)
        return [self._put(chat, params, media_group_id=album, **content) for content in contents]

    def _album_item(self, item: JSON, files: Uploads) -> JSON:
        file = self._file(item["type"], item["media"], files)
        shown = self.api.files.photo(file) if item["type"] == "photo" else self.api.files.document(file)
        return {item["type"]: shown, **self._caption(item)}

    def sendLocation(self, params: Params, files: Uploads) -> JSON:
        chat = self._open(params)
        checks.place(params)
        return self._send(
            chat, params, location={"latitude": params["latitude"], "longitude": params["longitude"]}
        )  # fmt: skip

    def sendChatAction(self, params: Params, files: Uploads) -> bool:
        chat = self._open(params)
        checks.action(params)
        chat.actions.append(params["action"])
        return True

    def _open(self, params: Params) -> Chat:
        """Return the chat if the bot may write there and into its topic."""
        chat = self.api.reachable(params.get("chat_id"))
        topic_id = params.get("message_thread_id")
        if topic_id is not None and not self._private_thread(chat):
            topic = chat.topic(topic_id)
            if topic.closed and not self._manages_topics(chat):
                bad("TOPIC_CLOSED")
        return chat

    def _private_thread(self, chat: Chat) -> bool:
        return not chat.is_group

    def _manages_topics(self, chat: Chat) -> bool:
        return chat.bot_status == "administrator" and chat.bot_rights.get("can_manage_topics", True)

    def _send(self, chat: Chat, params: Params, **content: Any) -> JSON:
        self._may_flood(chat)
        return self._put(chat, params, **content)

    def _may_flood(self, chat: Chat) -> None:
        self.api.flood.accept(chat.id, is_group=chat.is_group)

    def _put(self, chat: Chat, params: Params, **content: Any) -> JSON:
        checks.markup(params)
        markup = params.get("reply_markup") or {}
        topic = params.get("message_thread_id")
        message = chat.add(
            self.api.me,
            self.api.date(),
            by_bot=True,
            message_thread_id=topic,
            is_topic_message=True if topic else None,
            reply_to_message=self._replied(chat, params),
            reply_markup=markup if "inline_keyboard" in markup else None,
            **content,
        )
        self._show_markup(chat, message, markup)
        chat.say(message)
        return message.data

    def _show_markup(self, chat: Chat, message: Message, markup: JSON) -> None:
        message.reply_markup = markup
        if "keyboard" in markup:
            chat.reply_keyboard = message
        if markup.get("remove_keyboard"):
            chat.reply_keyboard = None

    def _replied(self, chat: Chat, params: Params) -> JSON | None:
        wanted = params.get("reply_parameters")
        if wanted is None:
            return None
        message = chat.everything.get(wanted["message_id"])
        if message is not None and not message.deleted:
            return {key: value for key, value in message.data.items() if key != "reply_to_message"}
        if not wanted.get("allow_sending_without_reply"):
            bad("message to be replied not found")
        return None

    def _caption(self, params: Params) -> JSON:
        caption, entities = checks.caption_of(params)
        return {"caption": caption or None, "caption_entities": entities or None}

    def _file(self, kind: str, given: Any, files: Uploads) -> JSON:
        part = given.removeprefix("attach://") if isinstance(given, str) and given.startswith("attach://") else kind
        if part in files and (given is None or part != kind or given == f"attach://{kind}"):
            upload = files[part]
            return self.api.files.upload(kind, upload.name, upload.mime, upload.content)
        if not given:
            bad(f"there is no {kind} in the request")
        return self.api.files.known(given)

    # Changing

    def editMessageText(self, params: Params, files: Uploads) -> JSON:
        text, entities = checks.text_of(params)
        return self._edit(params, {"text": text, "entities": entities})

    def editMessageCaption(self, params: Params, files: Uploads) -> JSON:
        caption, entities = checks.caption_of(params)
        return self._edit(params, {"caption": caption, "caption_entities": entities})

    def editMessageReplyMarkup(self, params: Params, files: Uploads) -> JSON:
        return self._edit(params, {})

    def _edit(self, params: Params, content: JSON) -> JSON:
        chat = self.api.reachable(params.get("chat_id"))
        message = chat.find(params.get("message_id"), "message to edit not found")
        if not message.by_bot or ("text" in content and "text" not in message.data):
            bad("message can't be edited" if not message.by_bot else "there is no text in the message to edit")
        checks.markup(params, inline_only=True)
        markup = params.get("reply_markup") or {}
        if message.reply_markup == markup and all(message.data.get(key, []) == content[key] for key in content):
            bad(
                "message is not modified: specified new message content and reply markup are exactly the same"
                " as a current content and reply markup of the message"
            )
        message.data |= content | {"edit_date": self.api.date(), "reply_markup": markup}
        message.data = {key: value for key, value in message.data.items() if value not in ([], {})}
        message.reply_markup = markup
        chat.say(message)
        return message.data

    def deleteMessage(self, params: Params, files: Uploads) -> bool:
        chat = self.api.reachable(params.get("chat_id"))
        message = chat.find(params.get("message_id"), "message to delete not found")
        if self.api.date() - message.data["date"] > TWO_DAYS:
            bad("message can't be deleted for everyone")
        message.deleted = True
        self.api.bell.ring()
        return True

    def pinChatMessage(self, params: Params, files: Uploads) -> bool:
        chat = self.api.reachable(params.get("chat_id"))
        chat.pinned.append(chat.find(params.get("message_id"), "message to pin not found").id)
        return True

    def setMessageReaction(self, params: Params, files: Uploads) -> bool:
        chat = self.api.reachable(params.get("chat_id"))
        message = chat.find(params.get("message_id"), "message to react not found")
        checks.reaction(params.get("reaction") or [])
        message.reactions = [each.get("emoji", "") for each in params.get("reaction") or []]
        self.api.bell.ring()
        return True

    def answerCallbackQuery(self, params: Params, files: Uploads) -> bool:
        checks.toast(params)
        press = self.api.presses.get(params.get("callback_query_id", ""))
        if press is None or press.answer is not None:
            bad("query is too old and response timeout expired or query ID is invalid")
        press.answer = params
        self.api.bell.ring()
        return True

    # Topics

    def createForumTopic(self, params: Params, files: Uploads) -> JSON:
        chat = self._forum(params)
        checks.topic(params)
        self._may_flood(chat)
        look = {"name": params["name"], "icon_color": params.get("icon_color", 7322096)}
        notice = chat.add(self.api.me, self.api.date(), by_bot=True, forum_topic_created=look)
        chat.topics[notice.id] = Topic(notice.id, params["name"])
        notice.data |= {"message_thread_id": notice.id, "is_topic_message": True}
        return {"message_thread_id": notice.id, **look}

    def editForumTopic(self, params: Params, files: Uploads) -> bool:
        topic = self._forum(params).topic(params.get("message_thread_id"))
        checks.topic(params)
        if params.get("name", topic.name) == topic.name and "icon_custom_emoji_id" not in params:
            bad("TOPIC_NOT_MODIFIED")
        topic.name = params.get("name", topic.name)
        return True

    def closeForumTopic(self, params: Params, files: Uploads) -> bool:
        return self._set_closed(params, True)

    def reopenForumTopic(self, params: Params, files: Uploads) -> bool:
        return self._set_closed(params, False)

    def _set_closed(self, params: Params, closed: bool) -> bool:
        topic = self._forum(params).topic(params.get("message_thread_id"))
        if topic.closed is closed:
            bad("TOPIC_NOT_MODIFIED")
        topic.closed = closed
        self.api.bell.ring()
        return True

    def deleteForumTopic(self, params: Params, files: Uploads) -> bool:
        chat = self._forum(params)
        topic = chat.topic(params.get("message_thread_id"))
        del chat.topics[topic.id]
        for message in chat.everything.values():
            message.deleted = message.deleted or message.topic == topic.id
        return True

    def _forum(self, params: Params) -> Chat:
        chat = self.api.reachable(params.get("chat_id"))
        if not chat.is_forum:
            bad("the chat is not a forum")
        if not self._manages_topics(chat):
            bad("not enough rights to create a topic")
        return chat


def reach(chat: Chat | None) -> Chat:
    """Return the chat if the bot may write there, or refuse in Telegram's words."""
    if chat is None:
        bad("chat not found")
    if chat.migrated_to is not None:
        raise Refused(
            400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
        )
    if chat.bot_status in ("kicked", "left"):
        where = "bot was kicked from the" if chat.bot_status == "kicked" else "bot is not a member of the"
        forbidden(f"{where} {chat.kind} chat" if chat.is_group else "bot was blocked by the user")
    if not chat.is_group and not chat.started:
        forbidden("bot can't initiate conversation with a user")
    return chat
