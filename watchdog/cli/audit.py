"""remissvakt audit list | verify."""

from pathlib import Path

import typer

from watchdog.cli.context import ConfigOption, JsonOption, out, say_json, with_runtime
from watchdog.runtime import Runtime
from watchdog.storage import audit

app = typer.Typer(help="What people did: a chain of hashes.", no_args_is_help=True)


def register(main: typer.Typer) -> None:
    """Add the commands, as `audit …`."""
    main.add_typer(app, name="audit")


@app.command("list")
def list_(config: Path | None = ConfigOption, json_: bool = JsonOption) -> None:
    """What people did, newest first."""

    async def work(found: Runtime) -> list[audit.Entry]:
        return await audit.listed(found.database)

    entries = with_runtime(config, work)
    if json_:
        say_json(entries)
        return
    for entry in entries:
        line = f"{entry.number:6}  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.by:20}  {entry.what}"
        out.print(f"{line}  {entry.subject}  {entry.detail}", markup=False)
    if not entries:
        out.print("Nobody has done anything yet.")


@app.command()
def verify(config: Path | None = ConfigOption) -> None:
    """Follow the chain; exit 1 where a row was changed or taken out."""

    async def work(found: Runtime) -> tuple[int, str, audit.Broken | None]:
        return await audit.verify(found.database)

    good, newest, broken = with_runtime(config, work)
    if broken is not None:
        out.print(
            f"Row {broken.number}: {broken.why}. The {good} rows before it hold; nothing from it on "
            "can be relied on. Compare with the digests in the service's log and in your backup.",
            markup=False,
        )
        raise typer.Exit(1)
    out.print(f"{good} rows hold. Newest digest: {newest}", markup=False)
