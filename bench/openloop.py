"""An open loop: requests leave when they are due, whatever became of the ones before.

A request that finds every connection busy waits, and its latency counts from the due time all the
same: a server that stalls is felt by every request of that time, as it is by real clients. Arrivals
are random and independent of each other (exponential gaps), from a seed.
"""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httptools

from bench.figures import FAILED, Seen

PATIENCE_S = 10.0
"""After the last due time; what is not answered by then counts as failed, that late."""
AGAIN_S = 0.05
SETTLE_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """What one generator asks for."""

    url: str
    """Scheme, host and port of the server."""
    paths: Sequence[str]
    """One of them is drawn for each request."""
    rate_per_s: float
    connections: int
    """At most so many requests are in work at once."""
    source: str = "127.0.0.1"
    """Our own address: the server limits strangers by it, and loopback's first one not."""


def where(url: str) -> tuple[str, int]:
    """Host and port of a URL that names both."""
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 0)


class _Connection(asyncio.Protocol):
    """One kept connection with at most one request in work."""

    def __init__(self, loop: "_Loop") -> None:
        self._loop, self._due = loop, -1.0
        self._transport: Any = None
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._loop.freed(self)

    def ask(self, request: bytes, due: float) -> None:
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        due, self._due = self._due, -1.0
        self._loop.answered(due, self._parser.get_status_code())
        self._loop.freed(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        if self._due >= 0:
            self._loop.answered(self._due, FAILED)
        self._loop.broke(self)

    def give_up(self) -> None:
        self._transport.abort()


class _Loop:
    """Connections that are free, and requests that wait for one."""

    def __init__(self, leg: Leg) -> None:
        self._leg, self._to = leg, where(leg.url)
        self._all: set[_Connection] = set()
        self._free: deque[_Connection] = deque()
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._closing = False
        self._in_work, self.idle = 0, asyncio.Event()
        self.began, self.seen = 0.0, Seen()
        self._tasks: set[asyncio.Task[None]] = set()

    def connect(self) -> None:
        task = asyncio.get_running_loop().create_task(self._connect())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self) -> None:
        loop, source = asyncio.get_running_loop(), (self._leg.source, 0)
        while not self._closing:
            try:
                _, made = await loop.create_connection(
                    lambda: _Connection(self), *self._to, local_addr=source
                )
            except OSError:
                await asyncio.sleep(AGAIN_S)
                continue
            self._all.add(made)
            return

    def due(self, request: bytes, at: float) -> None:
        self._in_work += 1
        self.idle.clear()
        self.seen.late_s.append(time.monotonic() - at)
        if self._free:
            self._free.popleft().ask(request, at)
        else:
            self._waiting.append((request, at))

    def freed(self, connection: _Connection) -> None:
        if self._waiting:
            connection.ask(*self._waiting.popleft())
        else:
            self._free.append(connection)

    def answered(self, at: float, status: int) -> None:
        self._in_work -= 1
        self.seen.add(at - self.began, time.monotonic() - at, status)
        if not self._in_work:
            self.idle.set()

    def broke(self, connection: _Connection) -> None:
        self._all.discard(connection)
        if connection in self._free:
            self._free.remove(connection)
        if not self._closing:
            self.connect()

    async def close(self) -> None:
        self._closing = True
        while self._waiting:
            self.answered(self._waiting.popleft()[1], FAILED)
        for connection in list(self._all):
            connection.give_up()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.sleep(AGAIN_S)


async def run(leg: Leg, seconds: float, seed: int, patience_s: float = PATIENCE_S) -> Seen:
    """Ask for `seconds`; every request that was due is in what is returned."""
    host = urlsplit(leg.url).netloc
    requests = [f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() for path in leg.paths]
    chance, loop, at = random.Random(seed), _Loop(leg), 0.0
    for _ in range(leg.connections):
        loop.connect()
    await asyncio.sleep(SETTLE_S)  # the first requests are not to pay for the handshakes
    loop.began = time.monotonic()
    while (at := at + chance.expovariate(leg.rate_per_s)) < seconds:
        await asyncio.sleep(max(0.0, loop.began + at - time.monotonic()))
        loop.due(chance.choice(requests), loop.began + at)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(loop.idle.wait(), patience_s)
    await loop.close()
    return loop.seen
