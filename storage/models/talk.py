"""Who talks with us, what was heard and what was said."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from storage.models.base import Id, Moment, metadata, own_id, refers

people = Table(
    "people",
    metadata,
    own_id(),
    Column("language", String(2), nullable=False),
    Column("municipality", String(32)),
    Column("since", Moment, nullable=False),
)

# One address of one person on one channel, and what is being talked about there.
conversations = Table(
    "conversations",
    metadata,
    own_id(),
    Column("channel", String(16), nullable=False),
    Column("external", String(128), nullable=False),  # The channel's own name for it, with the topic after a slash.
    refers("person_id", "people", nullable=True, index=True),  # A group is nobody's.
    Column("is_group", Boolean, nullable=False),
    Column("reachable", Boolean, nullable=False),
    Column("step", String(64)),
    Column("draft", JSON),
    Column("menu", JSON),  # The choices offered last, so that each can be typed.
    Column("since", Moment, nullable=False),
    UniqueConstraint("channel", "external"),
)

incoming = Table(
    "incoming",
    metadata,
    own_id(),
    Column("channel", String(16), nullable=False),
    Column("key", String(128), nullable=False),
    refers("conversation_id", "conversations"),
    refers("person_id", "people"),
    Column("kind", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("handler", String(64)),
    Column("error", Text),
    Column("said_at", Moment, nullable=False),
    Column("heard_at", Moment, nullable=False),
    Column("salt", LargeBinary),  # With it the content opens the journal's commitment; erased together.
    UniqueConstraint("channel", "key"),
    CheckConstraint("state IN ('waiting', 'handled', 'failed')", name="state"),
    Index("ix_incoming_conversation", "conversation_id", "id"),
)
Index("ix_incoming_waiting", incoming.c.id, sqlite_where=incoming.c.state == "waiting",
      postgresql_where=incoming.c.state == "waiting")  # fmt: skip

outgoing = Table(
    "outgoing",
    metadata,
    own_id(),
    refers("conversation_id", "conversations"),
    refers("answers_id", "incoming", nullable=True),
    Column("channel", String(16), nullable=False),  # That of the conversation: each channel asks for its own only.
    Column("lane", SmallInteger, nullable=False),
    Column("content", JSON, nullable=False),
    Column("about", String(64)),
    Column("replaces", Id),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    Column("attempts", SmallInteger, nullable=False),
    Column("external", String(128)),  # The channel's own number of the message, once it is sent.
    Column("due_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("changed_at", Moment, nullable=False),
    Column("salt", LargeBinary),
    CheckConstraint(
        "state IN ('due', 'claimed', 'sent', 'delivered', 'seen', 'failed', 'expired', 'unknown')", name="state"
    ),
    Index("ix_outgoing_conversation", "conversation_id", "id"),
)
_WAITS = outgoing.c.state.in_(["due", "claimed"])
Index(
    "ix_outgoing_waiting",
    outgoing.c.channel,
    outgoing.c.lane,
    outgoing.c.id,
    sqlite_where=_WAITS,
    postgresql_where=_WAITS,
)
# Messages to many, by their hour: thousands may wait for the morning.
_TO_MANY = and_(_WAITS, outgoing.c.lane >= 2)
Index(
    "ix_outgoing_to_many",
    outgoing.c.channel,
    outgoing.c.lane,
    outgoing.c.due_at,
    outgoing.c.id,
    sqlite_where=_TO_MANY,
    postgresql_where=_TO_MANY,
)

_UNDELIVERED = outgoing.c.state.in_(["failed", "expired"]) & outgoing.c.about.is_not(None)
Index("ix_outgoing_undelivered", outgoing.c.changed_at, sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED)

# What is to be said at a later hour, for the quiet hours of whoever hears it. Then it becomes a message.
postponed = Table(
    "postponed",
    metadata,
    own_id(),
    refers("conversation_id", "conversations", index=True),
    Column("lane", SmallInteger, nullable=False),
    Column("content", JSON, nullable=False),
    Column("about", String(64)),
    Column("due_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("done_at", Moment),
    Column("outcome", String(16)),
    CheckConstraint("outcome IN ('said', 'expired', 'void')", name="outcome"),
    Index("ix_postponed_due", "done_at", "due_at"),
)
Index("ix_postponed_about", postponed.c.about, sqlite_where=postponed.c.done_at.is_(None),
      postgresql_where=postponed.c.done_at.is_(None))  # fmt: skip
