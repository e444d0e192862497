"""A service card: a short answer first, the rest by choice, and always where it comes from."""

from urllib.parse import quote

from handlers import home
from handlers.talk import Talk
from handlers.words import Markup, Option, Part, Picture, b, fill, i, join, link
from storage.handbook import Card

PAPERS_SHOWN = 4  # In the short answer; the checklist has them all.
PAPER_CHARS = 58  # About a line and a half of a phone.


async def card_chosen(talk: Talk, card_id: str) -> None:
    await show(talk, card_id, replaces=True)


async def show(
    talk: Talk, card_id: str, *, replaces: bool = False, lead: Markup = "", rating: int | None = None
) -> None:
    """Show a card. `rating` is the number of the answer that the person may judge."""
    card = talk.handbook.card(card_id, talk.person.municipality)
    if card is None:
        return await home.stale_choice(talk)
    rows = _choices(talk, card)
    if rating is not None:
        rows.append(rating_choices(talk, rating))
    rows.append([home.to_menu(talk)])
    talk.say(join(lead, short(talk, card), between="\n\n"), rows, replaces=replaces, about=f"card:{card_id}")
    return None


def rating_choices(talk: Talk, answer: int) -> list[Option]:
    _ = talk._
    return [
        Option("👍 " + _("This helped"), f"helped:{answer}:yes"),
        Option("👎 " + _("Not what I asked"), f"helped:{answer}:no"),
    ]


def _choices(talk: Talk, card: Card) -> list[list[Option]]:
    _ = talk._
    rows = [
        [Option("☑️ " + _("Checklist of documents"), f"papers:{card.id}")],
        [Option("📍 " + _("Where and who applies"), f"terms:{card.id}"),
         Option("⚖️ " + _("Legal basis"), f"law:{card.id}")],
        [Option("↩️ " + _("How to appeal"), f"appeal:{card.id}")],
    ]  # fmt: skip
    if any(talk.handbook.card(other) for other in card.data["related"]):
        rows[-1].append(Option("🔗 " + _("Related services"), f"related:{card.id}"))
    rows.append([Option("ℹ️ " + _("How sure is this?"), f"source:{card.id}"),
                 Option("📱 " + _("QR and link"), f"share:{card.id}")])  # fmt: skip
    return rows


def short(talk: Talk, card: Card) -> list[Part]:
    """What it is, documents, time, fee: a phone shows it without scrolling."""
    _ = talk._
    return join(
        join(b(card.title(talk.language)), card.text("summary", talk.language), between="\n"),
        join(b("📄 " + _("Documents")), _papers(talk, card), between="\n"),
        join(fill("⏱ {label}: {term}", label=b(_("Time")), term=_term(talk, card)), _note(talk, card), between="\n"),
        fill("💶 {label}: {fee}", label=b(_("Fee")), fee=card.text("fee", talk.language)),
        i(_caveat(talk, card)),
        between="\n\n",
    )


def _papers(talk: Talk, card: Card) -> str:
    papers = [document.text for document in card.documents(talk.language)]
    lines = [f"• {_brief(paper)}" for paper in papers[:PAPERS_SHOWN]]
    if (more := len(papers) - PAPERS_SHOWN) > 0:
        lines.append(talk.n("… and {count} more", "… and {count} more", more).format(count=more))
    return "\n".join(lines)


def _brief(paper: str) -> str:
    """The name of a paper without its explanation; the checklist tells it whole."""
    name = paper.split(" – ")[0].split(" (")[0].split(";")[0]
    if len(name) <= PAPER_CHARS:
        return name
    return name[:PAPER_CHARS].rsplit(" ", 1)[0].rstrip(",") + " …"


def _term(talk: Talk, card: Card) -> str:
    _ = talk._
    ordinary, fast, express = (card.term[speed] for speed in ("ordinary", "fast", "express"))
    if ordinary is None:
        return _("no single term")
    words = _days(talk, ordinary)
    if fast and express:
        both = _("(fast {fast}, express {express})")
        words += " " + both.format(fast=_days(talk, fast), express=_days(talk, express))
    elif fast or express:
        words += " " + _("(fast {fast})").format(fast=_days(talk, fast or express))
    return words


def _days(talk: Talk, count: int) -> str:
    return talk.n("{count} day", "{count} days", count).format(count=count)


def _note(talk: Talk, card: Card) -> Part | str:
    """The number of days is never shown without the note that says where it comes from."""
    note = card.term["note"][talk.language]
    return i(note) if note else ""


def _caveat(talk: Talk, card: Card) -> str:
    _ = talk._
    return {
        "high": _("Handbook, edition {edition}. Confirm with your municipality before you apply."),
        "medium": _("Handbook, edition {edition}. Details differ between municipalities: confirm before you apply."),
        "low": _("Handbook, edition {edition}. Not certain: ask the municipality first."),
    }[card.confidence].format(edition=talk.handbook.number)


def back(talk: Talk, card: Card) -> list[Option]:
    return [Option("⬅️ " + talk._("Back to the service"), f"card:{card.id}"), home.to_menu(talk)]


async def _part(talk: Talk, card_id: str, *pieces: tuple[str, Markup | Part]) -> None:
    """Show a part of a card under its title, each piece under its own heading; empty pieces are left out."""
    card = talk.handbook.card(card_id, talk.person.municipality)
    if card is None:
        return await home.stale_choice(talk)
    body = [join(b(heading), text, between="\n") for heading, text in pieces if text]
    talk.say(join(b(card.title(talk.language)), *body, between="\n\n"), [back(talk, card)], replaces=True)
    return None


def _find(talk: Talk, card_id: str) -> Card | None:
    return talk.handbook.card(card_id, talk.person.municipality)


async def terms_chosen(talk: Talk, card_id: str) -> None:
    _ = talk._
    card = _find(talk, card_id)
    if card is None:
        return await home.stale_choice(talk)
    place = talk.handbook.municipalities.get(talk.person.municipality or "")
    return await _part(
        talk,
        card_id,
        ("👤 " + _("Who can apply"), card.text("who_can_apply", talk.language)),
        ("📍 " + _("Where to apply"), card.text("apply", talk.language)),
        ("🏛️ " + place["full_name"][talk.language] if place else "", contact(talk)),
        ("📜 " + _("What you receive"), card.text("result", talk.language)),
        ("📅 " + _("How long it is valid"), card.text("validity", talk.language)),
        ("💬 " + _("From the municipality's practice"), card.text("practice", talk.language)),
    )


def contact(talk: Talk) -> Markup:
    """How to reach the person's municipality, as far as it is confirmed."""
    _ = talk._
    place = talk.handbook.municipalities.get(talk.person.municipality or "")
    if place is None:
        return ""
    known: list[Markup | Part] = [place[field][talk.language] for field in ("address",) if place.get(field)]
    known += [place[field] for field in ("phone", "email") if place.get(field)]
    if place.get("website"):
        known.append(link(place["website"], place["website"]))
    if not place.get("phone"):
        known.append(i(_("The telephone number is not confirmed yet.")))
    return join(*known, between="\n")


async def law_chosen(talk: Talk, card_id: str) -> None:
    _ = talk._
    card = _find(talk, card_id)
    if card is None:
        return await home.stale_choice(talk)
    number = card.data["register_no"]
    return await _part(
        talk,
        card_id,
        ("⚖️ " + _("Legal basis"), "\n".join(f"• {act}" for act in card.data["legal_basis"])),
        ("🔢 " + _("Number in the Administrative Register"), str(number) if number else _("not confirmed yet")),
    )


async def appeal_chosen(talk: Talk, card_id: str) -> None:
    _ = talk._
    card = _find(talk, card_id)
    if card is None:
        return await home.stale_choice(talk)
    text = card.text("appeal", talk.language) or _(
        "The handbook says nothing special about this service. Follow the instructions in the decision itself: "
        "the time limit is usually 14 days."
    )
    return await _part(
        talk,
        card_id,
        ("↩️ " + _("How to appeal"), text),
        ("", i(_("An appeal cannot be filed in this chat, and this is not legal advice."))),
    )


async def related_chosen(talk: Talk, card_id: str) -> None:
    _ = talk._
    card = _find(talk, card_id)
    if card is None:
        return await home.stale_choice(talk)
    found = [other for name in card.data["related"] if (other := talk.handbook.card(name))]
    talk.say(
        join(b(card.title(talk.language)), "🔗 " + _("Related services"), between="\n\n"),
        [*([Option(other.title(talk.language), f"card:{other.id}")] for other in found), back(talk, card)],
        replaces=True,
    )
    return None


async def source_chosen(talk: Talk, card_id: str) -> None:
    """Where a card comes from, when it was checked and how sure it is."""
    _ = talk._
    card = _find(talk, card_id)
    if card is None:
        return await home.stale_choice(talk)
    sure = {
        "high": _("High: the service, its legal basis and main facts are well established."),
        "medium": _("Medium: the service is real, but details differ by municipality or were not seen."),
        "low": _("Low: ask the municipality before you rely on it."),
    }[card.confidence]
    by, on = card.data.get("checked_by"), card.data.get("checked_on")
    checked = _("by {name} on {date}").format(name=by, date=on) if by and on else _(
        "Not yet checked by the municipality."
    )  # fmt: skip
    since = talk.translator.date(talk.handbook.since)
    return await _part(
        talk,
        card_id,
        ("📚 " + _("Source"), _("Handbook “From A to Z on technical services”, edition {edition} of {date}.").format(
            edition=talk.handbook.number, date=since)),
        ("✅ " + _("Checked"), checked),
        ("🎯 " + _("How sure"), sure),
        ("⏱ " + _("About the time"), card.term["note"][talk.language]),
    )  # fmt: skip


async def share_chosen(talk: Talk, card_id: str) -> None:
    """A link and a QR code, also for a notice at the counter."""
    _ = talk._
    card = _find(talk, card_id)
    if card is None:
        return await home.stale_choice(talk)
    payload = f"card_{card.id}" + (f"_{talk.person.municipality}" if talk.person.municipality else "")
    url = talk.links.deep(payload, talk.heard.channel)
    forward = f"https://t.me/share/url?url={quote(url)}" if talk.heard.channel == "telegram" else url
    talk.say(
        join(b(card.title(talk.language)), _("This link and code open the service directly:"), link(url, url),
             between="\n\n"),
        [[Option("↗️ " + _("Share"), url=forward)], back(talk, card)],
        picture=Picture(kind="qr", value=payload, name=f"{card.id}.png",
                        alt=_("QR code that opens: {title}").format(title=card.title(talk.language))),
    )  # fmt: skip
    return None
