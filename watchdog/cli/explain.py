"""remissvakt detection explain: what a path's budget and cadence mean, with what was learned of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from watchdog import settings
from watchdog.cli.context import (
    ConfigOption,
    JsonOption,
    configured,
    err,
    guarded,
    out,
    path_of,
    say_json,
)
from watchdog.clock import SystemClock
from watchdog.dburl import sqlite_file
from watchdog.detection.learned import stored
from watchdog.detection.promise import AtHour, Known, Promise, promise
from watchdog.errors import StorageError
from watchdog.storage.engine import Database
from watchdog.storage.states import States
from watchdog.within import within

ANSWER_S = 5.0
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
detection = typer.Typer(help="What the detector promises.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.add_typer(detection, name="detection")


@detection.command("explain")
def explain(
    path: str = typer.Argument(..., help="The path."),
    config: Path | None = ConfigOption,
    json_: bool = JsonOption,
) -> None:
    """What the path's budget means: limits, how soon an outage is declared, orders per day."""

    found, _ = configured(config)
    url = settings.read().database_url or found.database_url

    async def work() -> None:
        watched = path_of(found, path)
        known = Known(profile=watched.profile, cadence=watched.cadence)
        file = sqlite_file(url)
        if file is None or file.exists():  # to ask one that is not there would make it
            known = replace(known, learned=await _learned(url, path))
        told = promise(known)
        say_json(told) if json_ else _say_promise(path, told)

    guarded(work)


async def _learned(url: str, path: str) -> dict[str, Any]:
    """What the service has stored of it."""
    database = Database(url, SystemClock())
    try:
        state = (await within(ANSWER_S, States(database).all())).get(path)
    except StorageError as error:
        err.print(
            f"What was learned of {path} cannot be read, so it is left out: {error}", markup=False
        )
        return {}
    finally:
        await database.close()
    return stored(state.learned) if state is not None else {}


def _say_promise(path: str, told: Promise) -> None:
    out.print(f"{path}, cadence {told.cadence}:", markup=False)
    out.print(
        f"  at most one false declaration in {told.years:g} years of normal operation "
        f"(one sender's loss: {told.sender_years:g} years)"
    )
    learned = f"learned from {told.learned_orders} orders" if told.learned_orders else "assumed"
    out.print(f"  99 of 100 orders arrive within {told.p99_s:.1f} s ({learned})")
    out.print("  limits in nats: e to that power is the odds against chance")
    if told.busiest == told.quietest:
        _say_hour("", told.busiest)
    else:
        _say_hour("busiest hour, ", told.busiest)
        _say_hour("quietest hour, ", told.quietest)
    out.print(
        f"  orders: {told.orders_per_day} a day while well, each cancelled; "
        f"at most {told.orders_per_incident} in one outage"
    )


def _say_hour(name: str, told: AtHour) -> None:
    day, hour = divmod(told.hour, 24)
    when = f"{name}{DAYS[day]} {hour:02}-{(hour + 1) % 24:02} UTC" if name else "at any hour"
    real = f"; {told.real_per_min:.2g} real orders a minute" if told.real_per_min else ""
    out.print(
        f"  {when}{real}; limits: outage {told.outage_nats:.1f}, partial loss {told.partial_nats:.1f}, "
        f"suspicion {told.suspect_nats:.1f}:",
        markup=False,
    )
    out.print(
        f"    a path that goes dead is declared after about {told.dead_median_s:.0f} s "
        f"(at worst {told.dead_worst_s:.0f} s), with {told.orders_to_declare} orders missing; "
        f"one that refuses after about {told.refused_median_s:.0f} s"
    )
