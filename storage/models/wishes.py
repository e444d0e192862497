"""What people want to hear: preferences of each, and what they follow."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, SmallInteger, String, Table

from storage.models.base import Id, Moment, metadata, own_id, refers

preferences = Table(
    "preferences",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    Column("hears", String(16), nullable=False),
    Column("quiet_from", SmallInteger, nullable=False),  # Minutes after midnight on the wall; both the same: never.
    Column("quiet_to", SmallInteger, nullable=False),
    Column("remind", String(64), nullable=False),  # How long before an event, by name, with commas between.
    Column("at", Moment, nullable=False),
    CheckConstraint("hears IN ('everything', 'important')", name="hears"),
)

follows = Table(
    "follows",
    metadata,
    own_id(),
    refers("person_id", "people", index=True),
    Column("what", String(16), nullable=False),
    Column("target", String(64), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    CheckConstraint("what IN ('municipality', 'kind', 'event')", name="what"),
)
_OPEN = follows.c.until.is_(None)
Index("ix_follows_open", follows.c.what, follows.c.target, follows.c.person_id, unique=True, sqlite_where=_OPEN,
      postgresql_where=_OPEN)  # fmt: skip
