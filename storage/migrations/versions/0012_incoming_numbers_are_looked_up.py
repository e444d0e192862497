"""Incoming numbers are looked up"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cases_incoming_number", "cases", ["incoming_number"])


def downgrade() -> None:
    op.drop_index("ix_cases_incoming_number", "cases")
