"""states audit and mail

Revision: 0002, after 0001, 2026-11-25 20:54:07.743622
"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


# The audit log only grows: the database itself refuses to change or delete its rows.
_ONLY_GROWS = {
    "sqlite": [
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
    ],
}


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('sequence', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('entry_id', sa.Uuid(), nullable=True),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('detail', sa.String(), nullable=False),
    sa.Column('previous', sa.String(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_id'), ['entry_id'], unique=False)

    op.create_table('outgoing_mail',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('to', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=True),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('try_after', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outgoing_mail')),
    sa.UniqueConstraint('key', name=op.f('uq_outgoing_mail_key'))
    )
    with op.batch_alter_table('outgoing_mail', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outgoing_mail_try_after'), ['try_after'], unique=False)

    op.create_table('note',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('entry_id', sa.Uuid(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('move', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_note_author_id_user')),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_note_entry_id_entry'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_note'))
    )
    with op.batch_alter_table('note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_note_entry_id'), ['entry_id'], unique=False)

    op.create_table('provider_grant',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('granted_by', sa.Uuid(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_because', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['granted_by'], ['user.id'], name=op.f('fk_provider_grant_granted_by_user')),
    sa.ForeignKeyConstraint(['organisation_id'], ['entry.id'], name=op.f('fk_provider_grant_organisation_id_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_provider_grant_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_grant'))
    )
    with op.batch_alter_table('provider_grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_provider_grant_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_provider_grant_user_id'), ['user_id'], unique=False)

    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('confirmed_by', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('review_by', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('state', sa.Enum('draft', 'published', 'withdrawn', 'archived', 'merged', name='state', native_enum=False, length=32), nullable=True))
        batch_op.add_column(sa.Column('state_reason', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('merged_into', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('waiting', sa.Enum('draft', 'in_review', 'changes_requested', 'refused', name='waiting', native_enum=False, length=32), nullable=True))
        batch_op.add_column(sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('assignee_id', sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f('ix_entry_merged_into'), ['merged_into'], unique=False)
        batch_op.create_index(batch_op.f('ix_entry_review_by'), ['review_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_entry_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_entry_waiting'), ['waiting'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_entry_assignee_id_user'), 'user', ['assignee_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_entry_merged_into_entry'), 'entry', ['merged_into'], ['id'])

    # What was public stays so; a newest revision that is not the public one waits as a draft.
    op.execute("UPDATE entry SET state = CASE WHEN version > 0 THEN 'published' ELSE 'draft' END")
    op.execute(
        "UPDATE entry SET waiting = 'draft', waiting_since = updated_at WHERE version < "
        "(SELECT max(number) FROM revision WHERE revision.entry_id = entry.id)"
    )
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.alter_column('state', existing_type=sa.String(length=32), nullable=False)
    for statement in _ONLY_GROWS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_entry_merged_into_entry'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_entry_assignee_id_user'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_entry_waiting'))
        batch_op.drop_index(batch_op.f('ix_entry_state'))
        batch_op.drop_index(batch_op.f('ix_entry_review_by'))
        batch_op.drop_index(batch_op.f('ix_entry_merged_into'))
        batch_op.drop_column('assignee_id')
        batch_op.drop_column('waiting_since')
        batch_op.drop_column('waiting')
        batch_op.drop_column('merged_into')
        batch_op.drop_column('state_reason')
        batch_op.drop_column('state')
        batch_op.drop_column('review_by')
        batch_op.drop_column('confirmed_by')

    with op.batch_alter_table('provider_grant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_provider_grant_user_id'))
        batch_op.drop_index(batch_op.f('ix_provider_grant_organisation_id'))

    op.drop_table('provider_grant')
    with op.batch_alter_table('note', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_note_entry_id'))

    op.drop_table('note')
    with op.batch_alter_table('outgoing_mail', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outgoing_mail_try_after'))

    op.drop_table('outgoing_mail')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entry_id'))

    op.drop_table('audit')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_only_grows()")
