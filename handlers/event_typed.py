"""Beginning and end of an event as they were typed: taken, asked back where two things may be meant, or refused."""

from datetime import UTC, datetime, timedelta

from handlers import event_form
from handlers.talk import Talk
from handlers.typed_times import Typed, read_time
from handlers.words import Markup, Option, b, join
from storage.events import Event

LONGEST = timedelta(days=14)
LATE_HOUR, EARLY_HOUR = 17, 8  # What begins after the one and ends before the other goes on over midnight.


def moment(talk: Talk, at: datetime) -> str:
    """Weekday, date, hour; on the night of two half past threes it says which."""
    speak = talk.translator
    words = talk._("{weekday}, {date}, {time}").format(
        weekday=speak.weekday(at), date=speak.date(at), time=speak.time(at)
    )
    local = at.astimezone(speak.timezone)
    other = local.replace(fold=1 - local.fold)
    if local.utcoffset() == other.utcoffset():
        return words
    season = talk._("summer time") if local.dst() else talk._("winter time")
    return f"{words} ({season})"


def problem(talk: Talk, typed: Typed) -> str:
    """What is wrong with a typed time, and what to write instead."""
    _ = talk._
    return {
        "nothing": _("I did not understand when. Please write day and hour, for example “15.05 at 18:30”."),
        "no-time": _("At what hour? Please write it, for example “18:30”."),
        "no-day": _("On which day? Please write day and hour, for example “15.05 at 18:30”."),
        "no-such-day": _("There is no such day in the calendar. Please look again, for example “28.02 at 10:00”."),
        "no-such-time": _("There is no such hour on that day. (In the night when summer time begins, the hour from 3 "
                          "to 4 is left out.) Please write another one."),
        "past": _("That is past already. Please write a day and an hour to come."),
    }[typed.problem]  # fmt: skip


def why_asked(talk: Talk, typed: Typed) -> str:
    _ = talk._
    return {
        "twice": _("In that night the clock goes back, and this hour comes twice. Which one is meant?"),
        "which-week": _("This week or the next? Please choose."),
        "half-day": _("In the morning or in the afternoon? Please choose."),
        "weekday": _("The date falls on another weekday. Which one is meant?"),
    }[typed.why]


async def read_start(talk: Talk, event: Event, _name: str, said: str) -> None:
    draft = talk.conversation.draft or {}
    day = datetime.fromisoformat(draft["day"]).date() if draft.get("day") else None
    typed = read_time(said, talk.now, talk.translator.timezone, day)
    if typed.problem:
        guided = bool(draft.get("guided"))
        await event_form.again(talk, event, "when", problem(talk, typed))
        if typed.problem == "no-time" and typed.day:  # The day is clear; only the hour is still to come.
            talk.expect(event_form.FIELD, event=event.id, field="when", guided=guided, day=typed.day.isoformat())
        return
    if len(typed.spans) > 1:
        return _ask_which(talk, event, typed)
    start, end = typed.spans[0]
    await take_start(talk, event, start, end)


def _ask_which(talk: Talk, event: Event, typed: Typed) -> None:
    rows = [
        [Option(moment(talk, start),
                f"event-set:{event.id}:starts:{int(start.timestamp())}:{int(end.timestamp()) if end else ''}")]
        for start, end in typed.spans
    ]  # fmt: skip
    talk.say(why_asked(talk, typed), [*rows, [Option("👁 " + talk._("Preview"), f"plan:{event.id}")]])


async def chosen(talk: Talk, event: Event, name: str, value: str) -> None:
    """A moment that was offered as a choice."""
    start, _colon, end = value.partition(":")
    if not start.isdecimal():
        return await event_form.again(talk, event, "when", problem(talk, Typed(problem="nothing")))
    at = datetime.fromtimestamp(int(start), UTC)
    if name == "ends":
        return await take_end(talk, event, at)
    if at <= talk.now:
        return await event_form.again(talk, event, "when", problem(talk, Typed(problem="past")))
    return await take_start(talk, event, at, datetime.fromtimestamp(int(end), UTC) if end.isdecimal() else None)


async def take_start(talk: Talk, event: Event, start: datetime, end: datetime | None) -> None:
    """Without a new end, an event that is moved lasts as long as before."""
    after = event.with_pending()
    if end is None and after.starts_at and after.ends_at:
        end = start + (after.ends_at - after.starts_at)
    understood = join("✔️ ", b(moment(talk, start)))
    await event_form.keep(talk, event, understood, starts_at=start, ends_at=end)


async def read_end(talk: Talk, event: Event, name: str, said: str) -> None:
    after = event.with_pending()
    zone = talk.translator.timezone
    if after.starts_at is None:
        return await event_form.again(talk, event, "when", problem(talk, Typed(problem="no-day")))
    begins = after.starts_at.astimezone(zone)
    before = min(talk.now, after.starts_at - timedelta(days=1))  # An end is measured from the beginning, not from now.
    typed = read_time(said, before, zone, begins.date())
    if typed.problem:
        return await event_form.again(talk, event, name, _end_problem(talk, typed))
    behind = [start for start, _end in typed.spans if start > after.starts_at]
    if not behind and (late := _over_midnight(typed.spans[0][0].astimezone(zone), begins)):
        behind = [late]
    if not behind:
        words = talk._(
            "The end must come after the beginning ({start}). Please write a later hour, or the day as well."
        )
        return await event_form.again(talk, event, name, words.format(start=moment(talk, after.starts_at)))
    return await take_end(talk, event, behind[0])


def _end_problem(talk: Talk, typed: Typed) -> Markup:
    if typed.problem in ("nothing", "no-day", "no-time"):
        return talk._("I did not understand the hour. Please write it like “20:00”.")
    return problem(talk, typed)


def _over_midnight(end: datetime, begins: datetime) -> datetime | None:
    """ "1:00" after an evening that begins at 20:00 is on the next day."""
    if begins.hour < LATE_HOUR or end.hour >= EARLY_HOUR or end.date() != begins.date():
        return None
    return (end.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=end.tzinfo).astimezone(UTC)


async def take_end(talk: Talk, event: Event, end: datetime) -> None:
    after = event.with_pending()
    if after.starts_at is None or end <= after.starts_at:
        return await event_form.again(talk, event, "ends", talk._("The end must come after the beginning."))
    if end - after.starts_at > LONGEST:
        words = talk._("That is more than two weeks after the beginning. Please plan several events instead.")
        return await event_form.again(talk, event, "ends", words)
    return await event_form.keep(talk, event, ends_at=end)
