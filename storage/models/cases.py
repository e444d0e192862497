"""Cases: what a citizen filed, all that happened to it, its files, who follows it, and how it was judged."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.models.base import Id, Moment, metadata, own_id, refers

STATES = (
    "received", "registered", "working", "waiting", "planned", "forwarded", "answered", "refused", "duplicate",
    "withdrawn", "closed", "reopened",
)  # fmt: skip

# The last running number given in a municipality and year. Its row is locked until the case is committed: no gaps.
case_counters = Table(
    "case_counters",
    metadata,
    Column("municipality", String(32), primary_key=True),
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    own_id(),
    Column("number", String(32), nullable=False, unique=True),
    Column("municipality", String(32), nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("running", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # Counts every change: whoever acts says which one they saw.
    # What it is
    Column("kind", String(40), nullable=False),
    Column("category", String(40)),
    Column("priority", String(16), nullable=False),
    Column("is_sensitive", Boolean, nullable=False),  # Of its category, as it was when the case was put there.
    Column("title", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("is_edited", Boolean, nullable=False),
    # Whose it is. The conversation of an anonymous author is kept for the answers and shown to nobody.
    refers("person_id", "people", nullable=True),
    refers("conversation_id", "conversations", nullable=True),
    Column("is_anonymous", Boolean, nullable=False),
    Column("name", String(200)),
    Column("contact", String(200)),
    Column("source", String(16), nullable=False),
    refers("filed_by", "people", nullable=True),  # Who of the staff wrote it down for a citizen.
    refers("question_id", "incoming", nullable=True),
    Column("code_digest", String(64)),
    # Where it is
    Column("lat", Float),
    Column("lon", Float),
    Column("place", String(300)),
    Column("settlement", String(5)),  # EKATTE
    # Where it stands
    Column("state", String(16), nullable=False),
    Column("department", String(64)),
    refers("assignee", "people", nullable=True),
    Column("incoming_number", String(64)),
    refers("parent_id", "cases", nullable=True),
    Column("pending_answer", JSON(none_as_null=True)),  # Waits for a second person: text, language, who wrote it.
    # When
    Column("filed_at", Moment, nullable=False),
    Column("first_due_on", Date),  # As told to the citizen at filing; never changed.
    Column("due_on", Date),
    Column("basis", JSON(none_as_null=True)),  # The steps by which `due_on` was computed: `storage/workcalendar.py`.
    Column("edition", Integer, ForeignKey("editions.number"), nullable=False),  # Whose rules held at filing.
    Column("target_on", Date),  # Our own, in working days; no law.
    Column("forward_by", Date),
    Column("acknowledge_by", Date),
    Column("planned_on", Date),
    Column("acknowledged_at", Moment),
    Column("answered_at", Moment),
    Column("decided_at", Moment),  # Answered, refused, forwarded, a duplicate, withdrawn or closed: no longer open.
    Column("closed_at", Moment),
    Column("waiting_since", Date),
    Column("waited_days", Integer, nullable=False),
    Column("extensions", SmallInteger, nullable=False),
    Column("reopened", SmallInteger, nullable=False),
    Column("late_reason", String(40)),
    Column("solved", String(8)),
    # Marks
    Column("is_public", Boolean, nullable=False),  # May stand, without words and names, in open data and on a map.
    Column("followers", Integer, nullable=False),
    Column("undelivered_at", Moment),  # Something could not be delivered to the author, and nobody dealt with it.
    Column("news_at", Moment, nullable=False),  # When the citizen last heard something of it.
    UniqueConstraint("municipality", "year", "running"),
    CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", name="state"),
    CheckConstraint("source IN ('chat', 'phone', 'counter', 'letter', 'email', 'demo')", name="source"),
    CheckConstraint("solved IN ('yes', 'partly', 'no')", name="solved"),
    Index("ix_cases_municipality", "municipality", "filed_at"),
    Index("ix_cases_place", "municipality", "category", "lat"),
    Index("ix_cases_person", "person_id", "id"),
    Index("ix_cases_conversation", "conversation_id"),
    Index("ix_cases_incoming_number", "incoming_number"),
    Index("ix_cases_parent", "parent_id"),
    Index("ix_cases_question", "question_id"),
)
_OPEN = cases.c.decided_at.is_(None)
_OURS = (cases.c.municipality, cases.c.department, cases.c.due_on, cases.c.id)
Index("ix_cases_open", *_OURS, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_cases_due", cases.c.due_on, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_cases_assignee", cases.c.assignee, cases.c.due_on, sqlite_where=_OPEN, postgresql_where=_OPEN)
_UNDELIVERED = cases.c.undelivered_at.is_not(None)
Index("ix_cases_undelivered", cases.c.municipality, cases.c.id, sqlite_where=_UNDELIVERED,
      postgresql_where=_UNDELIVERED)  # fmt: skip
_TO_CLOSE = cases.c.decided_at.is_not(None) & cases.c.closed_at.is_(None)
Index("ix_cases_to_close", cases.c.decided_at, sqlite_where=_TO_CLOSE, postgresql_where=_TO_CLOSE)

# Appended only. The state of a case is that of its newest row; what is not for the citizen stays inside.
case_history = Table(
    "case_history",
    metadata,
    own_id(),
    refers("case_id", "cases"),
    Column("actor", String(8), nullable=False),
    refers("actor_id", "people", nullable=True),
    Column("action", String(24), nullable=False),
    Column("before", String(16)),
    Column("after", String(16), nullable=False),
    Column("for_citizen", Boolean, nullable=False),
    Column("content", JSON, nullable=False),
    Column("at", Moment, nullable=False),
    CheckConstraint("actor IN ('author', 'citizen', 'staff', 'clock')", name="actor"),
    Index("ix_case_history_case", "case_id", "id"),
)

# The original stays private under its digest; others see the stripped copy.
case_files = Table(
    "case_files",
    metadata,
    own_id(),
    refers("case_id", "cases", index=True),
    refers("history_id", "case_history", nullable=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(255), nullable=False),
    Column("mime", String(127), nullable=False),
    Column("size", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("public_digest", String(64)),
    Column("thumbnail_digest", String(64)),
    Column("for_citizen", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
)

case_followers = Table(
    "case_followers",
    metadata,
    refers("case_id", "cases"),
    refers("person_id", "people", index=True),
    refers("conversation_id", "conversations"),
    Column("is_affected", Boolean, nullable=False),  # "Me too", and not only curious.
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    UniqueConstraint("case_id", "person_id"),
)

case_ratings = Table(
    "case_ratings",
    metadata,
    own_id(),
    refers("case_id", "cases", index=True),
    refers("person_id", "people", nullable=True),
    Column("solved", String(8), nullable=False),
    Column("words", Text),
    Column("words_id", Id),  # The message they came in, so that a correction of it reaches us.
    Column("at", Moment, nullable=False),
    CheckConstraint("solved IN ('yes', 'partly', 'no')", name="solved"),
)

# What the clock has told, once: a warning of this case and date, a digest of this department and day.
case_duties = Table(
    "case_duties",
    metadata,
    Column("what", String(24), primary_key=True),
    Column("about", String(80), primary_key=True),
    Column("mark", String(32), primary_key=True),
    Column("at", Moment, nullable=False),
)

# The stems of a case's words, for search.
case_words = Table(
    "case_words",
    metadata,
    Column("word", String(32), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False, index=True),
    sqlite_with_rowid=False,
)
