"""A path that is known to break: a detector that does not declare it is broken itself (hazards, R11).

Pure, in simulated time: the same code that watches the real paths, fed orders that arrive for an
hour and then are acknowledged and never arrive.
"""

import math

from watchdog.detection.path import PathDetector
from watchdog.model.cadence import FAST
from watchdog.model.observation import Ev, Event, cold_profile
from watchdog.model.outage import Phase

WELL_S, DECLARED_WITHIN_S = 3600.0, 300.0
NORMAL_MAX_S, ARRIVES_AFTER_S, ACK_AFTER_S = 10.0, 2.0, 0.05


def declared_after_s() -> float | None:
    """Seconds from the break to the declaration; None if the healthy hour was not quiet, or the
    break was not declared within 300 s: either way this detector must not be believed."""
    detector = PathDetector(cold_profile(FAST.interval_s, NORMAL_MAX_S), FAST)
    due: list[tuple[float, Ev, str]] = []
    now, number, control = 0.0, 0, 0.0
    while now < WELL_S + DECLARED_WITHIN_S:
        while due and due[0][0] <= now:
            at, ev, ident = due.pop(0)
            detector.observe(Event(ev=ev, mono=at, t=at, id=ident))
        if now >= control:
            detector.observe(Event(ev=Ev.CONTROL_OK, mono=now, t=now))
            control = now + FAST.control_every_s
        if detector.may_send(now):
            number += 1
            ident = f"shadow{number}"
            detector.observe(Event(ev=Ev.PROBE_SENT, mono=now, t=now, id=ident))
            due.append((now + ACK_AFTER_S, Ev.PROBE_ACK, ident))
            if now < WELL_S:
                due.append((now + ARRIVES_AFTER_S, Ev.PROBE_ARRIVED, ident))
            due.sort()
        for transition in detector.tick(now):
            if transition.after is Phase.DECLARED:
                return now - WELL_S if now >= WELL_S else None
            if transition.after is Phase.SUSPECTED and now < WELL_S:
                return None
        upcoming = due[0][0] if due else math.inf
        now = min(now + FAST.tick_s, max(upcoming, now + ACK_AFTER_S))
    return None
