"""`gishe erase`: somebody's personal data go, on their request or because the law says so."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from typing import Any

from bot.settings import Settings
from locales import Translator
from storage import erasure, people
from storage.database import Store
from storage.shelf import Shelf

DONE, NOT_DONE, WRONG_USAGE = 0, 1, 2
YES = {"y", "yes", "д", "да"}


def add_parser(commands: Any, _: Callable[[str], str]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser("erase", help=_("erase somebody's personal data"))
    parser.add_argument("channel", metavar=_("CHANNEL"), help="telegram, viber, web")
    parser.add_argument("address", metavar=_("ADDRESS"), help=_("the channel's own number of the person"))
    parser.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("a few words; they are published"))
    parser.add_argument("--with-cases", action="store_true", help=_("also the words of their matters that have ended"))
    parser.add_argument("--yes", action="store_true", help=_("do not ask"))
    return parser


async def run(given: argparse.Namespace, settings: Settings, store: Store, speak: Translator) -> int:
    _ = speak.gettext
    if not 1 <= len(given.reason.strip()) <= 64:
        print(_("--reason: from 1 to 64 characters."), file=sys.stderr)
        return WRONG_USAGE
    async with store.reading() as db:
        found = (await people.meet(db, given.channel, [given.address])).get(given.address)
    if found is None or found.person is None:
        print(_("Nobody writes to us from that address."), file=sys.stderr)
        return NOT_DONE
    if not given.yes and not _agreed(_("Everything this person wrote and was told is erased for ever. Go on? [y/N]")):
        print(_("Nothing was erased."), file=sys.stderr)
        return NOT_DONE
    async with store.writing() as db:
        done = await erasure.erase(
            db, found.person.id, given.reason.strip(), with_cases=given.with_cases, forget_address=True
        )
    shelf = Shelf(settings.data_dir / "files")
    for digest in done.digests:
        await asyncio.to_thread(shelf.path(digest).unlink, missing_ok=True)
    print(_("Contents erased: {count}. Their entries in the journal stay, and say why.").format(count=done.entries))
    if done.kept_cases:
        text = _("Matters that stay, because they are open or --with-cases was not given: {numbers}")
        print(text.format(numbers=", ".join(done.kept_cases)))
    return DONE


def _agreed(question: str) -> bool:
    print(question, end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in YES
