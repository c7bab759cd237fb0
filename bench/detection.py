"""make bench-detection: our detector and today's practice through the scoring bench, in one run.

The bench is not part of this repository: its folder is given by REMISSVAKT_DETECTION_BENCH, or is
../shared/bench/detection. Prints its own tables; SEEDS=, JOBS= and SPELLS= are honoured.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = "bench.detection_adapter:factory"
PRACTICE = (
    "bench.practice:three_in_a_row",
    "bench.practice:two_minutes",
    "bench.practice:cumulative",
)


def main() -> int:
    folder = Path(
        os.environ.get("REMISSVAKT_DETECTION_BENCH", ROOT.parent / "shared/bench/detection")
    )
    if not (folder / "score.py").exists():
        print(f"{folder} has no score.py: set REMISSVAKT_DETECTION_BENCH to the bench's folder")
        return 2
    seeds, jobs = os.environ.get("SEEDS", "1-30"), os.environ.get("JOBS", "2")
    spells = os.environ.get("SPELLS", "21000")
    loop = ["score.py", "loop", "--seeds", seeds, "--salt", "own", "--warm", "600-1500"]
    runs = [[*loop, "--detector", name] for name in (OURS, *PRACTICE)]
    runs += [[*loop, "--detector", OURS, "--T", t] for t in ("60", "300")]
    runs += [["ratio.py", "--detector", OURS, "--runs", "60", *more] for more in RATIOS]
    runs += [["fa.py", "--detector", OURS, "--spells", spells]]
    commands = [[str(folder / run[0]), *run[1:]] for run in runs]
    failed = 0
    for run in (*commands, ["-m", "bench.incident_orders"]):
        print(f"\n== {' '.join(run)}", flush=True)
        command = [sys.executable, *run, "--jobs", jobs]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
        done = subprocess.run(command, env=environment, check=False)
        failed += done.returncode != 0
    return 1 if failed else 0


RATIOS = (("--T", "30", "--reprobe", "5"), ("--T", "60", "--reprobe", "10"))

if __name__ == "__main__":
    sys.exit(main())
