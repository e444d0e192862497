"""Answers of the staff on their way into the handbook"""

import sqlalchemy as sa
from alembic import op

import storage.models

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "promotions",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("municipality", sa.String(length=32), nullable=False),
        sa.Column("card", sa.String(length=64), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", storage.models.Moment(timezone=True), nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", storage.models.Moment(timezone=True), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("told_at", storage.models.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('proposed', 'taken', 'declined')", name=op.f("ck_promotions_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_promotions_case_id_cases")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_promotions_proposed_by_people")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_promotions_decided_by_people")),
        sa.ForeignKeyConstraint(["edition"], ["editions.number"], name=op.f("fk_promotions_edition_editions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
    )
    with op.batch_alter_table("promotions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_promotions_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_promotions_waiting", ["municipality", "state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("promotions", schema=None) as batch_op:
        batch_op.drop_index("ix_promotions_waiting")
        batch_op.drop_index(batch_op.f("ix_promotions_case_id"))

    op.drop_table("promotions")
