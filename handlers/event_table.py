"""What the bot can do with events: the part of the table for citizens, organizers and the door."""

from collections.abc import Awaitable, Callable

from handlers import (
    event_calendar,
    event_desk,
    event_door,
    event_files,
    event_form,
    event_seats,
    event_voices,
    events,
)
from handlers.talk import Talk

Action = Callable[[Talk, str], Awaitable[None]]

CITIZENS: dict[str, Action] = {
    "events": events.events_chosen,
    "events-kinds": events.kinds_chosen,
    "events-where": events.where_chosen,
    "events-month": events.month_chosen,
    "events-day": events.day_chosen,
    "events-mine": events.mine_chosen,
    "events-feed": event_calendar.feed_chosen,
    "event": events.event_chosen,
    "event-map": events.map_chosen,
    "event-follow": events.follow_chosen,
    "event-agenda": event_files.agenda_chosen,
    "event-join": event_seats.join_chosen,
    "event-nameless": event_seats.nameless_chosen,
    "event-confirm": event_seats.confirm_chosen,
    "event-drop": event_seats.drop_chosen,
    "event-drop-yes": event_seats.dropped_chosen,
    "event-fewer": event_seats.fewer_chosen,
    "event-ticket": event_seats.ticket_chosen,
    "event-remind": event_seats.remind_chosen,
    "event-ics": event_seats.ics_chosen,
    "event-ask": event_voices.ask_chosen,
    "event-stars": event_voices.stars_chosen,
}
ORGANIZERS: dict[str, Action] = {
    "plan": event_desk.desk_chosen,
    "plan-new": event_desk.new_chosen,
    "plan-kind": event_desk.kind_chosen,
    "plan-where": event_desk.where_chosen,
    "plan-past": event_desk.past_chosen,
    "event-share": event_desk.share_chosen,
    "event-look": event_desk.look_chosen,
    "event-copy": event_desk.copy_chosen,
    "event-publish": event_desk.publish_chosen,
    "event-published": event_desk.published_chosen,
    "event-forget": event_desk.forget_chosen,
    "event-discard": event_desk.discard_chosen,
    "event-off": event_desk.off_chosen,
    "event-off-yes": event_desk.off_confirmed,
    "event-edit": event_form.edit_chosen,
    "event-set": event_form.set_chosen,
    "event-sample": event_form.sample_chosen,
    "event-questions": event_voices.questions_chosen,
    "event-answer": event_voices.answer_chosen,
    "event-minutes": event_voices.minutes_chosen,
    "event-send": event_voices.send_chosen,
    "event-report": event_voices.report_chosen,
}
DOOR: dict[str, Action] = {
    "event-door": event_door.door_chosen,
    "event-closed": event_door.closed_chosen,
    "event-guests": event_door.guests_chosen,
    "event-export": event_door.export_chosen,
    "seat-in": event_door.in_chosen,
    "seat-out": event_door.out_chosen,
}
ACTIONS = CITIZENS | ORGANIZERS | DOOR

STEPS: dict[str, Callable[[Talk], Awaitable[None]]] = {
    event_seats.ASK_MANY: event_seats.take_many,
    event_seats.ASK_NAME: event_seats.take_name,
    event_form.FIELD: event_form.take_field,
    event_desk.ASK_REASON: event_desk.take_reason,
    event_door.NUMBER: event_door.take_number,
    event_voices.ASK_QUESTION: event_voices.take_question,
    event_voices.ASK_ANSWER: event_voices.take_answer,
    event_voices.ASK_WORDS: event_voices.take_words,
    event_voices.ASK_MINUTES: event_voices.take_minutes,
}
FILE_STEPS = (event_form.FIELD, event_voices.ASK_MINUTES)
NUMBER_STEPS = (event_form.FIELD, event_seats.ASK_MANY, event_door.NUMBER)
