"""Announcements: what was written for many, to whom, who is told of it, and who wants to hear no more of them."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from storage.models.base import Id, Moment, metadata, own_id, refers

announcements = Table(
    "announcements",
    metadata,
    own_id(),
    Column("municipality", String(32)),  # None: of all of them together.
    Column("is_emergency", Boolean, nullable=False),
    refers("author_id", "people"),
    refers("conversation_id", "conversations"),  # Where the author is told how it goes.
    refers("approver_id", "people", nullable=True),
    refers("corrects_id", "announcements", nullable=True, index=True),
    Column("is_recall", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("texts", JSON, nullable=False),  # Language -> as it was typed.
    Column("files", JSON, nullable=False),
    Column("choices", JSON, nullable=False),
    Column("audience", JSON, nullable=False),
    Column("counted", JSON),  # Channel -> people, as it was shown before sending.
    Column("counted_at", Moment),
    Column("wants_count", Boolean, nullable=False),  # The town is too large to be counted within a turn.
    Column("wants_results", String(8)),  # The format in which the author asked for what became of each message.
    Column("due_at", Moment),  # Not before.
    Column("cursor", Id, nullable=False),  # The last person who was looked at while it is being sent.
    Column("resolved", Integer, nullable=False),  # Recipients found so far.
    Column("is_resolved", Boolean, nullable=False),
    Column("progress_id", Id),  # The message that tells how far it is.
    Column("told_at", Moment),
    Column("figures", JSON),  # The final report.
    Column("digests", JSON),  # Language -> SHA-256 of the text as it was sent.
    Column("is_public", Boolean, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    CheckConstraint(
        "state IN ('draft', 'asked', 'scheduled', 'sending', 'paused', 'stopped', 'done', 'discarded')", name="state"
    ),
    Index("ix_announcements_state", "state"),
    Index("ix_announcements_municipality", "municipality", "id"),
)

# A row for each recipient, made together with the message to them: nobody can get an announcement twice.
announcement_recipients = Table(
    "announcement_recipients",
    metadata,
    Column("announcement_id", Id, ForeignKey("announcements.id"), primary_key=True, autoincrement=False),
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    refers("conversation_id", "conversations"),
    Column("message_id", Id, nullable=False),  # The row of the outbox.
    Column("language", String(2), nullable=False),
)

announcement_history = Table(
    "announcement_history",
    metadata,
    own_id(),
    refers("announcement_id", "announcements", index=True),
    refers("person_id", "people", nullable=True),
    Column("what", String(16), nullable=False),
    Column("note", Text),
    Column("at", Moment, nullable=False),
)

# Who wants no more of them: one tap under any announcement.
unsubscribed = Table(
    "unsubscribed",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    Column("scope", String(16), primary_key=True),
    Column("since", Moment, nullable=False),
    CheckConstraint("scope IN ('ordinary', 'emergency')", name="scope"),
)
