"""Receivers of notices that subscribed while the service ran"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_subscriptions"
down_revision = "2026_11_21_acknowledged"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    )


def downgrade() -> None:
    op.drop_table("subscriptions")
