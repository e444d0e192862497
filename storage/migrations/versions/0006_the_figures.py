"""The figures: matters, endings, daily counts, monthly reports, who wants them"""

import sqlalchemy as sa
from alembic import op

import storage.models

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("measure", sa.String(length=48), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "municipality", "measure", name=op.f("pk_daily_counts")),
    )
    op.create_table(
        "endings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("ended_at", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reopened_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("refiled_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("is_last_hour", sa.Boolean(), nullable=False),
        sa.Column("rating", sa.String(length=8), nullable=True),
        sa.CheckConstraint("rating IN ('solved', 'partly', 'not')", name=op.f("ck_endings_rating")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endings")),
    )
    with op.batch_alter_table("endings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_endings_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_endings_month", ["municipality", "month"], unique=False)

    op.create_table(
        "matters",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("withheld", sa.String(length=16), nullable=True),
        sa.Column("filed_at", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("acknowledged_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("answered_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("decided_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("solved_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("ended_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("first_due_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("due_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("moves", sa.SmallInteger(), nullable=False),
        sa.Column("reopens", sa.SmallInteger(), nullable=False),
        sa.Column("acknowledgement_wall", sa.Integer(), nullable=True),
        sa.Column("acknowledgement_work", sa.Integer(), nullable=True),
        sa.Column("answer_wall", sa.Integer(), nullable=True),
        sa.Column("answer_work", sa.Integer(), nullable=True),
        sa.Column("decision_wall", sa.Integer(), nullable=True),
        sa.Column("decision_work", sa.Integer(), nullable=True),
        sa.Column("solution_wall", sa.Integer(), nullable=True),
        sa.Column("solution_work", sa.Integer(), nullable=True),
        sa.Column("filed_month", sa.String(length=7), nullable=False),
        sa.Column("first_due_month", sa.String(length=7), nullable=True),
        sa.Column("due_month", sa.String(length=7), nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("rules", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_matters")),
    )
    with op.batch_alter_table("matters", schema=None) as batch_op:
        batch_op.create_index("ix_matters_due", ["municipality", "due_month"], unique=False)
        batch_op.create_index("ix_matters_filed", ["municipality", "filed_month"], unique=False)
        batch_op.create_index("ix_matters_first_due", ["municipality", "first_due_month"], unique=False)
        batch_op.create_index(
            "ix_matters_open",
            ["municipality", "filed_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "monthly_reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", storage.models.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_reports")),
        sa.UniqueConstraint(
            "municipality", "month", "version", name=op.f("uq_monthly_reports_municipality_month_version")
        ),
    )
    op.create_table(
        "moves",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("moved_at", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moves")),
    )
    with op.batch_alter_table("moves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moves_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_moves_month", ["municipality", "month"], unique=False)

    op.create_table(
        "report_wishes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("every", sa.String(length=8), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=True),
        sa.Column("due_at", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("done_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("last_at", storage.models.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("every IN ('once', 'week', 'month')", name=op.f("ck_report_wishes_every")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_report_wishes_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_report_wishes_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_wishes")),
    )
    with op.batch_alter_table("report_wishes", schema=None) as batch_op:
        batch_op.create_index("ix_report_wishes_due", ["done_at", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_wishes_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("report_wishes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_wishes_person_id"))
        batch_op.drop_index("ix_report_wishes_due")

    op.drop_table("report_wishes")
    with op.batch_alter_table("moves", schema=None) as batch_op:
        batch_op.drop_index("ix_moves_month")
        batch_op.drop_index(batch_op.f("ix_moves_case_id"))

    op.drop_table("moves")
    op.drop_table("monthly_reports")
    with op.batch_alter_table("matters", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_matters_open", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index("ix_matters_first_due")
        batch_op.drop_index("ix_matters_filed")
        batch_op.drop_index("ix_matters_due")

    op.drop_table("matters")
    with op.batch_alter_table("endings", schema=None) as batch_op:
        batch_op.drop_index("ix_endings_month")
        batch_op.drop_index(batch_op.f("ix_endings_case_id"))

    op.drop_table("endings")
    op.drop_table("daily_counts")
