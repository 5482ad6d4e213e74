"""needs that somebody saved

Revision: 0018, after 0017, 2026-11-26 12:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_need",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_saved_need_user_id_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_need")),
    )
    op.create_index(op.f("ix_saved_need_user_id"), "saved_need", ["user_id"])
    op.create_index(op.f("ix_saved_need_counted_judged_on"), "saved_need", ["counted", "judged_on"])
    op.create_table(
        "need_demand",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("facet", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"],
            ["saved_need.id"],
            name=op.f("fk_need_demand_need_id_saved_need"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("need_id", "facet", "topic", name=op.f("pk_need_demand")),
    )
    op.create_index(op.f("ix_need_demand_facet_topic_region"), "need_demand", ["facet", "topic", "region"])


def downgrade() -> None:
    op.drop_table("need_demand")
    op.drop_table("saved_need")
