"""What people hear unasked, and when: quiet hours across both clock changes, what is followed, what waits its hour."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from bot import reminding
from bot.turns import tell
from handlers.preferences import read_hours
from handlers.words import NOTICE, Option, Say
from storage import follows, later, preferences
from storage.database import Store
from storage.models import conversations, outgoing, people, postponed
from storage.preferences import Wishes
from storage.walltime import moment, moments
from tests.town import SOFIA, Hours, Town


def sofia(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=SOFIA, fold=fold)  # type: ignore[misc,arg-type]


NIGHT = Wishes(quiet_from=time(2), quiet_to=time(3, 30))


@pytest.mark.parametrize(
    ("wishes", "at", "told"),
    [
        (Wishes(), sofia(2026, 11, 20, 20, 59), sofia(2026, 11, 20, 20, 59)),
        (Wishes(), sofia(2026, 11, 20, 21, 0), sofia(2026, 11, 21, 8, 0)),
        (Wishes(), sofia(2026, 11, 20, 7, 59), sofia(2026, 11, 20, 8, 0)),
        (Wishes(), sofia(2026, 11, 20, 8, 0), sofia(2026, 11, 20, 8, 0)),
        (Wishes(), sofia(2027, 3, 27, 23, 0), sofia(2027, 3, 28, 8, 0)),  # Nine hours on the wall, eight in truth.
        (Wishes(), sofia(2026, 10, 24, 23, 0), sofia(2026, 10, 25, 8, 0)),
        (Wishes(), sofia(2028, 2, 28, 22, 0), sofia(2028, 2, 29, 8, 0)),
        (Wishes(), sofia(2026, 12, 31, 23, 59), sofia(2027, 1, 1, 8, 0)),
        (Wishes(quiet_from=time(13), quiet_to=time(15)), sofia(2026, 11, 20, 14, 0), sofia(2026, 11, 20, 15, 0)),
        (Wishes(quiet_from=time(0), quiet_to=time(0)), sofia(2026, 11, 20, 3, 0), sofia(2026, 11, 20, 3, 0)),
        (NIGHT, sofia(2027, 3, 28, 2, 30), sofia(2027, 3, 28, 4, 0)),  # Half past three is left out that night.
        (NIGHT, sofia(2026, 10, 25, 3, 10), sofia(2026, 10, 25, 3, 30)),
        (NIGHT, sofia(2026, 10, 25, 3, 10, fold=1), sofia(2026, 10, 25, 3, 30, fold=1)),  # And here it comes twice.
    ],
)
def test_quiet_hours_end_when_the_wall_says_so(wishes: Wishes, at: datetime, told: datetime) -> None:
    assert wishes.when_to_tell(at.astimezone(UTC), SOFIA) == told.astimezone(UTC)
    assert wishes.when_to_tell(at.astimezone(UTC), SOFIA, urgent=True) == at.astimezone(UTC)


def test_nothing_is_ever_told_in_quiet_hours_or_before_its_time() -> None:
    """Every quarter of an hour of the two days on which the clocks change."""
    for start in (datetime(2027, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)):
        for wishes in (Wishes(), NIGHT, Wishes(quiet_from=time(3), quiet_to=time(3, 45))):
            for quarter in range(4 * 36):
                at = start + timedelta(minutes=15 * quarter)
                told = wishes.when_to_tell(at, SOFIA)
                assert told >= at
                assert not wishes.is_quiet(told, SOFIA), (at, told)


def test_moments_of_the_wall() -> None:
    assert moments(sofia(2027, 3, 28).date(), time(3, 30), SOFIA) == []
    assert len(moments(sofia(2026, 10, 25).date(), time(3, 30), SOFIA)) == 2
    assert moment(sofia(2027, 3, 28).date(), time(3, 30), SOFIA) == sofia(2027, 3, 28, 4, 0)


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("22-7", (time(22), time(7))),
        ("22:30 – 06:45", (time(22, 30), time(6, 45))),
        ("от 22 до 7", (time(22), time(7))),
        ("От 22.30 ч. до 7 ч.", (time(22, 30), time(7))),
        ("from 9 to 24", (time(9), time(0))),
        ("25-7", None),
        ("22:70-7", None),
        ("вечер", None),
        ("", None),
    ],
)
def test_hours_as_people_type_them(said: str, hours: tuple[time, time] | None) -> None:
    assert read_hours(said) == hours


# --- The dialogue ---


async def test_ana_sets_what_she_hears(town: Town) -> None:
    await town.ana.opens("m_montana")
    shown = await town.ana.presses("Известия")
    assert "Получавате всичко" in shown
    assert "от 21:00 ч. до 8:00 ч." in shown
    assert "един ден преди това и два часа преди това" in shown
    shown = await town.ana.presses("Само важното", shown)
    assert "Получавате само важното" in shown
    await town.ana.presses("Тихи часове", shown)
    assert "Не разбрах часовете" in await town.ana.says("през нощта")
    shown = await town.ana.says("от 22 до 7")
    assert "от 22:00 ч. до 7:00 ч." in shown
    leads = await town.ana.presses("Напомняния", shown)
    leads = await town.ana.presses("един ден", leads)
    leads = await town.ana.presses("два часа", leads)
    assert "Не Ви напомням" in leads
    await town.ana.presses("един час", leads)
    async with town.store.reading() as db:
        person_id = await db.value(select(people.c.id))
        assert await preferences.of(db, person_id) == Wishes("important", time(22), time(7), ("hour",))
        assert (await preferences.of_many(db, [person_id, 7])).keys() == {person_id}


async def test_ben_has_no_quiet_hours_in_english(town: Town) -> None:
    await town.ben.opens("m_belene")
    await town.ben.says("/notices")
    await town.ben.presses("Quiet hours")
    assert "You have no quiet hours" in await town.ben.presses("No quiet hours")
    async with town.store.reading() as db:
        person_id = await db.value(select(people.c.id))
        at = sofia(2026, 11, 20, 3, 0).astimezone(UTC)
        assert await preferences.when_to_tell(db, person_id, SOFIA, at=at) == at


async def test_following_a_municipality_begins_and_ends(town: Town) -> None:
    await town.ana.opens("m_montana")
    await town.ana.says("известия")
    assert "Вече следите: Община Монтана" in await town.ana.presses("Следете: Община Монтана")
    async with town.store.reading() as db:
        person_id = await db.value(select(people.c.id))
        assert await follows.followers(db, "municipality", ["montana", "belene"]) == [person_id]
        assert await follows.count(db, "municipality", ["montana"]) == 1
        assert await follows.followers(db, "municipality", ["montana"], after=person_id) == []
    assert "Още не следите нищо" in await town.ana.presses("Спрете следенето")
    async with town.store.writing() as db:
        assert await follows.followers(db, "municipality", ["montana"]) == []
        assert await follows.follow(db, person_id, "kind", "round-table")
        assert not await follows.follow(db, person_id, "kind", "round-table")
        assert await follows.follow(db, person_id, "municipality", "montana")
        assert await follows.unfollow_all(db, person_id) == 2


# --- What is told later ---


async def _tell(town: Town, **more: object) -> None:
    async with town.store.writing() as db:
        conversation_id = await db.value(select(conversations.c.id))
        say = Say(text="Чака сутринта.", choices=[[Option("Меню", "menu")]], lane=NOTICE, about="event:1", **more)  # type: ignore[arg-type]
        assert await tell(db, conversation_id, say) == []


async def test_what_waits_for_the_morning_is_told_once_and_can_be_chosen(dated_town: Town, hours: Hours) -> None:
    await dated_town.ana.opens("m_montana")
    due = hours.now + timedelta(hours=10)
    await _tell(dated_town, due_at=due)
    hours.now = due - timedelta(seconds=1)
    assert await reminding.tell_postponed(dated_town.store) == []
    hours.now = due
    dated_town.post(await reminding.tell_postponed(dated_town.store))
    assert "Чака сутринта." in dated_town.ana.last
    assert "Община Монтана" in await dated_town.ana.says("1")
    assert await reminding.tell_postponed(dated_town.store) == []


async def test_what_waits_too_long_or_became_untrue_is_not_told_but_recorded(dated_town: Town, hours: Hours) -> None:
    await dated_town.ana.opens("m_montana")
    due = hours.now + timedelta(hours=10)
    await _tell(dated_town, due_at=due, expires_at=due + timedelta(hours=1))
    hours.now = due + timedelta(hours=2)
    assert await reminding.tell_postponed(dated_town.store) == []
    await _tell(dated_town, due_at=hours.now + timedelta(hours=1))
    async with dated_town.store.writing() as db:
        assert await later.void(db, "event:1") == 1
    async with dated_town.store.reading() as db:
        outcomes = [row.outcome for row in await db.rows(select(postponed.c.outcome).order_by(postponed.c.id))]
        assert outcomes == ["expired", "void"]
        assert len(await db.rows(select(outgoing.c.id))) == 1


async def test_two_processes_do_not_tell_the_same(store: Store, town: Town) -> None:
    await town.ana.opens("m_montana")
    async with store.writing() as db:
        conversation_id = await db.value(select(conversations.c.id))
        later.put_aside(db, conversation_id, {"text": "x"}, lane=NOTICE, about=None, due_at=db.now)
    async with store.writing() as db:
        assert len(await later.take_due(db)) == 1
        assert len(await later.take_due(db)) == 0
        await db.execute(update(postponed).values(done_at=None))
        assert len(await later.take_due(db)) == 1
