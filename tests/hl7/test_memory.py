"""What a peer that may connect can make us hold is bounded: answers unread, messages that wait."""

import asyncio
import ipaddress
import socket

import pytest

from tests.support.mllp import CLOCK, message
from watchdog.hl7.framing import FrameDecoder, frame
from watchdog.hl7.listener import MOST_PENDING_BYTES, MllpListener
from watchdog.hl7.splitter import Message

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
NAME = "^".join(["x" * 50] * 4)
MIB = 1024 * 1024


async def acks(reader: asyncio.StreamReader, count: int) -> list[str]:
    decoder, got = FrameDecoder(65536), list[str]()
    while len(got) < count:
        data = await reader.read(65536)
        assert data, "hung up"
        got += [item.payload.decode() for item in decoder.feed(data)]
    return got


async def test_a_peer_that_never_reads_its_acknowledgements_is_dropped() -> None:
    listener = MllpListener(lambda _: "AA", clock=CLOCK, peers=LOOPBACK)
    await listener.start("127.0.0.1", 0)
    assert listener._server is not None
    listener._server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    deaf.setblocking(False)
    await asyncio.get_running_loop().sock_connect(deaf, ("127.0.0.1", listener.port))
    batch = frame(message("M1").replace(b"|A|B|C|D|", b"|" + f"{NAME}|".encode() * 4)) * 50
    sent = 0
    with pytest.raises(ConnectionError):
        async with asyncio.timeout(30):
            while sent < 64 * MIB:
                await asyncio.get_running_loop().sock_sendall(deaf, batch)
                sent += len(batch)
    assert listener.open == set()
    deaf.close()
    await listener.close()


async def test_large_messages_that_wait_are_bounded_by_their_bytes_and_all_are_answered() -> None:
    go = asyncio.Event()

    async def late(_: Message) -> str:
        await go.wait()
        return "AA"

    listener = MllpListener(late, clock=CLOCK, peers=LOOPBACK)
    await listener.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    count, text = 40, "x" * (MIB - 1000)

    async def send() -> None:
        for number in range(count):
            writer.write(frame(message(f"M{number}", text)))
            await writer.drain()

    async with asyncio.timeout(30):
        sending = asyncio.create_task(send())
        while not listener.open:
            await asyncio.sleep(0.01)
        (peer,) = listener.open
        while not (peer._paused and not peer._left):
            await asyncio.sleep(0.01)
        waiting = sum(len(item.payload) for item in peer._pending)
        assert MOST_PENDING_BYTES / 2 < waiting <= MOST_PENDING_BYTES + MIB
        assert not sending.done()
        go.set()
        answered = await acks(reader, count)
        await sending
    assert [f"MSA|AA|M{number}\r" in ack for number, ack in enumerate(answered)] == [True] * count
    writer.close()
    await listener.close()


async def test_a_message_whose_control_id_is_too_long_is_rejected_and_not_taken() -> None:
    taken: list[str] = []

    def take(got: Message) -> str:
        taken.append(got.get("MSH", 10))
        return "AA"

    listener = MllpListener(take, clock=CLOCK, peers=LOOPBACK)
    await listener.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(frame(message("M" * 200)) + frame(message("M1")))
    async with asyncio.timeout(5):
        first, second = await acks(reader, 2)
    assert first.endswith("MSA|AR|\r")
    assert second.endswith("MSA|AA|M1\r")
    assert taken == ["M1"]
    assert listener.counters.dropped_frames == 1
    writer.close()
    await listener.close()
