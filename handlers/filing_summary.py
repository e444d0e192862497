"""Everything that is about to be filed, on one page, with each field to be corrected; and what leads away from it."""

from collections.abc import Sequence
from dataclasses import replace

from handlers import filing_draft, home, matterwords
from handlers import filing_questions as asking
from handlers.filing_draft import Draft
from handlers.talk import Talk
from handlers.words import Markup, Option, Part, Say, b, fill, i, join
from storage.caselists import Alike

SHOWN = 700  # Characters of the description; the whole of it is sent.
# What has to be asked again, where it no longer fits, with a field that is corrected.
WITH = {"municipality": ("place", "settlement", "alike"), "place": ("settlement", "alike"), "category": ("alike",),
        "who": ("name", "contact")}  # fmt: skip


def labels(talk: Talk) -> dict[str, str]:
    _ = talk._
    return {
        "municipality": _("Municipality"),
        "kind": _("Kind"),
        "category": _("Subject"),
        "text": _("Description"),
        "files": _("Files"),
        "place": _("Place"),
        "who": _("Name"),
        "name": _("Name"),
        "contact": _("Contact"),
        "old": _("When"),
    }


def values(talk: Talk, draft: Draft) -> dict[str, str]:
    """Each field in words; those that this matter does not have are not there."""
    _ = talk._
    none = "–"
    place = talk.handbook.municipalities.get(draft.municipality or "")
    known = {
        "municipality": place["full_name"][talk.language] if place else none,
        "kind": matterwords.kind_name(talk, draft.kind),
        "category": asking.report_title(talk, draft.category) or none,
        "text": draft.text if len(draft.text) <= SHOWN else draft.text[:SHOWN] + "… " + _length(talk, draft),
        "files": str(len(draft.files)) if draft.files else none,
        "place": matterwords.place(talk, draft) or none,
        "who": _("anonymous") if draft.is_anonymous else "",
        "name": draft.name or none,
        "contact": draft.contact or none,
        "old": _("more than two years ago") if draft.is_old else _("within the last two years"),
    }
    shown = [name for name in filing_draft.fields(talk, draft) if name in known]
    if draft.is_anonymous or draft.name:
        shown = [name for name in shown if name != ("name" if draft.is_anonymous else "who")]
    else:
        known["who"] = _("without a name")
        shown = [name for name in shown if name not in ("name", "contact")]
    return {name: known[name] for name in shown if known[name]}


def _length(talk: Talk, draft: Draft) -> str:
    return talk._("({count} characters in all)").format(count=talk.translator.number(len(draft.text)))


def show(talk: Talk, draft: Draft, lead: Markup = "") -> None:
    _ = talk._
    named = labels(talk)
    shown = values(talk, draft)
    lines = [join(b(f"{named[name]}: "), value) for name, value in shown.items()]
    talk.say(
        join(
            lead,
            b("📋 " + _("Please check that everything is right. Nothing has been sent yet.")),
            join(*lines, between="\n"),
            _warnings(talk, draft),
            i(_("Your data are used only for this matter.")),
            between="\n\n",
        ),
        [[Option("✅ " + _("Send it to the municipality"), f"filing-send:{draft.id}")], *_edits(talk, shown),
         [Option("✖️ " + _("Stop"), "filing-stop")]],
    )  # fmt: skip


def _edits(talk: Talk, shown: dict[str, str]) -> list[list[Option]]:
    named = labels(talk)
    fields = ["who" if name == "name" else name for name in shown]
    options = [Option(f"✏️ {named[name]}", f"filing-edit:{name}") for name in fields]
    return [options[start : start + 2] for start in range(0, len(options), 2)]


def _warnings(talk: Talk, draft: Draft) -> list[Part]:
    """What somebody has to know before they send it."""
    _ = talk._
    kind = matterwords.kind(talk, draft.kind)
    report = talk.handbook.reports.get(draft.category or "", {})
    said: list[Markup] = []
    if draft.is_anonymous and not kind["anonymity"]["allowed"]:
        said.append(_("Anonymous: no procedure, no answer and no date are owed for it (art. 111(4))."))
    if draft.is_old:
        said.append(_("It is older than two years: the law opens no procedure on it. The municipality will say so."))
    if draft.category == "corruption":
        said.append(_("If the check finds signs of a crime, the municipality tells the prosecutor's office."))
    if urgent := report.get("urgent_note"):
        said.append("⚠️ " + urgent[talk.language])
    return join(*said, between="\n")


def brief(talk: Talk, draft: Draft) -> list[Part]:
    title = asking.report_title(talk, draft.category) or matterwords.kind_name(talk, draft.kind)
    files = talk.n("{count} file", "{count} files", len(draft.files)).format(count=len(draft.files))
    words = "“" + matterwords.short(draft.text, 120) + "”" if draft.text else files
    return join(b(title), i(words), between="\n")


def with_row(say: Say, row: Sequence[Option]) -> Say:
    return replace(say, choices=[*say.choices, row])


async def gone(talk: Talk) -> None:
    """A choice of a draft that is no longer there."""
    if talk.aside.get("filed"):
        _ = talk._
        return talk.say(
            _("This matter was sent already, or deleted. Here are your matters."),
            [[Option("📂 " + _("My matters"), "matters"), home.to_menu(talk)]],
        )
    return await home.stale_choice(talk)


def show_alike(talk: Talk, found: Sequence[Alike], lead: Markup) -> None:
    """Others' reports: what and where, never their words."""
    _ = talk._
    lines = [fill("{sign} {what}", sign="•", what=_one(talk, one)) for one in found]
    rows = [
        [Option("👍 " + _("It is this one: follow {number}").format(number=one.case.number),
                f"filing-follow:{one.case.id:x}")] for one in found
    ]  # fmt: skip
    talk.say(
        join(
            lead,
            b(_("Perhaps somebody has reported the same already:")),
            join(*lines, between="\n"),
            _("If it is the same, follow it: you hear of every step, and it counts that more people are affected."),
            between="\n\n",
        ),
        [
            *rows,
            [asking.choice("🆕 " + _("No, mine is new"), "alike", "new")],
            [Option("⬅️ " + _("Back"), "filing-back")],
        ],
    )


def _one(talk: Talk, one: Alike) -> str:
    _ = talk._
    case = one.case
    told = [asking.report_title(talk, case.category)]
    if one.metres is not None:
        told.append(_("about {metres} m from there").format(metres=max(5, round(one.metres, -1) or 5)))
    elif case.place:
        told.append(matterwords.place(talk, case))
    told.append(talk.translator.date(case.filed_at))
    told.append(matterwords.state(talk, case.state))
    return ", ".join(told)
