"""The auditor's sentence in both languages"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_evidence"
down_revision = "2026_11_21_overrides"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("incident_events") as table:
        table.add_column(
            sa.Column("evidence_sv", sa.String(300), nullable=False, server_default="")
        )
        table.alter_column(
            "evidence",
            new_column_name="evidence_en",
            existing_type=sa.String(200),
            type_=sa.String(300),
            existing_nullable=False,
        )
    op.execute("UPDATE incident_events SET evidence_sv = evidence_en")


def downgrade() -> None:
    with op.batch_alter_table("incident_events") as table:
        table.drop_column("evidence_sv")
        table.alter_column(
            "evidence_en",
            new_column_name="evidence",
            existing_type=sa.String(300),
            type_=sa.String(200),
            existing_nullable=False,
        )
