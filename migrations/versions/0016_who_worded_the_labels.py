"""who worded the labels

Revision: 0016, after 0015, 2026-11-26 05:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("vocabulary", schema=None) as batch_op:
        batch_op.add_column(sa.Column("labels_note", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("vocabulary", schema=None) as batch_op:
        batch_op.drop_column("labels_note")
