"""readings of profiles

Revision: 0013, after 0012, 2026-11-26 01:12:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('intake_decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_slug', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('decided', sa.String(), nullable=False),
    sa.Column('answer', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('author_id', sa.Uuid(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_intake_decision_author_id_user'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_intake_decision')),
    sa.UniqueConstraint('source_slug', 'kind', 'name', 'field', 'value', name=op.f('uq_intake_decision_source_slug_kind_name_field_value'))
    )
    with op.batch_alter_table('intake_decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_intake_decision_digest'), ['digest'], unique=False)

    op.create_table('intake_reading',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source_slug', sa.String(), nullable=False),
    sa.Column('source_title', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('document', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('proposals', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('open_count', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_intake_reading_author_id_user'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_intake_reading'))
    )
    with op.batch_alter_table('intake_reading', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_intake_reading_digest'), ['digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_intake_reading_source_slug'), ['source_slug'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('intake_reading', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_intake_reading_source_slug'))
        batch_op.drop_index(batch_op.f('ix_intake_reading_digest'))

    op.drop_table('intake_reading')
    with op.batch_alter_table('intake_decision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_intake_decision_digest'))

    op.drop_table('intake_decision')
