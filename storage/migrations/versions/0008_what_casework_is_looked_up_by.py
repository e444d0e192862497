"""What casework is looked up by"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UNDELIVERED = sa.text("state IN ('failed', 'expired') AND about IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_cases_conversation", "cases", ["conversation_id"])
    op.create_index(
        "ix_outgoing_undelivered", "outgoing", ["changed_at"], sqlite_where=UNDELIVERED, postgresql_where=UNDELIVERED
    )


def downgrade() -> None:
    op.drop_index("ix_outgoing_undelivered", "outgoing", sqlite_where=UNDELIVERED, postgresql_where=UNDELIVERED)
    op.drop_index("ix_cases_conversation", "cases")
