"""reports and requests

Revision: 0006, after 0005, 2026-11-25 21:09:37.732535
"""

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('paused_sender',
    sa.Column('sender', sa.String(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('sender', name=op.f('pk_paused_sender'))
    )
    op.create_table('provider_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('job', sa.String(), nullable=False),
    sa.Column('message', sa.String(), nullable=True),
    sa.Column('vouched_by', sa.Uuid(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['entry.id'], name=op.f('fk_provider_request_organisation_id_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['vouched_by'], ['user.id'], name=op.f('fk_provider_request_vouched_by_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_request'))
    )
    with op.batch_alter_table('provider_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_provider_request_email'), ['email'], unique=False)
        batch_op.create_index(batch_op.f('ix_provider_request_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_provider_request_state'), ['state'], unique=False)

    op.create_table('report',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('entry_id', sa.Uuid(), nullable=False),
    sa.Column('field', sa.String(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('old_value', sa.String(), nullable=True),
    sa.Column('old_source', sa.String(), nullable=True),
    sa.Column('problem', sa.String(), nullable=False),
    sa.Column('suggested', sa.String(), nullable=True),
    sa.Column('said_where', sa.String(), nullable=True),
    sa.Column('message', sa.String(), nullable=True),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('sender', sa.String(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('assignee_id', sa.Uuid(), nullable=True),
    sa.Column('answer', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['assignee_id'], ['user.id'], name=op.f('fk_report_assignee_id_user')),
    sa.ForeignKeyConstraint(['closed_by'], ['user.id'], name=op.f('fk_report_closed_by_user')),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_report_entry_id_entry'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('reference', name=op.f('uq_report_reference'))
    )
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_report_created_at'), ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_entry_id'), ['entry_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_state'), ['state'], unique=False)

    op.create_table('provider_request_step',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('request_id', sa.Uuid(), nullable=False),
    sa.Column('move', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_provider_request_step_by_id_user')),
    sa.ForeignKeyConstraint(['request_id'], ['provider_request.id'], name=op.f('fk_provider_request_step_request_id_provider_request'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_request_step'))
    )
    with op.batch_alter_table('provider_request_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_provider_request_step_request_id'), ['request_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('provider_request_step', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_provider_request_step_request_id'))

    op.drop_table('provider_request_step')
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_report_state'))
        batch_op.drop_index(batch_op.f('ix_report_entry_id'))
        batch_op.drop_index(batch_op.f('ix_report_created_at'))

    op.drop_table('report')
    with op.batch_alter_table('provider_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_provider_request_state'))
        batch_op.drop_index(batch_op.f('ix_provider_request_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_provider_request_email'))

    op.drop_table('provider_request')
    op.drop_table('paused_sender')
