"""What every probe of a system promises, and the settings that all of them share."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from watchdog.model.system import Outcome

Port = Annotated[int, Field(ge=1, le=65535)]
Title = Annotated[str, Field(min_length=1, max_length=16)]
"""A DICOM application entity title (PS3.5, VR AE)."""


class ProbeSettings(BaseModel):
    """Base of the settings of a system probe; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    crosses: tuple[str, ...] = ()
    """Systems of the site that the look passes on its way, nearest first."""
    every_s: Annotated[float, Field(ge=0.05, le=3600)] = 15.0
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    slow_s: Annotated[float, Field(gt=0, le=60)] | None = None
    """Slower than this counts as slow; none: nothing does."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The outcome of one look, and one sentence on it."""

    outcome: Outcome
    detail: str


class SystemProbe(Protocol):
    """Looks at one system. Never raises for what the system does; that is an outcome."""

    async def look(self) -> Seen:
        """One look, within about `timeout_s`."""
        ...

    async def close(self) -> None:
        """Give back what is held."""
        ...


async def timed(settings: ProbeSettings, work: Callable[[], Awaitable[Seen]]) -> tuple[Seen, float]:
    """Run one look within twice its time limit; (what was seen, seconds).

    A working look that took longer than `slow_s` is slow; one that never ends is silent.
    """
    began = time.perf_counter()
    try:
        async with asyncio.timeout(2 * settings.timeout_s):
            seen = await work()
    except TimeoutError:
        seen = Seen(Outcome.SILENT, f"nothing came back in {2 * settings.timeout_s:g} s")
    spent = time.perf_counter() - began
    if seen.outcome is Outcome.OK and settings.slow_s is not None and spent > settings.slow_s:
        seen = Seen(Outcome.SLOW, f"{seen.detail}, after {spent:.1f} s")
    return seen, spent


def of_connection(error: OSError, where: str) -> Seen:
    """Refused, silent or unknown: what a failed connection says."""
    if isinstance(error, ConnectionRefusedError):
        return Seen(Outcome.REFUSED, f"{where} refuses connections")
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return Seen(Outcome.REFUSED, f"{where} closed the connection")
    if isinstance(error, TimeoutError):
        return Seen(Outcome.SILENT, f"{where} does not answer")
    if error.errno in UNREACHABLE:
        return Seen(Outcome.SILENT, f"there is no way to {where}")
    return Seen(Outcome.UNKNOWN, f"{where} could not be tried: {type(error).__name__}")


UNREACHABLE = frozenset({100, 101, 112, 113})
"""ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH."""
