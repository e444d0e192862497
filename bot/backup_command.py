"""`gishe backup FOLDER` and `gishe restore FILE`."""

import argparse
import asyncio
import json
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bot import backup, own_journal, verify_words
from bot.adopting import CannotAdopt, adopt
from bot.log_sources import Address, Files, Folder
from bot.settings import Settings
from bot.verify_command import Bar
from locales import Translator
from storage.audit_findings import Report
from storage.copying import is_empty
from storage.database import Store
from storage.upgrade import upgrade

DONE, NOT_DONE, WRONG_USAGE = 0, 1, 2
YES = {"y", "yes", "д", "да"}


def add_parsers(commands: Any, _: Callable[[str], str]) -> None:
    make = commands.add_parser("backup", help=_("write everything into one file, while the program runs"))
    make.add_argument("folder", type=Path, metavar=_("FOLDER"))
    make.add_argument("--without-keys", action="store_true", help=_("leave the private keys out"))
    make.add_argument("--json", action="store_true", help=_("print one JSON document"))
    make.set_defaults(command=run_backup)
    put = commands.add_parser("restore", help=_("put a backup back; the program must not run"))
    put.add_argument("file", type=Path, metavar=_("FILE"))
    put.add_argument("--log", metavar="URL|FOLDER", help=_("a copy of the journal, to take later entries from"))
    put.add_argument("--accept-loss", action="store_true",
                     help=_("even where seals were published after the backup was made"))  # fmt: skip
    put.add_argument("--yes", action="store_true", help=_("do not ask"))
    put.set_defaults(command=run_restore)


async def run_backup(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    _ = speak.gettext
    store = Store(settings.database_url)
    draw = Bar(speak).draw if sys.stderr.isatty() and not given.json else _quiet
    try:
        await upgrade(store)
        file = await backup.make(store, settings, given.folder, draw, with_keys=not given.without_keys)
    finally:
        await store.close()
    if given.json:
        print(json.dumps({"file": str(file), "bytes": file.stat().st_size}))
        return DONE
    print(_("The backup is in {file}.").format(file=file))
    if not given.without_keys:
        print(_("It holds the private keys and the words of citizens: keep it as you would keep those."))
    return DONE


async def run_restore(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    _ = speak.gettext
    if await asyncio.to_thread(_is_running, settings):
        print(_("The program is running on port {port}. Stop it first.").format(port=settings.port), file=sys.stderr)
        return NOT_DONE
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".restore-") as place:
        try:
            opened = await asyncio.to_thread(backup.unpack, given.file, Path(place))
        except backup.NoBackup as error:
            text = _("{file} is no backup, or it is damaged ({reason}).").format(file=given.file, reason=error)
            print(text, file=sys.stderr)
            return NOT_DONE
        return await _restore(given, opened, settings, speak)


async def _restore(given: argparse.Namespace, opened: backup.Opened, settings: Settings, speak: Translator) -> int:
    _ = speak.gettext
    store = Store(opened.database_url)
    try:
        await upgrade(store)
        if given.log and not await _adopt(given.log, store, speak):
            return NOT_DONE
        report = await _examine(store, opened, settings)
    finally:
        await store.close()
    for finding in report.findings:
        print(verify_words.line(speak, finding))
    codes = set(report.codes())
    if codes - {"tail"} or (codes and not given.accept_loss):
        _explain(codes, speak)
        return NOT_DONE
    if not given.yes and not await _agreed(settings, speak):
        print(_("Nothing was restored."), file=sys.stderr)
        return NOT_DONE
    draw = Bar(speak).draw if sys.stderr.isatty() else _quiet
    await backup.put_back(opened, settings, store.now(), draw)
    print(_("The backup is in force. What was there before lies beside it, with the time in its name."))
    return DONE


async def _examine(store: Store, opened: backup.Opened, settings: Settings) -> Report:
    """The journal of the backup against the heads that were published, as far as either place knows them."""
    heads = {head.size: head for folder in (opened.folder, settings.data_dir) for head in own_journal.published(folder)}
    return await own_journal.check_store(store, list(heads.values()))


async def _adopt(place: str, store: Store, speak: Translator) -> bool:
    """Take the entries that came after the backup from a public copy."""
    _ = speak.gettext
    async with AsyncExitStack() as stack:
        is_address = place.startswith(("https://", "http://"))
        source: Files = await stack.enter_async_context(Address(place)) if is_address else Folder(Path(place))
        try:
            count = await adopt(store, source)
        except CannotAdopt as error:
            for finding in error.report.findings:
                print(verify_words.line(speak, finding), file=sys.stderr)
            print(_("The copy of the journal does not continue that of the backup."), file=sys.stderr)
            return False
    print(_("Entries taken from the copy of the journal: {count}").format(count=speak.number(count)))
    return True


def _explain(codes: set[str], speak: Translator) -> None:
    _ = speak.gettext
    if codes == {"tail"}:
        text = _("The backup is older than a seal that was published. With --log the later entries are taken from a "
                 "copy of the journal; with --accept-loss they are lost, and every check will say so.")  # fmt: skip
    else:
        text = _("The backup is not restored: its journal is not in order.")
    print(text, file=sys.stderr)


async def _agreed(settings: Settings, speak: Translator) -> bool:
    _ = speak.gettext
    target = Store(settings.database_url)
    try:
        await upgrade(target)
        if await is_empty(target):
            return True
    finally:
        await target.close()
    print(
        _("What is in the database now is replaced by the backup. Go on? [y/N]"), end=" ", file=sys.stderr, flush=True
    )
    return sys.stdin.readline().strip().casefold() in YES


def _is_running(settings: Settings) -> bool:
    """Whether somebody answers where our server would."""
    if not settings.port:
        return False
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104 – read, not bound
    try:
        with socket.create_connection((host, settings.port), timeout=1):
            return True
    except OSError:
        return False


def _quiet(_done: int, _all: int) -> None: ...
