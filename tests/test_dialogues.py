"""What citizens and the bot say to each other, on every database."""

import pytest
from sqlalchemy import select

from handlers.words import Choice
from storage.models import answers, case_history, incoming, unanswered
from tests.town import Town

# --- Finding a card ---


async def test_newcomer_chooses_a_municipality_and_finds_the_card(town: Town) -> None:
    hello = await town.ana.opens()
    assert "общинското гише" in hello
    assert "Монтана" in hello.choices

    menu = await town.ana.presses("Монтана")
    assert "Община Монтана" in menu

    card = await town.ana.says("kakvi dokumenti trqbvat za razreshenie za stroej")
    assert "Издаване на разрешение за строеж" in card
    assert "Документи" in card
    assert "Срок" in card
    assert "Такса" in card
    assert any("Списък на документите" in choice for choice in card.choices)


async def test_newcomer_in_english(town: Town) -> None:
    hello = await town.ben.opens()
    assert "Hello! This is Gishe" in hello
    await town.ben.presses("Belene")
    card = await town.ben.says("what documents do I need for a building permit")
    assert "Issuing a building permit" in card
    assert "Time" in card


async def test_who_writes_cyrillic_is_answered_in_bulgarian(town: Town) -> None:
    await town.ben.opens()
    answer = await town.ben.says("разрешение за строеж на къща")
    assert "разрешение за строеж" in answer.text.lower()


async def test_short_answer_fits_a_phone(town: Town) -> None:
    """About thirty lines of forty characters; the rest is behind choices."""
    for card_id in town.library.current.cards:
        card = await town.ana.opens(f"card_{card_id}")
        lines = sum(1 + len(line) // 40 for line in card.text.split("\n"))
        assert lines <= 38, card_id
        assert len(card.text) < 1300, card_id


async def test_unsure_offers_the_best_three_and_a_person(town: Town) -> None:
    await town.ana.opens("m_montana")
    offer = await town.ana.says("удостоверение")
    assert "Това ли имате предвид?" in offer
    assert "🙋 Нито едно – попитайте служител" in offer.choices
    assert len(offer.choices) == 5
    card = await town.ana.says("1")
    assert offer.choices[0] in card


async def test_none_of_these_goes_to_the_register(town: Town) -> None:
    await town.ana.opens("m_montana")
    await town.ana.says("удостоверение")
    answer = await town.ana.presses("попитайте служител")
    assert "Предадох въпроса Ви на общината" in answer
    async with town.store.reading() as db:
        rows = await db.rows(select(unanswered))
    assert [(row.question, row.reason, row.municipality) for row in rows] == [("удостоверение", "person", "montana")]


async def test_the_answer_that_did_not_help_is_kept_and_others_are_offered(town: Town) -> None:
    await town.ana.opens("m_montana")
    await town.ana.says("разрешение за строеж на къща")
    answer = await town.ana.presses("Не е това")
    assert "Съжалявам" in answer
    assert len(answer.choices) >= 3
    async with town.store.reading() as db:
        assert (await db.rows(select(answers.c.helped, answers.c.edition)))[0] == ("no", 1)
        assert (await db.value(select(unanswered.c.reason))) == "unhelpful"


async def test_thanks_for_a_good_rating(town: Town) -> None:
    await town.ana.says("разрешение за строеж на къща")
    assert "Радвам се" in await town.ana.presses("Помогна ми")


async def test_every_answer_records_card_and_edition(town: Town) -> None:
    await town.ana.opens("m_ihtiman")
    await town.ana.says("разрешение за строеж на къща")
    async with town.store.reading() as db:
        (row,) = await db.rows(select(answers))
    assert (row.intent, row.card, row.edition, row.municipality) == ("service", "building-permit", 1, "ihtiman")


# --- The card ---


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ("Къде и кой подава", "ЦАО"),
        ("Правно основание", "ЗУТ"),
        ("Как се обжалва", "Жалба не може да се подаде в чата"),
        ("Свързани услуги", "Свързани услуги"),
        ("Сигурно ли е това", "издание 1"),
        ("QR код и връзка", "https://t.me/gishe_bot?start=card_building-permit_montana"),
    ],
)
async def test_a_card_tells_the_rest_by_choice_and_leads_back(town: Town, choice: str, words: str) -> None:
    await town.ana.opens("card_building-permit_montana")
    part = await town.ana.presses(choice)
    assert words in part
    assert (part.letter.replaces_id is None) == ("picture" in part.letter.content)  # A text cannot become a picture.
    back = await town.ana.presses("Към услугата", part)
    assert "Издаване на разрешение за строеж" in back


async def test_every_part_of_every_card_can_be_shown_in_both_languages(town: Town) -> None:
    for person, parts in (
        (town.ana, ("Списък на", "Къде и кой", "Правно осн", "Как се обж", "Сигурно ли", "QR код")),
        (town.ben, ("Checklist", "Where and who", "Legal basis", "How to appeal", "How sure", "QR and link")),
    ):
        for card_id in list(town.library.current.cards)[::9]:
            card = await person.opens(f"card_{card_id}_belene")
            for part in parts:
                shown = await person.presses(part, card)
                assert len(shown.text) > 40
                assert "went wrong" not in shown
                assert "не се получи" not in shown


async def test_the_days_are_never_without_their_note(town: Town) -> None:
    card = await town.ana.opens("card_property-sketch_montana")
    assert "7 дни (бърза услуга – 3 дни, експресна – 1 ден)" in card
    assert town.library.current.cards["property-sketch"].term["note"]["bg"] in card


async def test_uncertain_card_says_so(town: Town) -> None:
    low = next(card for card in town.library.current.cards.values() if card.confidence == "low")
    assert "Не е сигурно: първо попитайте общината" in await town.ana.opens(f"card_{low.id}")


async def test_link_to_a_card_that_is_gone_greets(town: Town) -> None:
    assert "общинското гише" in await town.ana.opens("card_no-such-card")


# --- The checklist ---


async def test_ticks_are_kept_and_can_be_returned_to(town: Town) -> None:
    await town.ana.opens("card_building-permit_montana")
    papers = await town.ana.presses("Списък на документите")
    first, second = papers.choices[0], papers.choices[1]
    assert first.startswith("⬜")
    await town.ana.presses(first)
    papers = await town.ana.presses(second)
    assert papers.choices[0].startswith("☑️")
    assert "Имате 2 от" in papers

    begun = await town.ana.says("/checklist")
    again = await town.ana.presses("Издаване на разрешение за строеж", begun)
    assert again.choices[1].startswith("☑️")


async def test_a_tick_can_be_taken_back_and_all_cleared(town: Town) -> None:
    await town.ana.opens("card_building-permit_montana")
    papers = await town.ana.presses("Списък на документите")
    await town.ana.presses(papers.choices[0])
    untick = await town.ana.says("1")
    assert "Имате 0 от" in untick
    await town.ana.presses(untick.choices[1])
    cleared = await town.ana.presses("Изчистете отметките")
    assert "Имате 0 от" in cleared


async def test_reminder_of_what_is_missing(town: Town) -> None:
    await town.ana.opens("card_building-permit_montana")
    papers = await town.ana.presses("Списък на документите")
    papers = await town.ana.presses(papers.choices[0])
    asked = await town.ana.presses("Напомняне какво липсва")
    assert "Още Ви липсват" in asked
    assert papers.text.count("☐") == asked.text.count("☐")
    done = await town.ana.presses("След седмица", asked)
    assert "Ще Ви напомня" in done
    again = await town.ana.opens("card_building-permit")
    assert "Има напомняне за" in await town.ana.presses(
        "Напомняне какво липсва", await town.ana.presses("Списък на документите", again)
    )
    assert "Няма да Ви напомням" in await town.ana.presses("Без напомняне", town.ana.last)


async def test_no_checklists_yet(town: Town) -> None:
    assert "Още нямате списъци" in await town.ana.says("/checklist")


# --- The catalogue ---


async def test_by_topic_to_a_card_and_back(town: Town) -> None:
    topics = await town.ana.says("услуги")
    assert len([c for c in topics.choices if "Услуги по азбучен ред" not in c and "Меню" not in c]) == 12
    page = await town.ana.presses("Проекти и разрешения за строеж", topics)
    assert "18 услуги, страница 1 от 3" in page
    page = await town.ana.presses("Напред", page)
    assert "страница 2 от 3" in page
    card = await town.ana.presses(page.choices[0], page)
    assert page.choices[0] in card
    topics = await town.ana.presses("Теми", page)
    assert "Услуги по теми" in topics


@pytest.mark.parametrize(("language", "letter"), [("bg", "И"), ("en", "B")])
async def test_by_letter_of_the_readers_alphabet(town: Town, language: str, letter: str) -> None:
    person = town.citizen("reader", language=language)
    letters = await person.says("/letters")
    assert letter in letters.choices
    page = await person.presses(letter, letters) if letters.choices.count(letter) == 1 else await person.says(letter)
    assert page.choices[0].startswith(letter)


async def test_every_card_is_reachable_by_topic_and_by_letter(town: Town) -> None:
    handbook = town.library.current
    for language in ("bg", "en"):
        by_letter = {card.id for letter in handbook.letters(language) for card in handbook.under(letter, language)}
        by_topic = {card.id for topic in handbook.categories for card in handbook.in_category(topic, language)}
        assert by_letter == by_topic == set(handbook.cards)


# --- What comes first ---


async def test_emergency_opens_with_112(town: Town) -> None:
    answer = await town.ana.says("мирише на газ в блока помощ")
    assert answer.text.startswith("Обадете се веднага на 112.")
    english = await town.ben.says("there is a fire in the building next door")
    assert english.text.startswith("Call 112 now.")


async def test_appeal_opens_with_the_time_limit(town: Town) -> None:
    answer = await town.ana.says("отказаха ми разрешението, как да обжалвам отказа")
    assert "14 дни" in answer.text.split("\n")[0]
    assert "Жалба не може да се подаде в чата" in answer
    assert "Това не е правен съвет" in answer
    assert not any("Издаване" in choice for choice in answer.choices)


async def test_whistleblowing_asks_for_no_details(town: Town) -> None:
    answer = await town.ana.says("работя в общината и искам да подам сигнал за нарушение но ме е страх от уволнение")
    assert answer.text.startswith("Моля, не пишете подробности тук")
    assert "cpdp.bg" in answer


async def test_report_says_who_is_competent(town: Town) -> None:
    await town.ana.opens("m_montana")
    answer = await town.ana.says("на нашата улица има огромна дупка")
    assert "Сигнал: Дупка или повреден път" in answer
    assert "пътната агенция" in answer


async def test_small_talk_gets_no_card(town: Town) -> None:
    await town.ana.opens("m_montana")
    for words in ("здравей", "благодаря ти", "ти робот ли си"):
        answer = await town.ana.says(words)
        assert not any("Списък на документите" in choice for choice in answer.choices)


async def test_asking_for_a_person(town: Town) -> None:
    await town.ana.opens("m_montana")
    answer = await town.ana.says("искам да говоря с човек")
    assert "Какво искате да попитате общината?" in answer


async def test_question_that_is_not_ours_is_not_guessed(town: Town) -> None:
    answer = await town.ana.says("какво ще е времето утре")
    assert "не искам да гадая" in answer
    async with town.store.reading() as db:
        assert await db.value(select(unanswered.c.question)) == "какво ще е времето утре"


async def test_personal_number_is_kept_out_of_the_lists(town: Town) -> None:
    await town.ana.says("какво ще е времето утре, ЕГН 7523169263")
    assert "Моля, не изпращайте такива номера" in town.ana.last
    async with town.store.reading() as db:
        question = await db.value(select(unanswered.c.question))
    assert "7523169263" not in question


# --- Commands, choices, drafts ---


async def test_language_is_changed_and_kept(town: Town) -> None:
    await town.ana.says("/language")
    assert "Hello! This is Gishe" in await town.ana.presses("English")
    assert "What I can do" in await town.ana.says("/help")


async def test_typed_label_is_a_choice(town: Town) -> None:
    await town.ana.opens()
    assert "Община Ихтиман" in await town.ana.says("ихтиман")


async def test_number_without_such_a_choice_is_a_question(town: Town) -> None:
    await town.ana.opens()
    assert (await town.ana.says("77")).text


async def test_old_choice_of_another_message_still_works(town: Town) -> None:
    hello = await town.ana.opens()
    for _ in range(20):
        await town.ana.says("здравей")
    assert "Община Струмяни" in await town.ana.presses("Струмяни", hello)


async def test_choice_of_somebody_else_opens_nothing(town: Town) -> None:
    hers = await town.ana.opens()
    await town.ben.opens()
    answer = await town.ben.presses("Монтана", hers)
    assert "This choice is no longer available" in answer
    assert "Which municipality" in await town.ben.opens()


@pytest.mark.parametrize("token", ["", "x", "0-0", "-1-0", "ffffffffffffffffff-0", "1-9999", "card:x", "١-٢"])
async def test_forged_choice_is_answered_calmly(town: Town, token: str) -> None:
    from handlers.words import Choice

    answer = await town.ana.sends(Choice(token))
    assert "Този избор вече не е достъпен" in answer


async def test_unknown_command(town: Town) -> None:
    assert "Не познавам тази команда" in await town.ana.says("/frobnicate")


@pytest.mark.parametrize("word", ["/cancel", "отказ", "Стоп."])
async def test_cancel_when_nothing_was_begun(town: Town, word: str) -> None:
    assert "Няма какво да се прекрати" in await town.ana.says(word)


@pytest.mark.parametrize(
    "command", ["/menu", "/services", "/letters", "/municipality", "/language", "/privacy", "/help"]
)
async def test_every_command_answers_with_a_way_on(town: Town, command: str) -> None:
    answer = await town.ana.says(command)
    assert answer.choices


async def test_help_in_a_group_points_to_the_private_chat(town: Town) -> None:
    answer = await town.ana.says("/help", conversation="-100", is_group=True)
    assert answer.text == ""
    group = town.citizen("-100")
    assert "С гражданите разговарям лично" in group.last


# --- Other things than text ---


async def test_photo_place_phone_and_what_we_cannot_read(town: Town) -> None:
    assert "Запазих файла Ви" in await town.ana.sends_photo()
    assert "местоположението" in await town.ana.sends_place()
    assert "телефонът Ви" in await town.ana.sends_phone()
    assert "Не мога да чета такива съобщения" in await town.ana.sends_something_new()


async def test_rewritten_question_is_answered_anew(town: Town) -> None:
    await town.ana.says("разрешение за ограда", ref="5")
    answer = await town.ana.edits("5", "разрешение за строеж на къща")
    assert "Издаване на разрешение за строеж" in answer
    unchanged = await town.ana.edits("5", "разрешение за строеж на къща")
    assert unchanged.text == ""


@pytest.mark.parametrize(
    "text",
    ["А" * 100_000, "😀" * 300, "\u202eобратно\u202c разрешение", "<b>bold</b> & <script>", "\x00\x01", "   ", "?",
     "%s %(x)s {}", "' OR 1=1 --", "\u200b" * 50],
)  # fmt: skip
async def test_hostile_text_gets_a_calm_answer(town: Town, text: str) -> None:
    answer = await town.ana.says(text)
    assert answer.text
    assert "не се получи" not in answer
    async with town.store.reading() as db:
        states = {row.state for row in await db.rows(select(incoming.c.state))}
    assert states == {"handled"}


# --- Roles ---


async def test_invitation_gives_a_role_once(town: Town) -> None:
    from storage import roles

    async with town.store.writing() as db:
        token = roles.invite(db, "staff", "belene")
    assert "Вече сте служител – Община Белене" in await town.ana.opens(token)
    assert "вече е използвана" in await town.ben.opens(token) or "used already" in town.ben.last


async def test_editor_sees_and_closes_unanswered_questions(town: Town) -> None:
    from storage import roles

    async with town.store.writing() as db:
        token = roles.invite(db, "administrator")
    clerk = town.citizen("clerk")
    await clerk.opens(token)
    await town.ana.says("какво ще е времето утре")
    register = await clerk.says("/unanswered")
    assert "1 въпрос без отговор" in register
    assert "какво ще е времето утре" in register
    assert "Няма въпроси без отговор" in await clerk.presses("Готово: 1", register)


async def test_register_is_not_for_citizens(town: Town) -> None:
    assert "Не познавам тази команда" in await town.ana.says("/unanswered")


async def test_clerk_of_one_municipality_sees_no_questions_of_another(town: Town) -> None:
    from storage import roles

    async with town.store.writing() as db:
        token = roles.invite(db, "staff", "belene")
    clerk = town.citizen("clerk")
    await clerk.opens(token)
    await town.ana.opens("m_montana")
    await town.ana.says("какво ще е времето утре")
    assert "Няма въпроси без отговор" in await clerk.says("/unanswered")


# --- Adding details to a question that was handed over ---


async def _asks_for_a_person(town: Town) -> None:
    await town.ana.opens("m_montana")
    await town.ana.says("какво ще е времето утре")
    await town.ana.presses("Попитайте служител")
    assert "Напишете го" in await town.ana.presses("Допълнете")


async def _added(town: Town) -> list[str]:
    async with town.store.reading() as db:
        rows = await db.rows(select(case_history).where(case_history.c.action == "add").order_by(case_history.c.id))
    return [row.content["text"] for row in rows]


async def test_details_are_added_to_the_question(town: Town) -> None:
    await _asks_for_a_person(town)
    shown = await town.ana.says("имам предвид в Монтана, ЕГН 7523169263")
    assert "[ЕГН]" in shown
    assert await _added(town) == []  # It is shown first.
    assert "Добавено е" in await town.ana.presses("Изпратете")
    assert await _added(town) == ["имам предвид в Монтана, ЕГН [ЕГН]"]
    assert "разрешение за ограда" in (await town.ana.says("разрешение за ограда")).text.lower()


async def test_looking_something_up_in_between_loses_nothing(town: Town) -> None:
    await _asks_for_a_person(town)
    await town.ana.says("/services")
    await town.ana.presses("Скици и кадастър")
    await town.ana.says("/help")
    assert "за сватба на открито" in await town.ana.says("за сватба на открито")
    await town.ana.presses("Изпратете")
    assert await _added(town) == ["за сватба на открито"]


async def test_details_survive_a_restart(town: Town) -> None:
    await _asks_for_a_person(town)
    async with Town(town.store, town.library.current) as after:
        shown = await after.ana.says("за сватба на открито", key="after the restart")
        await after.ana.sends(Choice(shown.token("Изпратете")), key="sent after the restart")
    assert await _added(town) == ["за сватба на открито"]


async def test_cancel_leaves_the_details(town: Town) -> None:
    await _asks_for_a_person(town)
    assert "прекратих започнатото" in await town.ana.says("/cancel")
    await town.ana.says("скица")
    assert await _added(town) == []


async def test_caption_of_a_photo_is_a_question(town: Town) -> None:
    await town.ana.opens("m_montana")
    await town.ana.sends_photo("разрешение за строеж на къща")
    assert "Издаване на разрешение за строеж" in town.ana.last
    assert any("Запазих файла Ви" in message for message in town.ana.heard)
