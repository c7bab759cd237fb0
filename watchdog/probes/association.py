"""One DICOM association for one look: who refused, who said nothing, who rejected us and why.

pynetdicom blocks and tells refused, silent and black hole alike, so a plain connection is tried
when there is no association. Each probe has a thread of its own: thirty silent peers must not hold
up the thirty-first.
"""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pynetdicom import AE, evt  # pyright: ignore[reportPrivateImportUsage]

from watchdog.model.system import Outcome
from watchdog.probes.look import Port, ProbeSettings, Seen, Title, of_connection

SUCCESS = 0x0000


class DicomSettings(ProbeSettings):
    """Where an application entity listens, and the names of both ends."""

    host: str
    port: Port
    called_ae: Title
    calling_ae: Title = "REMISSVAKT"


class Associated:
    """Runs blocking work on a fresh association, in a thread of its own."""

    def __init__(self, settings: DicomSettings, contexts: list[Any]) -> None:
        self._settings = settings
        self._ae: Any = AE(ae_title=settings.calling_ae)
        for context in contexts:
            self._ae.add_requested_context(context)
        self._ae.acse_timeout = self._ae.dimse_timeout = settings.timeout_s
        self._ae.connection_timeout = self._ae.network_timeout = settings.timeout_s
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="dicom")

    async def run(self, work: Callable[[Any], Seen]) -> Seen:
        """What `work` saw on an association, or why there is none."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, work)

    async def close(self) -> None:
        await asyncio.to_thread(self._pool.shutdown)

    def _run(self, work: Callable[[Any], Seen]) -> Seen:
        settings = self._settings
        where = f"{settings.called_ae} at port {settings.port}"
        association = self._ae.associate(
            settings.host,
            settings.port,
            ae_title=settings.called_ae,
            evt_handlers=[(evt.EVT_CONN_OPEN, _no_delay)],
        )
        if association.is_rejected:
            reason = str(association.acceptor.primitive.reason_str or "no reason given")
            return Seen(Outcome.REJECTED, f"{where} rejects us: {reason[:80]}")
        if not association.is_established:
            return self._why(where)
        try:
            return work(association)
        except (RuntimeError, ValueError):
            return Seen(Outcome.REJECTED, f"{where} does not take this kind of request")
        finally:
            if association.is_established:
                association.release()

    def _why(self, where: str) -> Seen:
        """A plain connection tells why there is no association; only then, as it costs the peer."""
        settings = self._settings
        try:
            socket.create_connection((settings.host, settings.port), settings.timeout_s).close()
        except OSError as error:
            return of_connection(error, where)
        return Seen(Outcome.SILENT, f"{where} takes connections and no association")


def answered(status: Any, what: str) -> Seen | None:
    """Why a DIMSE status is no success; None if it is."""
    if not status:
        return Seen(Outcome.SILENT, f"{what} was not answered")
    code = int(status.Status)
    if code != SUCCESS:
        return Seen(Outcome.REJECTED, f"{what} was answered with status {code:#06x}")
    return None


def _no_delay(event: Any) -> None:
    event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
