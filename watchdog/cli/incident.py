"""remissvakt incident list | show | declare | clear | override | acknowledge | hand-over | close."""

from pathlib import Path

import typer

from watchdog.cli.context import (
    ConfigOption,
    JsonOption,
    out,
    say_json,
    wish,
    with_runtime,
)
from watchdog.errors import UnknownIncident
from watchdog.model.incident import Incident, IncidentEvent
from watchdog.runtime import Runtime

app = typer.Typer(help="Outages: declared, cleared, closed.", no_args_is_help=True)
ReasonOption = typer.Option(..., "--reason", help="Why; people will read it.")


def register(main: typer.Typer) -> None:
    """Add the commands, as `incident …`."""
    main.add_typer(app, name="incident")


@app.command("list")
def list_(config: Path | None = ConfigOption, json_: bool = JsonOption) -> None:
    """Declared incidents, newest first."""

    async def work(found: Runtime) -> list[Incident]:
        return await found.incidents.listed()

    incidents = with_runtime(config, work)
    if json_:
        say_json(incidents)
        return
    for incident in incidents:
        declared = f"{incident.declared_at:%m-%d %H:%M:%S}" if incident.declared_at else "-"
        cleared = f"{incident.cleared_at:%m-%d %H:%M:%S}" if incident.cleared_at else "-"
        out.print(
            f"{incident.id}  {incident.status:10}  declared {declared}  all clear {cleared}  "
            f"{incident.orders} orders  {incident.path}{'  DRILL' if incident.drill else ''}",
            markup=False,
        )
    if not incidents:
        out.print("No incident was ever declared.")


@app.command()
def show(incident: str, config: Path | None = ConfigOption, json_: bool = JsonOption) -> None:
    """One incident with its timeline."""

    async def work(found: Runtime) -> tuple[Incident, list[IncidentEvent]]:
        stored = await found.incidents.get(incident)
        if stored is None:
            raise UnknownIncident(f"No incident is called {incident}.")
        return stored, await found.incidents.timeline(incident)

    stored, timeline = with_runtime(config, work)
    if json_:
        say_json({"incident": stored, "timeline": timeline})
        return
    out.print(f"{stored.id}: {stored.path}, {stored.status}, {stored.reason.value}")
    for event in timeline:
        out.print(f"  {event.at:%H:%M:%S} {event.kind.value}: {event.because.en}", markup=False)
        if event.evidence:
            out.print(f"           {event.evidence.en}", markup=False)


@app.command()
def declare(
    path: str,
    reason: str = ReasonOption,
    scenario: str = typer.Option("", help="For a group: the chapter of the routine."),
    config: Path | None = ConfigOption,
) -> None:
    """Declare an outage of a path or group by hand. It wins at once; paper begins at once."""
    wish(config, "declare", {"path": path, "reason": reason, "scenario": scenario})


@app.command("override")
def override_(
    incident: str, reason: str = ReasonOption, config: Path | None = ConfigOption
) -> None:
    """Clear against failing probes for 30 minutes: one person asks, another repeats the command."""
    wish(config, "override", {"incident": incident, "reason": reason})


@app.command()
def clear(incident: str, reason: str = ReasonOption, config: Path | None = ConfigOption) -> None:
    """Clear what was declared by hand; refused while the probes do not pass."""
    wish(config, "clear", {"incident": incident, "reason": reason})


@app.command()
def acknowledge(
    incident: str,
    endpoint: str = typer.Option(..., help="Who was told (`notify.endpoints`)."),
    name: str = typer.Option(..., help="The person who has seen it."),
    config: Path | None = ConfigOption,
) -> None:
    """A person has seen it; IT may say so on the duty officer's behalf. Reminders end."""
    wish(config, "acknowledge", {"incident": incident, "endpoint": endpoint, "name": name})


@app.command("hand-over")
def hand_over(incident: str, config: Path | None = ConfigOption) -> None:
    """Put the incident's unfinished synthetic orders on the RIS administrator's list."""
    wish(config, "hand_over", {"incident": incident})


@app.command()
def close(incident: str, reason: str = ReasonOption, config: Path | None = ConfigOption) -> None:
    """A person's word that every paper referral has been entered."""
    wish(config, "close", {"incident": incident, "reason": reason})
