"""The public archive of announcements: what a municipality said to its people, when, to how many, and what was changed.

Each text has its SHA-256 beside it and can be fetched as it was hashed, so that anybody may compare it with what was
sent and with the journal.
"""

from html import escape

from aiohttp import web

from bot.web.parts import Parts
from bot.web.render import fill, page
from bot.web.static_files import StaticFiles
from handlers import formatting
from handlers.words import Part, plain
from locales import LANGUAGES
from storage import announcements, ids
from storage.announcements import Announcement

PAGE = 20
SCHEMES = ("https://", "http://")


class Announcements:
    def __init__(self, parts: Parts, static: StaticFiles) -> None:
        self.parts = parts
        self.static = static

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/announcements/{municipality}", self.archive),
            web.get("/announcements/{municipality}/{number:[0-9a-f]{1,16}}.{language:bg|en}.txt", self.text),
        ]

    async def archive(self, request: web.Request) -> web.Response:
        slug = request.match_info["municipality"]
        place = self.parts.library.current.municipalities.get(slug)
        if place is None:
            raise web.HTTPNotFound
        behind = ids.read(request.query.get("before", ""), 16) or 2**63 - 1
        async with self.parts.store.reading() as db:
            found = await announcements.archive(db, slug, PAGE + 1, behind)
            changes = await announcements.corrections(db, [one.id for one in found])
        _ = self.parts.speaker(request).gettext
        shown = found[:PAGE]
        listed = "\n".join(self._entry(request, slug, one, changes.get(one.id, [])) for one in shown)
        heading = _("Announcements")
        earlier, none = _("Earlier announcements"), _("There are no announcements yet.")
        more = f'<p class="more"><a href="?before={shown[-1].id:x}">{escape(earlier)}</a></p>' if shown else ""
        body = fill(
            "announcements",
            {"entries": listed or f"<p>{escape(none)}</p>",
             "more": more if len(found) > PAGE else ""},
            heading=heading,
            where=place["full_name"][self.parts.language(request)],
            about=_("Everything that was announced through Gishe stands here, with every correction. The SHA-256 is "
                    "that of the text in UTF-8: fetch the text and compare."),
        )  # fmt: skip
        title = f"{heading} – {place['full_name'][self.parts.language(request)]}"
        return page(self.parts, request, self.static.base, title=title, body=body, style="home")

    def _entry(self, request: web.Request, slug: str, one: Announcement, changes: list[Announcement]) -> str:
        """An announcement with what became of it, the newest words first."""
        speak = self.parts.speaker(request)
        _ = speak.gettext
        began = one.started_at or one.made_at
        marks = [_("Emergency notice")] if one.is_emergency else []
        marks += [_("withdrawn") if change.is_recall else _("corrected") for change in changes[-1:]]
        reached = (one.figures or {}).get("sent", 0)
        facts = [f"{speak.date(began)}, {speak.time(began)}", *marks]
        if one.figures is not None:
            sentence = speak.ngettext("sent to {count} person", "sent to {count} people", reached)
            facts.append(sentence.format(count=speak.number(reached)))
        versions = "\n".join(self._version(request, slug, version) for version in [*reversed(changes), one])
        kind = ' class="urgent"' if one.is_emergency else ""
        return f'<article id="{one.id:x}"{kind}><p class="facts">{escape(" · ".join(facts))}</p>{versions}</article>'

    def _version(self, request: web.Request, slug: str, one: Announcement) -> str:
        speak = self.parts.speaker(request)
        _ = speak.gettext
        parts = []
        if one.corrects_id:
            said = _("Withdrawn on {date} at {time}") if one.is_recall else _("Corrected on {date} at {time}")
            began = one.started_at or one.made_at
            parts.append(f"<h3>{escape(said.format(date=speak.date(began), time=speak.time(began)))}</h3>")
        for language in sorted(one.texts, key=lambda code: code != speak.language):
            words = as_html(formatting.read(one.texts[language]))
            address = f"/announcements/{slug}/{one.id:x}.{language}.txt"
            digest = one.digests.get(language, "")
            parts.append(
                f'<div class="said" lang="{language}">{words}</div>'
                f'<p class="digest"><a href="{address}">{escape(LANGUAGES[language])}</a> '
                f"SHA-256 <code>{escape(digest)}</code></p>"
            )
        return "\n".join(parts)

    async def text(self, request: web.Request) -> web.Response:
        """A text as it was hashed: without its markup, in UTF-8."""
        slug, language = request.match_info["municipality"], request.match_info["language"]
        number = ids.read(request.match_info["number"], 16)
        async with self.parts.store.reading() as db:
            one = await announcements.get(db, number) if number else None
        is_ours = one is not None and one.municipality in (slug, None) and one.is_public
        if one is None or not is_ours or one.state not in announcements.STARTED or language not in one.texts:
            raise web.HTTPNotFound
        body = plain(formatting.read(one.texts[language])).encode()
        return web.Response(body=body, content_type="text/plain", charset="utf-8")


def as_html(parts: list[Part]) -> str:
    """Our light markup as HTML: everything typed is only text, and only web addresses become links."""
    return "".join(map(_part, parts)).replace("\n", "<br>\n")


def _part(part: Part) -> str:
    if isinstance(part, str):
        return escape(part)
    words = escape(plain(part))
    if "a" in part:
        url = str(part["url"])
        return f'<a href="{escape(url)}" rel="noopener noreferrer">{words}</a>' if url.startswith(SCHEMES) else words
    return f"<strong>{words}</strong>" if "b" in part else f"<em>{words}</em>"
