"""All that a watching process has, put together as it is in service, with no loop running."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.schema import newest_schema
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.clock import Clock
from watchdog.config.load import load
from watchdog.runtime import Watcher, build, build_watcher

PATH = "halland_vas_biztalk_ris"
"""One of its paths."""


@asynccontextmanager
async def assembled(folder: Path, clock: Clock) -> AsyncIterator[Watcher]:
    """The sample configuration on a database that holds nothing yet."""
    file = folder / "remissvakt.yaml"
    write_sample(file, Sample(database=f"sqlite:///{folder}/db.sqlite"))
    config, routines = load(file, test_environment=True)
    runtime = build(config, routines, clock)
    await newest_schema(runtime.database)
    try:
        yield await build_watcher(runtime)
    finally:
        await runtime.close()
