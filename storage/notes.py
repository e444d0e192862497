"""Signed notes (C2SP signed-note), checkpoints (tlog-checkpoint) and cosignatures of witnesses (tlog-cosignature)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

NOTE, COSIGNATURE = 0x01, 0x04  # Types of signatures; what is signed differs.
MAX_CHARS = 100_000  # Of a note with all its signatures.
MAX_SIGNATURES = 100
NAME = re.compile(r"[^\s+]{1,255}")


class Unreadable(ValueError):
    """This is no signed note, or no checkpoint, or no key."""


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("base64") from None


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its name, as checkers of notes are given it (a vkey)."""

    name: str
    public: bytes
    kind: int = NOTE

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def read(cls, vkey: str) -> "Key":
        name, _plus, rest = vkey.strip().partition("+")
        digest, _plus, encoded = rest.partition("+")
        material = _decoded(encoded)
        if len(material) != 33 or material[0] not in (NOTE, COSIGNATURE) or not NAME.fullmatch(name):
            raise Unreadable("vkey")
        key = cls(name, material[1:], material[0])
        if key.id.hex() != digest:
            raise Unreadable("vkey")
        return key

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        try:
            VerifyKey(self.public).verify(message, signature)
        except (CryptoError, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"

    @classmethod
    def read(cls, line: str) -> "Signature":
        name, _space, encoded = line.removeprefix("— ").partition(" ")
        value = _decoded(encoded)
        if not line.startswith("— ") or not NAME.fullmatch(name) or len(value) <= 4:
            raise Unreadable("signature")
        return cls(name, value[:4], value[4:])

    def is_by(self, key: Key) -> bool:
        return (self.name, self.key_id) == (key.name, key.id)

    def holds(self, key: Key, text: str) -> bool:
        """Whether `key` made it over this text."""
        if not self.is_by(key):
            return False
        if key.kind == NOTE:
            return key.is_signed(text.encode(), self.value)
        if len(self.value) != 72:
            return False
        return key.is_signed(_cosigned(text, self.time), self.value[8:])

    @property
    def time(self) -> int:
        """When a witness cosigned, in seconds since 1970."""
        return int.from_bytes(self.value[:8], "big")


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class Note:
    text: str  # With its final newline.
    signatures: tuple[Signature, ...]

    @classmethod
    def read(cls, note: str) -> "Note":
        text, blank, lines = note.rpartition("\n\n")
        is_clean = all(character == "\n" or character >= " " for character in note)
        if not blank or not lines.endswith("\n") or not is_clean or len(note) > MAX_CHARS:
            raise Unreadable("note")
        signatures = tuple(Signature.read(line) for line in lines[:-1].split("\n")[: MAX_SIGNATURES + 1])
        if len(signatures) > MAX_SIGNATURES:
            raise Unreadable("note")
        return cls(text + "\n", signatures)

    def signed_by(self, keys: Iterable[Key]) -> Key | None:
        """The first of these keys that signed it. A known key whose signature does not hold spoils the whole note."""
        first = None
        for key in keys:
            for signature in self.signatures:
                if signature.is_by(key):
                    if not signature.holds(key, self.text):
                        return None
                    first = first or key
        return first


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the tree at a size: whoever keeps one can tell whether anything before it was changed."""

    origin: str
    size: int
    root: bytes
    note: Note

    @classmethod
    def read(cls, note: str) -> "Checkpoint":
        read = Note.read(note)
        lines = read.text.split("\n")
        if len(lines) < 4 or not all(lines[:-1]) or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
            raise Unreadable("checkpoint")
        root = _decoded(lines[2])
        if len(root) != 32:
            raise Unreadable("checkpoint")
        return cls(lines[0], int(lines[1]), root, read)


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


class Signer:
    """A private key under a name."""

    def __init__(self, name: str, seed: bytes, kind: int = NOTE) -> None:
        self._private = SigningKey(seed)
        self.key = Key(name, bytes(self._private.verify_key), kind)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message).signature

    def line(self, text: str, time: int = 0) -> str:
        """The signature line under a note's text; a witness adds the time."""
        if self.key.kind == NOTE:
            value = self.sign(text.encode())
        else:
            value = time.to_bytes(8, "big") + self.sign(_cosigned(text, time))
        return Signature(self.key.name, self.key.id, value).line

    def note(self, text: str) -> str:
        return f"{text}\n{self.line(text)}"


def read_keys(text: str) -> list[Key]:
    """The keys of a text with one a line; empty lines and those that begin with # say nothing."""
    lines: Sequence[str] = [line.strip() for line in text.splitlines()]
    return [Key.read(line) for line in lines if line and not line.startswith("#")]
