"""Hearing no more announcements, in one tap under each of them; and hearing them again."""

from handlers import home
from handlers.talk import Talk
from handlers.words import Option, join, link
from storage import subscriptions
from storage.audiences import EMERGENCY_SCOPE, ORDINARY


async def show(talk: Talk) -> None:
    """What somebody gets now, and how to change it."""
    _ = talk._
    now = await subscriptions.of(talk.db, talk.person.id)
    lines = [
        "🔔 " + _("You get announcements.") if now.ordinary else "🔕 " + _("You get no announcements."),
        "🔔 " + _("You get emergency notices, for example when the water is cut off.") if now.emergency
        else "🔕 " + _("You get no emergency notices."),
    ]  # fmt: skip
    place = talk.person.municipality
    archive = link(_("All announcements of your municipality"), f"{talk.links.public_url}/announcements/{place}")
    talk.say(
        join("\n".join(lines), [archive] if place else "", between="\n\n"),
        [*_choices(talk, now), [home.to_menu(talk)]],
        replaces=True,
    )


async def shown(talk: Talk, _argument: str) -> None:
    await show(talk)


def _choices(talk: Talk, now: subscriptions.Subscription) -> list[list[Option]]:
    _ = talk._
    return [
        [Option("🔕 " + _("No more announcements"), f"unsubscribe:{ORDINARY}") if now.ordinary
         else Option("🔔 " + _("Announcements again"), f"subscribe:{ORDINARY}")],
        [Option("🔕 " + _("No more emergency notices"), f"unsubscribe:{EMERGENCY_SCOPE}") if now.emergency
         else Option("🔔 " + _("Emergency notices again"), f"subscribe:{EMERGENCY_SCOPE}")],
    ]  # fmt: skip


async def unsubscribe_chosen(talk: Talk, scope: str) -> None:
    """Obeyed at once, also while an announcement is being sent."""
    if scope not in (ORDINARY, EMERGENCY_SCOPE):
        return await home.stale_choice(talk)
    _ = talk._
    await subscriptions.unsubscribe(talk.db, talk.person.id, scope)
    now = await subscriptions.of(talk.db, talk.person.id)
    said = (_("You will get no more announcements.") if scope == ORDINARY
            else _("You will get no more emergency notices."))  # fmt: skip
    left = _("Emergency notices still come.") if scope == ORDINARY and now.emergency else ""
    talk.say(join("🔕 " + said, left, between="\n"), [*_choices(talk, now), [home.to_menu(talk)]])
    return None


async def subscribe_chosen(talk: Talk, scope: str) -> None:
    if scope not in (ORDINARY, EMERGENCY_SCOPE):
        return await home.stale_choice(talk)
    await subscriptions.subscribe(talk.db, talk.person.id, scope)
    return await show(talk)
