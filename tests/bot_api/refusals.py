"""The answers of the Bot API that are not "ok", in its own words."""

from __future__ import annotations

from typing import Any, NoReturn


class Refused(Exception):
    """The call is answered with an error, exactly as Telegram would."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.description = status, description
        self.parameters = {name: value for name, value in parameters.items() if value is not None}

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad(description: str, **parameters: Any) -> NoReturn:
    raise Refused(400, f"Bad Request: {description}", **parameters)


def forbidden(description: str) -> NoReturn:
    raise Refused(403, f"Forbidden: {description}")


def conflict(description: str) -> NoReturn:
    raise Refused(409, f"Conflict: {description}")
