"""What was attempted of that which must not be repeated: a line in a file before each attempt and after it.

A row is claimed in the database before it is attempted, many rows at once. When the process is killed, that alone
would leave all claimed rows in doubt. This file says which of them were really under way, and what became of those
that came back: it is written without waiting for the disk, which outlives a killed process. It does not outlive the
machine, so it counts only until the next boot; then every claimed row is in doubt again.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
MOST_BYTES = 256 << 10  # Then it is written anew, with what is still open.

BEGUN, SENT, UNSENT = "a", "s", "n"


def _boot() -> str:
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""  # Nobody knows: what was left is in doubt.


@dataclass(frozen=True, slots=True)
class Left:
    """What the last process left behind."""

    begun: frozenset[int]  # It may have arrived.
    sent: Mapping[int, str | None]  # It did, and what the channel calls it.


class Attempts:
    def __init__(self, file: Path) -> None:
        self.file = file
        self._open: dict[int, str] = {}  # The last line of each message whose result is not in the database yet.
        self._size = 0
        self._fd: int | None = None

    def begin(self) -> None:
        """What the last process left is in the database now: from here on lines are written anew."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self._rewrite()

    def left(self) -> Left | None:
        """What the last process left; None where that cannot be known."""
        try:
            lines = self.file.read_text().splitlines()
        except OSError:
            return None
        if not lines or not _boot() or lines[0] != _boot():
            return None
        last: dict[int, list[str]] = {}
        for line in lines[1:]:
            kind, _space, rest = line.partition(" ")
            number, _space, external = rest.partition(" ")
            if kind in (BEGUN, SENT, UNSENT) and number.isdecimal():  # The last line may be half a line.
                last[int(number)] = [kind, external]
        begun = frozenset(number for number, (kind, _external) in last.items() if kind == BEGUN)
        return Left(begun, {number: external or None for number, (kind, external) in last.items() if kind == SENT})

    def begun(self, message_id: int) -> None:
        self._note(message_id, f"{BEGUN} {message_id}")

    def sent(self, message_id: int, external: str | None) -> None:
        self._note(message_id, f"{SENT} {message_id} {external or ''}")

    def unsent(self, message_id: int) -> None:
        self._note(message_id, f"{UNSENT} {message_id}")

    def settled(self, message_id: int) -> None:
        """What became of it is in the database: the file need not know it any more."""
        self._open.pop(message_id, None)
        if self._size > MOST_BYTES:
            self._rewrite()

    def _note(self, message_id: int, line: str) -> None:
        self._open[message_id] = line
        if self._fd is not None:
            self._size += os.write(self._fd, f"{line}\n".encode())

    def _rewrite(self) -> None:
        text = "".join(f"{line}\n" for line in [_boot(), *self._open.values()])
        fresh = self.file.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(self.file)
        self.close()
        self._fd = os.open(self.file, os.O_WRONLY | os.O_APPEND)
        self._size = len(text)

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
