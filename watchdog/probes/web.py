"""`web`: a page or a JSON document of a system, and whether it is in read-only mode.

Melior, Picsara, IDS7 web, Asynja, the intranet: status, a text that must be there, a JSON value, and
a text that says "read-only". Redirects are not followed: a login page is not the system.
"""

import re
import socket
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
from pydantic import AfterValidator, Field

from watchdog.model.system import Outcome
from watchdog.probes.http import at
from watchdog.probes.look import (
    NO_WAY_OUT,
    UNREACHABLE,
    ProbeSettings,
    Seen,
    causes,
    errnos,
    of_connection,
    of_tls,
)

MOST_BODY = 256 * 1024


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]


class WebSettings(ProbeSettings):
    """GET `url`; `status` must be one of those given."""

    kind: Literal["web"]
    url: Annotated[str, Field(pattern=r"^https?://[^/@]+(/.*)?$")]
    status: tuple[int, ...] = (200,)
    contains: Pattern | None = None
    """A regular expression that the body must contain."""
    pointer: str | None = None
    """JSON pointer (RFC 6901) to a value that must equal `equals`."""
    equals: str | int | bool = True
    read_only: Pattern | None = None
    """A regular expression by which the page says that it is in read-only mode."""
    ca_file: Path | None = None


class WebProbe:
    """One GET per look, on a connection of its own."""

    def __init__(self, settings: WebSettings) -> None:
        self._settings = settings

    async def look(self) -> Seen:
        settings = self._settings
        try:
            trust = self._trusted()
        except OSError:
            return Seen(Outcome.UNKNOWN, "the CA file cannot be read")
        try:
            async with (
                httpx.AsyncClient(
                    timeout=settings.timeout_s,
                    trust_env=False,
                    follow_redirects=False,
                    verify=trust,
                ) as client,
                client.stream("GET", settings.url) as response,
            ):
                body = await _body(response)
        except httpx.ConnectTimeout:
            return Seen(Outcome.SILENT, "the address does not answer")
        except httpx.TimeoutException:
            return Seen(Outcome.SILENT, "it takes connections and does not answer")
        except httpx.ConnectError as error:
            return _not_connected(error)
        except (httpx.RemoteProtocolError, httpx.DecodingError):
            return Seen(Outcome.REJECTED, "what it answers is not HTTP")
        except (httpx.ReadError, httpx.WriteError, ssl.SSLError) as error:
            return _broken(error)
        except (httpx.HTTPError, OSError) as error:
            return Seen(Outcome.UNKNOWN, f"it could not be asked: {type(error).__name__}")
        return self._judged(response.status_code, body)

    async def close(self) -> None:
        """Nothing is held."""

    def _trusted(self) -> ssl.SSLContext:
        ca_file = self._settings.ca_file
        return trusted(str(ca_file or ""), ca_file.stat().st_mtime if ca_file else 0.0)

    def _judged(self, status: int, body: str) -> Seen:
        settings = self._settings
        if status not in settings.status:
            return Seen(Outcome.REJECTED, f"it answers with status {status}")
        if settings.contains is not None and re.search(settings.contains, body) is None:
            return Seen(Outcome.REJECTED, "the page lacks the text that it should have")
        if settings.pointer is not None and not self._condition(body):
            return Seen(Outcome.REJECTED, f"the value at {settings.pointer} is not as it should be")
        if settings.read_only is not None and re.search(settings.read_only, body):
            return Seen(Outcome.READ_ONLY, "it is in read-only mode")
        return Seen(Outcome.OK, f"it answers with status {status}")

    def _condition(self, body: str) -> bool:
        try:
            value: Any = httpx.Response(200, text=body).json()
        except ValueError:
            return False
        return at(value, self._settings.pointer) == self._settings.equals


async def _body(response: httpx.Response) -> str:
    found = bytearray()
    async for piece in response.aiter_bytes():
        found += piece
        if len(found) > MOST_BODY:
            break
    return bytes(found[:MOST_BODY]).decode(response.encoding or "utf-8", "replace")


def _not_connected(error: httpx.ConnectError) -> Seen:
    """httpx words every failure alike; what the system said lies below it."""
    below = list(causes(error))
    tls = next((each for each in below if isinstance(each, ssl.SSLError)), None)
    if tls is not None:
        return of_tls(tls, "it")
    if any(isinstance(each, socket.gaierror) for each in below):
        return Seen(Outcome.UNKNOWN, "its name cannot be resolved here")
    if not list(errnos(error)):
        return Seen(Outcome.REFUSED, "it closed the connection in the TLS handshake")
    return of_connection(error, "it")


def _broken(error: Exception) -> Seen:
    """A connection that had come about has ended: the peer's doing, unless a network was lost."""
    if isinstance(error, ssl.SSLError):
        return of_tls(error, "it")
    if (UNREACHABLE | NO_WAY_OUT).intersection(errnos(error)):
        return of_connection(error, "it")
    return Seen(Outcome.REJECTED, "it takes connections and hangs up")


@lru_cache(maxsize=32)
def trusted(ca_file: str, _changed: float) -> ssl.SSLContext:
    """The certificates that count; read anew when the file has changed (reading takes 20 ms)."""
    if not ca_file:
        return httpx.create_ssl_context()
    return ssl.create_default_context(cafile=ca_file)
