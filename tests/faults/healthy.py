"""Figure F13: false declarations in healthy traffic; none in 30 simulated days of each of 20 paths.

The paths (`healthy_path.py`) do all that healthy paths do: slow spells, restarts, stray losses,
readers that cannot look, our own network cut. Two controls run beside them, and SystemExit is raised
if either fails. Paths that truly die for ten minutes must be declared in time: the harness sees
outages. A careless detector, the same with a far smaller promise, must cry wolf: the traffic tempts.
"""

import json
import statistics
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.faults.ending import say
from tests.faults.healthy_path import DEAD_S, HealthyPath
from tests.faults.healthy_spells import PER_DAY

DAYS = 30.0
PROCESSES = 2
DYING, DYING_DAYS, DECLARED_WITHIN_S = 10, 1.0, 180.0
CARELESS, CARELESS_DAYS, CARELESS_YEARS = 6, 8.0, 0.001
"""A detector that may cry wolf nearly three times a day."""
WENT_THROUGH = (
    "refused",
    "orders in slow spells",
    "stray losses",
    "arrived unread",
    "arrived cut",
    "held by a restart",
    "real orders",
    "pauses",
)
"""Each must have happened, or less was tried than is claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """One path's life, as it comes back from another process."""

    seed: int
    days: float
    dies_at: float
    declared: list[tuple[float, str]]
    seen: Counter[str]


def live(seed: int, days: float, years: float = 1000.0, dies: bool = False) -> Lived:
    """Run one path from beginning to end."""
    path = HealthyPath(seed, days, years=years, dies=dies).run()
    return Lived(seed=seed, days=days, dies_at=path.dies_at, declared=path.declared, seen=path.seen)


def delays(dying: list[Lived]) -> list[float]:
    """Seconds from each death to its declaration. SystemExit if one was missed, late or too early."""
    found: list[float] = []
    for lived in dying:
        after = [at - lived.dies_at for at, _ in lived.declared]
        if len(after) != 1 or not 0 <= after[0] <= DECLARED_WITHIN_S:
            raise SystemExit(
                f"F13 is missed: a path that died for {DEAD_S:g} s (seed {lived.seed}) was declared "
                f"{after} s after, not once within {DECLARED_WITHIN_S:g} s: this harness is blind"
            )
        found += after
    return found


def cried_wolf(careless: list[Lived]) -> int:
    """Declarations of the careless detector. SystemExit if there were none."""
    count = sum(len(lived.declared) for lived in careless)
    if not count:
        raise SystemExit("F13 is missed: not even a careless detector declares: nothing is tried")
    return count


def verdict(healthy: list[Lived]) -> dict[str, object]:
    """What the healthy paths came to. SystemExit if one of them was declared, or too little happened."""
    false = [(lived.seed, *each) for lived in healthy for each in lived.declared]
    if false:
        told = "; ".join(f"path {seed} at {at:.0f} s, {why}" for seed, at, why in false)
        raise SystemExit(f"F13 is missed: {len(false)} false declarations: {told}")
    seen = sum((lived.seen for lived in healthy), Counter[str]())
    untried = [name for name in WENT_THROUGH if not seen[name]]
    days = sum(lived.days for lived in healthy)
    if untried and days >= 10 * DAYS:  # a few paths need not have met everything
        raise SystemExit(f"F13 is missed: never tried: {', '.join(untried)}")
    suspects = {k: n for k, n in sorted(seen.items()) if k.startswith("suspect: ")}
    return {
        "simulated_days": days,
        "orders": seen["orders"],
        "went_through": {name: seen[name] for name in WENT_THROUGH},
        "per_day": PER_DAY,
        "false_declarations": len(false),
        "suspects": suspects,
        "suspects_per_path_week": round(sum(suspects.values()) / days * 7, 2),
        "times_unknown": seen["operational to unknown"] + seen["suspect to unknown"],
    }


def run(trials: int, seed: int) -> dict[str, object]:
    """So many paths of 30 days; what the evidence file has of them. SystemExit if F13 is missed."""
    first = 10_000 * seed
    with ProcessPoolExecutor(PROCESSES) as pool:
        dying = [pool.submit(live, first + 1000 + n, DYING_DAYS, dies=True) for n in range(DYING)]
        careless = [
            pool.submit(live, first + 2000 + n, CARELESS_DAYS, CARELESS_YEARS)
            for n in range(CARELESS)
        ]
        paths = [pool.submit(live, first + n, DAYS) for n in range(trials)]
        took = delays([each.result() for each in dying])
        wolves = cried_wolf([each.result() for each in careless])
        found = verdict([each.result() for each in paths])
    result: dict[str, object] = {
        "trials": trials,
        "seed": seed,
        **found,
        "died_and_declared": len(took),
        "declared_after_s": {
            "median": round(statistics.median(took)),
            "worst": round(max(took)),
            "bound": DECLARED_WITHIN_S,
        },
        "careless": {
            "years": CARELESS_YEARS,
            "days": CARELESS * CARELESS_DAYS,
            "false_declarations": wolves,
        },
    }
    say(f"healthy: {json.dumps(result)}")
    return result
