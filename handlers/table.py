"""What the bot can do, in one table: the first thing to open."""

from collections.abc import Awaitable, Callable

from handlers import (
    announcement_desk,
    announcement_editing,
    announcements,
    cards,
    catalogue,
    checklists,
    desk_table,
    editors,
    event_desk,
    event_table,
    events,
    handover,
    home,
    matter_table,
    preferences,
    profile,
    questions,
    recall,
    reports,
    staffgroup,
    subscriptions,
)
from handlers.talk import Talk

Handler = Callable[[Talk], Awaitable[None]]
Action = Callable[[Talk, str], Awaitable[None]]

COMMANDS: dict[str, Handler] = {
    "start": home.greet,
    "menu": home.show_menu,
    "services": catalogue.show_categories,
    "letters": catalogue.show_letters,
    "checklist": checklists.show_begun,
    "events": events.show_events,
    "organize": event_desk.show_desk,
    "notices": preferences.show_notices,
    "municipality": profile.ask_municipality,
    "language": profile.ask_language,
    "privacy": home.show_privacy,
    "help": home.show_help,
    "cancel": home.cancel,
    "unanswered": editors.show_open,
    "report": reports.show,
    "announce": announcements.show,
    "announcements": subscriptions.show,
    **desk_table.COMMANDS,
    "group": staffgroup.show_group,
    **matter_table.COMMANDS,
}

# What a choice does: "name" or "name:argument". The argument comes from our own table, never from the person.
ACTIONS: dict[str, Action] = {
    "report-which": reports.which_chosen,
    "report-of": reports.municipality_chosen,
    "report-now": reports.now_chosen,
    "report-every": reports.every_chosen,
    "matters-of": reports.matters_chosen,
    "matter-steps": reports.steps_chosen,
    "menu": home.menu_chosen,
    "help": home.help_chosen,
    "privacy": home.privacy_chosen,
    "category": catalogue.category_chosen,
    "categories": catalogue.categories_chosen,
    "letters": catalogue.letters_chosen,
    "letter": catalogue.letter_chosen,
    "card": cards.card_chosen,
    "terms": cards.terms_chosen,
    "law": cards.law_chosen,
    "appeal": cards.appeal_chosen,
    "related": cards.related_chosen,
    "source": cards.source_chosen,
    "share": cards.share_chosen,
    "papers": checklists.papers_chosen,
    "tick": checklists.tick_chosen,
    "missing": checklists.missing_chosen,
    "clear": checklists.clear_chosen,
    "remind": checklists.remind_chosen,
    "remind-at": checklists.time_chosen,
    "forget": checklists.forget_chosen,
    "recall": recall.recall_chosen,
    "recall-at": recall.at_chosen,
    "begun": checklists.begun_chosen,
    "report": questions.report_chosen,
    "person": handover.person_chosen,
    "helped": questions.helped_chosen,
    "municipality": profile.municipality_chosen,
    "municipalities": profile.municipalities_chosen,
    "language": profile.language_chosen,
    "languages": profile.languages_chosen,
    "notices": preferences.notices_chosen,
    "hear": preferences.hear_chosen,
    "follow": preferences.follow_chosen,
    "unfollow": preferences.unfollow_chosen,
    "quiet": preferences.quiet_chosen,
    "leads": preferences.leads_chosen,
    "close-question": editors.close_chosen,
    "open-questions": editors.page_chosen,
    **event_table.ACTIONS,
    "announce": announcement_desk.chosen,
    "subscriptions": subscriptions.shown,
    "subscribe": subscriptions.subscribe_chosen,
    "unsubscribe": subscriptions.unsubscribe_chosen,
    **desk_table.ACTIONS,
    **staffgroup.ACTIONS,
    **matter_table.ACTIONS,
}

# What free text means while somebody is expected to say something; every other time it is a question.
STEPS: dict[str, Handler] = {
    **announcement_desk.STEPS,
    preferences.ASK_QUIET: preferences.take_quiet,
    recall.ASK_WHEN: recall.take_when,
    **event_table.STEPS,
    **desk_table.STEPS,
    **matter_table.STEPS,
}

# Steps that take files and places on the map as well; every other time those are kept and explained.
FILE_STEPS: frozenset[str] = frozenset({*event_table.FILE_STEPS, *matter_table.FILE_STEPS, announcement_editing.FILES})

# Steps that take a shared telephone number.
PHONE_STEPS: frozenset[str] = frozenset(matter_table.PHONE_STEPS)

# Steps that end when somebody does anything else: whoever goes to the menu and asks something asks a question.
PASSING_STEPS: frozenset[str | None] = frozenset(
    {*event_table.STEPS, recall.ASK_WHEN, preferences.ASK_QUIET, *matter_table.PASSING_STEPS}
)

# Steps in which a number is what was asked for, and not the number of a choice.
NUMBER_STEPS: frozenset[str | None] = frozenset(
    {
        *event_table.NUMBER_STEPS,
        *desk_table.NUMBER_STEPS,
        recall.ASK_WHEN,
        announcement_editing.TEXT,
        announcement_editing.WHEN,
    }
)
# Words that people type instead of pressing; compared without case, commas and dots.
SPOKEN: dict[str, str] = {
    "меню": "menu",
    "начало": "menu",
    "menu": "menu",
    "помощ": "help",
    "help": "help",
    "услуги": "services",
    "services": "services",
    "отказ": "cancel",
    "откажи": "cancel",
    "cancel": "cancel",
    "stop": "cancel",
    "стоп": "cancel",
    "език": "language",
    "language": "language",
    "община": "municipality",
    "municipality": "municipality",
    "преписки": "cases",
    "cases": "cases",
    "събития": "events",
    "събитие": "events",
    "events": "events",
    "известия": "notices",
    "notices": "notices",
    "поверителност": "privacy",
    "privacy": "privacy",
    **matter_table.SPOKEN,
}
