"""Limits of a listening HTTP port: header time and size, body time, connections in all and per address.

uvicorn has none for a head that never ends: 300 half-sent heads were all open after 25 s (trust,
threats T05). Time runs from the first byte that is owed and is not put off by a byte now and then.
"""

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Sized
from dataclasses import dataclass, field
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from watchdog.network import Network, is_within

LOOPBACK: tuple[Network, ...] = (
    ipaddress.ip_network("127.0.0.1/32"),
    ipaddress.ip_network("::1/128"),
)


@dataclass(slots=True)
class Limits:
    """Shared by every connection of one port."""

    head_s: float = 5.0
    """From the opening of the connection, or a request's first byte, to the end of its headers."""
    head_bytes: int = 16 * 1024
    body_s: float = 10.0
    """From the end of the headers to the end of the body."""
    unread_s: float = 10.0
    """For how long a client may leave lie what waits for it: uvicorn would wait for ever."""
    connections: int = 1500
    per_address: int = 50
    exempt: tuple[Network, ...] = LOOPBACK
    """For whom only the total counts: a proxy, behind which many clinics have one address."""
    refused: Counter[str] = field(default_factory=Counter[str])
    """How often each limit cut a connection: head, head_bytes, body, unread, connections, per_address."""
    _open: Counter[str] = field(default_factory=Counter[str])

    def enter(self, address: str) -> str:
        """Count a connection in; the limit that forbids it, or empty."""
        self._open[address] += 1
        if self._open.total() > self.connections:
            return "connections"
        if self._open[address] > self.per_address and not is_within(address, self.exempt):
            return "per_address"
        return ""

    def leave(self, address: str) -> None:
        """Count it out."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]


class OneAtATime(FlowControl):
    """Reads on only when no request of the connection waits for the answer before its own.

    uvicorn reads on with every answer, however many wait: of a client that sent four for each answer
    that it took, 9 000 requests lay here after six seconds.
    """

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:
            super().resume_reading()


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's protocol within `limits`, which `limited` sets."""

    limits: Limits

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._in_head, self._head_bytes, self._address = True, 0, ""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.flow = OneAtATime(transport, self.pipeline)
        self._address = self.client[0] if self.client else ""
        broken = self.limits.enter(self._address)
        if broken:
            self._cut(broken)
        else:
            self._arm(self.limits.head_s, "head")

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._is_read()
        self.limits.leave(self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self.limits.head_bytes:
            self._cut("head_bytes")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:  # a further request on a connection that is kept
            self._in_head, self._head_bytes = True, 0
            self._arm(self.limits.head_s, "head")

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._arm(self.limits.body_s, "body")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._disarm()
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.limits.unread_s, self._cut, "unread")

    def resume_writing(self) -> None:
        self._is_read()
        super().resume_writing()

    def _is_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _arm(self, seconds: float, limit: str) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, self._cut, limit)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut(self, limit: str) -> None:
        self._disarm()
        self.limits.refused[limit] += 1
        self.transport.abort()


def limited(limits: Limits) -> type[LimitedProtocol]:
    """The protocol class of one port."""
    return type("Limited", (LimitedProtocol,), {"limits": limits})
