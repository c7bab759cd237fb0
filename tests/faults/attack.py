"""What a hostile neighbour sends, as a process of its own: `python -m tests.faults.attack KIND …`.

A process of its own, so that making the bytes costs the service nothing but what they cost to read.
"""

import argparse
import contextlib
import socket
import sys
import time
from collections.abc import Callable

from tests.faults import mutants

VT, END = b"\x0b", b"\x1c\r"
HEAD = b"MSH|^~\\&|RIS|SAS|OM|SAS|20261121||ORU^R01|M1|P|2.3.1\rORC|OK|R4711|F1\r"
NOTES = 16_000
LARGEST = 1024 * 1024 - 4096
"""A little less than the largest frame that is taken."""


def notes() -> bytes:
    """A message of 197 kB with 16 000 NTE (threat T04)."""
    return VT + HEAD + b"".join(b"NTE|%d||x\r" % n for n in range(NOTES)) + END


def endless() -> bytes:
    """A piece of a frame that never ends (T03)."""
    return VT + HEAD + b"x" * 60_000


def escapes() -> bytes:
    """The largest frame, its placer number made of escapes: the dearest field to read."""
    head = HEAD.replace(b"R4711", b"")
    return VT + head + b"ORC|NW|" + b"\\E\\" * ((LARGEST - len(head)) // 3) + END


def floods() -> bytes:
    """A megabyte of empty frames, sent once: four reads of the largest size."""
    return dict(mutants.flood(1_000_000))["empty frames"]


def http(body: bytes, kind: bytes = b"application/json") -> bytes:
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (b"/v1/incidents", kind, len(body)) + body


def giant_json() -> bytes:
    """Three bodies at the limit of 64 KiB, and one far above it."""
    most = 64 * 1024
    bodies = (
        b"[" * most,
        b'{"reason": "' + b"\\u00e5" * (most // 6 - 20) + b'"}',
        b"[" + b"1," * (most // 2 - 4) + b"1]",
    )
    return b"".join(http(body) for body in bodies)


KINDS: dict[str, tuple[Callable[[], bytes], str]] = {
    "notes": (notes, "mllp"),
    "endless": (endless, "mllp"),
    "giant_json": (giant_json, "http"),
    "notes_flood": (notes, "mllp"),
    "escapes": (escapes, "mllp"),
    "floods": (floods, "mllp"),
}
"""Name to what is sent, and to which port."""
ONCE = {"floods"}
PATIENT = {"notes", "giant_json"}
"""Sent as a peer does that waits for each answer; the others without a pause."""


def attack(kind: str, port: int, seconds: float) -> int:
    """Send again and again, on one connection after another; bytes sent."""
    data, sent = KINDS[kind][0](), 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as wire:
            while time.monotonic() < end:
                wire.settimeout(2)
                wire.sendall(data)
                sent += len(data)
                if kind in ONCE:
                    time.sleep(max(0.0, end - time.monotonic()))
                    return sent
                if kind in PATIENT:
                    if not wire.recv(65_536):
                        break
                    continue
                wire.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    while wire.recv(65_536):
                        pass
    return sent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("port", type=int)
    parser.add_argument("seconds", type=float)
    chosen = parser.parse_args()
    sys.stdout.write(f"{attack(chosen.kind, chosen.port, chosen.seconds)}\n")


if __name__ == "__main__":
    main()
