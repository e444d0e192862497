"""Sending a matter off: once, whatever is pressed twice; a number and a receipt at once."""

from datetime import timedelta

from handlers import casenotices, filing, filing_draft, filing_summary, home, matterdates, matterwords
from handlers.filing_draft import Draft
from handlers.talk import Talk
from handlers.words import Option, Part, b, code, fill, i, join
from storage import casenumbers, cases, filings, media, offices, receipts
from storage.caserecord import Actor
from storage.caserules import Rules
from storage.cases import Filed, Filing

FILED = "filed"
LIMITS = ((timedelta(minutes=10), 4), (timedelta(days=1), 12))  # Matters of one person; more is no citizen in need.


async def send_chosen(talk: Talk, draft_id: str) -> None:
    draft = filing_draft.of(talk)
    if draft is None or draft.id != draft_id:
        return await _sent_already(talk, draft_id)
    if filing_draft.next_field(talk, draft) is not None:
        return await filing.go_on(talk, draft)
    if await is_too_much(talk):
        filing_draft.keep(talk, draft)
        return refuse_flood(talk)
    filed = await file(talk, draft)
    filing_draft.drop(talk)
    talk.put_aside(FILED, {"draft": draft.id, "case": matterwords.ref(filed.case), "number": filed.case.number})
    return None


async def _sent_already(talk: Talk, draft_id: str) -> None:
    known = talk.aside.get(FILED) or {}
    if known.get("draft") != draft_id:
        return await filing_summary.gone(talk)
    _ = talk._
    return talk.say(
        _("This is filed already, once: number {number}.").format(number=known["number"]),
        [[Option("📄 " + _("Open {number}").format(number=known["number"]), f"matter:{known['case']}")],
         [home.to_menu(talk)]],
    )  # fmt: skip


async def is_too_much(talk: Talk) -> bool:
    for time, most in LIMITS:
        since = talk.now - time
        if await filings.count_since(talk.db, talk.person.id, talk.conversation.id, since) >= most:
            return True
    return False


def refuse_flood(talk: Talk) -> None:
    _ = talk._
    talk.say(
        _("You have sent many matters in a short time. So that each of them is read with care, please go on a little "
          "later: what you wrote is kept. In danger call 112."),
        [[filing.resume_choice(talk)] if filing_draft.of(talk) else [], [home.to_menu(talk)]],
    )  # fmt: skip


async def file(talk: Talk, draft: Draft, lead: str = "") -> Filed:
    """Open the case, give it its files, make its receipt, tell the citizen and the staff."""
    municipality = draft.municipality or ""
    rules = Rules(talk.handbook)
    letters = casenumbers.letters_of(talk.handbook.municipalities)[municipality]
    person_id = None if draft.is_anonymous else talk.person.id
    filed = await cases.open_case(talk.db, rules, _filing(talk, draft), letters, Actor("author", person_id))
    await media.belong_to(talk.db, draft.about, matterwords.about(filed.case))
    token = await _receipt(talk, filed)
    say_filed(talk, rules, filed, await _department(talk, filed), token, lead)
    await casenotices.spread(talk, filed)
    return filed


def _filing(talk: Talk, draft: Draft) -> Filing:
    old = talk._("(Said when filing: it happened more than two years ago.)") if draft.is_old else ""
    has_category = draft.kind in filing_draft.WITH_CATEGORY
    return Filing(
        municipality=draft.municipality or "", kind=draft.kind or "question", language=talk.language,
        text="\n\n".join(filter(None, [draft.text, old])), category=draft.category if has_category else None,
        person_id=talk.person.id, conversation_id=talk.conversation.id, is_anonymous=draft.is_anonymous,
        name=draft.name, contact=draft.contact, lat=draft.lat, lon=draft.lon, place=draft.place,
        settlement=draft.settlement, question_id=draft.question,
    )  # fmt: skip


async def _receipt(talk: Talk, filed: Filed) -> str:
    case = filed.case
    rows = await media.about(talk.db, matterwords.about(case))
    content = {
        "text": case.text, "kind": case.kind, "category": case.category, "place": case.place,
        "files": [row.digest for row in rows if row.digest],
    }  # fmt: skip
    return receipts.make(
        talk.db, case.number, "filed", content, municipality=case.municipality, language=talk.language,
        person_id=case.person_id, due=case.due_on, state=case.state,
    )  # fmt: skip


async def _department(talk: Talk, filed: Filed) -> str:
    case = filed.case
    return await offices.name(talk.db, case.municipality, case.department, talk.language) or ""


# --- The receipt in the chat ---


def say_filed(talk: Talk, rules: Rules, filed: Filed, department: str, token: str, lead: str = "") -> None:
    _ = talk._
    case, number = filed.case, matterwords.ref(filed.case)
    rows = [[Option("📄 " + _("Open {number}").format(number=case.number), f"matter:{number}")]]
    if talk.links.public_url:
        rows.append([Option("🧾 " + _("Receipt"), url=talk.links.public_url + receipts.path(token))])
    rows.append([Option("➕ " + _("Add words or photos"), f"matter-add:{number}"), home.to_menu(talk)])
    talk.say(
        join(
            lead,
            fill("✅ " + _("It is filed. Your number: {number}"), number=b(case.number)),
            _who_reads(talk, filed, department),
            _when(talk, rules, filed),
            _how(talk),
            _code(talk, filed),
            between="\n\n",
        ),
        rows,
        about=matterwords.about(case),
    )


def _who_reads(talk: Talk, filed: Filed, department: str) -> str:
    _ = talk._
    case = filed.case
    office = matterwords.office(talk, case.municipality)
    if case.is_sensitive:
        read = _("{office}: it is read by the secretary of the municipality, not by the department concerned.").format(
            office=office
        )
    elif department:
        read = _("{office}, {department} reads it next.").format(office=office, department=department)
    else:
        read = _("{office} reads it next.").format(office=office)
    number = _("This is the number in our system; when the registry gives its incoming number, I will tell you.")
    return f"{read} {number}"


def _when(talk: Talk, rules: Rules, filed: Filed) -> list[Part]:
    _ = talk._
    kind = rules.kind(filed.case.kind)
    if not filed.has_procedure:
        return [_("It is anonymous, so no procedure is opened and no date is owed (art. 111(4) of the Administrative "
                  "Procedure Code). The municipality keeps it as information.")]  # fmt: skip
    basis = filed.case.basis
    if not basis:
        return matterdates.promise(talk, kind, basis)
    return join(
        join(matterdates.promise(talk, kind, basis), " ", _("You need not do anything until then.")),
        join(i(_("How this date came about:") + " "), matterdates.explanation(talk, kind, basis)),
        between="\n",
    )


def _how(talk: Talk) -> str:
    return talk._(
        "I write to you here at every change. Under /matters, or by typing the number, you can see how it stands, add "
        "words and photos, correct your text or withdraw it."
    )


def _code(talk: Talk, filed: Filed) -> list[Part]:
    _ = talk._
    secret = fill(_("Secret code: {code}"), code=code(filed.code))
    kept = _("With the number and this code you can follow it from any other chat. It is shown only now: please write "
             "it down and give it to nobody.")  # fmt: skip
    return join(secret, kept, between="\n")
