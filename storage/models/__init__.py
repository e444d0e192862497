"""The tables. Every change here needs a migration; a test compares the two."""

from storage.models.base import Moment, metadata
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
from storage.models.people import files, invitations, roles
from storage.models.talk import conversations, incoming, outgoing, people, postponed
from storage.models.wishes import follows, preferences

__all__ = [
    "Moment",
    "answers",
    "conversations",
    "editions",
    "files",
    "follows",
    "incoming",
    "invitations",
    "journal_checks",
    "journal_heads",
    "journal_keys",
    "journal_queue",
    "journal_tiles",
    "metadata",
    "openings",
    "outgoing",
    "people",
    "postponed",
    "preferences",
    "publications",
    "receipts",
    "reminders",
    "roles",
    "ticks",
    "unanswered",
]
