"""which claims are contradicted

Revision: 0019, after 0018, 2026-11-26 19:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    few = sa.text("status = 'contradicted'")
    op.create_index(
        "ix_claim_contradicted", "claim", ["entry_id"], sqlite_where=few, postgresql_where=few
    )


def downgrade() -> None:
    op.drop_index("ix_claim_contradicted", "claim")
