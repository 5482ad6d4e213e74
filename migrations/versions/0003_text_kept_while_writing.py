"""text kept while writing

Revision: 0003, after 0002, 2026-11-25 21:03:31.640164
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('autosave',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('form', sa.String(), nullable=False),
    sa.Column('body', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_autosave_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'place', name=op.f('pk_autosave'))
    )


def downgrade() -> None:
    op.drop_table('autosave')
