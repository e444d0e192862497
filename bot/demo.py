"""`gishe demo`: sample data to try the program with, and the links by which to play citizen, clerk and organizer."""

import argparse
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.figuring import Figuring
from bot.inviting import invite_links
from bot.settings import Settings
from bot.turns import Turns
from handlers.talk import Links
from handlers.words import Heard, Text
from locales import LANGUAGES, Translator
from storage import daily, demo, demo_lives, questions, roles
from storage.database import Store
from storage.demo import Life, Made, Town
from storage.handbook import Handbook, Library

DONE, NOT_DONE, WRONG_USAGE = 0, 1, 2
CASES = {"montana": 44, "belene": 15, "ihtiman": 15, "strumyani": 15}
MAIN = "montana"
SEED = 2026


@dataclass
class Filled:
    """What was made: how much, and what somebody needs to play."""

    cases: int
    number: str
    code: str
    invitations: dict[str, str]


def add_parser(commands: Any, _: Callable[[str], str]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser("demo", help=_("fill a month of sample data, marked as such"))
    parser.add_argument("--seed", type=int, default=SEED, metavar=_("NUMBER"),
                        help=_("the same number makes the same month"))  # fmt: skip
    parser.add_argument("--yes-really", action="store_true", help=_("also where there are real matters"))
    return parser


async def run(given: argparse.Namespace, settings: Settings, store: Store, speak: Translator) -> int:
    _ = speak.gettext
    library = await Library.open(store)
    async with store.reading() as db:
        is_here, real = await demo.is_here(db), await demo.real_cases(db)
    if is_here:
        print(_("The sample data is here already. For a new month begin with an empty DATA_DIR."), file=sys.stderr)
        return NOT_DONE
    if real and not given.yes_really:
        text = speak.ngettext(
            "This database holds {count} real matter. Sample data would stand beside it for ever, also in the public "
            "figures and the journal. Try it with another DATA_DIR; if you must have it here, add --yes-really.",
            "This database holds {count} real matters. Sample data would stand beside them for ever, also in the "
            "public figures and the journal. Try it with another DATA_DIR; if you must have it here, add --yes-really.",
            real,
        )
        print(text.format(count=real), file=sys.stderr)
        return NOT_DONE
    filled = await fill(store, library.current, settings, given.seed)
    await _say(filled, settings, speak)
    return DONE


async def fill(store: Store, book: Handbook, settings: Settings, seed: int = SEED) -> Filled:
    """Live the month in every municipality, as one transaction; then count it."""
    now = store.now()
    begin = now - timedelta(days=demo.DAYS)
    translators = {language: Translator(language, settings.zone) for language in LANGUAGES}
    turns = Turns(Library(book), translators, Links(settings.base_url))
    async with store.writing() as db:
        towns = []
        for place, (slug, many) in enumerate(CASES.items()):
            town = Town(db, book, slug, random.Random(seed * 10 + place), now)  # noqa: S311 – dice, not secrets
            lives = demo_lives.month(town.told, town.dice, many)
            lives += [_question(turns, *asked) for asked in town.told["questions"]] if slug == MAIN else []
            towns.append((town, lives))
        await demo.live(towns, begin)
        number = await demo.to_judge(db, MAIN)
        invitations = {role: roles.invite(db, role, MAIN) for role in ("staff", "organizer")}
    await _counted(store, begin, now)
    codes = {number: code for town, _lives in towns for number, code in town.codes.items()}
    return Filled(len(codes), number, codes[number], invitations)


def _question(turns: Turns, language: str, words: str, is_known: bool) -> Made:
    """Asked as everybody asks: a message, heard and answered by the same turn."""

    async def life(town: Town, begin: datetime) -> Life:
        yield begin + timedelta(days=town.dice.uniform(1, demo.DAYS - 1))
        citizen = town.citizens[town.dice.randrange(len(town.citizens))]
        await town.db.flush()
        text = f"{words} ({demo.SHORT[language]})"
        heard = Heard(channel="web", conversation=citizen.external, sender=citizen.external, key=f"demo-{words}",
                      word=Text(text), at=town.db.now, language=language)  # fmt: skip
        await turns.take(town.db, [heard])
        if is_known or town.dice.random() < 0.6:
            return
        yield town.later(town.db.now, 30)
        open_ones, _count = await questions.open_questions(town.db, town.municipality)
        if open_ones:
            await questions.close(town.db, open_ones[0].id, town.municipality)

    return life


async def _counted(store: Store, begin: datetime, now: datetime) -> None:
    """The days of the month may have been counted before, without what is now in them."""
    figuring = Figuring(store)
    while await figuring.work_in():
        pass
    for day in daily.days(daily.day_of(begin), daily.day_of(now)):
        async with store.reading() as db:
            counts = await daily.count_day(db, day)
        async with store.writing() as db:
            await daily.keep_day(db, day, counts)


async def _say(filled: Filled, settings: Settings, speak: Translator) -> None:
    _ = speak.gettext
    links = {role: (await invite_links(settings, token))["web"] for role, token in filled.invitations.items()}
    text = speak.ngettext("{mark}: {count} matter of a month was filled in.",
                          "{mark}: {count} matters of a month were filled in.", filled.cases)  # fmt: skip
    print(text.format(mark=demo.MARK, count=filled.cases))
    print(_("Start `gishe run` and open each of these in a browser of its own, for example one in a private window "
            "(each invitation works once):"))  # fmt: skip
    print(f"  {_('citizen')}\t{settings.base_url}/chat/{MAIN}")
    print(f"  {_('clerk')}\t{links['staff']}\t/cases")
    print(f"  {_('organizer')}\t{links['organizer']}\t/organize")
    print(_("As the citizen, judge a sample matter: write {number}, then its secret code {code}.").format(
        number=filled.number, code=filled.code))  # fmt: skip
