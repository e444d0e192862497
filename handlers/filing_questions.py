"""What is asked of whoever files a matter: one question for each field, with everything that can be chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers import files, matterwords
from handlers.filing_draft import Draft
from handlers.talk import Talk
from handlers.words import Markup, Option, b, fill, i, join
from storage import settlements

Rows = list[list[Option]]
KINDS = ("signal", "proposal", "service-complaint", "question", "info-request", "data-request", "praise")
SIGNS = {"signal": "⚠️", "proposal": "💡", "service-complaint": "🙁", "question": "❓", "info-request": "📄",
         "data-request": "🔒", "praise": "💐"}  # fmt: skip
PROPOSED = 3  # Categories that fit the words best.
MUST = ("municipality", "kind", "text")  # Without these nothing can be filed.


@dataclass(slots=True)
class Ask:
    text: Markup
    rows: Rows = field(default_factory=list)
    wish: Any = ""  # What the channel may offer a button for: a place, a phone number.
    can_skip: bool = False


def choice(label: str, name: str, value: str = "") -> Option:
    return Option(label, f"filing-set:{name}:{value}")


def ask(talk: Talk, draft: Draft, name: str) -> Ask:
    return ASKS[name](talk, draft)


def controls(talk: Talk, draft: Draft, name: str, asked: Ask) -> Rows:
    """What stands under every question: skip, back, stop."""
    _ = talk._
    row = [Option("⏭ " + _("Skip"), f"filing-skip:{name}")] if asked.can_skip else []
    if draft.passed or draft.editing:
        row.append(Option("⬅️ " + _("Back"), "filing-back"))
    return [row, [Option("✖️ " + _("Stop"), "filing-stop")]] if row else [[Option("✖️ " + _("Stop"), "filing-stop")]]


def report_title(talk: Talk, category: str | None) -> str:
    report = talk.handbook.reports.get(category or "")
    return f"{report['emoji']} {report['title'][talk.language]}" if report else ""


def _pairs(options: Sequence[Option]) -> Rows:
    return [list(options[start : start + 2]) for start in range(0, len(options), 2)]


def _municipality(talk: Talk, _draft: Draft) -> Ask:
    places = talk.handbook.municipalities.items()
    return Ask(
        talk._("Which municipality is it about? Please choose."),
        _pairs([choice(place["name"][talk.language], "municipality", slug) for slug, place in places]),
    )


def _kind(talk: Talk, _draft: Draft) -> Ask:
    _ = talk._
    known = {kind["id"]: kind for kind in talk.handbook.casework["kinds"]}
    options = [
        choice(f"{SIGNS[name]} {known[name]['name'][talk.language]}", "kind", name) for name in KINDS if name in known
    ]
    elsewhere = [Option("⚖️ " + _("Challenge a decision or refusal"), "filing-elsewhere:appeal")]
    return Ask(
        join(
            b(_("What would you like to send to the municipality?")),
            _("Choose, or simply write what it is about. Nothing is sent before you have seen and confirmed it."),
            _("If anyone is in danger, call 112 at once."),
            between="\n\n",
        ),
        [*[[option] for option in options], elsewhere],
    )


def _text(talk: Talk, draft: Draft) -> Ask:
    _ = talk._
    report = talk.handbook.reports.get(draft.category or "")
    wanted = {
        "question": _("What would you like to ask the municipality?"),
        "proposal": _("What do you propose?"),
        "info-request": _("Which document or information do you ask for?"),
        "data-request": _("What do you ask for: to see, correct or erase your data?"),
        "praise": _("Whom or what would you like to thank for?"),
    }.get(draft.kind or "", _("What has happened? Describe it in your own words."))
    return Ask(
        join(
            b(wanted),
            fill("{label}: {what}", label=_("Please say"), what=report["question_hint"][talk.language])
            if report
            else "",
            _("One message is enough; a voice message or a photo with a caption is fine, too. Please leave out "
              "personal numbers (EGN) and card numbers."),
            i(_("So far: {text}").format(text=matterwords.short(draft.text, 300))) if draft.text else "",
            between="\n\n",
        ),
        [[choice("✅ " + _("Leave it as it is"), "text", "keep")]] if draft.text else
        [[choice("🎙 " + _("The files say it all"), "text", "files")]] if draft.files else [],
    )  # fmt: skip


def proposals(talk: Talk, text: str) -> tuple[list[str], bool]:
    """The categories of reports that the words speak of, and whether the first is clear."""
    found = talk.handbook.engine.understand(text)
    names = [hit.id.removeprefix("report:") for hit in found.hits if hit.id.startswith("report:")]
    is_clear = bool(names) and found.confident and found.hits[0].id.startswith("report:")
    return [name for name in names if name in talk.handbook.reports][:PROPOSED], is_clear


def _category(talk: Talk, draft: Draft) -> Ask:
    _ = talk._
    is_said = draft.text != talk._("See the files sent with it.")
    names = proposals(talk, draft.text)[0] if is_said else []
    if not names or draft.editing == "category":
        return _all_categories(talk)
    rows = [[choice(report_title(talk, name), "category", name)] for name in names]
    return Ask(
        _("What is it about? This is how I understand your words."),
        [*rows, [Option("📋 " + _("Something else: show all"), "filing-categories")]],
        can_skip=True,
    )


def _all_categories(talk: Talk) -> Ask:
    options = [choice(report_title(talk, name), "category", name) for name in talk.handbook.reports]
    return Ask(talk._("What is it about? Please choose the nearest."), _pairs(options), can_skip=True)


def _files(talk: Talk, draft: Draft) -> Ask:
    _ = talk._
    report = talk.handbook.reports.get(draft.category or "")
    is_wanted = report is not None and report["photo"] == "recommended"
    if draft.files:
        count = talk.n("{count} file is with it.", "{count} files are with it.", len(draft.files))
        return Ask(
            join(count.format(count=len(draft.files)), _("Send more, add words, or go on."), between=" "),
            [[choice("✅ " + _("Go on"), "files", "done")], [choice("🗑 " + _("Remove the files"), "files", "none")]],
        )
    first = _("Please send a photo if you can: it speeds up the check.") if is_wanted else _(
        "You can send a photo, a video or a document now."
    )  # fmt: skip
    return Ask(
        join(b(first), _("You can also add words. Without files it works as well."), files.limits(talk),
             between="\n\n"),
        can_skip=True, wish="media",
    )  # fmt: skip


def _place(talk: Talk, draft: Draft) -> Ask:
    _ = talk._
    have = matterwords.place(talk, draft)
    return Ask(
        join(
            b(_("Where is it?")),
            _("Share your location if you are there, or write the settlement and the street, or a landmark: "
              "“Montana, Izvora Street 5, by the bakery”."),
            i(_("So far: {text}").format(text=have)) if have else "",
            between="\n\n",
        ),
        [[choice("✅ " + _("Leave it as it is"), "place", "keep")]] if have else [],
        wish="place", can_skip=True,
    )  # fmt: skip


def _settlement(talk: Talk, draft: Draft) -> Ask:
    _ = talk._
    here = talk.handbook.municipalities[draft.municipality or ""]
    likely = [one for one in settlements.find(draft.place or "", [here]) if not one.is_sure]
    centre = settlements.by_ekatte(here, here["centre_ekatte"])
    shown = [*likely, *([centre] if centre and centre.ekatte not in {one.ekatte for one in likely} else [])]
    return Ask(
        _("In which settlement is that? Choose, or write its name."),
        [[choice("📍 " + one.name(talk.language), "settlement", one.ekatte)] for one in shown],
        can_skip=True,
    )


def _who(talk: Talk, draft: Draft) -> Ask:
    _ = talk._
    kind = matterwords.kind(talk, draft.kind)
    report = talk.handbook.reports.get(draft.category or "", {})
    if report.get("sensitive"):
        seen = _("Because of its subject only the secretary of the municipality, the mayor and who is appointed for "
                 "it see this; the department concerned does not.")  # fmt: skip
    else:
        seen = _("Your name and contact are seen only by the staff who work on it. They are never published.")
    if kind["anonymity"]["allowed"]:
        cost = _("You can also stay without a name; the answer comes here in any case.")
    else:
        cost = _("Without a name and a contact the law opens no procedure (art. 111(4) of the Administrative Procedure "
                 "Code): nobody owes you an answer or a date. What you write is kept as information for the "
                 "municipality, and you can follow it here and with a secret code.")  # fmt: skip
    return Ask(
        join(b(_("With your name, or anonymously?")), seen, cost, between="\n\n"),
        [[choice("🙋 " + _("With my name"), "who", "named")], [choice("🕶 " + _("Anonymously"), "who", "anonymous")]],
    )


def _name(talk: Talk, draft: Draft) -> Ask:
    _ = talk._
    return Ask(
        join(b(_("What is your name?")), _("First and last name, please; no personal number."), between="\n"),
        [[choice("✅ " + draft.name, "name", "keep")]] if draft.name else [],
        can_skip=bool(matterwords.kind(talk, draft.kind)["anonymity"]["allowed"]),
    )


def _contact(talk: Talk, draft: Draft) -> Ask:
    _ = talk._
    return Ask(
        join(
            b(_("How can the municipality reach you besides this chat?")),
            _("Write a telephone number, an e-mail or an address, or share your number."),
            between="\n",
        ),
        [[choice("✅ " + draft.contact, "contact", "keep")]] if draft.contact else [],
        wish="phone",
        can_skip=bool(matterwords.kind(talk, draft.kind)["anonymity"]["allowed"]),
    )


def _old(talk: Talk, _draft: Draft) -> Ask:
    _ = talk._
    return Ask(
        join(
            b(_("Did this happen within the last two years?")),
            _("On breaches older than two years the law opens no procedure (art. 111(4) of the Administrative "
              "Procedure Code)."),
            between="\n\n",
        ),
        [
            [choice(_("Yes, or it still goes on"), "old", "no")],
            [choice(_("No, it is older"), "old", "yes"), choice(_("I do not know"), "old", "unknown")],
        ],
    )  # fmt: skip


ASKS: dict[str, Callable[[Talk, Draft], Ask]] = {
    "municipality": _municipality,
    "kind": _kind,
    "text": _text,
    "category": _category,
    "files": _files,
    "place": _place,
    "settlement": _settlement,
    "who": _who,
    "name": _name,
    "contact": _contact,
    "old": _old,
}
all_categories = _all_categories
