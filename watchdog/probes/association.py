"""One DICOM association for one look: who refused, who said nothing, who rejected us and why.

pynetdicom blocks and tells refused, silent and black hole alike, so a plain connection is tried
when there is no association. Each probe has a thread of its own: thirty silent peers must not hold
up the thirty-first.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pynetdicom import AE, evt  # pyright: ignore[reportPrivateImportUsage]

from watchdog.model.system import Outcome
from watchdog.probes.look import Port, ProbeSettings, Seen, Title, of_connection

SUCCESS = 0x0000
CLOSE_S = 2.0
Answer = tuple[Any, Any]
"""A status and, if pending, an identifier (PS3.7, 9.1.2)."""


class Endless(Exception):
    """A query whose answers do not end: the peer ignores the key, or loops. Cut the association."""


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
        self._under_way: Any = None
        self._closed = False

    async def run(self, work: Callable[[Any], Seen]) -> Seen:
        """What `work` saw on an association, or why there is none."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, work)

    async def close(self) -> None:
        """Cut what is under way: a peer that never ends must not hold up our own end."""
        self._closed = True
        if self._under_way is not None:
            cut(self._under_way)
        await ended(self._pool)

    def _run(self, work: Callable[[Any], Seen]) -> Seen:
        settings = self._settings
        where = f"{settings.called_ae} at port {settings.port}"
        association = self._ae.associate(
            settings.host,
            settings.port,
            ae_title=settings.called_ae,
            evt_handlers=[(evt.EVT_CONN_OPEN, opened)],
        )
        if association.is_rejected:
            reason = str(association.acceptor.primitive.reason_str or "no reason given")
            return Seen(Outcome.REJECTED, f"{where} rejects us: {reason[:80]}")
        if not association.is_established:
            return self._why(where)
        self._under_way = association
        if self._closed:  # while we associated
            cut(association)
        try:
            return work(association)
        except Endless as error:
            cut(association)
            association.kill()
            return Seen(Outcome.REJECTED, f"{where}: {error}")
        except (RuntimeError, ValueError):
            return Seen(Outcome.REJECTED, f"{where} does not take this kind of request")
        finally:
            self._under_way = None
            if association.is_established and not self._closed:
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


async def ended(pool: ThreadPoolExecutor, last: Callable[[], None] = lambda: None) -> None:
    """Let its thread do `last` and end; whoever is still at work after `CLOSE_S` ends when it can."""
    done = asyncio.wrap_future(pool.submit(last))
    await asyncio.wait({done}, timeout=CLOSE_S)
    pool.shutdown(wait=False, cancel_futures=True)


def limited(answers: Iterable[Answer], seconds: float, most: int) -> Iterator[Answer]:
    """The answers of a C-FIND. Endless after `seconds`, or when there are more than `most`."""
    until = time.perf_counter() + seconds
    for count, answer in enumerate(answers, 1):
        if count > most:
            raise Endless(f"more than {most} answers to one query")
        if time.perf_counter() > until:
            raise Endless(f"the answers to one query had not ended after {seconds:g} s")
        yield answer


def cut(association: Any) -> None:
    """End an association's connection, from any thread and without waiting.

    Its own thread then finds it aborted (PS3.8, 9.2.3, AA-4), and so does whoever waits for an answer.
    pynetdicom's `abort()` would wait until the peer has hung up too.
    """
    transport = association.dul.socket
    if transport is not None and transport.socket is not None:
        with contextlib.suppress(OSError):
            transport.socket.shutdown(socket.SHUT_RDWR)


def opened(event: Any) -> None:
    """Send at once (Nagle's wait costs 40 ms a look), and wait for half a PDU no longer than for one."""
    connection = event.assoc.dul.socket.socket
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(event.assoc.dimse_timeout)
