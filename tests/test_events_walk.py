"""An event from the first idea to the report, as its people live it: in both languages, on both databases."""

from datetime import timedelta

from sqlalchemy import select

from storage.models import event_changes, reminders, seat_moves
from tests.planning import invited, newest_event, sofia, tick
from tests.town import Citizen, Hours, Town


async def _signs_up(person: Citizen, event_id: int, *, sign: str, name: str) -> None:
    await person.opens(f"event_{event_id}")
    await person.presses(sign)
    await person.says("1")
    await person.says(name)


async def test_from_the_plan_to_the_report(dated_town: Town, hours: Hours) -> None:
    town = dated_town
    org = await invited(town, "org")
    ana, ben = town.citizen("ana"), town.citizen("ben", language="en")
    await ana.opens("m_montana")
    await ana.says("/notices")
    await ana.presses("Следете: Община Монтана")

    # The organizer plans: kind, day, end, place; everything else has a sample or a default.
    await org.says("/organize")
    await org.presses("Ново събитие")
    asked = await org.presses("Обучение за граждани")
    assert "Кога започва?" in asked
    assert "Кога свършва?" in await org.says("следващия вторник от 10")
    assert "Къде е?" in await org.says("12:30")
    preview = await org.says("Читалище „Разум“, зала 2")
    assert "Чернова: още никой не я вижда" in preview
    assert "вторник, 24 ноември 2026 г., 10:00 ч. – 12:30 ч." in preview
    assert "Още няма текст" in preview
    await org.presses("Редактирайте")
    await org.presses("Брой места")
    preview = await org.says("2")
    assert "2 свободни места от 2" in preview

    # Published: who follows the municipality hears of it.
    asked = await org.presses("Публикувайте", preview)
    assert "Ще бъде известен 1 човек" in asked
    await org.presses("Да, публикувайте")
    event = await newest_event(town.store)
    await tick(town)
    assert "Ново събитие" in ana.last
    assert "Читалище „Разум“" in ana.last

    # Two sign up, the third waits.
    await _signs_up(ana, event.id, sign="Запишете се", name="Ана")
    assert "Записани сте." in ana.last
    assert ana.last.letter.content["picture"]["value"].startswith("ticket_")
    assert ana.last.letter.content["files"][0]["mime"] == "text/calendar"
    eva = town.citizen("eva")
    await _signs_up(eva, event.id, sign="Запишете се", name="Ева")
    await _signs_up(ben, event.id, sign="Sign up", name="Ben")
    assert "You are on the waiting list" in ben.last

    # One cannot come: the next is moved up, and confirms.
    await eva.opens(f"event_{event.id}")
    await eva.presses("Не мога да дойда")
    assert "Мястото Ви е върнато" in await eva.presses("Да, върнете")
    assert "A place is free for you" in ben.last
    assert "Confirm it by Saturday, 21 November 2026, 10:00" in ben.last
    confirmed = await ben.presses("Confirm my place")
    assert "You are signed up." in confirmed

    # The hour changes: everybody who cares hears the old and the new one.
    await org.says("/organize")
    await org.presses("Обучение за граждани")
    await org.presses("Редактирайте")
    await org.presses("Ден и час")
    changed = await org.says("25.11 в 14")
    assert "Още не е публикувано" in changed
    before = len(ana.heard)
    await tick(town)
    assert len(ana.heard) == before, "Nobody is told before it is published."
    await org.presses("Публикувайте промените", changed)
    await org.presses("Да, публикувайте")
    await tick(town)
    assert "Начало: сряда, 25 ноември 2026 г., 14:00 ч. (беше: вторник, 24 ноември 2026 г., 10:00 ч.)" in ana.last
    assert "Beginning: Wednesday, 25 November 2026, 14:00 (was: Tuesday, 24 November 2026, 10:00)" in ben.last
    assert "Changed" not in eva.last
    assert "Промяна" not in eva.last

    # Reminders: not for the old hour; one day and two hours before the new one, once.
    for at in (sofia(2026, 11, 23, 10, 0), sofia(2026, 11, 24, 8, 0)):
        hours.now = at
        before = len(ana.heard)
        await tick(town)
        assert len(ana.heard) == before
    hours.now = sofia(2026, 11, 24, 14, 0)
    await tick(town)
    await tick(town)
    assert "Напомняне" in ana.last
    assert "сряда, 25 ноември 2026 г., 14:00 ч." in ana.last
    assert "Читалище „Разум“, зала 2" in ana.last
    assert sum("Напомняне\n" in m for m in ana.heard) == 1
    await ben.opens(f"event_{event.id}")
    assert "I do not remind you" in await ben.presses("No reminder", await ben.presses("Remind me"))
    hours.now = sofia(2026, 11, 25, 12, 0)
    before = len(ben.heard)
    await tick(town)
    assert sum("Напомняне\n" in m for m in ana.heard) == 2
    assert len(ben.heard) == before

    # The door: Ana by the code of her ticket, Ben by the number.
    hours.now = sofia(2026, 11, 25, 13, 50)
    clerk = await invited(town, "clerk", role="staff")
    ticket = next(m for m in ana.heard if "picture" in m.letter.content).letter.content["picture"]["value"]
    door = await clerk.opens(ticket)
    assert "✅ № 1 · Ана · 1 място" in door
    assert "вече е пуснат" in await clerk.opens(ticket)
    assert "Няма билет с номер 77" in await clerk.says("77")
    door = await clerk.says("3")
    assert "✅ № 3 · Ben · 1 място" in door
    assert "Дошли са 2 души, очаквани са 2." in door

    # Afterwards: feedback, then the report.
    hours.now = sofia(2026, 11, 25, 17, 0)
    await tick(town)
    assert "Събитието приключи" in org.last
    assert "Как беше?" in ana.last
    assert "How was it?" in ben.last
    thanks = await ana.says("5")
    assert "Ще можете ли да подадете сигнал сами?" in thanks
    assert "без името Ви" in await ana.says("Да, вече знам как.")
    await ben.says("4")
    await org.opens(f"event_{event.id}")
    await org.presses("Управление")
    report = await org.presses("Отчет за събитието")
    for words in ("Записани (места): 2", "Върнати: 1", "Дошли: 2", "2, средно 4,5 от 5 звезди", "Да, вече знам как."):
        assert words in report

    async with town.store.reading() as db:
        changes = [row.what for row in await db.rows(select(event_changes.c.what).order_by(event_changes.c.id))]
        assert changes == ["planned", "published", "changed", "held"]
        moves = [(row.old, row.new) for row in await db.rows(select(seat_moves).order_by(seat_moves.c.id))]
        first, then = moves[:4], moves[4:]
        assert first == [(None, "going"), (None, "going"), (None, "waiting"), ("going", "cancelled")]
        assert then == [("waiting", "offered"), ("offered", "going"), ("going", "came"), ("going", "came")]
        waiting = await db.rows(select(reminders.c.id).where(reminders.c.done_at.is_(None)))
        assert waiting == []
    hours.now += timedelta(days=31)
    await tick(town)
    assert "№ 1 · – · 1 място" in await org.presses("Списък", report)
