"""The audit takes new rows only: the database itself refuses to change one or to take one out"""

from alembic import op

revision = "2026_11_22_append_only"
down_revision = "2026_11_22_real_hours"
branch_labels = None
depends_on = None

KINDS = ("UPDATE", "DELETE")
WHY = "the audit is append-only"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{WHY}'; END $$"
        )
    for kind in KINDS:
        name = f"audit_no_{kind.lower()}"
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {kind} ON audit "
                "FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {kind} ON audit "
                f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
            )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for kind in KINDS:
        table = " ON audit" if postgresql else ""
        op.execute(f"DROP TRIGGER audit_no_{kind.lower()}{table}")
    if postgresql:
        op.execute("DROP FUNCTION audit_is_append_only()")
