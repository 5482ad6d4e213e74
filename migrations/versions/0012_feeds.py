"""feeds

Revision: 0012, after 0011, 2026-11-26
"""

import sqlalchemy as sa
from alembic import op

from directory.entries.fields import JSON_COLUMN


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('feed',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('format', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('own_offers', sa.Boolean(), nullable=False),
    sa.Column('schedule', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('registered_by', sa.Uuid(), nullable=True),
    sa.Column('approved_by', sa.Uuid(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tested_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('next_run_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('etag', sa.String(), nullable=True),
    sa.Column('last_modified', sa.String(), nullable=True),
    sa.Column('go_on', sa.Boolean(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('alive_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['approved_by'], ['user.id'], name=op.f('fk_feed_approved_by_user')),
    sa.ForeignKeyConstraint(['owner_id'], ['entry.id'], name=op.f('fk_feed_owner_id_entry')),
    sa.ForeignKeyConstraint(['registered_by'], ['user.id'], name=op.f('fk_feed_registered_by_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed')),
    sa.UniqueConstraint('slug', name=op.f('uq_feed_slug'))
    )
    with op.batch_alter_table('feed', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feed_next_run_at'), ['next_run_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_feed_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_feed_state'), ['state'], unique=False)

    op.create_table('feed_item',
    sa.Column('feed_id', sa.Uuid(), nullable=False),
    sa.Column('remote_id', sa.String(), nullable=False),
    sa.Column('entry_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=True),
    sa.Column('page', sa.String(), nullable=True),
    sa.Column('said', JSON_COLUMN, nullable=False),
    sa.Column('created', sa.Boolean(), nullable=False),
    sa.Column('archived', sa.Boolean(), nullable=False),
    sa.Column('misses', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_feed_item_entry_id_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['feed_id'], ['feed.id'], name=op.f('fk_feed_item_feed_id_feed'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('feed_id', 'remote_id', name=op.f('pk_feed_item'))
    )
    with op.batch_alter_table('feed_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feed_item_entry_id'), ['entry_id'], unique=False)

    op.create_table('feed_run',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('feed_id', sa.Uuid(), nullable=False),
    sa.Column('is_test', sa.Boolean(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('read', sa.Integer(), nullable=False),
    sa.Column('added', sa.Integer(), nullable=False),
    sa.Column('updated', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('rejected', sa.Integer(), nullable=False),
    sa.Column('left', sa.Integer(), nullable=False),
    sa.Column('archived', sa.Integer(), nullable=False),
    sa.Column('lines', JSON_COLUMN, nullable=False),
    sa.Column('lines_cut', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_feed_run_by_id_user')),
    sa.ForeignKeyConstraint(['feed_id'], ['feed.id'], name=op.f('fk_feed_run_feed_id_feed'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed_run'))
    )
    with op.batch_alter_table('feed_run', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feed_run_feed_id'), ['feed_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('feed_run', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_feed_run_feed_id'))

    op.drop_table('feed_run')
    with op.batch_alter_table('feed_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_feed_item_entry_id'))

    op.drop_table('feed_item')
    with op.batch_alter_table('feed', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_feed_state'))
        batch_op.drop_index(batch_op.f('ix_feed_owner_id'))
        batch_op.drop_index(batch_op.f('ix_feed_next_run_at'))

    op.drop_table('feed')
