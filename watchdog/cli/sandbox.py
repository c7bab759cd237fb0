"""remissvakt sandbox: the clinic API of any site, every state set by hand."""

import asyncio
import signal
import tempfile
from dataclasses import replace
from pathlib import Path

import typer

from api.sandbox import create_sandbox
from watchdog.cli.check import write_sample
from watchdog.cli.context import configured, guarded, out
from watchdog.cli.sample import Sample
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.model.routine import Routine
from watchdog.model.site import Config
from watchdog.runtime import build
from watchdog.service.sandbox import Sandbox
from watchdog.simulator.nodes import DICOM, WEB
from watchdog.storage.migrate import upgrade
from watchdog.webserver import WebServer

ConfigOption = typer.Option(None, help="Your own configuration; without it the five sample sites.")
BEAT_S = 1.0
PLACEHOLDER_PORT = 22599
"""Of systems that nobody looks at here."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def sandbox(
        config: Path | None = ConfigOption,
        port: int = typer.Option(8090, help="0 takes a free one."),
    ) -> None:
        """Serve the clinic API with every state set by hand: no hospital, no database of yours."""
        guarded(lambda: _sandbox(config, port))


async def _sandbox(file: Path | None, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory(prefix="remissvakt-sandbox-") as folder:
        config, routines = sample(Path(folder)) if file is None else configured(file)
        clock = SystemClock()
        config = replace(
            config,
            instance="sandbox",
            placer_key_file=Path(folder) / "placer.key",
            journal_file=Path(folder) / "journal.jsonl",
            api_host="127.0.0.1",
        )
        runtime = build(config, routines, clock, f"sqlite:///{folder}/sandbox.sqlite")
        await upgrade(runtime.database)
        board = Sandbox(runtime.board)
        server = WebServer(create_sandbox(runtime, board), clock)
        try:
            bound = await server.start(port)
            out.print(f"Set states at   http://127.0.0.1:{bound}/sandbox")
            for clinic in config.clinics:
                out.print(f"Ask             http://127.0.0.1:{bound}/v1/clinics/{clinic}/status")
            while not stop.is_set():
                board.beat()
                await clock.sleep(BEAT_S)
        finally:
            await server.close()
            await runtime.close()


def sample(folder: Path) -> tuple[Config, dict[str, Routine]]:
    """The five sites of the sample; the ports of their systems are never used."""
    file = folder / "remissvakt.yaml"
    write_sample(file, Sample(nodes=dict.fromkeys((*DICOM, *WEB), PLACEHOLDER_PORT)))
    return load(file, test_environment=True)
