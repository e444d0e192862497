"""Events: what is planned, every change of it, who has a place, what was asked, what people said afterwards."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.models.base import Id, Moment, metadata, own_id, refers

events = Table(
    "events",
    metadata,
    own_id(),
    Column("municipality", String(32)),  # None: all of them.
    Column("kind", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("title_bg", Text),
    Column("title_en", Text),
    Column("text_bg", Text),
    Column("text_en", Text),
    Column("starts_at", Moment),
    Column("ends_at", Moment),
    Column("place", Text),
    Column("lat", Float),
    Column("lon", Float),
    Column("online", Text),
    Column("capacity", Integer),  # None: as many as come.
    Column("takes_names", Boolean, nullable=False),
    Column("takes_questions", Boolean, nullable=False),
    Column("picture", Id),  # Numbers of files that were sent in (table media).
    Column("agenda", Id),
    Column("pending", JSON),  # Changes of a published event that nobody was told of yet.
    Column("sequence", Integer, nullable=False),  # Of the calendar entry: how often people were told something new.
    Column("reason", Text),  # Why it was cancelled.
    refers("made_by", "people"),
    Column("made_at", Moment, nullable=False),
    Column("published_at", Moment),
    Column("changed_at", Moment, nullable=False),
    CheckConstraint("state IN ('draft', 'published', 'changed', 'cancelled', 'held')", name="state"),
    Index("ix_events_state", "state", "starts_at"),
)

# Never edited: what was, what is, who changed it and why.
event_changes = Table(
    "event_changes",
    metadata,
    own_id(),
    refers("event_id", "events", index=True),
    refers("person_id", "people", nullable=True),  # None: the clock.
    Column("what", String(16), nullable=False),
    Column("old", JSON),
    Column("new", JSON),
    Column("reason", Text),
    Column("at", Moment, nullable=False),
)

seats = Table(
    "seats",
    metadata,
    own_id(),
    refers("event_id", "events"),
    refers("person_id", "people", index=True),
    refers("conversation_id", "conversations"),
    Column("number", Integer, nullable=False),  # Said at the door.
    Column("ticket", String(32), nullable=False, unique=True),  # Shown at the door, as a QR code.
    Column("seats", SmallInteger, nullable=False),
    Column("name", String(120)),  # For the list at the door; cleared some time after the event.
    Column("state", String(16), nullable=False),
    Column("remind", String(64)),  # Instead of what the person prefers.
    Column("since", Moment, nullable=False),  # The place in the waiting list.
    Column("offered_until", Moment),
    Column("came_at", Moment),
    CheckConstraint("state IN ('going', 'waiting', 'offered', 'cancelled', 'lapsed', 'came', 'absent')", name="state"),
    UniqueConstraint("event_id", "number"),
    UniqueConstraint("event_id", "person_id"),
    Index("ix_seats_event_state", "event_id", "state", "since"),
)
_OFFERED = seats.c.state == "offered"
Index("ix_seats_offered", seats.c.offered_until, sqlite_where=_OFFERED, postgresql_where=_OFFERED)

# Never edited: each move of a place.
seat_moves = Table(
    "seat_moves",
    metadata,
    own_id(),
    refers("seat_id", "seats", index=True),
    refers("event_id", "events", index=True),
    Column("old", String(16)),
    Column("new", String(16), nullable=False),
    Column("seats", SmallInteger, nullable=False),
    refers("person_id", "people", nullable=True),  # Who moved it; None: the clock.
    Column("at", Moment, nullable=False),
)

event_questions = Table(
    "event_questions",
    metadata,
    own_id(),
    refers("event_id", "events", index=True),
    refers("person_id", "people"),
    refers("conversation_id", "conversations"),
    Column("question", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("answer", Text),
    Column("answered_at", Moment),
    refers("answered_by", "people", nullable=True),
)

event_feedback = Table(
    "event_feedback",
    metadata,
    own_id(),
    refers("event_id", "events"),
    refers("person_id", "people"),
    Column("stars", SmallInteger, nullable=False),
    Column("words", Text),
    Column("at", Moment, nullable=False),
    UniqueConstraint("event_id", "person_id"),
    CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
)

# What is being told to the people of an event, and how far that has come: it may be thousands.
event_news = Table(
    "event_news",
    metadata,
    own_id(),
    refers("event_id", "events", index=True),
    Column("what", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("after", Id, nullable=False),  # The last person who was told.
    Column("told", Integer, nullable=False),
    Column("done_at", Moment),
)
_WAITS = event_news.c.done_at.is_(None)
Index("ix_event_news_waiting", event_news.c.id, sqlite_where=_WAITS, postgresql_where=_WAITS)
