"""`gishe verify`: checks a journal from its public files, or one receipt, and says in sentences what holds."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bot import own_journal, verify_words
from bot.log_sources import Address, Files, Folder, is_tidy, save
from bot.settings import Settings
from locales import Translator
from storage import audit_receipt
from storage.audit import Audit
from storage.audit_findings import Report
from storage.notes import Checkpoint, Key, Unreadable, read_keys

DONE, NOT_DONE, WRONG_USAGE = 0, 1, 2
BAR_CHARS = 30
BAR_S = 0.1  # Between two drawings.


class WrongUsage(Exception):
    """Something that was given cannot be used; the sentence says what."""


def add_parser(commands: Any, _: Callable[[str], str]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser("verify", help=_("check the whole journal, or a receipt"))
    parser.add_argument("--log", metavar="URL|FOLDER", help=_("the journal, https://…/log or a copy; none: our own"))
    parser.add_argument("--receipt", type=Path, metavar=_("FILE"), help=_("a receipt (.json)"))
    parser.add_argument("--head", type=Path, action="append", default=[], metavar=_("FILE"),
                        help=_("a seal that was published earlier; may be repeated"))  # fmt: skip
    parser.add_argument("--key", action="append", default=[], metavar=_("KEY"),
                        help=_("the journal's public key, or a file with it"))  # fmt: skip
    parser.add_argument("--figures", type=Path, action="append", default=[], metavar=_("FILE"),
                        help=_("monthly figures (.json) to count anew from the journal; may be repeated"))  # fmt: skip
    parser.add_argument("--copy", type=Path, metavar=_("FOLDER"),
                        help=_("compare with the copy kept there, and bring it up to date if all is well"))  # fmt: skip
    parser.add_argument("--json", action="store_true", help=_("print one JSON document"))
    return parser


async def run(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    try:
        async with AsyncExitStack() as stack:
            report = await _check(given, settings, speak, stack)
    except WrongUsage as wrong:
        print(wrong, file=sys.stderr)
        return WRONG_USAGE
    except ConnectionError as error:
        text = speak.gettext("{address} cannot be read: {reason}.")
        print(text.format(address=error.filename, reason=error.strerror), file=sys.stderr)
        return NOT_DONE
    if given.json:
        print(json.dumps(verify_words.as_dict(speak, report), ensure_ascii=False))
    else:
        for finding in report.findings:
            print(verify_words.line(speak, finding))
        is_receipt = given.receipt is not None
        print(audit_receipt.verdict(speak.gettext, report) if is_receipt else verify_words.verdict(speak, report))
    return DONE if report.is_well else NOT_DONE


async def _check(given: argparse.Namespace, settings: Settings, speak: Translator, stack: AsyncExitStack) -> Report:
    _ = speak.gettext
    keys = [key for text in given.key for key in _keys(text, speak)]
    heads = [_head(file, speak) for file in given.head]
    progress = Bar(speak).draw if sys.stderr.isatty() and not given.json else _no_progress
    if given.receipt:
        document = _read(given.receipt, speak)
        source = await _source(given.log, stack, speak) if given.log else None
        return await audit_receipt.check(document, keys=keys, source=source, progress=progress)
    figures = [_read(file, speak).encode() for file in given.figures]
    if not given.log:
        return await own_journal.check(settings, heads=heads, figures=figures, progress=progress)
    source = await _source(given.log, stack, speak)
    copy = given.copy
    if copy and not is_tidy(copy):
        raise WrongUsage(_("{folder} holds something else than a copy of a journal.").format(folder=copy))
    kept = Folder(copy) if copy and (copy / "checkpoint").exists() else None
    if kept:
        heads.append(_head(copy / "checkpoint", speak))
    report = await Audit(source, heads=heads, keys=keys, copy=kept, figures=figures, progress=progress).run()
    if copy and report.is_well:
        await save(source, copy)
    return report


async def _source(place: str, stack: AsyncExitStack, speak: Translator) -> Files:
    if place.startswith(("https://", "http://")):
        return await stack.enter_async_context(Address(place))
    if not Path(place).is_dir():  # noqa: ASYNC240 – nothing else runs here
        raise WrongUsage(speak.gettext("There is no folder {folder}.").format(folder=place))
    return Folder(Path(place))


def _read(file: Path, speak: Translator) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise WrongUsage(speak.gettext("The file {file} cannot be read.").format(file=file)) from None


def _head(file: Path, speak: Translator) -> Checkpoint:
    try:
        return Checkpoint.read(_read(file, speak))
    except Unreadable:
        raise WrongUsage(speak.gettext("{file} is no seal of a journal.").format(file=file)) from None


def _keys(text: str, speak: Translator) -> list[Key]:
    """Keys given as such or in a file."""
    try:
        return read_keys(text if text.count("+") > 1 else _read(Path(text), speak))
    except Unreadable:
        raise WrongUsage(speak.gettext("{text} is no public key.").format(text=text)) from None


def _no_progress(_done: int, _all: int) -> None: ...


class Bar:
    """How far the check is, on a terminal."""

    def __init__(self, speak: Translator) -> None:
        self.speak = speak
        self._drawn = 0.0

    def draw(self, done: int, everything: int) -> None:
        now = time.monotonic()
        if now - self._drawn < BAR_S and done < everything:
            return
        self._drawn = now
        full = BAR_CHARS * done // max(1, everything)
        count = f"{self.speak.number(done)} / {self.speak.number(everything)}"
        end = "\n" if done >= everything else ""
        print(f"\r[{'█' * full}{' ' * (BAR_CHARS - full)}] {count}", end=end, file=sys.stderr, flush=True)
