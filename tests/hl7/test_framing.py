"""Any chunking of the same bytes gives the same frames; nothing grows without end."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchdog.hl7.framing import Commit, Frame, FrameDecoder, Oversize, frame

payloads = st.binary(min_size=0, max_size=60).filter(
    lambda b: b"\x0b" not in b and b"\x1c" not in b
)
noise = st.binary(max_size=12).filter(lambda b: b"\x0b" not in b)


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[list[int]]]:
    """Frames with noise between them, and ten lists of places at which to cut."""
    parts = draw(st.lists(st.tuples(noise, payloads), min_size=1, max_size=6))
    data = b"".join(before + frame(payload) for before, payload in parts)
    chance = random.Random(draw(st.integers(0, 2**32)))
    cuts = [[chance.randint(0, len(data)) for _ in range(chance.randint(0, 12))] for _ in range(10)]
    return data, cuts


@settings(max_examples=1000, deadline=None)
@given(streams())
def test_any_chunking_gives_the_same_messages(case: tuple[bytes, list[list[int]]]) -> None:
    data, chunkings = case
    whole = FrameDecoder(1000).feed(data)

    for cuts in chunkings:
        decoder = FrameDecoder(1000)
        edges = [0, *sorted(cuts), len(data)]
        pieces = [decoder.feed(data[a:b]) for a, b in itertools.pairwise(edges)]
        assert [item for piece in pieces for item in piece] == whole


@given(payloads.filter(lambda b: b not in (b"\x06", b"\x15")))
def test_a_framed_payload_comes_back(payload: bytes) -> None:
    assert FrameDecoder(1000).feed(frame(payload)) == [Frame(payload)]


@pytest.mark.parametrize("byte", [b"\x0b", b"\x1c"])
def test_a_payload_with_a_frame_byte_is_refused(byte: bytes) -> None:
    with pytest.raises(ValueError, match="break the frame"):
        frame(b"MSH" + byte)


def test_commit_blocks_are_told_from_messages() -> None:
    items = FrameDecoder(1000).feed(b"\x0b\x06\x1c\x0d\x0b\x15\x1c\x0d")
    assert items == [Commit(accepted=True), Commit(accepted=False)]


def test_bytes_outside_frames_are_counted_and_ignored() -> None:
    decoder = FrameDecoder(1000)
    assert decoder.feed(b"\x00\x00\r\n" + frame(b"MSH|A") + b"\x00") == [Frame(b"MSH|A")]
    assert decoder.noise == 5


def test_a_frame_past_the_limit_ends_the_decoding() -> None:
    decoder = FrameDecoder(100)
    assert decoder.feed(b"\x0b" + b"x" * 101) == [Oversize(100)]


def test_an_end_split_over_two_reads_is_found() -> None:
    decoder = FrameDecoder(100)
    assert decoder.feed(b"\x0bMSH|A\x1c") == []
    assert decoder.feed(b"\x0d") == [Frame(b"MSH|A")]
