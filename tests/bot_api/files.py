"""The files that people and the bot have sent, and how messages describe them."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from .refusals import bad

DOWNLOADABLE = 20 << 20  # bytes
UPLOADABLE = {"photo": 10 << 20}
LARGEST = 50 << 20


class Files:
    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self._facts: dict[str, dict[str, Any]] = {}
        self._paths: dict[str, str] = {}

    def keep(self, name: str, mime: str, content: bytes) -> dict[str, Any]:
        number = len(self.contents) + 1
        file_id = f"AgACAgQAAxkBAAI{number}"
        self.contents[file_id] = content
        self._facts[file_id] = {
            "file_id": file_id,
            "file_unique_id": f"AQAD{number}",
            "file_size": len(content),
            "file_name": name,
            "mime_type": mime,
        }
        return self._facts[file_id]

    def upload(self, kind: str, name: str, mime: str, content: bytes) -> dict[str, Any]:
        if not content:
            bad("file must be non-empty")
        if len(content) > UPLOADABLE.get(kind, LARGEST):
            bad("file is too big")
        return self.keep(name, mime, content)

    def known(self, file_id: Any) -> dict[str, Any]:
        if file_id not in self._facts:
            bad("wrong file identifier/HTTP URL specified")
        return self._facts[file_id]

    def photo(self, file: dict[str, Any]) -> list[dict[str, Any]]:
        """Describe a photo as Telegram does: in several sizes, the largest last."""
        large = {key: file[key] for key in ("file_id", "file_unique_id", "file_size")} | {"width": 1280, "height": 960}
        small = self.keep("thumbnail.jpg", "image/jpeg", self.contents[file["file_id"]][:100])
        plain = {key: small[key] for key in ("file_id", "file_unique_id", "file_size")}
        return [plain | {"width": 90, "height": 67}, large]

    def document(self, file: dict[str, Any], *, named: bool = True) -> dict[str, Any]:
        return {key: value for key, value in file.items() if named or key != "file_name"}

    def path(self, file_id: Any) -> dict[str, Any]:
        file = self.known(file_id)
        if file["file_size"] > DOWNLOADABLE:
            bad("file is too big")
        path = f"documents/{file['file_unique_id']}{PurePath(file['file_name']).suffix}"
        self._paths[path] = file_id
        return {key: file[key] for key in ("file_id", "file_unique_id", "file_size")} | {"file_path": path}

    def read(self, path: str) -> bytes | None:
        return self.contents.get(self._paths.get(path, ""))
