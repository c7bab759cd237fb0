"""`mllp_connect`: does the engine's MLLP port open, and stay open? No message is sent.

A listener that is at its limit of connections, or whose TLS fails, closes at once: that is a
rejection, which a plain TCP look would call well.
"""

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

from watchdog.hl7.client import Tls
from watchdog.model.system import Outcome
from watchdog.probes.look import Port, ProbeSettings, Seen, of_connection, of_tls

STAYS_S = 0.2


class MllpConnectSettings(ProbeSettings):
    """The engine's port; with `ca_file`, over TLS; with `certificate` and `key`, over mutual TLS."""

    kind: Literal["mllp_connect"]
    host: str
    port: Port
    ca_file: Path | None = None
    certificate: Path | None = None
    """Ours, PEM: what `send.tls` of the path shows as well, where the engine asks for one."""
    key: Path | None = None
    server_name: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("`certificate` and `key` belong together: give both or none")
        if self.certificate is not None and self.ca_file is None:
            raise ValueError("`certificate` needs `ca_file`: without it there is no TLS")
        return self


class MllpConnectProbe:
    """Connects, waits a moment for the peer to hang up, and leaves."""

    def __init__(self, settings: MllpConnectSettings) -> None:
        self._settings = settings

    async def look(self) -> Seen:
        where = f"MLLP port {self._settings.port}"
        try:
            tls = self._tls()
        except OSError:
            return Seen(Outcome.UNKNOWN, "the CA file, or our certificate or key, cannot be read")
        shown = self._settings.certificate is not None
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                reader, writer = await asyncio.open_connection(
                    self._settings.host,
                    self._settings.port,
                    ssl=tls,
                    server_hostname=self._settings.server_name if tls else None,
                )
        except ssl.SSLError as error:
            return of_tls(error, where, shown=shown)
        except OSError as error:
            return of_connection(error, where)
        try:
            async with asyncio.timeout(STAYS_S):
                said = await reader.read(1)
        except TimeoutError:
            return Seen(Outcome.OK, f"{where} opens and stays open")
        except ssl.SSLError as error:  # TLS 1.3 asks for our certificate only now
            return of_tls(error, where, shown=shown)
        except OSError:  # reset: hung up as well, only less politely
            said = b""
        finally:
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()
        if said:
            return Seen(Outcome.OK, f"{where} opens")
        return Seen(Outcome.REJECTED, f"{where} opens and hangs up at once")

    async def close(self) -> None:
        """Nothing is held."""

    def _tls(self) -> ssl.SSLContext | None:
        settings = self._settings
        if settings.ca_file is None:
            return None
        return Tls(
            ca_file=settings.ca_file, certificate=settings.certificate, key=settings.key
        ).context()
