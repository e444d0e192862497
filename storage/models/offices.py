"""The municipality's own order: departments, routes to them, local days, prepared answers, absences, groups."""

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from storage.models.base import Id, Moment, metadata, own_id, refers

departments = Table(
    "departments",
    metadata,
    Column("municipality", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("name", JSON, nullable=False),  # {"bg": …, "en": …}
    Column("is_confirmed", Boolean, nullable=False),  # False: a plausible one that the municipality has yet to confirm.
    Column("since", Moment, nullable=False),
    Column("until", Moment),
)

# The most exact open route wins: category and settlement, settlement, category, neither.
routes = Table(
    "routes",
    metadata,
    own_id(),
    Column("municipality", String(32), nullable=False),
    Column("category", String(40)),
    Column("settlement", String(5)),
    Column("department", String(64), nullable=False),
    Column("is_confirmed", Boolean, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Index("ix_routes_municipality", "municipality"),
)

# Days that differ from the national calendar, of one municipality or of all.
local_days = Table(
    "local_days",
    metadata,
    own_id(),
    Column("municipality", String(32)),
    Column("day", Date, nullable=False),
    Column("is_working", Boolean, nullable=False),
    Column("name", JSON, nullable=False),
    refers("added_by", "people", nullable=True),
    Column("added_at", Moment, nullable=False),
    Column("removed_at", Moment),
    Index("ix_local_days_day", "day"),
)

prepared_answers = Table(
    "prepared_answers",
    metadata,
    own_id(),
    Column("municipality", String(32)),
    Column("department", String(64)),
    Column("category", String(40)),
    Column("state", String(16)),  # To which it leads: answered, refused, planned, waiting, forwarded.
    Column("title", JSON, nullable=False),
    Column("text", JSON, nullable=False),
    Column("uses", Integer, nullable=False),
    refers("made_by", "people", nullable=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Index("ix_prepared_answers_municipality", "municipality"),
)

absences = Table(
    "absences",
    metadata,
    own_id(),
    refers("person_id", "people", index=True),
    refers("substitute_id", "people", nullable=True, index=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("ended_at", Moment),
)

# How somebody of the staff is called among colleagues; citizens see the institution.
colleagues = Table(
    "colleagues",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    Column("name", String(80), nullable=False),
    Column("since", Moment, nullable=False),
)

# A chat in which the staff of a department (or of the whole municipality) works.
staff_groups = Table(
    "staff_groups",
    metadata,
    own_id(),
    refers("conversation_id", "conversations"),
    Column("municipality", String(32), nullable=False),
    Column("department", String(64)),
    Column("external", String(128), nullable=False),
    refers("set_by", "people", nullable=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Index("ix_staff_groups_municipality", "municipality"),
)

# Which conversation (a topic of the group) and which card belong to a case. For ever: an old card is still answered.
case_topics = Table(
    "case_topics",
    metadata,
    own_id(),
    refers("case_id", "cases", index=True),
    refers("group_id", "staff_groups", nullable=True),
    refers("conversation_id", "conversations", nullable=True, index=True),
    Column("card_id", Id),  # Our message that shows the case, edited and never posted anew.
    Column("state", String(16), nullable=False),
    Column("note", Text),
    Column("since", Moment, nullable=False),
    CheckConstraint("state IN ('wanted', 'open', 'closed', 'lost')", name="state"),
)
