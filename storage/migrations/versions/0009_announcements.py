"""Announcements, and the right to send them in an emergency"""

import sqlalchemy as sa
from alembic import op

import storage.models

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unsubscribed",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("since", storage.models.base.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("scope IN ('ordinary', 'emergency')", name=op.f("ck_unsubscribed_scope")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_unsubscribed_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "scope", name=op.f("pk_unsubscribed")),
    )
    op.create_table(
        "announcements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=True),
        sa.Column("is_emergency", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("approver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_recall", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("counted", sa.JSON(), nullable=True),
        sa.Column("counted_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.Column("wants_count", sa.Boolean(), nullable=False),
        sa.Column("wants_results", sa.String(length=8), nullable=True),
        sa.Column("due_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.Column("cursor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resolved", sa.Integer(), nullable=False),
        sa.Column("is_resolved", sa.Boolean(), nullable=False),
        sa.Column("progress_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("told_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("digests", sa.JSON(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("made_at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.Column("started_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.Column("ended_at", storage.models.base.Moment(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'asked', 'scheduled', 'sending', 'paused', 'stopped', 'done', 'discarded')",
            name=op.f("ck_announcements_state"),
        ),
        sa.ForeignKeyConstraint(["approver_id"], ["people.id"], name=op.f("fk_announcements_approver_id_people")),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_announcements_author_id_people")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_announcements_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["announcements.id"], name=op.f("fk_announcements_corrects_id_announcements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcements_corrects_id"), ["corrects_id"], unique=False)
        batch_op.create_index("ix_announcements_municipality", ["municipality", "id"], unique=False)
        batch_op.create_index("ix_announcements_state", ["state"], unique=False)

    op.create_table(
        "announcement_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("announcement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", storage.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_history_announcement_id_announcements"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_announcement_history_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_history")),
    )
    with op.batch_alter_table("announcement_history", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_history_announcement_id"), ["announcement_id"], unique=False)

    op.create_table(
        "announcement_recipients",
        sa.Column(
            "announcement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_recipients_announcement_id_announcements"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_announcement_recipients_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_announcement_recipients_person_id_people")),
        sa.PrimaryKeyConstraint("announcement_id", "person_id", name=op.f("pk_announcement_recipients")),
    )

    op.create_index(
        "ix_outgoing_to_many",
        "outgoing",
        ["channel", "lane", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('due', 'claimed') AND lane >= 2"),
        postgresql_where=sa.text("state IN ('due', 'claimed') AND lane >= 2"),
    )

    with op.batch_alter_table("roles") as batch_op:
        batch_op.drop_constraint(op.f("ck_roles_role"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_roles_role"),
            "role IN ('administrator', 'mayor', 'secretary', 'head', 'staff', 'organizer', 'monitor', 'emergency')",
        )


def downgrade() -> None:
    op.drop_table("announcement_recipients")
    with op.batch_alter_table("announcement_history", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_history_announcement_id"))

    op.drop_table("announcement_history")
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.drop_index("ix_announcements_state")
        batch_op.drop_index("ix_announcements_municipality")
        batch_op.drop_index(batch_op.f("ix_announcements_corrects_id"))

    op.drop_table("announcements")
    op.drop_table("unsubscribed")

    op.drop_index("ix_outgoing_to_many", table_name="outgoing")

    with op.batch_alter_table("roles") as batch_op:
        batch_op.drop_constraint(op.f("ck_roles_role"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_roles_role"),
            "role IN ('administrator', 'mayor', 'secretary', 'head', 'staff', 'organizer', 'monitor')",
        )
