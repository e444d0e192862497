"""The clock's duties for cases: what falls due is told to citizens and to the staff, once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.announcing import announce
from bot.reminding import turn_of_clock
from bot.turns import tell as write
from handlers import case_morning, casenotices, desknews
from handlers.casenotices import AT_ONCE
from handlers.talk import Links, Talk
from locales import Translator
from storage import caseaudience, caseclock, cases, people, preferences
from storage.caserecord import Case, Tell
from storage.caserules import Rules
from storage.database import Session, Store
from storage.handbook import Library
from storage.messages import Letter
from storage.people import Conversation

BATCHES = 3  # In one tick; the next is a few seconds away, and answers come first.
CASES_S = 15  # Mornings, and messages that did not arrive: sooner is of no use.


@dataclass
class CaseDuties:
    store: Store
    library: Library
    translators: Mapping[str, Translator]
    links: Links

    async def run(self) -> list[Letter]:
        """All of it; when nothing is due this only looks."""
        letters: list[Letter] = []
        slugs = list(self.library.current.municipalities)
        for _batch in range(BATCHES):
            async with self.store.reading() as db:
                if not await caseclock.any_due(db, slugs):
                    break
            async with self.store.writing() as db:
                told = await caseclock.take_due(db, Rules(self.library.current), slugs)
                new = [letter for one in told for letter in await self._tell(db, one)]
                await announce(self.store, db, new)
            letters += new
        return letters

    async def _tell(self, db: Session, tell: Tell) -> list[Letter]:
        case = await cases.get(db, tell.case_id) if tell.case_id else None
        if tell.to in ("author", "follower"):
            return await self._tell_citizen(db, case, tell)
        return await self._tell_staff(db, case, tell)

    async def _tell_citizen(self, db: Session, case: Case | None, tell: Tell) -> list[Letter]:
        to = await people.conversation(db, tell.conversation_id or 0)
        talk = self._turn(db, to)
        if case is None or talk is None:
            return []
        await casenotices.tell_citizen(talk, case, tell)
        return [letter for told in talk.told for letter in await write(db, told.to, told.say, told.number)]

    async def _tell_staff(self, db: Session, case: Case | None, tell: Tell) -> list[Letter]:
        letters: list[Letter] = []
        for person_id in await caseaudience.people(db, tell, case, cases.today(db)):
            to = await desknews.reachable_in(db, person_id)
            talk = self._turn(db, to)
            if to is None or talk is None:
                continue
            say = await case_morning.words(talk, case, tell)
            urgent = case is not None and case.priority in AT_ONCE
            due_at = await preferences.when_to_tell(db, person_id, talk.translator.timezone, urgent=urgent)
            letters += await write(db, to.id, replace(say, due_at=due_at if due_at > db.now else None))
        return letters

    def _turn(self, db: Session, to: Conversation | None) -> Talk | None:
        if to is None or to.person is None:
            return None
        return turn_of_clock(db, to, to.person, self.library.current, self.translators, self.links)
