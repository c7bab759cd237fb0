"""remissvakt replay | record export | record hours | backtest."""

import contextlib
import json
import sys
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer
from rich.table import Table

from watchdog.cli import backtest_page
from watchdog.cli.context import (
    EXIT_REFUSED,
    ConfigOption,
    JsonOption,
    err,
    out,
    path_of,
    say_json,
    with_runtime,
)
from watchdog.detection.backtest import Outcome, Variant, play
from watchdog.detection.replay import Recording, Replay, profile_line, read, transition_line
from watchdog.errors import RecordingError, RemissvaktError
from watchdog.model.cadence import CADENCES
from watchdog.model.observation import Ev
from watchdog.model.site import PathConfig
from watchdog.runtime import Runtime
from watchdog.storage import observations

FileArgument = typer.Argument(..., help="JSON Lines; - reads standard input.")
YearsOption = typer.Option([1000.0, 100.0, 10.0, 1.0], "--years", help="Budgets to compare.")
CadenceOption = typer.Option([], "--cadence", help="Cadences to compare (default: as recorded).")
HtmlOption = typer.Option(None, "--html", help="Write a page with plots here.")
ONLY_WHOLE = (
    "{}: the last 48 hours, where real referrals are whole; --probes-only goes further back."
)
SEEN = {"none": (), "arrivals": (Ev.REAL_ARRIVED,), "both": (Ev.REAL_SENT, Ev.REAL_ARRIVED)}
"""Of real orders, by what a path sees of them now; what is left from before has no match any more."""
record = typer.Typer(help="The recorded observations.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(record, name="record")

    @app.command()
    def replay(
        file: str = FileArgument,
        years: float | None = typer.Option(None, help="Budget instead of the recording's own."),
    ) -> None:
        """Run the detector over recorded observations; one JSON line per change of state."""
        with _refusals(), _lines(file) as lines:
            for path, transition in Replay(years=years).run(lines):
                sys.stdout.write(transition_line(path, transition) + "\n")

    @app.command()
    def backtest(
        file: str = FileArgument,
        years: list[float] = YearsOption,
        cadence: list[str] = CadenceOption,
        html: Path | None = HtmlOption,
        json_: bool = JsonOption,
    ) -> None:
        """What would have been declared, when, why, and with how many orders, under each choice."""
        with _refusals(), _lines(file) as lines:
            recordings = read(lines)
        with _refusals():
            found = {
                name: [play(recording.profile, recording.events, variant) for variant in variants]
                for name, recording in recordings.items()
                if (variants := _variants(recording, years, cadence))
            }
        if html is not None:
            html.write_text(backtest_page.render(found), "utf-8")
            err.print(f"wrote {html}", markup=False)
        say_json(_plain(found)) if json_ else _tables(found)


@record.command("export")
def record_export(
    config: Path | None = ConfigOption,
    path: str | None = typer.Option(None, "--path", help="Only this path."),
    days: float = typer.Option(30, help="How far back."),
    probes_only: bool = typer.Option(
        False, "--probes-only", help="Without copies of real referrals, as if there was no tap."
    ),
) -> None:
    """Write what this installation observed, in the format that `replay` and `backtest` read.

    A path with a tap begins where copies of real referrals are whole: those that arrived are forgotten
    after 48 hours, and what is left of older ones would look like a loss.
    """

    async def work(found: Runtime) -> None:
        now = found.clock.now()
        for name, watched in _chosen(found, path).items():
            since, profile = now - timedelta(days=days), watched.profile
            if probes_only:
                profile = replace(profile, hourly_rate_per_min=(), passive="none")
            elif watched.tap is not None and since < now - observations.REAL_KEPT:
                since = now - observations.REAL_KEPT
                err.print(ONLY_WHOLE.format(name), markup=False)
            events = await observations.since(found.database, name, since)
            seen = SEEN[profile.passive]
            events = [e for e in events if e.ev not in observations.REAL or e.ev in seen]
            if not events:
                continue
            for line in profile_line(name, profile, watched.cadence, events):
                sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")

    with_runtime(config, work)


@record.command("hours")
def record_hours(
    config: Path | None = ConfigOption,
    path: str | None = typer.Option(None, "--path", help="Only this path."),
    days: float = typer.Option(90, help="How far back."),
) -> None:
    """How many real referrals were sent and arrived in each hour, long after they are forgotten."""

    async def work(found: Runtime) -> None:
        since = found.clock.now() - timedelta(days=days)
        for name in _chosen(found, path):
            for hour in await observations.hours(found.database, name, since):
                line = {"path": name, "hour": hour.begins.isoformat(timespec="minutes")}
                counts = {"sent": hour.sent, "arrived": hour.arrived}
                sys.stdout.write(json.dumps({**line, **counts}) + "\n")

    with_runtime(config, work)


def _chosen(found: Runtime, path: str | None) -> dict[str, PathConfig]:
    """The path that was asked for, or all of them. UnknownPath if there is no such path."""
    return found.config.paths if path is None else {path: path_of(found.config, path)}


def _variants(recording: Recording, years: list[float], cadences: list[str]) -> list[Variant]:
    unknown = sorted(set(cadences) - set(CADENCES))
    if unknown:
        raise RecordingError(
            f"cadence {', '.join(unknown)} is not one of {', '.join(sorted(CADENCES))}"
        )
    chosen = [CADENCES[name] for name in cadences] or [recording.cadence]
    return [Variant(y, cadence) for cadence in chosen for y in sorted(years, reverse=True)]


def _tables(found: dict[str, list[Outcome]]) -> None:
    for path, outcomes in found.items():
        table = Table(title=path, title_justify="left")
        for column in ("choice", "limit", "declared", "suspected", "in outage", "orders/day"):
            table.add_column(column, justify="left" if column == "choice" else "right")
        for o in outcomes:
            table.add_row(
                str(o.variant),
                f"{o.limit_nats:.1f}",
                str(len(o.declared)),
                str(o.suspected),
                f"{o.outage_s / 60:.1f} min",
                f"{o.probes_per_day:.0f}",
            )
        out.print(table)
        for o in outcomes:
            for t in o.declared:
                at = datetime.fromtimestamp(t.t, UTC)
                out.print(f"  {o.variant}: {at:%Y-%m-%d %H:%M:%S}Z {t.because.en}", markup=False)


def _plain(found: dict[str, list[Outcome]]) -> dict[str, list[dict[str, object]]]:
    return {
        path: [
            {
                "years": o.variant.years,
                "cadence": o.variant.cadence.name,
                "limit_nats": round(o.limit_nats, 2),
                "declared": [
                    {"t": round(t.t, 3), "mono": round(t.mono, 3), "because": t.because.en}
                    for t in o.declared
                ],
                "suspected": o.suspected,
                "outage_s": round(o.outage_s, 1),
                "orders_per_day": round(o.probes_per_day, 1),
            }
            for o in outcomes
        ]
        for path, outcomes in found.items()
    }


@contextlib.contextmanager
def _refusals() -> Generator[None]:
    try:
        yield
    except RemissvaktError as error:
        err.print(str(error), markup=False)
        raise typer.Exit(EXIT_REFUSED) from None
    except BrokenPipeError:
        raise typer.Exit(0) from None


@contextlib.contextmanager
def _lines(file: str) -> Generator[Iterator[str]]:
    if file == "-":
        yield iter(sys.stdin)
        return
    try:
        opened = open(file, encoding="utf-8")  # noqa: PTH123, SIM115 - closed below
    except OSError as error:
        raise RecordingError(f"{file} cannot be read: {error.strerror}") from None
    try:
        yield iter(opened)
    except UnicodeDecodeError:
        raise RecordingError(f"{file} is not UTF-8 text") from None
    finally:
        opened.close()
