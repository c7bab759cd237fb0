"""What every command shares: settings, the configuration, a database, and saying things."""

import asyncio
import json
import os
import pwd
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import typer
from rich.console import Console

from watchdog import settings
from watchdog.clock import SystemClock
from watchdog.config.load import load
from watchdog.errors import ConfigError, RemissvaktError, UnknownPath
from watchdog.model.routine import Routine
from watchdog.model.site import Config, PathConfig
from watchdog.runtime import Runtime, build
from watchdog.service.asking import ask

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)
T = TypeVar("T")
EXIT_CONFIG, EXIT_REFUSED = 2, 3

ConfigOption = typer.Option(
    None,
    "--config",
    "-c",
    help="The configuration file (default: REMISSVAKT_CONFIG, or remissvakt.yaml).",
)
JsonOption = typer.Option(False, "--json", help="Print JSON instead of text.")


def configured(path: Path | None) -> tuple[Config, dict[str, Routine]]:
    """The configuration, or exit 2 with every problem."""
    found = settings.read()
    try:
        return load(path or found.config, test_environment=found.test_environment)
    except ConfigError as error:
        for problem in error.problems:
            err.print(str(problem), markup=False)
        raise typer.Exit(EXIT_CONFIG) from None


def path_of(config: Config, ident: str) -> PathConfig:
    """The path of that name. UnknownPath, with the names that there are."""
    if ident not in config.paths:
        raise UnknownPath(config.paths, ident)
    return config.paths[ident]


def runtime(path: Path | None) -> Runtime:
    """The parts of a process on the configured database."""
    config, routines = configured(path)
    return build(config, routines, SystemClock(), settings.read().database_url)


def with_runtime(path: Path | None, work: Callable[[Runtime], Awaitable[T]]) -> T:
    """Run `work` on the configured database; a refusal is said and exits with 3."""

    async def inside() -> T:
        found = runtime(path)
        try:
            return await work(found)
        finally:
            await found.close()

    return guarded(inside)


def wish(path: Path | None, kind: str, arguments: dict[str, str], patience_s: float = 10.0) -> None:
    """Have the running service carry out a request; a refusal is said and exits with 3."""

    async def work(found: Runtime) -> tuple[str, str]:
        done = await ask(
            found.requests, kind, arguments, by=who(), clock=found.clock, patience_s=patience_s
        )
        return done.outcome, done.detail

    outcome, detail = with_runtime(path, work)
    (out if outcome == "done" else err).print(detail, markup=False)
    if outcome != "done":
        raise typer.Exit(EXIT_REFUSED)


def guarded(work: Callable[[], Awaitable[T]]) -> T:
    """Run it; errors of ours are one sentence on stderr and exit code 3 (2 for configuration)."""

    async def inside() -> T:
        return await work()

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(inside())
    except ConfigError as error:
        for problem in error.problems:
            err.print(str(problem), markup=False)
        raise typer.Exit(EXIT_CONFIG) from None
    except RemissvaktError as error:
        err.print(str(error), markup=False)
        raise typer.Exit(EXIT_REFUSED) from None


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed (not on Windows): half again as many answers per second."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return None
    return uvloop.new_event_loop


def who() -> str:
    """Who types the command, for the timeline: the account, whatever the environment says of it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # an account without a name, as in many containers
        return f"uid {os.getuid()}"


def say_json(value: Any) -> None:
    """Print as JSON, times in ISO 8601."""
    sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False, indent=2) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
