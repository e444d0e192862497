"""`gishe journal`: how it stands, a new key, and the signatures that witnesses sent us as files."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot import journal_key
from bot.settings import Settings
from locales import Translator
from storage import checks, log, publishing
from storage.database import Store
from storage.notes import Checkpoint, Key, Unreadable
from storage.sealing import WrongKey

DONE, NOT_DONE, WRONG_USAGE = 0, 1, 2


def add_parser(commands: Any, _: Callable[[str], str]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "journal", help=_("how the journal stands; its key; witnesses")
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar=_("ACTION"))
    actions.add_parser("status", help=_("seal, key, witnesses, where seals were sent, the last check"))
    actions.add_parser("new-key", help=_("print a fresh value for JOURNAL_KEY; changes nothing"))
    rotate = actions.add_parser("rotate", help=_("sign with another key from now on; the old one vouches for it"))
    rotate.add_argument("--key", metavar=_("KEY"), help=_("the next JOURNAL_KEY; none: made and kept in DATA_DIR"))
    take = actions.add_parser("cosignature", help=_("take in a seal that a witness signed"))
    take.add_argument("file", type=Path, metavar=_("FILE"))
    return parser


async def run(given: argparse.Namespace, settings: Settings, store: Store, speak: Translator) -> int:
    match given.action:
        case "status":
            return await _status(store, speak)
        case "new-key":
            print(journal_key.new_seed_text())
            return DONE
        case "rotate":
            return await _rotate(given.key, settings, store, speak)
        case _:
            return await _cosignature(given.file, settings, store, speak)


async def _status(store: Store, speak: Translator) -> int:
    _ = speak.gettext
    async with store.reading() as db:
        head = await log.head(db)
        keys = await log.keys(db)
        check = await checks.last(db)
        sent = await publishing.newest(db)
    if head is None:
        print(_("The journal has not begun: it does with the first `gishe run`."))
        return NOT_DONE
    note = Checkpoint.read(log.full_note(head)).note
    print(_("Sealed: {count} entries, {date}, {time}").format(
        count=speak.number(head.size), date=speak.date(head.at), time=speak.time(head.at)))  # fmt: skip
    print(_("Key: {key}").format(key=keys[0]))
    for key in keys[1:]:
        print(_("Earlier key: {key}").format(key=key))
    names = [signature.name for signature in note.signatures[1:]]
    print(_("Witnesses of this seal: {names}").format(names=", ".join(names) or _("none")))
    for row in sent:
        words = publishing.STATES[row.state]
        print(f"{row.way} {row.address}: {_(words)}, {speak.number(row.size)}, {speak.date(row.changed_at)}")
    if check is not None:
        found = _("in order") if check.is_well else _("NOT in order: run `gishe verify`")
        print(_("Last check: {date}, {found}").format(date=speak.date(check.at), found=found))
    return DONE


async def _rotate(new_key: str | None, settings: Settings, store: Store, speak: Translator) -> int:
    _ = speak.gettext
    if settings.journal_key and not new_key:
        print(
            _("JOURNAL_KEY is set: give the next one with --key (`gishe journal new-key` prints one)."), file=sys.stderr
        )
        return WRONG_USAGE
    try:
        seed = journal_key.read_seed(new_key) if new_key else None
    except ValueError:
        print(_("--key: 32 bytes in base64; `gishe journal new-key` prints a fresh one."), file=sys.stderr)
        return WRONG_USAGE
    try:
        async with store.writing() as db:
            key = await journal_key.rotate(db, settings, seed)
    except (WrongKey, LookupError):
        text = _("The key in force is not here, so it cannot vouch for another: put back DATA_DIR/journal.key.")
        print(text, file=sys.stderr)
        return NOT_DONE
    print(_("From now on the journal is signed with {key}").format(key=key))
    if new_key:
        print(_("Now set JOURNAL_KEY to the new value and start anew."))
    return DONE


async def _cosignature(file: Path, settings: Settings, store: Store, speak: Translator) -> int:
    _ = speak.gettext
    witnesses = [Key.read(vkey) for vkey in settings.journal_witnesses.split()]
    try:
        note = file.read_text("utf-8")  # noqa: ASYNC240 – nothing else runs here
        async with store.writing() as db:
            fresh = await log.cosign(db, note, witnesses)
    except (Unreadable, UnicodeDecodeError, LookupError):
        print(_("{file} is no seal of this journal.").format(file=file), file=sys.stderr)
        return NOT_DONE
    if not fresh:
        print(_("It has no new signature of a witness named in JOURNAL_WITNESSES."), file=sys.stderr)
        return NOT_DONE
    print(_("Signatures taken in: {count}").format(count=fresh))
    return DONE
