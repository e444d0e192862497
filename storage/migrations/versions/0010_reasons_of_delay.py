"""Endings say why they were late"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("endings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("late_reason", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("endings", schema=None) as batch_op:
        batch_op.drop_column("late_reason")
