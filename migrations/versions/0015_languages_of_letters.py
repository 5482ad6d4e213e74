"""languages of letters

Revision: 0015, after 0014, 2026-11-26 11:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Whoever wrote or had an account before could read only English.
TABLES = ("user", "report", "provider_request")


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column('language', sa.String(), nullable=False, server_default="en")
            )
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column('language', server_default=None)


def downgrade() -> None:
    for table in reversed(TABLES):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column('language')
