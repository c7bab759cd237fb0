"""make faults: break things, a seeded number of times, and write what came of it to evidence/faults.json.

Nothing is skipped silently: a part that was not asked for is not in the file.
"""

import argparse
import json
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.faults import alone, hostile, kills, nodes, outbox
from tests.faults.kills import say

Part = Callable[[int, int], dict[str, object]]
PARTS: dict[str, tuple[Part, int]] = {
    "outbox": (outbox.run, 580),
    "hostile": (hostile.run, 60),
    "kills": (kills.run, 10),
    "alone": (alone.run, 6),
    "nodes": (nodes.run, 40),
}
"""Name to what runs it, and how many trials without --trials."""
FILE = Path("evidence/faults.json")


def _commit() -> str:
    """The commit that is tested, with a plus sign if files were changed since."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run(
        ["git", "status", "--porcelain"], capture_output=True, text=True, check=False
    )
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(PARTS), action="append")
    parser.add_argument("--trials", type=int)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    found = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    for name in chosen.only or PARTS:
        part, usual = PARTS[name]
        began = time.monotonic()
        result = part(chosen.trials or usual, chosen.seed)
        found[name] = {
            **result,
            "seconds": round(time.monotonic() - began),
            "commit": _commit(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    say(f"written to {FILE}")


if __name__ == "__main__":
    main()
