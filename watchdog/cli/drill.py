"""remissvakt drill begin | end: the chain of notices, exercised and marked as a drill."""

from pathlib import Path

import typer

from watchdog.cli.context import ConfigOption, wish

app = typer.Typer(
    help="Drills: people are told and acknowledge; clinics go on as usual.", no_args_is_help=True
)
ReasonOption = typer.Option(..., "--reason", help="What is exercised; people will read it.")
EndReasonOption = typer.Option("övningen är slut", "--reason", help="People will read it.")


def register(main: typer.Typer) -> None:
    """Add the commands, as `drill …`."""
    main.add_typer(app, name="drill")


@app.command()
def begin(path: str, reason: str = ReasonOption, config: Path | None = ConfigOption) -> None:
    """Tell everybody who would be told of an outage that this is a drill. Prints its id."""
    wish(config, "drill", {"path": path, "reason": reason})


@app.command()
def end(incident: str, reason: str = EndReasonOption, config: Path | None = ConfigOption) -> None:
    """Tell everybody who was told that the drill is over."""
    wish(config, "end_drill", {"incident": incident, "reason": reason})
