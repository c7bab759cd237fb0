"""Serial numbers of printed forms that were issued"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_serials"
down_revision = "2026_11_21_windows"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "serial_ranges",
        sa.Column("clinic_code", sa.String(4), primary_key=True),
        sa.Column("pack", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("clinic", sa.String(60), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("first", sa.String(13), nullable=False),
        sa.Column("last", sa.String(13), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("serial_ranges")
