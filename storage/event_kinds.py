"""The kinds of events and the texts they begin with. Samples: date and place come from the organizer."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import orjson

FILE = Path(__file__).parent / "content" / "events.json"
SIGN_UP = ("required", "recommended", "optional")  # Kinds to which people sign up; "none": whoever comes is welcome.


@dataclass(frozen=True, slots=True)
class Kind:
    id: str
    data: Mapping[str, Any]

    @property
    def emoji(self) -> str:
        return self.data["emoji"]  # type: ignore[no-any-return]

    def name(self, language: str) -> str:
        return self.data["type_name"][language]  # type: ignore[no-any-return]

    def brief(self, language: str) -> str:
        """The name without what stands in quotation marks: it fits on a choice."""
        name = self.name(language)
        for mark in ("„", " '", "“"):
            name = name.split(mark)[0]
        return name.strip()

    def title(self, language: str, municipality: str) -> str:
        """The title to begin with; for all municipalities together without a name before it."""
        title: str = self.data["title_template"][language].format(municipality=municipality)
        return title if municipality else title.partition(": ")[2] or title

    def description(self, language: str, known: Mapping[str, str]) -> str:
        """The text to begin with, filled in; empty where it needs what we do not know (a topic, a deadline)."""
        text: str = self.data["description_template"][language]
        wanted = {name for _text, name, _spec, _conversion in Formatter().parse(text) if name}
        return text.format(**known) if wanted <= known.keys() else ""

    def question(self, language: str) -> str:
        """What to ask those who came."""
        return self.data["feedback_question"][language]  # type: ignore[no-any-return]

    @property
    def minutes(self) -> int:
        return self.data["typical_duration_minutes"]  # type: ignore[no-any-return]

    @property
    def takes_names(self) -> bool:
        return self.data["registration"] in SIGN_UP

    @property
    def collects_questions(self) -> bool:
        return bool(self.data["format"] == "hybrid")


@cache
def kinds() -> Mapping[str, Kind]:
    data = orjson.loads(FILE.read_bytes())
    return {kind["id"]: Kind(kind["id"], kind) for kind in data["event_types"]}
