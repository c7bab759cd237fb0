"""The scenario of a path's site, as the states of its systems have it"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_scenario"
down_revision = "2026_11_21_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("path_states") as table:
        table.add_column(sa.Column("scenario", sa.String(60), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("path_states") as table:
        table.drop_column("scenario")
