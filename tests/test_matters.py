"""Following a matter: how it stands, what is told unasked, and what its author can do with it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.case_duties import CaseDuties
from bot.reminding import turn_of_clock
from bot.turns import tell as write
from handlers import casenotices
from handlers.words import Choice, File, Media
from storage import casedesk, cases, messages, people, preferences, receipts, roles
from storage.caserecord import Actor, Case, Moved
from storage.caserules import Rules
from storage.database import Session
from storage.models import case_history, case_ratings, media, outgoing, postponed
from storage.models import cases as table
from storage.preferences import IMPORTANT, Wishes
from storage.roles import Role
from tests.test_filing import SPOT, files, number_in
from tests.town import SOFIA, TRANSLATORS, Citizen, Hours, Message, Town

HEAD = Actor("staff", None, [Role("head", "montana")])
CLERK = Actor("staff", None, [Role("staff", "montana")])
Verb = Callable[[Session, Rules, Case], Awaitable[Moved]]


async def only(town: Town) -> Case:
    async with town.store.reading() as db:
        row = await db.first(select(table).order_by(table.c.id.desc()).limit(1))
        assert row
        found = await cases.get(db, row.id)
    assert found
    return found


async def history(town: Town, case: Case) -> list[Any]:
    async with town.store.reading() as db:
        return list(await db.rows(select(case_history).where(case_history.c.case_id == case.id)))


async def office(town: Town, verb: Verb) -> Case:
    """The municipality acts on the newest case, and everybody whom it concerns is told."""
    case = await only(town)
    async with town.store.writing() as db:
        moved = await verb(db, Rules(town.library.current), case)
        to = await people.conversation(db, case.conversation_id or 0)
        assert to
        assert to.person
        talk = turn_of_clock(db, to, to.person, town.library.current, TRANSLATORS, town.turns.links)
        await casenotices.spread(talk, moved)
        letters = [letter for told in talk.told for letter in await write(db, told.to, told.say, told.number)]
    town.post(letters)
    return moved.case


async def answers(town: Town, text: str = "Дупката е запълнена.") -> Case:
    return await office(town, lambda db, rules, case: casedesk.answer(db, rules, case, CLERK, text))


async def strikes(town: Town, hours: Hours, *when: int) -> None:
    """The clock of the town at an hour on the wall."""
    hours.now = datetime(*when, tzinfo=SOFIA)  # type: ignore[misc]
    duties = CaseDuties(town.store, town.library, TRANSLATORS, town.turns.links)
    town.post(await duties.run())


async def opens(ana: Citizen) -> Message:
    await ana.says("/matters")
    return await ana.presses("MON-")


# --- Told unasked ---


async def test_every_change_is_told_in_the_name_of_the_institution(dated_town: Town) -> None:
    ana = dated_town.ana
    await files(ana)
    await office(dated_town, lambda db, _r, case: casedesk.register_incoming_number(db, case, CLERK, "94-00-12"))
    assert "94-00-12" in ana.last
    case = await answers(dated_town)
    told = ana.last
    assert f"{case.number} · Голяма дупка" in told
    assert "→" in told
    assert "Община Монтана:\nДупката е запълнена." in told
    assert "не се обжалва" in told
    assert "4 декември 2026" in told  # Fourteen days for opening it again.
    assert told.choices[:3] == ["👍 Решено", "🤏 Отчасти", "👎 Нерешено"]


async def test_a_decision_comes_with_a_receipt_and_closing_it_with_none(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await files(ana)
    case = await answers(sqlite_town)
    assert "🧾 Разписка" in ana.last.choices
    await ana.presses("👍 Решено")
    async with sqlite_town.store.reading() as db:
        found = await receipts.of_case(db, case.number, person_id=case.person_id)
        assert [row.step for row in found] == ["filed", "decided"]
        decided = await receipts.document(db, found[1].token)
    assert decided
    assert "Дупката е запълнена." in decided["opening"]["content"]
    says = receipts.facts(decided["entry"])
    assert (says["case"], says["state"], says["due"]) == (case.number, "answered", str(case.due_on))


async def test_an_extension_says_why_and_until_when(dated_town: Town) -> None:
    await files(dated_town.ana)
    await office(
        dated_town, lambda db, rules, case: casedesk.extend(db, rules, case, HEAD, "Чакаме лабораторията", months=1)
    )
    told = dated_town.ana.last
    assert "Чакаме лабораторията" in told
    assert "Удължен с 1 месец" in told
    assert "20 февруари 2027" in told  # Saturday …
    assert "понеделник, 22 февруари 2027" in told


async def test_quiet_hours_wait_and_only_important_is_told_to_who_wants_that(dated_town: Town, hours: Hours) -> None:
    ana = dated_town.ana
    await files(ana)
    hours.now = datetime(2026, 11, 20, 22, 30, tzinfo=SOFIA)
    before = len(ana.heard)
    await answers(dated_town)
    assert len(ana.heard) == before
    async with dated_town.store.reading() as db:
        (waiting,) = await db.rows(select(postponed))
    assert waiting.due_at.astimezone(SOFIA).hour == 8


async def test_still_waiting_is_no_important_news(dated_town: Town, hours: Hours) -> None:
    await files(dated_town.ana)
    await strikes(dated_town, hours, 2026, 12, 7, 9, 0)
    assert "не е забравена" in dated_town.ana.last
    eva = dated_town.citizen("eva")
    await files(eva, "Дупка на друга улица", "Благово, до чешмата")
    case = await only(dated_town)
    async with dated_town.store.writing() as db:
        assert case.person_id
        await preferences.keep(db, case.person_id, Wishes(hears=IMPORTANT))
    before = len(eva.heard)
    await strikes(dated_town, hours, 2026, 12, 22, 9, 0)
    assert len(eva.heard) == before


async def test_a_missed_date_is_told_with_what_can_be_done(dated_town: Town, hours: Hours) -> None:
    ana, clerk = dated_town.ana, dated_town.citizen("clerk")
    async with dated_town.store.writing() as db:
        token = roles.invite(db, "head", "montana")
    await clerk.opens(token)
    await files(ana)
    case = await only(dated_town)
    await strikes(dated_town, hours, 2027, 1, 21, 8, 40)  # Due on the 20th.
    late = next(message for message in reversed(ana.heard) if "Ви дължеше отговор" in message)
    assert "20 януари 2027" in late
    assert "Пътища, осветление" in late
    assert "омбудсман" not in late.text
    assert any("Тази сутрин" in message and case.number in message for message in clerk.heard)
    assert any("Срокът изтече" in message for message in clerk.heard)
    count = len(ana.heard)
    await strikes(dated_town, hours, 2027, 1, 21, 9, 40)
    assert len(ana.heard) == count  # Once.
    await strikes(dated_town, hours, 2027, 2, 5, 9, 0)
    assert any("омбудсмана" in message and "не е правен съвет" in message.text for message in ana.heard[count:])
    card = await opens(ana)
    assert "Общината закъснява" in card
    assert "омбудсмана" in await ana.presses("Закъснява")


# --- What its author does ---


async def test_solved_closes_it(town: Town) -> None:
    await files(town.ana)
    await answers(town)
    thanks = await town.ana.presses("👍 Решено")
    assert "приключена" in thanks
    assert (await only(town)).state == "closed"


async def test_not_solved_goes_to_the_head_and_opens_it_again(town: Town) -> None:
    ana, head = town.ana, town.citizen("head")
    async with town.store.writing() as db:
        token = roles.invite(db, "head", "montana")
    await head.opens(token)
    await files(ana)
    await answers(town)
    told = await ana.presses("Нерешено")
    assert "началника на отдела" in told
    assert any("не е решено" in message.text.lower() for message in head.heard)
    await ana.presses("Нерешено")  # Pressed twice: judged once.
    asked = await ana.presses("Отворете я отново")
    assert "Какво липсва" in asked
    shown = await ana.says("Запълниха я с пръст и пак пропадна.")
    assert "Запълниха я с пръст" in shown
    assert "отворена отново" in await ana.presses("Изпратете")
    case = await only(town)
    assert (case.state, case.reopened) == ("reopened", 1)
    assert [row.action for row in await history(town, case)].count("rate") == 1


async def test_after_the_window_it_is_told_what_to_do_instead(dated_town: Town, hours: Hours) -> None:
    ana = dated_town.ana
    await files(ana)
    await answers(dated_town)
    await ana.presses("Нерешено")
    again = ana.last
    hours.now = datetime(2026, 12, 20, 12, tzinfo=SOFIA)
    await ana.presses("Отворете я отново", again)
    await ana.says("Пак е дупка")
    assert "4 декември" in await ana.presses("Изпратете")
    assert (await only(dated_town)).state == "answered"


async def test_words_after_the_judgement_belong_to_it(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await files(ana)
    await answers(sqlite_town)
    await ana.presses("Отчасти")
    await ana.presses("Кажете повече")
    await ana.says("Остана една дупка")
    await ana.presses("Изпратете")
    async with sqlite_town.store.reading() as db:
        (rating,) = await db.rows(select(case_ratings))
    assert (rating.solved, rating.words) == ("partly", "Остана една дупка")


async def test_the_reply_to_an_officer_is_shown_before_it_goes_into_the_case(town: Town) -> None:
    ana = town.ana
    await files(ana)
    await office(town, lambda db, rules, case: casedesk.ask_citizen(db, rules, case, CLERK, "Пред кой номер?"))
    assert "Пред кой номер?" in ana.last
    await ana.presses("Отговорете")
    shown = await ana.says("Пред номер 5")
    assert "Пред номер 5" in shown
    assert (await only(town)).state == "waiting"
    await ana.sends(Media((File("photo", "p"),), "и ето снимка"))
    sent = ana.last
    await ana.presses("Изпратете", sent)
    case = await only(town)
    assert case.state == "working"
    again = await ana.presses("Изпратете", sent)
    assert "вече е изпратено" in again
    replies = [row for row in await history(town, case) if row.action == "reply"]
    assert [row.content["text"] for row in replies] == ["Пред номер 5\n\nи ето снимка"]
    async with town.store.reading() as db:
        assert {row.about for row in await db.rows(select(media.c.about))} == {f"case:{case.id}"}


async def test_a_corrected_text_is_marked_and_the_earlier_one_kept(town: Town) -> None:
    ana = town.ana
    await files(ana)
    await opens(ana)
    await ana.presses("Поправете текста си")
    await ana.says("Дупката е пред номер 7, не 5.")
    card = await ana.presses("Изпратете")
    assert "поправено от Вас" in card
    case = await only(town)
    assert case.text == "Дупката е пред номер 7, не 5."
    assert any(row.content.get("earlier", "").startswith("Голяма дупка") for row in await history(town, case))


async def test_withdrawing_is_asked_first(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await files(ana)
    await opens(ana)
    await ana.presses("Оттеглете")
    await ana.presses("Не, оставете я")
    assert (await only(sqlite_town)).state == "received"
    await ana.presses("↩️ Оттеглете")
    assert "оттеглена" in await ana.presses("Да, оттеглете я")
    assert (await only(sqlite_town)).state == "withdrawn"


async def test_the_timeline_in_english(sqlite_town: Town) -> None:
    ben = sqlite_town.ben
    await ben.opens("report_waste_belene")
    await ben.says("The bins by the school have not been emptied for two weeks")
    await ben.says("skip")
    await ben.says("Belene, by the school")
    await ben.says("with my name")
    await ben.says("Ben Smith")
    await ben.says("ben@example.org")
    receipt = await ben.says("1")
    assert "It is filed" in receipt
    await ben.says(number_in(receipt).lower().replace("-", " "))
    assert "received" in ben.last.text.lower()
    timeline = await ben.presses("Timeline")
    assert "You: sent to the municipality" in timeline
    assert "The municipality has to answer by" in await ben.presses("Back")


# --- From elsewhere ---


async def test_the_number_alone_opens_nothing_and_the_code_does(town: Town) -> None:
    receipt = await files(town.ana)
    number = number_in(receipt)
    code = receipt.text.split("Таен код: ")[1].split()[0]
    eva = town.citizen("eva", channel="другаде")
    refused = await eva.says(f"докъде е {number.lower()}")
    assert "само на подателя" in refused
    assert "дупка" not in refused.text
    assert "не е за" in await eva.says("ABCD-EFGH-JKLM")
    card = await eva.says(code.lower())
    assert "Голяма дупка" in card
    await eva.presses("Пращайте новините тук")
    await answers(town)
    assert "Дупката е запълнена" in eva.last


async def test_instead_of_the_code_one_may_ask_something_else(sqlite_town: Town) -> None:
    receipt = await files(sqlite_town.ana)
    eva = sqlite_town.citizen("eva")
    await eva.opens("m_montana")
    await eva.says(number_in(receipt))
    answer = await eva.says("какви документи трябват за разрешение за строеж")
    assert "разрешение за строеж" in answer.text.lower()


async def test_codes_cannot_be_tried_out(sqlite_town: Town) -> None:
    receipt = await files(sqlite_town.ana)
    code = receipt.text.split("Таен код: ")[1].split()[0]
    eva = sqlite_town.citizen("eva")
    await eva.says(number_in(receipt))
    for _time in range(5):
        await eva.says("ABCD-EFGH-JKLM")
    assert "твърде много грешни кодове" in await eva.says(code)


async def test_a_link_with_the_code_opens_it(sqlite_town: Town) -> None:
    receipt = await files(sqlite_town.ana)
    code = receipt.text.split("Таен код: ")[1].split()[0]
    card = await sqlite_town.citizen("eva").opens(f"case_{number_in(receipt)}_{code}")
    assert "Голяма дупка" in card


async def test_a_wrong_number_is_told(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await ana.says("/matters")
    await ana.presses("По номер")
    assert "последният му знак" in await ana.says("MON-2026-000001-1")


# --- Several at once ---


async def two_matters(ana: Citizen) -> None:
    await files(ana)
    await files(ana, "Счупена люлка и дупка до нея", "Благово, площадката")


async def test_a_photo_without_a_word_asks_which_one(town: Town) -> None:
    ana = town.ana
    await two_matters(ana)
    asked = await ana.sends_photo()
    assert "За коя преписка е?" in asked
    assert len([choice for choice in asked.choices if "MON-" in choice]) == 2
    await ana.presses("Счупена люлка", asked)
    await ana.presses("Изпратете")
    case = await only(town)
    async with town.store.reading() as db:
        assert [row.about for row in await db.rows(select(media.c.about))] == [f"case:{case.id}"]
    assert [row.action for row in await history(town, case)] == ["file", "add"]


async def test_one_more_thing_asks_which_one(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await two_matters(ana)
    asked = await ana.says("Още нещо: вечер не се вижда")
    assert "За коя преписка е?" in asked
    shown = await ana.presses("Голяма дупка", asked)
    assert "вечер не се вижда" in shown


async def test_a_photo_may_begin_something_new_or_be_left(sqlite_town: Town) -> None:
    ana = sqlite_town.ana
    await files(ana)
    asked = await ana.sends_photo()
    assert "За тази Ваша преписка ли е?" in asked
    assert "не е изпратено на никого" in await ana.presses("За никоя", asked)
    await ana.presses("Нова преписка", await ana.sends_photo("дупка на пътя до реката"))
    async with sqlite_town.store.reading() as db:
        abouts = [row.about for row in await db.rows(select(media.c.about))]
    assert any(about.startswith("draft:") for about in abouts)


# --- Others ---


async def test_who_follows_hears_of_it_and_never_reads_the_words_of_others(town: Town) -> None:
    await files(town.ana)
    eva = town.citizen("eva")
    await eva.opens("report_pothole_montana")
    await eva.says("Дупка")
    await eva.presses("Пропуснете")
    await eva.sends(SPOT)
    await eva.presses("Анонимно")
    await eva.presses("следете")
    await answers(town, "Г-жо Петрова, дупката е запълнена.")
    assert "MON-" in eva.last
    await eva.presses("Отворете MON")
    await eva.presses("История")
    everything = "\n".join(message.text for message in eva.heard)
    assert "Голяма дупка на пътя" not in everything
    assert "Петрова" not in everything
    await eva.presses("Назад")
    await eva.presses("Не следете повече")
    assert "Още нямате преписки" in await eva.says("/matters")


@pytest.mark.parametrize("word", ["matter", "matter-history", "matter-withdrawn", "matter-files", "matter-edit"])
async def test_choices_of_somebody_elses_case_open_nothing(sqlite_town: Town, word: str) -> None:
    await files(sqlite_town.ana)
    case = await only(sqlite_town)
    eva = sqlite_town.citizen("eva")
    menu = await eva.opens("m_montana")
    async with sqlite_town.store.writing() as db:
        content = menu.letter.content | {"choices": [[{"label": "x", "do": f"{word}:{case.id:x}"}]]}
        db.change(outgoing, menu.letter.id, content=content)
    answer = await eva.sends(Choice(messages.token(menu.letter.id, 0)))
    assert "Голяма дупка" not in answer
    assert (await only(sqlite_town)).state == "received"
