"""The cost of reading stays in step with what is read: one neighbour cannot hold up the service."""

import time

import pytest

from tests.faults import mutants
from watchdog.hl7.framing import FrameDecoder

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


@pytest.mark.parametrize("kind", ["nested starts", "ends alone"])
def test_bytes_that_end_no_frame_are_read_at_once(kind: str) -> None:
    assert seconds(dict(mutants.flood(LARGE))[kind]) < 0.05
