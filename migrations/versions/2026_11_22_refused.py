"""Since when a receiver will not have a notice: newer ones pass it"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_refused"
down_revision = "2026_11_22_append_only"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("refused_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("outbox", "refused_at")
