"""The parts of `make faults`: which figures of the test plan each measures, and how often it tries."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from tests.faults import (
    alone,
    canaries,
    clients,
    clocks,
    delivery,
    disk,
    fuzz_api,
    fuzz_hl7,
    guided,
    half_open,
    healthy,
    kills,
    lag,
    nodes,
    outbox,
    packets,
    partitions,
    silent,
    ssrf,
)


class Beside(Enum):
    """What may run beside a part, and when it begins."""

    NOTHING = "nothing: it measures times to the tenth of a second"
    WAITING = "the others: it mostly waits, and its short times come first, beside others that wait"
    BUSY = "the others, later: it keeps a core busy, and what it measures is no time"


Run = Callable[[int, int], dict[str, object]]
EXAMPLES = 120
"""Of each route, in the sandbox's pass of schemathesis."""


@dataclass(frozen=True, slots=True)
class Part:
    """One measurement."""

    run: Run
    """Trials and seed to what came of them; SystemExit if a figure was missed."""
    figures: str
    trials: int
    """In the whole run, which has to end within 45 minutes; seconds for what fuzzes. Point 3 asks for
    100 trials of `nodes`: those are run by themselves (`--only nodes --trials 100`)."""
    short: int = 0
    """In the part that CI runs; 0: not there."""
    beside: Beside = Beside.BUSY


PARTS: dict[str, Part] = {
    "lag": Part(lag.run, "F12", 1, beside=Beside.NOTHING),
    "half_open": Part(half_open.run, "F24", 1, beside=Beside.NOTHING),
    "outbox": Part(outbox.run, "F1 F2 F3 F8", 580, 40, beside=Beside.NOTHING),
    "partitions": Part(partitions.run, "F15", 200, beside=Beside.NOTHING),
    "nodes": Part(nodes.run, "point 3", 12, beside=Beside.NOTHING),
    "clocks": Part(clocks.run, "F14", 1000, beside=Beside.NOTHING),
    "silent": Part(silent.run, "F6 F7", 6, beside=Beside.WAITING),
    "healthy": Part(healthy.run, "F13", 20),
    "fuzz_api": Part(fuzz_api.run, "F18", EXAMPLES),
    "kills": Part(kills.run, "order book", 10, 2),
    "disk": Part(disk.run, "F16", 5, beside=Beside.WAITING),
    "delivery": Part(delivery.run, "F4 F5", 4, beside=Beside.WAITING),
    "packets": Part(packets.run, "F15", 9, beside=Beside.WAITING),
    "alone": Part(alone.run, "point 2", 3, 3, beside=Beside.NOTHING),
    "canaries": Part(canaries.run, "F21", 1, 1),
    "ssrf": Part(ssrf.run, "F23", 1, 1),
    "clients": Part(clients.run, "F10", 1, beside=Beside.WAITING),
    "fuzz_hl7": Part(fuzz_hl7.run, "F17", 60, 60),
    "guided": Part(guided.run, "F17", 60, 60),
}


def measured(name: str, trials: int, seed: int, tested: str) -> dict[str, Any]:
    """One part, with what it was measured on; `missed` if it was."""
    began, result = time.monotonic(), dict[str, Any]()
    try:
        result.update(PARTS[name].run(trials, seed))
    except (SystemExit, Exception) as error:  # noqa: BLE001 - whatever it was, it is told and the rest goes on
        kind = "" if isinstance(error, SystemExit) else f"{type(error).__name__}: "
        result.update(trials=trials, seed=seed, missed=f"{kind}{error}")
    return {
        "figures": PARTS[name].figures,
        **result,
        "seconds": round(time.monotonic() - began),
        "commit": tested,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
