"""`mllp_connect`: does the engine's MLLP port open, and stay open? No message is sent.

A listener that is at its limit of connections, or whose TLS fails, closes at once: that is a
rejection, which a plain TCP look would call well.
"""

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import Literal

from watchdog.model.system import Outcome
from watchdog.probes.look import Port, ProbeSettings, Seen, of_connection

STAYS_S = 0.2


class MllpConnectSettings(ProbeSettings):
    """The engine's port; with `ca_file`, over TLS."""

    kind: Literal["mllp_connect"]
    host: str
    port: Port
    ca_file: Path | None = None
    server_name: str | None = None


class MllpConnectProbe:
    """Connects, waits a moment for the peer to hang up, and leaves."""

    def __init__(self, settings: MllpConnectSettings) -> None:
        self._settings = settings

    async def look(self) -> Seen:
        where = f"MLLP port {self._settings.port}"
        try:
            tls = self._tls()
        except (OSError, ssl.SSLError):
            return Seen(Outcome.UNKNOWN, "the CA file cannot be read")
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                reader, writer = await asyncio.open_connection(
                    self._settings.host,
                    self._settings.port,
                    ssl=tls,
                    server_hostname=self._settings.server_name if tls else None,
                )
        except ssl.SSLCertVerificationError as error:
            return Seen(Outcome.UNKNOWN, f"its certificate is not trusted: {error.verify_message}")
        except ssl.SSLError as error:
            return Seen(Outcome.REJECTED, f"{where} refuses TLS: {error.reason}")
        except OSError as error:
            return of_connection(error, where)
        try:
            async with asyncio.timeout(STAYS_S):
                said = await reader.read(1)
        except TimeoutError:
            return Seen(Outcome.OK, f"{where} opens and stays open")
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
        if self._settings.ca_file is None:
            return None
        context = ssl.create_default_context(cafile=str(self._settings.ca_file))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context
