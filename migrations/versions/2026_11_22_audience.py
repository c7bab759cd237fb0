"""Who alone is told of an incident: the daily drill"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_audience"
down_revision = "2026_11_22_no_truncate"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("audience", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("incidents", "audience")
