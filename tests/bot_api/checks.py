"""The limits of the Bot API that its description states only in words, refused in Telegram's own."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from telegram.constants import ReactionEmoji

from .markup import length, parse
from .params import words
from .refusals import bad

TEXT, CAPTION, TOAST, LABEL_BYTES, DATA_BYTES = 4096, 1024, 200, 512, 64
BUTTONS, ROW, ENTITIES = 100, 8, 100
ACTIONS = words(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker"
    " find_location record_video_note upload_video_note"
)
ACTION_FIELDS = words(
    "url callback_data web_app login_url switch_inline_query switch_inline_query_current_chat"
    " switch_inline_query_chosen_chat copy_text callback_game pay"
)
REACTIONS = frozenset(each.value for each in ReactionEmoji)
TOPIC_COLORS = frozenset((7322096, 16766590, 13338331, 9367192, 16749490, 16478047))


def text_of(params: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    text, entities = _parsed(params, "text", "entities")
    if not text:
        bad("message text is empty")
    if length(text) > TEXT or len(params["text"].encode()) > 32768:
        bad("message is too long")
    return text, entities


def caption_of(params: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    caption, entities = _parsed(params, "caption", "caption_entities")
    if length(caption) > CAPTION:
        bad("message caption is too long")
    return caption, entities


def _parsed(params: dict[str, Any], name: str, entities: str) -> tuple[str, list[dict[str, Any]]]:
    text = params.get(name) or ""
    if not isinstance(text, str) or any(0xD800 <= ord(letter) < 0xE000 for letter in text):
        bad("strings must be encoded in UTF-8")
    plain, found = parse(text, params.get("parse_mode"), params.get(entities))
    if len(found) > ENTITIES:
        bad("ENTITIES_TOO_LONG")
    return plain, found


def markup(params: dict[str, Any], *, inline_only: bool = False) -> None:
    given = params.get("reply_markup")
    if given is None:
        return
    if not isinstance(given, dict):
        bad("object expected as reply markup")
    if "inline_keyboard" in given:
        _inline(given["inline_keyboard"])
    elif inline_only:
        bad("inline keyboard expected")
    elif "keyboard" in given:
        _reply_keyboard(given)
    elif not ("remove_keyboard" in given or "force_reply" in given):
        bad("can't parse reply markup")


def _inline(rows: list[list[dict[str, Any]]]) -> None:
    if sum(map(len, rows)) > BUTTONS or any(len(row) > ROW for row in rows):
        bad("REPLY_MARKUP_TOO_LONG")
    for button in (button for row in rows for button in row):
        _inline_button(button)


def _inline_button(button: dict[str, Any]) -> None:
    if not button.get("text"):
        bad("can't parse inline keyboard button: Inline keyboard button text must be non-empty")
    if len(button.keys() & set(ACTION_FIELDS)) != 1:
        bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= DATA_BYTES:
        bad("BUTTON_DATA_INVALID")
    if "url" in button and not _is_web_address(button["url"]):
        bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def _is_web_address(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "tg":
        return True
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "")


def _reply_keyboard(given: dict[str, Any]) -> None:
    buttons = [button for row in given["keyboard"] for button in row]
    if any(not (button if isinstance(button, str) else button.get("text")) for button in buttons):
        bad("can't parse keyboard button: Keyboard button text must be non-empty")
    if not buttons or len(buttons) > 300 or any(len(row) > 12 for row in given["keyboard"]):
        bad("REPLY_MARKUP_INVALID")
    _between(given.get("input_field_placeholder"), 1, 64, "INPUT_FIELD_PLACEHOLDER_INVALID")


def _between(text: str | None, least: int, most: int, refusal: str) -> None:
    if text is not None and not least <= length(text) <= most:
        bad(refusal)


def toast(params: dict[str, Any]) -> None:
    _between(params.get("text"), 0, TOAST, "MESSAGE_TOO_LONG")


def topic(params: dict[str, Any]) -> None:
    _between(params.get("name"), 1, 128, "TOPIC_NAME_INVALID")
    if params.get("icon_color", 7322096) not in TOPIC_COLORS:
        bad("TOPIC_ICON_COLOR_INVALID")


def album(media: Any) -> None:
    if not isinstance(media, list) or not 2 <= len(media) <= 10:
        bad("the album must contain 2-10 items")
    kinds = {item["type"] for item in media}
    if len(kinds) > 1 and kinds & {"document", "audio"}:
        bad("documents and audio can't be mixed with other media types")


def place(params: dict[str, Any]) -> None:
    if not (-90 <= params["latitude"] <= 90 and -180 <= params["longitude"] <= 180):
        bad("wrong latitude or longitude specified")


def action(params: dict[str, Any]) -> None:
    if params.get("action") not in ACTIONS:
        bad("wrong parameter action in request")


def reaction(given: list[dict[str, Any]]) -> None:
    if len(given) > 1:
        bad("REACTIONS_TOO_MANY")
    if any(each["type"] == "paid" or each.get("emoji", "👍") not in REACTIONS for each in given):
        bad("REACTION_INVALID")


def commands(given: list[dict[str, str]]) -> None:
    if len(given) > 100:
        bad("BOT_COMMANDS_TOO_MUCH")
    for command in given:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            bad("BOT_COMMAND_INVALID")
        _between(command["description"], 1, 256, "BOT_COMMAND_DESCRIPTION_INVALID")


def about_bot(method: str, params: dict[str, Any]) -> None:
    name, most = {
        "setMyName": ("name", 64),
        "setMyDescription": ("description", 512),
        "setMyShortDescription": ("short_description", 120),
    }[method]
    _between(params.get(name), 0, most, f"the {name.replace('_', ' ')} is too long")


def webhook(params: dict[str, Any]) -> None:
    url, secret = urlsplit(params.get("url") or ""), params.get("secret_token")
    local = url.hostname == "127.0.0.1"  # A Bot API server of one's own takes http addresses; tests need that.
    if params.get("url") and not local and (url.scheme != "https" or (url.port or 443) not in (443, 80, 88, 8443)):
        bad("bad webhook: An HTTPS URL must be provided for webhook, on port 80, 88, 443 or 8443")
    if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        bad("secret token contains unallowed characters")
    if not 1 <= params.get("max_connections", 40) <= 100:
        bad("max_connections must be between 1 and 100")
