"""/figures/<municipality>: the public page of a month, made on the server, without scripts."""

from collections.abc import Sequence
from html import escape
from typing import Any

from aiohttp import web

from bot.web import figure_parts as parts_of
from bot.web.home import Home
from bot.web.parts import Parts
from bot.web.render import fill, page
from bot.web.static_files import StaticFiles
from handlers.charts import Chart
from handlers.figure_charts import for_page
from handlers.figure_words import Words
from storage import demo, reports
from storage.figures import SIGNS
from storage.figures_dictionary import NOTES, RULES
from storage.figures_meetings import ALL
from storage.files_out import MIMES
from storage.months import Month

MONTHS_BACK = 24  # Of the archive that is linked; earlier ones keep their addresses.
FIRST = Month(2025, 1)


class FiguresPage:
    def __init__(self, parts: Parts, static: StaticFiles, home: Home) -> None:
        self.parts = parts
        self.static = static
        self.home = home

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/figures/{municipality}", self.show), web.get("/figures/{municipality}/{month}", self.show)]

    async def show(self, request: web.Request) -> web.Response:
        slug = request.match_info["municipality"]
        now = Month.of(self.parts.store.now())
        month = Month.named(request.match_info["month"]) if "month" in request.match_info else now
        if slug not in self.parts.library.current.municipalities or month is None or not FIRST <= month <= now:
            return self.home.nothing_here(request)
        figures = await self.parts.figuring.month(slug, month)
        async with self.parts.store.reading() as db:
            published = await reports.published(db, slug)
            is_sample = await demo.is_here(db, slug)
        words = Words(self.parts.speaker(request), self.parts.library.current)
        body = fill("figures", self._html(words, figures, month, now, published), **self._texts(words, figures, month))
        if is_sample:
            body = sample_note(words) + body
        title = words._("{municipality}: figures of {month}").format(
            municipality=words.municipality(slug), month=words.month(month.name)
        )
        return page(self.parts, request, self.static.base, title=title, body=body, style="figures",
                    description=words.headline(figures))  # fmt: skip

    def _texts(self, words: Words, figures: Any, month: Month) -> dict[str, str]:
        _ = words._
        at = self.parts.store.now()
        as_of = _("Counted on {date} at {time}.").format(date=words.speak.date(at), time=words.speak.time(at))
        if not figures["is_complete"]:
            as_of += " " + _("The month is still running: the figures will change.")
        return {
            "kicker": words.month(month.name),
            "heading": words.municipality(figures["municipality"]),
            "headline": words.headline(figures),
            "as_of": as_of,
            "months_label": _("Months"),
            "caveat_label": _("What these figures cover"),
            "caveat": words.note("coverage"),
            "adds_up_heading": _("It adds up"),
            "adds_up_about": _("Each line counts the same things in two independent ways. A difference is an alarm."),
            "data_heading": _("Data and reports"),
            "data_about": _("The rows behind these figures, for your own calculations."),
            "definitions_heading": _("What the figures mean"),
            "definitions_open": _("Definitions and formulas"),
            "rules": _("Definitions, version {version}.").format(version=RULES),
            "licence": words.note("licence"),
        }

    def _html(self, words: Words, figures: Any, month: Month, now: Month, published: Sequence[Any]) -> dict[str, str]:
        slug = figures["municipality"]
        notes = "".join(f"<li>{escape(words.note(name))}</li>" for name in NOTES if name not in ("coverage", "licence"))
        return {
            "months": self._months(words, slug, month, now),
            "body": _empty(words) if _is_empty(figures) else _body(words, figures),
            "adds_up": parts_of.sums(words, figures),
            "data": self._data(words, slug, month),
            "reports": self._reports(words, slug, published),
            "definitions": parts_of.definitions(words),
            "notes": notes,
        }

    def _months(self, words: Words, slug: str, month: Month, now: Month) -> str:
        """The month before, the one after, and the archive."""

        def link(one: Month, label: str, more: str = "") -> str:
            return f'<a{more} href="/figures/{slug}/{one.name}">{escape(label)}</a>'

        found = [link(month.previous, f"← {words.month(month.previous.name)}", ' rel="prev" class="step"')]
        if month < now:
            found.append(link(month.next, f"{words.month(month.next.name)} →", ' rel="next" class="step"'))
        here = ' aria-current="page"'
        archive = "".join(
            f"<li>{link(one, words.month(one.name), here if one == month else '')}</li>"
            for one in reversed(now.back(MONTHS_BACK))
            if one >= FIRST
        )
        summary = escape(words._("All months"))
        return f'{"".join(found)}<details><summary>{summary}</summary><ul class="archive">{archive}</ul></details>'

    def _data(self, words: Words, slug: str, month: Month) -> str:
        span = f"from={month.first_day}&amp;to={month.last_day}"
        same, everything = words._("These figures as JSON"), words._("All data, columns and licence")
        rows = [f'<li><a href="/figures/{slug}/{month.name}.json">{escape(same)}</a></li>']
        for one in ALL.values():
            title, links = escape(words._(one.title)), []
            for kind in MIMES:
                name = kind.upper()
                links.append(f'<a href="/data/{slug}/{one.id}.{kind}?{span}" aria-label="{title} {name}">{name}</a>')
            rows.append(f"<li>{title}: {', '.join(links)}</li>")
        rows.append(f'<li><a href="/data/">{escape(everything)}</a></li>')
        return "".join(rows)

    def _reports(self, words: Words, slug: str, published: Sequence[Any]) -> str:
        if not published:
            return ""
        rows = "".join(
            f"<li>{escape(words.month(one.month))}: "
            + ", ".join(
                f'<a href="/figures/{slug}/{one.month}/report-{one.version}.{kind}" '
                f'aria-label="{escape(words.month(one.month))} {kind.upper()}">{kind.upper()}</a>'
                for kind in ("pdf", "json", "note")
            )
            + "</li>"
            for one in published
        )
        heading = escape(words._("Signed monthly reports"))
        return f'<h3>{heading}</h3><ul class="links">{rows}</ul>'


def sample_note(words: Words) -> str:
    text = words._("Some or all of these figures come from made-up matters to try the program with.")
    return f'<section class="caveat"><p><strong>{escape(demo.MARK)}.</strong> {escape(text)}</p></section>'


def _is_empty(figures: Any) -> bool:
    return not (figures["filed"] or figures["ended"] or figures["open"]["count"] or figures["questions"]["asked"])


def _empty(words: Words) -> str:
    text = words._("Nothing was filed or asked yet. As soon as something is, it is counted here.")
    return f"<section><p>{escape(text)}</p></section>"


def _body(words: Words, figures: Any) -> str:
    _ = words._
    charts = for_page(words, figures)
    due, still = figures["in_time"], figures["open"]
    sections = [
        _section(_("At a glance"), parts_of.tiles([
            (_("Filed"), words.number(figures["filed"])), (_("Closed"), words.number(figures["ended"])),
            (_("Open"), words.number(still["count"])), (_("Past their date"), words.number(still["overdue"])),
        ])),
        _section(_("In time"), _pair(words, charts["in_time"], charts["in_force"])
                 + _lines([_("Share in time, first date: {share}").format(share=words.share(due["first"])),
                           _("Share in time, date in force: {share}").format(share=words.share(due["in_force"])),
                           _("Dates moved: {count}").format(count=words.number(due["moved"]))])),
        _section(_("How long it takes"), parts_of.chart(words, charts["clocks"], words.note("clocks"))),
        _section(_("What is open"), parts_of.chart(words, charts["open"])
                 + _lines([_("The oldest open matter: {days}").format(days=words.days(still["oldest_days"]))])),
        _section(_("Month by month"), parts_of.chart(words, charts["course"])),
        _section(_("What citizens say"), parts_of.chart(words, charts["satisfaction"]) + _lines(
            [_("Answered the question: {share}").format(share=words.share(figures["satisfaction"]["response"]))])),
        _section(_("Closed, but solved?"), _signs(words, figures)),
        _section(_("Questions"), _questions(words, figures)),
        _section(_("Meetings and announcements"), _meetings(words, figures)),
        _section(_("Filed by kind, topic and way"), "".join(
            parts_of.breakdown(words, figures, what, title)
            for what, title in (("kind", _("Kind")), ("category", _("Topic")), ("source", _("How it came"))))
            + _delays(words, figures) + f'<p class="note">{escape(words.note("small"))}</p>'),
    ]  # fmt: skip
    return "".join(sections)


def _section(heading: str, body: str) -> str:
    return f"<section><h2>{escape(heading)}</h2>{body}</section>"


def _pair(words: Words, *charts: Chart) -> str:
    return f'<div class="pair">{"".join(parts_of.chart(words, one) for one in charts)}</div>'


def _lines(lines: Sequence[str]) -> str:
    return f'<ul class="lines">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>'


def _signs(words: Words, figures: Any) -> str:
    """Signs of closing for the sake of the figure."""
    rows = [
        (words.definition(sign)[0], words.number(figures[sign]["count"]), words.share(figures[sign])) for sign in SIGNS
    ]
    title = words._("Closed, but solved?")
    return parts_of.table(title, (words._("Sign"), words._("Closings"), words._("Proportion")), rows)


def _questions(words: Words, figures: Any) -> str:
    _ = words._
    asked, helpful, waiting = figures["questions"], figures["helpful"], figures["unanswered"]
    return parts_of.tiles([
        (_("Questions"), words.number(asked["asked"])),
        (_("Unanswered, waiting"), words.number(waiting["open"])),
        (_("The oldest waits"), words.days(waiting["oldest_days"])),
    ]) + _lines([
        _("Answered from the handbook: {share}").format(share=words.share(asked["from_handbook"])),
        _("Answers that helped: {share}").format(share=words.share(helpful["helped"])),
        _("Answers that were rated: {share}").format(share=words.share(helpful["response"])),
    ])  # fmt: skip


def _meetings(words: Words, figures: Any) -> str:
    _, held, sent = words._, figures["events"], figures["broadcasts"]
    return parts_of.tiles([
        (_("Meetings held"), words.number(held["held"])), (_("People who came"), words.number(held["came"])),
        (_("Announcements sent"), words.number(sent["sent"])), (_("People reached"), words.number(sent["reached"])),
    ]) + _lines([
        _("Signed up for meetings: {count}; told of them: {told}").format(
            count=words.number(held["signed_up"]), told=words.number(held["told"])),
    ])  # fmt: skip


def _delays(words: Words, figures: Any) -> str:
    found = []
    for title, what, head in (
        (words.definition("delays")[0], "late", words._("Closed late")),
        (words._("How dates were moved"), "moved", words._("Moved dates")),
    ):
        rows = [(words.named("reason", name), words.count(many)) for name, many in figures["delays"][what].items()]
        if rows:
            found.append(f"<h3>{escape(title)}</h3>{parts_of.table(title, (title, head), rows)}")
    return "".join(found)
