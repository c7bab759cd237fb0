"""`tcp`: does a port open?"""

import asyncio
import contextlib
from typing import Literal

from watchdog.model.system import Outcome
from watchdog.probes.look import Port, ProbeSettings, Seen, of_connection


class TcpSettings(ProbeSettings):
    """A TCP connection that is closed again at once."""

    kind: Literal["tcp"]
    host: str
    port: Port


class TcpProbe:
    """Shows that something listens; not that it works."""

    def __init__(self, settings: TcpSettings) -> None:
        self._settings = settings

    async def look(self) -> Seen:
        where = f"port {self._settings.port}"
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                _, writer = await asyncio.open_connection(self._settings.host, self._settings.port)
        except OSError as error:
            return of_connection(error, where)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return Seen(Outcome.OK, f"{where} opens")

    async def close(self) -> None:
        """Nothing is held."""
