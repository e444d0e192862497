"""`gishe handbook check|import|export`: the handbook as a file that editors change and the program takes in."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.handbook_words import change_words, page, problem_words
from locales import Translator
from storage.database import Store
from storage.handbook_changes import Change, changes
from storage.handbook_check import check
from storage.handbook_editions import Edition, Overtaken, edition, take_in
from storage.handbook_files import READERS, problems, read_file, write_file
from storage.handbook_problems import TOO_LONG_FOR_CELL, DoesNotFit, Problem
from storage.handbook_rows import Given
from storage.handbook_tidy import tidy

DONE, NOT_DONE, WRONG_USAGE = 0, 1, 2
NOTE_CHARS = 500
YES = {"y", "yes", "д", "да"}


def add_parser(commands: Any, _: Callable[[str], str]) -> argparse.ArgumentParser:
    """Add `handbook` with its three actions."""
    parser: argparse.ArgumentParser = commands.add_parser("handbook", help=_("check, import or export the handbook"))
    actions = parser.add_subparsers(dest="action", required=True, metavar=_("ACTION"))

    look = actions.add_parser("check", help=_("what is wrong and what would change; writes nothing"))
    look.add_argument("file", nargs="?", type=Path, metavar=_("FILE"), help=_(".json or .xlsx; none: the one in force"))

    take = actions.add_parser("import", help=_("take a checked file in as a new edition"))
    take.add_argument("file", type=Path, metavar=_("FILE"), help=_(".json or .xlsx"))
    take.add_argument("--note", metavar=_("TEXT"), help=_("what this edition is about"))
    take.add_argument("--yes", action="store_true", help=_("do not ask"))

    give = actions.add_parser("export", help=_("write an edition to a file"))
    give.add_argument("file", type=Path, metavar=_("FILE"), help=_(".json or .xlsx"))
    give.add_argument("--edition", type=int, metavar="N", help=_("an earlier edition instead of the newest"))

    for action in (look, take, give):
        action.add_argument("--json", action="store_true", help=_("print one JSON document"))
    return parser


async def run(arguments: argparse.Namespace, store: Store, translator: Translator) -> int:
    command = _Command(arguments, store, translator)
    file: Path | None = arguments.file
    if file is not None and file.suffix.lower() not in READERS:
        return command.refuse(translator.gettext("The name of the file must end in .json or .xlsx."), WRONG_USAGE)
    return await {"check": command.check, "import": command.take, "export": command.give}[arguments.action]()


class _Command:
    def __init__(self, arguments: argparse.Namespace, store: Store, translator: Translator) -> None:
        self.arguments = arguments
        self.store = store
        self.speak = translator
        self._ = translator.gettext

    # --- What is done ---

    async def check(self) -> int:
        current = await self._current()
        if self.arguments.file is None:
            return self._check_current(current)
        given, wrong = await asyncio.to_thread(_examine, self.arguments.file)
        if wrong:
            return self._report(False, current, wrong)
        found = changes(tidy(current.document), given.document)
        self._say(self._("The file is in order."))
        self._tell_changes(found, current, given)
        return self._report(True, current, [], found, given)

    def _check_current(self, current: Edition) -> int:
        wrong = check(current.document)
        if not wrong:
            self._say(self._("Edition {number} is in order.").format(number=_spoken(current)))
        return self._report(not wrong, current, wrong)

    async def take(self) -> int:
        current = await self._current()
        given, wrong = await asyncio.to_thread(_examine, self.arguments.file)
        if wrong:
            return self._report(False, current, wrong)
        found = changes(tidy(current.document), given.document)
        self._tell_changes(found, current, given)
        if not found:
            return self._report(True, current, [], found, given)
        if not self._agreed():
            return self.refuse(self._("Nothing was taken in."), NOT_DONE)
        note = (self.arguments.note or self.arguments.file.name).strip()[:NOTE_CHARS]
        try:
            async with self.store.writing() as db:
                number = await take_in(db, given.document, note, current.number)
        except Overtaken:
            text = self._("Another edition was taken in meanwhile. See what would change now, and try again.")
            return self.refuse(text, NOT_DONE)
        self._say(self._("Edition {number} is in force.").format(number=number))
        return self._report(True, Edition(number, given.document), [], found, given)

    async def give(self) -> int:
        file, number = self.arguments.file, self.arguments.edition
        async with self.store.reading() as db:
            wanted = await edition(db, number)
        if wanted is None:
            return self.refuse(self._("There is no edition {number}.").format(number=number), NOT_DONE)
        try:
            await asyncio.to_thread(write_file, file, wanted)
        except DoesNotFit as error:
            return self.refuse(self._(TOO_LONG_FOR_CELL).format(**error.values), NOT_DONE)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            text = self._("The file {file} cannot be written: {reason}.").format(file=file, reason=reason)
            return self.refuse(text, NOT_DONE)
        text = self._("Edition {number} is in {file}.").format(number=_spoken(wanted), file=file)
        self._say(text)
        return self._report(True, wanted, [], file=str(file))

    # --- What is said ---

    async def _current(self) -> Edition:
        async with self.store.reading() as db:
            current = await edition(db)
        assert current is not None
        return current

    def refuse(self, text: str, status: int) -> int:
        print(text, file=sys.stderr)
        if self.arguments.json:
            print(json.dumps({"done": False, "error": text}, ensure_ascii=False))
        return status

    def _say(self, text: str) -> None:
        if not self.arguments.json:
            print(text)

    def _tell_changes(self, found: list[Change], current: Edition, given: Given) -> None:
        if not found:
            text = self._("Nothing changes: edition {number} says the same.")
            return self._say(text.format(number=_spoken(current)))
        if _is_older(given, current):
            text = self._("Careful: this file was made from edition {base}, and edition {number} is in force. "
                          "What was changed between the two would be undone.")  # fmt: skip
            self._say(text.format(base=given.base, number=_spoken(current)))
        self._say(self._("What changes against edition {number}:").format(number=_spoken(current)))
        for line in page([change_words(self.speak, change) for change in found], self.speak):
            self._say(line)
        if any(change.kind == "removed" and change.part == "services" for change in found):
            self._say(self._("Links and QR codes of a card that is taken away lead nowhere from then on."))
        return None

    def _agreed(self) -> bool:
        """Asked on a terminal only, and not on standard output, which may be read by a program."""
        if self.arguments.yes or not sys.stdin.isatty():
            return True
        print(self._("Take this in as a new edition? [y/N]"), end=" ", file=sys.stderr, flush=True)
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # Ctrl-C ends the waiting at once.
        try:
            return sys.stdin.readline().strip().casefold() in YES
        except KeyboardInterrupt:
            return False
        finally:
            signal.signal(signal.SIGINT, before)

    def _report(
        self, is_done: bool, current: Edition, wrong: list[Problem], found: list[Change] | None = None,
        given: Given | None = None, **more: Any,
    ) -> int:  # fmt: skip
        """End with the status, and with everything at once for programs or with the problems for people."""
        if self.arguments.json:
            document: dict[str, Any] = {"done": is_done, "edition": _spoken(current), **more}
            if self.arguments.action != "export":
                document["problems"] = [self._problem(problem) for problem in wrong]
                document["changes"] = [_change(change) for change in found or ()]
            if given is not None and given.base is not None:
                document["made_from"] = given.base
            print(json.dumps(document, ensure_ascii=False))
        elif wrong:
            for line in self._problem_lines(wrong):
                print(line)
        return DONE if is_done else NOT_DONE

    def _problem_lines(self, wrong: list[Problem]) -> list[str]:
        count = len(wrong)
        head = self.speak.ngettext("{count} thing is wrong:", "{count} things are wrong:", count).format(count=count)
        lines = [head, *page([problem_words(self.speak, problem) for problem in wrong], self.speak)]
        if self.arguments.action == "import":
            lines.append(self._("Nothing was taken in."))
        return lines

    def _problem(self, problem: Problem) -> dict[str, Any]:
        text = self._(problem.message).format(**problem.values)
        return {"where": problem.where, "row": problem.row, "field": problem.field, "message": text}


def _examine(file: Path) -> tuple[Given, list[Problem]]:
    given = read_file(file)
    return given, problems(given)


def _spoken(current: Edition) -> int:
    """The delivered handbook becomes edition 1 as soon as there is a database to keep it."""
    return max(current.number, 1)


def _is_older(given: Given, current: Edition) -> bool:
    return given.base is not None and given.base != _spoken(current)


def _change(change: Change) -> Mapping[str, Any]:
    return {
        "kind": change.kind,
        "part": change.part,
        "name": change.name,
        "field": change.field,
        "old": change.old,
        "new": change.new,
    }
