"""What may become of an attempt to send, named by what happens next."""

from dataclasses import dataclass
from typing import Protocol

from storage.messages import Letter


@dataclass(frozen=True, slots=True)
class Sent:
    """It is there; `external` is the channel's number of it."""

    external: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """The channel is busy or out of reach. Nothing was sent; try again after some seconds."""

    seconds: float
    reason: str
    whole_bot: bool = False  # Whether nobody may be written to until then, or only this chat not.
    counts: bool = True  # Whether this was an attempt of the message (a `retry_after` is not its fault).


@dataclass(frozen=True, slots=True)
class Gone:
    """The person blocked us or is no more. Stop writing to this address."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The channel will never take this message: our fault, an alarm."""

    reason: str


@dataclass(frozen=True, slots=True)
class Perhaps:
    """It may have arrived: the answer never came."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The conversation has another address now (a group's new number, a new topic): the letter goes there."""

    address: str


Result = Sent | Later | Gone | Refused | Perhaps | Moved


class Channel(Protocol):
    """Three verbs; the inbox is handed to `start` by whoever builds the channel."""

    name: str

    async def start(self) -> None: ...

    async def send(self, letter: Letter) -> Result: ...

    async def stop(self) -> None: ...
