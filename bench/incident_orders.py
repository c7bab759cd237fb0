"""How many synthetic orders an incident takes, by kind of fault and cadence (`make bench-detection`).

Needs the scoring bench's folder on PYTHONPATH. Counted as the product counts them against its cap:
sent while an outage is declared or recovering.
"""

import argparse
import importlib
import statistics
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from bench.detection_adapter import Adapter

INTERVALS_S = (30.0, 60.0, 300.0)
"""`fast`, `standard` and `gentle`."""
SALT, WARM_S = "own", (600.0, 1500.0)


class Counting(Adapter):
    """Remembers the most orders that one incident of the episode has taken."""

    orders = 0

    def tick(self, now: float) -> list[dict[str, Any]]:
        told = super().tick(now)
        self.orders = max(self.orders, self._detector.pacing.in_incident)
        return told


def orders(kind: str, seed: int, interval_s: float) -> int:
    """Of one episode."""
    score: Any = importlib.import_module("score")
    world = score.World(seed, kind, interval_s, salt=SALT, warm=WARM_S)
    detector = Counting(world.profile())
    score.simulate(world, detector)
    return detector.orders


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30, help="1 to so many")
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    kinds: list[str] = importlib.import_module("score").OUTAGE
    seeds = range(1, chosen.seeds + 1)
    head = (f"T={interval:g}: median p95 most" for interval in INTERVALS_S)
    print(f"{'orders an incident':20}" + "".join(f"{each:>24}" for each in head))
    with ProcessPoolExecutor(chosen.jobs) as pool:
        for kind in kinds:
            row = f"{kind:20}"
            for interval in INTERVALS_S:
                count = len(seeds)
                found = pool.map(orders, [kind] * count, seeds, [interval] * count)
                sent = sorted(found)
                p95 = sent[min(count - 1, round(0.95 * count))]
                row += f"{statistics.median(sent):>15g} {p95:>3} {sent[-1]:>4}"
            print(row, flush=True)


if __name__ == "__main__":
    main()
