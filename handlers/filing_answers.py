"""What was answered while filing: checked, taken into the draft, or asked again with what is wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from handlers import files as taking
from handlers import filing_questions as asking
from handlers import matterwords, questions
from handlers.filing_draft import Draft
from handlers.talk import Talk
from handlers.words import Markup, Media, Option, Text, join
from storage import media, settlements
from storage.search import mask, personal_data

MOST_TEXT = 10_000  # Characters of one matter: five pages.
MOST_FILES = 20
MOST_NAME, LEAST_NAME = 100, 3
MOST_CONTACT = 200
DIGITS_OF_PHONE, LETTERS_OF_ADDRESS = 6, 8
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
NOT_TAKEN_AS_QUESTION = ("emergency",)  # A question how to appeal is a question.


@dataclass(slots=True)
class Taken:
    """What is said of it; with `choices` it is a question of its own."""

    lead: Markup = ""
    choices: list[list[Option]] = field(default_factory=list)


def words(talk: Talk, draft: Draft, name: str | None, text: str) -> Taken:
    """Free text as the answer to what was asked."""
    take = WORDS.get(name or "")
    return take(talk, draft, text.strip()) if take else _add_words(talk, draft, text)


# --- The description ---


def set_text(talk: Talk, draft: Draft, text: str) -> str:
    """Take words over, without personal numbers; returns what is to be said of that."""
    draft.text = mask(text.strip())[:MOST_TEXT]
    draft.ref = talk.heard.ref if isinstance(talk.heard.word, Text) else None
    if draft.kind is None or draft.category is None:
        _propose(talk, draft)
    return _personal(talk, text)


def _personal(talk: Talk, text: str) -> str:
    if not personal_data(text):
        return ""
    return talk._("I have blanked out a personal, card or account number in your words: nobody needs it here.")


def _propose(talk: Talk, draft: Draft) -> None:
    """A clear category is taken at once; one tap in the summary corrects it."""
    names, is_clear = asking.proposals(talk, draft.text)
    if names and draft.kind is None:
        draft.kind = talk.handbook.reports[names[0]]["default_kind"] if is_clear else None
        if draft.kind:
            draft.passes("kind")
    if is_clear and draft.category is None:
        draft.category = names[0]
        draft.passes("category")


def _describe(talk: Talk, draft: Draft, text: str) -> Taken:
    if (problem := _too_long(talk, text)) or (problem := _wordless(talk, text)):
        return Taken(problem)
    had_category = draft.category
    lead = set_text(talk, draft, text)
    draft.passes("text")
    if other := _another_way(talk, draft):
        return other
    if draft.category and draft.category != had_category:
        chosen = talk._("Category: {category}.").format(category=asking.report_title(talk, draft.category))
        lead = "\n\n".join(filter(None, [lead, chosen]))
    return Taken(lead)


def _too_long(talk: Talk, text: str, before: int = 0) -> str:
    if before + len(text) <= MOST_TEXT:
        return ""
    return talk._(
        "This is longer than I can take: {count} characters, at most {most}. Please send it shorter, or the whole as a "
        "document."
    ).format(count=talk.translator.number(before + len(text)), most=talk.translator.number(MOST_TEXT))


def _wordless(talk: Talk, text: str) -> str:
    if sum(c.isalnum() for c in text) >= questions.WORDLESS:
        return ""
    return talk._("Please describe it in words, so that an official understands it.")


def _add_words(talk: Talk, draft: Draft, text: str) -> Taken:
    """Words said later belong to the description."""
    if problem := _too_long(talk, text, len(draft.text)):
        return Taken(problem)
    added = f"{draft.text}\n\n{mask(text.strip())}".strip()
    personal = _personal(talk, text)
    draft.text = added
    return Taken("\n\n".join(filter(None, [talk._("I have added your words to the description."), personal])))


def _another_way(talk: Talk, draft: Draft) -> Taken | None:
    """What this chat may not take gets its right way at once: 112, an appeal, the protected channel."""
    if draft.is_checked:
        return None
    intent = talk.handbook.engine.understand(draft.text).intent
    _ = talk._
    if intent == "emergency":
        text, label = questions.emergency_text(talk), _("The danger is over: go on")
    elif draft.kind == "question":
        return None
    elif intent == "appeal":
        text, label = questions.appeal_text(talk), _("It is no appeal: go on")
    elif intent == "whistleblowing":
        text, label = questions.whistleblowing_text(talk), _("It has nothing to do with my work: go on")
        draft.text = ""
        draft.forgets("text")
        text = join(text, _("I have taken your words out of the draft."), between="\n\n")
    else:
        return None
    return Taken(text, [[Option("➡️ " + label, "filing-anyway")], [Option("✖️ " + _("Stop"), "filing-stop")]])


# --- Files, the point on the map, the phone ---


def files(talk: Talk, draft: Draft) -> Taken:
    """Photos and the like at any moment; a caption is words."""
    word = talk.heard.word
    assert isinstance(word, Media)
    _ = talk._
    if len(draft.files) + len(word.files) > MOST_FILES:
        return Taken(_("At most {count} files fit into one matter. You can add more later.").format(count=MOST_FILES))
    taken, problems = taking.take(talk, draft.about)
    draft.files += taken
    lead = "\n".join(problems)
    if taken:
        kept = talk.n("I have added your file.", "I have added your {count} files.", len(taken))
        lead = "\n".join(filter(None, [kept.format(count=len(taken)), lead]))
    if not word.caption.strip():
        return Taken(lead)
    said = _describe(talk, draft, word.caption) if not draft.text else _add_words(talk, draft, word.caption)
    return Taken(join(lead, said.lead, between="\n\n"), said.choices)


def point(talk: Talk, draft: Draft, lat: float, lon: float) -> Taken:
    """A location from the device, held against the box of the municipality."""
    _ = talk._
    inside = [slug for slug, place in talk.handbook.municipalities.items() if settlements.holds(place, lat, lon)]
    if draft.municipality is None and len(inside) == 1:
        _live_in(talk, draft, inside[0])
    if draft.municipality in inside:
        draft.lat, draft.lon = round(lat, 6), round(lon, 6)
        draft.passes("place")
        return Taken(_("Thank you, I have the place."))
    if inside:
        other = talk.handbook.municipalities[inside[0]]["name"][talk.language]
        return Taken(
            _("This place is in {other}. Shall I send your matter to the municipality there?").format(other=other),
            [
                [asking.choice("✅ " + _("Yes, to {other}").format(other=other), "moved",
                               f"{inside[0]}:{lat:.6f}:{lon:.6f}")],
                [asking.choice("📍 " + _("No, it is elsewhere"), "nowhere")],
            ],
        )  # fmt: skip
    return Taken(
        _("This place is outside of {municipality} and of the other municipalities that I know. If you are not there "
          "now, write where it is; without a place it works as well.").format(municipality=_here(talk, draft))
    )  # fmt: skip


def phone(talk: Talk, draft: Draft, number: str) -> Taken:
    draft.contact, draft.is_anonymous = number[:MOST_CONTACT], False
    draft.passes("contact")
    return Taken(talk._("Thank you, I have your number."))


def _here(talk: Talk, draft: Draft) -> str:
    place = talk.handbook.municipalities.get(draft.municipality or "")
    return str(place["name"][talk.language]) if place else talk._("your municipality")


def _live_in(talk: Talk, draft: Draft, slug: str) -> None:
    draft.municipality = slug
    draft.passes("municipality")
    if talk.person.municipality is None:
        talk.live_in(slug)


# --- The place in words ---


def _place(talk: Talk, draft: Draft, text: str) -> Taken:
    here = talk.handbook.municipalities[draft.municipality or ""]
    if _wordless(talk, text):
        return Taken(talk._("Please write the settlement and the street, or a landmark."))
    draft.place, draft.lat, draft.lon, draft.settlement = mask(text)[:300], None, None, None
    found = settlements.find(text, [here])
    if sure := [one for one in found if one.is_sure]:
        draft.settlement = sure[-1].ekatte  # "Montana, village of Blagovo": the nearer one comes last.
        draft.passes("settlement")
    elif other := _elsewhere(talk, draft, text):
        return other
    draft.passes("place")
    return Taken()


def _elsewhere(talk: Talk, draft: Draft, text: str) -> Taken | None:
    """A settlement of another municipality was named: it is asked, not guessed."""
    others = [place for slug, place in talk.handbook.municipalities.items() if slug != draft.municipality]
    found = [one for one in settlements.find(text, others) if one.is_sure]
    if not found:
        return None
    _ = talk._
    one = found[-1]
    other = talk.handbook.municipalities[one.municipality]["name"][talk.language]
    return Taken(
        _("{settlement} is in {other}. Shall I send your matter to the municipality there?").format(
            settlement=one.name(talk.language), other=other
        ),
        [
            [
                asking.choice(
                    "✅ " + _("Yes, to {other}").format(other=other), "moved", f"{one.municipality}:{one.ekatte}"
                )
            ],
            [asking.choice("📍 " + _("No, it is in {here}").format(here=_here(talk, draft)), "here")],
        ],
    )


def _settlement(talk: Talk, draft: Draft, text: str) -> Taken:
    _ = talk._
    here = talk.handbook.municipalities[draft.municipality or ""]
    found = settlements.find(text, [here])
    if found and found[0].is_sure:
        draft.settlement = found[0].ekatte
        draft.passes("settlement")
        return Taken()
    if found:
        rows = [[asking.choice("📍 " + one.name(talk.language), "settlement", one.ekatte)] for one in found]
        return Taken(_("Did you mean one of these?"), [*rows, [Option("⏭ " + _("Skip"), "filing-skip:settlement")]])
    if other := _elsewhere(talk, draft, text):
        return other
    known = ", ".join(one.name(talk.language) for one in settlements.of(here))
    return Taken(_("I know no such settlement in {municipality}. It has: {settlements}.").format(
        municipality=_here(talk, draft), settlements=known))  # fmt: skip


# --- Who ---


def _name(talk: Talk, draft: Draft, text: str) -> Taken:
    name = " ".join(text.split())
    if personal_data(name) or sum(c.isalpha() for c in name) < LEAST_NAME or len(name) > MOST_NAME:
        return Taken(talk._("Please write your first and last name in letters, without other data."))
    draft.name = name
    draft.passes("name")
    return Taken()


def _contact(talk: Talk, draft: Draft, text: str) -> Taken:
    contact = " ".join(text.split())
    digits, letters = sum(c.isdigit() for c in contact), sum(c.isalpha() for c in contact)
    is_usable = MAIL.search(contact) or digits >= DIGITS_OF_PHONE or letters >= LETTERS_OF_ADDRESS
    if personal_data(contact) or not is_usable or len(contact) > MOST_CONTACT:
        return Taken(talk._("Please write a telephone number, an e-mail or an address at which you can be reached."))
    draft.contact = contact
    draft.passes("contact")
    return Taken()


# --- Words where something was to be chosen ---


def _municipality(talk: Talk, draft: Draft, text: str) -> Taken:
    found = {one.municipality for one in settlements.find(text, talk.handbook.municipalities.values()) if one.is_sure}
    if len(found) == 1:
        _live_in(talk, draft, found.pop())
        return Taken()
    return Taken(talk._("I did not recognise this municipality."))


def _kind(talk: Talk, draft: Draft, text: str) -> Taken:
    """Whoever writes what it is about instead of choosing is understood."""
    taken = _describe(talk, draft, text)
    if draft.kind is None and draft.text and not taken.choices:
        return Taken(join(taken.lead, talk._("I have kept your words. What are they?"), between="\n\n"))
    return taken


def _category(talk: Talk, draft: Draft, text: str) -> Taken:
    names, is_clear = asking.proposals(talk, text)
    if is_clear:
        draft.category = names[0]
        draft.passes("category")
        return Taken()
    rows = [[asking.choice(asking.report_title(talk, name), "category", name)] for name in names]
    if not rows:
        return Taken(talk._("I did not recognise this subject."))
    more = [Option("📋 " + talk._("Something else: show all"), "filing-categories")]
    return Taken(talk._("Did you mean one of these?"), [*rows, more])


def _files(talk: Talk, draft: Draft, text: str) -> Taken:
    return _add_words(talk, draft, text)


def _only_choices(talk: Talk, _draft: Draft, _text: str) -> Taken:
    return Taken(talk._("Please choose one of these; you can also type its number."))


WORDS: dict[str, Callable[[Talk, Draft, str], Taken]] = {
    "municipality": _municipality,
    "kind": _kind,
    "text": _describe,
    "category": _category,
    "files": _files,
    "place": _place,
    "settlement": _settlement,
    "who": _only_choices,
    "name": _name,
    "contact": _contact,
    "old": _only_choices,
    "alike": _only_choices,
}


# --- Choices ---


def skip(draft: Draft, name: str) -> None:
    if name == "place":
        draft.place = draft.lat = draft.lon = draft.settlement = None
    elif name == "settlement":
        draft.settlement = None
    elif name == "category":
        draft.category = "other"
    elif name == "name":
        draft.name = draft.contact = None
        draft.passes("contact")
    elif name == "contact":
        draft.contact = None
    draft.passes(name)


async def chosen(talk: Talk, draft: Draft, name: str, value: str) -> Taken:
    """A choice under a question. Whatever the draft needs is checked again: the choice may be of an older question."""
    if value == "keep":
        draft.passes(name)
    elif name == "municipality" and value in talk.handbook.municipalities:
        _move_to(talk, draft, value)
    elif name == "kind" and value in asking.KINDS:
        draft.kind = value
        draft.passes("kind")
    elif name == "category" and value in talk.handbook.reports:
        draft.category = value
        draft.passes("category")
    elif name == "text" and draft.files:
        draft.text = talk._("See the files sent with it.")
        draft.passes("text")
    elif name == "files":
        if value == "none":
            await media.discard(talk.db, draft.files)
            draft.files = []
            return Taken(talk._("The files are removed."))
        draft.passes("files")
    else:
        return _place_chosen(talk, draft, name, value)
    return Taken()


def _move_to(talk: Talk, draft: Draft, slug: str) -> None:
    if draft.municipality != slug:
        draft.settlement = draft.lat = draft.lon = draft.place = None
        for name in ("place", "settlement", "alike"):
            draft.forgets(name)
    _live_in(talk, draft, slug)


def _place_chosen(talk: Talk, draft: Draft, name: str, value: str) -> Taken:
    if name == "moved":
        return _moved(talk, draft, value)
    if name == "here":
        draft.passes("place")
    elif name == "nowhere":
        return Taken(talk._("Then please write where it is."))
    elif name == "settlement" and settlements.by_ekatte(
        talk.handbook.municipalities.get(draft.municipality or "", {"settlements": [], "slug": ""}), value
    ):
        draft.settlement = value
        draft.passes("settlement")
    else:
        return _rest_chosen(draft, name, value)
    return Taken()


def _moved(talk: Talk, draft: Draft, value: str) -> Taken:
    """To another municipality, with the place that led there."""
    slug, *where = value.split(":")
    if slug not in talk.handbook.municipalities:
        return Taken()
    place = draft.place
    _move_to(talk, draft, slug)
    if len(where) == 1:
        draft.place, draft.settlement = place, where[0]
        draft.passes("settlement")
    else:
        draft.lat, draft.lon = float(where[0]), float(where[1])
    draft.passes("place")
    return Taken(talk._("Your matter goes to {office}.").format(office=matterwords.office(talk, slug)))


def _rest_chosen(draft: Draft, name: str, value: str) -> Taken:
    if name == "who":
        draft.is_anonymous = value == "anonymous"
        draft.passes("who")
    elif name == "old":
        draft.is_old = value == "yes"
        draft.passes("old")
    elif name == "alike":
        draft.passes("alike")
    return Taken()
