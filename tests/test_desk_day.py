"""A clerk's day: thirty matters wait, and none of them needs more than three taps to be taken and answered."""

from storage import caselists, roles
from storage.caserules import Rules
from storage.handbook import Handbook
from storage.roles import Role
from tests.casetown import Bureau
from tests.town import Town

MANY = 30
CATEGORIES = ("pothole", "street-lighting", "waste", "green-areas", "noise")


async def test_thirty_matters_in_three_taps_each(sqlite_dated_town: Town, handbook: Handbook) -> None:
    town = sqlite_dated_town
    async with town.store.writing() as db:
        bureau, token = Bureau(db, handbook), roles.invite(db, "staff", "montana")
        for number in range(MANY):
            await bureau.files(category=CATEGORIES[number % len(CATEGORIES)], text=f"Сигнал {number:02} от площада.")
    clerk = town.citizen("Мария", language="bg")
    await clerk.opens(token)
    for left in range(MANY, 0, -1):
        desk = await clerk.says("/cases")
        listed = await clerk.presses(f"Още ничии ({left})", desk)
        card = await clerk.presses(listed.choices[0], listed)  # The first tap: whatever stands on top.
        await clerk.presses("Отговорете на гражданина", card)  # The second.
        preview = await clerk.says("Проверихме и го поправихме. Благодарим Ви.")
        done = await clerk.presses("Изпратете", preview)  # The third.
        assert "гражданинът е уведомен" in done
    assert "📭 Още ничии (0)" in (await clerk.says("/cases")).choices
    async with town.store.reading() as db:
        held = [Role("staff", "montana")]
        counts = await caselists.counts(db, Rules(handbook), held, [0], "montana")
    assert counts["open"] == counts["unassigned"] == 0
