"""What an outage loses: a share, or one sender's orders; its end needs the proof of just that"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_what_is_lost"
down_revision = "2026_11_22_audience"
branch_labels = None
depends_on = None

LOSSES = ("partial_loss", "sender_loss")


def upgrade() -> None:
    partial = sa.Column("partial", sa.Boolean, nullable=False, server_default=sa.false())
    sender = sa.Column("sender", sa.String(40), nullable=False, server_default="")
    op.add_column("incidents", partial)
    op.add_column("incidents", sender)
    known = sa.table("incidents", sa.column("partial"), sa.column("reason"))
    op.execute(known.update().where(known.c.reason.in_(LOSSES)).values(partial=sa.true()))


def downgrade() -> None:
    op.drop_column("incidents", "sender")
    op.drop_column("incidents", "partial")
