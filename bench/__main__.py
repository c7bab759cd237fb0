"""make bench: ratios measured in one run, ours and the yardstick in turn, pinned alike.

  listener   our MLLP listener against python-hl7's asyncio server: at least 2 times its messages/s
  status     clinic status through the shipped application against nginx serving the same bytes from
             a file: at least 0.25 times its requests/s; one worker each, same core
  latency    an open loop of 500 requests/s for 60 s: p99 at most 25 ms from the due time, no 5xx

Absolute figures depend on the machine; only the ratios and the latency are held against a limit.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
from typing import Any

from bench import latency, listener, status

LISTENER_LEAST, STATUS_LEAST, P99_MOST_MS = 2.0, 0.25, 25.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the open loop")
    chosen = parser.parse_args()
    found: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "listener": asyncio.run(listener.compare(chosen.rounds)),
        "status": status.compare(chosen.rounds),
        "latency": latency.measure(chosen.seconds),
    }
    print(json.dumps(found, indent=2))
    held = {
        f"listener ratio >= {LISTENER_LEAST}": found["listener"]["ratio"] >= LISTENER_LEAST,
        f"status ratio >= {STATUS_LEAST}": found["status"]["ratio"] >= STATUS_LEAST,
        f"p99 <= {P99_MOST_MS} ms": found["latency"]["p99_ms"] <= P99_MOST_MS,
        "no 5xx": found["latency"]["errors"] == 0,
    }
    for name, good in held.items():
        print(f"{'held  ' if good else 'MISSED'} {name}")
    sys.exit(0 if all(held.values()) else 1)


if __name__ == "__main__":
    main()
