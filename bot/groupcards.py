"""The duty of keeping the cards in the groups of the staff up to date with what no turn of a dialogue changed."""

from collections.abc import Mapping
from datetime import timedelta

from bot.announcing import announce
from bot.reminding import turn_of_clock
from bot.turns import tell
from handlers import grouptopics
from handlers.talk import Links
from locales import DEFAULT_LANGUAGE, Translator
from storage import cases, ids, staffgroups
from storage.database import Store
from storage.handbook import Library
from storage.messages import Letter
from storage.people import Conversation, Person

LOOK_BACK = timedelta(hours=1)  # At the start: what the last process changed and had no time to show.


class GroupCards:
    """Turns show what they change by themselves; the clock's acts, and those of other programs, are found here."""

    def __init__(
        self, store: Store, library: Library, translators: Mapping[str, Translator], links: Links
    ) -> None:  # fmt: skip
        self.store, self.library, self.translators, self.links = store, library, translators, links
        self._seen: int | None = None  # The row of the history up to which everything is shown.

    async def run(self) -> list[Letter]:
        letters: list[Letter] = []
        async with self.store.reading() as db:
            seen = self._seen if self._seen is not None else ids.first_at(db.now - LOOK_BACK)
            changed, seen = await staffgroups.changed_since(db, seen)
        if changed:
            async with self.store.writing() as db:
                nobody = Person(0, DEFAULT_LANGUAGE)
                nowhere = Conversation(0, "clock", "", nobody)
                talk = turn_of_clock(db, nowhere, nobody, self.library.current, self.translators, self.links)
                for case_id in changed:
                    if case := await cases.get(db, case_id):
                        await grouptopics.show(talk, case, only_news=True)
                for told in talk.told:
                    letters += await tell(db, told.to, told.say, told.number)
                await announce(self.store, db, letters)
        self._seen = seen
        return letters
