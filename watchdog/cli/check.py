"""remissvakt check | init | probe."""

from collections.abc import Callable
from pathlib import Path

import typer

from watchdog.cli import sample
from watchdog.cli.context import (
    EXIT_REFUSED,
    ConfigOption,
    JsonOption,
    configured,
    err,
    guarded,
    out,
    path_of,
    runtime,
    say_json,
    who,
)
from watchdog.model.site import PathConfig
from watchdog.notify.secretfile import renew
from watchdog.probes import control, registry
from watchdog.probes.base import CannotLook, Wanted
from watchdog.runtime import Runtime, build_watcher
from watchdog.service.asking import ask

DAYS = 365
PROBE_S = 60.0
NOBODYS = Wanted(placer="RVNOBODY", filler="RVNOBODY", control_id="RVNOBODY")
"""An order that does not exist: a reader that can look says that it is not there."""
FileArgument = typer.Argument(Path("remissvakt.yaml"), help="Where to write it.")


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command()
    def check(config: Path | None = ConfigOption, json_: bool = JsonOption) -> None:
        """Read the configuration, say every problem, and what it will send per day and year."""
        found, routines = configured(config)
        rows = [_cost(path) for path in found.paths.values()]
        if json_:
            say_json({"ok": True, "paths": rows})
            return
        out.print(
            f"{found.source}: good. {len(found.sites)} sites, {len(found.paths)} paths, "
            f"{len(found.clinics)} clinics, {len(found.endpoints)} receivers of notices."
        )
        for row in rows:
            out.print(
                f"  {row['path']}: {row['cadence']}, {row['orders_per_day']} orders and "
                f"{row['cancels_per_day']} cancels per day on a healthy path "
                f"({row['orders_per_year']} and {row['cancels_per_year']} per year), at most "
                f"{row['open_limit']} open, at most {row['orders_per_incident']} in an outage"
            )
        for site in found.sites:
            if routines[site].flags:
                out.print(f"  {site}: {routines[site].flags[0].text.en}")

    @app.command()
    def init(
        file: Path = FileArgument,
        force: bool = typer.Option(False, help="Overwrite."),
    ) -> None:
        """Write a commented configuration for the simulated hospital, with its secrets."""
        if file.exists() and not force:
            err.print(f"{file} exists; --force overwrites it.")
            raise typer.Exit(EXIT_REFUSED)
        write_sample(file, sample.Sample())
        out.print(
            f"Wrote {file}. Next: REMISSVAKT_TEST_ENVIRONMENT=1 remissvakt check -c {file}; "
            f"then the same with `demo -c {file}`."
        )

    @app.command()
    def probe(path: str, config: Path | None = ConfigOption, json_: bool = JsonOption) -> None:
        """Try every hop of a path by itself, then send one order if the service runs."""
        guarded(lambda: _probe(path, config, as_json=json_))


def write_sample(file: Path, values: sample.Sample) -> dict[str, str]:
    """Write the sample configuration and its webhook secrets; receiver to secret."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(sample.text(values), "utf-8")
    folder = file.parent / values.secrets
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, str] = {}
    for name in sample.HOOKS:
        secret_file = folder / name
        if not secret_file.exists():
            renew(secret_file, pair=False)
        made[name] = secret_file.read_text("ascii").strip()
    return made


def _cost(path: PathConfig) -> dict[str, object]:
    per_day = path.cadence.per_day()
    return {
        "path": path.id,
        "cadence": path.cadence.name,
        "orders_per_day": per_day,
        "cancels_per_day": per_day,
        "orders_per_year": per_day * DAYS,
        "cancels_per_year": per_day * DAYS,
        "open_limit": path.cadence.open_limit,
        "orders_per_incident": path.cadence.orders_per_incident,
    }


async def _probe(path: str, file: Path | None, *, as_json: bool) -> None:
    found = runtime(file)
    steps: list[dict[str, object]] = []

    def say(hop: str, good: bool, text: str, seconds: float | None = None) -> None:
        steps.append({"hop": hop, "ok": good, "text": text, "seconds": seconds})
        took = f" in {seconds * 1000:.0f} ms" if seconds is not None else ""
        if not as_json:
            out.print(f"  {'ok ' if good else 'NO '} {hop}: {text}{took}", markup=False)

    try:
        path_of(found.config, path)
        await _hops(found, path, say)
        arguments = {"path": path}
        done = await ask(
            found.requests, "probe", arguments, by=who(), clock=found.clock, patience_s=5.0
        )
        say("order", done.outcome == "done", done.detail)
        if done.outcome == "done":
            await _follow(found, done.detail, say)
    finally:
        await found.close()
        if as_json and steps:
            say_json({"path": path, "steps": steps})
    if not all(step["ok"] for step in steps):
        raise typer.Exit(1)


async def _hops(found: Runtime, path: str, say: Callable[..., None]) -> None:
    """Controls, the first hop, and each reader, tried from this process."""
    watch = (await build_watcher(found)).watches[path]
    for address in watch.config.controls:
        say("control", await control.passes(address), f"{address.host}:{address.port}")
    connect = await watch.client.can_connect()
    name = f"first hop {watch.config.send.host}:{watch.config.send.port}"
    text = connect.detail or "takes connections"
    say(name, not connect.detail, text, connect.connect_s)
    for settings in watch.config.readers:
        reader = registry.make(settings)
        if reader is None:
            continue
        began = found.clock.monotonic()
        try:
            await reader.look([NOBODYS])
            say(f"reader {reader.name}", True, "can look", found.clock.monotonic() - began)
        except CannotLook as error:
            say(f"reader {reader.name}", False, str(error))
        await reader.close()
    await watch.client.close()


async def _follow(found: Runtime, placer: str, say: Callable[..., None]) -> None:
    """Say each step of the order's life as it is reached, timed from its planning."""
    seen: set[str] = set()
    end = found.clock.monotonic() + PROBE_S
    while found.clock.monotonic() < end:
        order = await found.book.get(placer)
        if order is not None:
            for name, at in (
                ("acknowledged", order.acknowledged_at),
                ("arrived", order.arrived_at),
                (order.state.value, order.ended_at),
            ):
                if at is not None and name not in seen:
                    seen.add(name)
                    good = name not in ("refused", "lost", "debt")
                    say(name, good, placer, (at - order.planned_at).total_seconds())
            if order.ended_at is not None:
                return
        await found.clock.sleep(0.1)
    say("order", False, f"{placer} was not seen to its end in {PROBE_S:.0f} s")
