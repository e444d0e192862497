"""The handbook, the answers given from it, and what people keep about its cards."""

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from storage.models.base import Id, Moment, metadata, own_id, refers

editions = Table(
    "editions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the content, hex.
    Column("note", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("since", Moment, nullable=False),
)

# Every answer given: which card of which edition, how sure, and whether it helped.
answers = Table(
    "answers",
    metadata,
    own_id(),
    refers("incoming_id", "incoming"),
    refers("person_id", "people"),
    Column("intent", String(16), nullable=False),
    Column("card", String(64)),
    Column("edition", Integer, ForeignKey("editions.number"), nullable=False),
    Column("confident", Boolean, nullable=False),
    Column("municipality", String(32)),
    Column("language", String(2), nullable=False),
    Column("helped", String(8)),
    Column("at", Moment, nullable=False),
    CheckConstraint("helped IN ('yes', 'no')", name="helped"),
    Index("ix_answers_at", "at"),
)

# Questions that no card answers, for the editors. Personal data are masked before they come here.
unanswered = Table(
    "unanswered",
    metadata,
    own_id(),
    refers("incoming_id", "incoming"),
    refers("person_id", "people"),
    Column("question", Text, nullable=False),
    Column("details", Text),  # What the asker added later, and in which message.
    Column("details_id", Id),
    Column("intent", String(16), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("municipality", String(32)),
    Column("language", String(2), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("closed_at", Moment),
    CheckConstraint("reason IN ('nothing', 'unhelpful', 'person')", name="reason"),
    Index("ix_unanswered_open", "closed_at", "id"),
)

# Answers of the staff on their way into the handbook.
promotions = Table(
    "promotions",
    metadata,
    own_id(),
    refers("case_id", "cases", index=True),
    Column("municipality", String(32), nullable=False),
    Column("card", String(64), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", JSON, nullable=False),  # {"bg": …, "en": …}
    Column("state", String(16), nullable=False),
    refers("proposed_by", "people"),
    Column("proposed_at", Moment, nullable=False),
    refers("decided_by", "people", nullable=True),
    Column("decided_at", Moment),
    Column("edition", Integer, ForeignKey("editions.number")),
    Column("told_at", Moment),  # When earlier askers were told.
    CheckConstraint("state IN ('proposed', 'taken', 'declined')", name="state"),
    Index("ix_promotions_waiting", "municipality", "state"),
)

ticks = Table(
    "ticks",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("card", String(64), primary_key=True),
    Column("item", String(16), primary_key=True),  # A digest of the document's words: it outlives a new edition.
    Column("at", Moment, nullable=False),
)

reminders = Table(
    "reminders",
    metadata,
    own_id(),
    refers("person_id", "people", index=True),
    refers("conversation_id", "conversations"),
    Column("about", String(64), nullable=False),
    Column("note", Text),  # What somebody wants to be told, in their own words.
    Column("due_at", Moment, nullable=False),
    Column("for_at", Moment),  # The hour that it reminds of; if that has moved, the reminder is void.
    Column("useful_until", Moment),
    Column("done_at", Moment),
    Column("outcome", String(16)),
    Index("ix_reminders_due", "done_at", "due_at"),
)
_WAITS = reminders.c.done_at.is_(None)
Index("ix_reminders_about", reminders.c.about, sqlite_where=_WAITS, postgresql_where=_WAITS)
