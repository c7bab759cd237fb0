"""Accept MLLP connections from configured peers and hand each message to a handler, in order.

Tolerates every deviation of order-path.md 3.1. Limits (design decisions, section 8): 1 MiB a frame,
10 s from its first byte to its end, 120 s idle between frames, 32 connections; 64 messages or 4 MiB
wait for their turn before a connection is read no further, and one whose peer leaves 256 KiB of our
acknowledgements unread is dropped.
"""

import asyncio
import ipaddress
import secrets
import ssl
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

import structlog

from watchdog.clock import Clock
from watchdog.hl7 import ack as acks
from watchdog.hl7.framing import Commit, Frame, FrameDecoder, Oversize, frame
from watchdog.hl7.splitter import Message, split
from watchdog.orders.number import control_id

log = structlog.get_logger()
FRAME_LIMIT = 1024 * 1024
FRAME_S = 10.0
IDLE_S = 120.0
MOST_CONNECTIONS = 32
MOST_PENDING = 64
MOST_PENDING_BYTES = 4 * FRAME_LIMIT
MOST_UNREAD = 256 * 1024
"""Bytes of acknowledgements that a peer has not read, beside what the system itself buffers."""
AT_ONCE = 16 * 1024
"""Bytes decoded before everything else in the process has its turn."""
MOST_UNREADABLE = 100
"""Frames that are no message, after which a connection is dropped."""

Handler = Callable[[Message], str | Awaitable[str]]
"""Takes a message, gives the acknowledgement code (HL7 table 0008) or an awaitable of it."""
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(slots=True)
class Counters:
    """What the listener saw; counts only, never content."""

    messages: int = 0
    noise_bytes: int = 0
    refused_peers: int = 0
    dropped_frames: int = 0
    """Oversize, too slow, unreadable, or with a control id that is too long to be answered."""


class MllpListener:
    """One listening port."""

    def __init__(
        self,
        handler: Handler,
        *,
        clock: Clock,
        peers: tuple[Network, ...],
        tls: ssl.SSLContext | None = None,
        frame_limit: int = FRAME_LIMIT,
        frame_s: float = FRAME_S,
        idle_s: float = IDLE_S,
        most_connections: int = MOST_CONNECTIONS,
    ) -> None:
        self.handler, self.clock, self.peers = handler, clock, peers
        self.frame_limit, self.frame_s, self.idle_s = frame_limit, frame_s, idle_s
        self.most_connections, self._tls = most_connections, tls
        self.counters = Counters()
        self.open: set[_Peer] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port (a free one for 0)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Peer(self), host, port, ssl=self._tls, backlog=128
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
            for peer in list(self.open):
                peer.abort()
            await self._server.wait_closed()
            self._server = None

    def allows(self, address: str) -> bool:
        """True if a configured peer network holds the address."""
        try:
            ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
        except ValueError:
            return False
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        return any(ip.version == net.version and ip in net for net in self.peers)


class _Peer(asyncio.Protocol):
    """One connection: decode, handle one message after another, acknowledge."""

    def __init__(self, listener: MllpListener) -> None:
        self._listener = listener
        self._decoder = FrameDecoder(listener.frame_limit)
        self._transport: asyncio.Transport | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._pending: deque[Frame] = deque()
        self._pending_bytes = 0
        self._worker: asyncio.Task[None] | None = None
        self._paused = False
        self._left = bytearray()
        """Received, and not decoded yet."""
        self._unreadable = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        address = transport.get_extra_info("peername")
        listener = self._listener
        if not listener.allows(str(address[0]) if address else ""):
            listener.counters.refused_peers += 1
            self._transport.abort()
            return
        if len(listener.open) >= listener.most_connections:
            listener.counters.refused_peers += 1
            self._transport.abort()
            return
        listener.open.add(self)
        self._extend(listener.idle_s)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._listener.open.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._decoder.inside:
            self._listener.counters.dropped_frames += 1

    def data_received(self, data: bytes) -> None:
        waiting = bool(self._left)
        self._left += data
        if not waiting:
            self._decode()

    def _decode(self) -> None:
        """A piece now, the next one when everybody else has had a turn."""
        piece = bytes(self._left[:AT_ONCE])
        self._read(piece)
        del self._left[: len(piece)]
        if self._left:
            self._hold()
            asyncio.get_running_loop().call_soon(self._decode)
        else:
            self._go_on()

    def _hold(self) -> None:
        if self._is_open() and not self._paused:
            cast("asyncio.Transport", self._transport).pause_reading()
            self._paused = True

    def _go_on(self) -> None:
        if self._paused and not self._left and not self._is_full(0.5) and self._is_open():
            cast("asyncio.Transport", self._transport).resume_reading()
            self._paused = False

    def _is_full(self, share: float) -> bool:
        """True if more than this share of what may wait for its turn does wait."""
        count, size_bytes = len(self._pending), self._pending_bytes
        return count > share * MOST_PENDING or size_bytes > share * MOST_PENDING_BYTES

    def _is_open(self) -> bool:
        """False once the peer has hung up; what it sent before is read to the end all the same."""
        return self._transport is not None and not self._transport.is_closing()

    def _read(self, data: bytes) -> None:
        was_inside = self._decoder.inside
        noise = self._decoder.noise
        items = self._decoder.feed(data)
        self._listener.counters.noise_bytes += self._decoder.noise - noise
        for item in items:
            if isinstance(item, Oversize):
                self._listener.counters.dropped_frames += 1
                self.abort()
                return
            if isinstance(item, Commit):
                continue
            self._take(item)
        if self._decoder.inside:
            if not was_inside or items:
                self._extend(self._listener.frame_s)
        else:
            self._extend(self._listener.idle_s)

    def abort(self) -> None:
        """Drop the connection at once, and what it has sent."""
        self._left.clear()
        if self._transport is not None:
            self._transport.abort()

    def _take(self, item: Frame) -> None:
        if self._worker is not None:
            self._pending.append(item)
            self._pending_bytes += len(item.payload)
            if self._is_full(1):
                self._hold()
            return
        later = self._handle(item)
        if later is not None:
            self._worker = asyncio.get_running_loop().create_task(self._work(*later))

    def _handle(self, item: Frame) -> tuple[Message, Awaitable[str]] | None:
        """Answer now, or return what has to be awaited before the answer."""
        listener = self._listener
        message = split(item.payload)
        if message is None:
            listener.counters.dropped_frames += 1
            self._unreadable += 1
            if self._unreadable > MOST_UNREADABLE:
                self.abort()
            return None
        if not acks.is_answerable(message):
            listener.counters.dropped_frames += 1
            self._answer(message, "AR")
            return None
        listener.counters.messages += 1
        code = listener.handler(message)
        if isinstance(code, str):
            self._answer(message, code)
            return None
        return message, code

    async def _work(self, message: Message, code: Awaitable[str]) -> None:
        waiting: tuple[Message, Awaitable[str]] | None = (message, code)
        try:
            while waiting is not None:
                self._answer(waiting[0], await waiting[1])
                waiting = None
                while self._pending and waiting is None:
                    item = self._pending.popleft()
                    self._pending_bytes -= len(item.payload)
                    waiting = self._handle(item)
                self._go_on()
        except Exception as error:  # noqa: BLE001 - its text may quote the message, so its place is told
            # not stored: no acknowledgement, so that the peer sends it again
            log.error("feedback_not_taken", error=type(error).__name__, where=_where(error))
            self.abort()
        finally:
            self._worker = None

    def _answer(self, message: Message, code: str) -> None:
        if not code or self._transport is None or not self._is_open():
            return
        if acks.read(message) is not None and not message.segment("ORC"):
            return  # an acknowledgement is not acknowledged
        text = acks.write(
            message, code, control_id(secrets.token_bytes(10)), self._listener.clock.now()
        )
        self._transport.write(frame(text))
        if self._transport.get_write_buffer_size() > MOST_UNREAD:
            self.abort()

    def _extend(self, seconds: float) -> None:
        if not self._is_open():
            return
        now = self._listener.clock.monotonic()
        self._deadline = now + seconds
        loop = asyncio.get_running_loop()
        if self._timer is None:
            self._timer = loop.call_later(seconds, self._expire)
        elif self._timer.when() - loop.time() > seconds:
            self._timer.cancel()
            self._timer = loop.call_later(seconds, self._expire)

    def _expire(self) -> None:
        """The deadline may have moved since the timer was set; close only if it has not."""
        self._timer = None
        left = self._deadline - self._listener.clock.monotonic()
        if left > 0:
            self._timer = asyncio.get_running_loop().call_later(left, self._expire)
            return
        self.abort()


def _where(error: BaseException) -> str:
    """File and line that raised it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename.rpartition('/')[2]}:{last.lineno}"
