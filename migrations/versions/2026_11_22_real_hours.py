"""How many real referrals were sent and arrived in an hour, when the referrals themselves are forgotten"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_real_hours"
down_revision = "2026_11_21_subscriptions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "real_hours",
        sa.Column("path", sa.String(60), primary_key=True),
        sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("real_hours")
