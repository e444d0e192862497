"""A citizen's own matters and those they follow: the list, one of them, its timeline, taking it back, judging it."""

from collections.abc import Awaitable, Callable

from handlers import casenotices, home, matter_card, matterdates, matterwords
from handlers.matterwords import ref
from handlers.talk import Talk
from handlers.words import Markup, Option, b, fill, join
from storage import casecitizen, caselists, casemoves, cases, media, receipts
from storage.caserecord import Actor, Case, CaseTrouble
from storage.caserules import Rules
from storage.cases import today

PAGE = 6
PROVEN = "proven"  # Put aside: the cases whose secret code was given here.


async def show_matters(talk: Talk) -> None:
    await matters_chosen(talk, "0")


async def matters_chosen(talk: Talk, argument: str = "0") -> None:
    _ = talk._
    offset = int(argument or 0)
    page = await caselists.mine(talk.db, talk.person.id, [talk.conversation.id], offset=offset, many=PAGE)
    followed = [] if offset else await caselists.followed(talk.db, talk.person.id, PAGE)
    new = [Option("📝 " + _("File a matter"), "filing"), Option("🔎 " + _("By number"), "matter-find")]
    if not page.cases and not followed:
        return talk.say(
            _("You have no matters yet. Here you can report a problem, propose something, ask the municipality or "
              "thank it; and find a matter by its number."),
            [new, [home.to_menu(talk)]], replaces=True,
        )  # fmt: skip
    rows = [[Option(matterwords.line(talk, case), f"matter:{ref(case)}")] for case in page.cases]
    rows += [[Option("👁 " + matterwords.line(talk, case, is_author=False), f"matter:{ref(case)}")] for case in followed]
    turn = [Option("⬅️ " + _("Newer"), f"matters:{max(0, offset - PAGE)}")] if offset else []
    turn += [Option(_("Older") + " ➡️", f"matters:{offset + PAGE}")] if page.has_more else []
    return talk.say(
        join(b("📂 " + _("My matters")), talk.n("{count} matter.", "{count} matters.", page.total).format(
            count=page.total), between="\n"),
        [*rows, turn, new, [home.to_menu(talk)]] if turn else [*rows, new, [home.to_menu(talk)]], replaces=True,
    )  # fmt: skip


# --- Whose it is ---


def author(talk: Talk, case: Case) -> Actor | None:
    """Whoever speaks, if they are the author: by person, by place, or by the secret code given here before."""
    found = cases.author_of(case, talk.person.id, conversation_id=talk.conversation.id)
    if found is None and ref(case) in talk.aside.get(PROVEN, ()):
        return Actor(casemoves.AUTHOR, None, proof=case.id)
    return found


async def find(talk: Talk, number: str) -> Case | None:
    """The case that a choice names, if this person may read it: its author or who follows it."""
    try:
        case = await cases.get(talk.db, int(number, 16))
    except ValueError:
        return None
    if case is None or author(talk, case):
        return case
    follows = any(row.person_id == talk.person.id for row in await cases.followers(talk.db, case.id))
    return case if follows else None


async def own(talk: Talk, number: str) -> tuple[Case, Actor] | None:
    """The case and its author, if that is who speaks; otherwise they are told what they can do."""
    case = await find(talk, number)
    who = author(talk, case) if case else None
    if case is None or who is None:
        await home.stale_choice(talk)
        return None
    return case, who


# --- One matter ---


async def matter_chosen(talk: Talk, number: str) -> None:
    case = await find(talk, number)
    if case is None:
        return await home.stale_choice(talk)
    return await show(talk, case)


async def show(talk: Talk, case: Case, lead: Markup = "", *, replaces: bool = True) -> None:
    files = await media.about(talk.db, matterwords.about(case))
    is_author = author(talk, case) is not None
    text, rows = await matter_card.card(talk, case, is_author=is_author, files=len(files))
    talk.say(join(lead, text, between="\n\n"), rows, replaces=replaces and not lead, about=matterwords.about(case))


async def timeline_chosen(talk: Talk, argument: str) -> None:
    number, _colon, page = argument.partition(":")
    case = await find(talk, number)
    if case is None:
        return await home.stale_choice(talk)
    rows = await cases.history(talk.db, case.id, for_citizen=True)
    is_author = author(talk, case) is not None
    text, choices = matter_card.timeline(talk, case, rows, int(page or 0), is_author=is_author)
    return talk.say(text, choices, replaces=True, about=matterwords.about(case))


async def date_chosen(talk: Talk, number: str) -> None:
    """How the date came about, and the one first told."""
    _ = talk._
    case = await find(talk, number)
    if case is None:
        return await home.stale_choice(talk)
    kind = Rules(talk.handbook).kind(case.kind)
    first = ""
    if case.first_due_on and case.first_due_on != case.due_on:
        first = _("When you filed it, the date was {date}.").format(date=matterwords.day(talk, case.first_due_on))
    return talk.say(
        join(b(case.number), matterdates.promise(talk, kind, case.basis),
             matterdates.explanation(talk, kind, case.basis), first, between="\n\n"),
        [[Option("⬅️ " + _("Back"), f"matter:{number}"), home.to_menu(talk)]],
    )  # fmt: skip


async def late_chosen(talk: Talk, number: str) -> None:
    """What somebody can do who waits too long."""
    case = await find(talk, number)
    if case is None:
        return await home.stale_choice(talk)
    text = await matter_card.what_now(talk, case, is_second=True)
    return talk.say(text, [[Option("⬅️ " + talk._("Back"), f"matter:{number}"), home.to_menu(talk)]])


async def receipt_chosen(talk: Talk, number: str) -> None:
    found = await own(talk, number)
    if found is None:
        return
    _ = talk._
    rows = await receipts.of_case(talk.db, found[0].number)
    names = {"filed": _("Receipt of filing"), "decided": _("Receipt of the answer")}
    links = [[Option(f"🧾 {names[row.step]}, {talk.translator.date(row.at)}",
                     url=talk.links.public_url + receipts.path(row.token))] for row in rows]  # fmt: skip
    talk.say(
        _("With a receipt anybody can check that your matter stands in the public journal, unchanged.")
        if links
        else _("There is no receipt of this matter."),
        [*links, [Option("⬅️ " + _("Back"), f"matter:{number}"), home.to_menu(talk)]],
    )


# --- What its author does with one tap ---


async def withdraw_chosen(talk: Talk, number: str) -> None:
    found = await own(talk, number)
    if found is None:
        return
    _ = talk._
    talk.say(
        join(
            fill(_("Withdraw {number}?"), number=b(found[0].number)),
            _("The municipality then stops working on it. This cannot be undone; you can file it anew."),
            between="\n",
        ),
        [[Option("↩️ " + _("Yes, withdraw it"), f"matter-withdrawn:{number}")],
         [Option("⬅️ " + _("No, keep it"), f"matter:{number}")]],
    )  # fmt: skip


async def withdrawn_chosen(talk: Talk, number: str) -> None:
    async def withdraw(case: Case, who: Actor) -> str:
        moved = await casecitizen.withdraw(talk.db, case, who)
        await casenotices.spread(talk, moved)
        return talk._("It is withdrawn.")

    await do(talk, number, withdraw)


async def do(talk: Talk, number: str, act: Callable[[Case, Actor], Awaitable[str]]) -> None:
    """Act as the author and show the matter as it then is; what is in the way is said in words."""
    found = await own(talk, number)
    if found is None:
        return
    case, who = found
    try:
        said = await act(case, who)
    except CaseTrouble as trouble:
        said = matter_card.trouble(talk, trouble)
    now = await cases.get(talk.db, case.id)
    assert now is not None
    await show(talk, now, said)


async def rate_chosen(talk: Talk, argument: str) -> None:
    """Solved: yes, partly or no. It counts at once; words may follow."""
    _ = talk._
    number, _colon, solved = argument.partition(":")
    found = await own(talk, number)
    if found is None:
        return
    case, who = found
    if case.solved != solved:
        try:
            moved = await casecitizen.rate(talk.db, case, who, solved)
        except CaseTrouble as trouble:
            return await show(talk, case, matter_card.trouble(talk, trouble))
        await casenotices.spread(talk, moved)
        case = moved.case
    words = Option("✍️ " + _("Say more, or send a photo"), f"matter-words:{number}")
    back = [Option("📄 " + _("Open {number}").format(number=case.number), f"matter:{number}"), home.to_menu(talk)]
    if solved == "yes":
        return talk.say(_("Thank you! I am glad that it is solved. The matter is closed."), [[words], back])
    until = casecitizen.reopen_until(case)
    again = [[Option("🔄 " + _("Open it again"), f"matter-reopen:{number}")]] if casecitizen.may_reopen(
        case, today(talk.db)) else []  # fmt: skip
    return talk.say(
        join(
            _("Thank you for saying so. It goes to the head of the department and stays in the public figures."),
            _("Until {date} you can have it opened again: say what is missing.").format(
                date=matterwords.day(talk, until)) if again else "",
            between="\n\n",
        ),
        [*again, [words], back],
    )  # fmt: skip


async def unfollow_chosen(talk: Talk, number: str) -> None:
    case = await find(talk, number)
    if case is None:
        return await home.stale_choice(talk)
    await casecitizen.unfollow(talk.db, case, talk.person.id)
    return talk.say(
        talk._("You no longer hear of {number}.").format(number=case.number),
        [[Option("📂 " + talk._("My matters"), "matters"), home.to_menu(talk)]],
    )


async def move_here_chosen(talk: Talk, number: str) -> None:
    """News of it comes here from now on: for whoever changed their channel."""

    async def move(case: Case, who: Actor) -> str:
        await casecitizen.link(talk.db, case, who, talk.person.id, talk.conversation.id)
        return talk._("From now on I write to you here about it.")

    await do(talk, number, move)


async def files_chosen(talk: Talk, number: str) -> None:
    """The files of a matter, as others see them: without what the camera wrote into them."""
    found = await own(talk, number)
    if found is None:
        return
    await matter_card.show_files(talk, found[0])
