"""The things an act on a case needs: how each is asked for, read from what was typed, and shown before it goes out."""

from datetime import date
from typing import Any

from handlers import casecard, deskorder, matterwords
from handlers import casephrases as phrases
from handlers.talk import Talk
from handlers.words import Markup, Option, Part, b, join
from storage import absences, caselists, casenumbers, cases, colleagues, offices, permissions, prepared, roles
from storage.caserecord import Case
from storage.caserules import Rules

PREPARED_SHOWN = 5
LEADS_TO = {"answer": "answered", "refuse": "refused", "plan": "planned", "ask": "waiting", "forward": "forwarded"}
SKIP = ""
SPEAKS_FOR_ITSELF = ("answer", "ask", "send-back")  # What the citizen reads needs no name above it.


def _stop(talk: Talk, case: Case) -> list[Option]:
    return [Option("✖️ " + talk._("Stop, send nothing"), f"desk-stop:{casecard.ref(case)}")]


async def ask(talk: Talk, case: Case, act: str, field: str) -> None:
    rows = await _choices(talk, case, act, field)
    talk.say(join(b(case.number), _question(talk, case, act, field), between="\n"), [*rows, _stop(talk, case)])


def _question(talk: Talk, case: Case, act: str, field: str) -> str:
    _ = talk._
    match field:
        case "text":
            return _text_question(talk, act)
        case "reason":
            return _reason_question(talk, act)
        case "addressee":
            report = talk.handbook.reports.get(case.category or "")
            hint = (
                _("Competent, by the handbook: {who}").format(who=report["competent"][talk.language]) if report else ""
            )
            return _("To which body does it go? Write its name.") + (f"\n{hint}" if hint else "")
        case "day":
            return _("By which day? Write a date such as 15.05.2027, or skip it.")
        case "parent":
            return _("Which earlier case is it? Write its number, or choose one from nearby.")
        case "number":
            return _("Write the incoming number of the register, as it stands there.")
        case "department":
            return _("To which department?")
        case "category":
            return _("Which category is right?")
        case "person":
            return _("To which colleague?")
        case _:
            return _("The date has passed. Why is it late? The reason is published in the figures, without names.")


def _text_question(talk: Talk, act: str) -> str:
    _ = talk._
    return {
        "answer": _("Write the answer. You will see it once more before the citizen does."),
        "ask": _("What do you need to know? You will see the question once more before the citizen does."),
        "plan": _("What will be done? You will see the text once more before the citizen does."),
        "correct": _("Write the corrected answer. The citizen sees that it was corrected, and why."),
        "note": _("Write the note. The citizen never sees it."),
        "reply": _("Write what the citizen said, by telephone or at the counter."),
        "delivered": _("How was the citizen reached, or why not? This stays inside."),
    }[act]


def _reason_question(talk: Talk, act: str) -> str:
    _ = talk._
    return {
        "refuse": _("Write the reasons. The citizen reads them, with the way to appeal where there is one."),
        "forward": _("Why are they competent? The citizen reads this."),
        "extend": _("Why does it need longer? The citizen reads this with the new date."),
        "close": _("Why is it closed? The citizen reads this."),
        "reopen": _("Why is it reopened? The citizen reads this."),
        "correct": _("What was wrong? The citizen reads this beside the corrected answer."),
        "send-back": _("What should be changed? Your colleague reads this."),
        "duplicate": _("Why are these the same? The citizen reads this."),
    }.get(act, _("Why? Please write a short reason."))


async def _choices(talk: Talk, case: Case, act: str, field: str) -> list[list[Option]]:
    _ = talk._
    if field == "day":
        return [[Option("⏭️ " + _("Skip"), f"desk-set:{SKIP}")]]
    if field == "late":
        return phrases.late_choices(talk, "desk-set")
    if field == "department":
        rows = await offices.of(talk.db, case.municipality)
        return [[Option(row.name[talk.language], f"desk-set:{row.id}")] for row in rows if row.id != case.department]
    if field == "category":
        options = [
            Option(phrases.category_name(talk, name), f"desk-set:{name}")
            for name in talk.handbook.reports if name != case.category
        ]  # fmt: skip
        return [options[start : start + 2] for start in range(0, len(options), 2)]
    if field == "person":
        return await _people(talk, case)
    if field == "parent":
        return await _near(talk, case)
    return await _prepared(talk, case, act) if act in LEADS_TO and field in ("text", "reason") else []


async def _people(talk: Talk, case: Case) -> list[list[Option]]:
    held = await roles.holders(talk.db, case.municipality)
    fit = [person for person, own in held.items() if permissions.may(own, "take", case.where)]
    names = await colleagues.names(talk.db, fit)
    away = await absences.absent(talk.db, fit, cases.today(talk.db))
    return [[Option(_person(talk, number, names.get(person), person in away), f"desk-set:{person:x}")]
            for number, person in enumerate(fit, 1)]  # fmt: skip


def _person(talk: Talk, number: int, name: str | None, is_away: bool) -> str:
    _ = talk._
    shown = name or _("Colleague {number}, who has not given a name").format(number=number)
    return shown + (" · " + _("away, goes to the substitute") if is_away else "")


async def _near(talk: Talk, case: Case) -> list[list[Option]]:
    found = await caselists.alike(
        talk.db, Rules(talk.handbook), municipality=case.municipality, category=case.category, text=case.text,
        lat=case.lat, lon=case.lon, settlement=case.settlement,
    )  # fmt: skip
    return [
        [Option(f"{one.case.number} · {one.case.title[:40]}", f"desk-set:{one.case.number}")]
        for one in found if one.case.id < case.id
    ]  # fmt: skip


async def _prepared(talk: Talk, case: Case, act: str) -> list[list[Option]]:
    rows = await prepared.fitting(talk.db, case.municipality, case.department, case.category, LEADS_TO[act])
    return [
        [Option("📋 " + str(row.title.get(talk.language) or row.title["bg"]), f"desk-prepared:{row.id:x}")]
        for row in rows[:PREPARED_SHOWN]
    ]


# --- Reading what was typed ---


async def read(talk: Talk, case: Case, field: str, text: str) -> tuple[str | None, str]:
    """What was typed for a field, or what is wrong with it and what to do."""
    _ = talk._
    if not text:
        return None, _("Please write it in words.")
    if field == "day":
        day = deskorder.typed_day(talk, text)
        return (day.isoformat(), "") if day else (None, _("I do not recognise this date. Write it as 15.05.2027."))
    if field == "parent":
        number = casenumbers.recognise(text, casenumbers.letters_of(talk.handbook.municipalities).values())
        known = await cases.by_number(talk.db, number) if number else None
        if known is None or known.id == case.id:
            return None, _("I know no such case of your municipality. Please check the number.")
        return known.number, ""
    if field in ("department", "category", "person", "late"):
        return None, _("Please choose one from the list: type its number or its words.")
    return text, ""


def day_of(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


# --- Showing it ---


async def summary(talk: Talk, case: Case, draft: dict[str, Any]) -> list[Part]:
    """Everything that was collected, as whoever reads it will read it."""
    lines: list[Markup | Part] = [join(b(case.number), f" · {case.title}")]
    if draft["act"] not in SPEAKS_FOR_ITSELF:
        lines.append(b(casecard.act_name(talk, draft["act"])))
    for field, value in draft["got"].items():
        shown = await _shown(talk, case, field, value)
        if shown:
            lines.append(shown)
    if draft["act"] == "approve" and case.pending_answer:
        lines.append(case.pending_answer["text"])
    return join(*lines, between="\n\n")


async def _shown(talk: Talk, case: Case, field: str, value: str | None) -> Markup:
    _ = talk._
    if not value:
        return ""
    if field == "day":
        return _("By: {date}").format(date=phrases.day_in_words(talk, value))
    if field == "late":
        return phrases.why_late(talk, value)
    if field == "department":
        name = await offices.name(talk.db, case.municipality, value, talk.language)
        return _("To: {name}").format(name=name or value)
    if field == "addressee":
        return _("To: {name}").format(name=value)
    if field == "category":
        return phrases.category_name(talk, value)
    if field == "reason":
        return _("Reason: {reason}").format(reason=value)
    return value


async def values(talk: Talk, case: Case) -> dict[str, str]:
    """What can be filled into a prepared answer, in the citizen's language."""
    language = case.language
    speak = talk.translators[language]
    place = talk.handbook.municipalities[case.municipality]
    return {
        "number": case.number,
        "name": case.name or "",
        "title": case.title,
        "place": matterwords.spot(talk, case, language),
        "due": speak.date(case.due_on) if case.due_on else "",
        "department": await offices.name(talk.db, case.municipality, case.department, language) or "",
        "municipality": place["full_name"][language],
        "filed": speak.date(case.filed_at),
        "incoming_number": case.incoming_number or "",
    }
