"""The cost of reading stays in step with what is read: one neighbour cannot hold up the service."""

import asyncio
import ipaddress
import time

import pytest

from tests.faults import mutants
from watchdog.clock import SystemClock
from watchdog.hl7.framing import FrameDecoder, frame
from watchdog.hl7.listener import MllpListener
from watchdog.hl7.splitter import Message

LIMIT = 1024 * 1024
SMALL, LARGE = 16_000, 128_000
"""The larger is half of what uvloop hands over in one read."""


def seconds(data: bytes) -> float:
    """Processor time, the best of three: other programs' work is not the decoder's."""
    best = float("inf")
    for _ in range(3):
        began = time.thread_time()
        FrameDecoder(LIMIT).feed(data)
        best = min(best, time.thread_time() - began)
    return best


@pytest.mark.parametrize("kind", ["empty frames", "commit blocks"])
def test_eight_times_as_many_frames_take_about_eight_times_as_long(kind: str) -> None:
    small = seconds(dict(mutants.flood(SMALL))[kind])
    large = seconds(dict(mutants.flood(LARGE))[kind])
    assert large < 20 * small


async def test_what_a_peer_sent_before_it_hung_up_is_read_to_the_end() -> None:
    taken: list[str] = []

    def take(message: Message) -> str:
        taken.append(message.get("MSH", 10))
        return "AA"

    loopback = (ipaddress.ip_network("127.0.0.0/8"),)
    listener = MllpListener(take, clock=SystemClock(), peers=loopback)
    port = await listener.start("127.0.0.1", 0)
    head = "MSH|^~\\&|RIS|SAS|OM|SAS|20261121030000||ORR^O02|M{}|T|2.3.1\rNTE|1||{}\r"
    sent = b"".join(frame(head.format(n, "x" * 900).encode()) for n in range(200))
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    writer.write_eof()
    async with asyncio.timeout(5):
        while len(taken) < 200:
            await asyncio.sleep(0.01)
    writer.close()
    await listener.close()
    assert taken == [f"M{n}" for n in range(200)]


@pytest.mark.parametrize("kind", ["nested starts", "ends alone"])
def test_bytes_that_end_no_frame_are_read_at_once(kind: str) -> None:
    assert seconds(dict(mutants.flood(LARGE))[kind]) < 0.05
