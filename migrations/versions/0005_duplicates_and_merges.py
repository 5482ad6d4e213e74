"""duplicates and merges

Revision: 0005, after 0004, 2026-11-25 21:07:15.999032
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('merge',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('survivor_id', sa.Uuid(), nullable=False),
    sa.Column('folded_id', sa.Uuid(), nullable=False),
    sa.Column('folded_was', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('redirects', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('grants', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_merge_by_id_user')),
    sa.ForeignKeyConstraint(['folded_id'], ['entry.id'], name=op.f('fk_merge_folded_id_entry')),
    sa.ForeignKeyConstraint(['survivor_id'], ['entry.id'], name=op.f('fk_merge_survivor_id_entry')),
    sa.ForeignKeyConstraint(['undone_by_id'], ['user.id'], name=op.f('fk_merge_undone_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merge'))
    )
    with op.batch_alter_table('merge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_merge_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_merge_folded_id'), ['folded_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_merge_survivor_id'), ['survivor_id'], unique=False)

    op.create_table('not_duplicate',
    sa.Column('first_id', sa.Uuid(), nullable=False),
    sa.Column('second_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_not_duplicate_by_id_user')),
    sa.ForeignKeyConstraint(['first_id'], ['entry.id'], name=op.f('fk_not_duplicate_first_id_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['second_id'], ['entry.id'], name=op.f('fk_not_duplicate_second_id_entry'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('first_id', 'second_id', name=op.f('pk_not_duplicate'))
    )
    op.create_table('merge_step',
    sa.Column('merge_id', sa.Uuid(), nullable=False),
    sa.Column('entry_id', sa.Uuid(), nullable=False),
    sa.Column('live_before', sa.Integer(), nullable=False),
    sa.Column('newest_before', sa.Integer(), nullable=False),
    sa.Column('live_after', sa.Integer(), nullable=False),
    sa.Column('newest_after', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_merge_step_entry_id_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['merge_id'], ['merge.id'], name=op.f('fk_merge_step_merge_id_merge'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('merge_id', 'entry_id', name=op.f('pk_merge_step'))
    )


def downgrade() -> None:
    op.drop_table('merge_step')
    op.drop_table('not_duplicate')
    with op.batch_alter_table('merge', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_merge_survivor_id'))
        batch_op.drop_index(batch_op.f('ix_merge_folded_id'))
        batch_op.drop_index(batch_op.f('ix_merge_at'))

    op.drop_table('merge')
