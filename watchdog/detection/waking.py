"""When a path wants to be looked at again. Pure; what is observed meanwhile is looked at by itself."""

from watchdog.detection.charts import Charts
from watchdog.detection.pacing import IN_OUTAGE
from watchdog.model.cadence import Cadence
from watchdog.model.outage import Phase

URGENT_TICKS, IDLE_TICKS = 4, 5
ORDINARY_NATS = 1.0
"""So much speaks against a healthy path now and then: an order a little slower than most."""


def next_wake(charts: Charts, phase: Phase, cadence: Cadence, p90_s: float, now: float) -> float:
    """When `tick` is wanted next, monotonic seconds; never later than five ticks from `now`.

    Near a decision each moment counts. Where nothing is out of the ordinary, it can wait until an
    order under way is older than nine in ten (`p90_s`).
    """
    if charts.evidence >= charts.budget.suspect_nats and phase not in IN_OUTAGE:
        return now + cadence.tick_s / URGENT_TICKS
    soon = now + cadence.tick_s
    ordinary = phase is Phase.CLEAR and charts.evidence < ORDINARY_NATS
    under_way = charts.flight.open
    if not ordinary or charts.pacing.rejected or any(not order.acked for order in under_way):
        return soon
    idle = now + min(IDLE_TICKS * cadence.tick_s, cadence.evaluation_limit_s / 3)
    late = min((order.sent + p90_s for order in under_way), default=idle)
    return min(idle, max(soon, late))
