"""The listener: every deviation of order-path.md 3.1 and of the torture table, over real sockets."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator

import psutil
import pytest
import uvloop

from tests.support.mllp import CLOCK, client, message
from watchdog.hl7.client import Sent
from watchdog.hl7.framing import FrameDecoder, frame
from watchdog.hl7.listener import MllpListener
from watchdog.hl7.splitter import Message

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


class Listening:
    """A listener of ours, and what it was handed."""

    def __init__(self, **limits: float) -> None:
        self.got: list[str] = []
        self.listener = MllpListener(self._take, clock=CLOCK, peers=LOOPBACK, **limits)

    def _take(self, got: Message) -> str:
        self.got.append(got.get("MSH", 10))
        return "AA"

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.listener.port)


@pytest.fixture
async def listening() -> AsyncIterator[Listening]:
    made = Listening(frame_s=0.5, idle_s=1.0, most_connections=4)
    await made.listener.start("127.0.0.1", 0)
    yield made
    await made.listener.close()


async def acks(reader: asyncio.StreamReader, count: int, patience_s: float = 2.0) -> list[bytes]:
    """So many acknowledgements, or what came in time."""
    decoder, got = FrameDecoder(65536), list[bytes]()
    try:
        async with asyncio.timeout(patience_s):
            while len(got) < count:
                data = await reader.read(65536)
                if not data:
                    break
                got += [item.payload for item in decoder.feed(data)]
    except (TimeoutError, ConnectionError):
        pass
    return got


async def test_a_kept_connection_takes_a_second_message(listening: Listening) -> None:
    reader, writer = await listening.connect()
    for ident in ("M1", "M2"):
        writer.write(frame(message(ident)))
        assert f"MSA|AA|{ident}".encode() in (await acks(reader, 1))[0]
    writer.close()


@pytest.mark.parametrize("size", [1, 7])
async def test_fragments_of_any_size_are_one_message(listening: Listening, size: int) -> None:
    reader, writer = await listening.connect()
    data = frame(message("M1"))
    for start in range(0, len(data), size):
        writer.write(data[start : start + size])
        await writer.drain()
        await asyncio.sleep(0)
    assert len(await acks(reader, 1)) == 1
    assert listening.got == ["M1"]
    writer.close()


async def test_three_messages_in_one_write_get_three_acknowledgements(listening: Listening) -> None:
    reader, writer = await listening.connect()
    writer.write(b"".join(frame(message(f"M{n}")) for n in range(3)))
    assert len(await acks(reader, 3)) == 3
    assert listening.got == ["M0", "M1", "M2"]
    writer.close()


@pytest.mark.parametrize("between", [b"\r\n", b"\x00\x00", b"garbage outside a frame"])
async def test_bytes_between_frames_are_ignored(listening: Listening, between: bytes) -> None:
    reader, writer = await listening.connect()
    writer.write(between + frame(message("M1")) + between + frame(message("M2")))
    assert len(await acks(reader, 2)) == 2
    assert listening.listener.counters.noise_bytes == 2 * len(between)
    writer.close()


async def test_bytes_that_are_no_utf8_are_handed_over(listening: Listening) -> None:
    reader, writer = await listening.connect()
    writer.write(frame(message("M1").replace(b"x", b"\xc5\xc4\xff")))
    assert len(await acks(reader, 1)) == 1
    writer.close()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
async def test_other_segment_ends_are_understood(listening: Listening, end: bytes) -> None:
    reader, writer = await listening.connect()
    writer.write(frame(message("M1").replace(b"\r", end)))
    assert b"MSA|AA|M1" in (await acks(reader, 1))[0]
    writer.close()


async def test_half_a_frame_and_silence_is_dropped(listening: Listening) -> None:
    reader, writer = await listening.connect()
    writer.write(b"\x0bMSH|^~\\&|half")
    assert await acks(reader, 1, 3) == []
    await asyncio.sleep(0.05)
    assert listening.listener.counters.dropped_frames == 1
    assert listening.listener.open == set()
    writer.close()


async def test_an_idle_connection_is_closed(listening: Listening) -> None:
    reader, writer = await listening.connect()
    began = CLOCK.monotonic()
    with pytest.raises((ConnectionError, AssertionError)):
        assert await asyncio.wait_for(reader.read(1), 5) != b""
    assert 0.8 < CLOCK.monotonic() - began < 3
    writer.close()


async def test_a_frame_that_trickles_is_closed_at_its_limit(listening: Listening) -> None:
    _, writer = await listening.connect()
    began = CLOCK.monotonic()
    with pytest.raises(ConnectionError):
        while CLOCK.monotonic() - began < 5:
            writer.write(b"\x0bMSH" if CLOCK.monotonic() - began < 0.01 else b"x")
            await writer.drain()
            await asyncio.sleep(0.02)
    assert CLOCK.monotonic() - began < 2


async def test_more_connections_than_allowed_are_refused(listening: Listening) -> None:
    held = [await listening.connect() for _ in range(6)]
    await asyncio.sleep(0.1)
    assert len(listening.listener.open) == 4
    assert listening.listener.counters.refused_peers == 2
    for _, writer in held:
        writer.close()


async def test_a_peer_that_is_not_configured_is_refused() -> None:
    elsewhere = (ipaddress.ip_network("192.0.2.0/24"),)
    listener = MllpListener(lambda _: "AA", clock=CLOCK, peers=elsewhere)
    await listener.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(frame(message("M1")))
    assert await acks(reader, 1) == []
    assert listener.counters.refused_peers == 1
    writer.close()
    await listener.close()


async def test_an_endless_frame_of_a_gigabyte_costs_no_memory_and_is_closed() -> None:
    made = Listening()
    await made.listener.start("127.0.0.1", 0)
    process = psutil.Process()
    reader, writer = await made.connect()
    writer.write(b"\x0b")
    chunk = b"x" * 65536
    await writer.drain()
    before, most, sent = process.memory_info().rss, 0, 0
    began = CLOCK.monotonic()
    with pytest.raises(ConnectionError):
        while sent < 1_000_000_000:
            writer.write(chunk)
            sent += len(chunk)
            await writer.drain()
            most = max(most, process.memory_info().rss)
    assert CLOCK.monotonic() - began < 10
    assert most - before < 2 * 1024 * 1024
    assert made.listener.counters.dropped_frames == 1
    writer.close()
    assert reader is not None
    await made.listener.close()


def test_the_listener_works_on_the_loop_that_the_service_runs_on() -> None:
    """uvloop's transports are no subclass of asyncio's: once, every peer was turned away."""

    async def exchange() -> Sent:
        made = Listening()
        await made.listener.start("127.0.0.1", 0)
        sender = client(made.listener.port)
        result = await sender.send(message("ID1"), "ID1")
        await sender.close()
        await made.listener.close()
        return result.outcome

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(exchange()) is Sent.ACCEPTED
