"""files that are brought in

Revision: 0011, after 0010, 2026-11-26 01:20:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    op.create_table('held_import',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=True),
    sa.Column('source', sa.String(), nullable=True),
    sa.Column('encoding', sa.String(), nullable=True),
    sa.Column('dates', sa.String(), nullable=True),
    sa.Column('prefer', sa.String(), nullable=True),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('message', sa.String(), nullable=False),
    sa.Column('told', JSON, nullable=False),
    sa.Column('worker', sa.Uuid(), nullable=True),
    sa.Column('worked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_held_import_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_held_import'))
    )
    with op.batch_alter_table('held_import', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_held_import_user_id'), ['user_id'], unique=False)

    op.create_table('held_import_row',
    sa.Column('import_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=True),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('notes', JSON, nullable=False),
    sa.Column('fields', JSON, nullable=False),
    sa.Column('chosen', JSON, nullable=False),
    sa.Column('base', sa.Integer(), nullable=False),
    sa.Column('saved', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['held_import.id'], name=op.f('fk_held_import_row_import_id_held_import'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('import_id', 'position', name=op.f('pk_held_import_row'))
    )


def downgrade() -> None:
    op.drop_table('held_import_row')
    with op.batch_alter_table('held_import', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_held_import_user_id'))

    op.drop_table('held_import')
