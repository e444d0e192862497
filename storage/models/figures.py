"""The figures: each matter as the figures see it, counts of every day, monthly reports, and who wants them sent."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.models.base import Id, Moment, metadata, own_id, refers

# A row for each case, worked out from its row and its history, so that a month is counted in SQL. It can be made anew
# at any time; nothing is known here that is not known there.
matters = Table(
    "matters",
    metadata,
    Column("case_id", Id, primary_key=True, autoincrement=False),
    Column("municipality", String(32), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("category", String(40), nullable=False),  # Empty: none.
    Column("source", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("withheld", String(16)),  # Why its row is not published (None: it is).
    Column("filed_at", Moment, nullable=False),
    Column("acknowledged_at", Moment),
    Column("answered_at", Moment),
    Column("decided_at", Moment),  # For the first time.
    Column("solved_at", Moment),
    Column("ended_at", Moment),  # None while it is open.
    Column("first_due_at", Moment),  # The end of the day that was promised first, for ever.
    Column("due_at", Moment),  # The end of the day in force.
    Column("moves", SmallInteger, nullable=False),
    Column("reopens", SmallInteger, nullable=False),
    # Minutes from filing, on the wall and in office hours.
    *(
        Column(f"{clock}_{time}", Integer)
        for clock in ("acknowledgement", "answer", "decision", "solution")
        for time in ("wall", "work")
    ),
    # Months of Sofia, YYYY-MM.
    Column("filed_month", String(7), nullable=False),
    Column("first_due_month", String(7)),
    Column("due_month", String(7)),
    Column("seen", Integer, nullable=False),  # The version of the case that is worked in.
    Column("rules", SmallInteger, nullable=False),
    Index("ix_matters_filed", "municipality", "filed_month"),
    Index("ix_matters_first_due", "municipality", "first_due_month"),
    Index("ix_matters_due", "municipality", "due_month"),
)
Index("ix_matters_open", matters.c.municipality, matters.c.filed_at,
      sqlite_where=matters.c.ended_at.is_(None), postgresql_where=matters.c.ended_at.is_(None))  # fmt: skip

# Each end of a matter, and what became of it: a matter that was opened again has several.
endings = Table(
    "endings",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),  # Of the entry in the case's history.
    Column("case_id", Id, nullable=False, index=True),
    Column("municipality", String(32), nullable=False),
    Column("month", String(7), nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reopened_at", Moment),
    Column("refiled_at", Moment),  # The same person filed about the same topic again, within 30 days.
    Column("is_last_hour", Boolean, nullable=False),  # In the last office hour of the last day, or after it.
    Column("rating", String(8)),
    Column("late_reason", String(40)),
    CheckConstraint("rating IN ('solved', 'partly', 'not')", name="rating"),
    Index("ix_endings_month", "municipality", "month"),
)

# Each time that a date was moved.
moves = Table(
    "moves",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("case_id", Id, nullable=False, index=True),
    Column("municipality", String(32), nullable=False),
    Column("month", String(7), nullable=False),
    Column("moved_at", Moment, nullable=False),
    Column("reason", String(32), nullable=False),
    Index("ix_moves_month", "municipality", "month"),
)

# What is counted of a day once, so that a month of a million messages is read in thirty rows.
daily_counts = Table(
    "daily_counts",
    metadata,
    Column("day", Date, primary_key=True),
    Column("municipality", String(32), primary_key=True),  # Empty: of people who chose none.
    Column("measure", String(48), primary_key=True),
    Column("count", Integer, nullable=False),
)

# What was published stays as it was; a correction is a further version that says why.
monthly_reports = Table(
    "monthly_reports",
    metadata,
    own_id(),
    Column("municipality", String(32), nullable=False),
    Column("month", String(7), nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("reason", Text),
    Column("document", LargeBinary, nullable=False),  # The JSON, byte for byte as it was signed.
    Column("pdf", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),  # The signed note that names both by their digests.
    Column("made_at", Moment, nullable=False),
    UniqueConstraint("municipality", "month", "version"),
)

report_wishes = Table(
    "report_wishes",
    metadata,
    own_id(),
    refers("person_id", "people", index=True),
    refers("conversation_id", "conversations"),
    Column("municipality", String(32), nullable=False),
    Column("every", String(8), nullable=False),
    Column("month", String(7)),  # The month that is wanted once; None: the one that runs, or the one that ended.
    Column("due_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("last_at", Moment),
    CheckConstraint("every IN ('once', 'week', 'month')", name="every"),
    Index("ix_report_wishes_due", "done_at", "due_at"),
)
