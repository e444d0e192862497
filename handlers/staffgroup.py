"""A group in which the staff works: how it becomes one, and what is done with what is said there.

Nothing that is written in a group reaches a citizen by itself. What is to reach them is chosen, shown as they will see
it, and sent by a second choice; everything else stays among colleagues.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from handlers import casecard, deskacts, files, grouptopics, home
from handlers.talk import Talk
from handlers.words import Choice, Markup, Option, Say, Topic, b, fill, join
from storage import casedesk, cases, messages, offices, people, permissions, roles, staffgroups
from storage.permissions import Where
from storage.roles import Role

MOST_BROUGHT = 50  # Open cases that are brought into a new group at once: some ten minutes of its pace.
WORKERS = (*roles.CASEWORKERS, "administrator")


# --- Who may speak, and what about ---


async def is_stranger(talk: Talk) -> bool:
    """Whether somebody holds no role for this group's municipality: they only look on."""
    held = await roles.of(talk.db, talk.person.id)
    return not any(role.role in WORKERS and role.municipality in (None, talk.group.municipality) for role in held)


async def refuse_stranger(talk: Talk) -> None:
    talk.handler = "staffgroup.stranger"
    if isinstance(talk.heard.word, Choice) or not talk.heard.is_overheard:
        talk.say(talk._("Only the staff of this municipality can do that. The role comes with a personal invitation."))


async def dress(talk: Talk) -> None:
    """What is said in a topic belongs to its case; the card itself is rewritten only by what changes the case."""
    topic = await staffgroups.case_in(talk.db, talk.conversation.id)
    case = await cases.get(talk.db, topic.case_id) if topic and talk.said else None
    answers = talk.heard.ref if not isinstance(talk.heard.word, Choice) else None
    card = await messages.external_of(talk.db, topic.card_id) if topic and talk.pressed else None
    is_card = card is not None and card in (talk.heard.ref, talk.pressed and talk.pressed.external)
    talk.said[:] = [_dressed(say, topic, case, answers, is_card) for say in talk.said]


def _dressed(say: Say, topic: Any, case: Any, answers: str | None, is_card: bool) -> Say:
    if case is None:
        return replace(say, reply_to=answers)
    return replace(
        say,
        topic=Topic(grouptopics.topic_name(case)),
        under=topic.card_id,
        reply_to=answers,
        replaces=say.replaces and not is_card,
        about=say.about or cases.about(case),
    )


async def came_back(talk: Talk) -> None:
    """We were added again (or may do more): what could not be shown meanwhile is shown now."""
    talk.handler = "staffgroup.back"
    for topic in await staffgroups.topics_in_group(talk.db, talk.group.conversation_id):
        if not await staffgroups.is_sent(talk.db, topic):
            talk.db.touched.add(topic.case_id)


async def take_answer(talk: Talk, text: str) -> None:
    """Somebody answered a message of ours without having said for whom it is: nobody outside sees it."""
    talk.handler = "staffgroup.inside"
    _ = talk._
    topic = await staffgroups.case_in(talk.db, talk.conversation.id)
    case = await cases.get(talk.db, topic.case_id) if topic else None
    if case is None:
        return
    who = await casecard.actor(talk)
    ref = f"{casecard.ref(case)}:{case.version}:{talk.heard_id}"
    names = {
        "answer": "💬 " + _("Answer the citizen with it"),
        "ask": "❓ " + _("Ask the citizen this"),
        "note": "📝 " + _("Keep it as an internal note"),
    }
    offered = [[Option(names[act], f"act-with:{act}:{ref}")] for act in casecard.acts(case, who, tuple(names))]
    talk.say(_("🔒 Only colleagues see this; nothing was sent to the citizen. What shall I do with it?"), offered)


async def take_file(talk: Talk, caption: str) -> None:
    """A photo or document of a colleague belongs to the case and stays inside; words under it are words."""
    talk.handler = "staffgroup.file"
    _ = talk._
    topic = await staffgroups.case_in(talk.db, talk.conversation.id)
    case = await cases.get(talk.db, topic.case_id) if topic else None
    if case is None:
        return
    who = await casecard.actor(talk)
    if "note" not in casecard.acts(case, who, ("note",)):
        return await refuse(talk)
    taken, problems = files.take(talk, f"{files.INSIDE}{case.id}")
    kept = talk.n(
        "🔒 I keep {count} file with the matter. Only colleagues see it.",
        "🔒 I keep {count} files with the matter. Only colleagues see them.",
        len(taken),
    ).format(count=len(taken))
    if taken:
        await casedesk.note(talk.db, case, who, caption or _("A file of a colleague"))
    talk.say(join(kept if taken else "", *problems, between="\n"))
    return None


async def with_chosen(talk: Talk, argument: str) -> None:
    """`act-with:<name>:<case>:<version>:<message>`: begin an act with words that somebody wrote here just now."""
    name, ref, version, heard_id = argument.split(":")
    text = await messages.text_of(talk.db, int(heard_id), talk.person.id)
    if text is None:  # The words of a colleague are theirs to send.
        return talk.say(talk._("Only the colleague who wrote this can send it or keep it."))
    return await deskacts.begin_with(talk, name, ref, version, text.strip())


async def explain(talk: Talk) -> None:
    """/help in a group that works with us."""
    _ = talk._
    talk.handler = "staffgroup.help"
    talk.say(
        join(
            await _standing(talk),
            _("Each matter has its own topic with a card. The choices under the card say what can be done; the card is "
              "rewritten as the matter goes on."),
            _("To write to the citizen choose “Answer the citizen” or “Ask the citizen”, write one message, look at it "
              "and press Send. Everything else that is written here stays among colleagues."),
            _("A choice can also be typed: answer its message with the number or the words. "
              "/cancel stops what you began."),
            between="\n\n",
        )
    )  # fmt: skip


async def cancel(talk: Talk) -> None:
    talk.handler = "staffgroup.cancel"
    talk.expect(None)
    talk.say(talk._("Stopped. Nothing was sent to the citizen."))


# --- How a group becomes one ---


async def show_group(talk: Talk) -> None:
    """/group: for which municipality and department does this group work?"""
    _ = talk._
    if not talk.heard.is_group:
        return talk.say(
            _("Write /group in the group in which your colleagues work; make me an administrator there first."),
            [[home.to_menu(talk)]],
        )
    slugs = await _may_set(talk)
    if not slugs:
        return talk.say(_("A group is set up by a head of department, the secretary, the mayor or an administrator."))
    if talk.group is not None:
        return talk.say(await _standing(talk), _standing_choices(talk))
    if len(slugs) == 1:
        return await municipality_chosen(talk, slugs[0])
    return talk.say(_ask_place(talk), [[Option(_place(talk, slug), f"group-place:{slug}")] for slug in slugs])


def _ask_place(talk: Talk) -> str:
    return talk._("For which municipality do the colleagues in this group work?")


async def _may_set(talk: Talk) -> list[str]:
    held = await roles.of(talk.db, talk.person.id)
    return [slug for slug in talk.handbook.municipalities if _scopes(held, slug)]


def _scopes(held: Sequence[Role], slug: str) -> list[Role]:
    """The roles by which somebody may set up groups in a municipality."""
    return [role for role in held if permissions.may([role], "groups", Where(slug, role.department, role.category))]


def _place(talk: Talk, slug: str) -> str:
    return str(talk.handbook.municipalities[slug]["full_name"][talk.language])


async def _standing(talk: Talk) -> Markup:
    where = await _where(talk, talk.group.municipality, talk.group.department)
    return fill(talk._("This group works on the matters of: {where}."), where=b(where))


async def _where(talk: Talk, slug: str, department: str | None) -> str:
    name = await offices.name(talk.db, slug, department, talk.language) if department else talk._("all departments")
    return f"{_place(talk, slug)}, {name}"


def _standing_choices(talk: Talk) -> list[list[Option]]:
    _ = talk._
    return [
        [Option("🔁 " + _("Work for another department"), f"group-place:{talk.group.municipality}")],
        [Option("📥 " + _("Bring the open matters here"), "group-bring:")],
        [Option("🚪 " + _("Stop working in this group"), "group-end:ask")],
    ]


async def municipality_chosen(talk: Talk, slug: str) -> None:
    _ = talk._
    scopes = _scopes(await roles.of(talk.db, talk.person.id), slug)
    if not scopes or not talk.heard.is_group:
        return await refuse(talk)
    await offices.settle(talk.db, slug)
    own = {role.department for role in scopes}
    departments = [row for row in await offices.of(talk.db, slug) if None in own or row.id in own]
    rows = [[Option(row.name[talk.language], f"group-set:{slug}:{row.id}")] for row in departments]
    if None in own:
        rows.insert(0, [Option(_("All departments that have no group of their own"), f"group-set:{slug}:")])
    talk.say(_("Which department works in this group?"), rows, replaces=True)
    return None


async def department_chosen(talk: Talk, argument: str) -> None:
    """From now on the matters of that department come here, each into a topic of its own."""
    _ = talk._
    slug, _colon, department = argument.partition(":")
    held = _scopes(await roles.of(talk.db, talk.person.id), slug)
    known = {row.id for row in await offices.of(talk.db, slug)}
    is_theirs = any(role.department in (None, department or None) for role in held)
    if not talk.heard.is_group or not is_theirs or (department and department not in known):
        return await refuse(talk)
    chat = people.chat_of(talk.conversation.external)
    room = await people.group_itself(talk.db, talk.conversation.channel, chat)
    await offices.set_group(talk.db, slug, department or None, room.id, room.external, talk.person.id)
    where = await _where(talk, slug, department or None)
    waiting = len(await staffgroups.open_cases(talk.db, slug, department or None, MOST_BROUGHT))
    talk.say(
        join(
            fill(_("From now on the matters of {where} come here, each into a topic of its own."), where=b(where)),
            _("For that the group needs topics (in its settings), and I need to be an administrator with the right to "
              "manage topics. Without them the matters come as messages, and what belongs to one stands under it."),
            _("Citizens see nothing of what is said here, except what you send them by a choice under a matter. "
              "Each colleague needs their own invitation: a choice pressed without a role is refused."),
            between="\n\n",
        ),
        [
            *([[Option("📥 " + _("Bring the open matters here ({count})").format(count=waiting), "group-bring:")]]
              if waiting else []),
        ],
        replaces=True,
    )  # fmt: skip
    return None


async def bring_chosen(talk: Talk, _argument: str) -> None:
    """The matters that are open already come into the group, too."""
    group = await _here(talk)
    if group is None or not _scopes(await roles.of(talk.db, talk.person.id), group.municipality):
        return await refuse(talk)
    found = await staffgroups.open_cases(talk.db, group.municipality, group.department, MOST_BROUGHT)
    talk.db.touched.update(found)
    text = talk.n("{count} open matter comes here now.", "{count} open matters come here now.", len(found))
    talk.say(text.format(count=len(found)))
    return None


async def _here(talk: Talk) -> Any:
    chat = people.chat_of(talk.conversation.external)
    return (await staffgroups.by_chat(talk.db, talk.conversation.channel, [chat])).get(chat)


async def end_chosen(talk: Talk, argument: str) -> None:
    _ = talk._
    group = await _here(talk)
    if group is None or not _scopes(await roles.of(talk.db, talk.person.id), group.municipality):
        return await refuse(talk)
    if argument != "yes":
        talk.say(
            _("Shall this group stop? The topics stay as they are; news goes to each colleague in private."),
            [[Option("🚪 " + _("Yes, stop"), "group-end:yes"), Option("⬅️ " + _("No"), "group:")]],
            replaces=True,
        )
        return None
    await offices.end_group(talk.db, group.conversation_id)
    talk.say(_("This group does not work with me any more. /group sets it up again."), replaces=True)
    return None


async def group_chosen(talk: Talk, _argument: str) -> None:
    await show_group(talk)


async def refuse(talk: Talk) -> None:
    talk.say(talk._("You may not do this here: your role does not allow it."))


ACTIONS: dict[str, Callable[[Talk, str], Awaitable[None]]] = {
    "act-with": with_chosen,
    "group": group_chosen,
    "group-place": municipality_chosen,
    "group-set": department_chosen,
    "group-bring": bring_chosen,
    "group-end": end_chosen,
}
