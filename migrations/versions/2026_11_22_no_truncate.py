"""The audit cannot be emptied at one stroke either (PostgreSQL; SQLite has no TRUNCATE)"""

from alembic import op

revision = "2026_11_22_no_truncate"
down_revision = "2026_11_22_refused"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_no_truncate ON audit")
