"""The tables. Every change here needs a migration; a test compares the two."""

from storage.models.base import Moment, metadata
from storage.models.cases import (
    STATES,
    case_counters,
    case_duties,
    case_files,
    case_followers,
    case_history,
    case_ratings,
    case_words,
    cases,
)
from storage.models.figures import daily_counts, endings, matters, monthly_reports, moves, report_wishes
from storage.models.handbook import answers, editions, reminders, ticks, unanswered
from storage.models.journal import (
    journal_checks,
    journal_heads,
    journal_keys,
    journal_queue,
    journal_tiles,
    openings,
    publications,
    receipts,
)
from storage.models.media import media
from storage.models.offices import (
    absences,
    case_topics,
    departments,
    local_days,
    prepared_answers,
    routes,
    staff_groups,
)
from storage.models.people import files, invitations, roles
from storage.models.talk import conversations, incoming, outgoing, people, postponed
from storage.models.wishes import follows, preferences

__all__ = [
    "STATES",
    "Moment",
    "absences",
    "answers",
    "case_counters",
    "case_duties",
    "case_files",
    "case_followers",
    "case_history",
    "case_ratings",
    "case_topics",
    "case_words",
    "cases",
    "conversations",
    "daily_counts",
    "departments",
    "editions",
    "endings",
    "files",
    "follows",
    "incoming",
    "invitations",
    "journal_checks",
    "journal_heads",
    "journal_keys",
    "journal_queue",
    "journal_tiles",
    "local_days",
    "matters",
    "media",
    "metadata",
    "monthly_reports",
    "moves",
    "openings",
    "outgoing",
    "people",
    "postponed",
    "preferences",
    "prepared_answers",
    "publications",
    "receipts",
    "reminders",
    "report_wishes",
    "roles",
    "routes",
    "staff_groups",
    "ticks",
    "unanswered",
]
