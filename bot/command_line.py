"""The command line: what `gishe` understands, and what each command does."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from dotenv import dotenv_values

from bot import (
    backup_command,
    checkup,
    demo,
    erase_command,
    figures_command,
    handbook_command,
    journal_command,
    logs,
    verify_command,
)
from bot.asking import Asker
from bot.ending import until_told
from bot.inviting import invite_links
from bot.settings import Settings, WrongSettings, read
from locales import LANGUAGES, Translator
from storage import roles
from storage.database import Store
from storage.handbook import Library
from storage.upgrade import upgrade, upgrade_apart

DONE, NOT_DONE, WRONG_USAGE = 0, 1, 2
Command = Callable[[argparse.Namespace, Settings, Translator], Coroutine[Any, Any, int]]


def main(arguments: list[str] | None = None) -> int:
    speak = Translator(_language_of_terminal(), Settings().zone)
    parser = _parser(speak.gettext)
    given = parser.parse_args(arguments)
    try:
        settings = read({**_dotenv(), **os.environ})
    except WrongSettings as wrong:
        print(speak.gettext("The settings need attention:"), *wrong.problems, sep="\n- ", file=sys.stderr)
        return NOT_DONE
    logs.configure(settings.log_level, settings.log_format)
    try:
        command: Command = given.command
        return asyncio.run(command(given, settings, speak))
    except KeyboardInterrupt:
        return NOT_DONE
    except OSError as error:
        print(_os_error(speak, error), file=sys.stderr)
        return NOT_DONE


def _dotenv() -> dict[str, str]:
    return {name: value for name, value in dotenv_values(Path(".env")).items() if value is not None}


def _language_of_terminal() -> str:
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "bg" if spoken.lower().startswith("bg") else "en"


def _os_error(speak: Translator, error: OSError) -> str:
    _ = speak.gettext
    where = f" ({error.filename})" if error.filename else ""
    return _("It did not work: {reason}{where}.").format(reason=error.strerror or type(error).__name__, where=where)


def _parser(_: Callable[[str], str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gishe", description=_("The municipal counter in a citizen's phone."))
    commands = parser.add_subparsers(required=True, metavar=_("COMMAND"))

    run = commands.add_parser("run", help=_("run everything that is configured"))
    run.add_argument("--only", choices=("web", "send", "clock"), help=_("only this part, beside other processes"))
    run.set_defaults(command=_run)

    ask = commands.add_parser("ask", help=_("what the bot would answer"))
    ask.add_argument("question", nargs="?", metavar=_("QUESTION"))
    ask.add_argument("--batch", metavar=_("FILE"), help=_('JSON lines {"q": …}; - reads standard input'))
    ask.add_argument("--municipality", metavar="SLUG")
    ask.add_argument("--language", choices=tuple(LANGUAGES), default=None)
    ask.add_argument("--json", action="store_true", help=_("print one JSON document"))
    ask.set_defaults(command=_ask)

    invite = commands.add_parser("invite", help=_("make a one-time invitation"))
    invite.add_argument("role", choices=roles.ROLES, metavar=_("ROLE"))
    invite.add_argument("--municipality", metavar="SLUG")
    invite.add_argument("--department", metavar="ID")
    invite.add_argument("--category", metavar="ID")
    invite.add_argument("--days", type=int, default=roles.DAYS, help=_("days until it expires"))
    invite.add_argument("--json", action="store_true", help=_("print one JSON document"))
    invite.set_defaults(command=_invite)

    handbook_command.add_parser(commands, _).set_defaults(command=_handbook)

    show, give = figures_command.add_parsers(commands, _)
    show.set_defaults(command=_figures)
    give.set_defaults(command=_export)

    verify_command.add_parser(commands, _).set_defaults(command=verify_command.run)
    journal_command.add_parser(commands, _).set_defaults(command=_journal)
    erase_command.add_parser(commands, _).set_defaults(command=_erase)
    demo.add_parser(commands, _).set_defaults(command=_demo)
    backup_command.add_parsers(commands, _)

    check = commands.add_parser("check", help=_("what is wrong, and what to do"))
    check.add_argument("--json", action="store_true", help=_("print one JSON document"))
    check.set_defaults(command=_check)
    return parser


@asynccontextmanager
async def _open_store(settings: Settings) -> AsyncIterator[Store]:
    store = Store(settings.database_url, files=settings.data_dir / "files")
    try:
        await upgrade(store)
        yield store
    finally:
        await store.close()


async def _run(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    from bot.app import App  # Everything else starts in a fraction of the time without it.

    _ = speak.gettext
    with until_told():
        with suppress(ChildProcessError):  # What is wrong is told where it is tried again: at our own start.
            await upgrade_apart(settings.database_url)
        async with App(settings, given.only) as app:
            if "web" in app.does:
                print(_("The web chat is at {address}").format(address=f"{app.links.public_url}/chat"), flush=True)
            if not settings.telegram_token:
                print(_("Telegram is off: set TELEGRAM_TOKEN to switch it on."), flush=True)
            await _first_invitations(app.store, settings, speak)
            await app.run()
    return DONE


async def _first_invitations(store: Store, settings: Settings, speak: Translator) -> None:
    """On the first start: one invitation for each role, printed once and kept nowhere in the clear."""
    async with store.writing() as db:
        if not await roles.nobody_was_invited(db):
            return
        tokens = {role: roles.invite(db, role) for role in roles.FIRST}
    _ = speak.gettext
    print("\n" + _("One-time invitations (each works once, for {days} days):").format(days=roles.DAYS))
    for role, token in tokens.items():
        for channel, address in (await invite_links(settings, token)).items():
            print(f"  {role:<14} {channel:<9} {address}")
    print(flush=True)


async def _ask(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    if (given.question is None) == (given.batch is None):
        print(speak.gettext("Give either a question or --batch FILE."), file=sys.stderr)
        return WRONG_USAGE
    async with _open_store(settings) as store:
        library = await Library.open(store)
    handbook = library.current
    if given.municipality and given.municipality not in handbook.municipalities:
        return _no_such_municipality(speak, handbook.municipalities)
    asker = Asker(handbook, settings)
    if given.batch:
        return _ask_batch(asker, given.batch, speak)
    if given.json:
        print(json.dumps(asker.as_json(given.question), ensure_ascii=False))
    else:
        print(await asker.answer(given.question, given.municipality, given.language))
    return DONE


def _no_such_municipality(speak: Translator, known: Any) -> int:
    text = speak.gettext("There is no such municipality. Known are: {known}.").format(known=", ".join(known))
    print(text, file=sys.stderr)
    return WRONG_USAGE


def _ask_batch(asker: Asker, file: str, speak: Translator) -> int:
    if file == "-":
        return _answer_lines(asker, sys.stdin, speak)
    with Path(file).open(encoding="utf-8") as lines:
        return _answer_lines(asker, lines, speak)


def _answer_lines(asker: Asker, lines: TextIO, speak: Translator) -> int:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question = json.loads(line)["q"]
            if not isinstance(question, str):
                raise TypeError
        except (ValueError, KeyError, TypeError):
            print(speak.gettext('Line {number} is not a JSON object with a text "q".').format(number=number),
                  file=sys.stderr)  # fmt: skip
            return NOT_DONE
        print(json.dumps(asker.as_json(question), ensure_ascii=False), flush=True)
    return DONE


async def _invite(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    _ = speak.gettext
    if not 1 <= given.days <= 365:
        print(_("--days: a number from 1 to 365."), file=sys.stderr)
        return WRONG_USAGE
    async with _open_store(settings) as store:
        book = (await Library.open(store)).current
        if given.municipality and given.municipality not in book.municipalities:
            return _no_such_municipality(speak, book.municipalities)
        if given.category and given.category not in book.reports:
            print(_("There is no such category. Known are: {known}.").format(known=", ".join(book.reports)),
                  file=sys.stderr)  # fmt: skip
            return WRONG_USAGE
        async with store.writing() as db:
            token = roles.invite(
                db, given.role, given.municipality, given.department, given.days, category=given.category
            )
    links = await invite_links(settings, token)
    if given.json:
        print(json.dumps({"role": given.role, "municipality": given.municipality, "days": given.days, "links": links}))
        return DONE
    print(_("Works once, for {days} days:").format(days=given.days))
    for channel, address in links.items():
        print(f"  {channel:<9} {address}")
    return DONE


async def _handbook(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    async with _open_store(settings) as store:
        return await handbook_command.run(given, store, speak)


async def _journal(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    async with _open_store(settings) as store:
        return await journal_command.run(given, settings, store, speak)


async def _figures(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    async with _open_store(settings) as store:
        return await figures_command.show(given, store, speak)


async def _export(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    async with _open_store(settings) as store:
        return await figures_command.export(given, store, speak)


async def _erase(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    async with _open_store(settings) as store:
        return await erase_command.run(given, settings, store, speak)


async def _demo(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    async with _open_store(settings) as store:
        return await demo.run(given, settings, store, speak)


async def _check(given: argparse.Namespace, settings: Settings, speak: Translator) -> int:
    findings = await checkup.examine(settings, speak)
    if given.json:
        print(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{'✓' if finding.is_well else '✗'} {finding.what}: {finding.words}")
    return DONE if all(finding.is_well for finding in findings) else NOT_DONE
