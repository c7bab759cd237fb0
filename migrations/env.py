"""Alembic's environment: runs on the connection that `watchdog.storage.migrate` hands over."""

from alembic import context

from watchdog.storage.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("Run `remissvakt db upgrade`: migrations run on the service's own connection.")
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
