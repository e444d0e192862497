"""What does not add up is told to the administrators, once for each new difference."""

from collections.abc import Mapping, Sequence

from bot.announcing import announce
from bot.turns import tell
from handlers.words import NOTICE, Say
from locales import Translator
from storage import people, roles
from storage.database import Session, Store
from storage.messages import Letter
from storage.reconciliation import SUMS, Difference

TOLD = 5  # In one message; the rest stands in the log and on the pages.


async def alarm(
    store: Store, translators: Mapping[str, Translator], found: Sequence[Difference]
) -> list[Letter]:  # fmt: skip
    letters: list[Letter] = []
    if not found:
        return letters
    async with store.writing() as db:
        for person_id in await roles.administrators(db):
            letters += await _tell(db, translators, person_id, found)
        await announce(store, db, letters)
    return letters


async def _tell(
    db: Session, translators: Mapping[str, Translator], person_id: int, found: Sequence[Difference]
) -> list[Letter]:
    for conversation in await people.conversations_of(db, person_id):
        if not conversation.reachable or conversation.person is None:
            continue
        _ = translators[conversation.person.language].gettext
        lines = []
        for one in found[:TOLD]:
            what = SUMS[one.line]
            lines.append(f"• {one.municipality}, {one.month}: {_(what)} ({one.count:+})")
        head = _("Alarm: the figures do not add up. Something was lost, added or hidden on the way from a message to a "
                 "figure. Do not correct anything by hand before you know what. Where they differ:")  # fmt: skip
        return await tell(db, conversation.id, Say(text="\n".join([head, *lines]), lane=NOTICE))
    return []
