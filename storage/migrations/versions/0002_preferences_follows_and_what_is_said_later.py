"""Preferences, follows, and what is said at a later hour"""

import sqlalchemy as sa
from alembic import op

import storage.models

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("since", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("until", storage.models.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("what IN ('municipality', 'kind', 'event')", name=op.f("ck_follows_what")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_follows_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows")),
    )
    with op.batch_alter_table("follows", schema=None) as batch_op:
        batch_op.create_index(
            "ix_follows_open",
            ["what", "target", "person_id"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_follows_person_id"), ["person_id"], unique=False)

    op.create_table(
        "preferences",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("hears", sa.String(length=16), nullable=False),
        sa.Column("quiet_from", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_to", sa.SmallInteger(), nullable=False),
        sa.Column("remind", sa.String(length=64), nullable=False),
        sa.Column("at", storage.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("hears IN ('everything', 'important')", name=op.f("ck_preferences_hears")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_preferences_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_preferences")),
    )
    op.create_table(
        "postponed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("due_at", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("expires_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("done_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.CheckConstraint("outcome IN ('said', 'expired', 'void')", name=op.f("ck_postponed_outcome")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_postponed_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postponed")),
    )
    with op.batch_alter_table("postponed", schema=None) as batch_op:
        batch_op.create_index(
            "ix_postponed_about",
            ["about"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_postponed_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index("ix_postponed_due", ["done_at", "due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("postponed", schema=None) as batch_op:
        batch_op.drop_index("ix_postponed_due")
        batch_op.drop_index(batch_op.f("ix_postponed_conversation_id"))
        batch_op.drop_index(
            "ix_postponed_about", sqlite_where=sa.text("done_at IS NULL"), postgresql_where=sa.text("done_at IS NULL")
        )

    op.drop_table("postponed")
    op.drop_table("preferences")
    with op.batch_alter_table("follows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follows_person_id"))
        batch_op.drop_index(
            "ix_follows_open", sqlite_where=sa.text("until IS NULL"), postgresql_where=sa.text("until IS NULL")
        )

    op.drop_table("follows")
