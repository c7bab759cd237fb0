"""Clears against failing probes: who asked, who confirmed, until when"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_overrides"
down_revision = "2026_11_21_serials"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "overrides",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("incident", sa.String(60), nullable=False),
        sa.Column("path", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("asked_by", sa.String(120), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.String(120), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_end", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("overrides")
