"""/log: the page that tells people what the journal is, how it stands, who else has its seals, and how to check it."""

from collections.abc import Iterable
from html import escape
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from bot.web.parts import Parts
from bot.web.render import fill, page
from bot.web.static_files import StaticFiles
from locales import Translator
from storage import checks, log, publishing
from storage.audit_findings import N_
from storage.database import Session
from storage.notes import Checkpoint

WAYS = {
    "telegram": N_("a Telegram channel of the partners"),
    "webhook": N_("a server of the partners"),
    "mail": N_("a mailbox of the partners"),
}


class LogPage:
    def __init__(self, parts: Parts, static: StaticFiles) -> None:
        self.parts = parts
        self.static = static

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/log", self.show)]

    async def show(self, request: web.Request) -> web.Response:
        speak = self.parts.speaker(request)
        _ = speak.gettext
        async with self.parts.store.reading() as db:
            facts = await self._facts(db, speak)
            row = await log.head(db)
        body = fill(
            "log",
            {"facts": "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in facts)},
            heading=_("The public journal"),
            lead=_("Everything that matters is recorded here at the moment when it happens: each message, each step of "
                   "a case, each date promised. Nothing in it can be changed or left out later without anybody seeing "
                   "it. What people wrote is not shown; it is only sealed."),
            state_heading=_("How it stands"),
            check_heading=_("Check it yourself"),
            check_words=_("You need no account and need not trust us. Keep the seal below: with it you can prove later "
                          "whether something before it was changed. With the program you check everything:"),
            command=f"gishe verify --log {self._base}/log --copy my-copy",
            seal_heading=_("The seal"),
            seal=log.full_note(row) if row else _("The journal has not begun yet."),
            files=_("As files for programs (C2SP tlog-tiles):"),
        )  # fmt: skip
        answer = page(self.parts, request, self.static.base, title=_("The public journal"), body=body, style="receipt")
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    @property
    def _base(self) -> str:
        return self.parts.links.public_url or self.parts.settings.base_url

    async def _facts(self, db: Session, speak: Translator) -> list[tuple[str, str]]:
        _ = speak.gettext
        row = await log.head(db)
        if row is None:
            return []
        told = [(_("Entries"), speak.number(row.size)),
                (_("Sealed on"), f"{speak.date(row.at)}, {speak.time(row.at)}"),
                (_("Public key"), str((await log.keys(db))[0]))]  # fmt: skip
        names = [signature.name for signature in Checkpoint.read(log.full_note(row)).note.signatures[1:]]
        told.append((_("Witnesses of this seal"), ", ".join(names) or _("none")))
        told += _sent(await publishing.newest(db), speak)
        if check := await checks.last(db):
            found = _("everything in order") if check.is_well else _("something is NOT in order")
            told.append((_("Last check of the whole by itself"), f"{speak.date(check.at)}: {found}"))
        return told


def _sent(rows: Iterable[Row[Any]], speak: Translator) -> list[tuple[str, str]]:
    """Where seals went; addresses of partners are theirs to tell."""
    _ = speak.gettext
    told = []
    for row in rows:
        way, state = WAYS[row.way], publishing.STATES[row.state]
        words = f"{_(way)}: {_(state)}, {speak.number(row.size)}, {speak.date(row.changed_at)}"
        told.append((_("Sent outside"), words))
    return told
