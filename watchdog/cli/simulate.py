"""remissvakt simulate | fault: the hospital alone, faults by command."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import typer

from watchdog.cli.context import EXIT_REFUSED, err, guarded, out
from watchdog.clock import SystemClock
from watchdog.simulator.faults import FaultKind
from watchdog.simulator.hospital import Hospital

FolderOption = typer.Option(Path("var/hospital"), help="Where it writes its log.")
SecretsOption = typer.Option(None, help="Folder with the webhook secrets.")


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command()
    def simulate(
        folder: Path = FolderOption,
        secrets: Path | None = SecretsOption,
        ports: str = typer.Option("{}", help='Fixed ports, as {"om": 22575, "http": 22580}.'),
        seed: int = typer.Option(1, help="Of its chances."),
    ) -> None:
        """Run a hospital to practise on until Ctrl-C. Prints its ports as one line of JSON."""
        guarded(lambda: _hospital(folder, secrets, json.loads(ports), seed))

    @app.command()
    def fault(
        kind: str = typer.Argument(..., help=", ".join(k.value for k in FaultKind)),
        lane: str = typer.Option("biztalk", help="om or biztalk"),
        hospital: str = typer.Option("http://127.0.0.1:22580", help="The hospital's HTTP side."),
        percent: float = typer.Option(30.0, help="For lose."),
        factor: float = typer.Option(10.0, help="For slow."),
    ) -> None:
        """Break a lane of a running simulated hospital; `none` mends it."""
        if kind not in list(FaultKind):
            err.print(f"{kind!r} is not one of {', '.join(k.value for k in FaultKind)}.")
            raise typer.Exit(EXIT_REFUSED)
        asked: dict[str, Any] = {"lane": lane, "fault": kind}
        if kind == FaultKind.LOSE:
            asked["percent"] = percent
        if kind == FaultKind.SLOW:
            asked["factor"] = factor
        try:
            httpx.post(f"{hospital}/control/faults", json=asked, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            err.print(f"No simulated hospital answered at {hospital}: {type(error).__name__}.")
            raise typer.Exit(EXIT_REFUSED) from None
        out.print(f"{lane}: {kind}")


def _known(secrets: Path | None) -> dict[str, str]:
    """Receiver to secret, from a folder of secret files."""
    if secrets is None or not secrets.is_dir():
        return {}
    return {file.name: file.read_text("ascii").strip() for file in secrets.iterdir()}


async def _hospital(folder: Path, secrets: Path | None, ports: dict[str, int], seed: int) -> None:
    known = _known(secrets)
    hospital = Hospital(folder, SystemClock(), seed=seed, secrets=known)
    await hospital.start(ports)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sys.stdout.write(json.dumps(hospital.describe()) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await hospital.close()
