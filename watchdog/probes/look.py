"""What every probe of a system promises, and the settings that all of them share."""

import asyncio
import errno
import re
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Protocol, cast

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


HUNG_UP = frozenset({errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE})
UNREACHABLE = frozenset({errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH})
"""It may be the target, or what lies before it: both are silent."""
NO_WAY_OUT = frozenset({errno.ENETDOWN, errno.ENETUNREACH})
"""Our own host has no network, or no route: that is no target's doing."""
WANTS_CERTIFICATE = ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE")
"""How the alerts (RFC 8446, 6.2) end of a peer that asks for a certificate and gets none."""


def of_connection(error: BaseException, where: str) -> Seen:
    """Refused, silent or unknown: what a connection that did not come about says.

    A name may have several addresses. One that answers says more than another that does not, and only
    if none could even be tried from here is it our own blindness.
    """
    numbers = set(errnos(error))
    if errno.ECONNREFUSED in numbers:
        return Seen(Outcome.REFUSED, f"{where} refuses connections")
    if numbers & HUNG_UP:
        return Seen(Outcome.REFUSED, f"{where} closed the connection")
    if errno.ETIMEDOUT in numbers:
        return Seen(Outcome.SILENT, f"{where} does not answer")
    if numbers & UNREACHABLE:
        return Seen(Outcome.SILENT, f"there is no way to {where}")
    if numbers & NO_WAY_OUT:
        return Seen(Outcome.UNKNOWN, f"our own network has no way to {where}")
    return Seen(Outcome.UNKNOWN, f"{where} could not be tried: {type(error).__name__}")


def of_tls(error: ssl.SSLError, where: str, *, shown: bool = False) -> Seen:
    """What a failed handshake says; `shown`: we presented a certificate of our own.

    Whom we do not trust, and a certificate that we do not have, are our own matter. Only TLS 1.3 has
    an alert of its own for the latter; before, the peer says no more than that the handshake failed.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return Seen(Outcome.UNKNOWN, f"its certificate is not trusted: {error.verify_message}")
    reason = str(error.reason or "no reason given")
    if not shown and reason.endswith(WANTS_CERTIFICATE):
        return Seen(
            Outcome.UNKNOWN,
            f"{where} ends TLS as one that asks for a client certificate, and we have none: {reason}",
        )
    return Seen(Outcome.REJECTED, f"{where} refuses TLS: {reason}")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those that it was raised from, each of several attempts included.

    Also what was raised "from None": httpcore hides the system's error in that way.
    """
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for each in cast("BaseExceptionGroup[BaseException]", error).exceptions:
                yield from causes(each)
        error = error.__cause__ or error.__context__


def errnos(error: BaseException) -> Iterator[int]:
    """The system's error numbers (errno) below an error.

    asyncio tells of several addresses only in its text; a time limit of ours carries no number.
    """
    for each in causes(error):
        if isinstance(each, TimeoutError):
            yield errno.ETIMEDOUT
        elif isinstance(each, OSError) and each.errno is not None:
            yield each.errno
        elif isinstance(each, OSError):
            yield from map(int, re.findall(r"\[Errno (\d+)\]", str(each)))
