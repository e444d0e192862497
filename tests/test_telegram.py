"""What people on Telegram and the bot say to each other, over real HTTP, by polling and by webhook."""

import pytest
from sqlalchemy import select

from storage import messages, roles
from storage.handbook import Handbook
from storage.models import outgoing
from tests.bot_api import BotApi, Message, Person
from tests.desk import Desk, eventually

PERMIT = "Издаване на разрешение за строеж"


@pytest.fixture
def ana(api: BotApi) -> Person:
    return api.person(5, "Ана")


async def test_from_the_greeting_to_the_checklist(desk: Desk, api: BotApi, ana: Person) -> None:
    ana.start()
    hello = await ana.hears("общинското гише")
    ana.presses("Монтана")
    menu = await ana.hears("Община Монтана")
    assert menu.id == hello.id

    ana.says("kakvi dokumenti trqbvat za razreshenie za stroej")
    card = await ana.hears(PERMIT)
    ana.presses(card, "Списък на документите")
    papers = await ana.hears("Отметнете")
    assert papers.id == card.id
    for paper in (0, 1):
        ana.presses(papers, papers.buttons[paper])
        papers = await ana.hears(f"Имате {paper + 1} от")
    assert [label[0] for label in papers.buttons[:3]] == ["☑", "☑", "⬜"]

    ana.presses(papers, "Към услугата")
    back = await ana.hears(PERMIT)
    assert back.id == card.id
    ana.presses(back, "Меню")
    await ana.hears("Община Монтана")
    ana.presses("Език")
    await ana.hears("език")
    ana.presses("English")
    await ana.hears("Montana Municipality")
    await desk.is_idle()
    assert all(press.answer is not None for press in api.presses.values())


async def test_a_choice_rewrites_its_message_and_is_answered(desk: Desk, api: BotApi, ana: Person) -> None:
    ana.start("m_montana")
    menu = await ana.hears("Община Монтана")
    press = ana.presses("Услуги по теми")
    topics = await ana.hears("Услуги по теми")
    assert topics.id == menu.id
    assert len(ana.chat.messages) == 2  # Her own, and the one that was rewritten.
    await api.answered(press)
    assert [call["message_id"] for call in api.sent("editMessageText")] == [menu.id]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("card_building-permit", PERMIT),
        ("card_building-permit_montana", PERMIT),
        ("m_montana", "Община Монтана"),
        ("m_nowhere", "общинското гише"),
        ("card_no-such-card", "общинското гише"),
        ("inv_forged", "покана"),
    ],
)
async def test_a_deep_link_opens_what_it_names(desk: Desk, ana: Person, payload: str, words: str) -> None:
    ana.start(payload)
    await ana.hears(words)


async def test_an_invitation_is_accepted_once(desk: Desk, api: BotApi, ana: Person) -> None:
    async with desk.store.writing() as db:
        token = roles.invite(db, "staff", "montana")
    ana.start(token)
    await ana.hears("Добре дошли")
    boris = api.person(6, "Борис")
    boris.start(token)
    await boris.hears("вече е използвана")
    assert [row.used_by for row in await desk.rows("SELECT used_by FROM invitations WHERE used_by IS NOT NULL")] == [
        row.person_id for row in await desk.rows("SELECT person_id FROM roles")
    ]


async def test_a_press_is_answered_at_once_even_when_the_turn_waits(desk: Desk, api: BotApi, ana: Person) -> None:
    ana.start("m_montana")
    await ana.hears("Община Монтана")
    await desk.is_idle()
    async with desk.store.writing():  # Nobody else can write now: the turn waits.
        press = ana.presses("Помощ")
        await api.answered(press)
        assert len(ana.texts) == 1
    await ana.hears("Какво мога")


async def test_a_press_is_answered_even_when_its_handler_fails(desk: Desk, api: BotApi, ana: Person) -> None:
    ana.start("m_montana")
    await ana.hears("Община Монтана")
    await desk.is_idle()
    async with desk.store.writing() as db:  # A choice whose argument no handler can read.
        (row,) = await db.rows(select(outgoing))
        broken = row.content | {"choices": [[{"label": "Помощ", "do": "person:not-a-number"}]]}
        db.change(outgoing, row.id, content=broken)
    press = ana.presses_data(ana.heard[-1], messages.token(row.id, 0))
    await api.answered(press)
    await ana.hears("Съжалявам")
    assert await desk.heard() == [("opened", "handled"), ("choice", "failed")]


async def test_everything_that_can_be_typed_wrong_is_answered(desk: Desk, ana: Person) -> None:
    ana.start("m_montana")
    await ana.hears("Община Монтана")
    for strange in ("🙂🙂🙂", "\u202e\u200fабв\u200e", "<b>не</b> &amp; <script> _*[`", "а" * 100_000, "/nosuch", "?"):
        ana.forgets()
        ana.says(strange)
        await ana.hears()
    await desk.is_idle()
    assert {state for _kind, state in await desk.heard()} == {"handled"}
    assert set(await desk.said()) == {"sent"}


async def test_markup_of_a_citizen_stays_words(desk: Desk, api: BotApi, ana: Person) -> None:
    async with desk.store.writing() as db:
        token = roles.invite(db, "staff")
    ana.start(token)
    await ana.hears("Добре дошли")
    boris = api.person(6, "Борис")
    boris.says("<b>xyzzy</b> & <a href='http://x'>plugh</a> qwfpgj")
    await boris.hears()
    ana.says("/unanswered")
    register = await ana.hears("въпрос")
    assert "<b>xyzzy</b> & <a href='http://x'>plugh</a> qwfpgj" in register.text


# --- Choices that are not what they seem ---


@pytest.mark.parametrize("data", ["forged", "ffff-0", "1-0", "-1--1", "0-0", "f" * 64, "не-е"])
async def test_a_forged_choice_is_answered_politely(desk: Desk, api: BotApi, ana: Person, data: str) -> None:
    ana.start("m_montana")
    menu = await ana.hears("Община Монтана")
    press = ana.presses_data(menu, data)
    await ana.hears("вече не е")
    await api.answered(press)


async def test_a_button_of_somebody_else_opens_nothing(desk: Desk, api: BotApi, ana: Person) -> None:
    ana.start("card_building-permit")
    card = await ana.hears(PERMIT)
    boris = api.person(6, "Борис")
    boris.start()
    hello = await boris.hears("общинското гише")
    boris.presses_data(hello, card.button("Списък на документите")["callback_data"])
    await boris.hears("вече не е")


async def test_a_choice_weeks_old_still_works(desk: Desk, ana: Person) -> None:
    ana.start("card_building-permit")
    card = await ana.hears(PERMIT)
    for _ in range(35):  # As much as somebody writes in weeks.
        ana.says("/help")
        await ana.hears("Какво мога")
    async with desk.store.writing() as db:
        await db.execute(outgoing.update().values(changed_at=db.now.replace(year=2025)))
    ana.presses(card, "Списък на документите")
    assert (await ana.hears("Отметнете")).id == card.id


async def test_a_choice_of_a_deleted_message_is_answered_anew(desk: Desk, ana: Person) -> None:
    ana.start("card_building-permit")
    card = await ana.hears(PERMIT)
    ana.chat.everything[card.id].deleted = True
    ana.presses(card, "Списък на документите")
    assert (await ana.hears("Отметнете")).id > card.id


# --- Edits ---


async def test_an_edited_question_is_answered_again(desk: Desk, ana: Person) -> None:
    ana.start("m_montana")
    await ana.hears("Община Монтана")
    question = ana.says("скица на имот")
    await ana.hears()
    ana.edits(question, "разрешение за строеж")
    await ana.hears()
    await desk.is_idle()
    assert [kind for kind, _state in await desk.heard()] == ["opened", "text", "edited"]


async def test_an_edit_that_changes_nothing_is_not_answered(desk: Desk, ana: Person) -> None:
    ana.start("m_montana")
    await ana.hears("Община Монтана")
    question = ana.says("скица на имот")
    await ana.hears()
    ana.edits(question, "скица на имот")
    await desk.is_idle()
    assert len(await desk.said()) == 2


# --- Albums ---


async def test_an_album_is_one_message(desk: Desk, ana: Person) -> None:
    ana.start("m_montana")
    await ana.hears("Община Монтана")
    ana.sends_album(b"1", b"2", b"3", caption="дупка")
    await ana.hears("3 файла")
    await desk.is_idle()
    assert len(await desk.said()) == 3  # The greeting, that it is kept, and the answer to its caption.


async def test_words_right_behind_an_album_come_after_it(desk: Desk, ana: Person) -> None:
    ana.start("m_montana")
    await ana.hears("Община Монтана")
    ana.sends_album(b"1", b"2")
    ana.says("/help")
    await ana.hears("2 файла")
    await ana.hears("Какво мога")
    await desk.is_idle()
    assert len(ana.texts) == 3


async def test_two_albums_are_two_messages(desk: Desk, ana: Person) -> None:
    ana.start("m_montana")
    await ana.hears("Община Монтана")
    ana.sends_album(b"1", b"2")
    ana.sends_album(b"1", b"2", b"3")
    await ana.hears("2 файла")
    await ana.hears("3 файла")
    await desk.is_idle()
    assert len(ana.texts) == 3


async def test_an_album_that_a_stop_cut_through_is_one_message(
    sqlite_database_url: str, handbook: Handbook, api: BotApi, ana: Person
) -> None:
    album = ana.sends_album(b"1", b"2", b"3")
    last = api.updates.pending.popitem()[1]
    async with Desk(sqlite_database_url, handbook, api) as desk:
        await eventually(desk.heard, lambda found: len(found) == 2)
    assert ana.texts == []
    api.updates.pending[last["update_id"]] = last
    async with Desk(sqlite_database_url, handbook, api) as desk:
        await ana.hears("3 файла")
        await desk.is_idle()
        assert await desk.heard() == [("media", "handled")] * len(album)
    assert len(ana.texts) == 1


async def test_a_document_of_two_gigabytes_is_only_announced(desk: Desk, api: BotApi, ana: Person) -> None:
    huge = {"file_id": "huge", "file_unique_id": "h", "file_size": 2 << 30, "file_name": "архив.zip"}
    ana._sends(document=huge)
    await ana.hears("Запазих файла")
    (row,) = await desk.rows("SELECT content FROM incoming")
    assert str(2 << 30) in row.content
    assert api.sent("getFile") == []


# --- Who can be reached ---


async def test_who_blocks_us_is_unreachable_until_they_come_back(desk: Desk, api: BotApi, ana: Person) -> None:
    async def reachable() -> list[bool]:
        return [bool(row.reachable) for row in await desk.rows("SELECT reachable FROM conversations")]

    ana.start("m_montana")
    await ana.hears("Община Монтана")
    ana.blocks()
    await eventually(reachable, lambda found: found == [False])
    ana.unblocks()
    await eventually(reachable, lambda found: found == [True])


async def test_a_refusal_to_be_written_to_is_believed(desk: Desk, api: BotApi, ana: Person) -> None:
    ana.says("/help")
    ana.chat.bot_status = "kicked"
    await desk.settles("failed")
    assert [bool(row.reachable) for row in await desk.rows("SELECT reachable FROM conversations")] == [False]
    ana.chat.bot_status = "member"
    ana.says("/help")
    await ana.hears("Какво мога")


# --- How we are introduced ---


@pytest.mark.parametrize("language", ["", "bg", "en"])
async def test_commands_and_descriptions_are_registered(desk: Desk, api: BotApi, language: str) -> None:
    scope = '{"type": "all_private_chats"}'
    default = '{"type": "default"}'

    async def settings() -> list[bool]:
        wanted = [("commands", scope), ("description", default), ("short_description", default)]
        return [(name, where, language) in api.settings for name, where in wanted]

    await eventually(settings, all)
    words = desk.telegram.introduction[language or "bg"]
    shown = api.settings["commands", scope, language]
    assert [(command["command"], command["description"]) for command in shown] == list(words.commands)
    assert api.settings["description", default, language] == words.about
    assert api.settings["short_description", default, language] == words.short


async def test_what_is_registered_already_is_not_registered_again(
    sqlite_database_url: str, handbook: Handbook, api: BotApi
) -> None:
    async with Desk(sqlite_database_url, handbook, api):
        await api.called("setMyShortDescription", 3)
    api.calls.clear()
    async with Desk(sqlite_database_url, handbook, api):
        await api.called("getMyShortDescription", 3)
    assert [call for call in api.calls if call.method.startswith("setMy")] == []


async def test_a_card_as_a_picture_to_share(desk: Desk, api: BotApi, ana: Person) -> None:
    ana.start("card_building-permit")
    card = await ana.hears(PERMIT)
    ana.presses(card, "QR")
    shared: Message = await ana.hears("t.me/gishe_bot?start=card_building-permit")
    assert "photo" in shared.data
    content = api.files.contents[shared.data["photo"][-1]["file_id"]]
    assert content.startswith(b"\x89PNG")
    assert "Споделяне" in shared.buttons[0]
