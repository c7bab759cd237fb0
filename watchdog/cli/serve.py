"""remissvakt serve | run | api, and db upgrade | raise-epoch."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Coroutine
from pathlib import Path

import structlog
import typer

from api.app import create_app
from watchdog.cli import logs
from watchdog.cli.context import (
    ConfigOption,
    guarded,
    out,
    runtime,
    who,
    with_runtime,
)
from watchdog.httplimits import LOOPBACK, Limits
from watchdog.runner.follow import Follower
from watchdog.runner.node import Node
from watchdog.runtime import Runtime
from watchdog.storage.leader import Leadership
from watchdog.storage.meta import raise_epoch
from watchdog.storage.migrate import upgrade
from watchdog.webserver import WebServer

log = structlog.get_logger()
SETTLED_S = 10.0
"""By then everything that lasts has been made."""
database = typer.Typer(help="The database.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands, and `db …`."""
    app.add_typer(database, name="db")

    @app.command()
    def serve(
        config: Path | None = ConfigOption,
        port: int | None = typer.Option(None, help="Overrides api.port; 0 takes a free one."),
        json_log: bool = typer.Option(True, "--json-log/--text-log"),
    ) -> None:
        """Watch every path and answer on HTTP, in one process."""
        logs.to_stderr(as_json=json_log)
        guarded(lambda: _serve(config, port, watch=True, answer=True))

    @app.command()
    def run(
        config: Path | None = ConfigOption,
        json_log: bool = typer.Option(True, "--json-log/--text-log"),
    ) -> None:
        """Watch every path; answer nothing (see `api`)."""
        logs.to_stderr(as_json=json_log)
        guarded(lambda: _serve(config, None, watch=True, answer=False))

    @app.command()
    def api(
        config: Path | None = ConfigOption,
        port: int | None = typer.Option(None, help="Overrides api.port; 0 takes a free one."),
        json_log: bool = typer.Option(True, "--json-log/--text-log"),
    ) -> None:
        """Answer on HTTP from the database that a `run` elsewhere fills."""
        logs.to_stderr(as_json=json_log)
        guarded(lambda: _serve(config, port, watch=False, answer=True))


@database.command("upgrade")
def upgrade_database(config: Path | None = ConfigOption) -> None:
    """Bring the database to the newest schema."""

    async def work(found: Runtime) -> None:
        await upgrade(found.database)
        await found.database.verify()

    with_runtime(config, work)
    out.print("The database is at the newest schema.")


@database.command("raise-epoch")
def raise_database_epoch(config: Path | None = ConfigOption) -> None:
    """After a restore from a backup, with every node stopped: clients refuse a lower epoch."""

    async def work(found: Runtime) -> int:
        return await raise_epoch(found.database, by=who(), now=found.clock.now())

    out.print(f"The next leader's epoch is {with_runtime(config, work) + 1}.")


async def _serve(config: Path | None, port: int | None, *, watch: bool, answer: bool) -> None:
    found = runtime(config)
    stop = _stop_event()
    try:
        await upgrade(found.database)
        await found.database.verify()
        leadership = Leadership(found.database, found.clock)
        if watch and found.database.is_sqlite:  # say so before anything is opened
            if not await leadership.take():
                raise leadership.refused()
            await leadership.release()
        work = Node(found, leadership).run() if watch else Follower(found).run()
        await _until(stop, found, work, port, answer=answer)
    finally:
        await found.close()


async def _until(
    stop: asyncio.Event,
    found: Runtime,
    work: Coroutine[None, None, None],
    port: int | None,
    *,
    answer: bool,
) -> None:
    """Run what was asked for until told to stop, or until a part of it fails."""
    limits = Limits(exempt=(*LOOPBACK, *found.config.proxies))
    app = create_app(found, described=answer)
    server = WebServer(app, found.clock, host=found.config.api_host, limits=limits)
    settle()  # while nobody waits for an answer: the second time it has little to look at
    if answer:
        wanted = found.config.api_port if port is None else port
        try:
            bound = await server.start(wanted)
        except BaseException:
            work.close()
            raise
        found.own_ports = frozenset({bound})
        log.info("answering", host=found.config.api_host, port=bound)
    working = asyncio.create_task(work)
    asyncio.get_running_loop().call_later(SETTLED_S, settle)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
    finally:
        stopping.cancel()
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        await server.close()
        log.info("stopped")


def settle() -> None:
    """What was made at the start stays: a full collection need not look at it again and again.

    Measured: such a collection held up every answer for 130-190 ms; 16-21 ms with this.
    """
    gc.collect()
    gc.freeze()


def _stop_event() -> asyncio.Event:
    """Set by SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
