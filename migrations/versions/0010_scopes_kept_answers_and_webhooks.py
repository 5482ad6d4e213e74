"""scopes of tokens, kept answers, webhooks, and what a line of the change log says

Revision: 0010, after 0009, 2026-11-26 01:00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LIST = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade() -> None:
    # Tokens that are there keep what they could do, and get nothing new.
    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.add_column(sa.Column('scopes', LIST, nullable=True))
    op.execute("""UPDATE api_token SET scopes = '["save", "read drafts"]'""")
    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.alter_column('scopes', existing_type=LIST, nullable=False)

    with op.batch_alter_table('change_log', schema=None) as batch_op:
        batch_op.add_column(sa.Column('what', sa.String(), nullable=True))
    # The first line of an entry is the one by which it became public.
    op.execute("UPDATE change_log SET what = 'updated'")
    op.execute(
        "UPDATE change_log SET what = 'published' WHERE sequence IN "
        "(SELECT MIN(sequence) FROM change_log GROUP BY entry_id)"
    )
    with op.batch_alter_table('change_log', schema=None) as batch_op:
        batch_op.alter_column('what', existing_type=sa.String(), nullable=False)
        batch_op.create_index(batch_op.f('ix_change_log_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_change_log_entry_id_sequence'), ['entry_id', 'sequence'], unique=False)

    op.create_table('kept_answer',
    sa.Column('key_hash', sa.String(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('request', sa.String(), nullable=False),
    sa.Column('sealed', sa.String(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_kept_answer_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_kept_answer'))
    )
    with op.batch_alter_table('kept_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_kept_answer_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_kept_answer_user_id'), ['user_id'], unique=False)

    op.create_table('webhook',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('kinds', LIST, nullable=False),
    sa.Column('terms', LIST, nullable=False),
    sa.Column('sealed', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('try_after', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paused_because', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_webhook_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook'))
    )
    with op.batch_alter_table('webhook', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_webhook_try_after'), ['try_after'], unique=False)
        batch_op.create_index(batch_op.f('ix_webhook_user_id'), ['user_id'], unique=False)

    op.create_table('webhook_message',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('webhook_id', sa.Uuid(), nullable=False),
    sa.Column('entry_id', sa.Uuid(), nullable=True),
    sa.Column('event', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('said', sa.String(), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_webhook_message_entry_id_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhook.id'], name=op.f('fk_webhook_message_webhook_id_webhook'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_message'))
    )
    with op.batch_alter_table('webhook_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_webhook_message_entry_id'), ['entry_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_webhook_message_webhook_id_at'), ['webhook_id', 'at'], unique=False)


def downgrade() -> None:
    op.drop_table('webhook_message')
    op.drop_table('webhook')
    op.drop_table('kept_answer')
    with op.batch_alter_table('change_log', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_change_log_entry_id_sequence'))
        batch_op.drop_index(batch_op.f('ix_change_log_at'))
        batch_op.drop_column('what')

    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.drop_column('scopes')
