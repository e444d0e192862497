"""Who may do what with announcements: organizers in their own municipality; emergencies are a right of their own."""

from collections.abc import Sequence

from handlers.talk import Talk
from storage import roles
from storage.announcements import Announcement
from storage.roles import ADMINISTRATOR, EMERGENCY, ORGANIZER, Role

WRITERS = (ORGANIZER, ADMINISTRATOR)


async def held(talk: Talk) -> list[Role]:
    """The roles by which somebody has to do with announcements at all."""
    return [role for role in await roles.of(talk.db, talk.person.id) if role.role in (*WRITERS, EMERGENCY)]


def places(talk: Talk, mine: Sequence[Role], *, is_emergency: bool) -> list[str | None]:
    """The municipalities for which somebody may write; None stands for all of them together."""
    wanted = (EMERGENCY,) if is_emergency else WRITERS
    own = [role.municipality for role in mine if role.role in wanted]
    if None in own:
        return [*talk.handbook.municipalities, None]
    return [slug for slug in dict.fromkeys(own) if slug in talk.handbook.municipalities]


def may(talk: Talk, mine: Sequence[Role], one: Announcement) -> bool:
    return one.municipality in places(talk, mine, is_emergency=one.is_emergency)


def may_approve(talk: Talk, mine: Sequence[Role], one: Announcement) -> bool:
    """A second person: whoever wrote it cannot be."""
    return may(talk, mine, one) and one.author_id != talk.person.id
