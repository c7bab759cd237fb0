"""Send one HL7 message over MLLP and say exactly what came of it.

Whole frames, one at a time per connection; a kept connection that is busy gets a companion for one
message. After an ACK timeout the connection is closed, so that a late ACK can never be taken for
the next message's (trap 10).
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from watchdog.clock import Clock
from watchdog.hl7.answers import Answers, Sent
from watchdog.hl7.framing import FrameDecoder, frame

ACK_LIMIT = 64 * 1024
CONNECT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """The outcome with the time of each step; `left` is true if any byte may be on its way."""

    outcome: Sent
    left: bool
    code: str = ""
    detail: str = ""
    connect_s: float = 0.0
    answer_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """TLS towards a peer: at least 1.2, its certificate always verified."""

    ca_file: Path
    certificate: Path | None = None
    key: Path | None = None
    server_name: str | None = None

    def context(self) -> ssl.SSLContext:
        """A client context with our certificate, if any, for mutual TLS."""
        made = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(self.ca_file))
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate is not None:
            made.load_cert_chain(self.certificate, self.key)
        return made


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    decoder: FrameDecoder
    used: bool = False


class MllpClient:
    """One peer, reached by `host:port`."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        clock: Clock,
        ack_timeout_s: float,
        keep: bool = True,
        tls: Tls | None = None,
        connect_timeout_s: float = CONNECT_S,
    ) -> None:
        self.host, self.port = host, port
        self._clock, self._keep, self._tls = clock, keep, tls
        self._ack_s, self._connect_s = ack_timeout_s, connect_timeout_s
        self._idle: _Connection | None = None
        self.noise = 0

    async def send(
        self, payload: bytes, control_id: str, *, may_leave: Callable[[], bool] = lambda: True
    ) -> SendResult:
        """Send one message and wait for its acknowledgement. Never raises for what the peer does.

        `may_leave` is asked just before the first byte, for connecting takes seconds in which the path
        may have been stopped.
        """
        if not may_leave():
            return SendResult(outcome=Sent.HELD, left=False)
        kept, self._idle = self._idle, None
        if kept is not None:
            result = await self._exchange(kept, payload, control_id, connect_s=0.0)
            if result.outcome is not Sent.RESET:
                return result
            # the kept socket was dead: once more, on a new one, with the same MSH-10
        begun = self._clock.monotonic()
        try:
            connection = await self._connect()
        except (OSError, TimeoutError, ssl.SSLError) as error:
            return SendResult(
                outcome=Sent.RESET if kept is not None else Sent.REFUSED,
                left=kept is not None,
                code=_kind(error),
                detail=self._unreachable(error),
                connect_s=self._clock.monotonic() - begun,
            )
        connect_s = self._clock.monotonic() - begun
        if not may_leave():
            self._release(connection)
            left = kept is not None
            return SendResult(outcome=Sent.RESET if left else Sent.HELD, left=left, code="held")
        return await self._exchange(connection, payload, control_id, connect_s=connect_s)

    async def can_connect(self) -> SendResult:
        """Open a connection and close it, without a message: is the listener up (E0)?"""
        begun = self._clock.monotonic()
        try:
            connection = await self._connect()
        except (OSError, TimeoutError, ssl.SSLError) as error:
            return SendResult(
                outcome=Sent.REFUSED,
                left=False,
                code=_kind(error),
                detail=self._unreachable(error),
            )
        _abort(connection)
        return SendResult(
            outcome=Sent.ACCEPTED, left=False, connect_s=self._clock.monotonic() - begun
        )

    async def close(self) -> None:
        """Close the kept connection, if any."""
        if self._idle is not None:
            self._idle.writer.close()
            with contextlib.suppress(OSError):
                await self._idle.writer.wait_closed()
            self._idle = None

    async def _connect(self) -> _Connection:
        context = self._tls.context() if self._tls else None
        name = (self._tls.server_name or self.host) if self._tls else None
        async with asyncio.timeout(self._connect_s):
            reader, writer = await asyncio.open_connection(
                self.host, self.port, ssl=context, server_hostname=name, limit=ACK_LIMIT
            )
        return _Connection(reader, writer, FrameDecoder(ACK_LIMIT))

    async def _exchange(
        self, connection: _Connection, payload: bytes, control_id: str, *, connect_s: float
    ) -> SendResult:
        """One message out, and whatever comes back until it is answered or time is up."""
        begun = self._clock.monotonic()
        answers = Answers(control_id)

        def result(outcome: Sent, code: str = "", detail: str = "") -> SendResult:
            return SendResult(
                outcome=outcome,
                left=True,
                code=code,
                detail=detail,
                connect_s=connect_s,
                answer_s=self._clock.monotonic() - begun,
            )

        try:
            async with asyncio.timeout(self._ack_s):
                connection.writer.write(frame(payload))
                await connection.writer.drain()
                while True:
                    data = await connection.reader.read(ACK_LIMIT)
                    if not data:
                        _abort(connection)
                        return result(*answers.at_close())
                    verdict = answers.take(connection.decoder, data)
                    if verdict is None:
                        continue
                    if verdict[0] in (Sent.ACCEPTED, Sent.REJECTED):
                        self._release(connection)
                    else:
                        _abort(connection)
                    return result(*verdict)
        except TimeoutError:
            _abort(connection)
            return result(*answers.at_timeout(self._ack_s))
        except (OSError, ssl.SSLError) as error:
            _abort(connection)
            return result(Sent.RESET, _kind(error), type(error).__name__)
        except asyncio.CancelledError:
            _abort(connection)  # half a conversation must not be taken up by anyone
            raise
        finally:
            self.noise += connection.decoder.noise
            connection.decoder.noise = 0

    def _release(self, connection: _Connection) -> None:
        connection.used = True
        if self._keep and self._idle is None and not connection.reader.at_eof():
            self._idle = connection
        else:
            connection.writer.close()

    def _unreachable(self, error: Exception) -> str:
        return (
            f"No MLLP connection to {self.host}:{self.port}: {_kind(error)}. The order was not "
            "sent, so its absence downstream says nothing about the path behind this hop."
        )


def _abort(connection: _Connection) -> None:
    connection.writer.transport.abort()


def _kind(error: BaseException) -> str:
    match error:
        case TimeoutError():
            return "timeout"
        case ConnectionRefusedError():
            return "refused"
        case ConnectionResetError() | BrokenPipeError():
            return "reset"
        case ssl.SSLError():
            return "tls"
        case _:
            return "unreachable"
