"""readers who follow a search

Revision: 0014, after 0013, 2026-11-26 03:56:43
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('alert_question',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.Column('fitting', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_question')),
    sa.UniqueConstraint('address', name=op.f('uq_alert_question_address'))
    )
    op.create_table('alert_reader',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('address_hash', sa.String(), nullable=False),
    sa.Column('sealed', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_reader')),
    sa.UniqueConstraint('address_hash', name=op.f('uq_alert_reader_address_hash'))
    )
    op.create_table('alert_following',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reader_id', sa.Uuid(), nullable=False),
    sa.Column('question_id', sa.Uuid(), nullable=False),
    sa.Column('every', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('looked_on', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['question_id'], ['alert_question.id'], name=op.f('fk_alert_following_question_id_alert_question'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['reader_id'], ['alert_reader.id'], name=op.f('fk_alert_following_reader_id_alert_reader'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_following')),
    sa.UniqueConstraint('reader_id', 'question_id', name=op.f('uq_alert_following_reader_id_question_id'))
    )
    with op.batch_alter_table('alert_following', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alert_following_due_on'), ['due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_alert_following_question_id_due_on'), ['question_id', 'due_on'], unique=False)

    op.create_table('alert_begun',
    sa.Column('question_id', sa.Uuid(), nullable=False),
    sa.Column('entry_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_alert_begun_entry_id_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['question_id'], ['alert_question.id'], name=op.f('fk_alert_begun_question_id_alert_question'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('question_id', 'entry_id', name=op.f('pk_alert_begun'))
    )
    with op.batch_alter_table('alert_begun', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alert_begun_question_id_position'), ['question_id', 'position'], unique=False)

    op.create_table('alert_letter',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reader_id', sa.Uuid(), nullable=False),
    sa.Column('following_id', sa.Uuid(), nullable=True),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('told', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('try_after', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('failed', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['following_id'], ['alert_following.id'], name=op.f('fk_alert_letter_following_id_alert_following'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['reader_id'], ['alert_reader.id'], name=op.f('fk_alert_letter_reader_id_alert_reader'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_letter'))
    )
    with op.batch_alter_table('alert_letter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alert_letter_following_id'), ['following_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_alert_letter_reader_id'), ['reader_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_alert_letter_try_after'), ['try_after'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('alert_letter', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_alert_letter_try_after'))
        batch_op.drop_index(batch_op.f('ix_alert_letter_reader_id'))
        batch_op.drop_index(batch_op.f('ix_alert_letter_following_id'))

    op.drop_table('alert_letter')
    with op.batch_alter_table('alert_begun', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_alert_begun_question_id_position'))

    op.drop_table('alert_begun')
    with op.batch_alter_table('alert_following', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_alert_following_question_id_due_on'))
        batch_op.drop_index(batch_op.f('ix_alert_following_due_on'))

    op.drop_table('alert_following')
    op.drop_table('alert_reader')
    op.drop_table('alert_question')
