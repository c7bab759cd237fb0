"""A process put together as it is in service, with no loop running."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.schema import newest_schema
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.clock import Clock
from watchdog.config.load import load
from watchdog.runtime import Runtime, Watcher, build, build_watcher

PATH = "halland_vas_biztalk_ris"
"""One of its paths."""


@asynccontextmanager
async def answering(folder: Path, clock: Clock) -> AsyncIterator[Runtime]:
    """What a process that only answers has: the sample configuration, and an empty database."""
    file = folder / "remissvakt.yaml"
    write_sample(file, Sample(database=f"sqlite:///{folder}/db.sqlite"))
    config, routines = load(file, test_environment=True)
    made = build(config, routines, clock)
    try:
        await newest_schema(made.database)
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def assembled(folder: Path, clock: Clock) -> AsyncIterator[Watcher]:
    """All that a watching process has beside that."""
    async with answering(folder, clock) as runtime:
        yield await build_watcher(runtime)
