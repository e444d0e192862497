"""How announcements look: to those who get them, to their author, in the archive. Needs no turn, only a translator."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from handlers import formatting
from handlers.words import BROADCAST, EMERGENCY, Attachment, Option, Part, Say, b, fill, i, join, plain
from locales import LANGUAGES, Translator
from storage.announcements import Announcement, Figures
from storage.audiences import Counted
from storage.event_kinds import kinds
from storage.handbook import Handbook

EXCERPT = 160
BARS = 10  # Signs of the progress bar: what fits beside a number on a narrow phone.


def whose(speak: Translator, handbook: Handbook, municipality: str | None) -> str:
    place = handbook.municipalities.get(municipality or "")
    return place["full_name"][speak.language] if place else speak.gettext("All four municipalities")


# --- What recipients get ---


def heading(one: Announcement, speak: Translator, handbook: Handbook) -> Part:
    place = whose(speak, handbook, one.municipality)
    if one.is_emergency:
        return b("🚨 " + speak.gettext("Emergency notice – {municipality}").format(municipality=place))
    return b("📢 " + place)


def letter(one: Announcement, speak: Translator, handbook: Handbook, now: datetime) -> Say:
    """The message for a reader of this language."""
    body = _recall(one, speak, now) if one.is_recall else _body(one, speak, now)
    return Say(
        text=join(heading(one, speak, handbook), body, between="\n\n"),
        choices=[[option] for option in choices(one, speak)],
        files=[] if one.is_recall else [attachment(file) for file in one.files if file.get("digest")],
        recalls=one.is_recall,
        about=one.about,
        lane=EMERGENCY if one.is_emergency else BROADCAST,
    )


def attachment(file: Mapping[str, Any]) -> Attachment:
    return Attachment(kind=file["kind"], digest=file["digest"], name=file["name"], mime=file["mime"],
                      size=file["size"])  # fmt: skip


def _body(one: Announcement, speak: Translator, now: datetime) -> list[Part]:
    _ = speak.gettext
    typed, written = one.text(speak.language)
    other = {"bg": _("This text is available in Bulgarian only."),
             "en": _("This text is available in English only.")}[written]  # fmt: skip
    changed = _("Corrected on {date} at {time}.").format(date=speak.date(now), time=speak.time(now))
    return join(
        formatting.read(typed),
        i(other) if written != speak.language else "",
        i("✏️ " + changed) if one.corrects_id else "",
        between="\n\n",
    )


def _recall(one: Announcement, speak: Translator, now: datetime) -> list[Part]:
    gone = speak.gettext("This announcement was withdrawn on {date} at {time}. Please disregard it.")
    reason = one.text(speak.language)[0]
    return join(
        i(gone.format(date=speak.date(now), time=speak.time(now))),
        formatting.read(reason) if reason else "",
        between="\n\n",
    )


def choices(one: Announcement, speak: Translator) -> list[Option]:
    _ = speak.gettext
    offered = [] if one.is_recall else [
        Option(choice["labels"].get(speak.language) or next(iter(choice["labels"].values())),
               choice["do"])
        for choice in one.choices
    ]  # fmt: skip
    stop = _("No more emergency notices") if one.is_emergency else _("No more announcements")
    return [*offered, Option("🔕 " + stop, f"unsubscribe:{one.scope}")]


# --- What its author sees ---


def excerpt(one: Announcement, language: str) -> str:
    return short(one.text(language)[0])


def short(typed: str) -> str:
    """The beginning of a text, in one line."""
    said = " ".join(plain(formatting.read(typed)).split())
    return said if len(said) <= EXCERPT else said[:EXCERPT].rsplit(" ", 1)[0] + " …"


def state_name(speak: Translator, one: Announcement) -> str:
    _ = speak.gettext
    return {
        "draft": _("draft"),
        "asked": _("waits for approval"),
        "scheduled": _("scheduled"),
        "sending": _("being sent"),
        "paused": _("paused"),
        "stopped": _("stopped"),
        "done": _("has been sent"),
        "discarded": _("discarded"),
    }[one.state]


def channel_name(speak: Translator, channel: str) -> str:
    return {"telegram": "Telegram", "viber": "Viber", "web": speak.gettext("web chat")}.get(channel, channel)


def role_name(speak: Translator, role: str) -> str:
    _ = speak.gettext
    return {
        "administrator": _("administrators"),
        "mayor": _("mayors"),
        "secretary": _("secretaries"),
        "head": _("heads of departments"),
        "staff": _("staff"),
        "organizer": _("organizers"),
        "monitor": _("outside monitors"),
        "emergency": _("emergency duty"),
    }.get(role, role)


def number_of_people(speak: Translator, many: int) -> str:
    sentence = speak.ngettext("{count} person", "{count} people", many)
    return sentence.format(count=speak.number(many))


def by_channel(speak: Translator, counted: Counted) -> str:
    """1 234 people: Telegram 1 000, web chat 234"""
    shares = sorted(counted.channels.items(), key=lambda share: -share[1])
    named = ", ".join(f"{channel_name(speak, channel)} {speak.number(many)}" for channel, many in shares)
    return f"{number_of_people(speak, counted.people)}: {named}" if named else number_of_people(speak, 0)


def money(speak: Translator, amount: Decimal) -> str:
    """10,00 € / €10.00"""
    text = f"{amount:.2f}"
    return f"€{text}" if speak.language == "en" else f"{text.replace('.', ',')} €"


def audience_words(one: Announcement, speak: Translator, handbook: Handbook) -> list[str]:
    """The conditions, a sentence each."""
    _ = speak.gettext
    audience = one.audience
    places = [handbook.municipalities[slug]["name"][speak.language] for slug in audience.municipalities
              if slug in handbook.municipalities]  # fmt: skip
    lines = []
    if audience.roles:
        lines.append(_("role: {names}").format(names=", ".join(role_name(speak, role) for role in audience.roles)))
    if places:
        lines.append(_("lives in or follows: {names}").format(names=", ".join(places)))
    if audience.kinds:
        followed = [kinds()[kind].brief(speak.language) for kind in audience.kinds if kind in kinds()]
        lines.append(_("follows: {names}").format(names="; ".join(followed)))
    if audience.events:
        lines.append(speak.ngettext("takes part in the chosen event", "takes part in one of {count} chosen events",
                                    len(audience.events)).format(count=len(audience.events)))  # fmt: skip
    if audience.languages:
        lines.append(_("language: {names}").format(names=", ".join(LANGUAGES[code] for code in audience.languages)))
    if audience.channels:
        named = ", ".join(channel_name(speak, channel) for channel in audience.channels)
        lines.append(_("channel: {names}").format(names=named))
    if audience.active_days is not None:
        lines.append(_("wrote to us within {count} days").format(count=audience.active_days))
    return lines or [_("everybody")]


# --- How it goes ---


def control_choices(one: Announcement, speak: Translator) -> list[list[Option]]:
    """What can be done with it now that it has been begun."""
    _, at = speak.gettext, f"{one.id:x}"
    stop = Option("✋ " + _("Stop"), f"announce:stop:{at}")
    again = Option("🔄 " + _("Show it anew"), f"announce:open:{at}")
    if one.state == "sending":
        return [[Option("⏸ " + _("Pause"), f"announce:pause:{at}"), stop], [again]]
    if one.state == "paused":
        return [[Option("▶️ " + _("Resume"), f"announce:resume:{at}"), stop]]
    rows = [[Option("📄 " + _("Results as CSV"), f"announce:results:{at}:csv"),
             Option("📄 " + _("Results as XLSX"), f"announce:results:{at}:xlsx")]]  # fmt: skip
    if not one.corrects_id:
        rows.append([Option("✏️ " + _("Correct it"), f"announce:correct:{at}"),
                     Option("🗑 " + _("Withdraw it"), f"announce:recall:{at}")])  # fmt: skip
    return rows


def progress(one: Announcement, speak: Translator, handbook: Handbook, figures: Figures, now: datetime) -> list[Part]:
    """How far it is, in words that fit on a phone."""
    _ = speak.gettext
    expected = expected_people(one, figures)
    sent = figures.all - figures.left - figures.quiet - figures.web
    return join(
        b(f"📢 {whose(speak, handbook, one.municipality)} – {state_name(speak, one)}"),
        excerpt(one, speak.language),
        f"{bar(sent, expected)} {_share(sent, expected)}",
        figure_lines(speak, figures, left=max(0, expected - figures.all) + figures.left),
        fill(_("Expected end: {time}."), time=b(_end(one, speak, sent, expected, now))) if one.state == "sending"
        and sent < expected and figures.left + expected - figures.all > 0 else "",
        between="\n\n",
    )  # fmt: skip


def expected_people(one: Announcement, figures: Figures) -> int:
    """How many it will be: as counted before, until all are found."""
    return figures.all if one.is_resolved else max(figures.all, one.counted.people if one.counted else 0)


def bar(done: int, of: int) -> str:
    full = BARS if not of else BARS * done // of
    return "▓" * full + "░" * (BARS - full)


def _share(done: int, of: int) -> str:
    return f"{100 if not of else 100 * done // of} %"


def _end(one: Announcement, speak: Translator, done: int, of: int, now: datetime) -> str:
    gone = now - (one.started_at or now)
    if done < 1 or gone <= timedelta(0):
        return speak.gettext("not known yet")
    return speak.time(now + gone * ((of - done) / done))


def figure_lines(speak: Translator, figures: Figures, left: int) -> str:
    _ = speak.gettext
    lines = [
        ("✅", _("sent"), figures.sent),
        ("🚫", _("blocked us or left"), figures.blocked),
        ("⚠️", _("failed"), figures.failed),
        ("❔", _("not known whether it arrived"), figures.unknown),
        ("🔕", _("unsubscribed meanwhile"), figures.unsubscribed),
        ("✋", _("stopped before it went out"), figures.dropped),
        ("💻", _("waits in the web chat"), figures.web),
        ("🌙", _("waits for the end of quiet hours"), figures.quiet),
        ("⏳", _("left"), left),
    ]
    always = (_("sent"), _("blocked us or left"), _("failed"), _("left"))
    return "\n".join(f"{sign} {name}: {speak.number(many)}" for sign, name, many in lines if many or name in always)


def report(one: Announcement, speak: Translator, handbook: Handbook, figures: Figures) -> list[Part]:
    _ = speak.gettext
    began, ended = one.started_at, one.ended_at
    times = (
        _("From {start} to {end} on {date}.").format(start=speak.time(began), end=speak.time(ended),
                                                     date=speak.date(began))
        if began and ended else ""
    )  # fmt: skip
    digests = "\n".join(f"{language}: {value}" for language, value in one.digests.items())
    return join(
        b(f"📢 {whose(speak, handbook, one.municipality)} – {state_name(speak, one)}"),
        excerpt(one, speak.language),
        figure_lines(speak, figures, left=figures.left),
        times,
        join(_("SHA-256 of the text, as in the archive:"), {"code": digests}, between="\n") if digests else "",
        between="\n\n",
    )
