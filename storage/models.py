"""The tables. Every change here needs a migration; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC that knows it, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


Id = BigInteger().with_variant(Integer, "sqlite")  # In SQLite only INTEGER PRIMARY KEY is the row's own number.


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=False)


def _refers(name: str, to: str, *, nullable: bool = False, index: bool = False) -> Column[Any]:
    return Column(name, Id, ForeignKey(f"{to}.id"), nullable=nullable, index=index)


people = Table(
    "people",
    metadata,
    _id(),
    Column("language", String(2), nullable=False),
    Column("municipality", String(32)),
    Column("since", Moment, nullable=False),
)

# One address of one person on one channel, and what is being talked about there.
conversations = Table(
    "conversations",
    metadata,
    _id(),
    Column("channel", String(16), nullable=False),
    Column("external", String(128), nullable=False),  # The channel's own name for it, with the topic after a slash.
    _refers("person_id", "people", nullable=True, index=True),  # A group is nobody's.
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
    _id(),
    Column("channel", String(16), nullable=False),
    Column("key", String(128), nullable=False),
    _refers("conversation_id", "conversations"),
    _refers("person_id", "people"),
    Column("kind", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("handler", String(64)),
    Column("error", Text),
    Column("said_at", Moment, nullable=False),
    Column("heard_at", Moment, nullable=False),
    UniqueConstraint("channel", "key"),
    CheckConstraint("state IN ('waiting', 'handled', 'failed')", name="state"),
    Index("ix_incoming_conversation", "conversation_id", "id"),
)
Index("ix_incoming_waiting", incoming.c.id, sqlite_where=incoming.c.state == "waiting",
      postgresql_where=incoming.c.state == "waiting")  # fmt: skip

outgoing = Table(
    "outgoing",
    metadata,
    _id(),
    _refers("conversation_id", "conversations"),
    _refers("answers_id", "incoming", nullable=True),
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
    _id(),
    _refers("incoming_id", "incoming"),
    _refers("person_id", "people"),
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
    _id(),
    _refers("incoming_id", "incoming"),
    _refers("person_id", "people"),
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
    _id(),
    _refers("person_id", "people", index=True),
    _refers("conversation_id", "conversations"),
    Column("about", String(64), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("outcome", String(16)),
    Index("ix_reminders_due", "done_at", "due_at"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the token: the table gives nobody a role.
    Column("role", String(16), nullable=False),
    Column("municipality", String(32)),
    Column("department", String(64)),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    _refers("used_by", "people", nullable=True),
)

roles = Table(
    "roles",
    metadata,
    _id(),
    _refers("person_id", "people", index=True),
    Column("role", String(16), nullable=False),
    Column("municipality", String(32)),
    Column("department", String(64)),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    CheckConstraint("role IN ('administrator', 'staff', 'organizer', 'monitor')", name="role"),
)

files = Table(
    "files",
    metadata,
    _id(),
    _refers("conversation_id", "conversations"),
    Column("digest", String(64), nullable=False),  # SHA-256 of the bytes as they came; also the name on the disk.
    Column("name", String(255), nullable=False),
    Column("mime", String(127), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
)

__all__ = ["Date", "Moment", "metadata"]
