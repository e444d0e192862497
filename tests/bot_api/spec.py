"""Checks calls and updates against the machine-readable description of the Bot API, where that file is at hand."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

SCALARS: dict[str, tuple[type, ...]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
    "InputFile": (str,),
}


def path() -> Path:
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "telegram" / "bot-api-spec.json"
    return Path(os.environ.get("BOT_API_SPEC", beside))


@cache
def load() -> Spec | None:
    return Spec(json.loads(path().read_text("utf-8"))) if path().is_file() else None


class Spec:
    def __init__(self, data: dict[str, Any]) -> None:
        self.methods, self.types = data["methods"], data["types"]

    def call(self, method: str, params: dict[str, Any], files: set[str]) -> list[str]:
        """Say what is wrong with a call: nothing, if it is as described."""
        if method not in self.methods:
            return [f"{method} is no method"]
        present = {**dict.fromkeys(files & self._names(method), "attach://"), **params}
        return self._fields(self.methods[method].get("fields", []), present, method)

    def value(self, kind: str, value: Any) -> list[str]:
        return self._value([kind], value, kind)

    def _names(self, method: str) -> set[str]:
        return {field["name"] for field in self.methods[method].get("fields", [])}

    def _fields(self, fields: list[dict[str, Any]], value: dict[str, Any], where: str) -> list[str]:
        known = {field["name"]: field for field in fields}
        problems = [f"{where}.{name} is unknown" for name in value if name not in known]
        problems += [f"{where}.{name} is missing" for name in known if known[name]["required"] and name not in value]
        for name in known.keys() & value.keys():
            problems += self._value(known[name]["types"], value[name], f"{where}.{name}")
        return problems

    def _value(self, types: list[str], value: Any, where: str) -> list[str]:
        if isinstance(value, list):
            # An album may mix the alternatives that the description lists one by one.
            inner = [kind.removeprefix("Array of ") for kind in types if kind.startswith("Array of ")]
            if not inner:
                return [f"{where} is a list"]
            return [each for item in value for each in self._value(inner, item, f"{where}[]")]
        outcomes = [self._one(kind, value, where) for kind in types if not kind.startswith("Array of ")]
        if not outcomes:
            return [f"{where} is no list"]
        return min(outcomes, key=len)

    def _one(self, kind: str, value: Any, where: str) -> list[str]:
        if kind in SCALARS:
            right = isinstance(value, SCALARS[kind]) and (kind == "Boolean" or not isinstance(value, bool))
            return [] if right else [f"{where} is no {kind}: {type(value).__name__}"]
        if not isinstance(value, dict):
            return [f"{where} is no {kind}: {type(value).__name__}"]
        described = self.types[kind]
        if "subtypes" in described:
            return min((self._one(each, value, where) for each in described["subtypes"]), key=len)
        return self._fields(described.get("fields", []), value, where)
