"""Reads the parameters of a call in the four ways in which the Bot API takes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Parameters that stay text whatever they look like ("123" is a fine message); all others may come as JSON.
TEXTS = words(
    "text caption name title description short_description url secret_token parse_mode callback_query_id language_code"
    " file_id photo document voice video audio animation sticker action phone_number first_name last_name emoji"
    " business_connection_id inline_message_id message_effect_id address icon_custom_emoji_id"
)


@dataclass
class Upload:
    name: str
    mime: str
    content: bytes


async def read(request: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Return the parameters, decoded, and the uploaded files by part name."""
    params: dict[str, Any] = dict(request.query)
    files: dict[str, Upload] = {}
    if request.content_type == "application/json":
        params.update(await request.json())
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = Upload(value.filename, value.content_type, value.file.read())
            else:
                params[name] = value
    return {name: _decoded(name, value) for name, value in params.items()}, files


def _decoded(name: str, value: Any) -> Any:
    if not isinstance(value, str) or name in TEXTS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
