"""What a budget and a cadence mean in seconds, for people who choose them.

The figures come from the detector itself, run on a path whose every order arrives at its usual time
and which then goes dead: no formula beside it that could drift from it. Source: docs/detection.md.
"""

import math
import statistics
from dataclasses import dataclass

from watchdog.detection.path import PathDetector
from watchdog.model.cadence import Cadence
from watchdog.model.observation import Ev, Event, Profile
from watchdog.model.outage import Phase

PHASES = 8
"""The fault begins at so many different moments between two orders."""
WARM_ORDERS = 12
MOST_S = 4 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The promises of one path, readable."""

    cadence: str
    years: float
    sender_years: float
    outage_nats: float
    partial_nats: float
    suspect_nats: float
    dead_median_s: float
    dead_worst_s: float
    refused_median_s: float
    orders_to_declare: int
    orders_per_day: int
    orders_per_incident: int


def promise(profile: Profile, cadence: Cadence) -> Promise:
    """Run dead and refused paths through the detector; delays from the fault's start, seconds."""
    dead = [_declared(profile, cadence, step / PHASES, refused=False) for step in range(PHASES)]
    refused = [_declared(profile, cadence, step / PHASES, refused=True) for step in range(PHASES)]
    budget = PathDetector(profile, cadence).budget
    return Promise(
        cadence=cadence.name,
        years=budget.years,
        sender_years=budget.sender_years,
        outage_nats=budget.outage_nats,
        partial_nats=budget.partial_nats,
        suspect_nats=budget.suspect_nats,
        dead_median_s=statistics.median(delay for delay, _ in dead),
        dead_worst_s=max(delay for delay, _ in dead),
        refused_median_s=statistics.median(delay for delay, _ in refused),
        orders_to_declare=max(missing for _, missing in dead),
        orders_per_day=cadence.per_day(),
        orders_per_incident=cadence.orders_per_incident,
    )


def _declared(
    profile: Profile, cadence: Cadence, phase: float, *, refused: bool
) -> tuple[float, int]:
    """(delay, orders missing) of one run; the usual latency is the profile's median."""
    detector = PathDetector(profile, cadence, starting=False)
    usual = min(profile.latency_quantiles, key=lambda pair: abs(pair[0] - 0.5))[1]
    fault = (WARM_ORDERS + phase) * cadence.interval_s
    now, number = 0.0, 0
    coming: list[tuple[float, str]] = []
    while now < fault + MOST_S:
        if detector.next_probe_at(now) <= now and detector.may_send(now):
            number += 1
            _see(detector, Ev.PROBE_SENT, now, f"p{number}")
            if now >= fault and refused:
                _see(detector, Ev.PROBE_REFUSED, now, f"p{number}")
            else:
                _see(detector, Ev.PROBE_ACK, now, f"p{number}")
                if now + usual < fault:
                    coming.append((now + usual, f"p{number}"))
        for transition in detector.tick(now):
            if transition.after is Phase.DECLARED:
                return now - fault, transition.grounds.missing_probes
        step = min(detector.next_probe_at(now), now + cadence.tick_s, *(at for at, _ in coming))
        now = max(step, now + cadence.tick_s / 100)
        while coming and coming[0][0] <= now:
            _see(detector, Ev.PROBE_ARRIVED, now, coming.pop(0)[1])
    return math.inf, 0


def _see(detector: PathDetector, ev: Ev, now: float, id_: str) -> None:
    detector.observe(Event(ev=ev, mono=now, t=now, id=id_))
