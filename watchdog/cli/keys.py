"""remissvakt keys add | list | revoke."""

from pathlib import Path

import typer

from watchdog.cli.context import (
    EXIT_REFUSED,
    ConfigOption,
    JsonOption,
    err,
    out,
    say_json,
    who,
    with_runtime,
)
from watchdog.runtime import Runtime
from watchdog.storage.keys import ROLES, ApiKey
from watchdog.storage.migrate import upgrade

app = typer.Typer(help="API keys for the write routes.", no_args_is_help=True)


def register(main: typer.Typer) -> None:
    """Add the commands, as `keys …`."""
    main.add_typer(app, name="keys")


@app.command()
def add(
    name: str = typer.Option(..., help="Whose key it is; stands in timelines."),
    role: str = typer.Option(..., help=" < ".join(ROLES)),
    config: Path | None = ConfigOption,
) -> None:
    """Make a key and print it; it cannot be read again."""
    if role not in ROLES:
        err.print(f"{role!r} is not one of {', '.join(ROLES)}.")
        raise typer.Exit(EXIT_REFUSED)

    async def work(found: Runtime) -> str:
        await upgrade(found.database)
        return await found.keys.make(role, name, found.clock.now(), by=who())

    out.print(with_runtime(config, work))


@app.command("list")
def list_(config: Path | None = ConfigOption, json_: bool = JsonOption) -> None:
    """Every key, without its secret."""

    async def work(found: Runtime) -> list[ApiKey]:
        return await found.keys.listed()

    keys = with_runtime(config, work)
    shown = [
        {
            "id": key.id,
            "role": key.role,
            "name": key.name,
            "created_at": key.created_at,
            "revoked_at": key.revoked_at,
        }
        for key in keys
    ]
    if json_:
        say_json(shown)
        return
    for key in shown:
        state = "revoked" if key["revoked_at"] else "live"
        out.print(f"{key['id']}  {key['role']:8}  {state:8}  {key['name']}", markup=False)


@app.command()
def revoke(key: str, config: Path | None = ConfigOption) -> None:
    """End a key by its id."""

    async def work(found: Runtime) -> bool:
        return await found.keys.revoke(key, found.clock.now(), by=who())

    if not with_runtime(config, work):
        err.print(f"No key has the id {key}.")
        raise typer.Exit(EXIT_REFUSED)
    out.print(f"Key {key} is revoked.")
