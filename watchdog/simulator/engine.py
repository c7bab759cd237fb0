"""A stand-in for the integration engine: acknowledges, stores, forwards in order over MLLP.

Like BizTalk with ordered delivery: what it acknowledged waits in its queue until the RIS took it;
a negative answer from the RIS stops the port and everything behind it.
"""

import asyncio
import contextlib
import ipaddress
import random
from collections import deque
from dataclasses import dataclass

from watchdog.clock import Clock
from watchdog.hl7.client import MllpClient, Sent
from watchdog.hl7.framing import Frame, FrameDecoder, frame
from watchdog.hl7.splitter import Message, split
from watchdog.simulator.faults import Fault, FaultKind
from watchdog.simulator.log import HospitalLog
from watchdog.simulator.ports import free_port

LATENCY_S = (0.004, 0.02)
FRAME_LIMIT = 1024 * 1024
CLOSED = frozenset({FaultKind.REFUSE})
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


@dataclass(slots=True)
class Held:
    """A message in the queue."""

    payload: bytes
    placer: str
    control_id: str
    due: float


class Engine:
    """One lane through the engine: a port in, a queue, an ordered port to the RIS."""

    def __init__(
        self, lane: str, ris_port: int, log: HospitalLog, clock: Clock, chance: random.Random
    ) -> None:
        self.lane, self._log, self._clock, self._chance = lane, log, clock, chance
        self.fault = Fault()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._queue: deque[Held] = deque()
        self._arrived = asyncio.Event()
        self._stopped_port = False
        self._last_due = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._flapping: asyncio.Task[None] | None = None
        self._to_ris = MllpClient("127.0.0.1", ris_port, clock=clock, ack_timeout_s=5, keep=True)

    async def start(self, port: int = 0) -> int:
        self.port = port
        await self._open()
        self._tasks.append(asyncio.create_task(self._forward()))
        return self.port

    async def close(self) -> None:
        await self._stop_flapping()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._shut()
        await self._to_ris.close()

    @property
    def waiting(self) -> int:
        """Messages in the queue."""
        return len(self._queue)

    async def inject(self, fault: Fault) -> None:
        """Break the lane, or mend it with a fault of kind none."""
        await self._stop_flapping()
        self.fault = fault
        if fault.kind in (FaultKind.FLAP, FaultKind.RESTART):
            self._flapping = asyncio.create_task(self._flap(fault))
        elif fault.kind in CLOSED:
            await self._shut()
        else:
            await self._open()
        if fault.kind is FaultKind.NONE:
            self._stopped_port = False
        self._arrived.set()

    # ---- the port in

    async def _open(self) -> None:
        if self._server is None:
            self.port = self.port or free_port()
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            self._server = None

    async def _flap(self, fault: Fault) -> None:
        while True:
            await self._shut()
            self._log.add("fault", "down", lane=self.lane)
            await self._clock.sleep(fault.half_s)
            await self._open()
            self._log.add("fault", "up", lane=self.lane)
            if fault.kind is FaultKind.RESTART:
                return
            await self._clock.sleep(fault.half_s)

    async def _stop_flapping(self) -> None:
        if self._flapping is not None:
            self._flapping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._flapping
            self._flapping = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        decoder = FrameDecoder(FRAME_LIMIT)
        try:
            while data := await reader.read(65536):
                for item in decoder.feed(data):
                    answer = self._take(item) if isinstance(item, Frame) else None
                    if answer is not None:
                        writer.write(frame(answer))
                        await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _take(self, item: Frame) -> bytes | None:
        """Acknowledge and queue a message, as the fault allows."""
        message = split(item.payload)
        if message is None or self.fault.kind is FaultKind.SILENT:
            return None
        placer, ident = message.get("ORC", 2), message.get("MSH", 10)
        control = message.get("ORC", 1)
        kind = self.fault.kind
        if kind is FaultKind.NAK:
            self._log.add("engine", "nak", lane=self.lane, placer=placer, control=control)
            return _ack(message, "AE", ident)
        self._log.add("engine", "took", lane=self.lane, placer=placer, control=control)
        self._keep(item.payload, placer, ident)
        about = f"X{ident[1:]}" if kind is FaultKind.WRONG_ACK_ID else ident
        return _ack(message, "AA", about)

    def _keep(self, payload: bytes, placer: str, ident: str) -> None:
        kind = self.fault.kind
        lost = kind is FaultKind.SWALLOW or (
            kind is FaultKind.LOSE and self._chance.random() * 100 < self.fault.percent
        )
        if lost:
            self._log.add("engine", "dropped", lane=self.lane, placer=placer)
            return
        if kind is FaultKind.TEXT_DAMAGE:
            payload = bytes(byte if byte < 128 else ord("?") for byte in payload)  # noqa: PLR2004
        latency = self._chance.uniform(*LATENCY_S)
        if kind is FaultKind.SLOW:
            latency *= self.fault.factor
        now = self._clock.monotonic()
        self._last_due = max(self._last_due if kind is not FaultKind.SLOW else 0.0, now + latency)
        for _ in range(2 if kind is FaultKind.DUPLICATE else 1):
            self._queue.append(Held(payload, placer, ident, self._last_due))
        self._arrived.set()

    # ---- the port out

    def _holding(self) -> bool:
        return self.fault.kind is FaultKind.QUEUE or self._stopped_port

    async def _forward(self) -> None:
        """Deliver the queue in order; a negative answer from the RIS stops it."""
        while True:
            held = self._queue[0] if self._queue else None
            if held is None or self._holding():
                self._arrived.clear()
                await self._arrived.wait()
                continue
            await self._clock.sleep(held.due - self._clock.monotonic())
            if self._holding() or not self._queue:
                continue
            result = await self._to_ris.send(held.payload, held.control_id)
            if result.outcome is Sent.REJECTED:
                self._stopped_port = True
                self._log.add("engine", "port_stopped", lane=self.lane, placer=held.placer)
            elif result.outcome is Sent.ACCEPTED:
                self._queue.popleft()
            else:
                await self._clock.sleep(0.1)


def _ack(message: Message, code: str, about: str) -> bytes:
    """An ACK as real engines send it: type ACK, no event, no character set."""
    head = f"MSH|^~\\&|ENGINE|SIM|{message.raw('MSH', 3)}|{message.raw('MSH', 4)}|||ACK|A{about}"
    return f"{head}|T|{message.get('MSH', 12)}\rMSA|{code}|{about}\r".encode("latin-1", "replace")
