"""make faults: break things, a seeded number of times, and write what came of it to evidence/faults.json.

Nothing is skipped silently: a part that was not asked for is not in the file, and one that was missed
stands there as missed; another seed's stands beside the first's. What measures times has the machine
to itself; the rest runs three at a time (of the short part two): what mostly waits first, and what keeps
a core busy as places come free.
"""

import argparse
import json
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.faults.ending import say
from tests.faults.parts import PARTS, Beside, measured

FILE = Path("evidence/faults.json")
LANES, LANES_SHORT = 3, 2


def commit() -> str:
    """The commit that is tested, with a plus sign if files were changed since."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--", ":!evidence"],
        capture_output=True,
        text=True,
        check=False,
    )
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(PARTS), action="append")
    parser.add_argument("--trials", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--short", action="store_true", help="the part that CI runs; writes no file"
    )
    chosen = parser.parse_args()
    names = chosen.only or [each for each in PARTS if PARTS[each].short or not chosen.short]
    found = json.loads(FILE.read_text("utf-8")) if FILE.exists() and not chosen.short else {}
    tested, missed = commit(), list[str]()

    def take(name: str, result: dict[str, Any]) -> None:
        held = "missed" not in result
        say(f"{name} ({result['figures']}): {'held' if held else 'MISSED'}, {result['seconds']} s")
        missed.extend([] if held else [f"{name}: {result['missed']}"])
        found[name if chosen.seed == 1 else f"{name}, seed {chosen.seed}"] = result
        if not chosen.short:
            FILE.parent.mkdir(exist_ok=True)
            FILE.write_text(json.dumps(found, indent=2) + "\n", "utf-8")

    def often(name: str) -> int:
        return chosen.trials or (PARTS[name].short if chosen.short else PARTS[name].trials)

    began = time.monotonic()
    # a process for each, so that none inherits what another left behind
    lanes = LANES_SHORT if chosen.short else LANES
    with ProcessPoolExecutor(lanes, get_context("spawn"), max_tasks_per_child=1) as pool:

        def at_once(together: Sequence[str]) -> None:
            asked = {
                pool.submit(measured, name, often(name), chosen.seed, tested): name
                for name in together
            }
            for done in as_completed(asked):
                take(asked[done], done.result())

        for name in [each for each in names if PARTS[each].beside is Beside.NOTHING]:
            at_once([name])
        waiting = [each for each in names if PARTS[each].beside is Beside.WAITING]
        busy = [each for each in names if PARTS[each].beside is Beside.BUSY]
        at_once([*waiting, *busy])
    seconds = round(time.monotonic() - began)
    say(f"{len(names)} parts in {seconds} s, {len(missed)} missed")
    if not (chosen.only or chosen.short or chosen.trials):
        whole = {"figures": f"{len(names)} parts in one run", "missed": missed, "seconds": seconds}
        found["whole run"] = {**whole, "commit": tested, "seed": chosen.seed}
        FILE.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    if missed:
        raise SystemExit("\n".join(missed))


if __name__ == "__main__":
    main()
