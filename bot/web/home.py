"""The public pages that need no conversation: what this is, a card's address, and where nothing is."""

from html import escape

from aiohttp import web

from bot.web.parts import Parts
from bot.web.render import fill, page
from bot.web.static_files import StaticFiles


class Home:
    def __init__(self, parts: Parts, static: StaticFiles) -> None:
        self.parts = parts
        self.static = static

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/", self.home), web.get("/card/{card}", self.card)]

    async def home(self, request: web.Request) -> web.Response:
        speak = self.parts.speaker(request)
        _ = speak.gettext
        handbook = self.parts.library.current
        body = fill(
            "home",
            {
                "channels": self._channels(request), "municipalities": self._municipalities(request),
                "figures": self._places(request, "/figures/"), "news": self._places(request, "/announcements/"),
            },
            heading=_("The municipal counter in your phone"),
            lead=_("Ask about a technical service, or report what is wrong, in your own words. You get the papers, the "
                   "time and the fee – or a number, a date and a reasoned answer."),
            channels_heading=_("Ask now"),
            municipalities_heading=_("Choose your municipality"),
            news_heading=_("What the municipalities announced"),
            news_lead=_("Whatever was sent to many people stays here for everybody to read."),
            figures_heading=_("How the municipalities answer"),
            figures_lead=_("How many matters are filed, how long they take and what is open: public figures, each "
                           "month, for everybody to check."),
            data=_("Open data"),
            steps_heading=_("How it works"),
            step_1=_("Write your question, or what is wrong, in Bulgarian or in English."),
            step_2=_("Read the answer with its source, or get a number and the date by which you are answered."),
            step_3=_("You are told of every change, and you judge the answer."),
            source=_("The answers come from the handbook of technical services, edition {edition} of {date}. Please "
                     "confirm with your municipality before you apply.").format(
                edition=handbook.number, date=speak.date(handbook.since)),
            journal=_("The public journal: how to check that nothing was changed"),
            danger=_("If anyone is in danger, call 112 at once."),
        )  # fmt: skip
        return page(self.parts, request, self.static.base, title=_("Gishe – the municipal counter in your phone"),
                    body=body, style="home")  # fmt: skip

    def _channels(self, request: web.Request) -> str:
        """A link to the chat on each channel in use."""
        _ = self.parts.speaker(request).gettext
        links = [(self._chat(request), _("Open the chat here"), "button")]
        if name := self.parts.links.telegram_name:
            links.append((f"https://t.me/{name}", _("Write to us in Telegram"), "button quiet"))
        return "\n".join(
            f'<a class="{style}" href="{escape(address)}">{escape(words)}</a>' for address, words, style in links
        )

    def _municipalities(self, request: web.Request) -> str:
        language = self.parts.language(request)
        return "\n".join(
            f'<li><a href="{escape(self._chat(request, slug))}"><span>{escape(place["full_name"][language])}</span>'
            f"<small>{escape(place['district'][language])}</small></a></li>"
            for slug, place in self.parts.library.current.municipalities.items()
        )

    def _places(self, request: web.Request, under: str) -> str:
        """A link to each municipality's page of a kind: no ranking, in the order of the handbook."""
        language = self.parts.language(request)
        return "\n".join(
            f'<li><a href="{under}{escape(slug)}">{escape(place["name"][language])}</a></li>'
            for slug, place in self.parts.library.current.municipalities.items()
        )

    def _chat(self, request: web.Request, slug: str = "") -> str:
        """The chat's address; a language that was chosen here goes along, for the conversation may have another."""
        chosen = self.parts.chosen_language(request)
        return "/chat" + (f"/{slug}" if slug else "") + (f"?language={chosen}" if chosen else "")

    async def card(self, request: web.Request) -> web.Response:
        """GET /card/<id>: the chat opens with this service."""
        card = request.match_info["card"]
        if self.parts.library.current.card(card) is None:
            raise web.HTTPNotFound
        raise web.HTTPFound(f"/chat?start=card_{card}")

    def nothing_here(self, request: web.Request) -> web.Response:
        _ = self.parts.speaker(request).gettext
        return self.sorry(request, 404, _("There is no page at this address"),
                          _("Perhaps it was copied only in part, or it has moved."))  # fmt: skip

    def went_wrong(self, request: web.Request) -> web.Response:
        _ = self.parts.speaker(request).gettext
        return self.sorry(request, 500, _("Something went wrong on our side"),
                          _("Please try again in a moment."))  # fmt: skip

    def too_fast(self, request: web.Request) -> web.Response:
        _ = self.parts.speaker(request).gettext
        words = _("Very many people are coming from your network just now. Please try again in a minute.")
        return self.sorry(request, 429, _("Too many visits at once"), words)

    def sorry(self, request: web.Request, status: int, heading: str, words: str) -> web.Response:
        _ = self.parts.speaker(request).gettext
        body = fill("sorry", {}, heading=heading, words=words, chat=self._chat(request),
                    chat_words=_("Open the chat"), home_words=_("To the first page"))  # fmt: skip
        return page(self.parts, request, self.static.base, title=heading, body=body, style="home", status=status)
