"""Collect the sentences of the code into the catalogues. English is the sentence itself; Bulgarian waits for words."""

import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
KEYWORDS = ("-k", "n:1,2", "-k", "N_")


def collect(template: Path) -> None:
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", *KEYWORDS,
               "--no-location", "--sort-output", "--project=gishe", "-o", str(template), "."]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 – our own words


def take_in(template: Path, language: str) -> list[str]:
    """Bring a catalogue up to the template; return what is not translated yet."""
    file = ROOT / "locales" / language / "LC_MESSAGES" / "gishe.po"
    with file.open("rb") as old, template.open("rb") as new:
        catalogue = read_po(old, locale=language)
        catalogue.update(read_po(new), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    if language == "en":
        for message in catalogue:
            _speak_for_itself(message)
    with file.open("wb") as out:
        write_po(out, catalogue, width=120, sort_output=True, ignore_obsolete=True)
    return [str(message.id) for message in catalogue if message.id and not _is_whole(message)]


def _speak_for_itself(message: Message) -> None:
    if message.id:
        message.string = message.id


def _is_whole(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "gishe.pot"
        collect(template)
        missing = {language: take_in(template, language) for language in ("bg", "en")}
    for language, sentences in missing.items():
        for sentence in sentences:
            print(f"{language}: not translated: {sentence}")
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
