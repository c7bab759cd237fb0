"""Every deviation of order-path.md 3.1 and the torture table of libraries.md, over real sockets."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
import uvloop

from watchdog.clock import SystemClock
from watchdog.hl7.client import MllpClient, Sent
from watchdog.hl7.framing import FrameDecoder, frame
from watchdog.hl7.listener import MllpListener
from watchdog.hl7.splitter import Message

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
CLOCK = SystemClock()


def message(ident: str, text: str = "x") -> bytes:
    return f"MSH|^~\\&|A|B|C|D|20261121||ORR^O02|{ident}|P|2.3.1\rORC|OK|WD1|F1\rNTE|1||{text}\r".encode()


def ack(ident: str, code: str = "AA") -> bytes:
    return f"MSH|^~\\&|A|B|C|D|||ACK|Z{ident}|P|2.3.1\rMSA|{code}|{ident}\r".encode()


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


# ---- the listener


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


# ---- the client


class Peer:
    """A peer that answers as it is told."""

    def __init__(self, answer: Callable[[str, int], list[bytes | float]]) -> None:
        self._answer, self.seen = answer, list[str]()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> "Peer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = FrameDecoder(65536)
        try:
            while data := await reader.read(65536):
                for item in decoder.feed(data):
                    ident = item.payload.split(b"|")[9].decode()
                    self.seen.append(ident)
                    for part in self._answer(ident, len(self.seen)):
                        if part == b"close":
                            writer.transport.abort()
                            return
                        if isinstance(part, float):
                            await asyncio.sleep(part)
                        else:
                            writer.write(part)
                            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


def client(port: int, **more: object) -> MllpClient:
    return MllpClient("127.0.0.1", port, clock=CLOCK, ack_timeout_s=0.4, **more)


OUTCOMES: list[tuple[str, Callable[[str, int], list[bytes | float]], Sent, str]] = [
    ("accepted", lambda i, _: [frame(ack(i))], Sent.ACCEPTED, "AA"),
    ("commit accept", lambda i, _: [frame(ack(i, "CA"))], Sent.ACCEPTED, "CA"),
    ("error", lambda i, _: [frame(ack(i, "AE"))], Sent.REJECTED, "AE"),
    ("reject", lambda i, _: [frame(ack(i, "AR"))], Sent.REJECTED, "AR"),
    ("commit error", lambda i, _: [frame(ack(i, "CE"))], Sent.REJECTED, "CE"),
    ("commit reject", lambda i, _: [frame(ack(i, "CR"))], Sent.REJECTED, "CR"),
    ("silent", lambda _i, _n: [], Sent.SILENT, ""),
    ("unframed", lambda i, _: [ack(i)], Sent.UNFRAMED, ""),
    ("another's id", lambda _i, _n: [frame(ack("OTHER"))], Sent.WRONG_ID, ""),
    ("no id", lambda _i, _n: [frame(ack(""))], Sent.ACCEPTED, "AA"),
    ("stranger first", lambda i, _: [frame(ack("OLD")), frame(ack(i))], Sent.ACCEPTED, "AA"),
    ("lf ends", lambda i, _: [frame(ack(i).replace(b"\r", b"\n"))], Sent.ACCEPTED, "AA"),
    ("no last cr", lambda i, _: [frame(ack(i)[:-1])], Sent.ACCEPTED, "AA"),
    ("lf after frame", lambda i, _: [frame(ack(i)) + b"\n"], Sent.ACCEPTED, "AA"),
    ("byte by byte", lambda i, _: [bytes([b]) for b in frame(ack(i))], Sent.ACCEPTED, "AA"),
    ("release 2 commit", lambda _i, _n: [b"\x0b\x06\x1c\x0d"], Sent.ACCEPTED, "commit_ack"),
    ("commit then ack", lambda i, _: [b"\x0b\x06\x1c\x0d", frame(ack(i))], Sent.ACCEPTED, "AA"),
    ("release 2 nak", lambda _i, _n: [b"\x0b\x15\x1c\x0d"], Sent.REJECTED, "commit_nak"),
    ("closed", lambda _i, _n: [b"close"], Sent.RESET, "closed"),
    ("huge answer", lambda _i, _n: [b"\x0b" + b"x" * 70000], Sent.SILENT, "oversize"),
    (
        "other type",
        lambda i, _: [frame(message("R1") + f"MSA|AA|{i}\r".encode())],
        Sent.ACCEPTED,
        "AA",
    ),
]


@pytest.mark.parametrize(
    ("answer", "outcome", "code"), [o[1:] for o in OUTCOMES], ids=[o[0] for o in OUTCOMES]
)
async def test_every_answer_has_its_own_outcome(answer, outcome: Sent, code: str) -> None:
    async with Peer(answer) as peer:
        sender = client(peer.port)
        result = await sender.send(message("ID1"), "ID1")
        assert (result.outcome, result.left) == (outcome, True)
        if code:
            assert result.code in (code, "reset")
        await sender.close()


async def test_a_closed_port_is_refused_and_nothing_left() -> None:
    async with Peer(lambda _i, _n: []) as peer:
        port = peer.port
    result = await client(port).send(message("ID1"), "ID1")
    assert (result.outcome, result.left, result.code) == (Sent.REFUSED, False, "refused")
    assert "The order was not sent" in result.detail


async def test_a_late_acknowledgement_is_never_taken_for_the_next_message() -> None:
    async with Peer(lambda i, n: [0.6, frame(ack(i))] if n == 1 else [frame(ack(i))]) as peer:
        sender = client(peer.port)
        first = await sender.send(message("ID1"), "ID1")
        second = await sender.send(message("ID2"), "ID2")
        assert (first.outcome, second.outcome) == (Sent.SILENT, Sent.ACCEPTED)
        await sender.close()


async def test_a_dead_kept_connection_is_tried_once_more_with_the_same_id() -> None:
    async with Peer(lambda i, n: [b"close"] if n == 2 else [frame(ack(i))]) as peer:
        sender = client(peer.port)
        await sender.send(message("ID1"), "ID1")
        result = await sender.send(message("ID2"), "ID2")
        assert result.outcome is Sent.ACCEPTED
        assert peer.seen == ["ID1", "ID2", "ID2"]
        await sender.close()


async def test_messages_sent_at_once_never_share_a_connection() -> None:
    async with Peer(lambda i, _: [0.1, frame(ack(i))]) as peer:
        sender = client(peer.port)
        results = await asyncio.gather(
            *(sender.send(message(f"ID{n}"), f"ID{n}") for n in range(5))
        )
        assert {result.outcome for result in results} == {Sent.ACCEPTED}
        await sender.close()


async def test_the_next_message_waits_for_nothing_when_connections_are_not_kept(
    tmp_path: Path,
) -> None:
    async with Peer(lambda i, _: [frame(ack(i))]) as peer:
        sender = client(peer.port, keep=False)
        for n in range(3):
            assert (await sender.send(message(f"I{n}"), f"I{n}")).outcome is Sent.ACCEPTED
        await sender.close()
