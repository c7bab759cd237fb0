"""The command `remissvakt`: one file per group of commands."""

import typer

import watchdog
from watchdog.cli import (
    audit,
    check,
    demo,
    drill,
    incident,
    instruct,
    keys,
    maintenance,
    notices,
    orders,
    pack,
    replay,
    routines,
    sandbox,
    serve,
    simulate,
    subscriptions,
)

app = typer.Typer(
    name="remissvakt",
    help="Proves that radiology referrals arrive, and says what to do when they do not.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (serve, check, simulate, sandbox, demo, replay, instruct, pack):
    module.register(app)
app.add_typer(orders.app, name="orders")
app.add_typer(incident.app, name="incident")
app.add_typer(drill.app, name="drill")
app.add_typer(keys.app, name="keys")
app.add_typer(notices.app, name="notices")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(audit.app, name="audit")
app.add_typer(maintenance.app, name="maintenance")
app.add_typer(routines.app, name="routines")
app.add_typer(serve.database, name="db")
orders.register(app)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(watchdog.__version__)


def main() -> None:
    """Entry point, reached through `api/start.py`."""
    app()


if __name__ == "__main__":
    main()
