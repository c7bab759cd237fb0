"""Ports for what is simulated: it closes them and opens them again, so nobody else may have them."""

import contextlib
import random
import socket

OURS = range(15000, 32000)
"""Outgoing connections get theirs above (IANA: from 49152, Linux: from 32768)."""
TRIES = 100


def free_port() -> int:
    """A port that nothing listens on now, and that the system gives to no outgoing connection.

    One of those could be in use again before it is opened. OSError if there is none.
    """
    for port in random.sample(OURS, k=TRIES):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"of {TRIES} ports from {OURS.start} to {OURS.stop - 1} none is free")
