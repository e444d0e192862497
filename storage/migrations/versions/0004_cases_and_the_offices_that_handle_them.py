"""Cases and the offices that handle them"""

import sqlalchemy as sa
from alembic import op

import storage.models

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


BEFORE = ("administrator", "staff", "organizer", "monitor")
AFTER = ("administrator", "mayor", "secretary", "head", "staff", "organizer", "monitor")


def _know_roles(known: tuple[str, ...]) -> None:
    with op.batch_alter_table("roles") as batch_op:
        batch_op.drop_constraint(op.f("ck_roles_role"), type_="check")
        batch_op.create_check_constraint(op.f("ck_roles_role"), f"role IN ({', '.join(map(repr, known))})")


def upgrade() -> None:
    _know_roles(AFTER)
    op.create_table(
        "case_counters",
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("municipality", "year", name=op.f("pk_case_counters")),
    )
    op.create_table(
        "case_duties",
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("at", storage.models.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("what", "about", "mark", name=op.f("pk_case_duties")),
    )
    op.create_table(
        "departments",
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("since", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("until", storage.models.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("municipality", "id", name=op.f("pk_departments")),
    )
    op.create_table(
        "routes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("settlement", sa.String(length=5), nullable=True),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("since", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("until", storage.models.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routes")),
    )
    with op.batch_alter_table("routes", schema=None) as batch_op:
        batch_op.create_index("ix_routes_municipality", ["municipality"], unique=False)

    op.create_table(
        "absences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("substitute_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("set_at", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("ended_at", storage.models.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id_people")),
        sa.ForeignKeyConstraint(["substitute_id"], ["people.id"], name=op.f("fk_absences_substitute_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absences_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_absences_substitute_id"), ["substitute_id"], unique=False)

    op.create_table(
        "local_days",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("added_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("added_at", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("removed_at", storage.models.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["people.id"], name=op.f("fk_local_days_added_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_days")),
    )
    with op.batch_alter_table("local_days", schema=None) as batch_op:
        batch_op.create_index("ix_local_days_day", ["day"], unique=False)

    op.create_table(
        "prepared_answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=True),
        sa.Column("department", sa.String(length=64), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=True),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("since", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("until", storage.models.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("fk_prepared_answers_made_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_answers")),
    )
    with op.batch_alter_table("prepared_answers", schema=None) as batch_op:
        batch_op.create_index("ix_prepared_answers_municipality", ["municipality"], unique=False)

    op.create_table(
        "staff_groups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=True),
        sa.Column("external", sa.String(length=128), nullable=False),
        sa.Column("set_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("since", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("until", storage.models.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_staff_groups_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["people.id"], name=op.f("fk_staff_groups_set_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_groups")),
    )
    with op.batch_alter_table("staff_groups", schema=None) as batch_op:
        batch_op.create_index("ix_staff_groups_municipality", ["municipality"], unique=False)

    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("priority", sa.String(length=16), nullable=False),
        sa.Column("is_sensitive", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("filed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("place", sa.String(length=300), nullable=True),
        sa.Column("settlement", sa.String(length=5), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=True),
        sa.Column("assignee", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("incoming_number", sa.String(length=64), nullable=True),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("pending_answer", sa.JSON(), nullable=True),
        sa.Column("filed_at", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("basis", sa.JSON(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("forward_by", sa.Date(), nullable=True),
        sa.Column("acknowledge_by", sa.Date(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("acknowledged_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("answered_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("decided_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("closed_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.Date(), nullable=True),
        sa.Column("waited_days", sa.Integer(), nullable=False),
        sa.Column("extensions", sa.SmallInteger(), nullable=False),
        sa.Column("reopened", sa.SmallInteger(), nullable=False),
        sa.Column("late_reason", sa.String(length=40), nullable=True),
        sa.Column("solved", sa.String(length=8), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("followers", sa.Integer(), nullable=False),
        sa.Column("undelivered_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("news_at", storage.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("solved IN ('yes', 'partly', 'no')", name=op.f("ck_cases_solved")),
        sa.CheckConstraint(
            "source IN ('chat', 'phone', 'counter', 'letter', 'email', 'demo')", name=op.f("ck_cases_source")
        ),
        sa.CheckConstraint(
            "state IN ('received', 'registered', 'working', 'waiting', 'planned', 'forwarded', 'answered', 'refused', "
            "'duplicate', 'withdrawn', 'closed', 'reopened')",
            name=op.f("ck_cases_state"),
        ),
        sa.ForeignKeyConstraint(["assignee"], ["people.id"], name=op.f("fk_cases_assignee_people")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_cases_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["edition"], ["editions.number"], name=op.f("fk_cases_edition_editions")),
        sa.ForeignKeyConstraint(["filed_by"], ["people.id"], name=op.f("fk_cases_filed_by_people")),
        sa.ForeignKeyConstraint(["parent_id"], ["cases.id"], name=op.f("fk_cases_parent_id_cases")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_cases_person_id_people")),
        sa.ForeignKeyConstraint(["question_id"], ["incoming.id"], name=op.f("fk_cases_question_id_incoming")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("municipality", "year", "running", name=op.f("uq_cases_municipality_year_running")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(
            "ix_cases_assignee",
            ["assignee", "due_on"],
            unique=False,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )
        batch_op.create_index(
            "ix_cases_due",
            ["due_on"],
            unique=False,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )
        batch_op.create_index("ix_cases_municipality", ["municipality", "filed_at"], unique=False)
        batch_op.create_index(
            "ix_cases_open",
            ["municipality", "department", "due_on", "id"],
            unique=False,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )
        batch_op.create_index("ix_cases_parent", ["parent_id"], unique=False)
        batch_op.create_index("ix_cases_person", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_cases_place", ["municipality", "category", "lat"], unique=False)
        batch_op.create_index("ix_cases_question", ["question_id"], unique=False)
        batch_op.create_index(
            "ix_cases_to_close",
            ["decided_at"],
            unique=False,
            sqlite_where=sa.text("decided_at IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NOT NULL AND closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_cases_undelivered",
            ["municipality", "id"],
            unique=False,
            sqlite_where=sa.text("undelivered_at IS NOT NULL"),
            postgresql_where=sa.text("undelivered_at IS NOT NULL"),
        )

    op.create_table(
        "case_followers",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_affected", sa.Boolean(), nullable=False),
        sa.Column("since", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("until", storage.models.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_followers_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_case_followers_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_case_followers_person_id_people")),
        sa.UniqueConstraint("case_id", "person_id", name=op.f("uq_case_followers_case_id_person_id")),
    )
    with op.batch_alter_table("case_followers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_followers_person_id"), ["person_id"], unique=False)

    op.create_table(
        "case_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor", sa.String(length=8), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=True),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("for_citizen", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", storage.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("actor IN ('author', 'citizen', 'staff', 'clock')", name=op.f("ck_case_history_actor")),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_case_history_actor_id_people")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_history_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_history")),
    )
    with op.batch_alter_table("case_history", schema=None) as batch_op:
        batch_op.create_index("ix_case_history_case", ["case_id", "id"], unique=False)

    op.create_table(
        "case_ratings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("solved", sa.String(length=8), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("words_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", storage.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("solved IN ('yes', 'partly', 'no')", name=op.f("ck_case_ratings_solved")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_ratings_case_id_cases")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_case_ratings_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_ratings")),
    )
    with op.batch_alter_table("case_ratings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_ratings_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_topics",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("card_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("since", storage.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('wanted', 'open', 'closed', 'lost')", name=op.f("ck_case_topics_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_topics_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_case_topics_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["staff_groups.id"], name=op.f("fk_case_topics_group_id_staff_groups")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_topics")),
    )
    with op.batch_alter_table("case_topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_topics_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_topics_conversation_id"), ["conversation_id"], unique=False)

    op.create_table(
        "case_words",
        sa.Column("word", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_words_case_id_cases")),
        sa.PrimaryKeyConstraint("word", "case_id", name=op.f("pk_case_words")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("case_words", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_words_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("history_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("mime", sa.String(length=127), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("public_digest", sa.String(length=64), nullable=True),
        sa.Column("thumbnail_digest", sa.String(length=64), nullable=True),
        sa.Column("for_citizen", sa.Boolean(), nullable=False),
        sa.Column("at", storage.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_files_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["history_id"], ["case_history.id"], name=op.f("fk_case_files_history_id_case_history")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_files")),
    )
    with op.batch_alter_table("case_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_files_case_id"), ["case_id"], unique=False)

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("category", sa.String(length=40), nullable=True))

    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("category", sa.String(length=40), nullable=True))


def downgrade() -> None:
    _know_roles(BEFORE)
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.drop_column("category")

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_column("category")

    with op.batch_alter_table("case_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_files_case_id"))

    op.drop_table("case_files")
    with op.batch_alter_table("case_words", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_words_case_id"))

    op.drop_table("case_words")
    with op.batch_alter_table("case_topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_topics_conversation_id"))
        batch_op.drop_index(batch_op.f("ix_case_topics_case_id"))

    op.drop_table("case_topics")
    with op.batch_alter_table("case_ratings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_ratings_case_id"))

    op.drop_table("case_ratings")
    with op.batch_alter_table("case_history", schema=None) as batch_op:
        batch_op.drop_index("ix_case_history_case")

    op.drop_table("case_history")
    with op.batch_alter_table("case_followers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_followers_person_id"))

    op.drop_table("case_followers")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_cases_undelivered",
            sqlite_where=sa.text("undelivered_at IS NOT NULL"),
            postgresql_where=sa.text("undelivered_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_cases_to_close",
            sqlite_where=sa.text("decided_at IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NOT NULL AND closed_at IS NULL"),
        )
        batch_op.drop_index("ix_cases_question")
        batch_op.drop_index("ix_cases_place")
        batch_op.drop_index("ix_cases_person")
        batch_op.drop_index("ix_cases_parent")
        batch_op.drop_index(
            "ix_cases_open", sqlite_where=sa.text("decided_at IS NULL"), postgresql_where=sa.text("decided_at IS NULL")
        )
        batch_op.drop_index("ix_cases_municipality")
        batch_op.drop_index(
            "ix_cases_due", sqlite_where=sa.text("decided_at IS NULL"), postgresql_where=sa.text("decided_at IS NULL")
        )
        batch_op.drop_index(
            "ix_cases_assignee",
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )

    op.drop_table("cases")
    with op.batch_alter_table("staff_groups", schema=None) as batch_op:
        batch_op.drop_index("ix_staff_groups_municipality")

    op.drop_table("staff_groups")
    with op.batch_alter_table("prepared_answers", schema=None) as batch_op:
        batch_op.drop_index("ix_prepared_answers_municipality")

    op.drop_table("prepared_answers")
    with op.batch_alter_table("local_days", schema=None) as batch_op:
        batch_op.drop_index("ix_local_days_day")

    op.drop_table("local_days")
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absences_substitute_id"))
        batch_op.drop_index(batch_op.f("ix_absences_person_id"))

    op.drop_table("absences")
    with op.batch_alter_table("routes", schema=None) as batch_op:
        batch_op.drop_index("ix_routes_municipality")

    op.drop_table("routes")
    op.drop_table("departments")
    op.drop_table("case_duties")
    op.drop_table("case_counters")
