"""Free text at any moment is a question: understood, answered from the handbook, or kept for a person."""

from collections.abc import Mapping
from typing import Any

from handlers import cards, handover, home, matter_asked, profile
from handlers.talk import Talk
from handlers.words import Markup, Option, Part, Text, b, fill, i, join
from storage import messages, questions
from storage.search import Hit, Understanding, personal_data

OFFERED = 3  # "Did you mean": the best three.
REPORT = "report:"
WORDLESS = 2  # Letters and digits; with fewer there is nothing to look for.


async def ask(talk: Talk) -> None:
    """Answer a question."""
    assert isinstance(talk.heard.word, Text)
    await answer(talk, talk.heard.word.text)


async def ask_again(talk: Talk, ref: str, text: str) -> None:
    """A question was rewritten: it is answered anew. Channels also report edits that changed nothing to be seen."""
    is_same = await messages.said_before(talk.db, talk.conversation.id, ref, text)
    if not is_same and not text.strip().startswith("/"):
        await answer(talk, text)


async def answer(talk: Talk, text: str) -> None:
    if numbers := matter_asked.numbers_in(talk, text):
        return await matter_asked.asked(talk, numbers[0])
    if await matter_asked.take_words(talk, text):
        return None
    if sum(c.isalnum() for c in text) < WORDLESS:
        return _wordless(talk)
    found = talk.handbook.engine.understand(text)
    if found.script == "cyr" and talk.language != "bg":
        talk.speak("bg")  # Who writes in Cyrillic is answered in Bulgarian.
    warning = _personal(talk, text)
    talk.handler = f"questions.{found.intent}"
    match found.intent:
        case "emergency":
            _emergency(talk, found)
        case "appeal":
            await _refer(talk, text, found, appeal_text(talk))
        case "whistleblowing":
            await _refer(talk, text, found, whistleblowing_text(talk))
        case "smalltalk":
            await _chat(talk, text, found)
        case "out_of_scope":
            await _not_ours(talk, text, found)
        case _:
            await _offer(talk, text, found)
    if warning:
        talk.say(warning)
    return None


def _wordless(talk: Talk) -> None:
    _ = talk._
    talk.say(
        _("Please write in a few words what you need, for example “sketch of my plot”."),
        [[Option("📚 " + _("Services by topic"), "categories"), home.to_menu(talk)]],
    )


def _personal(talk: Talk, text: str) -> Markup:
    if not personal_data(text):
        return ""
    return talk._(
        "Your message seems to contain a personal, card or account number. I did not need it and have kept it out of "
        "the lists. Please do not send such numbers in the chat."
    )


def _record(talk: Talk, found: Understanding, card: str | None, confident: bool) -> int:
    return questions.answered(
        talk.db,
        incoming_id=talk.heard_id,
        person_id=talk.person.id,
        intent=found.intent,
        card=card,
        edition=talk.handbook.number,
        confident=confident,
        municipality=talk.person.municipality,
        language=talk.language,
    )


# --- Services and reports ---


async def _offer(talk: Talk, text: str, found: Understanding) -> None:
    """Show a clear winner at once; otherwise ask which of the best three was meant."""
    if not found.hits:
        return await _nothing(talk, text, found)
    best = found.hits[0].id
    rating = _record(talk, found, best, found.confident)
    if not found.confident:
        return _did_you_mean(talk, found.hits)
    if best.startswith(REPORT):
        return _show_report(talk, best.removeprefix(REPORT), rating, str(talk.heard_id))
    return await cards.show(talk, best, rating=rating)


def _title(talk: Talk, hit: Hit) -> str:
    if hit.id.startswith(REPORT):
        report = talk.handbook.reports[hit.id.removeprefix(REPORT)]
        return _report_title(talk, report)
    return talk.handbook.cards[hit.id].title(talk.language)


def _report_title(talk: Talk, report: Mapping[str, Any]) -> str:
    return f"{report['emoji']} " + talk._("Report") + f": {report['title'][talk.language]}"


def _open(talk: Talk, hit: Hit) -> str:
    """A report takes the words along that led to it."""
    return f"{hit.id}:{talk.heard_id}" if hit.id.startswith(REPORT) else f"card:{hit.id}"


def _offers(talk: Talk, hits: tuple[Hit, ...]) -> list[list[Option]]:
    return [[Option(_title(talk, hit), _open(talk, hit))] for hit in hits[:OFFERED]]


def _did_you_mean(talk: Talk, hits: tuple[Hit, ...]) -> None:
    _ = talk._
    talk.say(
        _("I am not sure that I understand. Did you mean one of these?"),
        [*_offers(talk, hits), [handover.person_choice(talk)], [home.to_menu(talk)]],
    )


async def _nothing(talk: Talk, text: str, found: Understanding) -> None:
    _ = talk._
    _record(talk, found, None, False)
    await handover.register(talk, talk.heard_id, text, found.intent, "nothing")
    talk.say(
        _("I did not find such a service. Try another word, such as “sketch” or “visa”."),
        [[Option("📚 " + _("Services by topic"), "categories")], [handover.person_choice(talk, _("Ask a person"))],
         [home.to_menu(talk)]],
    )  # fmt: skip


async def report_chosen(talk: Talk, argument: str) -> None:
    category, _colon, heard_id = argument.partition(":")
    _show_report(talk, category, None, heard_id)


def _show_report(talk: Talk, category: str, rating: int | None, heard_id: str = "") -> None:
    """What a report about this needs, who is competent, and the way to file it."""
    _ = talk._
    report = talk.handbook.reports.get(category)
    if report is None:
        return talk.say(_("This choice is no longer available. Here is what you can do now."), [[home.to_menu(talk)]])
    urgent = report["urgent_note"]
    rows = [[Option("📝 " + _("Report it here"), f"filing::{category}:{heard_id}")]]
    if rating is not None:
        rows.append(cards.rating_choices(talk, rating))
    talk.say(
        join(
            join("⚠️ ", b(urgent[talk.language])) if urgent else "",
            b(_report_title(talk, report)),
            fill("{label}: {who}", label=b(_("Who is competent")), who=report["competent"][talk.language]),
            fill("{label}: {what}", label=b(_("Please say")), what=report["question_hint"][talk.language]),
            _("You can report it here in two minutes: you get a number and a date at once, and hear of every change."),
            between="\n\n",
        ),
        [*rows, [home.to_menu(talk)]],
        about=f"{REPORT}{category}",
    )
    return None


# --- What comes before anything else ---


def _emergency(talk: Talk, found: Understanding) -> None:
    """112 first and in one line, before anything else."""
    _ = talk._
    _record(talk, found, None, True)
    talk.say(
        emergency_text(talk, found.topic),
        [*_offers(talk, tuple(hit for hit in found.hits if hit.id.startswith(REPORT))[:1]), [home.to_menu(talk)]],
    )


def emergency_text(talk: Talk, topic: str | None = None) -> list[Part]:
    _ = talk._
    return join(
        b(_("Call 112 now.")),
        _("If anyone is in danger, move away and call 112 at once: this chat does not reach the rescue services."),
        _("You are not alone: on 112 somebody will listen to you now.")
        if topic == "suicide"
        else _("When the danger is over, you can tell me about it here."),
        between="\n\n",
    )


def _kind(talk: Talk, kind_id: str) -> Mapping[str, Any]:
    return next(kind for kind in talk.handbook.casework["kinds"] if kind["id"] == kind_id)


def appeal_text(talk: Talk) -> list[Part]:
    _ = talk._
    kind, language = _kind(talk, "appeal"), talk.language
    return join(
        b(_("To challenge a decision or a refusal you usually have 14 days from the day you were told.")),
        kind["appeal"]["rule"][language],
        fill(_("{label}: {where}"), label=b(_("Where to file")), where=kind["filing_channel"][language]),
        _("First of all follow the instructions in the decision itself. An appeal cannot be filed in this chat."),
        i(_caution(talk, kind)),
        between="\n\n",
    )


def whistleblowing_text(talk: Talk) -> list[Part]:
    _ = talk._
    kind, language = _kind(talk, "whistleblowing"), talk.language
    return join(
        b(_("Please do not write any details here: this chat is not the protected channel.")),
        kind["filing_channel"][language],
        _("You can also turn to the Commission for Personal Data Protection (cpdp.bg), which receives such reports "
          "from everywhere in the country. Who reports in this way is protected by law."),
        i(_caution(talk, kind)),
        between="\n\n",
    )  # fmt: skip


def _caution(talk: Talk, kind: Mapping[str, Any]) -> str:
    """What the data say of their own certainty is told to whoever relies on them."""
    legend = talk.handbook.casework["legend"]
    weakest = "unverified" if "unverified" in kind["verification"].values() else "knowledge"
    return talk._("This is not legal advice. Source: {acts}. {certainty}.").format(
        acts="; ".join(kind["law"]), certainty=legend[weakest][talk.language].rstrip(".")
    )


async def _refer(talk: Talk, text: str, found: Understanding, answer: list[Part]) -> None:
    """Say the right way at once; a person takes over if the citizen wishes. No service card comes first."""
    rating = _record(talk, found, None, True)
    label = talk._("Ask a person")
    talk.say(answer, [[handover.person_choice(talk, label)], cards.rating_choices(talk, rating), [home.to_menu(talk)]])


# --- Everything else ---


async def _chat(talk: Talk, text: str, found: Understanding) -> None:
    """Small talk is answered like a polite clerk, and leads back to the counter."""
    if found.topic == "human":
        return await handover.to_person(talk, talk.heard_id, text)
    _record(talk, found, None, True)
    if found.topic in ELSEWHERE:
        return await ELSEWHERE[found.topic](talk)
    rows = [[Option("📚 " + talk._("Services by topic"), "categories"), home.to_menu(talk)]]
    if talk.person.municipality is None:
        rows = [*profile.municipality_choices(talk), *rows]
    talk.say(_reply(talk, found.topic or ""), rows)
    return None


# Small talk that asks for something we have.
ELSEWHERE = {"language": profile.ask_language, "privacy-chat": home.show_privacy, "confused": home.show_help}


def _reply(talk: Talk, topic: str) -> str:
    _ = talk._
    who = _("I am Gishe, a program that knows the handbook of technical services. I am not a person, but I can pass "
            "your question to one.")  # fmt: skip
    replies = {
        "thanks": _("You are welcome! If you need anything else, just write."),
        "compliment": _("Thank you! If you need anything else, just write."),
        "goodbye": _("Goodbye! I am here whenever you need me."),
        "who-are-you": who,
        "robot": who,
        "can-you-help": _("Gladly. Write what you need, for example “sketch of my plot” or “permit for a fence”."),
        "how-are-you": _("Thank you, I am well. How can I help you?"),
        "ok": _("All right. If you need anything else, just write."),
        "test": _("I can read you. Write what you need."),
        "insult": _("I am sorry that you are not content. Tell me what you need and I will try to help, or ask for a "
                    "person."),
        "joke": _("I only know the handbook, and there are few jokes in it. How can I help?"),
    }  # fmt: skip
    return replies.get(topic, _("Hello! How can I help?"))


async def _not_ours(talk: Talk, text: str, found: Understanding) -> None:
    """No card with confidence, but an offer to pass the question to a person."""
    _ = talk._
    _record(talk, found, None, False)
    await handover.register(talk, talk.heard_id, text, found.intent, "nothing")
    talk.say(
        _("This does not seem to be one of the technical services that I know, and I do not want to guess. I can pass "
          "your question to a person, or you can look at the services by topic."),
        [[handover.person_choice(talk, _("Ask a person"))], [Option("📚 " + _("Services by topic"), "categories")],
         [home.to_menu(talk)]],
    )  # fmt: skip


# --- After the answer ---


async def helped_chosen(talk: Talk, argument: str) -> None:
    _ = talk._
    number, _colon, helped = argument.partition(":")
    heard_id = await questions.rate(talk.db, int(number), talk.person.id, helped)
    if heard_id is None:
        return await home.stale_choice(talk)
    if helped == "yes":
        talk.say(_("Thank you! I am glad that this helped."), [[home.to_menu(talk)]])
        return None
    text = await messages.text_of(talk.db, heard_id, talk.person.id)
    if text is None:
        return await home.stale_choice(talk)
    await handover.register(talk, heard_id, text, "service", "unhelpful")
    others = _others(talk, text)
    person = handover.person_choice(talk, heard_id=heard_id)
    talk.say(
        _("I am sorry. Perhaps it is one of these? You can also put the question in other words."),
        [*others, [person], [home.to_menu(talk)]],
    )
    return None


def _others(talk: Talk, text: str) -> list[list[Option]]:
    """What came behind the answer that did not help."""
    return _offers(talk, talk.handbook.engine.understand(text).hits[1:])
