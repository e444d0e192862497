"""The methods of the Bot API about the bot itself: its settings, updates, files and the chats it knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from . import checks
from .chats import JSON
from .params import Upload
from .people import member_json
from .refusals import bad

if TYPE_CHECKING:
    from .server import BotApi

Params = dict[str, Any]
Uploads = dict[str, Upload]


class Account:
    def __init__(self, api: BotApi) -> None:
        self.api = api

    def getMe(self, params: Params, files: Uploads) -> JSON:
        return self.api.me | {
            "can_join_groups": True,
            "can_read_all_group_messages": not self.api.privacy,
            "supports_inline_queries": False,
        }

    # Updates

    async def getUpdates(self, params: Params, files: Uploads) -> list[JSON]:
        return await self.api.updates.get(
            params.get("offset", 0), params.get("limit", 100), params.get("timeout", 0), params.get("allowed_updates")
        )

    def setWebhook(self, params: Params, files: Uploads) -> bool:
        checks.webhook(params)
        self.api.updates.set_webhook(params)
        return True

    def deleteWebhook(self, params: Params, files: Uploads) -> bool:
        self.api.updates.set_webhook(params | {"url": ""})
        return True

    def getWebhookInfo(self, params: Params, files: Uploads) -> JSON:
        return self.api.updates.info()

    # Settings

    def setMyCommands(self, params: Params, files: Uploads) -> bool:
        checks.commands(params["commands"])
        return self._set("commands", params, params["commands"])

    def getMyCommands(self, params: Params, files: Uploads) -> list[JSON]:
        return list(self.api.settings.get(_place("commands", params), []))

    def deleteMyCommands(self, params: Params, files: Uploads) -> bool:
        self.api.settings.pop(_place("commands", params), None)
        return True

    def setMyName(self, params: Params, files: Uploads) -> bool:
        checks.about_bot("setMyName", params)
        return self._set("name", params, params.get("name", ""))

    def setMyDescription(self, params: Params, files: Uploads) -> bool:
        checks.about_bot("setMyDescription", params)
        return self._set("description", params, params.get("description", ""))

    def setMyShortDescription(self, params: Params, files: Uploads) -> bool:
        checks.about_bot("setMyShortDescription", params)
        return self._set("short_description", params, params.get("short_description", ""))

    def getMyName(self, params: Params, files: Uploads) -> JSON:
        return {"name": self.api.settings.get(_place("name", params), self.api.me["first_name"])}

    def getMyDescription(self, params: Params, files: Uploads) -> JSON:
        return {"description": self.api.settings.get(_place("description", params), "")}

    def getMyShortDescription(self, params: Params, files: Uploads) -> JSON:
        return {"short_description": self.api.settings.get(_place("short_description", params), "")}

    def setChatMenuButton(self, params: Params, files: Uploads) -> bool:
        return self._set("menu_button", params, params.get("menu_button", {"type": "default"}))

    def _set(self, what: str, params: Params, value: Any) -> bool:
        self.api.settings[_place(what, params)] = value
        return True

    # Files and chats

    def getFile(self, params: Params, files: Uploads) -> JSON:
        return self.api.files.path(params.get("file_id"))

    def getChat(self, params: Params, files: Uploads) -> JSON:
        chat = self.api.reachable(params.get("chat_id"))
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
        return chat.json() | {
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(gifts, True),
        }

    def getChatMember(self, params: Params, files: Uploads) -> JSON:
        chat = self.api.reachable(params.get("chat_id"))
        if params.get("user_id") == self.api.me["id"]:
            return member_json(self.api, chat, chat.bot_status)
        person = self.api.people.get(params.get("user_id", 0))
        if person is None:
            bad("PARTICIPANT_ID_INVALID")
        return {"status": "member", "user": person.user}


def _place(what: str, params: Params) -> tuple[str, str, str]:
    """Name a setting by what it is, its scope (or chat) and its language."""
    scope = params.get("scope") or {"type": "default"}
    where = str(params["chat_id"]) if "chat_id" in params else json.dumps(scope, sort_keys=True)
    return what, where, params.get("language_code", "")
