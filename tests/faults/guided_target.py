"""What coverage-guided fuzzing calls: the frame decoder, the splitter, acknowledgements read and written.

Run by the Python that has atheris, which instruments our readers; `guided.py` starts it. Held for each
input: the same frames come of any two pieces, and our ACK is one whole frame that can be read again and
repeats the sender's control id.
"""

import sys
import time
from datetime import UTC, datetime

import atheris  # pyright: ignore[reportMissingImports]

with atheris.instrument_imports(include=["watchdog"]):  # pyright: ignore
    from watchdog.hl7 import ack
    from watchdog.hl7.framing import Frame, FrameDecoder, frame
    from watchdog.hl7.splitter import split
    from watchdog.orders.number import looks_ours

LIMIT, HANG_S = 64 * 1024, 1.0
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def frames(*pieces: bytes) -> list[bytes]:
    """The payloads that a decoder finds in these reads."""
    decoder = FrameDecoder(LIMIT)
    items = [item for piece in pieces for item in decoder.feed(piece)]
    return [item.payload for item in items if isinstance(item, Frame)]


def read(payload: bytes) -> None:
    """As the listener does with what stood in a frame."""
    message = split(payload)
    if message is None:
        return
    ack.read(message)
    looks_ours(message.get("ORC", 2) or message.get("OBR", 2))
    written = frame(ack.write(message, "AA", "WD1", NOW))
    (again,) = frames(written)
    answer = split(again)
    assert answer is not None, "our own ACK cannot be read"
    assert answer.get("MSA", 1) == "AA"


def one(data: bytes) -> None:
    """One input: the first byte says where the stream is cut. An exception is a finding."""
    began = time.thread_time()
    cut, stream = data[0] if data else 0, data[1:]
    whole = frames(stream)
    assert whole == frames(stream[:cut], stream[cut:]), "the pieces matter"
    for payload in whole:
        read(payload)
    took = time.thread_time() - began
    assert took < HANG_S, f"{took:.1f} s"


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)  # pyright: ignore
    atheris.Fuzz()  # pyright: ignore
