"""How colleagues are called"""

import sqlalchemy as sa
from alembic import op

import storage.models

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "colleagues",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False,
                  nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("since", storage.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_colleagues_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_colleagues")),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("colleagues")
