"""remissvakt maintenance add | list | cancel | export | import: planned windows."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icalendar
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
from watchdog.errors import Refused, UnknownPath
from watchdog.incidents.maintenance import checked
from watchdog.model.calendar import STOCKHOLM
from watchdog.model.ids import uuid7
from watchdog.model.maintenance import Window
from watchdog.runtime import Runtime
from watchdog.storage import windows

app = typer.Typer(
    help="Planned windows. A path that fails in one is still told.", no_args_is_help=True
)
MOST_FILE = 1024 * 1024
PathArgument = typer.Argument(..., help="The path that is worked on.")
FromOption = typer.Option(..., "--from", help="Swedish time, as 2026-12-01T22:00.")
ToOption = typer.Option(..., "--to", help="Swedish time; at most eight hours later.")
OwnerOption = typer.Option(..., "--owner", help="The named person who answers for the work.")
ReasonOption = typer.Option("", "--reason")


def register(main: typer.Typer) -> None:
    """Add the commands, as `maintenance …`."""
    main.add_typer(app, name="maintenance")


@app.command("add")
def add(  # noqa: PLR0917 - the options of a command
    path: str = PathArgument,
    start: datetime = FromOption,
    end: datetime = ToOption,
    owner: str = OwnerOption,
    reason: str = ReasonOption,
    config: Path | None = ConfigOption,
) -> None:
    """Plan a window."""

    async def work(found: Runtime) -> Window:
        return await _store(
            found,
            Window(
                id=f"win_{uuid7(found.clock.now(), secrets.token_bytes(10))}",
                path=path,
                starts_at=_local(start),
                ends_at=_local(end),
                owner=owner[:120],
                reason=reason[:400],
                by=who(),
            ),
        )

    window = with_runtime(config, work)
    out.print(f"{window.id}  {_line(window)}", markup=False)


@app.command("list")
def list_(config: Path | None = ConfigOption, json_: bool = JsonOption) -> None:
    """Windows that are not over."""
    found = with_runtime(config, _coming)
    if json_:
        say_json(found)
        return
    for window in found:
        out.print(f"{window.id}  {_line(window)}", markup=False)
    if not found:
        out.print("No window is planned.")


@app.command("cancel")
def cancel(ident: str, config: Path | None = ConfigOption) -> None:
    """Take a window back."""

    async def work(found: Runtime) -> bool:
        return await windows.cancel(found.database, ident, found.clock.now())

    if not with_runtime(config, work):
        err.print(f"No window is called {ident[:60]}.", markup=False)
        raise typer.Exit(EXIT_REFUSED)
    out.print(f"{ident} is cancelled.", markup=False)


@app.command("export")
def export(config: Path | None = ConfigOption) -> None:
    """Every coming window as iCalendar (RFC 5545), on standard output."""
    calendar: Any = icalendar.Calendar()
    calendar.add("prodid", "-//Remissvakt//maintenance//SV")
    calendar.add("version", "2.0")
    for window in with_runtime(config, _coming):
        event: Any = icalendar.Event()
        event.add("uid", window.id)
        event.add("dtstamp", window.starts_at)
        event.add("dtstart", window.starts_at)
        event.add("dtend", window.ends_at)
        event.add("summary", f"Underhåll {window.path}")
        event.add("location", window.path)
        event.add("contact", window.owner)
        event.add("description", window.reason)
        calendar.add_component(event)
    typer.echo(calendar.to_ical().decode(), nl=False)


@app.command("import")
def import_(file: Path, config: Path | None = ConfigOption) -> None:
    """Take windows from an iCalendar file: LOCATION is the path, CONTACT the owner."""
    try:
        planned = _read(file)
    except (OSError, ValueError, KeyError, AttributeError, Refused) as error:
        err.print(f"{file} cannot be taken in: {error}", markup=False)
        raise typer.Exit(EXIT_REFUSED) from None

    async def work(found: Runtime) -> int:
        for window in planned:
            await _store(found, window)
        return len(planned)

    out.print(f"{with_runtime(config, work)} windows taken in.")


def _planned(event: Any) -> Window:
    start, end = event["dtstart"].dt, event["dtend"].dt
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise Refused("a window needs clock times, not whole days")
    if "rrule" in event:
        raise Refused("repeating windows are not taken: enter each one")
    return Window(
        id=str(event["uid"])[:60],
        path=str(event.get("location", "")),
        starts_at=_local(start),
        ends_at=_local(end),
        owner=str(event.get("contact", ""))[:120],
        reason=str(event.get("description", ""))[:400],
        by=who(),
    )


def _read(file: Path) -> list[Window]:
    data = file.read_bytes()[: MOST_FILE + 1]
    if len(data) > MOST_FILE:
        raise Refused("the calendar is larger than 1 MiB")
    calendar: Any = icalendar.Calendar.from_ical(data)
    return [_planned(event) for event in calendar.walk("VEVENT")]


async def _store(found: Runtime, window: Window) -> Window:
    if window.path not in found.config.watched:
        raise UnknownPath(found.config.watched, window.path)
    await windows.add(found.database, checked(window, found.clock.now()))
    return window


async def _coming(found: Runtime) -> list[Window]:
    return await windows.ending_after(found.database, found.clock.now())


def _local(moment: datetime) -> datetime:
    """A time without a zone is Swedish."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=STOCKHOLM)
    return moment.astimezone(UTC)


def _line(window: Window) -> str:
    start, end = (m.astimezone(STOCKHOLM) for m in (window.starts_at, window.ends_at))
    return f"{window.path}  {start:%Y-%m-%d %H:%M}-{end:%H:%M}  {window.owner}  {window.reason}"
