"""Acknowledgement, escalation, attempts, and the audit chain"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_acknowledged"
down_revision = "2026_11_21_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("incidents") as table:
        table.add_column(sa.Column("awaiting", sa.Text, nullable=False, server_default=""))
        table.add_column(sa.Column("unit_silent_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("not_before", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("unless", sa.String(60), nullable=False, server_default=""))
        table.add_column(sa.Column("of", sa.String(36), nullable=False, server_default=""))
        table.add_column(sa.Column("dropped_at", sa.DateTime(timezone=True)))
    op.create_table(
        "attempts",
        sa.Column("notice", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(200), nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("audit")
    op.drop_table("attempts")
    with op.batch_alter_table("outbox") as table:
        for name in ("dropped_at", "of", "unless", "not_before"):
            table.drop_column(name)
    with op.batch_alter_table("incidents") as table:
        table.drop_column("unit_silent_at")
        table.drop_column("awaiting")
