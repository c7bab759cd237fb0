"""python -m bench.load: open loops against the service in a process of its own, on real PostgreSQL.

  status   500 requests/s, PostgreSQL stopped in the middle third: p99 at most 25 ms, no 5xx
  flood    2 000 requests/s on other routes from one stranger: status p99 at most 100 ms, no 5xx
  streams  1 000 event-stream clients hear of a change: p99 at most 500 ms; memory per client shown

Latency counts from the due time. The service has core 0, the generator core 1.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from bench import database_stop, flood, streams
from bench.figures import conclude

LEGS = ("status", "flood", "streams")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="of status and of the flood")
    parser.add_argument("--only", choices=LEGS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=streams.CLIENTS, help="of the streams")
    parser.add_argument("--out", type=Path, default=Path("evidence/load.json"))
    chosen = parser.parse_args()
    seconds = chosen.minutes * 60
    found: dict[str, Any] = {"seed": chosen.seed, "minutes": chosen.minutes}
    held: dict[str, bool] = {}
    for name in [chosen.only] if chosen.only else LEGS:
        print(f"{name} ...", flush=True)
        if name == "status":
            found[name] = database_stop.measure(seconds, chosen.seed)
            held |= database_stop.held(found[name])
        elif name == "flood":
            found[name] = flood.measure(seconds, chosen.seed)
            held |= flood.held(found[name])
        else:
            found[name] = streams.measure(chosen.clients)
            held |= streams.held(found[name])
        _say(found[name])
    return conclude(found, held, chosen.out)


def _say(found: dict[str, Any]) -> None:
    for name, value in found.items():
        print(f"  {name}: {value}")


if __name__ == "__main__":
    sys.exit(main())
