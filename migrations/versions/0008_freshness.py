"""freshness: letters to providers, and who wants none

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# As good as exact: what holds shortest, a web address, is needed to publish and holds a year. Days
# after deadlines are worked out by the next `directory reminders`, confirmation or publication.
_A_YEAR_AFTER = {
    "sqlite": "date(min(checked_on), '+12 months')",
    "postgresql": "CAST(min(checked_on) + INTERVAL '12 months' AS date)",
}


def upgrade() -> None:
    op.create_table('mail_refusal',
    sa.Column('address_hash', sa.String(), nullable=False),
    sa.Column('refused_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('address_hash', name=op.f('pk_mail_refusal'))
    )
    op.create_table('reminder',
    sa.Column('entry_id', sa.Uuid(), nullable=False),
    sa.Column('review_by', sa.Date(), nullable=False),
    sa.Column('stage', sa.String(), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_reminder_entry_id_entry'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('entry_id', 'review_by', 'stage', name=op.f('pk_reminder'))
    )
    op.execute(
        f"UPDATE entry SET review_by = (SELECT {_A_YEAR_AFTER[op.get_bind().dialect.name]} "
        "FROM claim WHERE claim.entry_id = entry.id) "
        "WHERE state = 'published' AND review_by IS NULL"
    )


def downgrade() -> None:
    op.drop_table('reminder')
    op.drop_table('mail_refusal')
