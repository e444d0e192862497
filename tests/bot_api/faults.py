"""Faults on demand: what a test wants to go wrong with the next call of a method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .refusals import Refused

BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass
class Fault:
    method: str  # or "*" for any but getUpdates
    kind: Literal["answer", "html", "hang", "close"]
    status: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    migrate_to: int | None = None
    after_accepting: bool = False  # the message is in the chat all the same: the bot cannot know
    chat_id: int | None = None  # only calls about this chat
    times: int = 1

    def fits(self, method: str, params: dict[str, Any]) -> bool:
        if self.chat_id is not None and params.get("chat_id") != self.chat_id:
            return False
        return self.method == method or (self.method == "*" and method != "getUpdates")

    def refusal(self) -> Refused:
        return Refused(self.status, self.description, retry_after=self.retry_after, migrate_to_chat_id=self.migrate_to)


class Faults:
    """The part of the server that a test uses to break it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def fail_next(
        self,
        method: str = "*",
        *,
        status: int | None = None,
        description: str | None = None,
        retry_after: int | None = None,
        migrate_to: int | None = None,
        after_accepting: bool = False,
        chat_id: int | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next call with this error; status and description follow from the parameters when left out."""
        if retry_after is not None:
            usual = (429, f"Too Many Requests: retry after {retry_after}")
        elif migrate_to is not None:
            usual = (400, "Bad Request: group chat was upgraded to a supergroup chat")
        else:
            usual = (500, "Internal Server Error")
        self._faults.append(
            Fault(
                method, "answer", status or usual[0], description or usual[1], retry_after, migrate_to,
                after_accepting, chat_id, times,
            )
        )  # fmt: skip

    def hang_next(self, method: str = "*", *, after_accepting: bool = True, times: int = 1) -> None:
        """Never answer, until the server stops or `release` is called."""
        self._faults.append(Fault(method, "hang", after_accepting=after_accepting, times=times))

    def close_next(self, method: str = "*", *, after_accepting: bool = True, times: int = 1) -> None:
        """Close the connection instead of answering."""
        self._faults.append(Fault(method, "close", after_accepting=after_accepting, times=times))

    def html_next(self, method: str = "*", *, status: int = 502, after_accepting: bool = False, times: int = 1) -> None:
        """Answer with the error page of something in between."""
        self._faults.append(Fault(method, "html", status, after_accepting=after_accepting, times=times))

    def mend(self) -> None:
        """Forget all faults that have not happened yet."""
        self._faults.clear()

    def take(self, method: str, params: dict[str, Any]) -> Fault | None:
        fault = next((each for each in self._faults if each.fits(method, params)), None)
        if fault is not None:
            fault.times -= 1
            if not fault.times:
                self._faults.remove(fault)
        return fault
