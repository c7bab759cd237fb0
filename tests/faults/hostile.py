"""Hostile input, from every side: figures F12, F17, F18, F21, F23 and F24 of the test plan.

| Figure | File | What must hold |
|---|---|---|
| F12 | `lag.py` | the event loop is at most 50 ms late at p99 while it arrives |
| F17 | `fuzz_hl7.py` | no crash, no call longer than 1 s, at most 256 MiB |
| F18 | `fuzz_api.py` | at least 5 000 calls, no 5xx, no undocumented status |
| F21 | `canaries.py` | none of 1 000 invented patients is found anywhere |
| F23 | `ssrf.py` | 60 of 60 addresses blocked, nothing connected |
| F24 | `half_open.py` | 300 of 300 half heads closed in 6 s, clinics answered meanwhile |

Every part runs, whatever became of the one before; what was missed is told together at the end.
"""

import time
from collections.abc import Callable

from tests.faults import canaries, fuzz_api, fuzz_hl7, half_open, lag, ssrf
from tests.faults.kills import say

Part = Callable[[int, int], dict[str, object]]
EXAMPLES = 120
"""Of each route, in the sandbox's pass of schemathesis."""
PARTS: dict[str, Part] = {
    "F23": ssrf.run,
    "F24": half_open.run,
    "F12": lag.run,
    "F21": canaries.run,
    "F18": lambda _, seed: fuzz_api.run(EXAMPLES, seed),
    "F17": fuzz_hl7.run,
}
"""Figure to what measures it; the longest last."""


def run(trials: int, seed: int) -> dict[str, object]:
    """Every part; `trials` is the seconds of HL7 fuzz (usually 60). SystemExit names what was missed."""
    found: dict[str, object] = {"trials": trials, "seed": seed}
    missed: list[str] = []
    for figure, part in PARTS.items():
        began = time.monotonic()
        try:
            found[figure] = part(trials, seed)
        except SystemExit as error:
            missed.append(str(error))
            say(f"{figure}: MISSED: {error}")
        else:
            say(f"{figure}: held, in {time.monotonic() - began:.0f} s")
    if missed:
        raise SystemExit(
            f"hostile: {len(missed)} of {len(PARTS)} figures missed:\n" + "\n".join(missed)
        )
    return found
